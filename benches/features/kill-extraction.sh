#!/usr/bin/env bash
# Kills an extraction at random moments and checks that it ends with the bytes of one that was left
# alone.
#
#   benches/features/kill-extraction.sh VIDEO [KILLS] [WEIGHTS] [LAYER]
#
# WEIGHTS and LAYER are those of the example `extract`; by default a tiny network, so that decoding,
# the network and writing all have their share of the moments. SEED chooses the moments.
set -euo pipefail
video=${1:?which video?}
kills=${2:-20}
weights=${3:-tiny}
layer=${4:-conv5_3}
RANDOM=${SEED:-1}
cd "$(dirname "$0")/../.."
binary=${EXTRACT:-}
if [[ -z $binary ]]; then
    cargo build --release -q -p frame-features --example extract
    binary=${CARGO_TARGET_DIR:-target}/release/examples/extract
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

start=$EPOCHREALTIME
"$binary" "$video" "$weights" "$layer" "$out/whole" > /dev/null
whole=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
echo "left alone: $whole s, $(find "$out/whole" -name '*.safetensors' | wc -l) blocks"

killed=0 finished=0
check() {
    diff -r "$out/whole" "$out/killed"
    finished=$((finished + 1))
    rm -rf "$out/killed"
}
while ((killed < kills)); do
    "$binary" "$video" "$weights" "$layer" "$out/killed" > /dev/null &
    child=$!
    sleep "$(awk -v w="$whole" -v r="$RANDOM" 'BEGIN { print w * r / 32768 }')"
    if kill -KILL "$child" 2> /dev/null; then
        killed=$((killed + 1))
        wait "$child" 2> /dev/null || true
        left=$(find "$out/killed" -type f -printf '%f ' 2> /dev/null || true)
        echo "killed ($killed of $kills), left: $left"
    else
        wait "$child"
        check # it ended before its moment: compared, and begun anew
    fi
done
"$binary" "$video" "$weights" "$layer" "$out/killed" > /dev/null
check
echo "the same bytes after $killed kills, $finished times"
