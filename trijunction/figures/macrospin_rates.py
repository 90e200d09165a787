"""The macrospin against the Néel-Brown model: equilibrium, escape rate against barrier, and the attempt rate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hwpy.entropy.macrospin import Macrospin
from trijunction.figures import _style as style

__all__ = ["draw"]

DAMPING = 0.1
FIELD = 0.1


def draw(path: Path) -> None:
    """Four panels; lines are theory, points simulations with Heun's scheme (damping 0.1, B_k 0.1 T)."""
    generator = np.random.default_rng(1)
    with style.canvas(path, 8, 6.2) as figure:
        (equilibrium, rates), (ratio, current) = figure.subplots(2, 2)
        _equilibrium(equilibrium, generator)
        _rates(rates, ratio, generator)
        _current(current)


def _equilibrium(axes: Any, generator: np.random.Generator) -> None:
    spin = Macrospin(3, damping=0.5, anisotropy_field=FIELD)
    z = np.linspace(-1, 1, 400)
    for current, colour in ((0.0, style.BLUE), (0.15, style.VERMILION)):
        start = generator.standard_normal((15_000, 3))
        start /= np.linalg.norm(start, axis=1, keepdims=True)
        spins = spin.relax(start, 6000, generator, current=current)
        counts, edges = np.histogram(spins[:, 2], 40, (-1, 1), density=True)
        axes.plot((edges[1:] + edges[:-1]) / 2, counts, "o", color=colour, label=f"I = {current:g} I$_c$")
        axes.plot(z, spin.density(z, current), color=colour)
    axes.set(xlabel="m$_z$", ylabel="density", ylim=(0, None))
    axes.legend()
    style.letter(axes, "a", "equilibrium, barrier 3 kT")


def _rates(axes: Any, below: Any, generator: np.random.Generator) -> None:
    barriers = np.linspace(1, 14, 53)
    spins = [Macrospin(float(b), damping=DAMPING, anisotropy_field=FIELD) for b in barriers]
    exact = np.array([1 / spin.passage_time(-0.7) for spin in spins])
    brown = np.array([spin.brown_rates()[0] for spin in spins])
    axes.semilogy(barriers, exact, color=style.BLACK, label="exact")
    axes.semilogy(barriers, brown, color=style.VERMILION, linestyle="--", label="Brown, high barrier")
    axes.semilogy(barriers, 1e9 * np.exp(-barriers), color=style.GREY, linestyle=":", label="attempt rate 1 GHz")
    below.plot(barriers, exact / brown, color=style.BLACK)
    below.plot(barriers[12:], 1 - 1 / barriers[12:], color=style.VERMILION, linestyle="--", label="1 - kT / E$_b$")
    for barrier, count in ((2, 3000), (3, 3000), (4, 2000), (5, 1500), (6, 1000), (7, 500)):
        spin = Macrospin(barrier, damping=DAMPING, anisotropy_field=FIELD)
        times = spin.passages(count, -0.7, generator, step=0.05)
        rate, error = 1 / times.mean(), 2 / np.sqrt(count)
        label = "simulated" if barrier == 2 else None
        axes.plot(barrier, rate, "o", color=style.BLUE, label=label)
        scaled = rate / spin.brown_rates()[0]
        below.errorbar(
            barrier, scaled, scaled * error, fmt="o", color=style.BLUE, capsize=2, label=label and "simulated, 95 %"
        )
    axes.set(xlabel="barrier (kT)", ylabel="escape rate (1/s)")
    axes.legend()
    style.letter(axes, "b", "escape from one well")
    below.set(xlabel="barrier (kT)", ylabel="rate / Brown's rate", ylim=(0.6, 1.1), xlim=(0, 14.5))
    below.legend(loc="lower right")
    style.letter(below, "c", "what the high-barrier formula misses")


def _current(axes: Any) -> None:
    spin = Macrospin(12, damping=DAMPING, anisotropy_field=FIELD)
    junction = spin.junction()
    i = np.linspace(-0.3, 0.3, 61)
    exact = [1 / spin.passage_time(-0.9, float(x)) for x in i]
    linear, _ = junction.escape_rates(i * spin.critical_current)
    axes.semilogy(i, exact, color=style.BLACK, label="macrospin, exact")
    axes.semilogy(i, linear, color=style.GREEN, linestyle="--", label="equation (1), I$_c$ halved")
    axes.set(xlabel="current (I / I$_c$)", ylabel="escape rate out of P (1/s)")
    axes.legend()
    style.letter(axes, "d", "current, barrier 12 kT")
