"""xoshiro128++: the high-quality pseudo-random reference, 32 bits a step.

D. Blackman and S. Vigna, *Scrambled Linear Pseudorandom Number Generators*, ACM TOMS 47 (2021), with the jump
polynomial of their reference code. Period ``2^128 - 1``.
"""

from __future__ import annotations

import operator

import numpy as np
from numpy.typing import NDArray

__all__ = ["Xoshiro", "check_state", "seed_state", "split_mix_64"]

_WORD = (1 << 32) - 1
_LONG = (1 << 64) - 1
_JUMP = (0x8764000B, 0xF542D2D3, 0x6FA035C3, 0x77F2DB5B)

State = tuple[int, int, int, int]


def split_mix_64(seed: int, count: int) -> list[int]:
    """The first ``count`` 64-bit outputs of SplitMix64, which the authors advise for seeding."""
    words = []
    for _ in range(count):
        seed = (seed + 0x9E3779B97F4A7C15) & _LONG
        word = ((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9) & _LONG
        word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & _LONG
        words.append(word ^ (word >> 31))
    return words


def seed_state(seed: int) -> State:
    """State from a seed of 64 bits: two outputs of SplitMix64, the low half of each first.

    Raises
    ------
    ValueError
        If the seed is not 0 to ``2**64 - 1``.
    """
    seed = operator.index(seed)
    if not 0 <= seed <= _LONG:
        raise ValueError(f"xoshiro seed must be 0 to 2**64 - 1, not {seed!r}")
    first, second = split_mix_64(seed, 2)
    return check_state((first & _WORD, first >> 32, second & _WORD, second >> 32))


def check_state(state: State) -> State:
    """The state, if it is four words of 32 bits and not all zero.

    Raises
    ------
    ValueError
        If it is not.
    """
    words = tuple(operator.index(word) for word in state)
    if len(words) != 4 or any(not 0 <= word <= _WORD for word in words) or not any(words):
        raise ValueError(f"xoshiro state must be four 32-bit words, not all zero, not {state!r}")
    return words[0], words[1], words[2], words[3]


class Xoshiro:
    """Golden model. ``payload`` is the word offered, ``step`` takes it.

    The hardware offers nothing in the first clock after reset, and from the second on the word that this model offers.

    Parameters
    ----------
    state
        As the hardware's; see `seed_state` for one from a single number.
    """

    def __init__(self, state: State):
        self.state = check_state(state)

    @property
    def payload(self) -> int:
        s0, _, _, s3 = self.state
        return (_rotate((s0 + s3) & _WORD, 7) + s0) & _WORD

    def step(self) -> None:
        s0, s1, s2, s3 = self.state
        shifted = (s1 << 9) & _WORD
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= shifted
        self.state = s0, s1, s2, _rotate(s3, 11)

    def words(self, count: int) -> NDArray[np.uint32]:
        """The next ``count`` payloads, which are thereby taken; shape (count,)."""
        words = np.empty(count, dtype=np.uint32)
        for i in range(count):
            words[i] = self.payload
            self.step()
        return words

    def jump(self) -> None:
        """Move on by ``2^64`` steps: streams one jump apart are disjoint for that long."""
        total = [0, 0, 0, 0]
        for word in _JUMP:
            for bit in range(32):
                if word >> bit & 1:
                    total = [t ^ s for t, s in zip(total, self.state, strict=True)]
                self.step()
        self.state = total[0], total[1], total[2], total[3]


def _rotate(word: int, left: int) -> int:
    return ((word << left) | (word >> (32 - left))) & _WORD
