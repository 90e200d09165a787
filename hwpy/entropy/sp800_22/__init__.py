"""A subset of the statistical tests of NIST SP 800-22 revision 1a: each takes bits and gives p-values.

The null hypothesis is independent fair bits. A p-value below 0.01 rejects it at the standard's level; one of a hundred
good sequences does so in each test. A high p-value is no evidence of entropy: a good deterministic generator passes.

The bits come as a sequence of 0 and 1. What a sequence is too short for raises `TooShortError`. The incomplete gamma
function is SciPy's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hwpy.entropy.sp800_22.counts import TooShortError, block_frequency, frequency, longest_run, runs
from hwpy.entropy.sp800_22.patterns import approximate_entropy, serial
from hwpy.entropy.sp800_22.spectrum import spectral
from hwpy.entropy.sp800_22.walk import cumulative_sums

__all__ = [
    "TooShortError",
    "approximate_entropy",
    "block_frequency",
    "cumulative_sums",
    "frequency",
    "longest_run",
    "p_values",
    "runs",
    "serial",
    "spectral",
]


def p_values(bits: ArrayLike) -> dict[str, float | None]:
    """The p-value of each test with the parameters of the standard's appendix B; None where the sequence is too short.

    Block length 128 for `block_frequency`; patterns of 16 bits for `serial` and 10 for `approximate_entropy`, or the
    longest that the standard allows for a shorter sequence.
    """
    sequence = np.ascontiguousarray(bits, dtype=np.uint8)
    log2 = len(sequence).bit_length() - 1
    calls = {
        "frequency": lambda: (frequency(sequence),),
        "block_frequency": lambda: (block_frequency(sequence, 128),),
        "runs": lambda: (runs(sequence),),
        "longest_run": lambda: (longest_run(sequence),),
        "spectral": lambda: (spectral(sequence),),
        "serial": lambda: serial(sequence, min(16, log2 - 3)),
        "approximate_entropy": lambda: (approximate_entropy(sequence, min(10, log2 - 6)),),
        "cumulative_sums": lambda: cumulative_sums(sequence),
    }
    names = {"serial": ("serial_1", "serial_2"), "cumulative_sums": ("cumulative_sums", "cumulative_sums_backward")}
    found: dict[str, float | None] = {}
    for name, call in calls.items():
        labels = names.get(name, (name,))
        try:
            found.update(zip(labels, call(), strict=True))
        except TooShortError:
            found.update(dict.fromkeys(labels))
    return found
