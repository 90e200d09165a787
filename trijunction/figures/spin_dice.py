"""Spin dice: switching probability of a write pulse against current and width, the current for a half, the energy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hwpy.entropy.fokker_planck import switching_probability
from hwpy.entropy.macrospin import Macrospin
from hwpy.entropy.spin_dice import SpinDice, current_for, drive_probability, sensitivity, thermal_probability
from trijunction.figures import _style as style

__all__ = ["draw"]

SPIN = Macrospin(barrier=60, damping=0.02, anisotropy_field=0.3)
COLOURS = (style.BLUE, style.GREEN, style.ORANGE, style.VERMILION)


def draw(path: Path) -> None:
    """Four panels, for a barrier of 60 kT, damping 0.02, B_k 0.3 T; points are simulations with Heun's scheme."""
    widths = np.geomspace(1e-9, 100e-9, 9)
    currents = np.array([current_for(SPIN, 0.5, float(width)) for width in widths])
    with style.canvas(path, 8, 6.2) as figure:
        (probability, half), (slope, energy) = figure.subplots(2, 2)
        _probability(probability)
        _half(half, widths, currents)
        _slope(slope, widths, currents)
        _energy(energy, widths, currents)


def _start(count: int, generator: np.random.Generator) -> np.ndarray:
    """Spins in equilibrium about P: for a barrier of 60, Gaussian angles to a part in 100."""
    angles = generator.standard_normal((count, 2)) / np.sqrt(2 * SPIN.barrier)
    theta = np.hypot(angles[:, 0], angles[:, 1])
    phi = np.arctan2(angles[:, 1], angles[:, 0])
    return np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], axis=1)


def _probability(axes: Any) -> None:
    generator = np.random.default_rng(1)
    i = np.linspace(0.6, 4, 69)
    for width, colour in zip((1e-9, 3e-9, 10e-9, 100e-9), COLOURS, strict=True):
        exact = [switching_probability(SPIN, -float(x), width)[0] for x in i]
        axes.plot(i, exact, color=colour, label=f"{1e9 * width:g} ns")
        closed = [x for x in i if x > 1 + 4 / np.sqrt(SPIN.barrier)]
        drive = [drive_probability(SPIN, x * SPIN.critical_current, width) for x in closed]
        axes.plot(closed, drive, color=style.BLACK, linestyle=":", label="drive form" if width == 1e-9 else None)
        if width < 50e-9:
            for x in np.interp((0.2, 0.5, 0.8), exact, i):
                steps = round(width / SPIN.time_unit / 0.05)
                spins = SPIN.relax(_start(400, generator), steps, generator, step=0.05, current=-float(x))
                axes.plot(x, (spins[:, 2] < 0).mean(), "o", color=colour)
    low = i[i < 0.85]
    thermal = [thermal_probability(SPIN, float(x) * SPIN.critical_current, 100e-9) for x in low]
    axes.plot(low, thermal, color=style.BLACK, linestyle="--", label="thermal form")
    axes.set(xlabel="current (I / I$_c$)", ylabel="P(switch)")
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(0.42, 0.93))
    style.letter(axes, "a", "one write pulse")


def _half(axes: Any, widths: np.ndarray, currents: np.ndarray) -> None:
    axes.semilogx(1e9 * widths, currents / SPIN.critical_current, "o-", color=style.BLUE)
    axes.axhline(1, color=style.GREY, linestyle=":")
    axes.set(xlabel="pulse width (ns)", ylabel="current for P = 0.5 (I / I$_c$)", ylim=(0, None))
    style.letter(axes, "b", "what makes a fair die")


def _slope(axes: Any, widths: np.ndarray, currents: np.ndarray) -> None:
    slopes = [sensitivity(SPIN, c, float(width)) * c / 100 for c, width in zip(currents, widths, strict=True)]
    axes.semilogx(1e9 * widths, slopes, "o-", color=style.PURPLE)
    axes.set(xlabel="pulse width (ns)", ylabel="change of P for 1 % of current", ylim=(0, None))
    style.letter(axes, "c", "how well the current must hold")


def _energy(axes: Any, widths: np.ndarray, currents: np.ndarray) -> None:
    reset = current_for(SPIN, 0.999, 10e-9)
    dice = [
        SpinDice(SPIN, float(width), float(c), 10e-9, reset, 2e-9) for c, width in zip(currents, widths, strict=True)
    ]
    axes.loglog(1e9 * widths, [1e12 * d.energy for d in dice], "o-", color=style.VERMILION, label="write and reset")
    write = [1e12 * d.write_current**2 * d.resistance_p * d.write_width for d in dice]
    axes.loglog(1e9 * widths, write, "s--", color=style.BLUE, label="write alone")
    axes.set(xlabel="pulse width (ns)", ylabel="energy (pJ/bit)", ylim=(0.1, 3))
    axes.set_yticks([0.1, 0.2, 0.5, 1, 2], ["0.1", "0.2", "0.5", "1", "2"])
    axes.set_yticks([], minor=True)
    axes.legend()
    style.letter(axes, "d", "in the junction; reset 10 ns, P = 0.999")
