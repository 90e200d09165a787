"""Many images at once through an OR-gate network, 64 a machine word: the bits of `hwpy.stochastic_computing.network`.

All images of a run see the same random bits, as from a generator that restarts with each image. Then in a beat the
leading one of an input's random word is the same for all: the input bits of 512 images are one row of the pixels' bit
planes, and the weights that have this bit set are a list made beforehand. A synapse whose weight bit is 0 in this
beat costs nothing, and one whose bit is 1 is the OR of a row into its neuron's, one instruction where the machine has
words of 512 bits.

    for each input i with a leading one in both of its words, for each synapse (i, j) with this weight bit: y_j |= x_i
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.stochastic_computing.network import Network, Outcome

__all__ = ["IMAGES", "FastNetwork"]

_WORDS = 8
#: Images of a run.
IMAGES = 64 * _WORDS


class FastNetwork:
    """The network over up to 512 images a run.

    Parameters
    ----------
    network
        The golden model, whose bits these are.
    """

    def __init__(self, network: Network):
        self.network = network
        self._layers = [_Layer(network, place) for place in range(len(network.layers))]

    @property
    def synapses(self) -> int:
        """Weights that are not 0."""
        return sum(int(np.count_nonzero(layer.weights)) for layer in self.network.layers)

    def counts(self, images: ArrayLike, random: ArrayLike, lengths: list[int]) -> NDArray[np.int32]:
        """The class scores after each of the rising lengths, (lengths, images, classes).

        Parameters
        ----------
        images
            (images, K) numbers below ``2**input_bits``, at most 512 images.
        random
            (latency + longest length, random_bits) bits, those of every image.
        """
        parameters = self.network.parameters
        numbers = self.network.check_image(images)
        bits = np.ascontiguousarray(random, np.uint8)
        if not 1 <= len(numbers) <= IMAGES:
            raise ValueError(f"a run must be of 1 to {IMAGES} images, not {len(numbers)}")
        if bits.ndim != 2 or bits.shape[1] != parameters.random_bits or len(bits) < parameters.latency + lengths[-1]:
            expected = (parameters.latency + lengths[-1], parameters.random_bits)
            raise ValueError(f"random bits must have shape {expected!r}, not {bits.shape!r}")
        planes = _planes(numbers, parameters.input_bits)
        # The hardware's pipeline: layer l reads its words `word_start` beats late, the indices lag by the delays alone.
        for layer in self._layers:
            layer.clear()
        last = self._layers[-1]
        counters = np.zeros((2 * parameters.classes, max(lengths[-1].bit_length(), 1), _WORDS), np.uint64)
        scores = np.empty((len(lengths), len(numbers), parameters.classes), np.int32)
        now = 0
        for place, length in enumerate(lengths):
            while now < last.lag + length:
                until = min(now + 64, last.lag + length)
                rows = np.zeros((until - now, parameters.inputs, _WORDS), np.uint64)
                _input_rows(rows, planes, bits[now:until])
                for layer in self._layers:
                    rows = layer.run(rows, bits, now)
                _count(rows, counters, max(last.lag - now, 0))
                now = until
            scores[place] = _scores(counters, parameters.classes)[: len(numbers)]
        return scores

    def classify(self, images: ArrayLike, random: ArrayLike) -> Outcome:
        """The outcomes of up to 512 images (images, K), as the golden model's for each image with these random bits."""
        checkpoints = self.network.parameters.checkpoints
        scores = self.counts(images, random, [length for length, _ in checkpoints])
        chosen = np.full(scores.shape[1], len(checkpoints) - 1)
        if self.network.parameters.classes > 1:
            best = np.sort(scores, axis=-1)
            leads = best[..., -1] - best[..., -2]
            stops = leads >= np.array([lead for _, lead in checkpoints])[:, None]
            chosen = stops.argmax(axis=0)
        final = scores[chosen, np.arange(scores.shape[1])].astype(np.int64)
        return Outcome(final.argmax(-1), np.array([length for length, _ in checkpoints])[chosen], final)


class _Layer:
    """A layer's synapses by input and weight bit, and the past of its outputs."""

    def __init__(self, network: Network, place: int):
        parameters, layer = network.parameters, network.layers[place]
        self.is_last = place == len(network.layers) - 1
        self.bits = layer.parameters.weight_bits
        self.neurons = layer.parameters.neurons
        self.first_bit = parameters.input_random_bits
        self.delays = parameters.delays(place)
        before = [int(parameters.delays(p).max()) for p in range(place)]
        self.lag = sum(before)
        self.word_start = 1 + sum(2 + longest for longest in before) - self.lag
        neurons, inputs = np.nonzero(layer.weights)
        weights = layer.weights[neurons, inputs]
        # Rails by turns: the row of neuron j's y+ is 2 j, that of its y- 2 j + 1.
        targets, magnitudes = 2 * neurons + (weights < 0), np.abs(weights)
        keys, values = [], []
        for bit in range(self.bits + 1):
            chosen = magnitudes >> bit & 1 == 1
            keys.append(inputs[chosen] * (self.bits + 1) + bit)
            values.append(targets[chosen])
        key, value = np.concatenate(keys), np.concatenate(values)
        order = np.lexsort((value, key))
        self.targets = value[order].astype(np.int32)
        self.starts = np.searchsorted(key[order], np.arange(layer.parameters.inputs * (self.bits + 1) + 1))
        self.clear()

    def clear(self) -> None:
        size = 1 if self.is_last else int(self.delays.max()) + 1
        self.past = np.zeros((size, 1 if self.is_last else self.neurons, _WORDS), np.uint64)

    def run(self, rows, bits, now):  # type: ignore[no-untyped-def]
        """Beats from `now` on, before which this layer's inputs begin at beat `lag`: rows in, rows out."""
        sums = np.zeros((len(rows), 2 * self.neurons, _WORDS), np.uint64)
        words = bits[:, self.first_bit :]
        _gates(sums, rows, words, now + self.word_start, self.bits, self.starts, self.targets)
        if self.is_last:
            return sums
        hidden = np.empty((len(rows), self.neurons, _WORDS), np.uint64)
        _isolate(hidden, sums, self.past, self.delays, now)
        return hidden


def _planes(numbers: NDArray[np.int64], bits: int) -> NDArray[np.uint64]:
    """Bit planes of the images: uint64[K][bits][words], image n in bit n."""
    padded = np.zeros((IMAGES, numbers.shape[1]), np.int64)
    padded[: len(numbers)] = numbers
    planes = (padded.T[:, None, :] >> np.arange(bits)[:, None] & 1).astype(np.uint8)
    return np.packbits(planes, axis=-1, bitorder="little").view("<u8").astype(np.uint64)


def _scores(counters: NDArray[np.uint64], classes: int) -> NDArray[np.int32]:
    """Counts up less counts down, (512, classes), from counters whose bit p is plane p."""
    planes = np.unpackbits(counters.astype("<u8").view(np.uint8), axis=-1, bitorder="little")
    counts = (planes.astype(np.int32) << np.arange(planes.shape[1])[:, None]).sum(axis=1)
    return (counts[0::2] - counts[1::2]).T


@numba.njit(nogil=True, cache=True)
def _leading(bits, beat, first, count):
    """The highest 1 of a word of `count` bits, or -1."""
    for k in range(count - 1, -1, -1):
        if bits[beat, first + k]:
            return k
    return -1


@numba.njit(nogil=True, cache=True)
def _input_rows(rows, planes, bits):
    count = planes.shape[1]
    for n in range(rows.shape[0]):
        for i in range(rows.shape[1]):
            k = _leading(bits, n, i * count, count)
            if k >= 0:
                for w in range(_WORDS):
                    rows[n, i, w] = planes[i, k, w]


@numba.njit(nogil=True, cache=True)
def _gates(sums, rows, words, beat, count, starts, targets):
    for n in range(rows.shape[0]):
        for i in range(rows.shape[1]):
            x0, x1, x2, x3 = rows[n, i, 0], rows[n, i, 1], rows[n, i, 2], rows[n, i, 3]
            x4, x5, x6, x7 = rows[n, i, 4], rows[n, i, 5], rows[n, i, 6], rows[n, i, 7]
            if (x0 | x1 | x2 | x3 | x4 | x5 | x6 | x7) == 0:
                continue
            place = i * (count + 1)
            k = _leading(words, beat + n, i * count, count)
            for bit in (k, count):  # a weight of 2**count is the input as it is
                if bit < 0:
                    continue
                for s in range(starts[place + bit], starts[place + bit + 1]):
                    j = targets[s]
                    sums[n, j, 0] |= x0
                    sums[n, j, 1] |= x1
                    sums[n, j, 2] |= x2
                    sums[n, j, 3] |= x3
                    sums[n, j, 4] |= x4
                    sums[n, j, 5] |= x5
                    sums[n, j, 6] |= x6
                    sums[n, j, 7] |= x7


@numba.njit(nogil=True, cache=True)
def _isolate(hidden, sums, past, delays, now):
    """y+ AND NOT y-, delayed: so late by the longest delay for none, that all neurons' beats are there."""
    size = past.shape[0]
    for n in range(hidden.shape[0]):
        slot = (now + n) % size
        for j in range(hidden.shape[1]):
            for w in range(_WORDS):
                past[slot, j, w] = sums[n, 2 * j, w] & ~sums[n, 2 * j + 1, w]
        for j in range(hidden.shape[1]):
            then = (now + n - delays[j]) % size
            for w in range(_WORDS):
                hidden[n, j, w] = past[then, j, w]


@numba.njit(nogil=True, cache=True)
def _count(rows, counters, skip):
    for n in range(skip, rows.shape[0]):
        for c in range(rows.shape[1]):
            for w in range(_WORDS):
                carry = rows[n, c, w]
                p = 0
                while carry:
                    counters[c, p, w], carry = counters[c, p, w] ^ carry, counters[c, p, w] & carry
                    p += 1
