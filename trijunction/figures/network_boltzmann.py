"""How the stationary state of a ring of junctions tends to the Boltzmann law as the resistors get weak."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hwpy.ising.junction_departure import Departure, ring
from hwpy.ising.junction_generator import total_variation
from trijunction.figures._style import BLUE, GREY, VERMILION, canvas, letter

__all__ = ["draw"]


def draw(path: Path) -> None:
    """Save the picture."""
    with canvas(path, height=3.9) as figure:
        panels = figure.subplots(1, 2, sharey=True)
        letter(panels[0], "a", "barrier kept at 10 kT")
        letter(panels[1], "b", "nearest coupling kept at 0.4")
        for axes, coupling, least, order in zip(panels, (None, 0.4), (1e-3, 6e-3), (2, 1), strict=True):
            ratios = np.geomspace(least, 1, 22)
            exact, halved, unlike = [], [], []
            for x in ratios:
                d = Departure(ring(x, 6, coupling=coupling))
                p, law, energy = d.generator.stationary, d.leading.boltzmann(), d.leading.energy(d.spins)
                weights = np.exp(-energy / 2)
                exact.append(total_variation(p, law))
                halved.append(total_variation(p, weights / weights.sum()))
                unlike.append(total_variation(p, np.full(len(p), 1 / len(p))))
            axes.loglog(ratios, unlike, ":", color=GREY, label="from equal probabilities")
            axes.loglog(
                ratios, halved, "s--", mfc="none", color=VERMILION, label="from equation 13, pairs once with its 1/2"
            )
            axes.loglog(ratios, exact, "o-", color=BLUE, label="from equation 13, pairs twice")
            axes.loglog(ratios[:6], 0.5 * exact[0] * (ratios[:6] / ratios[0]) ** order, color=GREY, lw=0.8)
            axes.text(ratios[4], 0.25 * exact[0] * (ratios[4] / ratios[0]) ** order, f"slope {order}", color=GREY)
            axes.set_xlabel("g / G")
        panels[0].set_ylabel("total variation distance")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=8.5)
