#!/usr/bin/env bash
# The whole job: draws two shows, learns from the first one's comments, comments on the second one and shows the result.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh
echo "demo: building (the first time takes a while)"
cargo build --release -p world -p nico
world() { cargo run --quiet --release -p world -- "$@"; }
nico() { cargo run --quiet --release -p nico -- "$@"; }
start=$SECONDS
world --out out/demo/world
nico run \
    --video out/demo/world/cafe/video.mp4 --comments out/demo/world/cafe/comments.xml \
    --target out/demo/world/safari/video.mp4 --boxes out/demo/world/safari/boxes.json \
    --every 2 --batch 64 --learning-rate 3e-3 --epochs 8 \
    --out out/demo
nico report out/demo
echo "demo: done in $((SECONDS - start)) s; watch out/demo/commented.mp4, read out/demo/report.html"
