#!/usr/bin/env bash
# Fuzz targets (crates/*/fuzz, in cargo-fuzz's layout), with the stable toolchain and a C++ compiler. Those of the crates that take Burn
# are together in crates/nico-corpus/fuzz and compile for minutes.
#   scripts/fuzz.sh [TARGET…]            builds those without Burn (or those named) and runs each once on every file of its kept corpus
#   scripts/fuzz.sh --all                the same of every target
#   scripts/fuzz.sh SECONDS [TARGET…]    fuzzes each target (or those named) that long, one after the other
#   scripts/fuzz.sh --runs N [SECONDS] [TARGET…]    so many executions of each, or that long, whichever ends first
# Prints for each target what it executed, how long, and the edges of code it came along. New inputs go to TARGET_FOLDER/fuzz/corpus,
# what libFuzzer says to TARGET_FOLDER/fuzz/logs, what fails to artifacts beside the target's folder: copy that to corpus once repaired.
set -euo pipefail
cd "$(dirname "$0")/.."
all=0 runs=-1 seconds=0
while [ $# -gt 0 ]; do
    case $1 in
        --all) all=1 ;;
        --runs) runs=$2 && shift ;;
        [0-9]*) seconds=$1 ;;
        *) break ;;
    esac
    shift
done
for name in "$@"; do
    compgen -G "crates/*/fuzz/fuzz_targets/$name.rs" > /dev/null || { echo "fuzz: there is no target $name" >&2; exit 2; }
done
replay=0
if [ "$seconds" -eq 0 ] && [ "$runs" -lt 0 ]; then
    replay=1
fi
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")/fuzz
host=$(rustc -vV | sed -n 's/^host: //p')
# The coverage that libFuzzer asks for, as `cargo fuzz --sanitizer none` sets it. With --target, so that build scripts go without.
export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions -Coverflow-checks"
if [ $replay -eq 1 ]; then
    export CARGO_PROFILE_RELEASE_OPT_LEVEL=1 # each input once: compiling takes the time
else
    RUSTFLAGS+=" -Ccodegen-units=1"
fi
# Targets that read files write theirs here: in memory, where that can be.
shm=/dev/shm
[ -w "$shm" ] || shm=${TMPDIR:-/tmp}
TMPDIR=$(mktemp -d -p "$shm" nico-fuzz.XXXXXX)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
mkdir -p "$target/logs"
with_burn=crates/nico-corpus/fuzz
for folder in crates/*/fuzz; do
    [ -f "$folder/Cargo.toml" ] || continue
    names=()
    for source in "$folder"/fuzz_targets/*.rs; do
        name=$(basename "$source" .rs)
        if [ $# -gt 0 ]; then
            [[ " $* " == *" $name "* ]] && names+=("$name")
        elif [ "$folder" != $with_burn ] || [ $all -eq 1 ] || [ $replay -eq 0 ]; then
            names+=("$name")
        fi
    done
    [ ${#names[@]} -gt 0 ] || continue
    build=(--manifest-path "$folder/Cargo.toml" --target "$host" --target-dir "$target" "${names[@]/#/--bin=}")
    if [[ ${names[*]} == *onnx* ]]; then
        build+=(--features onnx)
    fi
    cargo build --quiet --release --locked "${build[@]}"
    for name in "${names[@]}"; do
        inputs=("$folder/corpus/$name")
        mkdir -p "${inputs[0]}" "$folder/artifacts/$name"
        if [ -d "$folder/../tests/corpus" ]; then
            inputs+=("$folder/../tests/corpus")
        fi
        limits=(-timeout=10 -rss_limit_mb=1024 -print_final_stats=1 "-artifact_prefix=$folder/artifacts/$name/")
        if [ $replay -eq 1 ]; then
            limits+=(-runs=0)
        else
            found=$target/corpus/$name
            mkdir -p "$found"
            inputs=("$found" "${inputs[@]}")
            limits+=("-runs=$runs" "-max_total_time=$seconds" -max_len=4096)
        fi
        log=$target/logs/$name.log
        echo "fuzz: $folder: $name"
        begun=$SECONDS
        "$target/$host/release/$name" "${limits[@]}" "${inputs[@]}" >"$log" 2>&1 || {
            tail -n 40 "$log" >&2
            exit 1
        }
        executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        memory=$(sed -n 's/^stat::peak_rss_mb: *//p' "$log")
        edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
        echo "  $executed executions in $((SECONDS - begun)) s, $edges edges, $memory MB at most"
    done
done
