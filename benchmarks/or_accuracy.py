"""Accuracy of the shipped OR-gate networks against the stream length and the entropy, and the error against the fan-in.

`python -m benchmarks.or_accuracy [FIGURE.png]` prints the tables and, with a name, draws them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hwpy.stochastic_computing.data import FASHION_MNIST, Images, load
from hwpy.stochastic_computing.fast import IMAGES, FastNetwork
from hwpy.stochastic_computing.inference import classify, wilson
from hwpy.stochastic_computing.model import Model
from hwpy.stochastic_computing.network import Network, NetworkParameters
from hwpy.stochastic_computing.network_entropy import correlation_of, payloads
from hwpy.stochastic_computing.or_layer import OrLayerParameters
from trijunction.commands.infer import MODELS

LENGTHS = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
#: Junctions are read every so many dwell times.
RATIOS = (2.0, 0.5, 0.2, 0.1)
SOURCES: tuple[tuple[str, str, float], ...] = (
    ("LFSR-8", "lfsr:8", 0.0),
    ("LFSR-16", "lfsr:16", 0.0),
    ("LFSR-139", "lfsr", 0.0),
    ("Sobol", "sobol", 0.0),
    ("SMTJ ideal", "smtj", 0.0),
    *((f"SMTJ {ratio:g} dwell", "smtj", correlation_of(ratio)) for ratio in RATIOS),
)
FAN_INS = (4, 16, 64, 256, 1024)
FAN_IN_SOURCES = (
    ("LFSR-8", "lfsr:8"), ("LFSR-10", "lfsr:10"), ("LFSR-16", "lfsr:16"), ("Sobol", "sobol"), ("SMTJ", "smtj")
)  # fmt: skip


def main() -> None:
    """Prints, and draws if a file is named."""
    curves = {}
    for name in ("digits", "fashion"):
        if name == "fashion" and not FASHION_MNIST.is_dir():
            print("fashion: dataset-fashion-mnist is not installed")
            continue
        model, images = Model.load(MODELS / f"{name}.npz"), load(name)
        print(f"{name}: float {100 * model.provenance['float_accuracy']:.2f} %, {len(images)} images, 95 % intervals")
        print(f"{'N':18}" + "".join(f"{length:>21}" for length in LENGTHS))
        curves[name] = (model.provenance["float_accuracy"], {})
        for source, entropy, correlation in SOURCES:
            print(f"{source:18}", end="", flush=True)
            row = curves[name][1][source] = []
            for length in LENGTHS:
                accuracy, low, high = _accuracy(model, images, length, entropy, correlation)
                row.append((accuracy, low, high))
                print(f"  {100 * accuracy:5.2f} ({100 * low:5.2f}-{100 * high:5.2f})", end="", flush=True)
            print()
    errors = dict(_fan_in())
    if len(sys.argv) > 1:
        _draw(Path(sys.argv[1]), curves, errors)


def _accuracy(
    model: Model, images: Images, length: int, entropy: str, correlation: float
) -> tuple[float, float, float]:
    network = model.network(((length, 0),))
    outcome = classify(network, model.numbers(images.pixels), entropy, 1, correlation)
    right = int((outcome.winner == images.labels).sum())
    return right / len(images), *wilson(right, len(images))


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


def _draw(path: Path, curves: dict, errors: dict[str, list[float]]) -> None:
    from trijunction.figures import _style as style

    colours = (style.ORANGE, style.VERMILION, style.BLUE, style.GREEN, style.BLACK, style.PURPLE, style.GREY)
    with style.canvas(path, 11, 4) as figure:
        panels = figure.subplots(1, 3)
        shown = ("LFSR-8", "LFSR-16", "LFSR-139", "Sobol", "SMTJ ideal", "SMTJ 0.5 dwell", "SMTJ 0.1 dwell")
        for axes, letter, (name, (known, rows)) in zip(panels, "ab", curves.items(), strict=False):
            for source, colour in zip(shown, colours, strict=True):
                mean, low, high = 100 * np.array(rows[source]).T
                axes.errorbar(
                    LENGTHS, mean, [mean - low, high - mean], fmt="o-", color=colour, markersize=3, label=source
                )
            axes.axhline(100 * known, color=style.GREY, linestyle="--", label="float")
            axes.set(xscale="log", xlabel="stream length N", ylabel="accuracy (%)", ylim=(40, 100))
            style.letter(axes, letter, name)
        panels[0].legend(fontsize=7)
        for (source, row), colour in zip(errors.items(), colours, strict=False):
            panels[2].loglog(FAN_INS, row, "o-", color=colour, label=source)
        panels[2].set(xlabel="fan-in", ylabel="rms error of y over 1,024 beats")
        panels[2].legend(fontsize=7)
        style.letter(panels[2], "c", "edge correlations")


if __name__ == "__main__":
    main()
