"""Fig. 4 of *Neural networks three ways*: standard error of a bitstream's mean, and levels told apart, against N."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hwpy.stochastic_computing.encoding import capacity, correlated_error, independent_error, levels
from hwpy.stochastic_computing.generator import junction_streams
from trijunction.figures import _style as style

__all__ = ["draw"]

LENGTHS = ((16, style.GREY), (64, style.BLUE), (256, style.GREEN), (1024, style.ORANGE), (16384, style.VERMILION))


def draw(path: Path) -> None:
    """Lines are closed forms, points simulated streams."""
    with style.canvas(path, 9, 6.6) as figure:
        (error, correlated), (counts, bits) = figure.subplots(2, 2)
        _error(error)
        _correlated(correlated)
        _levels(counts)
        _bits(bits)


def _error(axes: Any) -> None:
    generator = np.random.default_rng(1)
    p = np.linspace(0.002, 0.998, 250)
    for length, colour in LENGTHS:
        axes.semilogy(p, independent_error(p, length), color=colour, label=f"N = {length}")
        for q in np.linspace(0.05, 0.95, 10):
            # The number of ones of independent bits, which is all that the mean needs.
            axes.plot(q, (generator.binomial(length, q, 2000) / length).std(), "o", color=colour, markersize=3)
    for bits in (4, 6, 8):
        axes.axhline(2.0**-bits, color=style.BLACK, linewidth=0.6, linestyle=":")
        axes.text(0.5, 2.0**-bits * 1.05, f"2$^{{-{bits}}}$", fontsize=8, ha="center")
    axes.set(xlabel="mean p", ylabel="standard error", ylim=(5e-4, 0.3))
    axes.legend(fontsize=7, ncols=2, loc="lower center")
    style.letter(axes, "a", "independent bits")


def _correlated(axes: Any) -> None:
    generator = np.random.default_rng(2)
    lengths = np.unique(np.geomspace(4, 16384, 60).astype(int))
    for r, colour in ((0.0, style.BLUE), (0.5, style.GREEN), (0.9, style.ORANGE), (0.99, style.VERMILION)):
        axes.loglog(lengths, [correlated_error(0.3, int(n), r) for n in lengths], color=colour, label=f"r = {r:g}")
        for length in (16, 128, 1024):
            streams = junction_streams(np.full(1000, 0.3), length, generator, r)
            axes.plot(length, streams.mean(axis=1).std(), "o", color=colour)
    axes.loglog(lengths, 1 / np.sqrt(6) / lengths, color=style.BLACK, linestyle="--", label="low discrepancy")
    for length in (16, 128, 1024):
        # One word in each of N strata, at random within it, against values at random.
        words = (np.arange(length) + generator.random((1000, length))) / length
        values = generator.random((1000, 1))
        error = np.sqrt((((words < values).mean(axis=1, keepdims=True) - values) ** 2).mean())
        axes.plot(length, error, "s", color=style.BLACK, markersize=3)
    axes.set(xlabel="N", ylabel="standard error", ylim=(2e-5, 1))
    axes.legend(fontsize=7)
    style.letter(axes, "b", "junction sampled r-correlated, p = 0.3")


def _levels(axes: Any) -> None:
    lengths = np.geomspace(4, 65536, 60)
    axes.loglog(lengths, lengths + 1, color=style.GREY, linestyle=":", label="N + 1 values of the mean")
    for name, sigmas, spacing, colour in (
        ("1 standard error apart (paper)", 1, "even", style.BLUE),
        ("2 standard errors apart", 2, "even", style.GREEN),
        ("2 apart, arcsine spacing", 2, "arcsine", style.VERMILION),
    ):
        axes.loglog(lengths, [levels(n, sigmas, spacing) for n in lengths], color=colour, label=name)
    axes.loglog([64, 1024, 16384], [16, 64, 256], "o", color=style.BLACK, label="caption of Fig. 4")
    axes.set(xlabel="N", ylabel="levels told apart")
    axes.legend(fontsize=7)
    style.letter(axes, "c", "independent bits")


def _bits(axes: Any) -> None:
    lengths = np.geomspace(16, 65536, 40)
    axes.semilogx(lengths, np.log2(lengths + 1), color=style.GREY, linestyle=":", label="log$_2$(N + 1)")
    axes.semilogx(
        lengths, np.log2([levels(n) for n in lengths]), color=style.BLUE, label="log$_2$(2 N$^{1/2}$) (paper)"
    )
    axes.semilogx(lengths, [capacity(n) for n in lengths], color=style.VERMILION, label="information")
    axes.set(xlabel="N", ylabel="bits")
    axes.legend(fontsize=7)
    style.letter(axes, "d", "independent bits")
