"""Linear feedback shift registers that leap n bits a clock: parameters, leap tables and golden model.

One sequence, two forms. Both produce the bits of the recurrence ``s[i] = XOR over t in taps of s[i - t]``.

Fibonacci
    The state is the window ``s[i], ..., s[i + w - 1]``, oldest bit in bit 0. The payload is the *newest* n bits of the
    window, oldest of them in bit 0: wires, no logic.
Galois
    The state is shifted right by one a step; if the bit shifted out is 1, bit ``t - 1`` is inverted for each tap t. The
    payload is the next n bits to be shifted out, the first in bit 0; it is wires as far as n is not above the
    smallest tap.

When a payload is taken the state moves on by n single steps, so the payloads laid end to end, bit 0 first, are the
plain one-bit-a-step sequence: n new bits each, none used twice. Within ``2^w - 1`` bits no window of w bits repeats.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwpy.entropy.taps import default_taps

__all__ = ["Lfsr", "LfsrParameters", "check_seed", "jump", "leap_rows", "payload_rows", "spaced_seeds"]

_FORMS = ("fibonacci", "galois")


@dataclass(frozen=True)
class LfsrParameters:
    """Width, taps, form and leap of a shift register.

    Parameters
    ----------
    width
        Bits of state: 3 to 168, or 521, 607, 1279 or 2281; any width of at least 2 if ``taps`` are given.
    taps
        Delays of the recurrence, ``width`` first; default the table's. Given taps must be an even number of distinct
        delays (with an odd number 1 is a root, so the period is short), but that they are maximal is not checked.
    form
        'fibonacci' or 'galois'.
    leap
        New bits a clock, 1 to ``width``: the width of the payload.
    """

    width: int
    taps: tuple[int, ...] | None = None
    form: str = "fibonacci"
    leap: int = 1

    def __post_init__(self) -> None:
        for name in ("width", "leap"):
            value = getattr(self, name)
            if isinstance(value, bool) or not hasattr(value, "__index__"):
                raise TypeError(f"LFSR {name} must be an integer, not {value!r}")
            object.__setattr__(self, name, operator.index(value))
        taps = default_taps(self.width) if self.taps is None else tuple(self.taps)
        if self.width < 2:
            raise ValueError(f"LFSR width must be at least 2, not {self.width!r}")
        taps = tuple(sorted((operator.index(tap) for tap in taps), reverse=True))
        if not taps or taps[0] != self.width or taps[-1] < 1 or len(set(taps)) != len(taps):
            raise ValueError(
                f"LFSR taps must be distinct, from 1 to the width {self.width}, and include it, not {taps!r}"
            )
        if len(taps) % 2:
            raise ValueError(f"LFSR taps must be an even number of delays, not {taps!r}")
        object.__setattr__(self, "taps", taps)
        if self.form not in _FORMS:
            raise ValueError(f"LFSR form must be one of {', '.join(_FORMS)}, not {self.form!r}")
        if not 1 <= self.leap <= self.width:
            raise ValueError(f"LFSR leap must be 1 to the width {self.width}, not {self.leap!r}")

    @property
    def delays(self) -> tuple[int, ...]:
        """The taps, never None."""
        assert self.taps is not None
        return self.taps

    @property
    def exponents(self) -> tuple[int, ...]:
        """Exponents below the width in the characteristic polynomial, ascending: 0 first."""
        return tuple(self.width - tap for tap in self.delays)


def check_seed(parameters: LfsrParameters, seed: int) -> int:
    """The seed, if it is a state of the register other than all zeros, from which it would never leave.

    Raises
    ------
    ValueError
        If it is not.
    """
    seed = operator.index(seed)
    if not 0 < seed < 1 << parameters.width:
        raise ValueError(f"LFSR seed must be 1 to 2**{parameters.width} - 1, not {seed!r}")
    return seed


class Lfsr:
    """Golden model. ``state`` and ``payload`` are those of the present clock.

    Parameters
    ----------
    parameters
        As the hardware's.
    seed
        The state of the first clock, not zero.
    """

    def __init__(self, parameters: LfsrParameters, seed: int):
        self.parameters = parameters
        self.state = check_seed(parameters, seed)
        self._mask = sum(1 << (tap - 1) for tap in parameters.delays)
        self._feedback = sum(1 << exponent for exponent in parameters.exponents)

    @property
    def payload(self) -> int:
        """The bits offered now: ``leap`` bits, the oldest in bit 0."""
        width, leap = self.parameters.width, self.parameters.leap
        if self.parameters.form == "fibonacci":
            return self.state >> (width - leap)
        state, payload = self.state, 0
        for bit in range(leap):
            payload |= (state & 1) << bit
            state = self._single_step(state)
        return payload

    def step(self) -> None:
        """One transfer: the state moves on by ``leap`` single steps."""
        for _ in range(self.parameters.leap):
            self.state = self._single_step(self.state)

    def words(self, count: int) -> list[int]:
        """The next ``count`` payloads, which are thereby taken."""
        words = []
        for _ in range(count):
            words.append(self.payload)
            self.step()
        return words

    def bits(self, count: int) -> NDArray[np.uint8]:
        """The next ``count`` bits of the sequence, shape (count,), from the first bit of the present payload.

        They are taken as whole payloads: the model stands afterwards at the payload after the last one touched.
        """
        leap = self.parameters.leap
        transfers = -(-count // leap)
        if self.parameters.form == "fibonacci":
            return self._fibonacci_bits(transfers * leap)[:count]
        words = self.words(transfers)
        return _bits_of(sum(word << (leap * i) for i, word in enumerate(words)), count)

    def _single_step(self, state: int) -> int:
        width = self.parameters.width
        if self.parameters.form == "fibonacci":
            new = (state & self._feedback).bit_count() & 1
            return (state >> 1) | (new << (width - 1))
        return (state >> 1) ^ (self._mask if state & 1 else 0)

    def _fibonacci_bits(self, count: int) -> NDArray[np.uint8]:
        # No new bit depends on one less than min(taps) back, so that many can be made at once from the window.
        width, delays = self.parameters.width, self.parameters.delays
        sequence = np.empty(width + count, dtype=np.uint8)
        sequence[:width] = _bits_of(self.state, width)
        for start in range(width, width + count, delays[-1]):
            stop = min(start + delays[-1], width + count)
            sequence[start:stop] = 0
            for delay in delays:
                sequence[start:stop] ^= sequence[start - delay : stop - delay]
        self.state = int.from_bytes(np.packbits(sequence[count:], bitorder="little").tobytes(), "little")
        first = width - self.parameters.leap
        return sequence[first : first + count]


def leap_rows(parameters: LfsrParameters) -> list[tuple[int, ...]]:
    """For each bit of the state, in order, the old state bits whose exclusive or it is after one leap."""
    return [_indices(row) for row in _unroll(parameters)[0]]


def payload_rows(parameters: LfsrParameters) -> list[tuple[int, ...]]:
    """For each bit of the payload, in order, the state bits whose exclusive or it is."""
    if parameters.form == "fibonacci":
        return [(i,) for i in range(parameters.width - parameters.leap, parameters.width)]
    return [_indices(row) for row in _unroll(parameters)[1]]


def jump(parameters: LfsrParameters, seed: int, steps: int) -> int:
    """The state ``steps`` single steps (bits, not clocks) after ``seed``, in time logarithmic in ``steps``.

    By ``x^steps`` modulo the characteristic polynomial f over GF(2): in Galois form the state is a polynomial and is
    multiplied by it; in Fibonacci form its coefficients say which bits of the old window add up to each new one.
    """
    if steps < 0:
        raise ValueError(f"LFSR steps must not be negative, not {steps!r}")
    return _advance(parameters, check_seed(parameters, seed), _power_of_x(parameters, steps))


def spaced_seeds(parameters: LfsrParameters, seed: int, count: int, spacing: int) -> list[int]:
    """``count`` seeds, ``spacing`` single steps apart, whose streams are disjoint for ``spacing`` bits each.

    All non-zero states lie on one cycle of length ``2^w - 1`` (the taps being maximal). Number them from ``seed``: seed
    k is state ``k * spacing``, and while its stream gives ``spacing`` bits, in ``spacing / leap`` transfers, it goes
    through the ``spacing`` states from there. As ``count * spacing`` is at most the period, no state comes twice
    among all streams, so no window of w bits does.

    Raises
    ------
    ValueError
        If ``count * spacing`` is more than the period, or either is not positive.
    """
    if count < 1 or spacing < 1:
        raise ValueError(f"LFSR seeds need a positive count and spacing, not {count!r} and {spacing!r}")
    if count * spacing > (1 << parameters.width) - 1:
        raise ValueError(f"{count!r} seeds {spacing!r} steps apart do not fit the period 2**{parameters.width} - 1")
    power = _power_of_x(parameters, spacing)
    seeds = [check_seed(parameters, seed)]
    while len(seeds) < count:
        seeds.append(_advance(parameters, seeds[-1], power))
    return seeds


def _unroll(parameters: LfsrParameters) -> tuple[list[int], list[int]]:
    """Rows of the state after ``leap`` steps, and of the bits shifted out meanwhile, as masks of old state bits."""
    rows = [1 << i for i in range(parameters.width)]
    out = []
    for _ in range(parameters.leap):
        first = rows.pop(0)
        out.append(first)
        if parameters.form == "fibonacci":
            new = first
            for exponent in parameters.exponents[1:]:
                new ^= rows[exponent - 1]
            rows.append(new)
        else:
            rows.append(0)
            for tap in parameters.delays:
                rows[tap - 1] ^= first
    return rows, out


def _power_of_x(parameters: LfsrParameters, power: int) -> int:
    value = 1
    for digit in format(power, "b"):
        # Squaring over GF(2) puts a zero between every two coefficients: the binary digits read in base 4.
        value = int(format(value, "b"), 4)
        if digit == "1":
            value <<= 1
        value = _reduce(parameters, value)
    return value


def _reduce(parameters: LfsrParameters, value: int) -> int:
    width, mask = parameters.width, (1 << parameters.width) - 1
    while high := value >> width:
        value &= mask
        for exponent in parameters.exponents:
            value ^= high << exponent
    return value


def _advance(parameters: LfsrParameters, state: int, power: int) -> int:
    width = parameters.width
    if parameters.form == "galois":
        # Bit i of the state is the coefficient of x^(w - 1 - i), and a single step multiplies by x.
        polynomial, product = _reverse(state, width), 0
        for exponent in _indices(power):
            product ^= polynomial << exponent
        return _reverse(_reduce(parameters, product), width)
    # x^k = sum of c_j x^j gives s[i + k] = sum of c_j s[i + j]; that needs the window of 2w bits from s[0].
    sequence = _extend(parameters, state)
    return sum((((sequence >> i) & power).bit_count() & 1) << i for i in range(width))


def _extend(parameters: LfsrParameters, state: int) -> int:
    """The state and the w bits after it, oldest in bit 0."""
    width, block = parameters.width, parameters.delays[-1]
    length = width
    while length < 2 * width:
        new = 0
        for delay in parameters.delays:
            new ^= state >> (length - delay)
        state |= (new & ((1 << block) - 1)) << length
        length += block
    return state


def _reverse(value: int, width: int) -> int:
    return int(format(value, f"0{width}b")[::-1], 2)


def _indices(mask: int) -> tuple[int, ...]:
    return tuple(i for i, digit in enumerate(reversed(format(mask, "b"))) if digit == "1")


def _bits_of(value: int, count: int) -> NDArray[np.uint8]:
    data = np.frombuffer(value.to_bytes(max(1, -(-value.bit_length() // 8), -(-count // 8)), "little"), np.uint8)
    return np.unpackbits(data, bitorder="little")[:count]
