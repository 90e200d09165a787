"""Random bits for a network from any source: the payloads of its entropy stream, from an image's first beat on.

lfsr
    The registers of `hwpy.stochastic_computing.pool`, 128 new bits a clock from 139: what a `Classifier` has on its
    chip.
lfsr:WIDTH
    The customary cheap one: for each random word a register of WIDTH bits, all of one recurrence and as far apart on
    its cycle as they fit, that makes the bits of a word in a beat (or a few more, lest it run through a part of the
    cycle only). With more words than the period, some are the same.
sobol
    For each random word a dimension of Sobol's sequence in 16 bits, of which the highest are used.
xoshiro
    Generators xoshiro128++, one for all bits, lowest bit of a word first.
smtj
    For each random bit an unbiased junction, read once a beat: a stationary two-state chain, independent if
    ``correlation`` is 0.

Generators restart with each image; the bits of junctions are new for each block of images
(`hwpy.stochastic_computing.fast`).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hwpy.entropy.lfsr import Lfsr, LfsrParameters
from hwpy.entropy.xoshiro import Xoshiro, seed_state
from hwpy.stochastic_computing.network import NetworkParameters
from hwpy.stochastic_computing.pool import pool_bits
from hwpy.stochastic_computing.sequences import SobolParameters, sobol_words

__all__ = ["ENTROPIES", "correlation_of", "is_fresh", "payloads"]

ENTROPIES = ("lfsr", "sobol", "xoshiro", "smtj")
_SOBOL_BITS = 16


def correlation_of(clock_dwell: float) -> float:
    """Correlation of successive bits of a junction with equal mean dwell times, read every ``clock_dwell`` of them."""
    return math.exp(-2 * clock_dwell)


def is_fresh(entropy: str) -> bool:
    """Whether each block of images has other bits."""
    return entropy == "smtj"


def payloads(
    entropy: str, parameters: NetworkParameters, beats: int, seed: int = 1, correlation: float = 0.0, block: int = 0
) -> NDArray[np.uint8]:
    """The bits of ``beats`` payloads, (beats, random_bits).

    Parameters
    ----------
    correlation
        Of successive bits of a junction, 0 to below 1.
    block
        Number of the block of images, of which the junctions' bits depend.

    Raises
    ------
    ValueError
        For an entropy that is none of these, or a correlation out of range.
    """
    if entropy == "smtj":
        return _junctions(parameters.random_bits, beats, correlation, np.random.default_rng([seed, block]))
    if entropy == "lfsr":
        return pool_bits(parameters.random_bits, beats, seed)
    if entropy == "xoshiro":
        words = Xoshiro(seed_state(seed)).words(-(-parameters.random_bits * beats // 32))
        bits = np.unpackbits(words.astype("<u4").view(np.uint8), bitorder="little")
        return bits[: parameters.random_bits * beats].reshape(beats, -1)
    kind, _, width = entropy.partition(":")
    if entropy != "sobol" and not (kind == "lfsr" and width.isdigit()):
        raise ValueError(f"entropy must be one of {', '.join(ENTROPIES)} or lfsr:WIDTH, not {entropy!r}")
    parts, first = [], 0
    groups = _words(parameters)
    total = sum(count for count, _ in groups)
    for count, word_bits in groups:
        places = np.arange(first, first + count)
        if entropy == "sobol":
            parts.append(_sobol(total, places, word_bits, beats))
        else:
            parts.append(_registers(int(width), total, places, word_bits, beats, seed))
        first += count
    return np.concatenate(parts, axis=1)


def _words(parameters: NetworkParameters) -> list[tuple[int, int]]:
    """(count, bits) of the words of a payload: the input's, then the weights', which all layers share."""
    bits = {layer.weight_bits for layer in parameters.layers}
    if len(bits) > 1:
        raise ValueError(f"words of a generator each need layers of equal weight bits, not {sorted(bits)!r}")
    return [(parameters.inputs, parameters.input_bits), (max(layer.inputs for layer in parameters.layers), bits.pop())]


def _registers(
    width: int, total: int, places: NDArray[np.int64], bits: int, beats: int, seed: int
) -> NDArray[np.uint8]:
    period = (1 << width) - 1
    cycle = Lfsr(LfsrParameters(width), 1 + seed % period).bits(period)
    leap = next(n for n in range(bits, bits + period) if math.gcd(n, period) == 1)
    start = places * max(period // total, 1)
    index = (start[:, None] + np.arange(bits)) + leap * np.arange(beats)[:, None, None]
    return cycle[index % period].reshape(beats, -1)


def _sobol(total: int, places: NDArray[np.int64], bits: int, beats: int) -> NDArray[np.uint8]:
    # The first point has all dimensions 0; sequences are used from the second on.
    words = sobol_words(SobolParameters(_SOBOL_BITS, total), beats + 1)[places, 1:] >> (_SOBOL_BITS - bits)
    return (words.T[:, :, None] >> np.arange(bits) & 1).astype(np.uint8).reshape(beats, -1)


def _junctions(count: int, beats: int, correlation: float, generator: np.random.Generator) -> NDArray[np.uint8]:
    if not 0 <= correlation < 1:
        raise ValueError(f"junction correlation must be 0 to below 1, not {correlation!r}")
    packed = generator.integers(0, 256, (beats, -(-count // 8)), dtype=np.uint8)
    bits = np.unpackbits(packed, axis=1, count=count)
    if correlation:
        # Keeping the state with that probability, else drawing it afresh, is the two-state chain.
        threshold = round(correlation * (1 << 16))
        for beat in range(1, beats):
            kept = generator.integers(0, 1 << 16, count, dtype=np.uint16) < threshold
            np.copyto(bits[beat], bits[beat - 1], where=kept)
    return bits
