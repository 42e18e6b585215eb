#!/usr/bin/env bash
# bench-cuda and PyTorch's side on one device, in one call, and the ratios last.
#
# usage: benches/cuda/run.sh PYTHON [ARGUMENTS OF bench-cuda…]
#
# PYTHON has torch and torchvision. BENCH names the program (default: built here with the feature cuda; `out/cuda/run.sh bench-cuda` for one of
# scripts/build-cuda-offline.sh). DEVICE is cuda, or cpu to see that it works; PEER has arguments for PyTorch's side.
set -euo pipefail
python=${1:?usage: run.sh PYTHON [ARGUMENTS…]}
shift
here=$(cd "$(dirname "$0")" && pwd)
device=${DEVICE:-cuda}
lengths=$here/lengths.tsv
[ -f "$lengths" ] || lengths=$here/../captioner/lengths.tsv
if [ -z "${BENCH:-}" ]; then
    cargo build --release --manifest-path "$here/Cargo.toml" --features cuda
    BENCH=${CARGO_TARGET_DIR:-$here/../../target}/release/bench-cuda
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
# shellcheck disable=SC2086 # BENCH and PEER may hold several words
$BENCH --device "$device" "$@" | tee "$out/ours"
# shellcheck disable=SC2086
"$python" "$here/peer.py" "$lengths" --device "$device" ${PEER:-} | tee "$out/peer"
"$python" - "$out" <<'PYTHON'
import re
import sys

ours, peer = ({}, {})
for line in open(f"{sys.argv[1]}/ours"):
    found = re.match(r"\| (.*?) \| [\d.]+ \| (\d+) \w+/s", line)
    if found:
        what = found.group(1)
        name = next(name for name in ("global", "attention", "VGG", "greedy") if name in what)
        ours[(name.lower(), re.search(r"batch (\d+)", what).group(1))] = (what, float(found.group(2)))
for line in open(f"{sys.argv[1]}/peer"):
    name, batch, rate = line.split("\t")
    peer[(name, batch)] = float(rate)
print("\n| what | ours | PyTorch | ratio |\n|---|---|---|---|")
for key, (what, rate) in ours.items():
    if key in peer:
        print(f"| {what} | {rate:.0f}/s | {peer[key]:.0f}/s | {rate / peer[key]:.2f} |")
PYTHON
