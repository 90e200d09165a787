"""Streaming image filters on a photograph: PSNR against N for words of junctions, a register and Sobol."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hwpy.entropy.lfsr import LfsrParameters
from hwpy.stochastic_computing.image_filters import (
    WindowFilterParameters,
    exact,
    expected_psnr,
    filtered,
    photograph,
    psnr,
)
from hwpy.stochastic_computing.sequences import SobolParameters, lfsr_words, sobol_words

LENGTHS = (16, 32, 64, 128, 256, 512)
RUNS = 8
SOURCES = ("fair junctions", "LFSR", "Sobol", "unshared words")


def words(source: str, length: int, select_bits: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Words of 8 bits and selects, shape (length,), from a source of `SOURCES`."""
    shift = 8 - select_bits
    if source == "Sobol":
        points = sobol_words(SobolParameters(8, 2), length)
        return points[0], points[1] >> shift
    if source == "LFSR":
        # Registers of two polynomials: one and the same would tie the select to the word.
        other = lfsr_words(LfsrParameters(8, (8, 7, 6, 1)), 77, length)
        return lfsr_words(LfsrParameters(8), 1, length), other >> shift
    generator = np.random.default_rng(seed)
    return generator.integers(0, 256, length), generator.integers(0, 256, length) >> shift


def measured(image: NDArray[np.int64], kind: str, source: str, length: int) -> float:
    """PSNR of the photograph through a filter; of junctions that of the mean square error over `RUNS` runs."""
    parameters = WindowFilterParameters(kind)
    wanted = exact(image, parameters)
    generator = np.random.default_rng(2)
    fresh = (lambda shape: generator.integers(0, 256, shape)) if source == "unshared words" else None
    squares = []
    for run in range(RUNS if source == "fair junctions" else 1):
        found = filtered(image, parameters, *words(source, length, parameters.select_bits, run), fresh)
        squares.append(10 ** (-psnr(found, wanted) / 10))
    return float(-10 * np.log10(np.mean(squares))) if any(squares) else float("inf")


def rows(image: NDArray[np.int64], kind: str) -> Iterator[tuple[int, float, list[float]]]:
    """N, PSNR by the formula for independent words, and PSNR for each of `SOURCES`."""
    wanted = exact(image, WindowFilterParameters(kind))
    for length in LENGTHS:
        found = [measured(image, kind, source, length) for source in SOURCES]
        yield length, expected_psnr(wanted, length), found


def main() -> None:
    """Prints a table for each filter; 'formula' is for fair junctions. Unshared words: each pixel its own."""
    image = photograph()
    for kind in ("roberts", "gaussian", "median"):
        print(f"{kind}: PSNR in dB\n     N  formula  " + "  ".join(f"{source:>14s}" for source in SOURCES))
        for length, formula, found in rows(image, kind):
            print(f"{length:6d}  {formula:7.1f}  " + "  ".join(f"{value:14.1f}" for value in found))


if __name__ == "__main__":
    main()
