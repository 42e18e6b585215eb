#!/bin/sh
# One moment of a video with comments as `nico render`, FFmpeg's `ass` filter and mpv show it: PSNR between each two.
#
# usage: benches/overlay/players.sh NICO VIDEO COMMENTS SECONDS [FOLDER]
#
# mpv is left out where it is not installed. The pictures are kept in FOLDER if one is given.
set -eu
nico=$1 video=$2 comments=$3 seconds=$4
work=${5:-$(mktemp -d)}
[ $# -ge 5 ] || trap 'rm -rf "$work"' EXIT
mkdir -p "$work"
"$nico" --quiet layout "$comments" --out "$work/comments.ass"
"$nico" --quiet render --video "$video" --comments "$comments" --out "$work/nico.png" --frame "$seconds" --lane-overflow 0.5
ffmpeg -v error -y -i "$video" -vf "ass=$work/comments.ass,select=gte(t\,$seconds)" -frames:v 1 "$work/ffmpeg.png"
pictures="nico ffmpeg"
if command -v mpv >/dev/null 2>&1; then
    mpv --no-config --really-quiet --hr-seek=yes --start="$seconds" --frames=1 --sub-file="$work/comments.ass" \
        --no-audio --vo=image --vo-image-format=png --vo-image-outdir="$work/mpv" "$video"
    mv "$work"/mpv/*.png "$work/mpv.png"
    rmdir "$work/mpv"
    pictures="$pictures mpv"
fi
for first in $pictures; do
    for second in $pictures; do
        [ "$first" \< "$second" ] || continue
        psnr=$(ffmpeg -i "$work/$first.png" -i "$work/$second.png" -lavfi psnr -f null - 2>&1 | sed -n 's/.*average:\([0-9.inf]*\).*/\1/p')
        echo "$first, $second: $psnr dB"
    done
done
