"""Entropy for many replicas at once: each bit of the stream is a row of 64-bit words, a bit a replica.

A source has `planes`, uint64[width][words], the bits of the present clock, and `step()`, the next clock.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from hwpy.entropy.lfsr import LfsrParameters, leap_rows, spaced_seeds
from hwpy.entropy.taps import WIDE_TAPS

ONES = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
#: Steps for which the shift registers of all replicas and pools are disjoint, as log2.
LFSR_SPACING_LOG2 = 64


def splitmix64(index: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The SplitMix64 output for each state (Steele, Lea and Flood 2014), uint64 in and out."""
    with np.errstate(over="ignore"):
        z = index * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def seed_words(seed: int, purpose: int, count: int) -> NDArray[np.uint64]:
    """`count` 64-bit words for one purpose; different purposes and seeds give different words."""
    start = splitmix64(np.array([seed % (1 << 64)], np.uint64))[0]
    start = splitmix64(start ^ splitmix64(np.array([purpose], np.uint64)))[0]
    with np.errstate(over="ignore"):
        return splitmix64(start + np.arange(1, count + 1, dtype=np.uint64))


def pool_register(width: int) -> LfsrParameters:
    """A pool: a register of four taps that leaps by its whole width. (Of two taps, three bits add up to 0.)"""
    return LfsrParameters(width=width, taps=WIDE_TAPS[width], leap=width)


def lfsr_seeds(width: int, pools: int, seed: int, replicas: range) -> list[list[int]]:
    """A shift register's state for each replica and pool: [replica][pool].

    All lie on one cycle, `LFSR_SPACING_LOG2` apart where the period allows it (else evenly spaced), by
    jump-ahead from the state that `seed` gives: no two share a window within that many bits.
    """
    words = seed_words(seed, 1, -(-width // 64))
    first = int.from_bytes(words.astype("<u8").tobytes(), "little") & ((1 << width) - 1) or 1
    spacing = 1 << min(LFSR_SPACING_LOG2, width - 20)
    parameters = pool_register(width)
    seeds = spaced_seeds(parameters, first, replicas.stop * pools, spacing)
    return [seeds[r * pools : (r + 1) * pools] for r in replicas]


class LfsrPlanes:
    """Pools of `width` bits, each one maximal-length register that leaps by its whole width in a clock."""

    def __init__(self, width: int, pools: int, seed: int, replicas: range):
        self.rows = leap_rows(pool_register(width))
        self.start = np.cumsum([0, *(len(row) for row in self.rows)])
        self.flat = np.concatenate([np.array(row, np.int64) for row in self.rows])
        words = -(-len(replicas) // 64)
        states = lfsr_seeds(width, pools, seed, replicas)
        octets = -(-width // 8)
        packed = np.zeros((words * 64, pools, octets), np.uint8)
        for r, pool_states in enumerate(states):
            for p, state in enumerate(pool_states):
                packed[r, p] = np.frombuffer(state.to_bytes(octets, "little"), np.uint8)
        bits = np.unpackbits(packed, axis=-1, bitorder="little")[..., :width]
        bits = np.ascontiguousarray(bits.reshape(words * 64, pools * width).T)
        self.planes = np.packbits(bits, axis=-1, bitorder="little").view("<u8").astype(np.uint64)
        self._next = np.empty_like(self.planes)
        self.width, self.pools = width, pools

    def step(self) -> None:
        """The next clock."""
        _leap(self.planes, self._next, self.start, self.flat, self.width, self.pools)
        self.planes, self._next = self._next, self.planes


@numba.njit(nogil=True, cache=True)
def _leap(old, new, start, flat, width, pools):
    words = old.shape[1]
    for p in range(pools):
        base = p * width
        for i in range(width):
            a, n = start[i], start[i + 1] - start[i]
            if n == 4:
                i0, i1, i2, i3 = base + flat[a], base + flat[a + 1], base + flat[a + 2], base + flat[a + 3]
                for w in range(words):
                    new[base + i, w] = old[i0, w] ^ old[i1, w] ^ old[i2, w] ^ old[i3, w]
            else:
                for w in range(words):
                    new[base + i, w] = np.uint64(0)
                for k in range(a, a + n):
                    for w in range(words):
                        new[base + i, w] ^= old[base + flat[k], w]


def xoshiro_states(generators: int, seed: int, replica: int) -> NDArray[np.uint32]:
    """uint32[generators][4]: independent xoshiro128++ states from SplitMix64, as its authors advise."""
    words = seed_words(seed, (2 << 32) + replica, 2 * generators)
    return words.astype("<u8").view("<u4").astype(np.uint32).reshape(generators, 4)


class XoshiroPlanes:
    """`width` bits a clock from ceil(width / 32) generators xoshiro128++ a replica: the reference."""

    def __init__(self, width: int, seed: int, replicas: range):
        self.width = width
        generators = -(-width // 32)
        words = -(-len(replicas) // 64)
        self.states = np.zeros((generators, 4, words * 64), np.uint32)
        for k, r in enumerate(replicas):
            self.states[:, :, k] = xoshiro_states(generators, seed, r)
        self.planes = np.zeros((generators * 32, words), np.uint64)
        self.step()

    def step(self) -> None:
        """The next clock."""
        _xoshiro(self.states, self.planes)


@numba.njit(nogil=True, cache=True)
def _xoshiro(states, planes):
    out = np.empty(64, np.uint32)
    for g in range(states.shape[0]):
        s0, s1, s2, s3 = states[g, 0], states[g, 1], states[g, 2], states[g, 3]
        for w in range(planes.shape[1]):
            for k in range(64):
                r = w * 64 + k
                a, b, c, d = s0[r], s1[r], s2[r], s3[r]
                x = np.uint32(a + d)
                out[k] = np.uint32(np.uint32((x << np.uint32(7)) | (x >> np.uint32(25))) + a)
                t = np.uint32(b << np.uint32(9))
                c ^= a
                d ^= b
                b ^= c
                a ^= d
                c ^= t
                d = np.uint32((d << np.uint32(11)) | (d >> np.uint32(21)))
                s0[r], s1[r], s2[r], s3[r] = a, b, c, d
            # Transpose 64 words of 32 bits: two blocks of 32 x 32, by halving swaps (Hacker's Delight 7-3).
            for half in range(0, 64, 32):
                width = np.uint32(16)
                mask = np.uint32(0x0000FFFF)
                while width:
                    for i in range(half, half + 32):
                        if i & np.int64(width):
                            continue
                        j = i + np.int64(width)
                        t = (out[j] ^ np.uint32(out[i] >> width)) & mask
                        out[j] ^= t
                        out[i] ^= np.uint32(t << width)
                    width >>= np.uint32(1)
                    mask ^= np.uint32(mask << width)
            for bit in range(32):
                planes[g * 32 + bit, w] = np.uint64(out[bit]) | (np.uint64(out[32 + bit]) << np.uint64(32))


class SmtjPlanes:
    """`width` junctions a replica, each a two-state Markov chain sampled once a clock (paper, eq. 1).

    Parameters
    ----------
    escape
        Probabilities, in units of 2**-16, to leave state 0 and state 1 between two samples.
    """

    def __init__(self, width: int, escape: tuple[int, int], seed: int, replicas: range):
        if any(not 0 < p < 1 << 16 for p in escape):
            raise ValueError(f"escape probabilities must be 1 to 65535 (of 65536), not {escape!r}")
        if replicas.start % 64:
            raise ValueError(f"junction replicas are made 64 at a time, not from {replicas.start}")
        self.escape = escape
        words = -(-len(replicas) // 64)
        blocks = range(replicas.start // 64, replicas.start // 64 + words)
        self.keys = np.array([seed_words(seed, (3 << 32) + b, 1)[0] for b in blocks], np.uint64)
        self.clock = np.uint64(0)
        self.planes = np.zeros((width, words), np.uint64)
        # The first state is a fair coin: long before the first clock nothing was known of the device.
        _junctions(self.planes, self.keys, self.clock, 1 << 15, 1 << 15)
        self.step()

    def step(self) -> None:
        """The next clock."""
        self.clock += np.uint64(1)
        _junctions(self.planes, self.keys, self.clock, *self.escape)


@numba.njit(nogil=True, cache=True)
def _junctions(planes, keys, clock, escape0, escape1):
    """Each junction draws 16 bits and toggles where they are less than its state's escape probability."""
    for i in range(planes.shape[0]):
        for w in range(planes.shape[1]):
            leave0, leave1 = np.uint64(0), np.uint64(0)
            index = keys[w] + (clock * np.uint64(planes.shape[0]) + np.uint64(i)) * np.uint64(16)
            for k in range(16):
                z = (index + np.uint64(k)) * np.uint64(0x9E3779B97F4A7C15)
                z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
                z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
                z ^= z >> np.uint64(31)
                leave0 = (leave0 | ~z) if escape0 >> k & 1 else (leave0 & ~z)
                leave1 = (leave1 | ~z) if escape1 >> k & 1 else (leave1 & ~z)
            state = planes[i, w]
            planes[i, w] = state ^ ((leave1 & state) | (leave0 & ~state))
