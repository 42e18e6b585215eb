"""Reads a feature store with numpy and safetensors: pip install numpy safetensors.

    python benches/features/read_store.py STORE

Prints what the example `extract` prints of its middle row, and checks every block's checksum.
"""

import hashlib
import json
import pathlib
import sys

import numpy as np
from safetensors import safe_open


def blocks(store):
    """The blocks of a store: features, frames, times and, for each row, its features' place."""
    for path in sorted(pathlib.Path(store).glob("block-*.safetensors")):
        with safe_open(path, framework="numpy") as block:
            features, frames, times = (block.get_tensor(n) for n in ("features", "frames", "times"))
            if "stored" in block.keys():
                stored = block.get_tensor("stored")
                parts, name = (features, frames, times, stored), "sha256"
            else:  # format 1
                stored = np.arange(len(frames))
                parts, name = (features,), "features_sha256"
            found = hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()
            if found != block.metadata()[name]:
                raise SystemExit(f"{path}: differs from its checksum")
        yield features, frames, times, stored


def main():
    store = pathlib.Path(sys.argv[1])
    info = json.loads((store / "store.json").read_text())
    rows, num_stored, frames = [], 0, []
    for features, of_frames, _, stored in blocks(store):
        rows.extend(features[stored].astype(np.float64).reshape(len(stored), -1).mean(axis=1))
        num_stored += len(features)
        frames.extend(of_frames.tolist())
    if frames != info["frames"]:
        raise SystemExit(f"{store}: the blocks are of other frames than store.json says")
    print(f"{len(rows)} rows, {num_stored} with features of their own")
    shape = info["plan"]["shape"]
    print(f"rows of shape {shape}; mean of the middle one {rows[len(rows) // 2]:.4f}")


main()
