#!/bin/sh
# The whole of `nico render` with libx264 veryfast, beside ffmpeg encoding the same finished frames and nothing else.
#
# usage: benches/overlay/render.sh NICO VIDEO COMMENTS [ROUNDS]
#
# Ours reads and decodes VIDEO, reads COMMENTS, lays them out, draws, encodes and copies the sound. The peer reads the frames that
# came of it, raw, from a file that is in memory, and encodes them with the same encoder, preset, crf and frame rate.
# In turn, medians of ROUNDS (7); seconds of the clock and, in brackets, on the processor.
set -eu
nico=$1 video=$2 comments=$3 rounds=${4:-7}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$nico" --quiet render --video "$video" --comments "$comments" --out "$work/lossless.mkv" --crf 0 --preset ultrafast
size=$(ffprobe -v error -select_streams v -show_entries stream=width,height -of csv=p=0:s=x "$work/lossless.mkv")
rate=$(ffprobe -v error -select_streams v -show_entries stream=avg_frame_rate -of csv=p=0 "$work/lossless.mkv")
ffmpeg -v error -i "$work/lossless.mkv" -map 0:v -f rawvideo -pix_fmt yuv420p "$work/frames.yuv"
rm "$work/lossless.mkv"
cat "$work/frames.yuv" > /dev/null
python3 - "$rounds" "$work" \
    "$nico --quiet render --video $video --comments $comments --out $work/ours.mp4 --crf 20 --preset veryfast" \
    "ffmpeg -v error -y -f rawvideo -pix_fmt yuv420p -s $size -r $rate -i $work/frames.yuv -c:v libx264 -preset veryfast -crf 20 $work/peer.mp4" <<'PYTHON'
import os, shlex, statistics, subprocess, sys, time

rounds, work, *commands = sys.argv[1:]
names = ["ours: everything", "ffmpeg: encoding alone"]
clock, cpu = [[], []], [[], []]
for _ in range(int(rounds)):
    for side, command in enumerate(commands):
        before, start = os.times(), time.monotonic()
        subprocess.run(shlex.split(command), check=True)
        after = os.times()
        clock[side].append(time.monotonic() - start)
        cpu[side].append(after.children_user + after.children_system - before.children_user - before.children_system)
for side, name in enumerate(names):
    size = os.path.getsize(f"{work}/{['ours', 'peer'][side]}.mp4")
    print(f"{name}: {statistics.median(clock[side]):.3f} s ({statistics.median(cpu[side]):.3f} s), {size} bytes")
ratios = [a / b for a, b in zip(*clock)]
print(f"ratio of medians {statistics.median(clock[0]) / statistics.median(clock[1]):.3f}, "
      f"of rounds {min(ratios):.3f} to {max(ratios):.3f}; "
      f"on the processor {statistics.median(cpu[0]) / statistics.median(cpu[1]):.3f}")
PYTHON
