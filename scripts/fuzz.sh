#!/usr/bin/env bash
# Fuzz targets of all crates (crates/*/fuzz, in cargo-fuzz's layout), with the stable toolchain and a C++ compiler.
#   scripts/fuzz.sh                    builds them and runs each once on every file of its kept corpus
#   scripts/fuzz.sh SECONDS [TARGET…]  fuzzes each target (or those named) that long, one after the other
# New inputs go to TARGET_FOLDER/fuzz/corpus, what fails to crates/*/fuzz/artifacts; copy a failure to fuzz/corpus once it is repaired.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-0}
shift || true
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")/fuzz
host=$(rustc -vV | sed -n 's/^host: //p')
# The coverage that libFuzzer asks for, as `cargo fuzz --sanitizer none` sets it. With --target, so that build scripts go without.
export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cdebug-assertions -Coverflow-checks"
for folder in crates/*/fuzz; do
    [ -f "$folder/Cargo.toml" ] || continue
    cargo build --quiet --release --locked --manifest-path "$folder/Cargo.toml" --target "$host" --target-dir "$target"
    for source in "$folder"/fuzz_targets/*.rs; do
        name=$(basename "$source" .rs)
        if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then
            continue
        fi
        inputs=("$folder/corpus/$name")
        mkdir -p "${inputs[0]}"
        if [ -d "$folder/../tests/corpus" ]; then
            inputs+=("$folder/../tests/corpus")
        fi
        limits=(-timeout=10 -rss_limit_mb=1024 "-artifact_prefix=$folder/artifacts/$name/")
        mkdir -p "$folder/artifacts/$name"
        echo "fuzz: $folder: $name"
        if [ "$seconds" -eq 0 ]; then
            log=$("$target/$host/release/$name" -runs=0 "${limits[@]}" "${inputs[@]}" 2>&1) || {
                echo "$log" >&2
                exit 1
            }
            echo "$log" | sed -n 's/^#[0-9]*.INITED /  /p; s/^Done /  done /p'
        else
            found=$target/corpus/$name
            mkdir -p "$found"
            "$target/$host/release/$name" "-max_total_time=$seconds" -max_len=4096 -print_final_stats=1 "${limits[@]}" \
                "$found" "${inputs[@]}" 2>&1 | grep -vE '^(#|INFO:|WARNING: Failed to find function|.NEW_FUNC)'
        fi
    done
done
