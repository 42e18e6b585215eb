#!/usr/bin/env bash
# The dense test: laying out and drawing comments by overlay-render beside ffmpeg's `ass` filter (libass), in turn.
#
#   benches/overlay/run.sh VIDEO SAMPLE.json [ROUNDS]
#
# 600 real comments of the sample over 30 s (dense.py), on 720 frames of 854x480. Ours: layout, drawing every comment for the
# first time and laying it over planes of YUV 4:2:0, on one core, nothing decoded or encoded. ffmpeg's: the time that the filter
# adds to decoding the video to nowhere, one thread, with the same comments written by our own ASS exporter. Prints the
# medians per frame and their ratio. PREFIX is put before every command: `PREFIX="chrt -r 2"` keeps other work on the machine
# out of the figures, where that is allowed.
set -euo pipefail
video=${1:?which video?}
sample=${2:?which sample?}
rounds=${3:-5}
cd "$(dirname "$0")/../.."
examples=${EXAMPLES:-}
if [[ -z $examples ]]; then
    cargo build --release -q -p overlay-render --example speed --example stage
    examples=${CARGO_TARGET_DIR:-target}/release/examples
fi
read -ra prefix <<< "${PREFIX:-}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 benches/overlay/dense.py "$sample" "$scratch/dense.xml"
"$examples/stage" "$scratch/dense.xml" 0 "$scratch/dense.ass"

seconds() { # of ffmpeg's processor, decoding with a filter
    "${prefix[@]}" ffmpeg -benchmark -nostdin -threads 1 -filter_threads 1 -i "$video" -frames:v 720 -an -vf "$1" -f null - 2>&1 |
        sed -n 's/.*utime=\([0-9.]*\)s stime=\([0-9.]*\)s.*/\1 \2/p' | awk '{ print $1 + $2 }'
}
median() { sort -g | awk '{ s[NR] = $1 } END { print NR % 2 ? s[(NR + 1) / 2] : (s[NR / 2] + s[NR / 2 + 1]) / 2 }'; }

ours=() theirs=()
for ((round = 0; round <= rounds; round++)); do
    one=$("${prefix[@]}" "$examples/speed" dense "$scratch/dense.xml" 854x480 720 24 | sed 's/[^:]*: \([0-9.]*\).*/\1/')
    plain=$(seconds null)
    with=$(seconds "ass=$scratch/dense.ass")
    ((round > 0)) || continue # the first one fills caches
    ours+=("$one")
    theirs+=("$(awk -v a="$with" -v b="$plain" 'BEGIN { printf "%.4f", (a - b) / 720 * 1000 }')")
done
one=$(printf '%s\n' "${ours[@]}" | median)
other=$(printf '%s\n' "${theirs[@]}" | median)
awk -v a="$one" -v b="$other" -v n="$rounds" \
    'BEGIN { printf "medians of %d, ms a frame: ours %.3f, libass in ffmpeg %.3f, ratio %.1f\n", n, a, b, b / a }'
