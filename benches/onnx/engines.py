"""Seconds on the processor that onnxruntime and tract (PyPI's `tract`, the same library) take for a picture.

    python engines.py FILE.onnx SIDE [ROUNDS]

Both on one thread and with a batch of one; medians over rounds of eight pictures. Wall clocks say nothing on a machine that
others use.
"""

import sys
import time

import numpy as np
import onnxruntime
import tract


def by_onnxruntime(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda pictures: session.run(None, {name: pictures})[0]


def by_tract(path, shape):
    model = tract.Onnx().load(path)
    model.set_input_fact(0, ",".join(map(str, shape)) + ",f32")
    plan = model.into_model().into_runnable()
    return lambda pictures: plan.run([pictures])[0].to_numpy()


path, side, *more = sys.argv[1:]
shape = [1, 3, int(side), int(side)]
pictures = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
results = []
for name, run in (("onnxruntime", by_onnxruntime(path)), ("tract", by_tract(path, shape))):
    results.append(run(pictures))
    seconds = []
    for _ in range(int((more + [5])[0])):
        started = time.process_time()
        for _ in range(8):
            run(pictures)
        seconds.append((time.process_time() - started) / 8)
    print(f"{name}: {1000 * np.median(seconds):.1f} ms a picture")
print(f"largest difference {np.abs(results[0] - results[1]).max():.1e} of {np.abs(results[0]).max():.3g}")
