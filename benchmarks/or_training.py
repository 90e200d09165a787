"""What is worth its effort in training OR-gate networks: three experiments, `python -m benchmarks.or_training`.

1. Fine-tuning with a generator's own streams, against the same with normal noise, and against none.
2. The noise of N beats at hidden layers too. Theory has none to add, for a hidden bit's randomness is already in the
   variance of the last layer's counts, but it regularises.
3. Ordinary networks taken over: their accuracy, that of the OR-gate network at first, and after fine-tuning.

Means and standard deviations over seeds of the test accuracy in per cent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
import torch
from torch import nn

from hwpy.stochastic_computing.data import Images, load
from hwpy.stochastic_computing.inference import classify
from hwpy.stochastic_computing.model import Model
from trijunction.commands.infer import MODELS
from trijunction.training.convert import OrActivation, from_torch
from trijunction.training.network import OrNetwork
from trijunction.training.train import Recipe, float_accuracy, layers_from, train


def main() -> None:
    """Prints the three."""
    torch.set_num_threads(1)
    fine_tuning()
    hidden_noise()
    conversion()


def fine_tuning() -> None:
    """Of the shipped digits, 10 epochs at the N at which it is judged."""
    start = Model.load(MODELS / "digits.npz")
    images, test = load("digits", "train"), load("digits", "test")
    print(f"{'digits, source':16}{'N':>6}{'none':>8}{'with noise':>16}{'with streams':>16}")
    for source in ("lfsr:8", "lfsr", "smtj"):
        for length in (64, 256):
            print(f"{source:16}{length:6}{_accuracy(start, test, length, source):8.2f}", end="", flush=True)
            for entropy in (None, source):
                recipe = Recipe(10, rate=0.002, length=length, quantise_from=0, entropy=entropy)
                found = []
                for seed in range(1, 6):
                    torch.manual_seed(seed)
                    model = train(OrNetwork.of(start), images, None, recipe, start.input_bits, start.isolation).model
                    found.append(_accuracy(model, test, length, source))
                print(_spread(found), end="", flush=True)
            print()


def hidden_noise() -> None:
    """The digits' network from random weights, judged with independent bits."""
    images, test = load("digits", "train"), load("digits", "test")
    print(f"{'digits, noise at':24}{'N':>6}{'float':>16}{'streams of N':>16}")
    for length in (32, 128):
        for title, everywhere in (("the last layer", False), ("every layer", True)):
            found = []
            for seed in range(1, 4):
                torch.manual_seed(seed)
                network = OrNetwork(layers_from((8, 8, 1), [(32, 0, 1)], 10))
                model = train(network, images, None, Recipe(100, length=length, hidden_noise=everywhere), 4).model
                found.append((100 * float_accuracy(model, test), _accuracy(model, test, length, "smtj")))
            print(f"{title:24}{length:6}" + "".join(_spread(column) for column in zip(*found, strict=True)), flush=True)


def conversion() -> None:
    """Networks of 64-32-10 without biases, and training from random weights; streams are 256 independent bits."""
    images, test = load("digits", "train"), load("digits", "test")
    epochs = (10, 30)
    titles = ["as torch", "float", "streams", *(f"{n} epochs" for n in epochs)]
    print(f"{'digits, hidden layer':32}" + "".join(f"{title:>16}" for title in titles))
    for title, activation, low in (
        ("1 - exp(-z), weights above 0", OrActivation(), 0.0),
        ("1 - exp(-max(z, 0))", OrActivation(), -math.inf),
        ("ReLU", nn.ReLU(), -math.inf),
    ):
        columns: list[list[float]] = []
        for seed in range(1, 4):
            torch.manual_seed(seed)
            network = nn.Sequential(nn.Linear(64, 32, bias=False), activation, nn.Linear(32, 10, bias=False))
            _fit(network, images, low)
            start = from_torch(network, (8, 8))
            x = torch.tensor(start.numbers(test.pixels), dtype=torch.float32) / 16
            own = 100 * float(np.mean(network(x).argmax(-1).numpy() == test.labels))
            columns.append([own, 100 * float_accuracy(start, test), _accuracy(start, test, 256, "smtj")])
            columns[-1] += [_after(lambda: OrNetwork.of(start), images, test, n, seed) for n in epochs]  # noqa: B023
        print(f"{title:32}" + "".join(_spread(column) for column in zip(*columns, strict=True)), flush=True)
    layers = layers_from((8, 8, 1), [(32, 0, 1)], 10)
    columns = [[_after(lambda: OrNetwork(layers), images, test, n, seed) for n in epochs] for seed in range(1, 4)]
    print(f"{'random weights':80}" + "".join(_spread(column) for column in zip(*columns, strict=True)))


def _after(make: Callable[[], OrNetwork], images: Images, test: Images, epochs: int, seed: int) -> float:
    torch.manual_seed(seed)
    model = train(make(), images, None, Recipe(epochs, quantise_from=0), 4).model
    return _accuracy(model, test, 256, "smtj")


def _fit(network: nn.Sequential, images: Images, low: float) -> None:
    """As an ordinary network, its first layer's weights kept above `low`."""
    x = torch.tensor(images.pixels.reshape(len(images), -1) >> 4, dtype=torch.float32) / 16
    labels = torch.tensor(images.labels.astype(np.int64))
    optimiser = torch.optim.Adam(network.parameters(), 0.01)
    for _ in range(100):
        for chosen in torch.randperm(len(x)).split(100):
            optimiser.zero_grad()
            nn.functional.cross_entropy(10 * network(x[chosen]), labels[chosen]).backward()
            optimiser.step()
            with torch.no_grad():
                network[0].weight.clamp_(min=low)


def _accuracy(model: Model, images: Images, length: int, source: str) -> float:
    outcome = classify(model.network(((length, 0),)), model.numbers(images.pixels), source)
    return 100 * float((outcome.winner == images.labels).mean())


def _spread(values: Iterable[float]) -> str:
    found = list(values)
    return f"{np.mean(found):9.2f} +-{np.std(found, ddof=1):5.2f}"


if __name__ == "__main__":
    main()
