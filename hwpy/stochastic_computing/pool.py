"""The shift registers that feed a network on a chip without junctions: as many as give its random bits in a clock.

All have the same recurrence, of four taps, and 128 new bits a clock; their states lie ``2**64`` steps apart on its
cycle. They restart with every image, so that a network gives an image the same class whatever came before it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hwpy.entropy.lfsr import Lfsr, LfsrParameters, spaced_seeds
from hwpy.entropy.planes import seed_words

__all__ = ["REGISTER", "pool_bits", "pool_seeds"]

#: The shortest register whose smallest tap is not below 128: each new bit is then one LUT4.
REGISTER = LfsrParameters(139, leap=128)
_PURPOSE = 4


def pool_seeds(random_bits: int, seed: int = 1) -> list[int]:
    """The state of each register at the start of an image; register k gives bits 128 k on of the payload."""
    words = seed_words(seed, _PURPOSE, 3)
    first = int.from_bytes(words.astype("<u8").tobytes(), "little") & ((1 << REGISTER.width) - 1) or 1
    return spaced_seeds(REGISTER, first, -(-random_bits // REGISTER.leap), 1 << 64)


def pool_bits(random_bits: int, beats: int, seed: int = 1) -> NDArray[np.uint8]:
    """The payloads' bits from the start of an image, (beats, random_bits)."""
    streams = [Lfsr(REGISTER, state).bits(beats * REGISTER.leap) for state in pool_seeds(random_bits, seed)]
    return np.concatenate([stream.reshape(beats, REGISTER.leap) for stream in streams], axis=1)[:, :random_bits]
