"""Read-out by a pre-charge sense amplifier: errors, metastability, and the bias that a read current leaves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from hwpy.entropy.junction import JunctionParameters
from hwpy.entropy.readout import SenseAmplifier, sampled
from trijunction.figures import _style as style

__all__ = ["draw"]

JUNCTION = JunctionParameters(barrier=8)
AMPLIFIER = SenseAmplifier()


def draw(path: Path) -> None:
    """Four panels; lines are closed forms, points Monte Carlo."""
    with style.canvas(path, 8, 6) as figure:
        (offset, resolve), (disturb, rate) = figure.subplots(2, 2)
        _offset(offset)
        _resolve(resolve)
        _disturb(disturb)
        _rate(rate)


def _offset(axes: Any) -> None:
    generator = np.random.default_rng(1)
    poor = replace(AMPLIFIER, noise=0.03)
    offsets = np.linspace(-0.3, 0.3, 121)
    for state, (name, colour) in enumerate((("P", style.BLUE), ("AP", style.VERMILION))):
        errors = [poor.errors(JUNCTION, float(x))[state] for x in offsets]
        axes.plot(1e3 * offsets, errors, color=colour, label=f"in {name}")
        for x in offsets[::10]:
            bits = poor.read(np.full(2000, state), JUNCTION, generator, float(x))
            axes.plot(1e3 * x, (bits != state).mean(), "o", color=colour)
    axes.set(xlabel="amplifier's offset (mV)", ylabel="P(read error)")
    axes.legend(loc="center right")
    style.letter(axes, "a", "noise 30 mV")


def _resolve(axes: Any) -> None:
    times = np.linspace(20e-12, 400e-12, 60)
    for tmr, colour in ((1.0, style.BLUE), (0.5, style.GREEN), (0.2, style.VERMILION)):
        junction = replace(JUNCTION, resistance_ap=5e3 * (1 + tmr))
        reference = 5e3 * np.sqrt(1 + tmr)
        amplifiers = [replace(AMPLIFIER, resolve_time=float(t), reference=reference) for t in times]
        errors = [sum(amplifier.errors(junction)) / 2 for amplifier in amplifiers]
        axes.semilogy(1e12 * times, errors, color=colour, label=f"R$_{{AP}}$ / R$_P$ = {1 + tmr:g}")
    axes.set(xlabel="time to resolve (ps)", ylabel="P(read error)", ylim=(1e-12, 1))
    axes.legend()
    style.letter(axes, "b", "over amplifiers of 20 mV offset")


def _disturb(axes: Any) -> None:
    dwell = float(JUNCTION.dwell_times()[0])
    currents = np.linspace(-1.5e-6, 1.5e-6, 61)
    for share, colour in ((0.02, style.BLUE), (0.1, style.GREEN), (0.5, style.VERMILION)):
        bias = [sampled(JUNCTION, dwell, share * dwell, float(c), latency=share * dwell)[0] for c in currents]
        axes.plot(1e6 * currents, bias, color=colour, label=f"{share:g} of the period")
    axes.plot(1e6 * currents, JUNCTION.probability_of_1(currents), color=style.GREY, linestyle=":", label="always")
    axes.set(xlabel="read current (µA)", ylabel="P(bit is 1)", ylim=(0, 1))
    axes.legend(fontsize=8)
    style.letter(axes, "c", "read disturb, a read each mean dwell time")


def _rate(axes: Any) -> None:
    dwell = float(JUNCTION.dwell_times()[0])
    periods = np.geomspace(0.01, 10, 61) * dwell
    for current, colour in ((0.0, style.BLUE), (1e-6, style.VERMILION)):
        found = [sampled(JUNCTION, float(p), 0.01 * dwell, current, latency=0.0)[1] for p in periods]
        axes.semilogx(periods / dwell, found, color=colour, label=f"{1e6 * current:g} µA for 0.01 dwell")
    axes.set(xlabel="read period (mean dwell times)", ylabel="correlation of successive bits")
    axes.legend()
    style.letter(axes, "d", "sampling too often repeats bits")
