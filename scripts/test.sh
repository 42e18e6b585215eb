#!/usr/bin/env bash
# Every check there is, those first that fail soonest: formatting, links and the pages as a book, what would be published, lints and
# documentation (which share what they compile), each crate's features alone, tests, doc tests, fuzz targets, WebAssembly and other
# systems. Not here, for its time: that the crates that need Burn build from their own tarballs (scripts/publish.sh does).
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh --browser

# The same property cases each time; `PROPTEST_RNG_SEED=…` or `cargo nextest run` alone draws others.
export PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-1}
# A test that would be skipped for want of a program or a font fails. Real comments and videos are no part of the repository: tests of
# them say so where they are not there, and pass.
export REQUIRE_ALL=1

step() {
    echo "== $* ($(date +%T))"
}

step formatting
cargo fmt --all -- --check
for script in scripts/*.sh crates/*/tests/it/*/*.sh; do
    bash -n "$script"
done
step links
scripts/check-links.sh
step "the pages as a book"
scripts/check-book.sh

step "what would be published"
scripts/publish.sh --quick

# What is not on by default and runs everywhere.
features=(--features nico/onnx,nico-comments/serde,world/encoder)

# Lints and documentation need the metadata of the dependencies, tests their code: two compilations of them. Lints and documentation have
# the CUDA feature too, which only they check here: DOCS_RS keeps Burn's compiler for it from being downloaded.
step lints
DOCS_RS=1 cargo clippy --workspace --all-targets "${features[@]}" --features nico/cuda -- -D warnings
step documentation
DOCS_RS=1 RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps "${features[@]}" --features nico/cuda

# Features alone: first those that compile nothing of Burn, then those with its CPU backend only, which they share.
step "each crate's features alone"
cargo clippy -p nico-comments --features serde,parquet --all-targets -- -D warnings
cargo clippy -p jp-tokenize --features zstd --all-targets -- -D warnings
cargo clippy -p overlay-render --no-default-features -- -D warnings
cargo clippy -p overlay-render --no-default-features --features system-fonts -- -D warnings
cargo clippy -p frame-features -p caption-model -p nico-live --no-default-features \
    --features frame-features/flex,caption-model/flex,nico-live/flex -- -D warnings
cargo clippy -p nico --no-default-features -- -D warnings

# Workspaces of their own, which are compiled by hand: their lock files are up to date.
for manifest in crates/nico-corpus/fuzz/Cargo.toml benches/remote/Cargo.toml; do
    cargo metadata --quiet --locked --format-version 1 --manifest-path $manifest >/dev/null
done

# Tests of pages use it.
step "the player for browsers"
built=0
scripts/build-player.sh || built=$?
if ((built == 3)); then # what it needs cannot be had here
    echo "not built: the tests of the player are left out"
    export WITHOUT_PLAYER=1
elif ((built != 0)); then
    exit "$built"
fi

step tests
if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --workspace --lib --bins --tests "${features[@]}"
else
    # Compiled first, then as many programs of tests side by side as there are cores, nico's first, which take longest, and nico-live's,
    # which keep time, alone. Each runs its tests one at a time: what they draw comes from the process's random numbers. Examples are
    # compiled by the lints.
    tests=(cargo test --workspace --lib --bins --tests "${features[@]}" --no-run)
    "${tests[@]}"
    programs=$("${tests[@]}" --quiet --message-format=json |
        sed -n 's/.*"manifest_path":"\([^"]*\)\/Cargo.toml".*"profile":{[^}]*"test":true}.*"executable":"\([^"]*\)".*/\1\n\2/p' |
        paste - -)
    run_programs() { # as many at once, of those on standard input
        tr '\t' '\n' | xargs -d '\n' -n 2 -P "$1" scripts/run-test-program.sh
    }
    { grep $'/nico\t' <<<"$programs" && grep -vE $'/nico(-live)?\t' <<<"$programs"; } | run_programs "$(nproc)"
    grep $'/nico-live\t' <<<"$programs" | run_programs 1
fi
step documentation tests
cargo test --workspace --doc "${features[@]}"
step "fuzz targets on their kept inputs"
scripts/fuzz.sh
step WebAssembly
scripts/check-wasm.sh
step "other systems"
scripts/check-targets.sh
echo "== all passed ($(date +%T))"
