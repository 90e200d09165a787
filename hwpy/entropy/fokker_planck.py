"""The macrospin's switching probability without dice: the Fokker-Planck equation of m_z, to numerical accuracy.

With the torque along the easy axis m_z is a Markov process (`hwpy.entropy.macrospin`), whose density p obeys, in time
units over alpha,

    dp/dt = d/dz (1 - z^2) [ -(z + h + i) p + (1 / 2 Delta) dp/dz ]

(W. F. Brown, *Phys. Rev.* 130, 1677 (1963)). It is solved on cells of equal polar angle as a birth-death chain, with
rates that are exact for a constant drift between two cells (D. L. Scharfetter and H. K. Gummel, *IEEE Trans. Electron
Devices* 16, 64 (1969)) and in detailed balance with Boltzmann's density. Time goes by TR-BDF2, implicit and of second
order, which damps the fast cells near the poles (R. E. Bank et al., *IEEE Trans. Electron Devices* 32, 1992 (1985)).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hwpy.entropy.macrospin import Macrospin

__all__ = ["switching_probability"]

Reals = NDArray[np.float64]


def _bernoulli(x: Reals) -> Reals:
    """``x / (exp(x) - 1)``."""
    small = np.abs(x) < 1e-8
    return np.where(small, 1 - x / 2, x / np.expm1(np.where(small, 1.0, x)))


def switching_probability(
    spin: Macrospin, tilt: float, width: float, count: int = 1, cells: int = 1000, steps: int = 500
) -> Reals:
    """P(m_z < 0) after pulses of ``width``, 2 ``width``, ... ``count`` ``width`` seconds, shape (count,).

    The spin starts in equilibrium within the well of P; the pulse has ``tilt`` h + i, negative for switching to AP. The
    error falls as the squares of ``cells`` and of ``steps`` in a width; with these, a barrier of 60 and up to 3
    critical currents it is below 0.001. Rounding spoils pulses of more than some 1e9 ``time_unit / damping``: there
    the escape rate, the inverse of `Macrospin.passage_time`, says all.
    """
    if not (math.isfinite(width) and width > 0):
        raise ValueError(f"macrospin pulse width must be positive, in seconds, not {width!r}")
    edges = np.cos(np.linspace(0, math.pi, cells + 1))
    z = np.cos((np.arange(cells) + 0.5) * math.pi / cells)
    size = edges[:-1] - edges[1:]
    # Rise of the logarithm of Boltzmann's density from a cell to the next, and the rates down and up between them.
    rise = spin.barrier * (z[1:] ** 2 - z[:-1] ** 2 + 2 * tilt * (z[1:] - z[:-1]))
    conductance = (1 - edges[1:-1] ** 2) / (2 * spin.barrier * (z[:-1] - z[1:]))
    down, up = conductance * _bernoulli(-rise) / size[:-1], conductance * _bernoulli(rise) / size[1:]
    state = np.where(z > 0, np.exp(spin.barrier * (z**2 - 1)), 0.0) * size
    state /= state.sum()
    step = spin.damping * width / spin.time_unit / steps
    found = np.empty(count)
    for n in range(count):
        _advance(state, down, up, step, steps)
        found[n] = state[z < 0].sum()
    return found


@njit(cache=True)
def _advance(state, down, up, step, steps):
    """``steps`` TR-BDF2 steps of the chain, in place; both stages solve the same tridiagonal system."""
    cells, part = len(state), (1 - math.sqrt(0.5)) * step
    first, second = (math.sqrt(2) + 1) / 2, (math.sqrt(2) - 1) / 2
    leave = np.zeros(cells)
    leave[:-1] += down
    leave[1:] += up
    # Elimination (Thomas), once: the matrix is 1 - part Q.
    pivot, factor = 1 + part * leave, np.zeros(cells)
    for k in range(1, cells):
        factor[k] = -part * down[k - 1] / pivot[k - 1]
        pivot[k] += factor[k] * part * up[k - 1]
    right = np.empty(cells)
    for _ in range(steps):
        for k in range(cells):
            flow = -leave[k] * state[k]
            if k > 0:
                flow += down[k - 1] * state[k - 1]
            if k < cells - 1:
                flow += up[k] * state[k + 1]
            right[k] = state[k] + part * flow
        _substitute(right, factor, pivot, up, part)
        for k in range(cells):
            right[k] = first * right[k] - second * state[k]
        _substitute(right, factor, pivot, up, part)
        state[:] = right


@njit(cache=True, inline="always")
def _substitute(right, factor, pivot, up, part):
    for k in range(1, len(right)):
        right[k] -= factor[k] * right[k - 1]
    right[-1] /= pivot[-1]
    for k in range(len(right) - 2, -1, -1):
        right[k] = (right[k] + part * up[k] * right[k + 1]) / pivot[k]
