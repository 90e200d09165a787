"""Stochastic number generators: random words and binary codes to bitstreams. Parameters and golden model.

Both methods turn a word r of w uniform bits and a code c of w bits into one bit with P(1) = c / 2^w exactly:

comparator
    the bit is ``r < c``.
weighted
    the weighted binary generator (P. K. Gupta and R. Kumaresan, *Binary multiplication with PN sequences*, IEEE Trans.
    ASSP 36, 603, 1988): the highest set bit of r, which is bit k with probability 2^(k - w), selects bit k of c. The
    selection can serve many codes.

A junction that is biased to its probability needs neither: its pin is the stream (`junction_streams`).

Streams may share one word: stream j then sees it rotated left by ``rotations[j]`` places, as it was ``delays[j]`` words
ago. How well that works hangs on the words; `hwpy.stochastic_computing.seed_search` measures it.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Generator", "GeneratorParameters", "junction_streams", "rotate"]

_METHODS = ("comparator", "weighted")


@dataclass(frozen=True)
class GeneratorParameters:
    """A bank of generators.

    Parameters
    ----------
    width
        Bits of a code and of a random word, 1 to 32.
    count
        Streams.
    method
        'comparator' or 'weighted'.
    fresh
        Whether every stream takes a random word of its own; else all share one.
    rotations
        Places by which each stream rotates its word left, 0 to ``width - 1``; default none.
    delays
        Age in words of the word that each stream uses, 0 to 64; default none.
    """

    width: int
    count: int = 1
    method: str = "comparator"
    fresh: bool = False
    rotations: tuple[int, ...] | None = None
    delays: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if not 1 <= operator.index(self.width) <= 32:
            raise ValueError(f"generator width must be 1 to 32 bits, not {self.width!r}")
        if operator.index(self.count) < 1:
            raise ValueError(f"generator count must be positive, not {self.count!r}")
        if self.method not in _METHODS:
            raise ValueError(f"generator method must be one of {', '.join(_METHODS)}, not {self.method!r}")
        for name, limit in (("rotations", self.width - 1), ("delays", 64)):
            given = getattr(self, name)
            values = (0,) * self.count if given is None else tuple(operator.index(value) for value in given)
            if len(values) != self.count or any(not 0 <= value <= limit for value in values):
                raise ValueError(f"generator {name} must be {self.count} numbers from 0 to {limit}, not {given!r}")
            object.__setattr__(self, name, values)

    @property
    def views(self) -> list[tuple[int, int]]:
        """(delay, rotation) of each stream."""
        assert self.rotations is not None
        assert self.delays is not None
        return list(zip(self.delays, self.rotations, strict=True))

    @property
    def depth(self) -> int:
        """Words that must have been taken before the first bits are given."""
        return max(delay for delay, _ in self.views)

    @property
    def random_width(self) -> int:
        """Bits of a random payload."""
        return self.width * (self.count if self.fresh else 1)


class Generator:
    """Golden model. ``valid`` and ``payload`` are those of the present clock."""

    def __init__(self, parameters: GeneratorParameters):
        self.parameters = parameters
        self.valid = False
        self.payload = 0
        self._line: list[int] = []

    def ready(self, sink_ready: bool) -> bool:
        """Whether a word is taken in this clock if one is offered."""
        return sink_ready or not self.valid

    def step(self, word: int | None, codes: int, sink_ready: bool) -> None:
        """One clock edge: the random payload offered (None: none), the codes packed, and the sink's ready."""
        if not self.ready(sink_ready):
            return
        self.valid = word is not None and len(self._line) == self.parameters.depth
        if word is None:
            return
        line = [word, *self._line]
        self._line = line[: self.parameters.depth]
        if self.valid:
            self.payload = sum(bit << j for j, bit in enumerate(self._bits(line, codes)))

    def _bits(self, line: list[int], codes: int) -> list[int]:
        width, mask = self.parameters.width, (1 << self.parameters.width) - 1
        bits = []
        for j, (delay, rotation) in enumerate(self.parameters.views):
            word = line[delay] >> (width * j if self.parameters.fresh else 0) & mask
            word = int(rotate(word, rotation, width))
            code = codes >> (width * j) & mask
            if self.parameters.method == "comparator":
                bits.append(int(word < code))
            else:
                bits.append(code >> (word.bit_length() - 1) & 1 if word else 0)
        return bits

    def streams(self, words: ArrayLike, codes: ArrayLike) -> NDArray[np.uint8]:
        """All streams at once, in a fresh bank.

        Parameters
        ----------
        words
            Shape (length + depth,), or (count, length + depth) with ``fresh``: random words in order.
        codes
            Shape (count,): 0 to ``2**width - 1``; for the comparator also ``2**width``, which is always 1.

        Returns
        -------
        Bits of shape (count, length).
        """
        parameters = self.parameters
        given = np.asarray(words, dtype=np.int64)
        numbers = np.asarray(codes, dtype=np.int64)
        if numbers.shape != (parameters.count,):
            raise ValueError(f"generator codes must have shape ({parameters.count},), not {numbers.shape!r}")
        expected = (parameters.count,) if parameters.fresh else ()
        if given.shape[:-1] != expected or given.ndim != len(expected) + 1:
            raise ValueError(f"generator words must have shape {(*expected, 'length')!r}, not {given.shape!r}")
        length = given.shape[-1] - parameters.depth
        bits = np.empty((parameters.count, max(length, 0)), dtype=np.uint8)
        for j, (delay, rotation) in enumerate(parameters.views):
            own = given[j] if parameters.fresh else given
            view = rotate(own[parameters.depth - delay : len(own) - delay], rotation, parameters.width)
            if parameters.method == "comparator":
                bits[j] = view < numbers[j]
            else:
                # frexp gives the bit length of an integer below 2^53 exactly.
                length_of = np.frexp(view.astype(np.float64))[1]
                bits[j] = np.where(view > 0, numbers[j] >> np.maximum(length_of - 1, 0) & 1, 0)
        return bits


def rotate(words: ArrayLike, places: int, width: int) -> NDArray[np.int64]:
    """Words of ``width`` bits rotated left by ``places``."""
    values = np.asarray(words, dtype=np.int64)
    return (values << places | values >> (width - places)) & ((1 << width) - 1)


def junction_streams(
    probabilities: ArrayLike, length: int, generator: np.random.Generator, correlation: float = 0.0
) -> NDArray[np.uint8]:
    """Streams of junctions each biased to a probability: stationary two-state chains, shape (..., length).

    Parameters
    ----------
    probabilities
        P(1) of each, any shape.
    length
        Bits of each stream.
    generator
        Where the randomness comes from.
    correlation
        Of successive bits, 0 to below 1: exp(-(phi_0 + phi_1) tau) for samples tau apart.
    """
    p = np.asarray(probabilities, dtype=np.float64)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError(f"junction probabilities must be 0 to 1, not {probabilities!r}")
    if not 0 <= correlation < 1:
        raise ValueError(f"junction correlation must be 0 to below 1, not {correlation!r}")
    # A chain that keeps its state with probability rho and draws it afresh otherwise is the two-state chain.
    fresh = generator.random((*p.shape, length)) < p[..., None]
    if correlation == 0 or length == 0:
        return fresh.astype(np.uint8)
    renewed = generator.random(fresh.shape) >= correlation
    renewed[..., 0] = True
    place = np.maximum.accumulate(np.where(renewed, np.arange(length), 0), axis=-1)
    return np.take_along_axis(fresh, place, axis=-1).astype(np.uint8)
