"""Ordinary networks, trained elsewhere, read as OR-gate networks.

An OR neuron of rails s+ = sum of w x over the positive weights and s- over the negative is nearly
``h = (1 - exp(-s+)) exp(-s-)``, and there is no bias. A hidden layer of another network is read by its activation:

1 - exp(-max(z, 0))
    (`OrActivation`) with z = s+ - s-. A weight w becomes ``sign(w) (1 - exp(-|w|))``: without negative weights this is
    the OR neuron's own function where x is 0 or 1, and nearly in between.
max(z, 0)
    (ReLU.) A weight stays as it is; if one is above 1, all are divided by the largest, which for ReLU only scales
    what follows.

With weights of both signs neither is a function of the OR neuron, which has s+ and s- and not their difference: such a
network is a start to train from. The last layer's y+ - y- is nearly z for small weights only, and as the class is that
of the greatest z whatever its scale, the largest becomes 1/4.

Mean pooling needs no hardware: it is taken into the next layer, whose kernel grows, a weight becoming p x p of w / p^2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from hwpy.stochastic_computing.convolution import ConvolutionParameters
from hwpy.stochastic_computing.model import Model

__all__ = ["OrActivation", "Step", "from_torch", "model_of"]

_LAST_SCALE = 0.25


class OrActivation(nn.Module):
    """1 - exp(-max(z, 0)), the OR neuron's activation in a `torch.nn.Sequential`."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Any shape."""
        return 1 - torch.exp(-torch.relu(z))


@dataclass(frozen=True)
class Step:
    """A step of a network.

    Parameters
    ----------
    kind
        'linear', 'convolution', 'or', 'relu', 'pool', 'flatten' or 'softmax' (which must be the last, and is left out).
    name
        For messages.
    weight
        (neurons, inputs), or (neurons, channels, rows, columns) of a convolution.
    size
        Stride of a convolution, rows and columns of a pool.
    """

    kind: str
    name: str
    weight: NDArray[np.float64] | None = None
    size: int = 1


def from_torch(network: nn.Sequential, image: tuple[int, int], input_bits: int = 4, weight_bits: int = 8) -> Model:
    """The OR-gate network of a `torch.nn.Sequential` that classifies images (rows, columns) of values 0 to 1.

    Layers may be Linear and Conv2d without bias or padding, `OrActivation`, ReLU, AvgPool2d, Flatten, Dropout,
    Identity, at the end Softmax or LogSoftmax, and Sequentials of these.

    Raises
    ------
    ValueError
        For another layer, which it names.
    """
    steps = [_step(name, module) for name, module in network.named_modules() if not isinstance(module, nn.Sequential)]
    return model_of([step for step in steps if step], image, input_bits, weight_bits)


def _step(place: str, module: nn.Module) -> Step | None:
    name = f"layer {place} ({type(module).__name__})"
    if isinstance(module, (nn.Dropout, nn.Identity)):
        return None
    for kind, cls in (("or", OrActivation), ("relu", nn.ReLU)):
        if isinstance(module, cls):
            return Step(kind, name)
    if isinstance(module, (nn.Softmax, nn.LogSoftmax)):
        return Step("softmax", name)
    if isinstance(module, nn.Flatten) and (module.start_dim, module.end_dim) == (1, -1):
        return Step("flatten", name)
    if isinstance(module, nn.AvgPool2d):
        size, stride = _square(name, module.kernel_size), _square(name, module.stride)
        if (stride, _square(name, module.padding), module.ceil_mode) != (size, 0, False):
            raise ValueError(f"{name}: expected places next to each other, without padding")
        return Step("pool", name, size=size)
    if not isinstance(module, (nn.Linear, nn.Conv2d)):
        raise ValueError(f"{name}: is not among the layers that can be imported")
    if module.bias is not None and bool(module.bias.any()):
        raise ValueError(f"{name}: has a bias, which OR neurons have not: train it with bias=False")
    weight = module.weight.detach().double().numpy()
    if isinstance(module, nn.Linear):
        return Step("linear", name, weight)
    if module.padding not in (0, (0, 0), "valid") or module.dilation not in (1, (1, 1)) or module.groups != 1:
        raise ValueError(f"{name}: expected no padding, dilation or groups")
    return Step("convolution", name, weight, _square(name, module.stride))


def _square(name: str, size: int | Sequence[int]) -> int:
    pair = (size, size) if isinstance(size, int) else tuple(size)
    if pair[0] != pair[-1]:
        raise ValueError(f"{name}: expected the same size for rows and columns, not {pair!r}")
    return int(pair[0])


def model_of(steps: Sequence[Step], image: tuple[int, int], input_bits: int = 4, weight_bits: int = 8) -> Model:
    """The OR-gate network of the steps, with whole weights.

    Raises
    ------
    ValueError
        For a step that has no meaning at its place, which it names.
    """
    steps = list(steps)
    if steps and steps[-1].kind == "softmax":
        steps.pop()
    layers: list[ConvolutionParameters] = []
    kernels: list[NDArray[np.int16]] = []
    waiting: Step | None = None  # for its activation
    shape, pool, flat = (*image, 1), 1, False
    for step in [*steps, None]:
        if step and step.kind in ("linear", "convolution") and not waiting:
            waiting = step
        elif step and step.kind == "pool" and not waiting and not flat:
            pool *= step.size
        elif step and step.kind == "flatten" and not waiting:
            flat = True
        elif (step is None or step.kind in ("or", "relu")) and waiting:
            kernel, stride = _kernel(waiting, shape, pool, flat)
            size = (kernel.shape[1], kernel.shape[2])
            try:
                layers.append(ConvolutionParameters(shape, size, len(kernel), stride, weight_bits))
            except ValueError as error:
                raise ValueError(f"{waiting.name}: {error}") from None
            real = _read(kernel, step.kind if step else "last")
            kernels.append(np.rint(real * 2**weight_bits).astype(np.int16))
            shape, pool, waiting = layers[-1].output_shape, 1, None
        elif step is None:
            raise ValueError("network: expected a last layer with weights and without activation")
        elif waiting:
            raise ValueError(f"{step.name}: expected ReLU or OrActivation between it and {waiting.name}")
        else:
            raise ValueError(f"{step.name}: has no meaning at this place")
    return Model(tuple(layers), tuple(kernels), input_bits)


def _kernel(step: Step, shape: tuple[int, int, int], pool: int, flat: bool) -> tuple[NDArray[np.float64], int]:
    """Kernels (neurons, rows, columns, channels) on what is before the pool, and the stride."""
    weight = step.weight
    assert weight is not None
    if not np.isfinite(weight).all():
        raise ValueError(f"{step.name}: expected finite weights")
    rows, columns, channels = shape[0] // pool, shape[1] // pool, shape[2]
    if step.kind == "linear":
        if weight.shape[1] != rows * columns * channels or not (flat or channels == 1 or rows == columns == 1):
            raise ValueError(
                f"{step.name}: has {weight.shape[1]} inputs, expected {rows} x {columns} x {channels}, flattened"
            )
        weight = weight.reshape(-1, channels, rows, columns)
    elif flat or weight.shape[1] != channels:
        raise ValueError(f"{step.name}: expected {channels} channels that are not flattened")
    kernel = weight.transpose(0, 2, 3, 1).repeat(pool, 1).repeat(pool, 2) / pool**2
    if step.kind == "convolution":
        return kernel, step.size * pool
    # A pool leaves out what does not fill a place.
    return np.pad(kernel, ((0, 0), (0, shape[0] - rows * pool), (0, shape[1] - columns * pool), (0, 0))), 1


def _read(kernel: NDArray[np.float64], activation: str) -> NDArray[np.float64]:
    if activation == "or":
        return np.sign(kernel) * -np.expm1(-np.abs(kernel))
    largest = float(np.abs(kernel).max())
    if activation == "last":
        return kernel * (_LAST_SCALE / largest if largest else 1)
    return kernel / max(1.0, largest)
