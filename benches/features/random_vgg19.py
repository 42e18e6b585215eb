"""Writes VGG-19 with random weights (He et al. 2015, uniform) by torchvision's names in a safetensors file: 575 MB.

usage: random_vgg19.py FILE.safetensors [SEED]

What a network costs does not depend on its weights; what it tells does.
"""
import array
import json
import math
import random
import struct
import sys

blocks = [[64] * 2, [128] * 2, [256] * 4, [512] * 4, [512] * 4]
shapes, index, channels = {}, 0, 3
for block in blocks:
    for outputs in block:
        shapes[f"features.{index}"] = [outputs, channels, 3, 3]
        index, channels = index + 2, outputs  # a convolution and its ReLU
    index += 1  # pooling
for name, outputs, inputs in [(0, 4096, 512 * 7 * 7), (3, 4096, 4096), (6, 1000, 4096)]:
    shapes[f"classifier.{name}"] = [outputs, inputs]

header, end = {}, 0
for name, shape in shapes.items():
    for tensor, size in [("weight", shape), ("bias", shape[:1])]:
        start, end = end, end + 4 * math.prod(size)
        header[f"{name}.{tensor}"] = {"dtype": "F32", "shape": size, "data_offsets": [start, end]}
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)

draw = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1).random
with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text)
    for shape in shapes.values():
        bound = math.sqrt(6 / math.prod(shape[1:]))
        for _ in range(shape[0]):
            row = array.array("f", (bound * (2 * draw() - 1) for _ in range(math.prod(shape[1:]))))
            if sys.byteorder == "big":
                row.byteswap()
            file.write(row.tobytes())
        file.write(bytes(4 * shape[0]))
