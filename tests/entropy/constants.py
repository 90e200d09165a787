"""Binary expansions of constants, the sample data of NIST SP 800-22 appendix B, computed here.

Division and roots by Newton's iteration: Python's own take quadratic time for a million bits.
"""

from functools import cache

import numpy as np

__all__ = ["CONSTANTS", "expansion"]

GUARD = 64


@cache
def expansion(name, count=1_000_000):
    """The first bits of the constant, its integer part included; uint8, shape (count,)."""
    value = CONSTANTS[name](count + GUARD)
    bits = np.frombuffer(f"{value:b}"[:count].encode(), np.uint8) - ord("0")
    bits.flags.writeable = False
    return bits


def _pi(bits):
    """The Chudnovsky series by binary splitting; the integer is pi times 2^bits."""

    def split(first, last):
        if last - first == 1:
            p = (6 * first - 5) * (2 * first - 1) * (6 * first - 1) if first else 1
            q = first**3 * (640320**3 // 24) if first else 1
            t = p * (13591409 + 545140134 * first)
            return p, q, -t if first & 1 else t
        middle = (first + last) // 2
        p1, q1, t1 = split(first, middle)
        p2, q2, t2 = split(middle, last)
        return p1 * p2, q1 * q2, q2 * t1 + p1 * t2

    _, q, t = split(0, bits // 47 + 2)
    return _quotient(q * 426880 * (10005 * _inverse_root(10005, bits)), t)


def _e(bits):
    """The sum of 1 / k!; the integer is e times 2^bits."""

    def split(first, last):
        if last - first == 1:
            return 1, last
        middle = (first + last) // 2
        p1, q1 = split(first, middle)
        p2, q2 = split(middle, last)
        return p1 * q2 + p2, q1 * q2

    p, q = split(0, bits // 12)
    return (1 << bits) + _quotient(p << bits, q)


def _root(value):
    return lambda bits: value * _inverse_root(value, bits)


def _inverse_root(value, bits):
    """2^bits / sqrt(value), within a few units."""
    precision = 48
    y = int(2**precision / value**0.5)
    while precision < bits:
        more = min(2 * precision - 16, bits)
        y <<= more - precision
        y += (y * ((1 << 2 * more) - value * y * y)) >> (2 * more + 1)
        precision = more
    return y


def _quotient(numerator, denominator):
    """The quotient, within a few units in 2^-60 of it."""
    size = max(numerator.bit_length() - denominator.bit_length(), 0) + GUARD
    drop = denominator.bit_length() - size
    if drop > 0:
        numerator, denominator = numerator >> drop, denominator >> drop
    length = denominator.bit_length()
    return (numerator * _reciprocal(denominator, length)) >> (2 * length)


def _reciprocal(value, length):
    """2^(2 length) / value for a value of that many bits, within a few units."""
    if length <= 2000:
        return (1 << 2 * length) // value
    half = length // 2 + 16
    x = _reciprocal(value >> (length - half), half) << (length - half)
    return x + ((x * ((1 << 2 * length) - value * x)) >> (2 * length))


CONSTANTS = {"pi": _pi, "e": _e, "sqrt2": _root(2), "sqrt3": _root(3)}
