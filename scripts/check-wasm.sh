#!/usr/bin/env bash
# Checks that nico-comments and, without its features, overlay-render build for WebAssembly and link nothing native.
#
# The toolchain's standard library for wasm32-unknown-unknown is taken where it is installed (`rustup target add
# wasm32-unknown-unknown`). Otherwise Debian's: its compiler and the sources of its standard library are fetched and unpacked into
# target/wasm, 140 MB, once; nothing is installed. Where neither can be had, that is said in a line and the check passes.
set -euo pipefail
cd "$(dirname "$0")/.."
target=wasm32-unknown-unknown
packages=(-p nico-comments -p overlay-player -p overlay-render --no-default-features)

tree=$(cargo tree -q --target all -e normal --prefix none "${packages[@]}")
native=$(grep -E '^(ffmpeg|fontconfig|memmap|video-rs)' <<<"$tree" || true)
if [[ -n $native ]]; then
    echo "overlay-render without features links: $native" >&2
    exit 1
fi

if [[ -d $(rustc --print sysroot)/lib/rustlib/$target/lib ]]; then
    exec cargo check -q --target $target "${packages[@]}"
fi

unpacked=$PWD/target/wasm
fetch() { # the newest of Debian's compilers for browsers, with what it needs
    mkdir -p "$unpacked/packages" && cd "$unpacked/packages"
    local version library llvm
    version=$(apt-cache policy rustc-web | sed -n 's/ *Candidate: //p')
    [[ $version == [1-9]* ]] || return 1
    library=$(apt-cache depends "libstd-rust-web-dev=$version" | sed -n 's/ *Depends: \(libstd-rust-web-[0-9.]*\)$/\1/p')
    llvm=$(apt-cache depends "$library=$version" | sed -n 's/ *Depends: \(libllvm.*\)/\1/p')
    apt-get download -q "rustc-web=$version" "rust-web-src=$version" "libstd-rust-web-dev=$version" "$library=$version" "$llvm" || return 1
    local package
    for package in *.deb; do
        dpkg -x "$package" "$unpacked/root" || return 1
    done
    rm -- *.deb
    touch "$unpacked/complete"
}
if [[ ! -e $unpacked/complete ]] && ! (fetch) >/dev/null 2>&1; then
    echo "not checked: there is no standard library for $target (rustup target add $target)"
    exit 0
fi
# The library is built from its sources by an option that is not stable yet; what is checked is built without such options.
export RUSTC=$unpacked/root/usr/bin/rustc LD_LIBRARY_PATH=$unpacked/root/usr/lib/$(uname -m)-linux-gnu RUSTC_BOOTSTRAP=1
export CARGO_TARGET_DIR=$unpacked/build
cargo check -q -Zbuild-std=std,panic_abort --target $target "${packages[@]}"
