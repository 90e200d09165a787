"""The discrete Fourier transform test: SP 800-22 section 2.6."""

from __future__ import annotations

import math

import numpy as np

from hwpy.entropy.sp800_22.counts import Bits

__all__ = ["spectral"]


def spectral(bits: Bits) -> float:
    """Do 95 % of the peaks of the spectrum stay below the threshold? A periodic source has a few that are too high."""
    size = len(bits)
    peaks = np.abs(np.fft.rfft(2.0 * bits - 1.0))[: size // 2]
    below = int(np.count_nonzero(peaks < math.sqrt(size * math.log(1 / 0.05))))
    # The divisor 4 is revision 1a's; it was 2 at first.
    return math.erfc(abs(below - 0.95 * size / 2) / math.sqrt(2 * size * 0.95 * 0.05 / 4))
