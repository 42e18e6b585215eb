#!/usr/bin/env bash
# The whole job: draws two shows, learns from the first one's comments, comments on the second one and shows the result: by the captioner
# of the original, which sees a picture, and by the commenter, which reads what was said and what others wrote as well.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh
echo "demo: building (the first time takes a while)"
cargo build --release -p world -p nico
# Not by `cargo run`, which would compile Burn once more, with the features of one of them alone.
programs=${CARGO_TARGET_DIR:-target}/release
world() { "$programs/world" "$@"; }
nico() { "$programs/nico" "$@"; }
start=$SECONDS
world --out out/demo/world
nico run \
    --video out/demo/world/cafe/video.mp4 --comments out/demo/world/cafe/comments.xml \
    --target out/demo/world/safari/video.mp4 --boxes out/demo/world/safari/boxes.json \
    --every 2 --batch 64 --learning-rate 3e-3 --epochs 8 \
    --out out/demo

# The commenter learns from eight episodes of the first show, a picture a second of each, and is measured on those of the second, of which
# it knows two characters and no place, and on two later ones of the first.
episodes=out/demo/episodes commenter=out/demo/commenter
# "drawn" comes last: videos are there before their comments, and a kill leaves some episodes without.
[ -f "$episodes/drawn" ] || { world episodes "$episodes" --episodes 10 --videos --fps 1 && touch "$episodes/drawn"; }
mkdir -p "$episodes/cafe-later"
find "$episodes/cafe" -maxdepth 1 '(' -name '09.*' -o -name '10.*' ')' -exec mv {} "$episodes/cafe-later" ';'
for video in "$episodes"/*/*.mp4; do
    nico --quiet features "$video" --out "${video%.mp4}.features"
done
nico --quiet features out/demo/world/safari/video.mp4 --per-second 1 --out "$commenter/safari.features"
nico train --model commenter --episodes "$episodes/cafe" --out "$commenter/model" \
    --pieces 1000 --matcher-steps 200 --network-steps 200 --head-steps 60 --json > "$commenter/trained.json"
score() { nico --quiet score --episodes "$episodes/$1" --train "$episodes/cafe" --model "$commenter/model" --bits --every 4 --spans 8; }
{
    printf '### On the second show\n\n'
    score safari
    printf '\n### On later episodes of the first\n\n'
    score cafe-later
} > "$commenter/figures.md"
nico --quiet comment --model "$commenter/model" --lines out/demo/world/safari/lines.srt --pictures "$commenter/safari.features" \
    --boxes out/demo/world/safari/boxes.json --rate 4 --viewers 120 --out "$commenter/comments.xml" --json > "$commenter/written.json"
nico --quiet render --video out/demo/world/safari/video.mp4 --comments "$commenter/comments.xml" --out "$commenter/commented.mp4"
nico report out/demo
echo "demo: done in $((SECONDS - start)) s; watch out/demo/commented.mp4 and $commenter/commented.mp4, read out/demo/report.html"
