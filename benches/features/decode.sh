#!/usr/bin/env bash
# Decoding a video to 224x224 in RGB by frame-features and by ffmpeg, in turn, on two cores.
#
#   benches/features/decode.sh VIDEO [ROUNDS]
#
# Prints the median seconds of each, whole processes with their start included, and ffmpeg's over
# ours: 1 is as fast, more is faster. PREFIX is put before both commands: `PREFIX="chrt -r 10"`
# keeps other work on the machine out of the figures, where that is allowed.
set -euo pipefail
video=${1:?which video?}
rounds=${2:-9}
cd "$(dirname "$0")/../.."
binary=${PIPELINE_SPEED:-}
if [[ -z $binary ]]; then
    cargo build --release -q -p frame-features --example pipeline_speed
    binary=${CARGO_TARGET_DIR:-target}/release/examples/pipeline_speed
fi
cores=(taskset -c 0,1)
command -v taskset > /dev/null || cores=()
read -ra prefix <<< "${PREFIX:-}"

seconds() { # of a command
    local start=$EPOCHREALTIME
    "${prefix[@]}" "${cores[@]}" "$@" > /dev/null
    awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.4f\n", b - a }'
}
median() { sort -g | awk '{ s[NR] = $1 } END { print NR % 2 ? s[(NR + 1) / 2] : (s[NR / 2] + s[NR / 2 + 1]) / 2 }'; }

ours=() theirs=()
for ((round = 0; round <= rounds; round++)); do
    one=$(seconds "$binary" decode "$video")
    other=$(seconds ffmpeg -v error -nostdin -y -i "$video" -an \
        -vf scale=224:224 -pix_fmt rgb24 -f rawvideo /dev/null)
    ((round > 0)) || continue # the first one fills caches
    ours+=("$one") theirs+=("$other")
done
ours=$(printf '%s\n' "${ours[@]}" | median)
theirs=$(printf '%s\n' "${theirs[@]}" | median)
awk -v a="$ours" -v b="$theirs" -v n="$rounds" \
    'BEGIN { printf "medians of %d: ours %.3f s, ffmpeg %.3f s, ratio %.2f\n", n, a, b, b / a }'
