"""The restricted Boltzmann machine at speed on one core: the golden model's units and weights, in Numba.

A stall changes when the hardware takes a random word, never which.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.ising.rbm_parameters import RbmParameters
from hwpy.ising.rbm_words import Words
from hwpy.low_precision.rounding import shift_right

__all__ = ["FastRbm"]

_CHUNK = 1 << 15


class FastRbm:
    """A machine with its stream of words.

    Parameters
    ----------
    parameters
        With an entropy stream of at most 64 bits.
    words
        The stream.

    Attributes
    ----------
    weights
        Raw, (rows, columns), int32.
    negative
        The hidden units of the Gibbs chain, with the one that is always 1.
    taken
        Random words so far.
    clocks
        Of the hardware, in learning and with words that never lack: from one command to the next, loads not counted.
    """

    def __init__(self, parameters: RbmParameters, words: Words):
        self.parameters = p = parameters
        if p.entropy_width > 64:
            raise ValueError(f"the fast RBM takes words of at most 64 bits, not {p.entropy_width!r}")
        self.weights = np.zeros((p.rows, p.columns), np.int32)
        self.negative = (np.arange(p.columns) == p.hidden).astype(np.int32)
        self.taken = self.clocks = 0
        self._source, self._words = words, np.zeros(0, np.uint64)
        self._thresholds = np.array(p.thresholds, np.int64)

    def train(self, images: ArrayLike, rate_shift: int, steps: int = 1, persistent: bool = False) -> None:
        """Learn from images (count, visible) of 0 and 1, one after the other, as `RbmParameters.train` has it."""
        p = self.parameters
        p.train(rate_shift, steps, persistent)  # refuses bad values
        visible = self._with_one(images)
        floors, ups = _roundings(p, rate_shift)
        limits = np.array([p.weight.lowest, p.weight.highest], np.int64)
        up, down = p.rows + 2 + p.hidden + 2, p.rows + 3 + p.tree_stages
        self.clocks += len(visible) * (up + steps * (down + up) + 2)
        most = p.hidden + steps * (p.visible + p.hidden) + p.rows * p.groups + 1
        done = 0
        while done < len(visible):
            self._refill(most)
            done, used, updating = _train(
                visible, done, self.weights, self.negative, self._thresholds, p.field_shift, self._words, most,
                steps, persistent, floors, ups, p.mac.word_bits, limits, p.lanes,
            )  # fmt: skip
            self._used(used)
            self.clocks += updating

    def sample(self, images: ArrayLike, steps: int, held: int = 0, others: bool = False) -> NDArray[np.bool_]:
        """Gibbs steps from images (count, visible), one after the other, as `RbmParameters.sample`; of their shape."""
        p = self.parameters
        p.sample(steps, held, others)
        chains = self._with_one(images)
        stretch = (0, held) if others else (held, p.visible)
        for chain in chains:
            self._refill(steps * (p.visible + p.hidden))
            used = _sample(
                chain, self.weights, self.negative, self._thresholds, p.field_shift, self._words, steps, *stretch
            )
            self._used(used)
        return chains[:, :-1].astype(bool)

    def _with_one(self, images: ArrayLike) -> NDArray[np.int64]:
        images = np.asarray(images)
        if images.ndim != 2 or images.shape[1] != self.parameters.visible:
            raise ValueError(f"RBM images must be (count, {self.parameters.visible}), not {images.shape}")
        return np.concatenate([images, np.ones((len(images), 1))], axis=1).astype(np.int32)

    def _refill(self, least: int) -> None:
        if len(self._words) < least:
            more = self._source.words(max(_CHUNK, least))
            self._words = np.concatenate([self._words, more])

    def _used(self, count: int) -> None:
        self._words, self.taken = self._words[count:], self.taken + count


def _roundings(p: RbmParameters, rate_shift: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What falls by the rate, stays, or rises: its floor, and the words that round it up from an even or odd one.

    All that are at least ``2**random_bits`` less these do.
    """
    shift, words = p.mac.step_shift, np.arange(1 << p.mac.word_bits)
    addends = np.array([-1, 0, 1]) << rate_shift
    floors = addends >> shift
    ups = np.zeros((3, 2), np.int64)
    for kind, parity in np.ndindex(3, 2):
        exact = np.full(words.shape, ((parity - floors[kind]) << shift) + addends[kind])
        rounded = shift_right(exact, shift, p.rounding, words if p.mac.word_bits else None)
        ups[kind, parity] = (rounded - parity).sum()
    return floors, ups


@numba.njit(nogil=True, cache=True)
def _draw(field, word, thresholds, field_shift):
    size = abs(field)
    index = (size + ((1 << field_shift) >> 1)) >> field_shift
    magnitude = np.int64(word & np.uint64(0xFFFF)) >> 1
    if field == 0 or (index < thresholds.shape[0] and magnitude < thresholds[index]):
        return np.int64(word & np.uint64(1))
    return np.int64(field > 0)


@numba.njit(nogil=True, cache=True)
def _up(visible, hidden, weights, thresholds, field_shift, words, at):
    fields = np.zeros(hidden.shape[0], np.int32)
    for i in range(visible.shape[0]):
        if visible[i]:
            row = weights[i]
            for j in range(fields.shape[0]):
                fields[j] += row[j]
    for j in range(hidden.shape[0] - 1):
        hidden[j] = _draw(fields[j], words[at + j], thresholds, field_shift)
    return at + hidden.shape[0] - 1


@numba.njit(nogil=True, cache=True)
def _down(visible, hidden, weights, thresholds, field_shift, words, at, start, stop):
    for i in range(start, stop):
        row, field = weights[i], np.int32(0)
        for j in range(row.shape[0]):
            field = np.int32(field + hidden[j] * row[j])
        visible[i] = _draw(field, words[at], thresholds, field_shift)
        at += 1
    return at


@numba.njit(nogil=True, cache=True)
def _update(visible, positive, chain, negative, weights, words, at, floors, ups, bits, limits, lanes):
    most, clocks, columns = np.int64(1) << bits, 0, positive.shape[0]
    fallen, moved = -negative, positive - negative
    for i in range(visible.shape[0]):
        if visible[i] == chain[i]:
            change = moved
            if not (visible[i] and moved.any()):
                clocks += 1
                continue
        else:
            change = positive if visible[i] else fallen
        row = weights[i]
        for start in range(0, columns, lanes):
            word, needed = np.int64(words[at]), False
            for j in range(start, min(start + lanes, columns)):
                kind = change[j] + 1
                needed |= change[j] != 0
                kept = row[j] + floors[kind]
                kept += (word & most - 1) >= most - ups[kind, kept & 1]
                row[j] = min(max(kept, limits[0]), limits[1])
                word >>= bits
            at += needed and bits > 0
            clocks += 1
    return at, clocks


@numba.njit(nogil=True, cache=True)
def _train(
    images, first, weights, negative, thresholds, field_shift, words, most,
    steps, persistent, floors, ups, bits, limits, lanes,
):  # fmt: skip
    at = clocks = 0
    positive = negative.copy()
    for number in range(first, images.shape[0]):
        if words.shape[0] - at < most:
            return number, at, clocks
        visible = images[number]
        chain = visible.copy()
        at = _up(visible, positive, weights, thresholds, field_shift, words, at)
        if not persistent:
            negative[:] = positive
        for _ in range(steps):
            at = _down(chain, negative, weights, thresholds, field_shift, words, at, 0, visible.shape[0] - 1)
            at = _up(chain, negative, weights, thresholds, field_shift, words, at)
        at, more = _update(visible, positive, chain, negative, weights, words, at, floors, ups, bits, limits, lanes)
        clocks += more
    return images.shape[0], at, clocks


@numba.njit(nogil=True, cache=True)
def _sample(chain, weights, negative, thresholds, field_shift, words, steps, start, stop):
    at = 0
    for _ in range(steps):
        at = _up(chain, negative, weights, thresholds, field_shift, words, at)
        at = _down(chain, negative, weights, thresholds, field_shift, words, at, start, stop)
    return at
