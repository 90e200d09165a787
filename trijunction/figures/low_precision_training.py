"""Training in fixed point: accuracy by rounding, format, random bits and entropy source."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from trijunction.figures import _style as style

__all__ = ["RESULTS", "draw"]

#: One line a training; the benchmark writes it.
RESULTS = Path(__file__).with_suffix(".csv")

_COLOURS = {"float32": style.BLACK, "nearest": style.VERMILION, "stochastic": style.BLUE}
# The corrected scheme last, as it would be hidden by the fast one.
_SCHEMES = (("stochastic-naive", style.ORANGE), ("stochastic-fast", style.GREEN), ("stochastic", style.BLUE))

Row = dict[str, str]


def draw(path: Path) -> None:
    """A dot is a seed, a line their mean."""
    with open(RESULTS, newline="") as file:
        rows = list(csv.DictReader(file))
    with style.canvas(path, 9, 6.6) as figure:
        (curves, formats), (bits, entropy) = figure.subplots(2, 2)
        of = {name: [row for row in rows if row["experiment"] == name] for name in ("formats", "bits", "entropy")}
        _curves(curves, of["formats"])
        _formats(formats, of["formats"])
        _bits(bits, of["bits"])
        _entropy(entropy, of["entropy"])


def _name(row: Row) -> str:
    return row["rounding"] or row["format"]


def _accuracies(row: Row) -> list[float]:
    return [float(value) for value in row["accuracies"].split()]


def _grouped(rows: list[Row], key: Callable[[Row], Any]) -> dict[Any, list[float]]:
    """Final accuracies by key, in the order of the rows."""
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(_accuracies(row)[-1])
    return groups


def _level(axes: Any, rows: list[Row]) -> None:
    exact = [_accuracies(row)[-1] for row in rows if row["format"] == "float32"]
    if exact:
        axes.axhline(np.mean(exact), color=style.BLACK, linestyle="--", label="float32")


def _curves(axes: Any, rows: list[Row]) -> None:
    for name, colour in _COLOURS.items():
        chosen = [_accuracies(row) for row in rows if _name(row) == name and row["format"] in ("float32", "s[6][9]")]
        for place, curve in enumerate(chosen):
            label = name if place == 0 else None
            axes.plot(np.arange(1, len(curve) + 1), curve, color=colour, linewidth=0.8, label=label)
    axes.set(xlabel="epoch", ylabel="test accuracy, %", ylim=(55, 90))
    axes.legend()
    style.letter(axes, "a", "Fashion-MNIST, s[6][9]")


def _formats(axes: Any, rows: list[Row]) -> None:
    _level(axes, rows)
    for name in ("nearest", "stochastic"):
        chosen = [row for row in rows if row["rounding"] == name]
        # Of weights; where these have more than 10, activations and errors have 10.
        kept = [row for row in chosen if row["format"] not in ("s[3][12]", "s[1][14]")]
        _lines(axes, _grouped(kept, lambda row: int(row["format"].split("[")[2].split("]")[0])), _COLOURS[name], name)
    axes.set(xlabel="fraction bits of a weight, of 16", ylabel="test accuracy, %", xticks=range(8, 15))
    axes.legend()
    style.letter(axes, "b", "Fashion-MNIST, after 15 epochs")


def _bits(axes: Any, rows: list[Row]) -> None:
    _level(axes, rows)
    for name, colour in _SCHEMES:
        chosen = [row for row in rows if row["rounding"] == name]
        _lines(axes, _grouped(chosen, lambda row: int(row["bits"])), colour, name)
    axes.set_xscale("log", base=2)
    ticks = sorted({int(row["bits"]) for row in rows if row["bits"] != "0"})
    axes.set_xticks(ticks, ticks)
    axes.set(xlabel="random bits r", ylabel="test accuracy, %")
    axes.legend(fontsize=8)
    style.letter(axes, "c", "digits, s[7][8]")


def _lines(axes: Any, groups: dict[int, list[float]], colour: str, label: str) -> None:
    x = sorted(groups)
    axes.plot(x, [np.mean(groups[k]) for k in x], color=colour, label=label)
    for k in x:
        axes.plot([k] * len(groups[k]), groups[k], ".", color=colour)


def _entropy(axes: Any, rows: list[Row]) -> None:
    groups = _grouped([row for row in rows if row["entropy"]], lambda row: row["entropy"])
    _level(axes, rows)
    lowest = 90.5
    for place, values in enumerate(groups.values()):
        axes.plot([place] * len(values), values, ".", color=style.BLUE)
        axes.plot(place, np.mean(values), "_", color=style.BLUE, markersize=12)
        if np.mean(values) < lowest:
            axes.text(place, lowest + 0.1, f"{np.mean(values):.0f}", ha="center", color=style.BLUE)
    axes.set_xticks(range(len(groups)), list(groups), rotation=60, ha="right", fontsize=7)
    axes.set(ylabel="test accuracy, %", ylim=(lowest, 95.5))
    style.letter(axes, "d", "digits, s[7][8], 8 random bits")
