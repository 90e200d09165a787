"""Stochastic resonance: a junction's answer to a weak alternating current is largest at a temperature in between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hwpy.entropy.junction import JunctionParameters
from hwpy.entropy.resonance import DrivenJunction, first_harmonic, locking
from trijunction.figures import _style as style

__all__ = ["draw"]

DRIVEN = DrivenJunction(JunctionParameters(barrier=12), amplitude=2.5e-7, frequency=2e3)


def draw(path: Path) -> None:
    """Three panels: traces at three temperatures, the response, and switches a half period."""
    with style.canvas(path, 8, 6.4) as figure:
        panels = figure.subplot_mosaic([["traces", "traces"], ["response", "locking"]])
        _traces(panels["traces"])
        _response(panels["response"])
        _locking(panels["locking"])


def _traces(axes: Any) -> None:
    best = DRIVEN.best_temperature()
    periods = 16
    time = np.linspace(0, periods / DRIVEN.frequency, 2000)
    cases = (
        (0.82 * best, style.BLUE, "too cold"),
        (best, style.GREEN, "best"),
        (1.3 * best, style.VERMILION, "too hot"),
    )
    for row, (temperature, colour, name) in enumerate(cases):
        trace = DRIVEN.trace(temperature, periods, np.random.default_rng(4))
        base = -1.6 * row
        axes.plot(1e3 * time, base + 0.5 + 0.5 * np.cos(2 * np.pi * DRIVEN.frequency * time), color=style.GREY, lw=0.8)
        axes.step(1e3 * time, base + 1 - trace.states(time), where="post", color=colour, lw=1.0)
        axes.text(1e3 * time[-1] * 1.01, base + 0.5, f"{name}\n{temperature:.0f} K", color=colour, va="center")
    axes.set(xlabel="time (ms)", yticks=[], xlim=(0, 1e3 * time[-1]))
    axes.spines["left"].set_visible(False)
    style.letter(axes, "a", "P (up) and AP (down) under the drive (grey)")


def _response(axes: Any) -> None:
    kelvin = np.linspace(220, 700, 97)
    generator = np.random.default_rng(5)
    for amplitude, colour in ((2.5e-7, style.VERMILION), (2.5e-8, style.BLUE)):
        driven = DrivenJunction(DRIVEN.junction, amplitude, DRIVEN.frequency)
        label = f"{1e6 * amplitude:g} µA"
        axes.plot(kelvin, [abs(driven.response(t, 512)) / amplitude * 1e-6 for t in kelvin], color=colour, label=label)
        if amplitude > 1e-7:
            points = np.linspace(240, 520, 8)
            found = [abs(first_harmonic(driven.trace(t, 4000, generator), driven.frequency)) for t in points]
            axes.plot(points, np.array(found) / amplitude * 1e-6, "o", color=colour)
    weak = [abs(DRIVEN.weak_response(t)) / DRIVEN.amplitude * 1e-6 for t in kelvin]
    axes.plot(kelvin, weak, color=style.BLACK, linestyle=":", label="weak, closed form")
    axes.axvline(DRIVEN.best_temperature(), color=style.GREY, lw=0.8)
    axes.set(xlabel="temperature (K)", ylabel="response (first harmonic / µA)", ylim=(0, None))
    axes.legend()
    style.letter(axes, "b", "response; points simulated")


def _locking(axes: Any) -> None:
    generator = np.random.default_rng(6)
    kelvin = np.linspace(260, 380, 25)
    for amplitude, colour, marker in ((2.5e-7, style.VERMILION, "o"), (2e-6, style.PURPLE, "s")):
        driven = DrivenJunction(DRIVEN.junction, amplitude, DRIVEN.frequency)
        found = [locking(driven.trace(t, 400, generator), driven.frequency) for t in kelvin]
        axes.semilogy(kelvin, found, marker, color=colour, label=f"{1e6 * amplitude:g} µA")
    axes.axhline(1, color=style.GREY, lw=0.8)
    axes.set(xlabel="temperature (K)", ylabel="switches a half period")
    axes.legend()
    style.letter(axes, "c", "a strong drive locks: a plateau at 1")
