"""How far arithmetics of few bits lead from float64 in solving one system: spike times, and trajectories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwpy.low_precision.ode import Ode
from hwpy.low_precision.ode_solver import FixedSolver, FloatSolver, solve
from hwpy.low_precision.rounding import Rounding

__all__ = ["ARITHMETICS", "OdeError", "compare", "solvers"]

#: What is compared, in this order.
ARITHMETICS = ("float64", "float32", "floor", "nearest", "dithered", "stochastic")

#: Of the range of a variable: an error beyond it ends the time for which a solution is followed.
_TOLERANCE = 0.1


@dataclass(frozen=True)
class OdeError:
    """Of runs against float64.

    Parameters
    ----------
    arithmetic
        Its name.
    rms
        Root of the mean square error of a trajectory, over time, runs and variables, each in units of its range.
    rms_of_mean
        The same of the mean of all runs.
    followed
        Median over the runs of the time until any error exceeds a tenth of its variable's range; the end if none does.
    mean_last
        Mean of the last variable over the second half of the time and all runs.
    spikes
        Mean number a run.
    lag_mean, lag_deviation, lag_rms
        Of the last spike that all runs and float64 have, its time less that of float64: mean and standard deviation
        over the runs; and the root of the mean square of all lags up to it. None without spikes.
    """

    arithmetic: str
    rms: float
    rms_of_mean: float
    followed: float
    mean_last: float
    spikes: float
    lag_mean: float | None
    lag_deviation: float | None
    lag_rms: float | None


def solvers(ode: Ode, runs: int, bits: int, seed: int) -> Iterator[tuple[str, FixedSolver | FloatSolver]]:
    """The arithmetics by name."""
    made = (
        FloatSolver(ode),
        FloatSolver(ode, np.float32),
        FixedSolver(ode, Rounding("floor")),
        FixedSolver(ode, Rounding("nearest")),
        FixedSolver(ode, Rounding("nearest"), runs, seed, dithered=True),
        FixedSolver(ode, Rounding("stochastic", bits), runs, seed),
    )
    return zip(ARITHMETICS, made, strict=True)


#: As `solve`.
Solve = Callable[[FixedSolver | FloatSolver, int], tuple[NDArray[np.float64], list[NDArray[np.float64]]]]


def compare(
    ode: Ode, steps: int, runs: int = 16, bits: int = 16, seed: int = 1, solve: Solve = solve
) -> Iterator[OdeError]:
    """The errors of each of `solvers`, float64's own, which are 0, first.

    Parameters
    ----------
    steps
        To solve.
    runs
        Of the random arithmetics.
    bits
        Random bits of a rounding.
    solve
        What runs the solvers: the golden model, or hardware.
    """
    exact: NDArray[np.float64] | None = None
    times: NDArray[np.float64] | None = None
    for name, solver in solvers(ode, runs, bits, seed):
        trajectory, spikes = solve(solver, steps)
        if exact is None or times is None:
            exact, times = trajectory, spikes[0]
        yield _error(name, ode, trajectory, spikes, exact, times)


def _error(
    name: str,
    ode: Ode,
    trajectory: NDArray[np.float64],
    spikes: list[NDArray[np.float64]],
    exact: NDArray[np.float64],
    times: NDArray[np.float64],
) -> OdeError:
    error = (trajectory - exact) / np.ptp(exact, axis=0)
    astray = np.abs(error).max(axis=2) > _TOLERANCE
    followed = np.where(astray.any(axis=0), astray.argmax(axis=0), len(astray) - 1) * ode.step
    common = min(len(times), *(len(run) for run in spikes))
    lags = np.array([run[:common] - times[:common] for run in spikes])
    return OdeError(
        arithmetic=name,
        rms=_root_mean_square(error),
        rms_of_mean=_root_mean_square(error.mean(axis=1)),
        followed=float(np.median(followed)),
        mean_last=float(trajectory[len(trajectory) // 2 :, :, -1].mean()),
        spikes=float(np.mean([len(run) for run in spikes])),
        lag_mean=float(lags[:, -1].mean()) if common else None,
        lag_deviation=float(lags[:, -1].std()) if common else None,
        lag_rms=_root_mean_square(lags) if common else None,
    )


def _root_mean_square(values: NDArray[np.float64]) -> float:
    return float(np.sqrt((values**2).mean()))
