#!/usr/bin/env bash
# Captioners on the CPU beside PyTorch: training and greedy generation, both sides in turn, and the ratios of medians.
#
# usage: benches/captioner/run.sh PYTHON [ROUNDS]
#
# PYTHON has torch. OURS may name a built captioner_speed; STEPS the training steps a round (default 10).
# Our batches are always of similar length, as the trainer makes them; PyTorch's are padded to the longest comment of a
# batch at random, and in a second run sorted by length too.
set -euo pipefail
python=${1:?usage: run.sh PYTHON [ROUNDS]}
rounds=${2:-3}
steps=${STEPS:-10}
here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${OURS:-}" ]; then
    cargo build --release --workspace --example captioner_speed
    OURS=${CARGO_TARGET_DIR:-$here/../../target}/release/examples/captioner_speed
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for round in $(seq "$rounds"); do
    "$OURS" "$here/lengths.tsv" --steps "$steps" > "$out/ours.$round"
    "$python" "$here/captioners_torch.py" "$here/lengths.tsv" --steps "$steps" > "$out/padded.$round"
    "$python" "$here/captioners_torch.py" "$here/lengths.tsv" --steps "$steps" --sorted --only global,attention \
        > "$out/sorted.$round"
done
"$python" "$here/compare.py" "$out"
