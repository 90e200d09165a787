"""A source of random bits with its faults, and what is measured with it: bands and estimates."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.entropy.smtj import SmtjChain

__all__ = ["Band", "Estimate", "Source", "student"]

#: Read so many dwell times apart, a junction's bits are independent: exp(-16) is below the emulator's resolution.
INDEPENDENT = 8.0


@dataclass(frozen=True)
class Source:
    """Which bits a way gets.

    Parameters
    ----------
    name
        "lfsr", "xoshiro" or "smtj".
    interval
        Of a junction: mean dwell times between two of its reads. Successive bits correlate by ``exp(-2 interval)``.
    bias
        Of a junction: P(1) - 1/2.
    """

    name: str
    interval: float = INDEPENDENT
    bias: float = 0.0

    @property
    def correlation(self) -> float:
        """Of successive bits."""
        return math.exp(-2 * self.interval)

    @property
    def chain(self) -> SmtjChain:
        """The emulated junction."""
        return SmtjChain.from_statistics(0.5 + self.bias, self.correlation)


class Estimate(NamedTuple):
    """A value with its 95 % interval; infinite where it is not reached."""

    value: float
    low: float
    high: float


@dataclass
class Band:
    """Estimates along a knob."""

    x: list[float] = field(default_factory=list)
    y: list[Estimate] = field(default_factory=list)

    def series(self, **about: str) -> dict[str, Any]:
        """As a stage's series, with `about` beside it; infinite figures become None."""
        columns = {name: [_finite(getattr(e, column)) for e in self.y] for name, column in _COLUMNS.items()}
        return {"x": self.x, **columns, **about}


_COLUMNS = {"y": "value", "low": "low", "high": "high"}


def _finite(number: float) -> float | None:
    return float(number) if math.isfinite(number) else None


def student(samples: ArrayLike) -> list[Estimate]:
    """Mean and 95 % interval by Student's t over the first axis, of each column."""
    from scipy.stats import t

    values: NDArray[np.float64] = np.asarray(samples, np.float64)
    values = values.reshape(len(values), -1)
    mean = values.mean(axis=0)
    half = t.ppf(0.975, len(values) - 1) * values.std(axis=0, ddof=1) / math.sqrt(len(values))
    return [Estimate(float(m), float(m - h), float(m + h)) for m, h in zip(mean, half, strict=True)]
