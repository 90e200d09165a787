"""Simulated telegraph traces against Fitzhugh's closed forms: dwell times, autocorrelation, spectrum, averages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hwpy.entropy.telegraph import Telegraph, Trace
from trijunction.figures import _style as style

__all__ = ["draw"]

PROCESS = Telegraph(rate_0=3e3, rate_1=1e3)


def draw(path: Path) -> None:
    """Four panels: lines are closed forms, points a simulation of 4000 traces of 10 ms."""
    generator = np.random.default_rng(1)
    traces = [PROCESS.trace(10e-3, generator) for _ in range(4000)]
    with style.canvas(path, 8, 6) as figure:
        (dwells, correlation), (spectrum, average) = figure.subplots(2, 2)
        _dwells(dwells, traces)
        _correlation(correlation, traces)
        _spectrum(spectrum, traces)
        _average(average, generator)


def _dwells(axes: Any, traces: list[Trace]) -> None:
    edges = np.linspace(0, 4e-3, 25)
    middle = (edges[1:] + edges[:-1]) / 2
    for state, name, colour in ((0, "P", style.BLUE), (1, "AP", style.VERMILION)):
        times = np.concatenate([trace.dwells(state) for trace in traces])
        # Only dwells that began and ended in view are seen, so long ones less: weighed by 1 / (T - t).
        weights = traces[0].duration / (traces[0].duration - times)
        counts = np.histogram(times, edges, weights=weights)[0]
        axes.plot(1e3 * middle, counts / weights.sum() / np.diff(edges) / 1e3, "o", color=colour, label=f"in {name}")
        axes.plot(1e3 * edges, PROCESS.dwell_density(state, edges) / 1e3, color=colour)
    axes.set(yscale="log", xlabel="dwell time (ms)", ylabel="density (1/ms)", ylim=(1e-4, 10))
    axes.legend()
    style.letter(axes, "a", "dwell times are exponential")


def _correlation(axes: Any, traces: list[Trace]) -> None:
    lags = np.linspace(0, 1e-3, 21)
    starts = np.arange(0, 9e-3, 1e-3)
    total = np.zeros(len(lags))
    for trace in traces:
        here = trace.states(starts) - PROCESS.mean
        total += (here[:, None] * (trace.states(starts[:, None] + lags) - PROCESS.mean)).mean(axis=0)
    axes.plot(1e3 * lags, total / len(traces) / PROCESS.variance, "o", color=style.BLUE, label="simulated")
    axes.plot(1e3 * lags, PROCESS.autocorrelation(lags), color=style.BLACK, label="exp(-(a + b) t)")
    axes.set(xlabel="lag (ms)", ylabel="autocorrelation")
    axes.legend()
    style.letter(axes, "b", "the state is forgotten at rate a + b")


def _spectrum(axes: Any, traces: list[Trace]) -> None:
    frequency = np.unique(np.rint(np.geomspace(1, 1000, 25))) / traces[0].duration
    power = np.mean([trace.periodogram(frequency) for trace in traces[:1500]], axis=0)
    axes.loglog(frequency, power, "o", color=style.BLUE, label="simulated")
    axes.loglog(frequency, PROCESS.power_spectrum(frequency), color=style.BLACK, label="Lorentzian")
    corner = PROCESS.relaxation_rate / (2 * np.pi)
    axes.axvline(corner, color=style.GREY, linestyle=":", label="(a + b) / 2$\\pi$")
    axes.set(xlabel="frequency (Hz)", ylabel="two-sided density (1/Hz)")
    axes.legend()
    style.letter(axes, "c", "power spectrum")


def _average(axes: Any, generator: np.random.Generator) -> None:
    durations = np.geomspace(2e-5, 2e-2, 13)
    found = [np.mean([(PROCESS.trace(t, generator).mean - PROCESS.mean) ** 2 for _ in range(1000)]) for t in durations]
    axes.loglog(1e3 * durations, np.sqrt(found), "o", color=style.BLUE, label="simulated")
    axes.loglog(1e3 * durations, np.sqrt(PROCESS.time_average_variance(durations)), color=style.BLACK, label="exact")
    long = np.sqrt(2 * PROCESS.variance / (PROCESS.relaxation_rate * durations[5:]))
    axes.loglog(1e3 * durations[5:], long, color=style.GREY, linestyle=":", label="long times")
    axes.set(xlabel="averaging time (ms)", ylabel="standard error of P(1)", ylim=(0.05, 0.6))
    axes.set_yticks([0.05, 0.1, 0.2, 0.4], ["0.05", "0.1", "0.2", "0.4"])
    axes.set_yticks([], minor=True)
    axes.legend()
    style.letter(axes, "d", "how well an average knows P(1)")
