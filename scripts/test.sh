#!/usr/bin/env bash
# Every check there is: formatting, lints, documentation, tests, doc tests, and that the CUDA feature compiles.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh

# The same property cases each time; `PROPTEST_RNG_SEED=…` or `cargo nextest run` alone draws others.
export PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-1}

step() {
    echo "== $* ($(date +%T))"
}

step formatting
cargo fmt --all -- --check
step tests
if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --workspace
else
    cargo test --workspace --lib --bins --tests --examples
fi
step documentation tests
cargo test --workspace --doc
step "fuzz targets on their kept inputs"
scripts/fuzz.sh
step lints
cargo clippy --workspace --all-targets -- -D warnings
step documentation
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
step "each crate's features alone"
cargo clippy -p frame-features --no-default-features --features flex -- -D warnings
cargo clippy -p nico --no-default-features -- -D warnings
step "what would be published"
cargo package --quiet --no-verify --allow-dirty -p nico-comments -p nico-fetch -p nico-corpus -p jp-tokenize -p frame-features -p caption-model -p overlay-render
step "the CUDA feature"
DOCS_RS=1 cargo check -p nico --features cuda
echo "== all passed ($(date +%T))"
