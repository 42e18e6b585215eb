#!/usr/bin/env bash
# Every figure of docs/sql in SQL engines against `nico stats`, and what both take: on the episodes of a folder, on six times as many, and on
# one episode over the frames of a video of 24 minutes. One core each.
# Usage: benches/sql/run.sh NICO EPISODES EPISODE [ROUNDS] [ENGINES]   (PYTHON with duckdb, datafusion and, if it is asked for, pyspark)
set -euo pipefail
here=$(dirname "$0")
nico=$1 episodes=$2 episode=$3 rounds=${4:-3} engines=${5:-duckdb,datafusion}
python=${PYTHON:-python3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
compare() {
    taskset -c 1 "$python" "$here/compare.py" "$nico" "$folder/out" "$@" --rounds "$rounds" --engines "$engines"
}
failed=0
echo "== $episodes"
compare "$episodes" || failed=1
echo "== six times as many"
"$python" "$here/many.py" "$episodes" 6 "$folder/many"
compare "$folder/many" || failed=1
echo "== one episode with a video"
ffmpeg -v error -f lavfi -i color=gray:size=32x32:rate=30000/1001:duration=1417 -c:v libx264 -preset ultrafast "$folder/video.mp4"
compare "$episode" --video "$folder/video.mp4" || failed=1
exit $failed
