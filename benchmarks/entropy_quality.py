"""Sources of randomness side by side: statistics, what they cost, and how they show in the three ways; a table.

Shift registers, xoshiro128++ and emulated junctions, read every so many dwell times, alone and as the XOR of 2 to 4.
Areas are of the iCE40 blocks; an emulated junction stands for one on a pin, so its row has the cells that read the pin.
Energies are of the literature, cited below the table.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import cache
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from hwpy.entropy.quality import quality
from hwpy.entropy.sources import make_bits
from hwpy.low_precision.rounding import Rounding, shift_right

RATIOS = (0.01, 0.1, 1, 10, 100)
XORS = (1, 2, 3, 4)
LEVEL = 0.01

#: Energy of a bit, by kind of source: figure, and where it is from.
ENERGY = {
    "lfsr": "not known",
    "xoshiro": "not known",
    "smtj": "20 fJ [1], 2 fJ [2]",
}
SOURCES = (
    "[1] a junction with its sense amplifier, simulated: Vodenicarevic et al., ISCAS 2018, arXiv:1806.09124",
    "[2] a junction's p-bit, by transistor models: Singh et al., Nat. Commun. 15, 2685 (2024), arXiv:2304.05949",
)


def ising(bits: NDArray[np.uint8]) -> str:
    """Mean energy of a ring of 8 ferromagnetic spins at beta 0.5, by heat bath with 16 bits an update.

    Relative error against the exact energy, and its standard error from batches. Independent bits give 0 within it.
    """
    spins, beta = 8, 0.5
    exact = -spins * (np.tanh(beta) + np.tanh(beta) ** (spins - 1)) / (1 + np.tanh(beta) ** spins)
    numbers = np.packbits(bits[: len(bits) // 16 * 16].reshape(-1, 16), axis=1).view(">u2").ravel() / 65536
    energies = _ring(numbers, spins, beta)
    batches = energies[: len(energies) // 50 * 50].reshape(50, -1).mean(axis=1)
    error = batches.std(ddof=1) / np.sqrt(len(batches))
    return f"{100 * (batches.mean() / exact - 1):+.1f} ({100 * error / abs(exact):.1f})"


@numba.njit(cache=True)
def _ring(numbers, spins, beta):
    """Energy after each sweep."""
    state = np.ones(spins, np.int64)
    energies = np.empty(len(numbers) // spins)
    for sweep in range(len(energies)):
        for i in range(spins):
            field = state[i - 1] + state[(i + 1) % spins]
            state[i] = 1 if numbers[sweep * spins + i] < 1 / (1 + np.exp(-2 * beta * field)) else -1
        energy = 0
        for i in range(spins):
            energy -= state[i - 1] * state[i]
        energies[sweep] = energy
    return energies


def or_neuron(bits: NDArray[np.uint8]) -> str:
    """Error of an OR neuron of 4 inputs over 256 beats, x = w = 102/256 by 8 bits: see `_against_independent`."""
    x = _words(bits, 8) < 102
    y = (x[:, :4] & x[:, 4:]).any(axis=1)
    return _against_independent(y, 1 - (1 - (102 / 256) ** 2) ** 4)


def rounding(bits: NDArray[np.uint8]) -> str:
    """Error of a mean of 256 stochastic roundings of 77/256 to an integer by 8 bits: see `_against_independent`."""
    words = _words(bits, 1).ravel()
    rounded = shift_right(np.full(len(words), 77), 8, Rounding("stochastic", 8), words)
    return _against_independent(rounded, 77 / 256)


def _words(bits: NDArray[np.uint8], count: int) -> NDArray[np.int64]:
    """Words of 8 successive bits, ``count`` to a row."""
    return np.packbits(bits[: len(bits) // (8 * count) * 8 * count]).astype(np.int64).reshape(-1, count)


def _against_independent(outcomes: NDArray[Any], p: float) -> str:
    """Root mean square error of means of 256 outcomes over that of independent ones, and the standard error of this.

    Independent bits give 1 within it.
    """
    means = outcomes[: len(outcomes) // 256 * 256].reshape(-1, 256).mean(axis=1)
    ratio = np.sqrt(((means - p) ** 2).mean() * 256 / (p * (1 - p)))
    return f"{ratio:.2f} ({1 / np.sqrt(2 * len(means)):.2f})"


#: How a stream of bits shows in each of the three ways: what to head the column with, and a function of the bits.
WAYS: dict[str, Callable[[NDArray[np.uint8]], str]] = {
    "Ising: energy error, %": ising,
    "stochastic computing: OR neuron's error": or_neuron,
    "low precision: rounding's error": rounding,
}


@cache
def _area(block: str, parameters: tuple[tuple[str, int], ...]) -> int:
    from boards.out_of_context import measure
    from trijunction.blocks import make

    return int(measure(lambda: make(block, dict(parameters)), "ice40")["lut4"])


def area(source: str, xor: int) -> int:
    """LUT4 on an iCE40, without the logic that would join several streams of one register."""
    kind, _, argument = source.partition(":")
    if kind == "lfsr":
        return _area("entropy/lfsr", (("width", int(argument)),))
    if kind == "xoshiro":
        return _area("entropy/xoshiro", ())
    joined = _area("entropy/xor_streams", (("width", 1), ("count", xor))) if xor > 1 else 0
    return _area("entropy/smtj_pins", (("count", xor),)) + joined


def row(source: str, xor: int, bits: int, seed: int, areas: bool) -> list[str]:
    """One line of the table."""
    stream = make_bits(source, bits, seed, streams=xor)
    record: dict[str, Any] = quality(stream)
    tests = {name: p for name, p in record["p_values"].items() if p is not None}
    failed = sum(p < LEVEL for p in tests.values())
    least = min(record["min_entropy"], key=lambda name: record["min_entropy"][name])
    estimate = f"{record['min_entropy'][least]:.3f} ({least.replace('_', ' ')})"
    return [
        stream.name,
        f"{record['bias']:+.4f}",
        f"{record['autocorrelation'][0]:+.4f}",
        f"none; {estimate}" if record["deterministic"] else estimate,
        f"{failed} of {len(tests)}",
        str(area(source, xor)) if areas else "not measured",
        ENERGY[source.partition(":")[0]] if xor == 1 else f"{xor} reads",
        *(way(stream.bits) for way in WAYS.values()),
    ]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bits", type=int, default=1_000_000)
    parser.add_argument("--no-areas", action="store_true", help="do not synthesise")
    arguments = parser.parse_args()
    heads = [
        "source",
        "P(1) - 1/2",
        "correlation",
        "min-entropy (least estimate)",
        "tests failed",
        "LUT4",
        "energy/bit",
    ]
    print("| " + " | ".join([*heads, *WAYS]) + " |")
    print("| " + " | ".join(["---"] * (len(heads) + len(WAYS))) + " |")
    cases = [("lfsr:8", 1), ("lfsr:16", 1), ("lfsr:32", 1), ("xoshiro", 1)]
    cases += [(f"smtj:{ratio}", xor) for ratio in RATIOS for xor in XORS]
    for seed, (source, xor) in enumerate(cases, 1):
        print("| " + " | ".join(row(source, xor, arguments.bits, seed, not arguments.no_areas)) + " |", flush=True)
    print(*SOURCES, sep="\n")


if __name__ == "__main__":
    main()
