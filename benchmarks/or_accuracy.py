"""Accuracy of the shipped OR-gate networks against the stream length and the entropy, and the error against the fan-in.

`python -m benchmarks.or_accuracy [MODEL ...]` prints the tables and writes the figures to `RECORD`, from which
`python -m trijunction.figures or_accuracy` draws; with names of models only their tables, the file's others staying as
they are.

A source's streams are run once, to the greatest length; a shorter one is their beginning.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hwpy.stochastic_computing.data import FASHION_MNIST, Images, load
from hwpy.stochastic_computing.fast import IMAGES, FastNetwork
from hwpy.stochastic_computing.inference import wilson
from hwpy.stochastic_computing.model import Model
from hwpy.stochastic_computing.network import Network, NetworkParameters
from hwpy.stochastic_computing.network_entropy import correlation_of, is_fresh, payloads
from hwpy.stochastic_computing.or_layer import OrLayerParameters
from trijunction.commands.infer import MODELS
from trijunction.figures.or_accuracy import RECORD
from trijunction.whole_file import whole_file

LENGTHS = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
#: Junctions are read every so many dwell times.
RATIOS = (2.0, 0.5, 0.2, 0.1)
SOURCES: tuple[tuple[str, str, float], ...] = (
    ("LFSR-8", "lfsr:8", 0.0),
    ("LFSR-10", "lfsr:10", 0.0),
    ("LFSR-16", "lfsr:16", 0.0),
    ("LFSR-139", "lfsr", 0.0),
    ("xoshiro", "xoshiro", 0.0),
    ("Sobol", "sobol", 0.0),
    ("SMTJ ideal", "smtj", 0.0),
    *((f"SMTJ {ratio:g} dwell", "smtj", correlation_of(ratio)) for ratio in RATIOS),
)
FAN_INS = (4, 16, 64, 256, 1024)
FAN_IN_SOURCES = (
    ("LFSR-8", "lfsr:8"), ("LFSR-10", "lfsr:10"), ("LFSR-16", "lfsr:16"), ("Sobol", "sobol"), ("SMTJ", "smtj")
)  # fmt: skip


def main() -> None:
    """Prints the tables and writes their figures."""
    names = sys.argv[1:]
    results: dict[str, Any] = {"lengths": LENGTHS, "fan_ins": FAN_INS, "models": {}, "errors": {}}
    if names:
        results = json.loads(RECORD.read_text())
    for name in names or ("digits", "fashion"):
        if name == "fashion" and not FASHION_MNIST.is_dir():
            print("fashion: dataset-fashion-mnist is not installed")
            continue
        model, images = Model.load(MODELS / f"{name}.npz"), load(name)
        known = model.provenance["float_accuracy"]
        print(f"{name}: float {100 * known:.2f} %, {len(images)} images, 95 % intervals")
        print(f"{'N':18}" + "".join(f"{length:>21}" for length in LENGTHS))
        rows: dict[str, list[int]] = {}
        results["models"][name] = {"float": known, "images": len(images), "right": rows}
        for source, entropy, correlation in SOURCES:
            rows[source] = _right(model, images, entropy, correlation)
            _write(results)
            print(f"{source:18}" + "".join(_percent(right, len(images)) for right in rows[source]), flush=True)
    if not names:
        results["errors"] = dict(_fan_in())
        _write(results)


def _write(results: dict[str, Any]) -> None:
    with whole_file(RECORD) as unfinished:
        Path(unfinished).write_text(json.dumps(results) + "\n")


def _percent(right: int, count: int) -> str:
    low, high = wilson(right, count)
    return f"  {100 * right / count:5.2f} ({100 * low:5.2f}-{100 * high:5.2f})"


def _right(model: Model, images: Images, entropy: str, correlation: float) -> list[int]:
    """Images classified rightly after each length."""
    network = model.network(((LENGTHS[-1], 0),))
    fast, parameters = FastNetwork(network), network.parameters
    numbers = model.numbers(images.pixels)
    right, random = np.zeros(len(LENGTHS), int), None
    for block, first in enumerate(range(0, len(images), IMAGES)):
        if random is None or is_fresh(entropy):
            beats = parameters.latency + LENGTHS[-1]
            random = payloads(entropy, parameters, beats, 1, correlation, block)
        scores = fast.counts(numbers[first : first + IMAGES], random, list(LENGTHS))
        right += (scores.argmax(-1) == images.labels[first : first + IMAGES]).sum(axis=1)
    return [int(n) for n in right]


def _fan_in() -> Iterator[tuple[str, list[float]]]:
    """Root mean square error of an OR neuron's output over 1,024 beats with y = 0.5, against its fan-in.

    All inputs are worth about the same, w x = -log(1/2) / K nearly; 512 random inputs each, of 4 sets of weights.
    """
    length = 1024
    print(f"error of y = 0.5 over {length} beats; of independent streams {np.sqrt(0.25 / length):.4f}")
    print(f"{'fan-in':18}" + "".join(f"{fan_in:>10}" for fan_in in FAN_INS))
    for source, entropy in FAN_IN_SOURCES:
        print(f"{source:18}", end="", flush=True)
        errors = []
        for fan_in in FAN_INS:
            squares = []
            for seed in range(1, 5):
                random = np.random.default_rng(seed)
                shape = NetworkParameters((OrLayerParameters(fan_in, 2, 12),), ((length, 0),), input_bits=8)
                images = random.integers(64, 192, (IMAGES, fan_in))
                weight = min(1.0, 2 * np.log(2) / fan_in) * random.uniform(0.5, 1.5, fan_in)
                weights = np.zeros((2, fan_in), int)
                weights[0] = np.minimum(np.rint(weight * 4096), 4096)
                network = Network(shape, [weights])
                bits = payloads(entropy, shape, shape.latency + length, seed)
                scores = FastNetwork(network).classify(images, bits).scores[:, 0] / length
                squares.append(np.mean((scores - network.expectation(images)[:, 0]) ** 2))
            errors.append(float(np.sqrt(np.mean(squares))))
            print(f"{errors[-1]:10.4f}", end="", flush=True)
        print()
        yield source, errors


if __name__ == "__main__":
    main()
