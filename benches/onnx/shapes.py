"""Writes networks of well-known shapes with random weights as ONNX files, each with its TOML beside it.

    python shapes.py FOLDER

EfficientNet-lite0 (Tan and Le 2019, without squeeze and excitation) and ResNet-50 (He et al. 2016) up to their pooled
features, batch normalisations folded as PyTorch's exporter folds them. For timing: it needs NumPy and onnx only, where
networks.py needs PyTorch and packages with weights.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper


class Network:
    """Operations, one after the other."""

    def __init__(self):
        self.random = np.random.default_rng(0)
        self.nodes, self.weights = [], []

    def constant(self, name, values):
        self.weights.append(numpy_helper.from_array(np.asarray(values, np.float32), name))
        return name

    def add(self, operation, inputs, **attributes):
        output = f"{operation.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, inputs, [output], **attributes))
        return output

    def convolve(self, x, channels, kernel=1, stride=1, groups=1, bound=None):
        number, (inputs, outputs) = len(self.nodes), channels
        shape = (outputs, inputs // groups, kernel, kernel)
        weights = self.random.standard_normal(shape) / np.sqrt(np.prod(shape[1:]) / 2)
        weights = self.constant(f"weights{number}", weights)
        bias = self.constant(f"bias{number}", self.random.standard_normal(outputs) / 10)
        sizes = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [kernel // 2] * 4, "dilations": [1, 1]}
        x = self.add("Conv", [x, weights, bias], group=groups, **sizes)
        if bound == "relu":
            x = self.add("Relu", [x])
        if bound == "relu6":
            x = self.add("Clip", [x, "least", "most"])
        return x

    def save(self, x, channels, path):
        x = self.add("Flatten", [self.add("GlobalAveragePool", [x])], axis=1)
        value = lambda name, shape: helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["batch", *shape])
        inputs, outputs = [value("pictures", [3, 224, 224])], [value(x, [channels])]
        graph = helper.make_graph(self.nodes, path.stem, inputs, outputs, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, path)
        path.with_suffix(".toml").write_text('preset = "imagenet"\nside = 224\n')


def efficientnet_lite0(path):
    network = Network()
    network.constant("least", 0)
    network.constant("most", 6)
    x, channels = network.convolve("pictures", (3, 32), 3, 2, bound="relu6"), 32
    stages = [(1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
              (1, 3, 1, 6, 320)]
    for blocks, kernel, stride, expansion, outputs in stages:
        for block in range(blocks):
            before, wide, step = x, channels * expansion, stride if block == 0 else 1
            if expansion > 1:
                x = network.convolve(x, (channels, wide), bound="relu6")
            x = network.convolve(x, (wide, wide), kernel, step, groups=wide, bound="relu6")
            x = network.convolve(x, (wide, outputs))
            if block > 0:
                x = network.add("Add", [x, before])
            channels = outputs
    network.save(network.convolve(x, (channels, 1280), bound="relu6"), 1280, path)


def resnet50(path):
    network = Network()
    x = network.convolve("pictures", (3, 64), 7, 2, bound="relu")
    x, channels = network.add("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4), 64
    for blocks, wide, stride in [(3, 64, 1), (4, 128, 2), (6, 256, 2), (3, 512, 2)]:
        for block in range(blocks):
            before, step = x, stride if block == 0 else 1
            x = network.convolve(x, (channels, wide), bound="relu")
            x = network.convolve(x, (wide, wide), 3, step, bound="relu")
            x = network.convolve(x, (wide, 4 * wide))
            if block == 0:
                before = network.convolve(before, (channels, 4 * wide), stride=step)
            x = network.add("Relu", [network.add("Add", [x, before])])
            channels = 4 * wide
    network.save(x, channels, path)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    efficientnet_lite0(folder / "efficientnet-lite0.onnx")
    resnet50(folder / "resnet-50.onnx")
