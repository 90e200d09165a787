"""Networks taken over: against PyTorch's own forward passes and Jacobians, from Sequentials and from ONNX files."""

# ruff: noqa: E402 (PyTorch first, as it may not be there)

import json
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from torch import nn

from hwpy.formats.errors import InputError
from hwpy.stochastic_computing.convolution import Convolution
from hwpy.stochastic_computing.model import Model
from trijunction.cli import main
from trijunction.training.convert import OrActivation, from_torch

onnx = pytest.importorskip("onnx", reason="import of ONNX files needs the package onnx")

from onnx import TensorProto, helper, numpy_helper

from trijunction.training.onnx_file import from_onnx

IMAGE = (9, 8)


def dense(inputs, outputs):
    return nn.Linear(inputs, outputs, bias=False)


def pooled():
    """Both kinds of layer behind a pool that leaves a row out, and channels to be put in another order."""
    torch.manual_seed(2)
    return nn.Sequential(
        nn.Sequential(nn.Conv2d(1, 3, (2, 1), bias=False), nn.ReLU(), nn.AvgPool2d(2), nn.Dropout()),
        *(nn.Conv2d(3, 4, 2, stride=1, bias=False), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten()),
        *(dense(4, 5), nn.ReLU(), nn.Identity(), dense(5, 3), nn.LogSoftmax(-1)),
    )


def jacobian(layers, shape):
    """The matrix of linear layers, with a channel as the last axis of what comes in and goes out."""
    ordered = torch.autograd.functional.jacobian(nn.Sequential(*layers), torch.zeros(1, *shape))[0, ..., 0, :, :, :]
    if ordered.ndim == 6:
        ordered = ordered.permute(1, 2, 0, 4, 5, 3)
    else:
        ordered = ordered.permute(0, 2, 3, 1)
    return ordered.reshape(-1, int(np.prod(shape))).numpy()


def test_layers_and_pools_have_the_matrices_of_pytorch():
    first, second = pooled()[0], list(pooled())[1:]
    model = from_torch(pooled(), IMAGE, weight_bits=14)
    expected = [
        jacobian(first[:1], (1, 9, 8)),
        jacobian([first[2], second[0]], (3, 8, 8)),
        jacobian([second[2], second[3], second[4]], (4, 3, 3)),
        second[7].weight.detach().numpy(),
    ]
    expected[-1] = expected[-1] / np.abs(expected[-1]).max() / 4
    assert len(model.layers) == 4
    for layer, kernel, matrix in zip(model.layers, model.kernels, expected, strict=True):
        np.testing.assert_allclose(Convolution(layer, kernel).weights / 2**14, matrix, atol=2**-15 + 1e-6)


def test_without_negative_weights_it_is_the_or_neuron_on_bits():
    """Where x is 0 or 1, so for a first layer of black and white images; values to 0.25 / 2**14 a weight."""
    torch.manual_seed(1)
    network = nn.Sequential(nn.Flatten(), dense(72, 6), OrActivation(), dense(6, 3))
    with torch.no_grad():
        network[1].weight.copy_(torch.rand(6, 72) / 20)
        network[1].weight[0, 0] = 3.0  # which a probability of 1 - exp(-3) stands for
    bits = np.random.default_rng(1).integers(0, 2, (20, 72))
    hidden = network[:3](torch.tensor(bits, dtype=torch.float32)).detach()
    model = from_torch(network, IMAGE, weight_bits=14)
    plus, minus = Convolution(model.layers[0], model.kernels[0]).expectation(bits)
    np.testing.assert_allclose(plus * (1 - minus), hidden, atol=72 * 2**-15)
    assert hidden.std() > 0.05


def test_relu_scales_weights_above_one_and_the_last_layer_is_small():
    network = nn.Sequential(nn.Flatten(), dense(72, 2), nn.ReLU(), dense(2, 2))
    with torch.no_grad():
        network[1].weight.zero_()[0, :2] = torch.tensor([4.0, -1.0])
        network[3].weight.copy_(torch.tensor([[0.5, -2.0], [0.0, 1.0]]))
    model = from_torch(network, IMAGE)
    assert model.kernels[0].reshape(2, 72)[0, :3].tolist() == [256, -64, 0]
    np.testing.assert_array_equal(model.kernels[1].reshape(2, 2), [[16, -64], [0, 32]])


def flat(*layers):
    return nn.Sequential(nn.Flatten(), *layers)


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (flat(nn.Linear(72, 3)), r"layer 1 \(Linear\): has a bias"),
        (flat(dense(72, 4), nn.Tanh(), dense(4, 3)), r"layer 2 \(Tanh\): is not among"),
        (flat(dense(72, 4), dense(4, 3)), r"layer 2 \(Linear\): expected ReLU or OrActivation between"),
        (flat(dense(72, 4), nn.ReLU()), "network: expected a last layer"),
        (flat(dense(72, 4), nn.Softmax(-1), nn.ReLU(), dense(4, 3)), r"layer 2 \(Softmax\): expected ReLU"),
        (flat(dense(70, 3)), r"layer 1 \(Linear\): has 70 inputs, expected 9 x 8 x 1"),
        (nn.Sequential(nn.Conv2d(1, 2, 9)), r"layer 0 \(Conv2d\): has a bias"),
        (nn.Sequential(nn.Conv2d(1, 2, 9, bias=False)), r"layer 0 \(Conv2d\): convolution kernel must fit"),
        (nn.Sequential(nn.Conv2d(2, 2, 3, bias=False)), r"layer 0 \(Conv2d\): expected 1 channels"),
        (nn.Sequential(nn.Conv2d(1, 2, 3, padding=1, bias=False)), r"layer 0 \(Conv2d\): expected no padding"),
        (nn.Sequential(nn.Conv2d(1, 2, 3, dilation=2, bias=False)), r"layer 0 \(Conv2d\): expected no padding"),
        (nn.Sequential(nn.Conv2d(1, 2, 3, stride=(1, 2), bias=False)), r"layer 0 \(Conv2d\): expected the same size"),
        (nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.ReLU(), dense(84, 3)), r"layer 2 \(Linear\): has 84 inputs"),
        (nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.MaxPool2d(2)), r"layer 1 \(MaxPool2d\): is not among"),
        (nn.Sequential(nn.AvgPool2d(3, 1), dense(42, 3)), r"layer 0 \(AvgPool2d\): expected places next to each other"),
        (nn.Sequential(nn.Conv2d(1, 2, (9, 8), bias=False), nn.AvgPool2d(2)), r"layer 1 \(AvgPool2d\): expected ReLU"),
        (nn.Sequential(nn.ReLU(), dense(72, 3)), r"layer 0 \(ReLU\): has no meaning at this place"),
        (nn.Sequential(nn.Conv2d(1, 3, 3, bias=False)), r"model must end in one row and column"),
        (nn.Sequential(), "network: expected a last layer"),
        (nn.Bilinear(2, 2, 2), r"\(Bilinear\): is not among"),
    ],
)
def test_what_cannot_be_imported_is_named(network, message):
    with pytest.raises(ValueError, match=message):
        from_torch(network, IMAGE)


def test_weights_must_be_finite():
    network = flat(dense(72, 3))
    network[1].weight.data[0, 0] = float("nan")
    with pytest.raises(ValueError, match=r"layer 1 \(Linear\): expected finite weights"):
        from_torch(network, IMAGE)


def write(path, nodes, constants, extra=()):
    """An ONNX file of (operator, constants' names before and behind the value, attributes) in a chain."""
    made, value = list(extra), "x"
    for place, (kind, before, behind, attributes) in enumerate(nodes):
        made.append(helper.make_node(kind, [*before, value, *behind], [f"v{place}"], f"n{place}", **attributes))
        value = f"v{place}"
    graph = helper.make_graph(
        made,
        "network",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 1, 9, 8])],
        [helper.make_tensor_value_info(value, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)
    return path


ONE = {"one": np.float32(1)}
#: 1 - exp(-max(z, 0)) as PyTorch's exporter writes it, and -expm1(-z).
AS_EXPONENTIAL = [("Relu", [], [], {}), ("Neg", [], [], {}), ("Exp", [], [], {}), ("Sub", ["one"], [], {})]
AS_EXPM1 = [("Neg", [], [], {}), ("Exp", [], [], {}), ("Sub", [], ["one"], {}), ("Neg", [], [], {})]


@pytest.mark.parametrize("activation", [AS_EXPONENTIAL, AS_EXPM1])
def test_an_onnx_file_is_the_same_as_its_sequential(activation, tmp_path):
    torch.manual_seed(3)
    network = nn.Sequential(
        *(nn.Conv2d(1, 3, 2, stride=2, bias=False), OrActivation(), nn.AvgPool2d(2), nn.Flatten()),
        *(dense(12, 5), nn.ReLU(), dense(5, 3)),
    )
    conv, first, last = (network[place].weight.detach().numpy() for place in (0, 4, 6))
    nodes = [
        ("Conv", [], ["conv"], {"kernel_shape": [2, 2], "strides": [2, 2], "pads": [0, 0, 0, 0]}),
        *activation,
        ("AveragePool", [], [], {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 0}),
        ("Reshape", [], ["shape"], {}),
        ("Gemm", [], ["first", "zero"], {"transB": 1, "alpha": 1.0}),
        ("Relu", [], [], {}),
        ("MatMul", [], ["last"], {}),
        ("Softmax", [], [], {"axis": -1}),
    ]
    constants = {"conv": conv, "first": first, "zero": np.zeros(5, np.float32), "last": last.T.copy(), **ONE}
    path = write(tmp_path / "n.onnx", nodes, {**constants, "shape": np.array([-1, 12])})
    read, expected = from_onnx(path, IMAGE, 8, 10), from_torch(network, IMAGE, 8, 10)
    assert (read.layers, read.input_bits) == (expected.layers, 8)
    for one, other in zip(read.kernels, expected.kernels, strict=True):
        np.testing.assert_array_equal(one, other)


CONV = {"conv": np.ones((2, 1, 9, 8), np.float32)}
BIAS = {"bias": np.ones(2, np.float32)}


@pytest.mark.parametrize(
    ("nodes", "constants", "message"),
    [
        ([("MaxPool", [], [], {"kernel_shape": [2, 2]})], {}, r"layer n0 \(MaxPool\): is not among"),
        ([("Conv", [], ["conv", "bias"], {})], {**CONV, **BIAS}, r"layer n0 \(Conv\): has a bias"),
        ([("Conv", [], ["conv"], {"pads": [1, 1, 1, 1]})], CONV, r"layer n0 \(Conv\): expected pads of 0"),
        ([("Conv", [], ["conv"], {"auto_pad": "SAME_UPPER"})], CONV, r"layer n0 \(Conv\): expected auto_pad"),
        ([("Conv", [], ["conv"], {"group": 2})], CONV, r"layer n0 \(Conv\): expected group 1, not 2"),
        ([("Conv", [], ["conv"], {"dilations": [2, 2]})], CONV, r"layer n0 \(Conv\): expected dilations of 1"),
        ([("Conv", [], ["bias"], {})], BIAS, r"layer n0 \(Conv\): expected weights of another shape than \(2,\)"),
        ([("Gemm", [], ["conv"], {"alpha": 0.5})], CONV, r"layer n0 \(Gemm\): expected weights of another shape"),
        ([("MatMul", ["conv"], [], {})], CONV, r"layer n0 \(MatMul\): expected constant weights behind the input"),
        ([("Flatten", [], [], {"axis": 2})], {}, r"layer n0 \(Flatten\): expected axis 1, not 2"),
        (
            [("Reshape", [], ["s"], {})],
            {"s": np.array([-1, 8, 9])},
            r"layer n0 \(Reshape\): expected the shape \(images",
        ),
        ([("Sub", ["one"], [], {})], ONE, r"layer n0 \(Sub\): is not among"),
        ([("Sub", ["bias"], [], {})], BIAS, r"layer n0 \(Sub\): is not among"),
        ([("Neg", [], [], {}), ("Exp", [], [], {})], {}, r"layer n0 \(Neg\): is not among"),
        ([("AveragePool", [], [], {"kernel_shape": [2, 2]})], {}, r"layer n0 \(AveragePool\): expected places"),
        ([("Add", [], ["x"], {})], {}, r"layer n0 \(Add\): expected one input beside constants"),
        ([], {}, "network: expected a last layer"),
    ],
)
def test_what_an_onnx_file_has_too_much_is_named(nodes, constants, message, tmp_path):
    path = write(tmp_path / "n.onnx", nodes, constants)
    with pytest.raises(InputError, match=r"n\.onnx: " + message):
        from_onnx(path, IMAGE)


def digits_file(directory):
    weights = np.random.default_rng(1).uniform(0.05, 0.2, (10, 64)).astype(np.float32)
    return write(directory / "n.onnx", [("Flatten", [], [], {}), ("Gemm", [], ["w"], {"transB": 1})], {"w": weights})


def test_train_takes_an_onnx_file_over_and_trains_from_it(tmp_path, capsys):
    path, output = str(digits_file(tmp_path)), str(tmp_path / "m.npz")
    shape = ["--input-bits", "6", "--isolation", "3"]
    assert main(["train", "digits", output, "--start", path, "--epochs", "0", *shape, "--json"]) == 0
    taken = json.loads(capsys.readouterr().out)
    assert (taken["start"], taken["epoch"], taken["synapses"]) == ("n.onnx", 0, 640)
    assert (Model.load(output).input_bits, Model.load(output).isolation) == (6, 3)
    assert main(["infer", output, "--json", "--images", "10"]) == 0
    assert json.loads(capsys.readouterr().out)["float_accuracy"] == taken["float_accuracy"]
    assert main(["train", "digits", output, "--start", path, "--epochs", "4", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["float_accuracy"] > taken["float_accuracy"] + 0.3


def test_a_bad_file_or_a_missing_package_is_one_line_and_status_2(tmp_path, capsys, monkeypatch):
    bad = tmp_path / "bad.onnx"
    bad.write_text("not a protobuf")
    nothing, good = str(tmp_path / "nothing.onnx"), str(digits_file(tmp_path))
    other = write(tmp_path / "other.onnx", [("Conv", [], ["conv"], {})], CONV)
    monkeypatch.setitem(sys.modules, "onnx", onnx)
    for path, message in (
        (str(bad), "bad.onnx: expected an ONNX file, found another"),
        (nothing, "nothing.onnx: expected an ONNX file, found that it cannot be read: No such file"),
        (str(other), "other.onnx: layer n0 (Conv): convolution kernel must fit"),
        (good, "needs the package onnx: pip install 'trijunction[onnx]'"),
    ):
        if path == good:
            monkeypatch.setitem(sys.modules, "onnx", None)
        assert main(["train", "digits", str(tmp_path / "m.npz"), "--start", path, "--epochs", "0"]) == 2
        error = capsys.readouterr().err
        assert message in error
        assert error.count("\n") == 1
    assert not (tmp_path / "m.npz").exists()
