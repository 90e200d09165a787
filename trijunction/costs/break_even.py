"""When junctions take less energy than a generator: the energy of a unit of work, and the price of a bit that is even.

All energies are in fJ, times in ns (so powers in uW are fJ/ns). A junction gives a fresh bit only every ``interval``
dwell times. Its bias is whitened by the exclusive or of ``k`` junctions, the least number that brings it below what the
work bears: ``2^(k-1) bias^k`` (piling-up lemma). That multiplies their correlations too, so each of the k may be read k
times as often. If that is still slower than the clock there are two ways out:

parallel
    As many junctions a bit as there are clocks between two reads, taken in turn: a tree of multiplexers chooses.
stalled
    The design waits, its clock running and its gates leaking.

Either way every bit takes k reads, and a junction that current flows through all the time takes its static power for
as long as it makes a bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["STRATEGIES", "Bounds", "Inputs", "bounds", "break_even", "clocks_a_read", "energy", "fold"]

STRATEGIES = ("parallel", "stalled")

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Inputs:
    """What a way takes.

    Parameters
    ----------
    rival
        Energy of a unit of work with the best generator.
    gates
        The same with junctions, their own not in it.
    idle
        Of a clock in which the design with junctions waits, over the units of work of a clock.
    joined, level, spare
        In a clock: of the gate that joins one more read to a bit, of a level of the tree that chooses a junction, and
        of what a junction out of turn keeps busy.
    bits
        Random bits of a unit of work.
    clock
        Period.
    interval
        Dwell times between two reads of a junction.
    tolerance
        P(1) - 1/2 that is borne.
    static
        Power of a junction all the time.
    wire
        To bring a read's bit to the gates.
    """

    rival: float
    gates: float
    idle: float
    joined: float
    level: float
    spare: float
    bits: float
    clock: float
    interval: float
    tolerance: float
    static: float = 0.0
    wire: float = 0.0


def fold(inputs: Inputs, bias: float) -> int:
    """Junctions whose exclusive or is a bit: the least k with ``2^(k-1) bias^k <= tolerance``."""
    if not 0 <= bias < 0.5:
        raise ValueError(f"bias error must be from 0 to below 0.5, not {bias!r}")
    k = 1
    # The slack is for a bias that is just borne.
    while 2 ** (k - 1) * bias**k > inputs.tolerance * (1 + 1e-9):
        k += 1
    return k


def _pause(inputs: Inputs, dwell: Array, k: int) -> Array:
    """Time between two reads of a junction."""
    return np.maximum(inputs.interval * dwell / k, inputs.clock)


def clocks_a_read(inputs: Inputs, dwell: ArrayLike, bias: float) -> Array:
    """Clocks between two reads of a junction."""
    pause = _pause(inputs, np.asarray(dwell, np.float64), fold(inputs, bias))
    # The slack is for a pause that is a whole number of clocks.
    return np.ceil(pause / inputs.clock - 1e-9)


def _overhead(inputs: Inputs, dwell: Array, bias: float, strategy: str) -> Array:
    """Energy of a unit of work for whitening, and for waiting or for junctions out of turn."""
    k, clocks = fold(inputs, bias), clocks_a_read(inputs, dwell, bias)
    whitening = inputs.bits * (k - 1) * inputs.joined
    if strategy == "stalled":
        return whitening + (clocks - 1) * inputs.idle
    chosen = np.ceil(np.log2(clocks)) * inputs.level + (clocks - 1) * inputs.spare
    return whitening + inputs.bits * k * chosen


def energy(inputs: Inputs, price: ArrayLike, dwell: ArrayLike, bias: float, strategy: str = "best") -> Array:
    """Energy of a unit of work with junctions of this price a read; price and dwell time broadcast."""
    if strategy == "best":
        return np.minimum(*(energy(inputs, price, dwell, bias, each) for each in STRATEGIES))
    k, time = fold(inputs, bias), np.asarray(dwell, np.float64)
    read = np.asarray(price, np.float64) + inputs.wire + inputs.static * _pause(inputs, time, k)
    return inputs.gates + inputs.bits * k * read + _overhead(inputs, time, bias, strategy)


def break_even(inputs: Inputs, dwell: ArrayLike, bias: float, strategy: str = "best") -> Array:
    """Price of a read at which junctions take what the rival takes; not positive: they never win."""
    if strategy == "best":
        return np.maximum(*(break_even(inputs, dwell, bias, each) for each in STRATEGIES))
    k, time = fold(inputs, bias), np.asarray(dwell, np.float64)
    spare = inputs.rival - inputs.gates - _overhead(inputs, time, bias, strategy)
    return spare / (inputs.bits * k) - inputs.wire - inputs.static * _pause(inputs, time, k)


@dataclass(frozen=True)
class Bounds:
    """Inputs as they are best known, and alternatives: a corner takes one of each group, whose inputs go together."""

    nominal: Inputs
    groups: tuple[tuple[Mapping[str, float], ...], ...] = ()

    def corners(self) -> Iterator[Inputs]:
        """The nominal inputs, then every choice of an alternative a group."""
        yield self.nominal
        for choice in product(*self.groups):
            yield replace(self.nominal, **{name: value for part in choice for name, value in part.items()})

    def sample(self, generator: np.random.Generator) -> Inputs:
        """Inputs between the alternatives, uniformly; those of a group go together."""
        found: dict[str, float] = {}
        for group in self.groups:
            share = generator.dirichlet(np.ones(len(group)))
            for name in group[0]:
                found[name] = float(sum(s * part[name] for s, part in zip(share, group, strict=True)))
        return replace(self.nominal, **found)


def bounds(of: Callable[[Inputs, str], Array], known: Bounds, best: Callable[..., Array]) -> tuple[Array, Array, Array]:
    """A function of inputs and strategy, by the better strategy: its nominal value, and bounds of it.

    Each strategy's bounds are its least and greatest over all corners, outside of which it does not lie, being monotone
    in each group (where a tolerance leaves a choice of two numbers of junctions at most). ``best`` is np.maximum for a
    price and np.minimum for an energy, and holds for bounds as well.
    """
    rows = []
    for strategy in STRATEGIES:
        values = [np.asarray(of(corner, strategy), np.float64) for corner in known.corners()]
        rows.append((values[0], np.min(values, axis=0), np.max(values, axis=0)))
    value, low, high = (best(*parts) for parts in zip(*rows, strict=True))
    return value, low, high
