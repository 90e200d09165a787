"""Population coding with junctions: a bank of shifted tuning curves, counted, and read out by trained weights.

A. Mizrahi et al., *Neural-like computing with populations of superparamagnetic basis functions*, Nature Communications
9, 1533 (2018). The rate at which a junction completes its cycles, out of 0 and out of 1, is a bell of its current,

    r(I) = 1 / (1/phi_0 + 1/phi_1) = f_0 exp(-Delta / kT) / (2 cosh((Delta / kT) (I - I_0) / I_c)),

largest at its balance I_0. Junctions of different balance are basis functions of the stimulus: any smooth function of
it is nearly a weighted sum of their counts. In the paper's section 4.2 the brightness over the angle is coded so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.entropy.smtj import SmtjParameters

__all__ = ["Perceptron", "PopulationParameters", "counts", "fit", "rates"]


@dataclass(frozen=True)
class PopulationParameters:
    """A bank of junctions for one stimulus from 0 to 1.

    Parameters
    ----------
    count
        Junctions, their balances evenly from 0 to 1.
    width
        Distance from the balance, in units of the stimulus, at which the rate has fallen to 1 / cosh(1) = 0.65.
    barrier
        Delta / kT of each.
    attempt_rate
        f_0 in hertz.
    """

    count: int
    width: float = 0.1
    barrier: float = 12.0
    attempt_rate: float = 1e9

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError(f"population count must be positive, not {self.count!r}")
        if not self.width > 0:
            raise ValueError(f"population width must be positive, not {self.width!r}")
        if not self.barrier * self.width > 1:
            # Else the current of a far junction would be beyond its critical one.
            raise ValueError(f"population width must be above 1 / barrier, {1 / self.barrier:.3g}, not {self.width!r}")

    @property
    def balances(self) -> NDArray[np.float64]:
        """The stimulus at which each junction is balanced, shape (count,)."""
        return np.linspace(0, 1, self.count) if self.count > 1 else np.array([0.5])

    def junction(self, stimulus: float, index: int) -> SmtjParameters:
        """Junction ``index`` under a stimulus: its current is scaled so that ``width`` is I_c kT / Delta."""
        current = (stimulus - float(self.balances[index])) / (self.width * self.barrier)
        return SmtjParameters(self.barrier, current, 0.0, self.attempt_rate)


def rates(parameters: PopulationParameters, stimulus: ArrayLike) -> NDArray[np.float64]:
    """Cycles a second of each junction, shape (..., count), under stimuli of shape (...)."""
    distance = (np.asarray(stimulus, dtype=np.float64)[..., None] - parameters.balances) / parameters.width
    return parameters.attempt_rate * np.exp(-parameters.barrier) / (2 * np.cosh(distance))


def counts(
    parameters: PopulationParameters, stimulus: ArrayLike, time: float, generator: np.random.Generator
) -> NDArray[np.int64]:
    """Returns to state 0 within ``time`` seconds of each junction, from state 0; shape (..., count). Exact in law.

    The dwell times are drawn one by one: the sum of two exponential ones is a cycle.
    """
    values = np.asarray(stimulus, dtype=np.float64)[..., None] - parameters.balances
    current = values / (parameters.width * parameters.barrier)
    slow = 1 / (parameters.attempt_rate * np.exp(-parameters.barrier * (1 + current)))
    fast = 1 / (parameters.attempt_rate * np.exp(-parameters.barrier * (1 - current)))
    elapsed, found = np.zeros(values.shape), np.zeros(values.shape, dtype=np.int64)
    while True:
        elapsed += generator.exponential(slow) + generator.exponential(fast)
        within = elapsed <= time
        if not within.any():
            return found
        found += within


def fit(features: ArrayLike, targets: ArrayLike, ridge: float = 1e-6) -> NDArray[np.float64]:
    """Weights (features + 1, outputs), the last row the offset, of least squares with a ridge on all but the offset.

    Parameters
    ----------
    features, targets
        Shape (samples, features) and (samples, outputs).
    ridge
        Relative to the mean square of the features.
    """
    inputs = np.column_stack([np.asarray(features, dtype=np.float64), np.ones(len(np.asarray(features)))])
    penalty = np.full(inputs.shape[1], ridge * float((inputs[:, :-1] ** 2).sum()) / inputs.shape[1])
    penalty[-1] = 0
    return np.linalg.solve(inputs.T @ inputs + np.diag(penalty), inputs.T @ np.asarray(targets, dtype=np.float64))


class Perceptron:
    """One layer of weights on the populations of several stimuli: the class of the largest sum.

    Parameters
    ----------
    parameters
        The bank of each stimulus.
    weights
        From `fit`, to one output a class.
    """

    def __init__(self, parameters: PopulationParameters, weights: NDArray[np.float64]):
        self.parameters = parameters
        self.weights = weights

    @classmethod
    def trained(
        cls, parameters: PopulationParameters, stimuli: ArrayLike, labels: ArrayLike, ridge: float = 1e-3
    ) -> Perceptron:
        """On mean rates: stimuli (samples, inputs), 0 to 1, and labels (samples,), 0 to classes - 1."""
        values, classes = np.asarray(stimuli, dtype=np.float64), np.asarray(labels)
        features = rates(parameters, values).reshape(len(values), -1) / rates(parameters, parameters.balances[0]).max()
        return cls(parameters, fit(features, np.eye(int(classes.max()) + 1)[classes], ridge))

    def classify(
        self, stimuli: ArrayLike, time: float | None = None, generator: np.random.Generator | None = None
    ) -> NDArray[np.int64]:
        """Classes (samples,) from counts over ``time`` seconds, or from mean rates if that is None."""
        values = np.asarray(stimuli, dtype=np.float64)
        if time is None:
            found = rates(self.parameters, values)
        else:
            found = counts(self.parameters, values, time, generator or np.random.default_rng()) / time
        features = found.reshape(len(values), -1) / rates(self.parameters, self.parameters.balances[0]).max()
        return np.argmax(features @ self.weights[:-1] + self.weights[-1], axis=1)
