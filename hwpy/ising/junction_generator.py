"""The exact Markov chain of n junctions: 2**n states, one junction switching at a time.

State k has spin s_j = -1 where bit j of k is set, so bit j is junction j read as a bit. ``rates[k, j]`` is the rate at
which junction j leaves state k, to state ``k ^ 1 << j``. The chain obeys detailed balance, so that it has an energy, if
and only if the rates around every square of two switching junctions do (Kolmogorov's criterion: the squares generate
all cycles of the hypercube). If not, probability circulates in the stationary state.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["LARGEST", "SpinGenerator", "relative_entropy", "spin_states", "total_variation", "walsh"]

#: Junctions of the largest chain: elimination takes some 8**n / 1.5 operations.
LARGEST = 12

Vector = NDArray[np.float64]


def spin_states(nodes: int) -> NDArray[np.int8]:
    """All states in order: int8[2**nodes, nodes] of +-1."""
    if not 1 <= nodes <= LARGEST:
        raise ValueError(f"exact chain must be of 1 to {LARGEST} junctions, not {nodes!r}")
    return (1 - 2 * (np.arange(1 << nodes)[:, None] >> np.arange(nodes) & 1)).astype(np.int8)


@dataclass(frozen=True, eq=False)
class SpinGenerator:
    """A chain, by its rates in hertz: positive float[2**n, n]."""

    rates: Vector

    def __post_init__(self) -> None:
        states, nodes = self.rates.shape
        if states != 1 << nodes:
            raise ValueError(f"rates must be of shape (2**n, n), not {self.rates.shape!r}")
        for value in self.rates[~((self.rates > 0) & np.isfinite(self.rates))]:
            raise ValueError(f"rates must be positive, in hertz, not {float(value)!r}")

    @property
    def nodes(self) -> int:
        """Number of junctions, n."""
        return self.rates.shape[1]

    @cached_property
    def _targets(self) -> NDArray[np.int64]:
        return np.arange(len(self.rates))[:, None] ^ 1 << np.arange(self.nodes)

    def matrix(self) -> Vector:
        """Q in hertz: float[2**n, 2**n], rates from row to column, rows adding up to 0; dp/dt = p Q."""
        q = np.zeros((len(self.rates),) * 2)
        np.put_along_axis(q, self._targets, self.rates, axis=1)
        np.fill_diagonal(q, -self.rates.sum(axis=1))
        return q

    @cached_property
    def stationary(self) -> Vector:
        """float[2**n]: the stationary distribution, each probability to nearly full relative precision.

        By elimination without subtraction: W. K. Grassmann, M. I. Taksar and D. P. Heyman, *Oper. Res.* 33, 1107
        (1985).
        """
        q = self.matrix()
        np.fill_diagonal(q, 0)
        for k in range(len(q) - 1, 0, -1):
            q[:k, k] /= q[k, :k].sum()
            # The hypercube's rows are sparse for long: leave the zeros out.
            into = np.flatnonzero(q[:k, k])
            out = np.flatnonzero(q[k, :k])
            q[np.ix_(into, out)] += np.outer(q[into, k], q[k, out])
        p = np.zeros(len(q))
        p[0] = 1
        for k in range(1, len(q)):
            p[k] = p[:k] @ q[:k, k]
        return p / p.sum()

    def moments(self) -> tuple[Vector, Vector]:
        """Stationary means float[n] of the spins and of their products float[n, n]."""
        spins = spin_states(self.nodes).astype(float)
        return self.stationary @ spins, (spins * self.stationary[:, None]).T @ spins

    def currents(self) -> Vector:
        """float[2**n, n]: net stationary probability current in hertz from state k through the switch of junction j."""
        flow = self.stationary[:, None] * self.rates
        return flow - flow[self._targets, np.arange(self.nodes)]

    def entropy_production(self) -> float:
        """Of the stationary state, in nats per second; 0 under detailed balance (J. Schnakenberg, 1976)."""
        log_ratio = np.log(self.rates) - np.log(self.rates[self._targets, np.arange(self.nodes)])
        return float((self.currents() * log_ratio).sum() / 2)

    def affinity(self) -> float:
        """The largest |log| over all squares of the product of rates one way around over that of the other way."""
        log_ratio = np.log(self.rates) - np.log(self.rates[self._targets, np.arange(self.nodes)])
        worst = 0.0
        for j in range(self.nodes):
            for k in range(j):
                # Switch j, k, j, k: the second switch of j goes back, seen from the state where k has switched.
                around = log_ratio[:, j] - log_ratio[self._targets[:, k], j]
                around -= log_ratio[:, k] - log_ratio[self._targets[:, j], k]
                worst = max(worst, float(abs(around).max()))
        return worst


def total_variation(p: Vector, q: Vector) -> float:
    """Half the sum of |p - q|: 0 to 1."""
    return float(abs(p - q).sum() / 2)


def relative_entropy(p: Vector, q: Vector) -> float:
    """Kullback-Leibler divergence D(p || q) in nats."""
    # log1p keeps distances far below the rounding of the logarithms; the added terms sum to 0.
    change = (q - p) / p
    return float((p * (change - np.log1p(change))).sum())


def walsh(values: Vector) -> Vector:
    """Coefficients of a function of the state: float[2**n] to float[2**n].

    ``f(s) = sum_m c_m prod_{j in m} s_j``, where m is a set of junctions, bit j for junction j. Of the logarithm of a
    distribution, c is beta times the field (one junction), coupling (two) or higher interaction; all of them together
    fit it exactly.
    """
    c = np.array(values, np.float64)
    step = 1
    while step < len(c):
        pairs = c.reshape(-1, 2, step)
        c = np.stack((pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]), axis=1).reshape(-1) / 2
        step *= 2
    return c
