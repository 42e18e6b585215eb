#!/usr/bin/env bash
# Kills a training at random moments with SIGKILL, continues it each time, and checks that it ends with the losses and the weights,
# to the last bit, of one that was left alone.
#
#   benches/training/kill-training.sh COMMENTS FEATURES [KILLS] [OPTIONS…]
#
# COMMENTS and FEATURES are a video's comments and its features as `nico features` makes them; OPTIONS go to `nico train`. SEED
# chooses the moments, NICO names the program.
set -euo pipefail
comments=${1:?which comments?}
features=${2:?which features?}
kills=${3:-10}
shift $(($# < 3 ? $# : 3))
RANDOM=${SEED:-1}
binary=${NICO:-}
if [[ -z $binary ]]; then
    root=$(cd "$(dirname "$0")/../.." && pwd)
    cargo build --release -q -p nico --manifest-path "$root/Cargo.toml"
    binary=${CARGO_TARGET_DIR:-$root/target}/release/nico
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

train() {
    "$binary" --quiet train --comments "$comments" --features "$features" --out "$1" \
        --checkpoint-steps 5 "${@:2}" > /dev/null
}
# The curves without what the clock says.
curves() {
    sed -E 's/"(seconds|comments_per_second)":[^,}]*//g' "$1/training.jsonl" "$1/steps.jsonl"
}
# The weights without the header, whose metadata stand in any order.
weights() {
    local header
    header=$(od -An -tu8 -N8 "$1/model.safetensors")
    tail -c "+$((header + 9))" "$1/model.safetensors"
}

start=$EPOCHREALTIME
train "$out/whole" "$@"
whole=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
echo "left alone: $whole s, $(wc -l < "$out/whole/training.jsonl") epochs, $(wc -l < "$out/whole/steps.jsonl") lines of steps"

killed=0 finished=0
check() {
    diff <(curves "$out/whole") <(curves "$out/killed")
    cmp <(weights "$out/whole") <(weights "$out/killed")
    finished=$((finished + 1))
    rm -rf "$out/killed"
}
while ((killed < kills)); do
    "$binary" --quiet train --comments "$comments" --features "$features" --out "$out/killed" \
        --checkpoint-steps 5 "$@" > /dev/null &
    child=$!
    sleep "$(awk -v w="$whole" -v r="$RANDOM" 'BEGIN { print w * r / 32768 }')"
    if kill -KILL "$child" 2> /dev/null; then
        killed=$((killed + 1))
        wait "$child" 2> /dev/null || true
        left=$(find "$out/killed/checkpoints" -mindepth 1 -maxdepth 1 -printf '%f ' 2> /dev/null || true)
        echo "killed ($killed of $kills), left: ${left:-no checkpoint}"
    else
        wait "$child"
        check # it ended before its moment: compared, and begun anew
    fi
done
train "$out/killed" "$@"
check
echo "the same losses and weights after $killed kills, $finished times"
