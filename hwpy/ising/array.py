"""An array of p-bits that anneals one Ising instance: parameters and golden model."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hwpy.ising.coloring import color, split
from hwpy.ising.model import IsingModel
from hwpy.ising.noise import Noise, NoiseParameters
from hwpy.ising.pbit import PBitParameters, decide

ROW_BITS = 16
COUNTER_BITS = 48


class Target(IntEnum):
    """What a word on the load stream sets; `address` and `data` are 16 bits wide."""

    THRESHOLD = 0  # address = step * levels + level; data = threshold
    SWEEPS = 1  # data = sweeps in one step of the schedule, 1 to 65535
    STEPS = 2  # data = steps of the schedule, 1 to `steps`
    SPINS = 3  # address = row; data = 16 spins, see `row_of` (where `loadable`)
    CLAMP = 4  # address = row; data = 1 for each spin of the row that is held (where `clampable`)
    START = 5  # anneal, then send the results


class Phase(IntEnum):
    """The array's state machine."""

    IDLE = 0
    PRIME = 1
    RUN = 2
    READ = 3


@dataclass(frozen=True, eq=False)
class PBitArrayParameters:
    """A p-bit array for the instance `model`.

    All p-bits of one colour update in one clock, each from a noise word of its own.

    Parameters
    ----------
    model
        The instance; its integer couplings and fields are built in.
    fresh_bits, dither_bits, step_bits, spread, share
        See `NoiseParameters`.
    steps
        Entries in the schedule's table, a power of two up to 1024.
    loadable, clampable
        Spins can be set, or held, at run time; about one LUT a p-bit each.
    track_best
        The lowest energy at a sweep's end and its state are kept (an adder tree over the edges).
    count_flips
        Changes of spins are counted (an adder tree over one colour).
    split
        Parts that each colour is updated in: as many fewer noise units, and updates in a clock.
    """

    model: IsingModel
    fresh_bits: int = 8
    dither_bits: int = 8
    step_bits: int | None = None
    spread: str = "pairs"
    steps: int = 256
    loadable: bool = False
    clampable: bool = False
    track_best: bool = False
    count_flips: bool = False
    split: int = 1
    share: int = 1

    def __post_init__(self) -> None:
        if self.steps < 1 or self.steps > 1024 or self.steps & (self.steps - 1):
            raise ValueError(f"steps must be a power of two up to 1024, not {self.steps!r}")
        if self.fresh_bits + self.dither_bits > 16:
            raise ValueError(
                "an array's thresholds are loaded in 16-bit words, which "
                f"{self.fresh_bits!r} + {self.dither_bits!r} bits exceed"
            )
        if self.model.nodes > ROW_BITS << 16:
            raise ValueError(f"an array has at most {ROW_BITS << 16} p-bits, not {self.model.nodes!r}")
        if len(self.levels) * self.steps > 1 << 16:
            raise ValueError(
                f"{len(self.levels)} field levels x {self.steps} schedule steps exceed the 65536 addresses"
            )

    @cached_property
    def coloring(self) -> NDArray[np.int32]:
        """The colour of each p-bit."""
        return split(color(self.model), self.split)

    @cached_property
    def members(self) -> tuple[NDArray[np.int64], ...]:
        """The p-bits of each colour in ascending order; the position in the list is the noise unit."""
        colors = int(self.coloring.max()) + 1
        return tuple(np.flatnonzero(self.coloring == c) for c in range(colors))

    @cached_property
    def levels(self) -> tuple[int, ...]:
        """Every magnitude |I| > 0 that some p-bit can reach."""
        indptr, _, weights = self.model.neighbours()
        kinds = {
            (
                tuple(sorted(np.abs(weights[indptr[i] : indptr[i + 1]]).tolist())),
                int(abs(self.model.field[i])),
            )
            for i in range(self.model.nodes)
        }
        return tuple(sorted({v for w, h in kinds for v in PBitParameters(w, h).levels}))

    @cached_property
    def noise(self) -> NoiseParameters:
        """The noise that drives the array."""
        units = max(len(m) for m in self.members)
        return NoiseParameters(
            units, self.levels, self.fresh_bits, self.dither_bits, self.step_bits, self.spread, share=self.share
        )

    def pbit(self, node: int) -> PBitParameters:
        """The parameters of one p-bit; its neighbours are in the order of `model.neighbours()`."""
        indptr, _, weights = self.model.neighbours()
        return PBitParameters(
            tuple(weights[indptr[node] : indptr[node + 1]].tolist()), int(self.model.field[node]), self.levels
        )

    @property
    def rows(self) -> int:
        """Words of 16 spins that hold the state."""
        return -(-self.model.nodes // ROW_BITS)

    def result_words(self) -> list[str]:
        """What each 16-bit word of the result stream is, in order."""
        words = [f"spins {r}" for r in range(self.rows)]
        if self.count_flips:
            words += [f"flips {k}" for k in range(COUNTER_BITS // 16)]
        if self.track_best:
            words += ["best energy 0", "best energy 1"]
            words += [f"best spins {r}" for r in range(self.rows)]
        return words

    def program(self, betas: list[float], sweeps: int) -> list[tuple[Target, int, int]]:
        """The load-stream words (target, address, data) for a schedule of `sweeps` sweeps at each beta.

        `betas` are per LSB of the weights.
        """
        if not 1 <= len(betas) <= self.steps:
            raise ValueError(f"a schedule has 1 to {self.steps} steps, not {len(betas)}")
        if not 1 <= sweeps < 1 << 16:
            raise ValueError(f"a step has 1 to 65535 sweeps, not {sweeps!r}")
        words = [
            (Target.THRESHOLD, step * len(self.levels) + level, threshold)
            for step, beta in enumerate(betas)
            for level, threshold in enumerate(self.noise.thresholds(beta))
        ]
        return [*words, (Target.SWEEPS, 0, sweeps), (Target.STEPS, 0, len(betas))]


def row_of(rows: int, row: int, nodes: int) -> NDArray[np.int64]:
    """The spins in a row, from bit 0: every `rows`-th one, so that a bit of all rows is a stretch of the array.

    (The read-out's multiplexers then stay each in one place of the chip.)
    """
    return np.arange(row, nodes, rows)


def to_rows(bits: NDArray) -> list[int]:
    """Packs spins (True is +1) into 16-bit rows, see `row_of`."""
    rows = -(-len(bits) // ROW_BITS)
    padded = np.zeros(rows * ROW_BITS, np.int64)
    padded[: len(bits)] = bits
    return (padded.reshape(ROW_BITS, rows) << np.arange(ROW_BITS)[:, None]).sum(axis=0).tolist()


class PBitArray:
    """Golden model, one clock a call of `tick`."""

    def __init__(self, parameters: PBitArrayParameters):
        self.parameters = p = parameters
        self.noise = Noise(p.noise)
        self.spins = np.zeros(p.model.nodes, bool)
        self.clamped = np.zeros(p.model.nodes, bool)
        self.table = np.zeros((p.steps, len(p.levels)), np.int64)
        self.sweeps = self.steps = 1
        self.phase = Phase.IDLE
        self.color = self.sweep = self.step = self.word = 0
        self.outcomes = np.zeros((p.noise.units, len(p.levels)), bool)
        self.flips = 0
        self.best_energy = (1 << 31) - 1
        self.best_spins = self.spins.copy()

    @property
    def load_ready(self) -> bool:
        """The load stream's `ready`."""
        return self.phase == Phase.IDLE

    @property
    def entropy_ready(self) -> bool:
        """The entropy stream's `ready`: the array takes a word in every clock that it can use it."""
        return self.phase in (Phase.PRIME, Phase.RUN)

    @property
    def result(self) -> int | None:
        """The result stream's payload, or None where it is not valid."""
        return self._results()[self.word] if self.phase == Phase.READ else None

    def _results(self) -> list[int]:
        words = to_rows(self.spins)
        if self.parameters.count_flips:
            words += [self.flips >> 16 * k & 0xFFFF for k in range(COUNTER_BITS // 16)]
        if self.parameters.track_best:
            words += [self.best_energy >> 16 * k & 0xFFFF for k in range(2)]
            words += to_rows(self.best_spins)
        return words

    def tick(
        self,
        *,
        load: tuple[int, int, int] | None = None,
        entropy: NDArray[np.uint8] | None = None,
        result_ready: bool = False,
    ) -> None:
        """One clock edge, given what the streams offer: None where `valid` is low."""
        if self.phase == Phase.IDLE:
            if load is not None:
                self._load(*load)
        elif self.phase == Phase.READ:
            if self.word == 0 and self.parameters.track_best:
                self._keep_best()
            if result_ready:
                self.word += 1
                if self.word == len(self._results()):
                    self.phase = Phase.IDLE
        elif entropy is not None:
            # The signs are used in their own clock, the outcomes in the next.
            outcomes = self.outcomes
            signs, self.outcomes = self.noise.step(entropy, tuple(self.table[self.step].tolist()))
            if self.phase == Phase.PRIME:
                self.phase = Phase.RUN
            else:
                self._update(signs, outcomes)

    def _load(self, target: int, address: int, data: int) -> None:
        p = self.parameters
        bits = (data >> np.arange(ROW_BITS) & 1).astype(bool)
        row = row_of(p.rows, address, p.model.nodes)
        if target == Target.THRESHOLD:
            step, level = divmod(address, len(p.levels)) if p.levels else (p.steps, 0)
            if step < p.steps:
                self.table[step, level] = data & (1 << p.noise.threshold_bits) - 1
        elif target == Target.SWEEPS:
            self.sweeps = max(data, 1)
        elif target == Target.STEPS:
            self.steps = max(data, 1)
        elif target == Target.SPINS and p.loadable and address < p.rows:
            self.spins[row] = bits[: len(row)]
        elif target == Target.CLAMP and p.clampable and address < p.rows:
            self.clamped[row] = bits[: len(row)]
        elif target == Target.START:
            self.phase = Phase.PRIME
            self.color = self.sweep = self.step = self.word = 0
            self.flips = 0
            self.best_energy = (1 << 31) - 1

    def _update(self, signs: NDArray, outcomes: NDArray) -> None:
        p = self.parameters
        if self.color == 0 and p.track_best:
            self._keep_best()
        indptr, indices, weights = p.model.neighbours()
        states = np.where(self.spins, 1, -1)
        before = self.spins.copy()
        for unit, node in enumerate(p.members[self.color]):
            near = slice(indptr[node], indptr[node + 1])
            field = int(weights[near] @ states[indices[near]] + p.model.field[node])
            outcome = dict(zip(p.levels, outcomes[unit], strict=True))
            if not self.clamped[node]:
                self.spins[node] = decide(field, signs[unit], outcome)
        self.flips += int((before != self.spins).sum())
        self.color += 1
        if self.color == len(p.members):
            self.color = 0
            self.sweep += 1
            if self.sweep == self.sweeps:
                self.sweep = 0
                self.step += 1
                if self.step == self.steps:
                    self.step = 0
                    self.phase = Phase.READ

    def _keep_best(self) -> None:
        energy = int(self.parameters.model.integer_energy(np.where(self.spins, 1, -1).astype(np.int8)))
        if energy < self.best_energy:
            self.best_energy, self.best_spins = energy, self.spins.copy()


def packed_result(parameters: PBitArrayParameters, words: list[int]) -> dict[str, object]:
    """The result stream's words as `state` (+-1) and, where kept, `flips`, `best_energy`, `best_state`."""
    n, rows = parameters.model.nodes, parameters.rows

    def spins(part: list[int]) -> NDArray[np.int8]:
        bits = (np.array(part) >> np.arange(ROW_BITS)[:, None] & 1).ravel()[:n]
        return (2 * bits - 1).astype(np.int8)

    rest = list(words)
    result: dict[str, object] = {"state": spins(rest[:rows])}
    rest = rest[rows:]
    if parameters.count_flips:
        result["flips"] = sum(w << 16 * k for k, w in enumerate(rest[: COUNTER_BITS // 16]))
        rest = rest[COUNTER_BITS // 16 :]
    if parameters.track_best:
        energy = rest[0] | rest[1] << 16
        result["best_energy"] = energy - (1 << 32) if energy >> 31 else energy
        result["best_state"] = spins(rest[2 : 2 + rows])
    return result
