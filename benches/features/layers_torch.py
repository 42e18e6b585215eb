"""Writes what PyTorch puts out at every layer of the small VGG-19 among the tests' fixtures.

usage: layers_torch.py crates/frame-features/tests/fixtures

The picture is the fixtures' own at 36x36 (see their README.md), so that poolings drop a row and a
column. Each tensor is called as torchvision's module that puts it out.
"""
import sys

import torch
import torchvision
from safetensors.torch import load_file, save_file
from torch import nn

SIZE = 36
folder = sys.argv[1]
weights = load_file(f"{folder}/vgg19-slim16.safetensors")
features = []
channels = 3
for index, module in enumerate(torchvision.models.vgg19(init_weights=False).features):
    if isinstance(module, nn.Conv2d):
        outputs = weights[f"features.{index}.weight"].shape[0]
        module = nn.Conv2d(channels, outputs, 3, padding=1)
        channels = outputs
    features.append(module)
hidden = weights["classifier.0.weight"].shape[0]
network = nn.ModuleDict({
    "features": nn.Sequential(*features),
    "classifier": nn.Sequential(
        nn.Linear(channels * 49, hidden), nn.ReLU(), nn.Dropout(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout()
    ),
}).eval()
network.load_state_dict({name: tensor for name, tensor in weights.items() if not name.startswith("classifier.6")})

y, x, c = torch.meshgrid(torch.arange(SIZE), torch.arange(SIZE), torch.arange(3), indexing="ij")
picture = ((37 * y + 17 * x + 101 * c + (y * x) % 13) % 256).permute(2, 0, 1).float()[None] / 255
mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
values = (picture - mean[:, None, None]) / deviation[:, None, None]
outputs = {}
with torch.inference_mode():
    for index, module in enumerate(network["features"]):
        values = module(values)
        outputs[f"features.{index}"] = values.clone()
    values = nn.functional.adaptive_avg_pool2d(values, 7).flatten(1)
    for index, module in enumerate(network["classifier"]):
        values = module(values)
        outputs[f"classifier.{index}"] = values.clone()
save_file(outputs, f"{folder}/vgg19-slim16-layers.safetensors")
