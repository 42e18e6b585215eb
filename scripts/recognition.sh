#!/usr/bin/env bash
# Reproduces docs/recognition.md: draws the shows, learns from half of the café and asks on the other half who is where.
# Usage: scripts/recognition.sh [FOLDER] [SEED]   (a few minutes on two cores; NICO=, WORLD=paths of the programs)
set -euo pipefail
out=${1:-out/recognition}
seed=${2:-1}
nico=${NICO:-target/release/nico}
world=${WORLD:-target/release/world}
show=$out/world/cafe

"$world" --out "$out/world" --minutes 12 --comments 40000 --size 320x240 --fps 5 --scattered
"$nico" features "$show/video.mp4" --out "$out/features" --layer conv5_3
"$nico" train --model attention --initial-state blind --no-gate --attention-regulariser 0 \
    --features "$out/features" --out "$out/model-$seed" --comments "$show/comments.xml" \
    --split halves --vocabulary 400 --cut 5 --seed "$seed" \
    --hidden 64 --dropout 0 --learning-rate 3e-3 --batch 64 --epochs 8
"$nico" evaluate --model "$out/model-$seed" --features "$out/features" --comments "$show/comments.xml" \
    --boxes "$show/boxes.json" --only grounding --out "$out/evaluation-$seed"
