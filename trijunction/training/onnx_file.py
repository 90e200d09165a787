"""ONNX files of the networks that `trijunction.training.convert` reads: a chain of supported operators.

The format: *Open Neural Network Exchange*, of which operators this reads are Gemm, MatMul, Conv, AveragePool, Flatten,
Reshape, Relu, Identity, Dropout, Softmax, LogSoftmax, and as 1 - exp(-z) what PyTorch's exporters make of it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwpy.formats.errors import InputError
from hwpy.stochastic_computing.model import Model
from trijunction.training.convert import Step, model_of

__all__ = ["from_onnx"]

#: Values that attributes may have, the default first.
_ATTRIBUTES: dict[str, dict[str, tuple[Any, ...]]] = {
    "Gemm": {"alpha": (1.0,), "beta": (1.0,), "transA": (0,), "transB": (0, 1)},
    "Conv": {"group": (1,), "auto_pad": (b"NOTSET", b"VALID")},
    "AveragePool": {"ceil_mode": (0,), "auto_pad": (b"NOTSET", b"VALID")},
    "Flatten": {"axis": (1,)},
}
_SIMPLE = {"Relu": "relu", "Flatten": "flatten", "Reshape": "flatten", "Softmax": "softmax", "LogSoftmax": "softmax"}
_EXPONENTIALS = [(*relu, "Neg", "Exp", *rest) for relu in (("Relu",), ()) for rest in (("1 - x",), ("x - 1", "Neg"))]


def from_onnx(path: str | os.PathLike[str], image: tuple[int, int], input_bits: int = 4, weight_bits: int = 8) -> Model:
    """The OR-gate network of an ONNX file, for images (rows, columns) of values 0 to 1.

    Raises
    ------
    ModuleNotFoundError
        Without the package onnx.
    InputError
        If it cannot be read, or has an operator or an arrangement that cannot be imported, which it names.
    """
    import onnx

    try:
        graph = onnx.load(path).graph
    except OSError as error:
        raise InputError(f"expected an ONNX file, found that it cannot be read: {error.strerror}", path) from None
    except Exception as error:  # of protobuf, or of the checks of weights in other files
        what = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"expected an ONNX file, found another: {what}", path) from None
    try:
        return model_of(_steps(_chain(graph)), image, input_bits, weight_bits)
    except ValueError as error:
        raise InputError(str(error), path) from None


@dataclass(frozen=True)
class _Operator:
    kind: str
    name: str
    constants: list[NDArray[Any]]
    attributes: dict[str, Any]


def _chain(graph: Any) -> list[_Operator]:
    """The operators from the input on, each of which must take the result of the one before."""
    from onnx import numpy_helper
    from onnx.helper import get_attribute_value

    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    value = next((item.name for item in graph.input if item.name not in constants), None)
    chain = []
    for place, node in enumerate(graph.node):
        kind, name = node.op_type, f"layer {node.name or place} ({node.op_type})"
        attributes = {item.name: get_attribute_value(item) for item in node.attribute}
        if kind == "Constant" and "value" in attributes:
            constants[node.output[0]] = numpy_helper.to_array(attributes["value"])
            continue
        if [item for item in node.input if item and item not in constants] != [value]:
            raise ValueError(f"{name}: expected one input beside constants, the result of the layer before it")
        value = node.output[0]
        others = [constants[item] for item in node.input if item in constants]
        if kind == "Sub" and others[0].size == 1 and others[0].item() == 1:
            kind = "1 - x" if node.input[0] in constants else "x - 1"
        if kind in ("Gemm", "MatMul", "Conv") and (node.input[0] in constants or not others):
            raise ValueError(f"{name}: expected constant weights behind the input")
        if kind not in ("Identity", "Dropout"):
            chain.append(_Operator(kind, name, others, attributes))
    return chain


def _steps(chain: list[_Operator]) -> list[Step]:
    steps, place = [], 0
    while place < len(chain):
        kinds = tuple(operator.kind for operator in chain[place : place + 5])
        pattern = next((these for these in _EXPONENTIALS if kinds[: len(these)] == these), None)
        steps.append(Step("or", chain[place].name) if pattern else _step(chain[place]))
        place += len(pattern) if pattern else 1
    return steps


def _step(operator: _Operator) -> Step:
    kind, name = operator.kind, operator.name
    if kind == "Reshape" and [item.size for item in operator.constants] != [2]:
        raise ValueError(f"{name}: expected the shape (images, values)")
    if kind in _SIMPLE:
        _check(operator)
        return Step(_SIMPLE[kind], name)
    if kind == "AveragePool":
        size, stride = _check(operator)
        if size != stride:
            raise ValueError(f"{name}: expected places next to each other, not {size} wide and {stride} apart")
        return Step("pool", name, size=size)
    if kind not in ("Gemm", "MatMul", "Conv"):
        raise ValueError(f"{name}: is not among the layers that can be imported")
    weight, *biases = operator.constants
    if any(bias.any() for bias in biases):
        raise ValueError(f"{name}: has a bias, which OR neurons have not: train it with bias=False")
    if weight.ndim != (4 if kind == "Conv" else 2):
        raise ValueError(f"{name}: expected weights of another shape than {weight.shape!r}")
    _, stride = _check(operator)
    if kind == "Conv":
        return Step("convolution", name, weight.astype(np.float64), stride)
    return Step("linear", name, (weight if operator.attributes.get("transB") else weight.T).astype(np.float64))


def _check(operator: _Operator) -> tuple[int, int]:
    """The rows of a kernel and its stride, of an operator whose attributes have values that can be imported."""
    found, name = operator.attributes, operator.name
    for key, allowed in _ATTRIBUTES.get(operator.kind, {}).items():
        if found.get(key, allowed[0]) not in allowed:
            raise ValueError(f"{name}: expected {key} {allowed[0]!r}, not {found[key]!r}")
    for key, value in (("pads", 0), ("dilations", 1)):
        if any(n != value for n in found.get(key, [])):
            raise ValueError(f"{name}: expected {key} of {value}, not {list(found[key])!r}")
    size, stride = list(found.get("kernel_shape", [1])), list(found.get("strides", [1]))
    if stride[0] != stride[-1] or (operator.kind == "AveragePool" and size[0] != size[-1]):
        raise ValueError(f"{name}: expected the same size for rows and columns, not {size!r} and {stride!r}")
    return int(size[0]), int(stride[0])
