"""Random words at speed: those of `hwpy.low_precision.entropy`, all lanes at a time, for the loops of `fast`.

Loops over the lanes are innermost, of 32-bit words and without a branch, so that the compiler makes vectors of them.
"""

from __future__ import annotations

import numba
import numpy as np

__all__ = ["draw"]


@numba.njit(nogil=True, cache=True)
def draw(word, kind, state, settings):
    """The next word of each lane (golden: `hwpy.low_precision.entropy`); nothing for kind -1."""
    if kind == 0:
        _xoshiro(word, state)
        shift = np.uint32(settings[0])
        for lane in range(word.shape[0]):
            word[lane] >>= shift
    elif kind == 1:
        _lfsr(word, state, settings)
    elif kind == 2:
        _junctions(word, state, settings)


@numba.njit(nogil=True, cache=True)
def _xoshiro(word, state):
    s0, s1, s2, s3 = state[0], state[1], state[2], state[3]
    for lane in range(word.shape[0]):
        a, b, c, d = s0[lane], s1[lane], s2[lane], s3[lane]
        word[lane] = _drawn(a, d)
        s0[lane], s1[lane], s2[lane], s3[lane] = _next(a, b, c, d)


@numba.njit(nogil=True, cache=True)
def _lfsr(word, state, settings):
    """A whole leap at once: what the old bits give to the new, times what the new then give to one another."""
    registers = state[0]
    count = registers.shape[0]
    given, new = np.zeros(count, np.uint32), np.zeros(count, np.uint32)
    _add_shifted(given, registers, settings[3], False)
    _add_shifted(new, given, settings[2], True)
    # Shifts that are seen to be below 32 are of 32-bit words.
    leap, top = np.uint32(settings[1] & 31), np.uint32((settings[0] - settings[1]) & 31)
    mask = np.uint32((1 << settings[1]) - 1)
    for lane in range(count):
        register = registers[lane]
        word[lane] = register >> top
        registers[lane] = np.uint32(register >> leap) | np.uint32((new[lane] & mask) << top)
    word[count:] = word[0]


@numba.njit(nogil=True, cache=True)
def _add_shifted(out, words, polynomial, left):
    """``out ^= words << k`` or ``>> k`` for each term ``z**k`` of a polynomial modulo 2 below 32, four at a time."""
    shifts, masks = np.zeros(32, np.uint32), np.zeros(32, np.uint32)
    count = 0
    for k in range(32):
        if polynomial >> k & 1:
            shifts[count], masks[count] = k, 0xFFFFFFFF
            count += 1
    for k in range(0, count, 4):
        s0, s1, s2, s3 = shifts[k], shifts[k + 1], shifts[k + 2], shifts[k + 3]
        m1, m2, m3 = masks[k + 1], masks[k + 2], masks[k + 3]
        s0, s1, s2, s3 = s0 & np.uint32(31), s1 & np.uint32(31), s2 & np.uint32(31), s3 & np.uint32(31)
        if left:
            for lane in range(out.shape[0]):
                x = words[lane]
                y = np.uint32(x << s0) ^ (np.uint32(x << s1) & m1)
                out[lane] ^= y ^ (np.uint32(x << s2) & m2) ^ (np.uint32(x << s3) & m3)
        else:
            for lane in range(out.shape[0]):
                x = words[lane]
                y = np.uint32(x >> s0) ^ (np.uint32(x >> s1) & m1)
                out[lane] ^= y ^ (np.uint32(x >> s2) & m2) ^ (np.uint32(x >> s3) & m3)


@numba.njit(nogil=True, cache=True)
def _junctions(word, state, settings):
    """A junction leaves its state where its 16 bits, from the lowest on, are less than the escape probability."""
    mask = np.uint32((1 << settings[0]) - 1)
    # The bits of the two probabilities, each in all of a word.
    planes = np.empty((2, 16), np.uint32)
    for j in range(2):
        for k in range(16):
            planes[j, k] = np.uint32(0) - np.uint32(settings[1 + j] >> k & 1)
    junctions, s0, s1, s2, s3 = state[0], state[1], state[2], state[3], state[4]
    leaves = np.zeros(word.shape[0], np.uint32)
    # Four at a time stay in the processor's registers.
    for k in range(0, 16, 4):
        from_0, from_1 = planes[0, k : k + 4], planes[1, k : k + 4]
        p0, p1, p2, p3 = from_0[0], from_0[1], from_0[2], from_0[3]
        q0, q1, q2, q3 = from_1[0], from_1[1], from_1[2], from_1[3]
        for lane in range(word.shape[0]):
            s, leave = junctions[lane], leaves[lane]
            a, b, c, d = s0[lane], s1[lane], s2[lane], s3[lane]
            leave = _less(leave, _drawn(a, d), (s & q0) | (~s & p0))
            a, b, c, d = _next(a, b, c, d)
            leave = _less(leave, _drawn(a, d), (s & q1) | (~s & p1))
            a, b, c, d = _next(a, b, c, d)
            leave = _less(leave, _drawn(a, d), (s & q2) | (~s & p2))
            a, b, c, d = _next(a, b, c, d)
            leave = _less(leave, _drawn(a, d), (s & q3) | (~s & p3))
            s0[lane], s1[lane], s2[lane], s3[lane] = _next(a, b, c, d)
            leaves[lane] = leave
    for lane in range(word.shape[0]):
        junctions[lane] ^= leaves[lane] & mask
        word[lane] = junctions[lane]


@numba.njit(inline="always")
def _less(less, number, bound):
    """Whether numbers are below bounds, from whether they are in the bits below, and from a bit of each."""
    return (bound & ~number) | (less & (bound | ~number))


@numba.njit(inline="always")
def _drawn(a, d):
    x = np.uint32(a + d)
    return np.uint32(np.uint32(np.uint32(x << np.uint32(7)) | (x >> np.uint32(25))) + a)


@numba.njit(inline="always")
def _next(a, b, c, d):
    t = np.uint32(b << np.uint32(9))
    c ^= a
    d ^= b
    return (
        np.uint32(a ^ d),
        np.uint32(b ^ c),
        np.uint32(c ^ t),
        np.uint32(np.uint32(d << np.uint32(11)) | (d >> np.uint32(21))),
    )
