#!/usr/bin/env bash
# The whole job: draws two shows, learns from the first one's comments, comments on the second one and shows the result, as the original
# did (a captioner, which sees the picture alone) and by a commenter.
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
# The commenter, which reads what is said and what others write as well, learns from more episodes of the first show, in which comments
# answer lines, the picture and each other.
episodes=out/demo/episodes commenter=out/demo/commenter
world episodes "$episodes" --episodes 10 --videos --fps 5 --size 320x240
for video in "$episodes"/*/*.mp4; do
    nico features "$video" --out "${video%.mp4}.features" --every 5
done
nico train --model commenter --episodes "$episodes/cafe" --out "$commenter/model" \
    --pieces 1000 --matcher-steps 300 --network-steps 600 --copy-steps 100
nico score --model "$commenter/model" --episodes "$episodes/safari" --train "$episodes/cafe" --bits > "$commenter/figures.md"
nico comment --model "$commenter/model" --lines out/demo/world/safari/lines.srt --pictures out/demo/features/target \
    --boxes out/demo/world/safari/boxes.json --rate 8 --viewers 60 --out "$commenter/comments.xml" --json > "$commenter/written.json"
nico render --video out/demo/world/safari/video.mp4 --comments "$commenter/comments.xml" --out "$commenter/commented.mp4"
nico report out/demo
echo "demo: done in $((SECONDS - start)) s; watch out/demo/commented.mp4 and out/demo/commenter/commented.mp4, read out/demo/report.html"
