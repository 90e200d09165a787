"""Fig. 1 of the paper: two states, the wells without and with a voltage, and the telegraph noise of a junction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hwpy.entropy.analog import analog
from hwpy.entropy.digitise import digitise
from hwpy.entropy.junction import JunctionParameters
from hwpy.entropy.telegraph import Telegraph
from trijunction.figures import _style as style

__all__ = ["draw"]

JUNCTION = JunctionParameters(barrier=12, critical_current=5e-6, balance_current=3e-7)
READ_CURRENT = 5e-7


def draw(path: Path) -> None:
    """Four panels, as in the paper; the wells are the macrospin's energy and the trace has the rates of `JUNCTION`."""
    with style.canvas(path, 8, 5.2) as figure:
        top, bottom = figure.subfigures(2, 1, height_ratios=(1, 1))
        device, free, driven = top.subplots(1, 3, width_ratios=(0.9, 1, 1))
        _device(device)
        _well(free, 0.0, "b", "no current")
        _well(driven, 0.15, "c", "a current that favours P")
        _telegraph(bottom.subplots(1, 1))


def _device(axes: Any) -> None:
    from matplotlib.patches import FancyBboxPatch

    style.letter(axes, "a", "P and AP")
    axes.set(xlim=(0, 6), ylim=(0, 4.6))
    axes.axis("off")
    for x, name, sign in ((0.3, "P", 1), (3.3, "AP", -1)):
        for y, height, colour, label, direction in (
            (0.6, 1.1, style.SKY, "fixed", 1),
            (1.7, 0.4, style.GREY, "", 0),
            (2.1, 1.1, style.ORANGE, "free", sign),
        ):
            box = FancyBboxPatch((x, y), 2.4, height, boxstyle="square,pad=0", facecolor=colour, edgecolor="white")
            axes.add_patch(box)
            if direction:
                start, end = (x + 1.2 - 0.55 * direction, y + 0.72), (x + 1.2 + 0.55 * direction, y + 0.72)
                axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "lw": 2, "color": style.BLACK})
                axes.text(x + 1.2, y + 0.26, label, ha="center", va="center", fontsize=8)
        axes.text(x + 1.2, 3.75, f"{name}, bit {int(sign < 0)}", ha="center", va="center")
        axes.text(x + 1.2, 0.2, f"{'low' if sign > 0 else 'high'} resistance", ha="center", va="center", fontsize=8)


def _well(axes: Any, tilt: float, letter: str, title: str) -> None:
    z = np.linspace(-1.15, 1.15, 400)
    # Seen from the side as a double well: energy against the angle, with the wells' walls mirrored beyond the poles.
    angle = np.pi * (1 - z) / 2
    energy = JUNCTION.barrier * (np.sin(angle) ** 2 - 2 * tilt * np.cos(angle))
    axes.plot(z, energy, color=style.BLUE)
    states = np.array([1.0, -1.0])
    axes.plot(states, JUNCTION.barrier * -2 * tilt * states, "o", color=style.VERMILION, markersize=8)
    axes.set(xticks=[1, -1], xticklabels=["P", "AP"], ylabel="energy / kT", ylim=(-6, 16))
    axes.invert_xaxis()
    style.letter(axes, letter, title)


def _telegraph(axes: Any) -> None:
    generator = np.random.default_rng(1)
    process = Telegraph(*(float(rate) for rate in JUNCTION.escape_rates(READ_CURRENT)))
    trace = process.trace(4e-3, generator)
    low, high = (1e3 * READ_CURRENT * r for r in (JUNCTION.resistance_p, JUNCTION.resistance_ap))
    times, voltage = analog(trace, 1e6, generator, low=low, high=high, noise=0.25, bandwidth=1e5)
    states = digitise(voltage).states
    axes.plot(1e3 * times, voltage, color=style.GREY, linewidth=0.6, label="voltage")
    axes.step(1e3 * times, np.where(states, high, low), where="post", color=style.VERMILION, label="digitised")
    axes.set(xlabel="time (ms)", ylabel="voltage (mV)", xlim=(0, 4), ylim=(low - 1, high + 2))
    axes.legend(loc="upper right", ncols=2)
    style.letter(axes, "d", "telegraph noise, and its states after a comparator with hysteresis")
