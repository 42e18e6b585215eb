#!/usr/bin/env bash
# Checks that the crates that link no FFmpeg compile for other systems: macOS and Linux on ARM, Windows. Compiles, links nothing, runs nothing.
#
# The toolchain's standard libraries are added with rustup where they are missing; where one cannot be had, that is said and the check passes.
# Left out: nico-fetch, whose TLS compiles C for the target, and what needs Burn, which takes minutes a target:
#
#   scripts/check-targets.sh --burn     burn-fused too, with its vector code
set -euo pipefail
cd "$(dirname "$0")/.."
packages=(-p folder-lock -p nico-comments -p jp-tokenize -p caption-metrics -p overlay-render)
features=(--no-default-features --features "nico-comments/serde,jp-tokenize/zstd,overlay-render/system-fonts")
for target in aarch64-apple-darwin x86_64-pc-windows-msvc aarch64-unknown-linux-gnu; do
    if [[ ! -d $(rustc --print sysroot)/lib/rustlib/$target/lib ]] &&
        ! { command -v rustup >/dev/null && rustup target add "$target" >/dev/null 2>&1; }; then
        echo "not checked: there is no standard library for $target (rustup target add $target)"
        continue
    fi
    cargo check --quiet --target "$target" "${packages[@]}" "${features[@]}"
    if [ "${1:-}" = --burn ]; then
        cargo check --quiet --target "$target" -p burn-fused
    fi
    echo "checked: $target"
done
