"""A passive crossbar of magnetic tunnel junctions: currents out of its columns for voltages on its rows.

Junction (k, c) joins row wire k to column wire c and has conductance ``1 / R_P`` in state 1 (parallel) and
``1 / (R_P (1 + TMR))`` in state 0. The rows are driven from the left, and the columns held at 0 V at the bottom, where
their currents are sensed. A segment of wire, from the driver to the first column, between neighbours, and from the last
row to the sense amplifier, has resistance r. With r = 0 the current of column c is ``sum over k of V_k G_kc``.

With r > 0 Kirchhoff's law at each of the 2 x rows x columns nodes is solved exactly. With x = r G_c, the voltages a of
the row wires and b of the column wire at column c obey

    (L + diag(x)) b = x a,     d a + x (a - b) = a_(c - 1) + a_(c + 1)

where L is the Laplacian of the column wire with its grounded end, and d = 2 (1 in the last column, which has no
neighbour on the right). Eliminating b and then the columns from the right leaves products of matrices of rows x rows:
a crossbar costs rows^3 x columns, and many are solved at once.

A weight of +1, 0 or -1 is a pair of junctions in neighbouring columns, whose currents are subtracted.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Crossbar", "CrossbarParameters", "pair_difference", "pair_states", "transfer"]

Reals = NDArray[np.float64]


@dataclass(frozen=True)
class CrossbarParameters:
    """A crossbar and what is wrong with it.

    Parameters
    ----------
    rows, columns
        1 to 1024.
    resistance
        R_P in ohm.
    tmr
        (R_AP - R_P) / R_P, positive.
    spread
        Standard deviation of the logarithm of a junction's resistance, of both of its states alike (its area).
    tmr_spread
        Standard deviation of the logarithm of a junction's TMR.
    stuck
        Share of the junctions that keep one state, half of them either; 0 to 1.
    write_error
        Probability that a write leaves the other state; 0 to 1.
    line_resistance
        Ohm of a segment of wire.
    offset
        Standard deviation of a column's sense offset, in ampere.
    """

    rows: int = 15
    columns: int = 15
    resistance: float = 10e3
    tmr: float = 1.0
    spread: float = 0.0
    tmr_spread: float = 0.0
    stuck: float = 0.0
    write_error: float = 0.0
    line_resistance: float = 0.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        for name in ("rows", "columns"):
            if not 1 <= operator.index(getattr(self, name)) <= 1024:
                raise ValueError(f"crossbar {name} must be 1 to 1024, not {getattr(self, name)!r}")
        for name in ("resistance", "tmr"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise ValueError(f"crossbar {name} must be positive, not {getattr(self, name)!r}")
        for name in ("spread", "tmr_spread", "line_resistance", "offset"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise ValueError(f"crossbar {name} must be finite and not negative, not {getattr(self, name)!r}")
        for name in ("stuck", "write_error"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"crossbar {name} must be 0 to 1, not {getattr(self, name)!r}")

    @property
    def step(self) -> float:
        """Siemens between the two states of a nominal junction."""
        return self.tmr / (1 + self.tmr) / self.resistance


class Crossbar:
    """``count`` crossbars of the same parameters, each with junctions and sense amplifiers of its own.

    Attributes
    ----------
    offset
        Ampere, shape (count, columns).
    stuck
        True where a junction keeps ``stuck_state``; shape (count, rows, columns).
    """

    def __init__(self, parameters: CrossbarParameters, count: int, generator: np.random.Generator):
        p = self.parameters = parameters
        shape = (operator.index(count), p.rows, p.columns)
        parallel = p.resistance * np.exp(p.spread * generator.standard_normal(shape))
        tmr = p.tmr * np.exp(p.tmr_spread * generator.standard_normal(shape))
        self._on, self._off = 1 / parallel, 1 / (parallel * (1 + tmr))
        self.stuck = generator.random(shape) < p.stuck
        self.stuck_state = generator.random(shape) < 0.5
        self.offset = p.offset * generator.standard_normal((shape[0], p.columns))
        self._generator = generator

    def write(self, states: ArrayLike) -> Reals:
        """Conductances in siemens, shape (count, rows, columns), after writing states of 0 and 1, of a shape that
        broadcasts to it. Each write errs anew.
        """
        wanted = np.broadcast_to(np.asarray(states, bool), self.stuck.shape)
        if self.parameters.write_error:
            wanted = wanted ^ (self._generator.random(wanted.shape) < self.parameters.write_error)
        held = np.where(self.stuck, self.stuck_state, wanted)
        return np.where(held, self._on, self._off)

    def transfer(self, states: ArrayLike) -> Reals:
        """Write ``states``; give the ampere at each column for each volt on each row, (count, rows, columns)."""
        return transfer(self.write(states), self.parameters.line_resistance)


def transfer(conductances: ArrayLike, line_resistance: float) -> Reals:
    """Ampere at each column for a volt on each row, of the shape (..., rows, columns) of ``conductances``.

    The currents are ``voltages @ transfer``.
    """
    g = np.asarray(conductances, float)
    if line_resistance == 0:
        return g
    rows, columns = g.shape[-2:]
    x = line_resistance * g
    wire = 2 * np.eye(rows) - np.eye(rows, k=1) - np.eye(rows, k=-1)
    wire[0, 0] = 1
    unit = np.eye(rows)
    # For each column: b as a matrix times a, and then what of a's own equation is left.
    follow, inverse = [], []
    for c in range(columns):
        diagonal = x[..., c, None] * unit
        follow.append(np.linalg.solve(wire + diagonal, diagonal))
        inverse.append((2 - (c == columns - 1)) * unit + diagonal - diagonal @ follow[c])
    inverse[-1] = np.linalg.inv(inverse[-1])
    for c in reversed(range(columns - 1)):
        inverse[c] = np.linalg.inv(inverse[c] - inverse[c + 1])
    found = np.empty_like(g)
    a = np.broadcast_to(unit, inverse[0].shape)
    for c in range(columns):
        a = inverse[c] @ a
        found[..., c] = (follow[c][..., -1:, :] @ a)[..., 0, :] / line_resistance
    return found


def pair_states(weights: ArrayLike) -> NDArray[np.bool_]:
    """States of the pairs for weights of -1, 0 and +1: columns 2 c and 2 c + 1 for column c of the weights."""
    w = np.asarray(weights)
    if not np.isin(w, (-1, 0, 1)).all():
        raise ValueError("weights of junction pairs must be -1, 0 or 1")
    return np.stack([w > 0, w < 0], axis=-1).reshape(*w.shape[:-1], 2 * w.shape[-1])


def pair_difference(currents: ArrayLike) -> Reals:
    """Currents of the even columns less those of the odd, along the last axis."""
    i = np.asarray(currents, float)
    return i[..., 0::2] - i[..., 1::2]
