"""Wine on binary perceptrons: accuracies in software, transferred to crossbars, and retrained on them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from hwpy.low_precision.binary_perceptron import Perceptron, initial, train
from hwpy.low_precision.crossbar import CrossbarParameters
from hwpy.low_precision.wine import ALL_DEFECTS, load, measured, on_crossbars
from trijunction.figures import _style as style

__all__ = ["draw"]

SOLUTIONS, FEWER = 300, 50
SWEEPS: dict[str, tuple[str, np.ndarray, float]] = {
    "spread of the resistance (%)": ("spread", np.array([0, 10, 20, 30, 40]), 0.01),
    "resistance of a segment ($\\Omega$)": ("line_resistance", np.array([0, 25, 50, 75, 100, 150]), 1.0),
}


def draw(path: Path) -> None:
    """300 solutions on 15 x 15 junctions with all defects, and 50 against spread and line resistance alone."""
    data, perceptron = load(), Perceptron()
    start = initial(perceptron, SOLUTIONS, np.random.default_rng(1))
    latent, weights = train(perceptron, data.train, data.train_class, start)
    software = measured(perceptron, data, weights).test
    transferred, retrained = on_crossbars(perceptron, data, latent, weights, ALL_DEFECTS, seed=15)
    few = [w[:FEWER] for w in latent], [w[:FEWER] for w in weights]
    with style.canvas(path, 11, 3.6) as figure:
        panels = figure.subplots(1, 3)
        for label, found, colour in (
            ("software", software, style.GREEN),
            ("transferred", transferred.test, style.VERMILION),
            ("retrained", retrained.test, style.BLUE),
        ):
            accuracy = 100 * np.sort(found)
            panels[0].step(accuracy, np.arange(1, SOLUTIONS + 1) / SOLUTIONS, color=colour, label=label, where="post")
        panels[0].axvline(95.3, color=style.GREY, linestyle=":", label="best of Goodwill 2022")
        panels[0].set(xlabel="accuracy (%)", ylabel="share of solutions at or below", xlim=(60, 101))
        panels[0].legend(loc="upper left")
        style.letter(panels[0], "a", "all defects, 300 solutions")
        for axes, mark, (label, (name, values, unit)) in zip(panels[1:], "bc", SWEEPS.items(), strict=True):
            pairs = [on_crossbars(perceptron, data, *few, _with(name, v * unit), seed=30) for v in values]
            for kind, colour, which in (("transferred", style.VERMILION, 0), ("retrained", style.BLUE, 1)):
                _band(axes, values, [pair[which].test for pair in pairs], colour, kind)
            axes.set(xlabel=label, ylabel="accuracy (%)", ylim=(40, 101))
            axes.legend(loc="lower left")
            style.letter(axes, mark, "one defect, 50 solutions")


def _with(name: str, value: float) -> CrossbarParameters:
    change: dict[str, Any] = {name: float(value)}
    return replace(CrossbarParameters(), **change)


def _band(axes: Any, values: np.ndarray, found: list[np.ndarray], colour: str, label: str) -> None:
    """Median, and a band from the 10 to the 90 % quantile."""
    low, middle, high = 100 * np.quantile(found, (0.1, 0.5, 0.9), axis=1)
    axes.plot(values, middle, "o-", color=colour, label=label)
    axes.fill_between(values, low, high, color=colour, alpha=0.2, linewidth=0)
