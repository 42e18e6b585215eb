#!/usr/bin/env bash
# Kills a training at random moments with SIGKILL, continues it each time, and checks that it ends with the files, to the last bit,
# of one that was left alone.
#
#   benches/training/kill-training.sh COMMENTS FEATURES [KILLS] [OPTIONS…]
#   benches/training/kill-training.sh --options LIST COMMENTS FEATURES [KILLS]
#
# COMMENTS and FEATURES are a video's comments and its features as `nico features` makes them; OPTIONS go to `nico train`. LIST is a
# file with the options of one training a line (`every-option.txt`), which share the KILLS; FEATURES is then a folder with the stores
# relu7, conv5_3 and pool4. SEED chooses the moments, NICO names the program, COMMON has options of all trainings.
set -euo pipefail
list=
if [[ ${1:-} == --options ]]; then
    list=${2:?which list of options?}
    shift 2
fi
comments=${1:?which comments?}
features=${2:?which features?}
kills=${3:-10}
shift $(($# < 3 ? $# : 3))
RANDOM=${SEED:-1}
read -ra common <<< "${COMMON:-}"
binary=${NICO:-}
if [[ -z $binary ]]; then
    root=$(cd "$(dirname "$0")/../.." && pwd)
    cargo build --release -q -p nico --manifest-path "$root/Cargo.toml"
    binary=${CARGO_TARGET_DIR:-$root/target}/release/nico
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# The store that a training with these options reads.
store_for() {
    if [[ -z $list ]]; then echo "$features"
    elif [[ " $* " == *" --fine-tune conv5 "* ]]; then echo "$features/pool4"
    elif [[ " $* " == *" --model attention "* ]]; then echo "$features/conv5_3"
    else echo "$features/relu7"; fi
}
# Begins or continues a training in a folder; it replaces the shell that runs it, so that a kill reaches it.
train() {
    exec "$binary" --quiet train --comments "$comments" --features "$store" --out "$1" \
        --checkpoint-steps 5 "${common[@]}" "${options[@]}" > /dev/null 2> "$out/errors"
}
# All files of a model folder that have to be equal: curves without what the clock says, weights without the header, whose metadata
# stand in any order.
contents() {
    local file header
    (cd "$1" && find . -name checkpoints -prune -o -type f -print | sort) | while read -r file; do
        echo "== $file"
        case $file in
            *.jsonl) sed -E 's/"(seconds|comments_per_second)":[^,}]*//g' "$1/$file" ;;
            *.safetensors)
                header=$(od -An -tu8 -N8 "$1/$file")
                tail -c "+$((header + 9))" "$1/$file" | sha256sum ;;
            *) cat "$1/$file" ;;
        esac
    done
}
check() {
    contents "$out/killed" | diff "$out/contents" - || { echo "not the same after a kill: ${options[*]}"; exit 1; }
    finished=$((finished + 1))
    rm -rf "$out/killed"
}

all=0 ended=0
# So many kills of a training with the options.
try() {
    local kills=$1 killed=0 finished=0 start whole child left status
    store=$(store_for "${options[@]}")
    rm -rf "$out/whole" "$out/killed"
    start=$EPOCHREALTIME
    (train "$out/whole") || { cat "$out/errors"; exit 1; }
    whole=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
    contents "$out/whole" > "$out/contents"
    echo "${options[*]:-no options}: left alone $whole s, $(cat "$(find "$out/whole" -name training.jsonl)" | wc -l) epochs"
    while ((killed < kills)); do
        (train "$out/killed") &
        child=$!
        sleep "$(awk -v w="$whole" -v r="$RANDOM" 'BEGIN { print w * r / 32768 }')"
        kill -KILL "$child" 2> /dev/null || true
        status=0
        wait "$child" 2> /dev/null || status=$?
        if ((status == 137)); then
            killed=$((killed + 1))
            left=$(find "$out/killed" -path '*/checkpoints/*' -prune -printf '%f ' 2> /dev/null || true)
            echo "  killed ($killed of $kills), left: ${left:-no checkpoint}"
        elif ((status == 0)); then
            check # it ended before its moment: compared, and begun anew
        else
            cat "$out/errors"
            exit 1
        fi
    done
    (train "$out/killed") || { cat "$out/errors"; exit 1; }
    check
    echo "  the same files after $killed kills, $finished times"
    all=$((all + killed)) ended=$((ended + finished))
    rm -rf "$out/before"
    mv "$out/whole" "$out/before"
}

if [[ -z $list ]]; then
    options=("$@")
    try "$kills"
else
    mapfile -t lines < <(grep -Ev '^ *(#|$)' "$list")
    for index in "${!lines[@]}"; do
        read -ra options <<< "${lines[index]//@before/$out/before}"
        try $((kills * (index + 1) / ${#lines[@]} - kills * index / ${#lines[@]}))
    done
fi
echo "the same files after $all kills of $ended trainings that ended"
