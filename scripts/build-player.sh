#!/usr/bin/env bash
# Builds the player of comments for browsers: crates/overlay-player as WebAssembly beside its JavaScript, in target/player, where
# `nico report` looks for it.
#
#   scripts/build-player.sh
#
# Needs the toolchain's standard library for wasm32-unknown-unknown (added with rustup where it is missing) and wasm-bindgen's program in
# the version of Cargo.lock (installed into target/tools, some minutes, where it is missing). Ends with status 3 where one of these cannot
# be had.
#
#   comment-player.js         a module that exports CommentPlayer
#   comment-player.script.js  the same as a plain script, for pages of one file
#   comment-player.wasm
set -euo pipefail
cd "$(dirname "$0")/.."
target=wasm32-unknown-unknown
built=${CARGO_TARGET_DIR:-target}
out=$built/player

if [[ ! -d $(rustc --print sysroot)/lib/rustlib/$target/lib ]]; then
    echo "player: adding the standard library for $target" >&2
    if ! command -v rustup >/dev/null || ! rustup target add "$target"; then
        echo "player: there is no standard library for $target: install it with rustup, then run this again" >&2
        exit 3
    fi
fi

version=$(sed -n '/^name = "wasm-bindgen"$/{n;s/version = "\(.*\)"/\1/p}' Cargo.lock)
bindgen=
for program in wasm-bindgen "$built/tools/bin/wasm-bindgen"; do
    if [[ $("$program" --version 2>/dev/null) == "wasm-bindgen $version" ]]; then
        bindgen=$program
    fi
done
if [[ -z $bindgen ]]; then
    echo "player: installing wasm-bindgen $version into $built/tools" >&2
    # Not optimised, since it compiles for minutes and runs for a second; without its features, which are for its program of tests.
    install=(cargo install --quiet --debug --no-default-features wasm-bindgen-cli --bin wasm-bindgen --version "$version" --root "$built/tools")
    # Its own lock file can name versions that were withdrawn since.
    "${install[@]}" --locked || "${install[@]}" || exit 3
    bindgen=$built/tools/bin/wasm-bindgen
fi

# Vectors of 128 bits are in every browser since 2023; the memory ends at 1 GiB.
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-C target-feature=+simd128 -C link-arg=--max-memory=1073741824"
cargo build --quiet --profile player --target "$target" -p overlay-player
made=$built/player.parts
rm -rf "$made"
"$bindgen" --target no-modules --no-typescript --out-name comment-player --out-dir "$made" "$built/$target/player/overlay_player.wasm"

mkdir -p "$out"
player=crates/overlay-player/js/player.js
{ cat "$made/comment-player.js" "$player"; echo "export { CommentPlayer };"; } > "$out/comment-player.js"
cat "$made/comment-player.js" "$player" > "$out/comment-player.script.js"
mv "$made/comment-player_bg.wasm" "$out/comment-player.wasm"
rm -rf "$made"
size=$(gzip -9c "$out/comment-player.wasm" | wc -c)
echo "player: $out/comment-player.js and .wasm ($(stat -c %s "$out/comment-player.wasm") bytes, $size compressed)"
