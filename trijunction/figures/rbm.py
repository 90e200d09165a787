"""A restricted Boltzmann machine on the digits: accuracy by format and rounding, what it has learnt, what it draws."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from hwpy.entropy.smtj_bank import SmtjBankParameters
from hwpy.ising.rbm_fast import FastRbm
from hwpy.ising.rbm_measures import labelled_digits
from hwpy.ising.rbm_parameters import RbmParameters
from hwpy.ising.rbm_words import BankWords
from trijunction.figures import _style as style

__all__ = ["CHECKPOINTS", "RESULTS", "draw", "junctions", "learnt", "rate_of"]

#: One line a training; the benchmark writes it.
RESULTS = Path(__file__).with_suffix(".csv")
#: Epochs after which it is measured.
CHECKPOINTS = (1, 2, 4, 8, 15, 30, 40, 50, 60)
_FIRST_RATE, _LAST_RATE = -5, -9


def rate_of(epoch: int) -> int:
    """The learning rate's exponent in an epoch, from 1 on: 2^-5 for the first half, then halved to 2^-9."""
    half = CHECKPOINTS[-1] / 2
    return _FIRST_RATE - max(0, math.ceil((epoch - half) / half * (_FIRST_RATE - _LAST_RATE)))


def junctions(ratio: float) -> list[tuple[float, float]]:
    """Of 16 fair junctions: probabilities to change between samples that are ``ratio`` mean dwell times apart."""
    return [(-math.expm1(-2 * ratio) / 2,) * 2] * 16


def learnt() -> FastRbm:
    """The machine of 32 hidden units in s[2][5] that has learnt the digits on a bank of junctions."""
    images, _ = labelled_digits("train")
    p, order = RbmParameters(images.shape[1], 32), np.random.default_rng(1)
    machine = FastRbm(p, BankWords(SmtjBankParameters(p.entropy_width), junctions(1)))
    for epoch in range(1, CHECKPOINTS[-1] + 1):
        machine.train(images[order.permutation(len(images))], rate_of(epoch) + p.rate_fraction)
    return machine


def draw(path: Path) -> None:
    """Curves are means of seeds, bars their standard deviation."""
    machine = learnt()
    with style.canvas(path, 9, 5.6) as figure:
        top, bottom = figure.subfigures(2, 1, height_ratios=(1.1, 1))
        accuracy, likelihood = top.subplots(1, 2)
        with open(RESULTS, newline="") as file:
            rows = list(csv.DictReader(file))
        _curves(accuracy, [row for row in rows if row["experiment"] == "formats"], "accuracies")
        accuracy.set(ylabel="held-out digits right, %", ylim=(60, 95))
        style.letter(accuracy, "a", "32 hidden units")
        _curves(likelihood, [row for row in rows if row["experiment"] == "likelihood"], "likelihoods")
        likelihood.set(ylabel="log P of the held-out digits, nats", ylim=(-37, None))
        style.letter(likelihood, "b", "16 hidden units, exact")
        accuracy.legend(fontsize=7, loc="lower right", ncols=2)
        likelihood.legend(fontsize=7, loc="lower right", ncols=2)
        fields, digits = bottom.subplots(1, 2)
        p = machine.parameters
        weights = p.weight.from_raw(machine.weights)[:64, :32]
        _tiles(fields, weights.T.reshape(4, 8, 8, 8), 3, "RdBu_r")
        style.letter(fields, "c", "weights of the 32 hidden units, -3 to 3")
        _tiles(digits, 1.4 * _drawn(machine) - 0.7, 1, "Greys")
        style.letter(digits, "d", "pixels drawn with a label held, 0 to 9")


def _curves(axes: Any, rows: list[dict[str, str]], measure: str) -> None:
    colours = {"float64": style.BLACK, "s[2][5]": style.BLUE, "s[2][3]": style.GREEN}
    colours |= {"s[2][2]": style.ORANGE, "s[2][1]": style.VERMILION}
    groups = defaultdict(list)
    for row in rows:
        groups[row["format"], row["rounding"]].append([float(value) for value in row[measure].split()])
    for (form, rounding), values in groups.items():
        line = "--" if rounding == "nearest" else "-"
        label = f"{form} {rounding}".strip()
        axes.errorbar(
            CHECKPOINTS, np.mean(values, 0), np.std(values, 0, ddof=1), color=colours[form], ls=line, label=label
        )
    axes.set(xlabel="epochs", xscale="log")
    ticks = CHECKPOINTS[:-1:2] + CHECKPOINTS[-1:]
    axes.set_xticks(ticks, labels=map(str, ticks), minor=False)
    axes.minorticks_off()


def _drawn(machine: FastRbm) -> np.ndarray:
    """Ten digits in ten rows of pixels 0 and 1, (4, 10, 8, 8): each column is one label's."""
    labels = np.concatenate([np.zeros((40, 64)), np.tile(np.eye(10), (4, 1))], axis=1)
    return machine.sample(labels, 200, 64, others=True)[:, :64].reshape(4, 10, 8, 8)


def _tiles(axes: Any, tiles: np.ndarray, largest: float, colours: str) -> None:
    """Pictures (rows, columns, height, width) side by side with a line between."""
    rows, columns, height, width = tiles.shape
    canvas = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1), np.nan)
    for r in range(rows):
        for c in range(columns):
            canvas[r * (height + 1) :, c * (width + 1) :][:height, :width] = tiles[r, c]
    axes.imshow(canvas, cmap=colours, vmin=-largest, vmax=largest, interpolation="nearest")
    axes.set_axis_off()
