"""The Wine data on binary perceptrons: trained in software, transferred to crossbars, retrained in the loop.

The experiment is that of J. M. Goodwill et al., *Implementation of a binary neural network on a passive array of
magnetic tunnel junctions*, Phys. Rev. Applied 18, 014039 (2022): 300 solutions of a two-layer perceptron on 15 x 15
junctions, accuracy up to 95.3 %. How the 13 features are scaled and laid out, the split, and the junctions are our
choices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwpy.low_precision.binary_perceptron import OnCrossbar, Perceptron, scores, train
from hwpy.low_precision.crossbar import Crossbar, CrossbarParameters

__all__ = ["ALL_DEFECTS", "Accuracies", "WineData", "load", "measured", "on_crossbars"]

Reals = NDArray[np.float64]
_STEP = CrossbarParameters().step
#: Ten per cent of spread in area and in TMR, a junction in 50 stuck, a write in 100 wrong, 10 ohm a segment for
#: junctions of 10 and 20 kilohm, and a sense offset of half the current that one junction's state makes at 0.1 V.
ALL_DEFECTS = CrossbarParameters(
    spread=0.1, tmr_spread=0.1, stuck=0.02, write_error=0.01, line_resistance=10.0, offset=0.05 * _STEP
)


@dataclass(frozen=True)
class WineData:
    """Features from -1 to 1, shape (samples, 13), and classes 0 to 2."""

    train: Reals
    train_class: NDArray
    test: Reals
    test_class: NDArray


def load(seed: int = 0) -> WineData:
    """Scikit-learn's copy of the data, half for training, each class alike.

    A feature is standardised by the training half, clipped to 2 standard deviations and halved.

    Raises
    ------
    ImportError
        Without scikit-learn.
    """
    from sklearn.datasets import load_wine
    from sklearn.model_selection import train_test_split

    data = load_wine()
    x, y, x_class, y_class = train_test_split(
        data.data, data.target, test_size=0.5, random_state=seed, stratify=data.target
    )
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    x, y = (np.clip((part - mean) / (2 * deviation), -1, 1) for part in (x, y))
    return WineData(x, x_class, y, y_class)


@dataclass(frozen=True)
class Accuracies:
    """Of each solution: share of the test samples it classifies well, and its cross-entropy in training."""

    test: Reals
    loss: Reals

    @property
    def chosen(self) -> float:
        """Test accuracy of the solution of the lowest cross-entropy in training."""
        return float(self.test[self.loss.argmin()])


def measured(
    perceptron: Perceptron, data: WineData, weights: Sequence[NDArray], layers: Sequence[OnCrossbar] | None = None
) -> Accuracies:
    """Accuracies of solutions, in software or on ``layers``."""
    loss = scores(perceptron, data.train, data.train_class, weights, layers)[1]
    return Accuracies(scores(perceptron, data.test, data.test_class, weights, layers)[0], loss)


def on_crossbars(
    perceptron: Perceptron,
    data: WineData,
    latent: Sequence[Reals],
    weights: Sequence[NDArray],
    parameters: CrossbarParameters,
    seed: int,
    steps: int = 40,
) -> tuple[Accuracies, Accuracies]:
    """Write each solution to two crossbars of its own; as they are, and after ``steps`` of training in the loop."""
    generator = np.random.default_rng(seed)
    layers = [OnCrossbar(Crossbar(parameters, len(w), generator)) for w in weights]
    transferred = measured(perceptron, data, weights, layers)
    _, retrained = train(perceptron, data.train, data.train_class, latent, layers, steps=steps)
    return transferred, measured(perceptron, data, retrained, layers)
