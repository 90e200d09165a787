"""Two-layer perceptrons with binary or ternary weights on pairs of crossbars, many trained side by side.

Each solution has two crossbars. The first has a row for each feature and its other rows at a constant input, and a pair
of columns for each hidden neuron; ``h = tanh(gain sum)``. The second has as many rows for each hidden neuron as there
is room for (so that its weight has several steps) and the others constant, and a pair of columns for each class; the
class of the largest sum is the answer. Columns without a neuron are held at 0 V as well, their junctions in state 0.

Training is BinaryConnect's (`hwpy.low_precision.binary`): latent weights are moved by the gradient with respect to the
weights drawn from them, and clipped to -1 to 1. Off line the sums are those of the weights themselves; in the loop they
are those of the crossbars, defects and all, and so is the gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwpy.low_precision.binary import sign
from hwpy.low_precision.crossbar import Crossbar, pair_difference, pair_states, transfer

__all__ = ["OnCrossbar", "Perceptron", "gradients", "ideal", "initial", "scores", "train"]

Reals = NDArray[np.float64]
Weights = NDArray[np.int8]


class OnCrossbar:
    """The weights of one layer as its crossbars have them. Only crossbars whose weights changed are written again.

    Parameters
    ----------
    crossbar
        One for each solution.
    voltage
        Volts for an input of 1.
    """

    def __init__(self, crossbar: Crossbar, voltage: float = 0.1):
        self.crossbar = crossbar
        step = crossbar.parameters.step
        self._offset = pair_difference(crossbar.offset[:, : crossbar.offset.shape[1] // 2 * 2]) / (voltage * step)
        self._written: Weights | None = None
        self._held: Reals | None = None

    def __call__(self, weights: Weights) -> tuple[Reals, Reals]:
        """Weights of shape (solutions, inputs, neurons) as the sums have them, and the sums' offsets.

        Both in units of the current that the step between a nominal junction's states makes.
        """
        p = self.crossbar.parameters
        inputs, neurons = weights.shape[1:]
        if inputs > p.rows or 2 * neurons > p.columns:
            raise ValueError(f"{inputs} inputs and {neurons} neurons do not fit {p.rows} rows x {p.columns} columns")
        if self._written is None or self._held is None:
            changed = np.ones(len(weights), bool)
            self._held = np.empty(weights.shape)
        else:
            changed = (weights != self._written).any(axis=(1, 2))
        if changed.any():
            states = np.zeros((len(weights), p.rows, p.columns), bool)
            states[:, :inputs, : 2 * neurons] = pair_states(weights)
            sums = transfer(self.crossbar.write(states)[changed], p.line_resistance)
            self._held[changed] = pair_difference(sums[:, :inputs, : 2 * neurons]) / p.step
        self._written = weights.copy()
        return self._held, self._offset[:, :neurons]


def ideal(weights: Weights) -> tuple[Reals, Reals]:
    """The weights as they are, with no offset."""
    return weights.astype(float), np.zeros((len(weights), weights.shape[2]))


@dataclass(frozen=True)
class Perceptron:
    """Shape and gains.

    Parameters
    ----------
    features, hidden, classes
        Counts.
    rows
        Inputs of each of the two layers.
    gain, inverse_temperature
        Of the hidden neurons, and of the outputs before the softmax of training.
    """

    features: int = 13
    hidden: int = 7
    classes: int = 3
    rows: int = 15
    gain: float = 0.25
    inverse_temperature: float = 2.0

    def __post_init__(self) -> None:
        if not 1 <= self.features <= self.rows or not 1 <= self.hidden <= self.rows:
            raise ValueError(
                f"{self.rows} rows must hold the {self.features} features and {self.hidden} hidden neurons"
            )

    @property
    def shapes(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Inputs and neurons of the two layers."""
        return (self.rows, self.hidden), (self.rows, self.classes)

    def inputs(self, x: Reals) -> Reals:
        """Features (samples, features) with the constant rows: (samples, rows)."""
        return np.concatenate([x, np.ones((len(x), self.rows - self.features))], axis=1)

    def second(self, h: Reals) -> Reals:
        """Hidden neurons (..., hidden) as the inputs of the second layer: (..., rows)."""
        times, left = divmod(self.rows, self.hidden)
        return np.concatenate([*[h] * times, np.ones((*h.shape[:-1], left))], axis=-1)


Layer = Callable[[Weights], tuple[Reals, Reals]]


def initial(perceptron: Perceptron, solutions: int, generator: np.random.Generator) -> list[Reals]:
    """Latent weights of both layers, uniform from -1 to 1."""
    return [generator.uniform(-1, 1, (solutions, *shape)) for shape in perceptron.shapes]


def _forward(p: Perceptron, x: Reals, held: Sequence[tuple[Reals, Reals]]) -> tuple[Reals, Reals, Reals]:
    (w1, b1), (w2, b2) = held
    h = np.tanh(p.gain * (p.inputs(x) @ w1 + b1[:, None]))
    wide = p.second(h)
    return h, wide, wide @ w2 + b2[:, None]


def scores(
    perceptron: Perceptron, x: Reals, wanted: NDArray, weights: Sequence[Weights], layers: Sequence[Layer] | None = None
) -> tuple[Reals, Reals]:
    """Share of the samples that each solution classifies as ``wanted``, and its mean cross-entropy."""
    held = [layer(w) for layer, w in zip(layers or (ideal, ideal), weights, strict=True)]
    logarithms = _log_softmax(perceptron, _forward(perceptron, x, held)[2])
    return (logarithms.argmax(axis=2) == wanted).mean(axis=1), _cross_entropy(logarithms, wanted)


def _log_softmax(p: Perceptron, outputs: Reals) -> Reals:
    outputs = p.inverse_temperature * (outputs - outputs.max(axis=2, keepdims=True))
    return outputs - np.log(np.exp(outputs).sum(axis=2, keepdims=True))


def _cross_entropy(logarithms: Reals, wanted: NDArray) -> Reals:
    return -logarithms[:, np.arange(len(wanted)), wanted].mean(axis=1)


def gradients(
    p: Perceptron, x: Reals, wanted: NDArray, held: Sequence[tuple[Reals, Reals]]
) -> tuple[Reals, tuple[Reals, Reals]]:
    """Cross-entropy of each solution for what its layers gave, and its gradients with respect to their weights."""
    h, wide, outputs = _forward(p, x, held)
    logarithms = _log_softmax(p, outputs)
    error = (np.exp(logarithms) - np.eye(p.classes)[wanted]) * (p.inverse_temperature / len(x))
    times = p.rows // p.hidden
    back = (error @ held[1][0].swapaxes(1, 2))[..., : times * p.hidden]
    back = back.reshape(*back.shape[:2], times, p.hidden).sum(axis=2) * p.gain * (1 - h**2)
    return _cross_entropy(logarithms, wanted), (p.inputs(x).T @ back, wide.swapaxes(1, 2) @ error)


def train(
    perceptron: Perceptron,
    x: Reals,
    wanted: NDArray,
    latent: Sequence[Reals],
    layers: Sequence[Layer] | None = None,
    draws: Sequence[Callable[[Reals], Weights]] = (sign, sign),
    steps: int = 100,
    rate: float = 0.05,
) -> tuple[list[Reals], list[Weights]]:
    """So many steps of Adam over all samples, on the cross-entropy of the softmax.

    ``draws`` make the weights of each layer from the latent ones, in every step; ``layers`` say what the sums have of
    them, by default just them. Gives for each solution the latent weights, and the weights drawn from them, of the step
    with the lowest cross-entropy.

    Raises
    ------
    ValueError
        For no steps.
    """
    if steps < 1:
        raise ValueError(f"training steps must be positive, not {steps!r}")
    p, layers = perceptron, layers or (ideal, ideal)
    latent = [w.copy() for w in latent]
    first = [np.zeros_like(w) for w in latent]
    second = [np.zeros_like(w) for w in latent]
    lowest = np.full(len(latent[0]), np.inf)
    kept = [w.copy() for w in latent]
    kept_drawn: list[Weights] = []
    for step in range(1, steps + 1):
        drawn = [draw(w) for draw, w in zip(draws, latent, strict=True)]
        held = [layer(w) for layer, w in zip(layers, drawn, strict=True)]
        loss, slopes = gradients(p, x, wanted, held)
        kept_drawn = kept_drawn or [w.copy() for w in drawn]
        better = loss < lowest
        lowest = np.minimum(loss, lowest)
        for k in range(2):
            kept[k][better], kept_drawn[k][better] = latent[k][better], drawn[k][better]
        for k, gradient in enumerate(slopes):
            first[k] += 0.1 * (gradient - first[k])
            second[k] += 0.01 * (gradient**2 - second[k])
            size = np.sqrt(second[k] / (1 - 0.99**step)) + 1e-8
            latent[k] = np.clip(latent[k] - rate * first[k] / (1 - 0.9**step) / size, -1, 1)
    return kept, kept_drawn
