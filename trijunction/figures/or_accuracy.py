"""Accuracy of the OR-gate networks against stream length and entropy, and a neuron's error against fan-in, as measured.

The figures are those that `python -m benchmarks.or_accuracy` wrote to `RECORD`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from hwpy.stochastic_computing.inference import wilson
from trijunction.figures import _style as style

__all__ = ["RECORD", "draw"]

#: lengths; models: name to float (accuracy), images, right (source to images right, a length each); fan_ins; errors.
RECORD = Path(__file__).with_suffix(".json")

_SOURCES = {
    "LFSR-8": style.ORANGE,
    "LFSR-10": style.SKY,
    "LFSR-16": style.VERMILION,
    "LFSR-139": style.BLUE,
    "Sobol": style.GREEN,
    "SMTJ ideal": style.BLACK,
    "SMTJ 0.5 dwell": style.PURPLE,
    "SMTJ 0.1 dwell": style.GREY,
}


def draw(path: Path) -> None:
    """Bars are 95 % intervals of independent images. The sources not drawn are in the table of the document."""
    results = json.loads(RECORD.read_text())
    with style.canvas(path, 12, 4.2) as figure:
        *panels, errors = figure.subplots(1, 1 + len(results["models"]))
        for axes, letter, (name, measured) in zip(panels, "ab", results["models"].items(), strict=False):
            _accuracy(axes, results["lengths"], measured)
            style.letter(axes, letter, name)
        panels[0].legend(fontsize=7)
        for source, row in results["errors"].items():
            colour = _SOURCES.get(source, style.BLACK)
            errors.loglog(results["fan_ins"], row, "o-", color=colour, label=source)
        errors.axhline(0.5 / 1024**0.5, color=style.GREY, linestyle="--", label="independent")
        errors.set(xlabel="fan-in", ylabel="rms error of y = 1/2 over 1,024 beats")
        errors.legend(fontsize=7)
        style.letter(errors, "c", "a neuron")


def _accuracy(axes: Any, lengths: list[int], measured: dict[str, Any]) -> None:
    count = measured["images"]
    for source, right in measured["right"].items():
        colour = _SOURCES.get(source)
        if colour is None:
            continue
        mean = 100 * np.array(right) / count
        low, high = 100 * np.array([wilson(n, count) for n in right]).T
        axes.errorbar(
            lengths[: len(right)], mean, [mean - low, high - mean], fmt="o-", color=colour, markersize=3, label=source
        )
    axes.axhline(100 * measured["float"], color=style.GREY, linestyle="--", label="float")
    axes.set(xscale="log", xlabel="stream length N", ylabel="accuracy (%)", ylim=(60, 100))
