"""Test images through a network: classes by any engine, accuracy with its interval, cycles and speed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwpy.stochastic_computing.data import Images
from hwpy.stochastic_computing.fast import IMAGES, FastNetwork
from hwpy.stochastic_computing.model import Model
from hwpy.stochastic_computing.network import Network, Outcome
from hwpy.stochastic_computing.network_entropy import is_fresh, payloads

__all__ = ["Engine", "classify", "golden", "infer", "wilson"]

#: A block of images (n, K) and the random bits of each, to their outcomes.
Engine = Callable[[NDArray[np.int64], NDArray[np.uint8]], Outcome]


def wilson(right: int, count: int, confidence: float = 0.95) -> tuple[float, float]:
    """The score interval of a proportion (E. B. Wilson, *J. Am. Stat. Assoc.* 22, 209, 1927)."""
    z2 = NormalDist().inv_cdf(0.5 + confidence / 2) ** 2
    p = right / count
    half = math.sqrt(z2 * (p * (1 - p) / count + z2 / (4 * count**2)))
    low, high = (p + z2 / (2 * count) - half) / (1 + z2 / count), (p + z2 / (2 * count) + half) / (1 + z2 / count)
    return max(low, 0.0), min(high, 1.0)


def golden(network: Network) -> Engine:
    """The golden model, an image after the other."""

    def run(numbers: NDArray[np.int64], random: NDArray[np.uint8]) -> Outcome:
        outcomes = [network.classify(image, random) for image in numbers]
        return Outcome(
            np.array([outcome.winner for outcome in outcomes]),
            np.array([outcome.length for outcome in outcomes]),
            np.array([outcome.scores for outcome in outcomes]),
        )

    return run


def classify(
    network: Network,
    numbers: NDArray[np.int64],
    entropy: str,
    seed: int = 1,
    correlation: float = 0.0,
    engine: Engine | None = None,
    progress: Callable[[float], None] | None = None,
) -> Outcome:
    """The outcomes of images (n, K), in blocks of 512 that have the same random bits; `engine` default the fast one."""
    run = engine or FastNetwork(network).classify
    parameters = network.parameters
    parts, random = [], None
    for block, first in enumerate(range(0, len(numbers), IMAGES)):
        if random is None or is_fresh(entropy):
            random = payloads(entropy, parameters, parameters.latency + parameters.length, seed, correlation, block)
        parts.append(run(numbers[first : first + IMAGES], random))
        if progress:
            progress(min(1.0, (first + IMAGES) / len(numbers)))
    joined = [np.concatenate([getattr(part, name) for part in parts]) for name in ("winner", "length", "scores")]
    return Outcome(*joined)


def _compiled(network: Network, numbers: NDArray[np.int64]) -> Engine:
    """The fast engine, after a first beat in which it is compiled."""
    fast, parameters = FastNetwork(network), network.parameters
    fast.counts(numbers[:1], np.zeros((parameters.latency + 1, parameters.random_bits), np.uint8), [1])
    return fast.classify


def infer(
    model: Model,
    images: Images,
    checkpoints: tuple[tuple[int, int], ...],
    entropy: str,
    seed: int = 1,
    correlation: float = 0.0,
    make_engine: Callable[[Network], Engine] | None = None,
    progress: Callable[[float], None] | None = None,
) -> dict[str, Any]:
    """Classify all images; the figures of `trijunction infer`.

    ``cycles_per_inference`` is the mean of the clocks from an image's first number to its result, with a number
    loaded and a payload of random bits taken in each clock; ``images_per_second`` is this machine's.
    """
    network = model.network(checkpoints)
    numbers = model.numbers(images.pixels)
    engine = make_engine(network) if make_engine else _compiled(network, numbers)
    began = time.perf_counter()
    outcome = classify(network, numbers, entropy, seed, correlation, engine, progress)
    seconds = time.perf_counter() - began
    right = int((outcome.winner == images.labels).sum())
    parameters = network.parameters
    compared = np.searchsorted([length for length, _ in checkpoints], outcome.length) + 1
    clocks = parameters.inputs // parameters.lanes + parameters.latency + outcome.length
    clocks = clocks + compared * parameters.comparison
    return {
        "images": len(images),
        "accuracy": right / len(images),
        "accuracy_interval": wilson(right, len(images)),
        "length": parameters.length,
        "mean_length": float(outcome.length.mean()),
        "cycles_per_inference": float(clocks.mean()),
        "entropy": entropy,
        "correlation": correlation,
        "seed": seed,
        "synapses": model.synapses,
        "classes": outcome.winner,
        "seconds": seconds,
        "images_per_second": len(images) / seconds,
    }
