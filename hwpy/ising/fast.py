"""The p-bit array at speed: the golden model's bits, 64 replicas in a machine word.

Each spin, and each random bit, is a row of 64-bit words whose bit r belongs to replica r: one logic
operation does the same step of 64 arrays. What differs between replicas is only their entropy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from hwpy.ising.array import PBitArrayParameters

ONES = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
ZERO = np.uint64(0)
WORD = 64


def pack(bits: NDArray) -> NDArray[np.uint64]:
    """bool[..., replicas] to uint64[..., words]; replica r is bit r % 64 of word r // 64."""
    words = -(-bits.shape[-1] // WORD)
    padded = np.zeros((*bits.shape[:-1], words * WORD), bool)
    padded[..., : bits.shape[-1]] = bits
    return np.packbits(padded, axis=-1, bitorder="little").view("<u8").astype(np.uint64)


def unpack(planes: NDArray[np.uint64], replicas: int) -> NDArray[np.bool_]:
    """The inverse of `pack`."""
    octets = np.ascontiguousarray(planes.astype("<u8")).view(np.uint8)
    return np.unpackbits(octets, axis=-1, bitorder="little")[..., :replicas].astype(bool)


@dataclass(frozen=True, eq=False)
class Tables:
    """An array's structure as flat tables for the kernels."""

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    invert: NDArray[np.uint64]  # all ones where the weight is negative
    magnitude: NDArray[np.int64]
    members: NDArray[np.int32]  # nodes by colour, in the order of their units
    color_start: NDArray[np.int64]
    kind: NDArray[np.int32]  # nodes with the same field values share a kind
    planes: NDArray[np.int64]  # bits of a kind's pull
    majority: NDArray[np.int64]  # the least pull with a positive field
    value_start: NDArray[np.int64]
    values: NDArray[np.int64]  # [k] = pull, level (-1: no field), 1 where the field is positive
    square: bool  # every p-bit has the same four weights, but for their signs, and no bias
    taps: NDArray[np.int32]
    delays: NDArray[np.int64]  # [level, unit]
    magnitudes: NDArray[np.int64]  # [level] = first bit of a word that it compares, and one past the last
    terms: NDArray[np.int64]  # energy terms by weight bit: spin i, spin j or -1, inverted, bit
    energy_base: int


def tabulate(parameters: PBitArrayParameters) -> Tables:
    """Builds the tables; linear in nodes + edges."""
    model = parameters.model
    indptr, indices, weights = model.neighbours()
    level_of = {v: k for k, v in enumerate(parameters.levels)}
    kinds: dict[tuple, int] = {}
    kind = np.empty(model.nodes, np.int32)
    for i in range(model.nodes):
        magnitudes = tuple(sorted(np.abs(weights[indptr[i] : indptr[i + 1]]).tolist()))
        kind[i] = kinds.setdefault((magnitudes, int(model.field[i])), len(kinds))
    planes, majority, value_start, values = [], [], [0], []
    for magnitudes, bias in kinds:
        total = sum(magnitudes)
        pulls = {0}
        for w in magnitudes:
            pulls |= {p + w for p in pulls}
        planes.append(max(total.bit_length(), 1))
        majority.append(max((total - bias) // 2 + 1, 0))
        for pull in sorted(pulls):
            field = 2 * pull - total + bias
            values.append((pull, level_of[abs(field)] if field else -1, int(field > 0)))
        value_start.append(len(values))
    terms = [
        (i, j, int(w < 0), bit)
        for i, j, w in zip(model.row.tolist(), model.col.tolist(), model.coupling.tolist(), strict=True)
        for bit in range(abs(w).bit_length())
        if abs(w) >> bit & 1
    ]
    # A field is violated by the spin -1 when it is positive: the 'other spin' is a constant +1.
    terms += [
        (i, -1, int(h < 0), bit)
        for i, h in enumerate(model.field.tolist())
        for bit in range(abs(h).bit_length())
        if abs(h) >> bit & 1
    ]
    terms.sort(key=lambda t: t[3])
    return Tables(
        indptr=np.asarray(indptr, np.int64),
        indices=np.asarray(indices, np.int32),
        invert=np.where(np.asarray(weights) < 0, ONES, ZERO),
        magnitude=np.abs(np.asarray(weights, np.int64)),
        members=np.concatenate(parameters.members).astype(np.int32),
        color_start=np.cumsum([0, *map(len, parameters.members)]),
        kind=kind,
        planes=np.array(planes),
        majority=np.array(majority),
        value_start=np.array(value_start),
        values=np.array(values, np.int64).reshape(-1, 3),
        square=len(kinds) == 1 and all(len(m) == 4 and len(set(m)) == 1 and h == 0 for m, h in kinds),
        taps=parameters.noise.taps[np.arange(parameters.noise.units) % parameters.noise.words],
        delays=parameters.noise.delays[:, np.arange(parameters.noise.units) % parameters.noise.words],
        magnitudes=np.array([(m.start, m.stop) for m in parameters.noise.magnitudes], np.int64).reshape(-1, 2),
        terms=np.array(terms, np.int64).reshape(-1, 4),
        energy_base=-int(np.abs(model.coupling).sum() + np.abs(model.field).sum()),
    )


@numba.njit(nogil=True, cache=True, inline="always")
def _less(outcome, high, passed, entropy, taps, words):
    """Outcome = the random bits of `taps` < high, with `passed` where they are equal (golden: `Noise.step`)."""
    start = ONES if passed else ZERO
    for w in range(words):
        outcome[w] = start
    for k in range(len(taps)):
        first, second = taps[-1 - k, 0], taps[-1 - k, 1]
        if second >= 0:
            if high >> k & 1:
                for w in range(words):
                    outcome[w] |= ~(entropy[first, w] ^ entropy[second, w])
            else:
                for w in range(words):
                    outcome[w] &= ~(entropy[first, w] ^ entropy[second, w])
        elif high >> k & 1:
            for w in range(words):
                outcome[w] |= ~entropy[first, w]
        else:
            for w in range(words):
                outcome[w] &= ~entropy[first, w]


@numba.njit(nogil=True, cache=True)
def compare(outcomes, entropy, taps, magnitudes, delays, high, passed, count):
    """Outcomes of `count` units into [level, unit, word]; `high` is [level], `passed` [level, delay]."""
    words = entropy.shape[1]
    for u in range(count):
        for j in range(len(high)):
            passes = passed[j, delays[j, u]]
            if high[j] or passes:
                bits = taps[u, magnitudes[j, 0] : magnitudes[j, 1]]
                _less(outcomes[j, u], high[j], passes, entropy, bits, words)
            else:
                for w in range(words):
                    outcomes[j, u, w] = ZERO
        # A level is passed where all below it are (golden: `pbit.decide`).
        for j in range(1, len(high)):
            for w in range(words):
                outcomes[j, u, w] &= outcomes[j - 1, u, w]


@numba.njit(nogil=True, cache=True)
def update_square(spins, nodes, indptr, indices, invert, outcomes, entropy, taps):
    """One colour where every p-bit has four equal weights: outcomes [0] and [1] are levels 2 and 4."""
    words = spins.shape[1]
    for u in range(len(nodes)):
        node = nodes[u]
        near = indptr[node]
        a, b, c, d = indices[near], indices[near + 1], indices[near + 2], indices[near + 3]
        na, nb, nc, nd = invert[near], invert[near + 1], invert[near + 2], invert[near + 3]
        sign, other = taps[u, 0, 0], taps[u, 0, 1]
        for w in range(words):
            g = entropy[sign, w]
            if other >= 0:
                g ^= entropy[other, w]
            v1, v2, v3, v4 = spins[a, w] ^ na, spins[b, w] ^ nb, spins[c, w] ^ nc, spins[d, w] ^ nd
            both12, some12, both34, some34 = v1 & v2, v1 | v2, v3 & v4, v3 | v4
            three = (both12 & some34) | (both34 & some12)
            two = both12 | both34 | (some12 & some34)
            # The sign is a fifth vote; beyond level 2 it beats a majority of one, beyond level 4 any.
            voted = three | (two & g)
            all_or_none = (both12 & both34) | ~(some12 | some34)
            beyond = outcomes[1, u, w] | (outcomes[0, u, w] & ~all_or_none)
            spins[node, w] = (voted & ~beyond) | (g & beyond)


@numba.njit(nogil=True, cache=True)
def update(
    spins, nodes, indptr, indices, invert, magnitude, kind, planes, majority, starts, values, outcomes,
    active, entropy, taps,
):  # fmt: skip
    """One colour of any array: the votes are added in bit planes, then the levels looked up."""
    words = spins.shape[1]
    pull = np.empty((24, words), np.uint64)
    carry = np.empty(words, np.uint64)
    equal = np.empty(words, np.uint64)
    for u in range(len(nodes)):
        node = nodes[u]
        n_planes = planes[kind[node]]
        pull[:n_planes] = ZERO
        for k in range(indptr[node], indptr[node + 1]):
            j, flip, weight = indices[k], invert[k], magnitude[k]
            bit = 0
            while weight:
                if weight & 1:
                    for w in range(words):
                        carry[w] = spins[j, w] ^ flip
                    for q in range(bit, n_planes):
                        for w in range(words):
                            old = pull[q, w]
                            pull[q, w] = old ^ carry[w]
                            carry[w] &= old
                weight >>= 1
                bit += 1
        # pull >= majority
        least = majority[kind[node]]
        if least >> n_planes:
            for w in range(words):
                carry[w] = ZERO
        else:
            for w in range(words):
                carry[w] = ONES
            for q in range(n_planes):
                if least >> q & 1:
                    for w in range(words):
                        carry[w] &= pull[q, w]
                else:
                    for w in range(words):
                        carry[w] |= pull[q, w]
        sign, other = taps[u, 0, 0], taps[u, 0, 1]
        for k in range(starts[kind[node]], starts[kind[node] + 1]):
            value, level = values[k, 0], values[k, 1]
            if level >= 0 and not active[level]:
                continue
            for w in range(words):
                equal[w] = ONES if level < 0 else outcomes[level, u, w]
            for q in range(n_planes):
                if value >> q & 1:
                    for w in range(words):
                        equal[w] &= pull[q, w]
                else:
                    for w in range(words):
                        equal[w] &= ~pull[q, w]
            for w in range(words):
                g = entropy[sign, w]
                if other >= 0:
                    g ^= entropy[other, w]
                carry[w] = (carry[w] & ~equal[w]) | (g & equal[w])
        for w in range(words):
            spins[node, w] = carry[w]


@numba.njit(nogil=True, cache=True)
def energies(spins, terms, base, out):
    """Energy of every replica (int64[words * 64]) in the couplings' LSB, by carry-save addition."""
    words = spins.shape[1]
    total = np.zeros((40, words), np.uint64)
    ones = np.zeros(words, np.uint64)
    carry = np.zeros(words, np.uint64)
    pending = 0
    for t in range(len(terms)):
        i, j, bit = terms[t, 0], terms[t, 1], terms[t, 3]
        flip = ONES if terms[t, 2] else ZERO
        if pending == 0:
            for w in range(words):
                ones[w] = spins[i, w] ^ flip ^ (spins[j, w] if j >= 0 else ONES)
            pending = 1
            last = t + 1 == len(terms) or terms[t + 1, 3] != bit
            if not last:
                continue
            for w in range(words):
                carry[w] = ZERO
        else:
            for w in range(words):
                carry[w] = spins[i, w] ^ flip ^ (spins[j, w] if j >= 0 else ONES)
        pending = 0
        # Two bits and plane `bit` make a sum and a carry.
        for w in range(words):
            low = total[bit, w]
            half = ones[w] ^ carry[w]
            total[bit, w] = low ^ half
            carry[w] = (ones[w] & carry[w]) | (low & half)
        q = bit + 1
        some = True
        while some and q < 40:
            some = False
            for w in range(words):
                low = total[q, w]
                total[q, w] = low ^ carry[w]
                carry[w] &= low
                some |= carry[w] != ZERO
            q += 1
    for r in range(words * 64):
        value = np.int64(0)
        for q in range(40):
            value |= np.int64((total[q, r >> 6] >> np.uint64(r & 63)) & np.uint64(1)) << q
        out[r] = base + 2 * value


@numba.njit(nogil=True, cache=True)
def keep_best(spins, energy, best_energy, best_spins):
    """Keeps each replica's state where its energy is lower than any before."""
    words = spins.shape[1]
    better = np.zeros(words, np.uint64)
    any_better = False
    for r in range(len(energy)):
        if energy[r] < best_energy[r]:
            best_energy[r] = energy[r]
            better[r >> 6] |= np.uint64(1) << np.uint64(r & 63)
            any_better = True
    if any_better:
        for i in range(len(spins)):
            for w in range(words):
                best_spins[i, w] = (best_spins[i, w] & ~better[w]) | (spins[i, w] & better[w])


class FastArray:
    """`replicas` p-bit arrays; a run from reset gives the golden model's states, bit for bit.

    Parameters
    ----------
    parameters
        The array. Clamping and counting are left to the golden model and the hardware.
    source
        Entropy in planes: `source.planes` is uint64[entropy_width][words], `source.step()` the next clock.
    track_best
        Looks at the energy at each sweep's end, the reset state included.
    """

    def __init__(self, parameters: PBitArrayParameters, source, *, track_best: bool = True):
        self.parameters, self.source = parameters, source
        self.tables = tabulate(parameters)
        self.track_best = track_best
        noise = parameters.noise
        words = source.planes.shape[1]
        self.spins = np.zeros((parameters.model.nodes, words), np.uint64)
        self.outcomes = np.zeros((len(noise.levels), noise.units, words), np.uint64)
        self.steps = np.array(noise.dither_steps, np.int64)
        self.line = np.zeros((len(noise.levels), noise.dither_delays), bool)
        self.weyl = np.zeros(len(noise.levels), np.int64)
        self.widths = np.array([noise.dither_width(j) for j in range(len(noise.levels))], np.int64)
        self.best_energy = np.full(words * WORD, np.iinfo(np.int64).max)
        self.best_spins = self.spins.copy()
        self.energy = np.zeros(words * WORD, np.int64)
        self.primed = False

    def _compare(self, thresholds: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
        """Outcomes from the entropy of this clock; returns which levels any unit can pass."""
        noise = self.parameters.noise
        dither = self.weyl >> (noise.threshold_bits - self.widths)
        self.line[:, 1:] = self.line[:, :-1]
        self.line[:, 0] = dither < (thresholds & ((1 << self.widths) - 1))
        self.weyl = (self.weyl + self.steps) & ((1 << noise.threshold_bits) - 1)
        high = thresholds >> self.widths
        t = self.tables
        compare(self.outcomes, self.source.planes, t.taps, t.magnitudes, t.delays, high, self.line, count)
        return np.logical_and.accumulate((high > 0) | self.line.any(axis=1))

    def _signs(self) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        """Planes, and for each unit the places in them of its word, the sign's first."""
        return self.source.planes, self.tables.taps

    def anneal(self, betas, sweeps: int, progress=None, on_sweep=None) -> None:
        """`sweeps` sweeps at each of `betas` (per LSB of the weights); `progress(done fraction)` at each step.

        `on_sweep()` is called at each sweep's end.
        """
        t = self.tables
        for done, beta in enumerate(betas):
            thresholds = np.array(self.parameters.noise.thresholds(beta), np.int64)
            if not self.primed:
                self.active = self._compare(thresholds, self.parameters.noise.units)
                self.source.step()
                self.primed = True
            for _ in range(sweeps):
                if self.track_best:
                    self._look()
                for c in range(len(t.color_start) - 1):
                    nodes = t.members[t.color_start[c] : t.color_start[c + 1]]
                    planes, taps = self._signs()
                    if t.square:
                        update_square(self.spins, nodes, t.indptr, t.indices, t.invert, self.outcomes, planes, taps)
                    else:
                        update(
                            self.spins, nodes, t.indptr, t.indices, t.invert, t.magnitude, t.kind, t.planes,
                            t.majority, t.value_start, t.values, self.outcomes, self.active, planes, taps,
                        )  # fmt: skip
                    self.active = self._compare(thresholds, self.parameters.noise.units)
                    self.source.step()
                if on_sweep is not None:
                    on_sweep()
            if progress is not None:
                progress((done + 1) / len(betas))
        self._look()

    def _look(self) -> None:
        energies(self.spins, self.tables.terms, self.tables.energy_base, self.energy)
        if self.track_best:
            keep_best(self.spins, self.energy, self.best_energy, self.best_spins)
