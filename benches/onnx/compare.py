"""Compares the features of ONNX files with onnxruntime's, and the time that both take.

    python compare.py ONNX_ROWS FOLDER [PICTURES] [ROUNDS]

ONNX_ROWS is the program of `cargo build --release -p frame-features --features onnx --example onnx_rows`, FOLDER has
networks with their TOMLs as networks.py writes them. Pictures are the same random smooth ones for both, each program
prepares them by itself. Both run on the cores that the process may use; seconds are those of the process's clock, medians.
"""

import os
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

# Of crates/frame-features/src/onnx/preset.rs: mean, deviation, scale, colours.
PRESETS = {
    "imagenet": ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225], 255, "rgb"),
    "yolo": ([0, 0, 0], [1, 1, 1], 255, "rgb"),
    "caffe": ([122.67892, 116.66877, 104.00699], [1, 1, 1], 1, "bgr"),
}


def smooth_pictures(count, side):
    """Random colours, enlarged: what a picture has of large and small things."""
    random = np.random.default_rng(7)
    pictures = []
    for _ in range(count):
        layers = [
            np.asarray(
                Image.fromarray(random.integers(0, 256, (size, size, 3), dtype=np.uint8)).resize((side, side), Image.BICUBIC),
                dtype=np.float32,
            )
            for size in (4, 16, side)
        ]
        pictures.append(layers[0] * 0.6 + layers[1] * 0.3 + layers[2] * 0.1)
    return np.stack(pictures).round().clip(0, 255).astype(np.uint8)


def prepared(pictures, settings):
    mean, deviation, scale, colours = PRESETS.get(settings.get("preset"), (None, None, 255, "rgb"))
    mean = np.array(settings.get("mean", mean), dtype=np.float32)
    deviation = np.array(settings.get("deviation", deviation), dtype=np.float32)
    values = (pictures.astype(np.float32) / np.float32(scale) - mean) / deviation
    if colours == "bgr":
        values = values[..., ::-1]
    if settings.get("layout") != "NHWC":
        values = values.transpose(0, 3, 1, 2)
    return np.ascontiguousarray(values)


def session(path, output, threads):
    """onnxruntime's session, with an inner tensor made an output if the settings name one."""
    import onnx

    model = onnx.load(path)
    if output and output not in [known.name for known in model.graph.output]:
        model.graph.output.append(onnx.ValueInfoProto(name=output))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def compare(program, path, count, rounds):
    settings = tomllib.loads(path.with_suffix(".toml").read_text())
    threads = len(os.sched_getaffinity(0))
    running = session(path, settings.get("output"), threads)
    name = running.get_inputs()[0]
    sides = [side for side in name.shape[1:] if isinstance(side, int) and side != 3]
    side = settings.get("side", sides[0] if sides else 224)
    output = settings.get("output", running.get_outputs()[0].name)
    pictures = smooth_pictures(count, side)

    theirs = []
    for _ in range(rounds):
        started = time.perf_counter()
        rows = running.run([output], {name.name: prepared(pictures, settings)})[0]
        theirs.append(time.perf_counter() - started)
    if settings.get("kind") == "map" and settings.get("layout") != "NHWC":
        rows = rows.transpose(0, 2, 3, 1)

    raw, made = path.with_suffix(".rgb"), path.with_suffix(".f32")
    raw.write_bytes(pictures.tobytes())
    environment = os.environ | {"RAYON_NUM_THREADS": str(threads)}
    printed = subprocess.run(
        [program, path, raw, made, str(rounds)], check=True, capture_output=True, text=True, env=environment
    ).stdout
    ours = [float(line.split()[-2]) for line in printed.splitlines() if "pictures in" in line]
    found = np.fromfile(made, dtype=np.float32).reshape(rows.shape)
    raw.unlink()
    made.unlink()

    difference = float(np.abs(found - rows).max())
    largest = float(np.abs(rows).max())
    ours, theirs = float(np.median(ours)) / count, float(np.median(theirs)) / count
    print(
        f"| {path.stem} | {list(rows.shape[1:])} | {difference:.1e} | {difference / largest:.1e} "
        f"| {1000 * ours:.1f} | {1000 * theirs:.1f} | {theirs / ours:.2f} |",
        flush=True,
    )


if __name__ == "__main__":
    program, folder, *more = sys.argv[1:]
    count, rounds = int((more + [16])[0]), int((more + [16, 5])[1])
    print("| network | output | largest difference | of the largest value | ours, ms a picture | onnxruntime's | ratio |")
    print("|---|---|---|---|---|---|---|")
    for path in sorted(Path(folder).glob("*.onnx")):
        compare(program, path, count, rounds)
