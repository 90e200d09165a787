"""How two coupled junctions correlate: with the series resistor, with the lag, and by polarity."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from hwpy.entropy.junction import JunctionParameters
from hwpy.ising.coupled_pair import CoupledPair
from trijunction.figures._style import BLUE, GREEN, GREY, VERMILION, canvas, letter

__all__ = ["draw"]

JUNCTION = JunctionParameters(barrier=10)
CURRENT = 2e-6
CASES = (
    ((-1, -1), BLUE, "-", "current favours AP in both"),
    ((1, 1), VERMILION, "--", "current favours P in both"),
    ((1, -1), GREEN, "-.", "P in the first, AP in the second"),
)


def draw(path: Path) -> None:
    """Save the picture."""
    resistances = np.geomspace(30, 1e6, 60)
    with canvas(path, height=3.9) as figure:
        strength, lag = figure.subplots(1, 2)
        letter(strength, "a", "from voltage to current source")
        letter(lag, "b", "over time, current source")
        for polarity, colour, line, name in CASES:
            found = [CoupledPair.balanced(JUNCTION, CURRENT, r, polarity).correlation() for r in resistances]
            strength.semilogx(resistances / 1e3, found, line, color=colour, label=name)
            limit = CoupledPair.balanced(JUNCTION, CURRENT, math.inf, polarity)
            strength.axhline(limit.correlation(), color=colour, lw=0.7, ls=":")
            lags = np.linspace(-3, 3, 241)
            rate = limit.generator.stationary @ limit.generator.rates[:, 0]
            lag.plot(lags, limit.cross_correlation(lags / rate), line, color=colour)
        strength.axvspan(JUNCTION.resistance_p / 2e3, JUNCTION.resistance_ap / 2e3, color=GREY, alpha=0.2, lw=0)
        strength.text(3.6, -0.74, "both\njunctions", ha="center", va="bottom", color=GREY, fontsize=8)
        strength.set_xlabel("series resistance (kilohm)")
        strength.set_ylabel("correlation of the two spins")
        lag.set_xlabel("lag of the second (switches of the first)")
        for axes in (strength, lag):
            axes.set_ylim(-0.75, 0.75)
            axes.axhline(0, color=GREY, lw=0.7)
        figure.legend(loc="outside lower center", ncols=3, fontsize=8.5)
