"""Writes the network of `nico`'s tests: mean colours of three rows and five columns of fields.

    python tiny.py ../../examples/nico/tests/onnx/fields.onnx

`map` has them as they are and `row` has the mean colour of the whole picture.
"""

import sys

import onnx
from onnx import TensorProto, helper

SIDE, ROWS, COLUMNS = 60, 3, 5


def shape(name, *sides):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3, *sides])


field = [SIDE // ROWS, SIDE // COLUMNS]
graph = helper.make_graph(
    [
        helper.make_node("AveragePool", ["pictures"], ["map"], kernel_shape=field, strides=field),
        helper.make_node("GlobalAveragePool", ["map"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["row"]),
    ],
    "fields",
    [shape("pictures", SIDE, SIDE)],
    [shape("map", ROWS, COLUMNS), shape("row")],
)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), sys.argv[1])
