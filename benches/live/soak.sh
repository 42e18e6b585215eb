#!/usr/bin/env bash
# An hour of a picture's time with `nico live`: memory, processor, delays, what was dropped.
#   benches/live/soak.sh NICO MODEL VIDEO [SECONDS] [SPEED] [RATE] [MORE OPTIONS…]
# SECONDS (3600) of the picture's time are played SPEED (10) times as fast, with RATE (10) comments a second of it, a line a second, and
# somebody's comment twice a second; pages come and go, and one of them hardly reads. Prints a line every minute of the clock, with
# resident memory in MB, comments so far and the processor's time, and the counts at the end. DRAFTS and BUDGET (milliseconds) are the
# program's options.
set -euo pipefail
nico=$1 model=$2 video=$3 seconds=${4:-3600} speed=${5:-10} rate=${6:-10}
shift $(($# < 6 ? $# : 6))
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
python3 - "$folder" "$seconds" <<'PYTHON'
import sys
folder, seconds = sys.argv[1], int(sys.argv[2])
said = ["おはよう", "今日もいい天気", "カフェに行こう", "ライオンがいる", "あれは何だろう"]
stamp = lambda at: f"{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02},000"
with open(f"{folder}/in.srt", "w") as out:
    for at in range(seconds):
        out.write(f"{at + 1}\n{stamp(at)} --> {stamp(at + 1)}\n{said[at * 7 % 5]}{at % 100}\n\n")
with open(f"{folder}/read.jsonl", "w") as out:
    for at in range(2 * seconds):
        out.write(f'{{"seconds": {at / 2}, "body": "{said[at % 5][:3]}{at % 13}", "user": "u{at % 500}"}}\n')
PYTHON
ffmpeg -loglevel error -stream_loop -1 -i "$video" -t "$seconds" -map 0:v -c copy "$folder/in.mkv"
"$nico" live "$folder/in.mkv" --model "$model" --lines "$folder/in.srt" --read "$folder/read.jsonl" --speed "$speed" --rate "$rate" \
    --drafts "${DRAFTS:-12}" --budget "${BUDGET:-500}" --xml "$folder/out.xml" --jsonl "$folder/out.jsonl" --serve 127.0.0.1:0 --json "$@" \
    >"$folder/report.json" 2>"$folder/told" &
process=$!
begun=$(date +%s)
until url=$(sed -n 's/^live: \(http:.*\)/\1/p' "$folder/told") && [ -n "$url" ]; do
    kill -0 "$process" || { cat "$folder/told"; exit 1; }
    sleep 0.2
done
watch() { # for so many seconds, again and again
    while curl -s "$2" "$3" --max-time "$1" "${url}events" >/dev/null || kill -0 "$process" 2>/dev/null; do sleep 2; done
}
watch 40 -N -q &
watch 25 -N -q &
watch 300 --limit-rate 2k &
while kill -0 "$process" 2>/dev/null; do
    memory=$(awk '/VmRSS/ { print int($2 / 1024) }' "/proc/$process/status" 2>/dev/null || true)
    comments=$(wc -l <"$folder/out.jsonl" 2>/dev/null || echo 0)
    echo "after $(($(date +%s) - begun)) s: ${memory:-0} MB, $comments comments, $(ps -o time= -p "$process" 2>/dev/null || true) of processor"
    sleep "${EVERY:-60}"
done
wait "$process"
cat "$folder/told" "$folder/report.json"
python3 -c "import sys, xml.etree.ElementTree as tree; print(len(tree.parse(sys.argv[1]).getroot()), 'comments in whole XML')" "$folder/out.xml"
