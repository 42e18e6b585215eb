"""Compares our scaling of a video's frames with torchvision's `Resize` on tensors.

usage: resize_torch.py PROGRAM VIDEO [SIZE [EVERY]]

PROGRAM is the built example `scaled` of frame-features. It decodes, and writes every EVERYth frame
twice: as it is, which torchvision resizes here (bilinear, antialias=True), and scaled to SIZE by
the path that extraction takes. Both ways of torchvision are compared, on bytes and on floats. Ends
with status 1 if a byte of ours is more than 1 from its number on floats.
"""
import os
import subprocess
import sys
import tempfile

import numpy
import torch
from torchvision.transforms import InterpolationMode
from torchvision.transforms.functional import resize

program, video, *rest = sys.argv[1:]
size, every = [int(number) for number in rest] + [224, 10][len(rest):]
with tempfile.TemporaryDirectory() as folder:
    decoded, scaled = (os.path.join(folder, name) for name in ("decoded", "scaled"))
    command = [program, video, str(size), str(every), decoded, scaled]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    width, height = map(int, out.split())
    sources = numpy.fromfile(decoded, numpy.uint8).reshape(-1, height, width, 3)
    ours = numpy.fromfile(scaled, numpy.uint8).reshape(-1, size, size, 3)
assert len(sources) == len(ours) > 0, "as many frames in both files"
how = dict(size=[size, size], interpolation=InterpolationMode.BILINEAR, antialias=True)
largest = {"floats": 0.0, "bytes": 0.0}
total = {"floats": 0.0, "bytes": 0.0}
for source, found in zip(sources, ours):
    tensor = torch.from_numpy(source).permute(2, 0, 1)
    found = torch.from_numpy(found).permute(2, 0, 1).float()
    theirs = {"floats": resize(tensor.float(), **how), "bytes": resize(tensor, **how).float()}
    for kind, values in theirs.items():
        difference = (found - values).abs()
        largest[kind] = max(largest[kind], difference.max().item())
        total[kind] += difference.mean().item()
for kind in largest:
    print(f"{len(ours)} frames {width}x{height} to {size}x{size}, torchvision on {kind}: "
          f"differ by {total[kind] / len(ours):.4f} on average and {largest[kind]:.3f} at most, in 255ths")
sys.exit(largest["floats"] > 1.0)
