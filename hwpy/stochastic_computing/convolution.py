"""A convolution layer of OR-gate neurons: the neurons of `or_layer`, each on a patch of the inputs, weights shared.

Inputs and neurons are numbered row by row, column by column, channel by channel, the channel fastest. Only the weights
are shared between places: each input has a random word of its own, so a neuron's streams are independent as in a dense
layer, of which this is one with most weights 0.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.stochastic_computing.or_layer import OrLayer, OrLayerParameters

__all__ = ["Convolution", "ConvolutionParameters"]


@dataclass(frozen=True)
class ConvolutionParameters:
    """The shape of a layer; a kernel of the inputs' size makes a dense one.

    Parameters
    ----------
    input_shape
        (rows, columns, channels).
    kernel
        (rows, columns) of a patch.
    neurons
        M, the channels that come out.
    stride
        Rows and columns between patches. They do not leave the image: what they do not reach is not seen.
    weight_bits
        As in `OrLayerParameters`.
    """

    input_shape: tuple[int, int, int]
    kernel: tuple[int, int]
    neurons: int
    stride: int = 1
    weight_bits: int = 8

    def __post_init__(self) -> None:
        for name, count in (("input_shape", 3), ("kernel", 2)):
            value = tuple(operator.index(n) for n in getattr(self, name))
            if len(value) != count or min(value) < 1:
                raise ValueError(f"convolution {name} must be {count} positive numbers, not {getattr(self, name)!r}")
            object.__setattr__(self, name, value)
        if self.kernel[0] > self.input_shape[0] or self.kernel[1] > self.input_shape[1]:
            raise ValueError(f"convolution kernel must fit the inputs {self.input_shape!r}, not be {self.kernel!r}")
        if operator.index(self.stride) < 1:
            raise ValueError(f"convolution stride must be positive, not {self.stride!r}")
        _ = self.patch, self.dense  # which check the neurons and the weight bits

    @property
    def output_shape(self) -> tuple[int, int, int]:
        """(rows, columns, neurons)."""
        rows, columns = ((n - k) // self.stride + 1 for n, k in zip(self.input_shape, self.kernel, strict=False))
        return rows, columns, self.neurons

    @property
    def patch(self) -> OrLayerParameters:
        """The dense layer that looks at one patch."""
        inputs = self.kernel[0] * self.kernel[1] * self.input_shape[2]
        return OrLayerParameters(inputs, self.neurons, self.weight_bits)

    @property
    def dense(self) -> OrLayerParameters:
        """The dense layer that this one is."""
        return OrLayerParameters(int(np.prod(self.input_shape)), int(np.prod(self.output_shape)), self.weight_bits)

    def patches(self) -> NDArray[np.int64]:
        """The inputs of each patch, (places, inputs of a patch)."""
        numbers = np.arange(self.dense.inputs).reshape(self.input_shape)
        windows = np.lib.stride_tricks.sliding_window_view(numbers, self.kernel, (0, 1))[:: self.stride, :: self.stride]
        return np.moveaxis(windows, 2, -1).reshape(-1, self.patch.inputs)


class Convolution:
    """Golden model: the gates, without registers. It stands in for an `OrLayer` of the dense shape.

    Parameters
    ----------
    parameters
        The shape.
    kernels
        (M, rows, columns, channels) signed integers, the weight times ``2**weight_bits``.
    """

    def __init__(self, parameters: ConvolutionParameters, kernels: ArrayLike):
        array = np.asarray(kernels)
        shape = (parameters.neurons, *parameters.kernel, parameters.input_shape[2])
        if array.shape != shape:
            raise ValueError(f"convolution kernels must have shape {shape!r}, not {array.shape!r}")
        self.shape = parameters
        self.parameters = parameters.dense
        self.neurons = OrLayer(parameters.patch, array.reshape(parameters.neurons, -1))

    @property
    def is_dense(self) -> bool:
        """Whether there is only one patch, all inputs in their order."""
        return self.shape.kernel == self.shape.input_shape[:2]

    @property
    def weights(self) -> NDArray[np.int64]:
        """The weights of the dense layer, (neurons, inputs)."""
        patches, kernels = self.shape.patches(), self.neurons.weights
        dense = np.zeros((len(patches), len(kernels), self.parameters.inputs), np.int64)
        for place, patch in enumerate(patches):
            dense[place][:, patch] = kernels
        return dense.reshape(self.parameters.neurons, self.parameters.inputs)

    def run(self, x: ArrayLike, words: ArrayLike) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Input bits and random words, each (..., K), to the bits y+ and y- (..., neurons)."""
        bits, random = np.asarray(x), np.asarray(words)
        pairs = [self.neurons.run(bits[..., patch], random[..., patch]) for patch in self.shape.patches()]
        return np.concatenate([plus for plus, _ in pairs], -1), np.concatenate([minus for _, minus in pairs], -1)

    def expectation(self, x: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """P(y+) and P(y-), each (..., neurons), for independent input streams of P(1) = x (..., K)."""
        values = np.asarray(x, np.float64)
        pairs = [self.neurons.expectation(values[..., patch]) for patch in self.shape.patches()]
        return np.concatenate([plus for plus, _ in pairs], -1), np.concatenate([minus for _, minus in pairs], -1)
