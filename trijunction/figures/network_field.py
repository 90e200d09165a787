"""A ring of junctions off its balance current: the field takes over from the couplings."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hwpy.ising.junction_departure import Departure, ring
from hwpy.ising.junction_expansion import LeadingOrder
from trijunction.figures._style import BLUE, GREY, VERMILION, canvas, letter

__all__ = ["draw"]

RATIO = 0.05


def draw(path: Path) -> None:
    """Save the picture."""
    biases = np.linspace(-0.4, 0.4, 41)
    means, pairs = [], []
    for bias in biases:
        departure = Departure(ring(RATIO, 6, bias=bias))
        mean, products = departure.generator.moments()
        means.append(mean[0])
        pairs.append(products[0, 1] - mean[0] ** 2)
    finer = np.linspace(-0.4, 0.4, 401)
    leading = [LeadingOrder(ring(RATIO, 6, bias=bias)) for bias in finer]
    h, k = np.array([[one.field[0], one.coupling[0, 1]] for one in leading]).T
    with canvas(path, height=3.7) as figure:
        spin, share = figure.subplots(1, 2)
        letter(spin, "a", "what a junction does")
        spin.plot(100 * biases, means, color=BLUE, label="mean spin in the ring")
        spin.plot(100 * finer, np.tanh(h), "--", color=GREY, label="a junction alone")
        spin.plot(100 * biases, pairs, "-.", color=VERMILION, label="covariance of neighbours")
        spin.legend(loc="upper right", fontsize=8.5)
        spin.set_ylabel("spin")
        letter(share, "b", "what the energy is made of")
        share.plot(100 * finer, h**2 / (h**2 + k**2), color=BLUE)
        share.set_ylabel("field's share of the energy's variance")
        share.set_ylim(0, 1.02)
        for axes in (spin, share):
            axes.set_xlabel("source off the balance current (%)")
