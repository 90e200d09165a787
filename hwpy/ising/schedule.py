"""Annealing schedules: the inverse temperatures that an array steps through."""

from __future__ import annotations

import math

import numpy as np

from hwpy.ising.model import IsingModel

__all__ = ["betas", "default_range", "split_sweeps"]


def betas(start: float, end: float, steps: int, kind: str) -> list[float]:
    """`steps` inverse temperatures from `start` to `end`, both included.

    `kind` is 'linear' (equal differences) or 'geometric' (equal ratios). A single step is `end`.
    """
    if not (math.isfinite(start) and math.isfinite(end) and 0 < start <= end):
        raise ValueError(f"beta must rise from a positive start, not from {start!r} to {end!r}")
    if kind == "linear":
        return np.linspace(start, end, steps).tolist() if steps > 1 else [end]
    if kind == "geometric":
        return np.geomspace(start, end, steps).tolist() if steps > 1 else [end]
    raise ValueError(f"a schedule is 'linear' or 'geometric', not {kind!r}")


def split_sweeps(sweeps: int, steps: int) -> tuple[int, int]:
    """`(steps, sweeps in each)` with at most `steps` steps and at least `sweeps` sweeps in all."""
    each = -(-sweeps // steps)
    return -(-sweeps // each), each


def default_range(model: IsingModel) -> tuple[float, float]:
    """A start and an end in units of 1 / energy that suit the couplings.

    The start is hot against the root-mean-square local field; the end freezes the smallest coupling:
    exp(-2 beta |J|) is about 1 / 400 for a spin that one such coupling alone holds.
    """
    squares = np.zeros(model.nodes)
    np.add.at(squares, model.row, model.coupling.astype(float) ** 2)
    np.add.at(squares, model.col, model.coupling.astype(float) ** 2)
    squares += model.field.astype(float) ** 2
    rms = math.sqrt(squares.mean()) if squares.any() else 1.0
    sizes = np.abs(np.concatenate([model.coupling, model.field]))
    sizes = sizes[sizes > 0]
    smallest = float(np.quantile(sizes, 0.1)) if len(sizes) else 1.0
    start = 0.2 / rms
    return start / model.scale, max(3.0 / smallest, 2 * start) / model.scale
