#!/usr/bin/env bash
# Every check there is, the cheap ones first: formatting, links, lints, documentation, each crate's features alone, WebAssembly, the
# CUDA feature, tests, doc tests, fuzz targets on their kept inputs, and what would be published.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh

# A test that skips for a missing tool or dictionary fails.
export REQUIRE_ALL=1
# The same property cases each time; `PROPTEST_RNG_SEED=…` or `cargo nextest run` alone draws others.
export PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-1}

step() {
    echo "== $* ($(date +%T))"
}

step formatting
cargo fmt --all -- --check
step "links of the documentation"
scripts/check-links.sh
step lints
cargo clippy --workspace --all-targets -- -D warnings
step documentation
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
step "each crate's features alone"
cargo clippy -p overlay-render --no-default-features -- -D warnings
cargo clippy -p frame-features --no-default-features --features flex -- -D warnings
cargo clippy -p nico --no-default-features -- -D warnings
step WebAssembly
scripts/check-wasm.sh
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
step "what would be published"
cargo package --quiet --no-verify --allow-dirty \
    -p nico-comments -p nico-fetch -p jp-tokenize -p frame-features -p burn-fused \
    -p caption-metrics -p caption-model -p caption-train -p nico-corpus -p overlay-render
step "the CUDA feature"
DOCS_RS=1 cargo check -p nico --features cuda
echo "== all passed ($(date +%T))"
