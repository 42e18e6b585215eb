#!/bin/sh
# VGG-19 to conv5_3 on the CPU, ours and PyTorch's in turn, and the ratio of their medians.
#
# usage: benches/features/run.sh PYTHON [TURNS]
#
# PYTHON is an interpreter with torch and torchvision (pip install torch torchvision in a venv).
# Seconds of the clock and seconds that the threads have worked (CPU seconds) are told apart: on a
# machine that others use as well, the second ratio is the steadier one.
set -eu
python=${1:?which python has torch?}
turns=${2:-3}
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
program=${VGG_SPEED:-}
if [ -z "$program" ]; then
    cargo build --release --quiet -p frame-features --example vgg_speed
    program=$target/release/examples/vgg_speed
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
turn=0
while [ "$turn" -lt "$turns" ]; do
    "$python" benches/features/vgg_torch.py 8 3 | tee -a "$log"
    "$program" 8 3 | tee -a "$log"
    turn=$((turn + 1))
done
"$python" - "$log" <<'PYTHON'
import re, statistics, sys
text = open(sys.argv[1]).read()
for kind in ("clock", "CPU"):
    find = lambda start: [float(n) for n in re.findall(rf"^{start}.*?([\d.]+) frames per {kind} second", text, re.M)]
    theirs, ours = find("PyTorch"), find("conv5_3")
    print(f"per {kind} second: ours {statistics.median(ours):.3f}, PyTorch {statistics.median(theirs):.3f} frames, "
          f"ratio of medians {statistics.median(ours) / statistics.median(theirs):.2f}, "
          f"of each turn {', '.join(f'{o / t:.2f}' for o, t in zip(ours, theirs))}")
PYTHON
