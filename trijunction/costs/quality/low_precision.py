"""Low precision: the error of long dot products whose every step is rounded, and training's accuracy from the record.

The dot products are the covariances of pixels of 1,024 digits, by the MAC that the report builds: many small products,
of which rounding to nearest loses the most. The work of a source is in rounded MACs: noise falls as the root of the
number of repetitions that are averaged, so ``(error / target)^2`` of them are as good; drift is charged as if it were
noise, in its favour.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hwpy.low_precision.entropy import JunctionWords, LfsrWords, WordSource, XoshiroWords
from hwpy.low_precision.fast import mac_matmul
from hwpy.low_precision.mac import MacParameters
from trijunction.costs.quality import RECORD
from trijunction.costs.quality.source import Band, Estimate, Source, student

__all__ = ["FIGURE", "KNOB", "QUALITY", "built", "curve", "nearest", "training", "work"]

KNOB, FIGURE = ("random bits r of a rounding", "bit"), ("RMS error of a dot product", "units of the last place")
BITS = (1, 2, 3, 4, 5, 6)
BUILT = 6
QUALITY = f"the RMS error of 1,024-term dot products that independent bits have at r = {BUILT}"
#: Columns side by side: of a register's word all the built units, else as many as run fast.
SHARING, LANES = 8, 64
TERMS, REGISTER, SEEDS = 1024, 31, 8


@cache
def _factors() -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Pixels less their mean, raw in s[0][7], (terms, pixels); and their exact products in units of the last place."""
    from sklearn.datasets import load_digits

    pixels = load_digits().data[:TERMS] / 16
    raw = np.round(128 * (pixels - pixels.mean(axis=0))).astype(np.int64)
    # Pixels that are always white have no covariance.
    raw = raw[:, raw.std(axis=0) > 1]
    return raw, (raw.T @ raw) / 2.0**6


def _words(source: Source, bits: int, seed: int) -> WordSource:
    """A register for all units as built; other units have words of their own, which changes no sum's error."""
    if source.name == "lfsr":
        return LfsrWords(SHARING, bits, REGISTER, seed, shared=True)
    if source.name == "xoshiro":
        return XoshiroWords(LANES, bits, seed)
    return JunctionWords(LANES, bits, source.chain, seed)


def error(rounding: str, words: WordSource | None) -> float:
    """Root-mean-square error of all covariances of two pixels, in units of the last place."""
    raw, exact = _factors()
    mac = MacParameters.parse(rounding=rounding, random_bits=0 if words is None else words.bits, eager=True)
    wrong = mac_matmul(mac, raw.T, raw, words) - exact
    # Variances leave the format's range.
    return float(np.sqrt((wrong[~np.eye(len(wrong), dtype=bool)] ** 2).mean()))


@cache
def _errors(source: Source, bits: int) -> tuple[float, ...]:
    return tuple(error("stochastic", _words(source, bits, 1 + seed)) for seed in range(SEEDS))


def curve(source: Source) -> Band:
    """Error against r; the interval is over the seeds."""
    return Band(list(BITS), [student(_errors(source, bits))[0] for bits in BITS])


def nearest() -> float:
    """Error of rounding to nearest, which needs no random bits."""
    return error("nearest", None)


@cache
def target() -> float:
    """The error to be reached."""
    return float(np.mean(_errors(Source("xoshiro"), BUILT)))


def built() -> int:
    """Rounded MACs of a dot product."""
    return TERMS


def work(source: Source) -> Estimate:
    """Rounded MACs of a dot product until its error is `target`, with r as built."""
    squares = np.square(_errors(source, BUILT)) / target() ** 2
    return Estimate(*(TERMS * max(part, 0.0) for part in student(squares)[0]))


def training() -> dict[str, Band]:
    """Digits right in per cent after training in s[7][8], from the committed record; intervals over its seeds.

    "random_bits": against r, 0 for nearest. "registers": against the width of one register that all units share.
    "junctions": against the dwell times between two reads.
    """
    found: dict[str, dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    with RECORD.open(newline="") as file:
        for row in csv.DictReader(file):
            place = _place(row)
            if place:
                found[place[0]][place[1]].append(float(row["accuracies"].split()[-1]))
    return {
        name: Band(sorted(points), [student(points[x])[0] for x in sorted(points)]) for name, points in found.items()
    }


def _place(row: dict[str, str]) -> tuple[str, float] | None:
    """In which band of `training` a line of the record is, and at which x."""
    if row["experiment"] == "bits" and row["rounding"] in ("nearest", "stochastic"):
        return "random_bits", int(row["bits"])
    kind, _, rest = row["entropy"].partition(" ")
    if row["experiment"] == "entropy" and kind == "junctions":
        return "junctions", float(rest)
    if row["experiment"] == "entropy" and kind == "lfsr" and rest.endswith(" shared"):
        return "registers", int(rest.split()[0])
    return None
