"""Stochastic computing: the error of the shipped digits network's scores, and how many digits are right.

The error is against the exact expectation of independent streams (`Network.expectation`): it tells sources apart that
599 images do not. Independent bits have one that falls as the root of the streams' length N; the work of a source is
the N at which its error is theirs at 256.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hwpy.stochastic_computing.data import load
from hwpy.stochastic_computing.fast import IMAGES, FastNetwork
from hwpy.stochastic_computing.inference import wilson
from hwpy.stochastic_computing.model import Model
from hwpy.stochastic_computing.network_entropy import payloads
from trijunction.commands.infer import MODELS
from trijunction.costs.quality.source import Band, Estimate, Source, student

__all__ = ["FIGURE", "KNOB", "LENGTHS", "QUALITY", "accuracy", "built", "curve", "work"]

KNOB, FIGURE = ("length N of the streams", "bit"), ("RMS error of a score", "")
LENGTHS = (16, 32, 64, 128, 256, 512, 1024, 2048)
BUILT = 256
QUALITY = f"the RMS error of the scores that independent bits have at N = {BUILT}"
SEEDS = 12


@cache
def _network() -> tuple[FastNetwork, NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """The fast engine, the test images' numbers and labels, and their exact scores (images, classes)."""
    model, images = Model.load(MODELS / "digits.npz"), load("digits")
    network = model.network(((LENGTHS[-1], 0),))
    numbers = model.numbers(images.pixels)
    return FastNetwork(network), numbers, np.asarray(images.labels), network.expectation(numbers)


def built() -> int:
    """Synapse-bits of an image at N = `BUILT`."""
    return _network()[0].synapses * BUILT


def bits(source: Source, seed: int) -> NDArray[np.uint8]:
    """The payloads of one run, (beats, random bits)."""
    parameters = _network()[0].network.parameters
    beats = parameters.latency + LENGTHS[-1]
    if source.name == "smtj":
        return junctions(source, parameters.random_bits, beats, np.random.default_rng([7, seed]))
    return payloads(source.name, parameters, beats, seed)


def junctions(source: Source, count: int, beats: int, generator: np.random.Generator) -> NDArray[np.uint8]:
    """A stationary two-state chain of each junction: a beat keeps the last state or draws afresh; (beats, count)."""
    states = (generator.random((beats, count), np.float32) < 0.5 + source.bias).astype(np.uint8)
    if source.correlation > 1e-6:
        kept = generator.random((beats, count), np.float32) < source.correlation
        for beat in range(1, beats):
            np.copyto(states[beat], states[beat - 1], where=kept[beat])
    return states


@cache
def _runs(source: Source) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Root-mean-square errors (seeds, lengths), and images that are right (seeds, lengths)."""
    fast, numbers, labels, exact = _network()
    errors, right = np.empty((SEEDS, len(LENGTHS))), np.empty((SEEDS, len(LENGTHS)), np.int64)
    for seed in range(SEEDS):
        random = bits(source, 1 + seed)
        blocks = [
            fast.counts(numbers[first : first + IMAGES], random, list(LENGTHS))
            for first in range(0, len(numbers), IMAGES)
        ]
        counts = np.concatenate(blocks, axis=1)
        wrong = counts / np.array(LENGTHS)[:, None, None] - exact
        errors[seed] = np.sqrt((wrong**2).mean(axis=(1, 2)))
        right[seed] = (counts.argmax(-1) == labels).sum(axis=1)
    return errors, right


def curve(source: Source) -> Band:
    """Error against N; the interval is over the seeds of the source."""
    return Band(list(LENGTHS), student(_runs(source)[0]))


def accuracy(source: Source) -> Band:
    """Digits right in per cent against N, mean over the seeds; Wilson's interval of the images alone."""
    right, images = _runs(source)[1], len(_network()[1])
    mean = right.mean(axis=0)
    estimates = [Estimate(float(m) / images, *wilson(round(float(m)), images)) for m in mean]
    return Band(list(LENGTHS), [Estimate(*(100 * part for part in estimate)) for estimate in estimates])


@cache
def target() -> float:
    """The error to be reached."""
    return float(_runs(Source("xoshiro"))[0][:, LENGTHS.index(BUILT)].mean())


def work(source: Source) -> Estimate:
    """Synapse-bits of an image until the error is `target`."""
    found = curve(source).y
    columns = ([e.value for e in found], [e.low for e in found], [e.high for e in found])
    return Estimate(*(built() / BUILT * crossing(LENGTHS, column, target()) for column in columns))


def crossing(lengths: tuple[int, ...], errors: list[float], goal: float) -> float:
    """The length at which a falling error meets the goal, by straight lines in logarithms; infinite if not within."""
    if errors[0] <= goal:
        return float(lengths[0])
    for k in range(1, len(lengths)):
        if errors[k] <= goal:
            share = math.log(errors[k - 1] / goal) / math.log(errors[k - 1] / errors[k])
            return lengths[k - 1] * (lengths[k] / lengths[k - 1]) ** share
    return math.inf
