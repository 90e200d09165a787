"""Lag of each spike of Izhikevich's neurons in 16-bit fixed point behind float64, by rounding."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hwpy.low_precision.ode import izhikevich
from hwpy.low_precision.ode_error import solvers
from hwpy.low_precision.ode_solver import solve
from trijunction.figures import _style as style

__all__ = ["draw"]

_COLOURS = {
    "float32": style.BLACK,
    "nearest": style.VERMILION,
    "dithered": style.GREEN,
    "stochastic": style.BLUE,
}


def draw(path: Path) -> None:
    """A line is the mean of the runs, a band one standard deviation of a run."""
    with style.canvas(path, 9, 3.6) as figure:
        for letter, kind, axes in zip("ab", ("regular", "fast"), figure.subplots(1, 2), strict=True):
            ode = izhikevich(kind)
            times = None
            for name, solver in solvers(ode, runs=16, bits=16, seed=1):
                _, spikes = solve(solver, 4000)
                if times is None:
                    times = spikes[0]
                if name not in _COLOURS:
                    continue
                common = min(len(times), *(len(run) for run in spikes))
                lags = np.array([run[:common] - times[:common] for run in spikes])
                mean, deviation = lags.mean(axis=0), lags.std(axis=0)
                axes.plot(times[:common], mean, color=_COLOURS[name], label=name)
                axes.fill_between(times[:common], mean - deviation, mean + deviation, color=_COLOURS[name], alpha=0.15)
            axes.set(xlabel="time of the spike, ms", ylabel="lag, ms")
            axes.legend(fontsize=8)
            style.letter(axes, letter, f"{kind} spiking, {ode.form}")
