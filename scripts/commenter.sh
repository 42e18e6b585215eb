#!/usr/bin/env bash
# commenter.sh TRAIN DEV OUT [MINUTES]: trains a commenter on the episodes in TRAIN, its transformer for MINUTES (60 unless told), measures it
# on those in DEV, of other shows, and prints every figure. OUT gets the commenter, the figures as tables and the scores of all candidates. Run again
# after a kill, it goes on.
#
# A folder of episodes: SHOW/NN.json or .xml, with dialogue as SHOW/NN.srt, .vtt or .ass where there is some (docs/commenting.md). Where
# DEV has a folder cases beside it, DEV-cases, with several/ and single/ (cases.jsonl and truth.jsonl each), those are judged; otherwise
# cases are drawn.
#
# Two matchers are judged. The commenter's ranks drafts, and learnt from false candidates of later in the video alone; the chooser's
# learnt from those of both sides, as half of a case's are, of which some can be known by having been read already.
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2; }
train=$(realpath "$1") dev=$(realpath "$2") out=$(realpath -m "$3") minutes=${4:-60}
cd "$(dirname "$0")/.."
nico=${NICO:-}
if [ -z "$nico" ]; then
  cargo build --release -q -p nico
  nico=${CARGO_TARGET_DIR:-target}/release/nico
fi
mkdir -p "$out"
"$nico" train --model commenter --episodes "$train" --out "$out/commenter" --minutes "$minutes" --json > "$out/training.json"
"$nico" train --model commenter --episodes "$train" --out "$out/chooser" --candidates both --network-steps 0 --head-steps 0 \
  --json > "$out/chooser.json"

score_with() { # MODEL NAME OPTIONS…: figures as a table, the scores in a folder NAME
  local model=$1 name=$2; shift 2
  echo "## $name"
  "$nico" --quiet score --episodes "$dev" --train "$train" --model "$out/$model" --out "$out/$name" "$@" | tee "$out/$name.md"
}
score() { score_with commenter "$@"; }
choose() { score_with chooser "$@"; }
several=() single=(--single)
if [ -d "$dev-cases" ]; then
  several=(--cases "$dev-cases/several/cases.jsonl" --truth "$dev-cases/several/truth.jsonl")
  single=(--cases "$dev-cases/single/cases.jsonl" --truth "$dev-cases/single/truth.jsonl")
fi
choose chooser-several "${several[@]}"
choose chooser-dialogue-alone "${several[@]}" --without comments
choose chooser-comments-alone "${several[@]}" --without dialogue
choose chooser-single "${single[@]}"
score several "${several[@]}" --bits --every 4
score several-dialogue-alone "${several[@]}" --without comments
score several-comments-alone "${several[@]}" --without dialogue
score single "${single[@]}"
score several-later --later
score single-later --later --single
score livebot --livebot
# A crowd for the first episode of each show, beside people's comments on the same.
shows=()
for show in "$dev"/*/; do
  [[ ! -d $show || $show == *.features/ ]] || shows+=("$show")
done
[ ${#shows[@]} -gt 0 ] || shows=("$dev/") # one show
for show in "${shows[@]}"; do
  first=$(find "$show" -maxdepth 1 \( -name '*.json' -o -name '*.xml' \) | sort | head -n 1)
  [ -n "$first" ] || continue
  crowd=$out/crowd number=$(basename "${first%.*}")
  [ "$show" = "$dev/" ] || crowd+=/$(basename "$show")
  given=()
  for ending in srt vtt ass ssa; do
    if [ -f "${first%.*}.$ending" ]; then
      given=(--lines "${first%.*}.$ending")
      break
    fi
  done
  [ ! -d "${first%.*}.features" ] || given+=(--pictures "${first%.*}.features")
  mkdir -p "$crowd"
  # Written again by a commenter that has learnt more since.
  [ "$crowd/$number.xml" -nt "$out/commenter/network.safetensors" ] || "$nico" --quiet comment --model "$out/commenter" "${given[@]}" \
    --length 1400 --rate 1 --viewers 300 --out "$crowd/$number.xml" --json > "$out/written.json"
done
score crowd "${several[@]}" --crowd "$out/crowd"
