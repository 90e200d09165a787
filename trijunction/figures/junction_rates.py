"""What current, temperature and field do to a junction's dwell times, and how a population of junctions spreads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hwpy.entropy.junction import JunctionParameters
from hwpy.entropy.variation import OrnsteinUhlenbeck, Variation, drifting
from trijunction.figures import _style as style

__all__ = ["draw"]

JUNCTION = JunctionParameters(barrier=12)


def draw(path: Path) -> None:
    """Six panels from the closed forms, but the spread and the drift, which are drawn at random."""
    with style.canvas(path, 8, 6) as figure:
        (current, temperature, field), (bias, spread, drift) = figure.subplots(2, 3)
        _dwells(current, "current", np.linspace(-1.5e-6, 1.5e-6, 61), 1e6, "current (µA)", "a")
        _dwells(temperature, "temperature", np.linspace(250, 400, 61), 1, "temperature (K)", "b")
        _dwells(field, "field", np.linspace(-0.015, 0.015, 61), 1e3, "field (mT)", "c")
        _bias(bias)
        _spread(spread)
        _drift(drift)


def _dwells(axes: Any, name: str, values: Any, scale: float, label: str, letter: str) -> None:
    for state, dwell in enumerate(JUNCTION.dwell_times(**{name: values})):
        style_of_line = {"color": (style.BLUE, style.VERMILION)[state], "linestyle": ("-", "--")[state]}
        axes.semilogy(scale * values, 1e3 * dwell, label=("P", "AP")[state], **style_of_line)
    axes.set(xlabel=label, ylabel="mean dwell time (ms)")
    axes.legend(loc="upper right" if name == "temperature" else "upper center", ncols=2)
    if name != "temperature":
        axes.set_ylim(top=3e3 * float(np.max(JUNCTION.dwell_times(**{name: values}))))
    style.letter(axes, letter, f"dwell times and {name}")


def _bias(axes: Any) -> None:
    values = np.linspace(-1.5e-6, 1.5e-6, 121)
    for kelvin, colour in ((250, style.BLUE), (300, style.GREEN), (400, style.VERMILION)):
        axes.plot(1e6 * values, JUNCTION.probability_of_1(values, kelvin), color=colour, label=f"{kelvin} K")
    axes.set(xlabel="current (µA)", ylabel="P(AP)", ylim=(0, 1))
    axes.legend()
    style.letter(axes, "d", "bias")


def _spread(axes: Any) -> None:
    variation = Variation(JUNCTION, barrier=1.0)
    devices = variation.draw(4000, np.random.default_rng(1))
    logs = np.log10([1e3 * float(device.dwell_times()[0]) for device in devices])
    axes.hist(logs, 40, density=True, color=style.SKY, label="4000 devices")
    mean, deviation = (value / np.log(10) for value in variation.log_dwell(0))
    mean += 3
    grid = np.linspace(logs.min(), logs.max(), 200)
    density = np.exp(-(((grid - mean) / deviation) ** 2) / 2) / (deviation * np.sqrt(2 * np.pi))
    axes.plot(grid, density, color=style.BLACK, label="lognormal")
    axes.set(xlabel="log10 of dwell time (ms)", ylabel="density", ylim=(0, 1.4))
    axes.legend(loc="upper right", fontsize=8)
    style.letter(axes, "e", "1 kT of spread")


def _drift(axes: Any) -> None:
    walk = drifting(JUNCTION, OrnsteinUhlenbeck(1e-7, 60), 600, 1.0, np.random.default_rng(2))
    axes.plot([float(device.probability_of_1()) for device in walk], color=style.PURPLE)
    axes.axhline(0.5, color=style.GREY, linestyle=":")
    axes.set(xlabel="time (s)", ylabel="P(AP)", ylim=(0, 1))
    style.letter(axes, "f", "0.1 µA of drift")
