#!/usr/bin/env bash
# The original's experiment at its own size (docs/reproduction.md): two drawn shows of 24 minutes with 420,000 comments each, features of
# every frame, both captioners of 256-256 until their best epoch, comments on the second show. Hours: docs/results/reproduction.md.
# Called again after a kill, it goes on where it was.
# Usage: scripts/reproduction.sh [FOLDER] [MODEL…]   MODEL: global, attention (both)
#   NICO=, WORLD=        paths of the programs
#   ENCODER=, EVERY=     another encoder (weights of VGG-19), every Nth frame
#   MINUTES=, COMMENTS=  another size
set -euo pipefail
out=${1:-out/reproduction}
models=("${@:2}")
[ ${#models[@]} -gt 0 ] || models=(global attention)
nico=${NICO:-target/release/nico}
world=${WORLD:-target/release/world}
show=$out/world/cafe
target=$out/world/safari

# What each step took is a line of seconds.tsv; a step that has one is not done again.
mkdir -p "$out"
settings="minutes ${MINUTES:-24}, comments ${COMMENTS:-420000}, encoder ${ENCODER:-slim}, every ${EVERY:-1}"
[ -f "$out/settings" ] || printf '%s\n' "$settings" > "$out/settings"
if [ "$(cat "$out/settings")" != "$settings" ]; then
    echo "reproduction: $out is of $(cat "$out/settings"), not of $settings: name another folder" >&2
    exit 1
fi
touch "$out/seconds.tsv" "$out/begun"
step() {
    local name=$1 start note=
    if cut -f 2 "$out/seconds.tsv" | grep -qxF "$name"; then
        return
    fi
    if grep -qxF "$name" "$out/begun"; then
        note=$'\tthe last of several calls alone'
    else
        printf '%s\n' "$name" >> "$out/begun"
    fi
    start=$(date +%s)
    "${@:2}"
    printf '%s\t%s%s\n' $(($(date +%s) - start)) "$name" "$note" >> "$out/seconds.tsv"
}
features() { step "features $(basename "$3")" "$nico" features "$2" --out "$3" --layer "$1" --encoder "${ENCODER:-slim}" --every "${EVERY:-1}"; }
statistics() { "$nico" stats "$show/comments.xml" --video "$show/video.mp4" --top 10 --vocabulary 30000 --json > "$out/stats.json"; }

step world "$world" --out "$out/world" --minutes "${MINUTES:-24}" --comments "${COMMENTS:-420000}"
step stats statistics
for model in "${models[@]}"; do
    layer=relu7
    [ "$model" = global ] || layer=conv5_3
    features "$layer" "$show/video.mp4" "$out/$layer"
    step "train $model" "$nico" train --model "$model" --split frames --vocabulary 30000 --min-count 1 \
        --comments "$show/comments.xml" --features "$out/$layer" --out "$out/$model"
    features "$layer" "$target/video.mp4" "$out/target-$layer"
    step "comment $model" "$nico" comment --model "$out/$model" --features "$out/target-$layer" --rate data --out "$out/$model.xml"
done
cat "$out/seconds.tsv"
