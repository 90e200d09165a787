"""Min-entropy per sample by the ten estimators of NIST SP 800-90B (2018), section 6.3, the non-IID track.

Each takes a sequence of integers 0 to k - 1 and gives bits per sample, 0 to log2(k); the collision, Markov and
compression estimators are defined for bits alone. Each is a lower bound at 99 % if the source is of the kind that it
has in mind, so the standard takes the least of all: `min_entropy`. An estimate is a statistic of a sequence. It is
entropy only if the source is not deterministic, which no statistic can tell: a good generator of known seed has none.

The standard prints the 99.5 % quantile of the normal distribution as 2.576; here it is 2.5758293035489008, as in NIST's
own program (SP800-90B_EntropyAssessment), with whose published results the tests compare.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.entropy.sp800_90b.bounds import SHORTEST, TooShortError
from hwpy.entropy.sp800_90b.compression import compression
from hwpy.entropy.sp800_90b.counts import collision, markov, most_common_value
from hwpy.entropy.sp800_90b.predictors import lag, lz78y, multi_mcw, multi_mmc
from hwpy.entropy.sp800_90b.tuples import longest_repeated_substring, t_tuple

__all__ = [
    "ESTIMATORS",
    "collision",
    "compression",
    "estimates",
    "lag",
    "longest_repeated_substring",
    "lz78y",
    "markov",
    "min_entropy",
    "most_common_value",
    "multi_mcw",
    "multi_mmc",
    "t_tuple",
]

#: By name, in the order of the standard.
ESTIMATORS = {
    "most_common_value": most_common_value,
    "collision": collision,
    "markov": markov,
    "compression": compression,
    "t_tuple": t_tuple,
    "longest_repeated_substring": longest_repeated_substring,
    "multi_mcw": multi_mcw,
    "lag": lag,
    "multi_mmc": multi_mmc,
    "lz78y": lz78y,
}


def estimates(bits: ArrayLike, progress: Callable[[float], None] | None = None) -> dict[str, float | None]:
    """Every estimator on a sequence of bits: bits of min-entropy per bit, None where the sequence is too short.

    ``progress`` is told the fraction done.

    Raises
    ------
    ValueError
        If the sequence is not one of bits, or has fewer than 100.
    """
    sequence = _bits(bits)
    found: dict[str, float | None] = {}
    for done, (name, estimator) in enumerate(ESTIMATORS.items()):
        if progress is not None:
            progress(done / len(ESTIMATORS))
        try:
            found[name] = float(estimator(sequence))
        except TooShortError:
            found[name] = None
    return found


def min_entropy(bits: ArrayLike) -> float:
    """The least of all `estimates`: what SP 800-90B section 3.1.3 calls the assessed entropy of a source of bits."""
    return min(value for value in estimates(bits).values() if value is not None)


def _bits(bits: ArrayLike) -> NDArray[np.uint8]:
    sequence = np.asarray(bits)
    if sequence.ndim != 1 or len(sequence) < SHORTEST:
        raise ValueError(f"bits must be at least {SHORTEST} in a row, not of shape {sequence.shape!r}")
    if not np.isin(sequence, (0, 1)).all():
        raise ValueError("bits must be 0 or 1")
    return np.ascontiguousarray(sequence, dtype=np.uint8)
