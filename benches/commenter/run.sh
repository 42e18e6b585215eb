#!/usr/bin/env bash
# The commenter on the CPU beside PyTorch: learning, and scoring 100 candidates of a moment, both sides in turn, and the ratios of medians;
# and how long writing takes on one core.
#
# usage: benches/commenter/run.sh PYTHON [ROUNDS]
#
# PYTHON has torch. OURS may name a built commenter_speed. CORE is the core that writing is held to (0).
set -euo pipefail
python=${1:?usage: run.sh PYTHON [ROUNDS]}
rounds=${2:-3}
here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${OURS:-}" ]; then
    cargo build --release -p caption-train --example commenter_speed
    OURS=${CARGO_TARGET_DIR:-$here/../../target}/release/examples/commenter_speed
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for round in $(seq "$rounds"); do
    "$OURS" --steps 20 --comments 1 > "$out/ours.$round"
    "$python" "$here/commenter_torch.py" --steps 10 > "$out/torch.$round"
    RAYON_NUM_THREADS=1 taskset -c "${CORE:-0}" "$OURS" --steps 0 --cases 1 --comments 100 | grep writing > "$out/writing.$round"
done
"$python" "$here/compare.py" "$out"
