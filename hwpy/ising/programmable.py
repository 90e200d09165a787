"""A p-bit array programmed at run time: parameters, the host's side and golden model.

Each p-bit draws its state from a table of its own, one probability for each state of its neighbours. The host makes
the tables from weights, so a p-bit's sum and its sigmoid cost the hardware no logic, and the table of a p-bit may
also hold another conditional distribution than an Ising model's.
"""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwpy.ising.array import ROW_BITS, to_rows
from hwpy.ising.coloring import color
from hwpy.ising.model import IsingModel

__all__ = ["PROBABILITY_BITS", "Phase", "ProgrammableArray", "ProgrammableParameters", "Target", "probability"]

PROBABILITY_BITS = 32
SWEEPS_BITS = 16
LARGEST_DEGREE = 8
#: Weights and biases: s[4][1] in half units, as two's complement.
WEIGHT_RANGE = range(-32, 32)
#: Units beyond which p-bits are not moved between units to save multiplexers.
LARGEST_SEARCH = 64
#: Starts of that search, and units up to which there is more than one.
RESTARTS = 10
LARGEST_RESTARTED = 12


class Target(IntEnum):
    """What a word on the load stream asks for, see `ProgrammableParameters.program` and `run`."""

    TABLE = 0  # sets a table's entry; taken at any time, also during a run
    RUN = 1  # address = step; data = sweeps - 1
    READ = 2  # sends the spins


class Phase(IntEnum):
    """The array's state machine."""

    IDLE = 0
    PRIME = 1
    RUN = 2
    READ = 3


def probability(field: float, beta: float) -> int:
    """P(+1) = (1 + tanh(beta I)) / 2 = 1 / (1 + exp(-2 beta I)) in units of 2**-32, from 0 to 2**32, rounded.

    At 0 the hardware has 2**31 - 1, see `stored`.
    """
    argument = -2 * beta * field
    if argument > 700:
        return 0
    return round((1 << PROBABILITY_BITS) / (1 + math.exp(argument)))


def stored(value: int) -> int:
    """The table's word for a probability of 0 to 2**32: all but 2**31, which is rounded to 2**31 - 1."""
    if not 0 <= value <= 1 << PROBABILITY_BITS:
        raise ValueError(f"a probability is 0 to 2**32 in units of 2**-32, not {value!r}")
    return value - (value >= 1 << (PROBABILITY_BITS - 1))


@dataclass(frozen=True, eq=False)
class ProgrammableParameters:
    """An array for every model on the graph of `model`; only its edges are built in.

    The p-bits of one colour update in one clock. Update unit u serves one p-bit of each colour: entry u of
    `members`. It draws +1 where its 32 random bits r are at least 2**32 - P.

    Parameters
    ----------
    model
        The graph, of a degree up to 8. Its couplings and fields are not looked at.
    degree
        Neighbours that a unit has inputs for; default the graph's largest degree. A table has 2**degree entries.
    steps
        Sets of tables in the memory, a power of two up to 256: temperatures of a schedule, or models. Those not in
        use may be loaded during a run; the one in use must not be.
    share
        1: each unit has a random word of its own. 2: two units share a word, of which the second takes the bits
        in reverse order. Each alone has all 32 bits. Their 16 leading bits are different bits of the word, and a
        state depends on the others with probability 2**-16, so that the two states of a clock are independent to
        within 2**-15 in probability.
    """

    model: IsingModel
    degree: int | None = None
    steps: int = 2
    share: int = 1

    def __post_init__(self) -> None:
        largest = max((len(near) for near in self.near), default=0)
        degree = max(largest, 1) if self.degree is None else operator.index(self.degree)
        object.__setattr__(self, "degree", degree)
        if not 1 <= degree <= LARGEST_DEGREE:
            raise ValueError(f"degree must be 1 to {LARGEST_DEGREE}, not {degree!r}")
        if largest > degree:
            raise ValueError(f"the graph has a p-bit of {largest} neighbours, more than degree {degree!r}")
        if self.steps < 1 or self.steps > 256 or self.steps & (self.steps - 1):
            raise ValueError(f"steps must be a power of two up to 256, not {self.steps!r}")
        if self.share not in (1, 2):
            raise ValueError(f"share must be 1 or 2 units a random word, not {self.share!r}")

    @property
    def inputs(self) -> int:
        """`degree`, never None."""
        assert self.degree is not None
        return self.degree

    @cached_property
    def near(self) -> tuple[tuple[int, ...], ...]:
        """The neighbours of each p-bit, ascending."""
        indptr, indices, _ = self.model.neighbours()
        return tuple(tuple(indices[indptr[i] : indptr[i + 1]].tolist()) for i in range(self.model.nodes))

    @cached_property
    def coloring(self) -> tuple[int, ...]:
        """The colour of each p-bit."""
        return tuple(color(self.model).tolist())

    @property
    def colors(self) -> int:
        """Clocks in a sweep."""
        return max(self.coloring) + 1

    @cached_property
    def members(self) -> tuple[tuple[int | None, ...], ...]:
        """The p-bit of each colour on each unit: [colour][unit]; None where a colour has fewer.

        Chosen so that the p-bits of a unit see the same units where they can, which saves multiplexers.
        """
        classes: list[list[int | None]] = [[] for _ in range(self.colors)]
        for node, c in enumerate(self.coloring):
            classes[c].append(node)
        units = max(map(len, classes))
        for nodes in classes:
            nodes += [None] * (units - len(nodes))
        if units <= LARGEST_SEARCH and self.colors > 1:
            self._arrange(classes)
        return tuple(map(tuple, classes))

    def _arrange(self, classes: list[list[int | None]]) -> None:
        """Swap p-bits between units, in place, for as long as that saves sources of the units' inputs."""

        def sources() -> int:
            place = {node: u for nodes in classes for u, node in enumerate(nodes) if node is not None}
            return sum(
                len({self._source(node, j, place) for node in unit if node is not None for j in self.near[node]})
                for unit in zip(*classes, strict=True)
            )

        def descend() -> int:
            fewest, improved = sources(), True
            while improved:
                improved = False
                for nodes in classes[1:]:
                    for a in range(len(nodes)):
                        for b in range(a):
                            nodes[a], nodes[b] = nodes[b], nodes[a]
                            found = sources()
                            if found < fewest:
                                fewest, improved = found, True
                            else:
                                nodes[a], nodes[b] = nodes[b], nodes[a]
            return fewest

        generator = random.Random(0)
        best = descend(), [list(nodes) for nodes in classes]
        for _ in range(RESTARTS if len(classes[0]) <= LARGEST_RESTARTED else 0):
            for nodes in classes[1:]:
                generator.shuffle(nodes)
            best = min(best, (descend(), [list(nodes) for nodes in classes]), key=lambda found: found[0])
        classes[:] = best[1]

    def _source(self, node: int, neighbour: int, place: Mapping[int, int]) -> tuple[str, int]:
        """Where a p-bit sees a neighbour: the unit that has just drawn it, or its register."""
        if self.coloring[neighbour] == (self.coloring[node] - 1) % self.colors:
            return ("unit", place[neighbour])
        return ("spin", neighbour)

    @cached_property
    def place(self) -> dict[int, int]:
        """The unit of each p-bit."""
        return {node: u for nodes in self.members for u, node in enumerate(nodes) if node is not None}

    @property
    def units(self) -> int:
        """Update units: p-bits in the largest colour."""
        return len(self.members[0])

    @cached_property
    def slots(self) -> dict[int, tuple[int | None, ...]]:
        """For each p-bit the neighbour at each of its unit's inputs, None where it has none there."""
        slots: dict[int, tuple[int | None, ...]] = {}
        for u in range(self.units):
            known: list[set[tuple[str, int]]] = [set() for _ in range(self.inputs)]
            for c in range(self.colors):
                node = self.members[c][u]
                if node is None:
                    continue
                places: list[int | None] = [None] * self.inputs
                left = []
                for j in self.near[node]:
                    same = [k for k, old in enumerate(known) if self.source(node, j) in old and places[k] is None]
                    if same:
                        places[same[0]] = j
                    else:
                        left.append(j)
                for j in left:
                    free = [k for k in range(self.inputs) if places[k] is None]
                    places[min(free, key=lambda k: len(known[k]))] = j
                for k, at in enumerate(places):
                    if at is not None:
                        known[k].add(self.source(node, at))
                slots[node] = tuple(places)
        return slots

    def source(self, node: int, neighbour: int) -> tuple[str, int]:
        """Where a p-bit sees a neighbour: ('unit', u), which has just drawn it, or ('spin', i), its register."""
        return self._source(node, neighbour, self.place)

    @property
    def color_bits(self) -> int:
        """Bits of a colour's number."""
        return (self.colors - 1).bit_length()

    @property
    def step_bits(self) -> int:
        """Bits of a step's number."""
        return (self.steps - 1).bit_length()

    @property
    def unit_bits(self) -> int:
        """Bits of a unit's number."""
        return (self.units - 1).bit_length()

    @property
    def depth_bits(self) -> int:
        """Bits of an address within a unit's memory of 32-bit words: its input state, colour and step."""
        return self.inputs + self.color_bits + self.step_bits

    @property
    def address_bits(self) -> int:
        """Bits of the load stream's address."""
        return self.depth_bits + self.unit_bits

    @property
    def words(self) -> int:
        """Random words of 32 bits that the array takes in one clock."""
        return -(-self.units // self.share)

    @property
    def entropy_width(self) -> int:
        """Width of the entropy stream."""
        return self.words * PROBABILITY_BITS

    @property
    def rows(self) -> int:
        """Words of the result stream: 16 spins each."""
        return -(-self.model.nodes // ROW_BITS)

    def address(self, node: int, step: int, inputs: int) -> int:
        """The load stream's address of a table entry: `inputs` has a bit for each of `slots`, 1 for +1.

        An input without a neighbour may carry anything: the entries for its two values must be equal.
        """
        upper = (self.place[node] << self.step_bits | step) << self.color_bits | self.coloring[node]
        return upper << self.inputs | inputs

    def program(
        self,
        couplings: Mapping[tuple[int, int], int],
        bias: Mapping[int, int],
        beta: float,
        *,
        step: int = 0,
        clamp: Mapping[int, int] | None = None,
    ) -> list[tuple[Target, int, int]]:
        """The load-stream words (target, address, data) that set the tables of one step.

        P(+1) = (1 + tanh(beta I)) / 2 with I = sum_j J_ij s_j + h_i, in 32 bits.

        Parameters
        ----------
        couplings
            J by edge (either order), -32 to 31 in half units; edges of the graph left out are 0.
        bias
            h by p-bit, in the same unit; 0 where left out.
        beta
            Inverse temperature per half unit: 0.5 is s = sgn(tanh(I) - r) with I in whole units.
        step
            Which set of tables.
        clamp
            p-bits that are drawn as the given +-1 with certainty.

        Raises
        ------
        ValueError
            On a weight out of range, an edge that the graph lacks, or a value that is not +-1.
        """
        if not (math.isfinite(beta) and beta >= 0):
            raise ValueError(f"beta must be finite and not negative, not {beta!r}")
        if not 0 <= step < self.steps:
            raise ValueError(f"step must be 0 to {self.steps - 1}, not {step!r}")
        fixed = dict(clamp or {})
        weights: dict[tuple[int, int], int] = {}
        for (i, j), weight in couplings.items():
            if not 0 <= i < self.model.nodes or j not in self.near[i]:
                raise ValueError(f"the array has no edge {(i, j)!r}")
            if (i, j) in weights:
                raise ValueError(f"the edge {(i, j)!r} is given twice")
            weights[i, j] = weights[j, i] = _weight(weight)
        for node in (*bias, *fixed):
            if not 0 <= node < self.model.nodes:
                raise ValueError(f"the array has no p-bit {node!r}")
        for node, spin in fixed.items():
            if spin not in (-1, 1):
                raise ValueError(f"p-bit {node!r} is clamped to -1 or 1, not {spin!r}")
        words = []
        for node in range(self.model.nodes):
            field = _weight(bias.get(node, 0))
            fields = [field]
            for near in self.slots[node]:
                weight = 0 if near is None else weights.get((node, near), 0)
                fields = [i - weight for i in fields] + [i + weight for i in fields]
            for inputs, total in enumerate(fields):
                value = probability(total, beta)
                if node in fixed:
                    value = 1 << PROBABILITY_BITS if fixed[node] > 0 else 0
                words.append((Target.TABLE, self.address(node, step, inputs), stored(value)))
        return words

    def run(self, sweeps: int, step: int = 0) -> tuple[Target, int, int]:
        """The load-stream word for `sweeps` sweeps, 1 to 65536, with the tables of `step`."""
        if not 1 <= sweeps <= 1 << SWEEPS_BITS:
            raise ValueError(f"a run has 1 to {1 << SWEEPS_BITS} sweeps, not {sweeps!r}")
        if not 0 <= step < self.steps:
            raise ValueError(f"step must be 0 to {self.steps - 1}, not {step!r}")
        return Target.RUN, step, sweeps - 1

    def anneal(
        self,
        couplings: Mapping[tuple[int, int], int],
        bias: Mapping[int, int],
        betas: Sequence[float],
        sweeps: int,
        **options: Any,
    ) -> Iterator[tuple[Target, int, int]]:
        """The load-stream words for `sweeps` sweeps at each of `betas`, and for sending the spins afterwards.

        The sets of tables take turns, so that with two or more the next one is loaded while one is in use.
        `options` are those of `program`.
        """
        for k, beta in enumerate(betas):
            step = k % self.steps
            yield from self.program(couplings, bias, beta, step=step, **options)
            yield self.run(sweeps, step)
        yield Target.READ, 0, 0


def _weight(value: int) -> int:
    value = operator.index(value)
    if value not in WEIGHT_RANGE:
        raise ValueError(f"s[4][1] weights are {WEIGHT_RANGE[0]} to {WEIGHT_RANGE[-1]} half units, not {value!r}")
    return value


class ProgrammableArray:
    """Golden model, one clock a call of `tick`."""

    def __init__(self, parameters: ProgrammableParameters):
        self.parameters = p = parameters
        self.spins: NDArray[np.bool_] = np.zeros(p.model.nodes, bool)
        self.table: NDArray[np.uint32] = np.zeros((p.units, p.steps, 1 << p.color_bits, 1 << p.inputs), np.uint32)
        self.phase = Phase.IDLE
        self.color = self.step = self.sweeps_left = self.row = 0

    def load_ready(self, target: int) -> bool:
        """The load stream's `ready` where such a word is offered."""
        return target == Target.TABLE or self.phase == Phase.IDLE

    @property
    def entropy_ready(self) -> bool:
        """The entropy stream's `ready`."""
        return self.phase == Phase.RUN

    @property
    def result(self) -> int | None:
        """The result stream's payload, or None where it is not valid."""
        return to_rows(self.spins)[self.row] if self.phase == Phase.READ else None

    def tick(
        self, *, load: tuple[int, int, int] | None = None, entropy: int | None = None, result_ready: bool = False
    ) -> None:
        """One clock edge, given what the streams offer: None where `valid` is low."""
        p = self.parameters
        if load is not None and load[0] == Target.TABLE:
            self._load(*load)
        elif self.phase == Phase.IDLE:
            if load is not None:
                self._load(*load)
            return
        if self.phase == Phase.PRIME:
            self.phase = Phase.RUN
        elif self.phase == Phase.READ:
            if result_ready:
                self.row = (self.row + 1) % p.rows
                if self.row == 0:
                    self.phase = Phase.IDLE
        elif self.phase == Phase.RUN and entropy is not None:
            self._update(entropy)
            self.color = (self.color + 1) % p.colors
            if self.color == 0:
                if self.sweeps_left == 0:
                    self.phase = Phase.IDLE
                self.sweeps_left -= 1

    def _load(self, target: int, address: int, data: int) -> None:
        p = self.parameters
        if target == Target.TABLE:
            entry = np.unravel_index(address, (1 << p.unit_bits, *self.table.shape[1:]))
            if entry[0] < p.units:
                self.table[entry] = data
        elif target == Target.RUN:
            self.phase = Phase.PRIME
            self.step, self.sweeps_left = address % p.steps, data % (1 << SWEEPS_BITS)
        elif target == Target.READ:
            self.phase = Phase.READ

    def _update(self, entropy: int) -> None:
        p = self.parameters
        bits = f"{entropy:0{p.entropy_width}b}"
        for u, node in enumerate(p.members[self.color]):
            if node is None:
                continue
            stop = len(bits) - PROBABILITY_BITS * (u // p.share)
            word = bits[stop - PROBABILITY_BITS : stop]
            drawn = int(word[::-1] if u % p.share else word, 2)
            inputs = sum(int(self.spins[j]) << k for k, j in enumerate(p.slots[node]) if j is not None)
            value = self._probability(u, node, inputs)
            self.spins[node] = drawn >= (1 << PROBABILITY_BITS) - value

    def _probability(self, unit: int, node: int, inputs: int) -> int:
        """In units of 2**-32."""
        entry = int(self.table[unit, self.step, self.parameters.coloring[node], inputs])
        return entry + (entry >= 1 << (PROBABILITY_BITS - 1))
