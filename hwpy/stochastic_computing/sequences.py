"""The words that generators compare with: shift register, Sobol sequence, counter. Parameters and tables.

LFSR
    The whole state of a shift register that makes one step a word, as the literature has it: cheap, but successive
    words are shifts of each other, zero never comes, and the period is ``2^w - 1``.
Sobol
    Points of Sobol's low-discrepancy sequence in Gray-code order (I. A. Antonov and V. M. Saleev, 1979): each word is
    its forerunner XOR one direction number, chosen by the lowest set bit of a counter. In ``2^w`` words each
    dimension gives every value once, so a stream of that length has no error at all; products have the pair's.
counter
    0, 1, 2, ...: exact after ``2^w`` words, all ones in front.

Direction numbers of the first 32 dimensions: S. Joe and F. Y. Kuo, *Constructing Sobol sequences with better
two-dimensional projections*, SIAM J. Sci. Comput. 30, 2635 (2008). Further ones come from SciPy.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwpy.entropy.lfsr import Lfsr, LfsrParameters

__all__ = ["SobolParameters", "counter_words", "lfsr_words", "sobol_words"]

# A primitive polynomial over GF(2), as a mask with the highest power highest, and the first odd numbers m.
# fmt: off
_JOE_KUO: tuple[tuple[int, tuple[int, ...]], ...] = (
    (1, (1,)), (3, (1,)), (7, (1, 3)), (11, (1, 3, 1)), (13, (1, 1, 1)), (19, (1, 1, 3, 3)), (25, (1, 3, 5, 13)),
    (37, (1, 1, 5, 5, 17)), (41, (1, 1, 5, 5, 5)), (47, (1, 1, 7, 11, 19)), (55, (1, 1, 5, 1, 1)), (59, (1, 1, 1, 3,
    11)), (61, (1, 3, 5, 5, 31)), (67, (1, 3, 3, 9, 7, 49)), (91, (1, 1, 1, 15, 21, 21)), (97, (1, 3, 1, 13, 27,
    49)), (103, (1, 1, 1, 15, 7, 5)), (109, (1, 3, 1, 15, 13, 25)), (115, (1, 1, 5, 5, 19, 61)), (131, (1, 3, 7, 11,
    23, 15, 103)), (137, (1, 3, 7, 13, 13, 15, 69)), (143, (1, 1, 3, 13, 7, 35, 63)), (145, (1, 3, 5, 9, 1, 25,
    53)), (157, (1, 3, 1, 13, 9, 35, 107)), (167, (1, 3, 1, 5, 27, 61, 31)), (171, (1, 1, 5, 11, 19, 41, 61)), (185,
    (1, 3, 5, 3, 3, 13, 69)), (191, (1, 1, 7, 13, 1, 19, 1)), (193, (1, 3, 7, 5, 13, 19, 59)), (203, (1, 1, 3, 9,
    25, 29, 41)), (211, (1, 3, 5, 13, 23, 1, 55)), (213, (1, 3, 7, 3, 13, 59, 17)),
)
# fmt: on


@dataclass(frozen=True)
class SobolParameters:
    """A Sobol sequence.

    Parameters
    ----------
    width
        Bits of a word, 1 to 16.
    dimensions
        Words in a payload, dimension 0 (van der Corput's sequence in Gray order) lowest.
    """

    width: int
    dimensions: int = 1

    def __post_init__(self) -> None:
        if not 1 <= operator.index(self.width) <= 16:
            raise ValueError(f"Sobol width must be 1 to 16 bits, not {self.width!r}")
        if not 1 <= operator.index(self.dimensions) <= 21201:
            raise ValueError(f"Sobol dimensions must be 1 to 21201, not {self.dimensions!r}")

    def directions(self) -> list[list[int]]:
        """``directions()[d][k]``: what dimension d is XORed with when bit k is the lowest set bit of the counter."""
        known = [_directions(polynomial, first, self.width) for polynomial, first in _JOE_KUO[: self.dimensions]]
        if self.dimensions > len(known):
            known += _scipy_directions(self.dimensions, self.width)[len(known) :]
        return known


def _directions(polynomial: int, first: tuple[int, ...], width: int) -> list[int]:
    """Bratley and Fox's recurrence for m, as fractions of ``2**width``; dimension 0 has m = 1 throughout."""
    degree = polynomial.bit_length() - 1
    m = list(first)
    while len(m) < width:
        if degree == 0:
            m.append(1)
            continue
        new = m[-degree] ^ m[-degree] << degree
        for k in range(1, degree):
            if polynomial >> (degree - k) & 1:
                new ^= m[-k] << k
        m.append(new)
    return [number << (width - 1 - k) for k, number in enumerate(m[:width])]


def _scipy_directions(dimensions: int, width: int) -> list[list[int]]:
    try:
        from scipy.stats import qmc
    except ImportError:
        raise ImportError(f"more than {len(_JOE_KUO)} Sobol dimensions need SciPy: pip install scipy") from None
    engine, taken, bits = qmc.Sobol(dimensions, scramble=False, bits=30), 0, []
    for k in range(width):
        # Point 2^(k + 1) - 1 has the Gray code 2^k, so it is direction k itself.
        engine.fast_forward((2 << k) - 1 - taken)
        bits.append(np.floor(engine.random(1)[0] * 2**width).astype(np.int64))
        taken = 2 << k
    return np.stack(bits, axis=1).tolist()


def sobol_words(parameters: SobolParameters, length: int) -> NDArray[np.int64]:
    """The first ``length`` words of each dimension, shape (dimensions, length); they repeat after ``2**width``."""
    directions = np.array(parameters.directions(), dtype=np.int64)
    index = np.arange(length) % (1 << parameters.width)
    gray = index ^ index >> 1
    words = np.zeros((parameters.dimensions, length), dtype=np.int64)
    for k in range(parameters.width):
        words ^= np.where(gray >> k & 1, directions[:, k : k + 1], 0)
    return words


def lfsr_words(parameters: LfsrParameters, seed: int, length: int) -> NDArray[np.int64]:
    """The states of the first ``length`` clocks, one step a word whatever ``leap`` is, shape (length,)."""
    single = LfsrParameters(parameters.width, parameters.taps, parameters.form)
    register = Lfsr(single, seed)
    words = np.empty(length, dtype=np.int64)
    for i in range(length):
        words[i] = register.state
        register.step()
    return words


def counter_words(width: int, length: int) -> NDArray[np.int64]:
    """0, 1, 2, ... modulo ``2**width``, shape (length,)."""
    return np.arange(length, dtype=np.int64) % (1 << width)
