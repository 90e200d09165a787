"""Sources of bits by name, for measuring them: `lfsr:16`, `xoshiro`, `smtj:0.5`, `smtj:device.json`.

lfsr:WIDTH
    The shift register of that width with the table's taps, one bit a clock.
xoshiro
    xoshiro128++, 32 bits a word, the lowest first.
smtj:RATIO
    An emulated junction with equal dwell times, read every RATIO dwell times.
smtj:FILE.json
    An emulated junction with a junction file's dwell times, read every clock.

The emulated junctions are the chain of the hardware, `hwpy.entropy.smtj.Smtj`, with its 16-bit fractions, driven by
SplitMix64. Several streams of one source can be joined by XOR: their seeds differ.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from hwpy.entropy.junction import JunctionParameters
from hwpy.entropy.lfsr import Lfsr, LfsrParameters
from hwpy.entropy.planes import seed_words
from hwpy.entropy.smtj import FRACTION_BITS, SmtjChain
from hwpy.entropy.xoshiro import Xoshiro, seed_state

__all__ = ["BitStream", "is_source", "junction_chain", "make_bits"]

#: Samples a second of a source whose clock is not given.
DEFAULT_CLOCK = 1e6
_PURPOSE = 4 << 32


@dataclass(frozen=True)
class BitStream:
    """Bits to be measured, with what is known of where they are from.

    Parameters
    ----------
    name
        As the user has called it.
    bits
        0 and 1, uint8, shape (bits,).
    times
        Seconds of each bit, shape (bits,); or the period of even sampling; None if it is not known.
    deterministic
        True for a generator, which has no entropy whatever its statistics.
    two_state
        Whether dwell times of a two-state process have a meaning.
    note
        What a reader of the figures should know of the source.
    """

    name: str
    bits: NDArray[np.uint8]
    times: NDArray[np.float64] | float | None
    deterministic: bool
    two_state: bool = True
    note: str = ""


def is_source(name: str) -> bool:
    """Whether a name is meant for a source of this module, and not a file."""
    return name.partition(":")[0] in ("lfsr", "xoshiro", "smtj")


def make_bits(name: str, count: int, seed: int, clock: float | None = None, streams: int = 1) -> BitStream:
    """``count`` bits of a source, the XOR of ``streams`` of them, at ``clock`` samples a second.

    Raises
    ------
    ValueError
        For a name or parameter that is none of a source.
    InputError
        For a junction file that cannot be used.
    """
    kind, _, argument = name.partition(":")
    period = 1 / (DEFAULT_CLOCK if clock is None else clock)
    seeds = [int(word) for word in seed_words(seed, _PURPOSE, streams)]
    note = ""
    if kind == "lfsr" and re.fullmatch(r"[0-9]{1,4}", argument):
        parameters = LfsrParameters(int(argument))
        starts = [1 + s % ((1 << min(parameters.width, 64)) - 1) for s in seeds]
        each = [_register_bits(parameters, start, count) for start in starts]
        note = "a shift register: its bits follow from its state"
    elif kind == "xoshiro" and not argument:
        each = [_xoshiro_bits(s, count) for s in seeds]
        note = "a generator: its bits follow from its seed"
    elif kind == "smtj" and argument:
        chain = junction_chain(argument, period)
        each = [_junction_bits(chain, s, count) for s in seeds]
        note = "an emulated junction: the figures are those of the device it stands for"
    else:
        raise ValueError(f"source must be lfsr:WIDTH, xoshiro, smtj:RATIO or smtj:FILE.json, not {name!r}")
    bits = each[0]
    for other in each[1:]:
        bits = bits ^ other
    shown = name if streams == 1 else f"{name}, XOR of {streams}"
    junction = kind == "smtj"
    return BitStream(shown, bits, period, not junction, junction and streams == 1, note)


def junction_chain(argument: str, period: float) -> SmtjChain:
    """The emulator's chain for RATIO, or for the junction of a file read every ``period`` seconds.

    Raises
    ------
    ValueError
        For a ratio that is not positive, or sampling so fast that the emulator would not switch.
    """
    if argument.lower().endswith(".json"):
        rates = [float(rate) for rate in JunctionParameters.load(argument).escape_rates()]
    else:
        try:
            ratio = float(argument)
        except ValueError:
            ratio = math.nan
        if not (math.isfinite(ratio) and ratio > 0):
            raise ValueError(f"smtj must be followed by a positive ratio or a file FILE.json, not {argument!r}")
        rates = [ratio / period] * 2
    gone = -math.expm1(-sum(rates) * period)
    return SmtjChain.from_probabilities(rates[0] / sum(rates) * gone, rates[1] / sum(rates) * gone)


def _register_bits(parameters: LfsrParameters, seed: int, count: int) -> NDArray[np.uint8]:
    """As `Lfsr.bits`, but in long blocks: over GF(2) the recurrence holds with all delays times 2^k as well."""
    bits = Lfsr(parameters, seed).bits(min(count, 4 * parameters.width))
    while len(bits) < count:
        scale = 1 << ((len(bits) // parameters.width).bit_length() - 1)
        delays = [scale * tap for tap in parameters.delays]
        block = np.zeros(min(delays[-1], count - len(bits)), np.uint8)
        for delay in delays:
            first = len(bits) - delay
            block ^= bits[first : first + len(block)]
        bits = np.concatenate([bits, block])
    return bits


def _xoshiro_bits(seed: int, count: int) -> NDArray[np.uint8]:
    words = Xoshiro(seed_state(seed)).words(-(-count // 32))
    return np.unpackbits(words.astype("<u4").view(np.uint8), bitorder="little")[:count]


def _junction_bits(chain: SmtjChain, seed: int, count: int) -> NDArray[np.uint8]:
    numbers = seed_words(seed, _PURPOSE, count // 4 + 1).astype("<u8").view("<u2").astype(np.uint16)
    # The first number draws the state before the first step from the stationary distribution.
    start = int(numbers[0]) < chain.probability_of_1 * (1 << FRACTION_BITS)
    return _walk(numbers[1 : count + 1], chain.escape_from_0, chain.escape_from_1, start)


@numba.njit(nogil=True, cache=True)
def _walk(numbers, escape_from_0, escape_from_1, state):
    bits = np.empty(len(numbers), np.uint8)
    for i in range(len(numbers)):
        if numbers[i] < (escape_from_1 if state else escape_from_0):
            state = not state
        bits[i] = state
    return bits
