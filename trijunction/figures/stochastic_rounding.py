"""Fig. 5 of *Neural networks three ways*: error of rounding, and below the precision floor; a dot product of halves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hwpy.low_precision import quantize
from hwpy.low_precision.formats import parse_format, round_to_format
from hwpy.low_precision.rounding import Rounding, shift_right
from trijunction.figures import _style as style

__all__ = ["draw"]

FORMATS = (("s[3][4]", style.BLUE), ("s[3][12]", style.SKY), ("e4m3", style.VERMILION), ("bfloat16", style.ORANGE))
FLOOR = "s[3][4]"
LSB = 2.0**-4


def draw(path: Path) -> None:
    """Lines are exact or closed forms; points and thin lines are simulated."""
    with style.canvas(path, 9, 6.6) as figure:
        (error, mean), (bias, halves) = figure.subplots(2, 2)
        _error(error)
        _mean(mean)
        _bias(bias)
        _halves(halves)


def _error(axes: Any) -> None:
    x = np.geomspace(1e-6, 1e3, 108_000)
    for name, colour in FORMATS:
        relative = np.abs(quantize(x, name) - x) / x
        # The largest in each of 360 bins: the error itself swings to zero at each number of the format.
        axes.loglog(x.reshape(360, -1)[:, 150], relative.reshape(360, -1).max(axis=1), color=colour, label=name)
    axes.set(xlabel="x", ylabel="largest relative error", ylim=(1e-5, 3))
    axes.legend(fontsize=7, ncols=2, loc="lower left")
    style.letter(axes, "a", "to nearest")


def _mean(axes: Any) -> None:
    x = np.geomspace(2e-3, 1, 400) * LSB
    points = np.geomspace(2e-3, 0.9, 12) * LSB
    axes.loglog(x / LSB, np.abs(quantize(x, FLOOR) - x) / x, color=style.BLACK, label="to nearest")
    for count, colour in ((1, style.GREY), (16, style.BLUE), (256, style.GREEN), (4096, style.VERMILION)):
        # Of one rounding the variance is f (1 - f) units squared, with f = x / LSB.
        axes.loglog(x / LSB, np.sqrt((LSB - x) / (x * count)), color=colour, label=f"mean of {count}")
        runs = max(200, 100_000 // count)
        rounded = quantize(np.broadcast_to(points, (runs, count, 12)), FLOOR, "stochastic", 16, seed=count)
        means = rounded.mean(axis=1)
        axes.loglog(points / LSB, np.sqrt(((means - points) ** 2).mean(axis=0)) / points, "o", color=colour)
    axes.set(xlabel="x in units of the last place", ylabel="relative error", ylim=(5e-3, 50))
    axes.legend(fontsize=7)
    style.letter(axes, "b", f"below the floor of {FLOOR}, stochastic")


def _bias(axes: Any) -> None:
    x = np.geomspace(1e-3, 1, 500) * LSB
    form = parse_format(FLOOR)
    for bits, colour in ((2, style.BLUE), (4, style.GREEN), (8, style.VERMILION)):
        words = np.broadcast_to(np.arange(1 << bits)[:, None], (1 << bits, len(x)))
        for mode, line in (("stochastic", "-"), ("stochastic-naive", ":")):
            mean = round_to_format(np.broadcast_to(x, words.shape), form, Rounding(mode, bits), words).mean(axis=0)
            label = f"{bits} random bits" + (", naive" if line == ":" else "")
            axes.semilogx(x / LSB, 100 * (mean - x) / x, line, color=colour, label=label)
    axes.set(xlabel="x in units of the last place", ylabel="mean's relative error in %", ylim=(-110, 190))
    axes.legend(fontsize=7, ncols=2, loc="upper center")
    style.letter(axes, "c", "mean over all random words")


def _halves(axes: Any) -> None:
    terms = np.arange(1, 4097)
    product = np.ones(4096, dtype=np.int64)  # 1/2 times 1/2, with two fraction bits, which are dropped.
    total = np.cumsum(shift_right(product, 2, Rounding("nearest")))
    axes.semilogx(terms, total / terms, color=style.BLACK, label="to nearest, zero, floor")
    axes.semilogx(terms, np.ones(4096), "--", color=style.GREY, label="upwards")
    generator = np.random.default_rng(5)
    for run in range(8):
        words = generator.integers(0, 4, 4096)
        total = np.cumsum(shift_right(product, 2, Rounding("stochastic", 2), words))
        axes.semilogx(
            terms, total / terms, color=style.BLUE, linewidth=0.6, label=None if run else "stochastic, 8 runs"
        )
    band = np.sqrt(3 / 16 / terms)
    axes.fill_between(
        terms, 0.25 - band, 0.25 + band, color=style.SKY, alpha=0.4, label="1/4 $\\pm$ (3 / 16 N)$^{1/2}$"
    )
    axes.set(xlabel="N", ylabel="dot product / N", ylim=(-0.25, 1.05))
    axes.legend(fontsize=7, bbox_to_anchor=(1, 0.9), loc="upper right")
    style.letter(axes, "d", "N products 1/2 x 1/2, rounded to integers")
