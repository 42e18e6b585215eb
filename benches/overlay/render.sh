#!/usr/bin/env bash
# The whole of rendering with the encoder's preset veryfast, beside ffmpeg encoding the same finished frames and nothing else.
#
# usage: benches/overlay/render.sh NICO VIDEO COMMENTS [ROUNDS]
#
# NICO is the program, or the example `render` of overlay-render, which does the same without flags. Ours reads and decodes
# VIDEO, reads COMMENTS, lays them out, draws, encodes and copies the sound; libx264, or libx265 for a video of 10 bits. The peer
# reads the frames that came of it, raw, from a file that is in memory, and encodes them with the same encoder, preset, crf and
# frame rate. In turn, medians of ROUNDS (7); seconds of the clock and, in brackets, on the processor. PREFIX is put before every
# command (`PREFIX="chrt -r 1"`).
set -eu
nico=$1 video=$2 comments=$3 rounds=${4:-7}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ours() { # OUT CRF PRESET: the command
    if [ "$(basename "$nico")" = render ]; then
        echo "$nico $video $comments $1 0 $2 $3"
    else
        echo "$nico --quiet render --video $video --comments $comments --out $1 --crf $2 --preset $3"
    fi
}
entries() { ffprobe -v error -select_streams v:0 -show_entries "stream=$1" -of csv=p=0:s=x "$2"; }
$(ours "$work/lossless.mkv" 0 ultrafast) > /dev/null
size=$(entries width,height "$work/lossless.mkv")
rate=$(entries avg_frame_rate "$work/lossless.mkv")
format=$(entries pix_fmt "$work/lossless.mkv")
case $format in
    *10le) encoder=libx265 crf=24 quiet="-x265-params log-level=none" ;;
    *) encoder=libx264 crf=20 quiet= ;;
esac
ffmpeg -v error -i "$work/lossless.mkv" -map 0:v -f rawvideo -pix_fmt "$format" "$work/frames.yuv"
rm "$work/lossless.mkv"
cat "$work/frames.yuv" > /dev/null
python3 - "$rounds" "$work" "${PREFIX:-} $(ours "$work/ours.mp4" $crf veryfast)" \
    "${PREFIX:-} ffmpeg -v error -y -f rawvideo -pix_fmt $format -s $size -r $rate -i $work/frames.yuv -c:v $encoder $quiet -preset veryfast -crf $crf $work/peer.mp4" <<'PYTHON'
import os, shlex, statistics, subprocess, sys, time

rounds, work, *commands = sys.argv[1:]
names = ["ours: everything", "ffmpeg: encoding alone"]
clock, cpu = [[], []], [[], []]
for _ in range(int(rounds)):
    for side, command in enumerate(commands):
        before, start = os.times(), time.monotonic()
        subprocess.run(shlex.split(command), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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
