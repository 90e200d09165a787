"""A streaming network of OR layers that counts its last layer and stops when the winner is clear: golden model.

An image is loaded as K whole numbers q and stays while bitstreams run through the layers, a bit a *beat* (a clock in
which the entropy stream is valid). In a beat, from the registers before it and the random bits of this beat,

    input bit    x_i      <- leading one of its random word is a 1 of q_i        P = q_i / 2**input_bits
    selects      s        <- input bit AND leading one of its weight word        (shared by the layer's neurons)
    rails        y+, y-   <- OR over the synapses of weight AND select

A hidden layer hands on ``h_j = y+_j AND NOT y-_j``, neuron j's **isolator** delaying it by ``j % isolation`` beats
more: two neurons share input bits and random words, so their streams are correlated in one beat and, if the random bits
are independent in time, independent between different beats. With a delay for each neuron the expectation of the second
layer is that of independent streams, exactly. A layer behind it sees pairs of paths with equal delays again, a
correlation of second order. The last layer's rails are counted up and down, and the class of the highest count wins.
Expectations, to train on:

    h = y+ (1 - y-)  hidden,    y+ - y-  a beat of the score,    y = 1 - prod_i (1 - w_i x_i).

**Entropy.** The input words have bits of their own; the weight words of all layers are the same bits, from the first
on. A layer reads them in a beat when its inputs depend on those of earlier beats only, so that within a neuron all is
independent.

**Early termination** (progressive precision). After each checkpoint's length the class counts are compared, a clock a
class, and the network stops if the best leads the second by at least the checkpoint's margin; `margins` gives them for
a confidence.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.stochastic_computing.or_layer import OrLayer, OrLayerParameters, leading_one, words_of

__all__ = ["Network", "NetworkParameters", "Outcome", "margins"]


@dataclass(frozen=True)
class NetworkParameters:
    """A network's shape and when it stops.

    Parameters
    ----------
    layers
        First to last, of shared entropy, the neurons of each being the inputs of the next.
    checkpoints
        (length, margin) pairs: lengths of the streams in beats, rising, and the lead at which to stop; the last lead is
        0.
    input_bits
        Bits of an input number, 1 to 8.
    lanes
        Input numbers loaded in a transfer; divides the inputs of the first layer.
    isolation
        Delays that the isolators of a layer go through in turn; default one for each neuron.
    """

    layers: tuple[OrLayerParameters, ...]
    checkpoints: tuple[tuple[int, int], ...]
    input_bits: int = 4
    lanes: int = 1
    isolation: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        object.__setattr__(self, "checkpoints", tuple((int(at), int(lead)) for at, lead in self.checkpoints))
        if not self.layers:
            raise ValueError("network must have a layer")
        for before, after in zip(self.layers, self.layers[1:], strict=False):
            if before.neurons != after.inputs:
                raise ValueError(
                    f"network layer of {before.neurons} neurons must not feed one of {after.inputs} inputs"
                )
        if self.classes < 2:
            raise ValueError(f"network must have at least 2 classes, not {self.classes!r}")
        for layer in self.layers:
            if layer.entropy != "shared":
                raise ValueError(f"network layers must have shared entropy, not {layer.entropy!r}")
        if not 1 <= operator.index(self.input_bits) <= 8:
            raise ValueError(f"network input_bits must be 1 to 8, not {self.input_bits!r}")
        if self.lanes < 1 or self.inputs % self.lanes:
            raise ValueError(f"network lanes must divide the {self.inputs} inputs, not be {self.lanes!r}")
        if self.isolation is not None and self.isolation < 1:
            raise ValueError(f"network isolation must be positive, not {self.isolation!r}")
        lengths = [at for at, _ in self.checkpoints]
        if not lengths or lengths[0] < 1 or lengths != sorted(set(lengths)):
            raise ValueError(f"network checkpoints must have rising positive lengths, not {lengths!r}")
        if self.checkpoints[-1][1] != 0 or any(lead < 0 for _, lead in self.checkpoints):
            raise ValueError(f"network margins must not be negative, and the last 0, not {self.checkpoints!r}")

    @property
    def inputs(self) -> int:
        """Numbers of an image."""
        return self.layers[0].inputs

    @property
    def classes(self) -> int:
        """Neurons of the last layer."""
        return self.layers[-1].neurons

    @property
    def length(self) -> int:
        """Beats counted at most."""
        return self.checkpoints[-1][0]

    def delays(self, layer: int) -> NDArray[np.int64]:
        """Beats by which the isolators of a layer's neurons delay, (M,); the last layer has none."""
        neurons = self.layers[layer].neurons
        if layer == len(self.layers) - 1:
            return np.zeros(neurons, np.int64)
        return np.arange(neurons) % (neurons if self.isolation is None else self.isolation)

    @property
    def latency(self) -> int:
        """Beats before the first that is counted: 1 for the input, and 2 and the longest delay for each layer."""
        return 1 + sum(2 + int(self.delays(place).max()) for place in range(len(self.layers)))

    @property
    def comparison(self) -> int:
        """Clocks of a checkpoint: a class each, one behind the other in two stages, and one to decide."""
        return self.classes + 2

    @property
    def input_random_bits(self) -> int:
        """Random bits of a beat for the input, the first of the stream's payload; the weights' follow."""
        return self.inputs * self.input_bits

    @property
    def random_bits(self) -> int:
        """Random bits of a beat."""
        return self.input_random_bits + max(layer.random_bits for layer in self.layers)


@dataclass(frozen=True)
class Outcome:
    """What a network says of images: the class, the beats counted, and the counts at the stop (..., classes)."""

    winner: NDArray[np.int64]
    length: NDArray[np.int64]
    scores: NDArray[np.int64]


def margins(lengths: Sequence[int], confidence: float, classes: int, variance: float = 1.0) -> list[tuple[int, int]]:
    """Checkpoints at which the leader is the true winner at a confidence (0 to 1), the last without a margin.

    The difference of two classes' scores over n beats is nearly normal, of standard deviation ``sqrt(n * variance)``;
    the default variance is the greatest that four independent rails have. All ``classes - 1`` rivals at all checkpoints
    together have the probability ``1 - confidence`` to lead by the margin if they are to lose (Bonferroni).
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be above 0 and below 1, not {confidence!r}")
    z = NormalDist().inv_cdf(1 - (1 - confidence) / (max(classes - 1, 1) * len(lengths)))
    leads = [math.ceil(z * math.sqrt(length * variance)) for length in lengths[:-1]]
    return list(zip(lengths, [*leads, 0], strict=True))


class Network:
    """Golden model of whole streams; `hwpy.stochastic_computing.network_clock` has the clocks of the hardware.

    Parameters
    ----------
    parameters
        The shape.
    weights
        For each layer (M, K) signed integers.
    """

    def __init__(self, parameters: NetworkParameters, weights: Sequence[ArrayLike]):
        if len(weights) != len(parameters.layers):
            raise ValueError(f"network of {len(parameters.layers)} layers must not have {len(weights)} weight arrays")
        self.parameters = parameters
        self.layers = [OrLayer(shape, array) for shape, array in zip(parameters.layers, weights, strict=True)]

    def check_image(self, image: ArrayLike) -> NDArray[np.int64]:
        """The image (..., K), if its numbers are below ``2**input_bits``.

        Raises
        ------
        ValueError
            If it has another shape or a number out of range.
        """
        numbers = np.asarray(image)
        parameters = self.parameters
        if numbers.shape[-1:] != (parameters.inputs,):
            raise ValueError(f"image must have {parameters.inputs} numbers, not shape {numbers.shape!r}")
        beyond = numbers[(numbers < 0) | (numbers >= 1 << parameters.input_bits)]
        if beyond.size:
            raise ValueError(
                f"image must be of numbers 0 to {(1 << parameters.input_bits) - 1}, not {beyond[0].item()!r}"
            )
        return numbers.astype(np.int64)

    def expectation(self, image: ArrayLike) -> NDArray[np.float64]:
        """The expected score of a beat, y+ - y- (..., classes), of independent streams."""
        values = self.check_image(image) / 2**self.parameters.input_bits
        for layer in self.layers[:-1]:
            plus, minus = layer.expectation(values)
            values = plus * (1 - minus)
        plus, minus = self.layers[-1].expectation(values)
        return plus - minus

    def streams(self, image: ArrayLike, random: ArrayLike) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """The last layer's rails (n, classes) in the beats that are counted, for one image (K,).

        ``random`` (latency + n, random_bits) are the payloads' bits from the image's first beat on.
        """
        parameters, numbers = self.parameters, self.check_image(image)
        bits = np.asarray(random)
        inputs, pool = bits[:, : parameters.input_random_bits], bits[:, parameters.input_random_bits :]
        # Row 0 of an array is its first valid beat, `start` the beat after which its register holds that.
        x = (leading_one(words_of(inputs, (parameters.inputs,), parameters.input_bits)) & numbers != 0).astype(np.uint8)
        start = 1
        for place, layer in enumerate(self.layers):
            words = words_of(pool[start:], layer.parameters.words_shape, layer.parameters.weight_bits)
            plus, minus = layer.run(x[: len(words)], words)
            delays = parameters.delays(place)
            longest = int(delays.max())
            start += 2 + longest
            if place < len(self.layers) - 1:
                hidden = plus & (1 - minus)
                beats = np.arange(longest, len(hidden))[:, None] - delays
                x = np.take_along_axis(hidden, beats, axis=0)
        counted = len(bits) - start
        return plus[:counted], minus[:counted]

    def classify(self, image: ArrayLike, random: ArrayLike) -> Outcome:
        """The outcome for one image (K,), with random bits (latency + length, random_bits)."""
        plus, minus = self.streams(image, random)
        scores = np.cumsum(plus.astype(np.int64) - minus, axis=0)
        for length, lead in self.parameters.checkpoints:
            second, first = np.sort(scores[length - 1])[-2:]
            if first - second >= lead:
                break
        now = scores[length - 1]
        return Outcome(np.asarray(int(now.argmax())), np.asarray(length), now)
