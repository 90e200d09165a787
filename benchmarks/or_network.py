"""Synapse-bits a second of the fast OR-network engine on one core, and of a plain per-cycle simulation in PyTorch.

The latter is how UnarySim (D. Wu et al., *UnarySim/uGEMM*, ISCA 2020) works: each clock a tensor of bits goes through
the layers. A synapse-bit is one weight that is not 0, for one image, in one beat. The best of five runs is taken.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from hwpy.stochastic_computing.data import digits
from hwpy.stochastic_computing.fast import IMAGES, FastNetwork
from hwpy.stochastic_computing.model import Model
from hwpy.stochastic_computing.network import Network
from hwpy.stochastic_computing.network_entropy import payloads
from hwpy.stochastic_computing.or_layer import leading_one, rails, words_of
from trijunction.commands.infer import MODELS

LENGTH = 256


def main() -> None:
    """Prints the rates for the digits and for Fashion-MNIST's convolutions, and the ratio for the digits."""
    images = digits().first(IMAGES)
    model = Model.load(MODELS / "digits.npz")
    network = model.network(((LENGTH, 0),))
    rate = _fast("digits", network, model.numbers(images.pixels))
    slow = _per_cycle(network, model.numbers(images.pixels))
    if slow:
        print(f"digits: the fast engine does {rate / slow:.0f} times as much")
    model = Model.load(MODELS / "fashion.npz")
    numbers = np.random.default_rng(1).integers(0, 256, (IMAGES, 784))
    _fast("fashion (random images)", model.network(((LENGTH, 0),)), numbers)


def _best(run: Callable[[], object]) -> float:
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def _fast(name: str, network: Network, numbers: np.ndarray) -> float:
    engine, shape = FastNetwork(network), network.parameters
    random = payloads("smtj", shape, shape.latency + LENGTH)
    rate = engine.synapses * len(numbers) * LENGTH / _best(lambda: engine.classify(numbers, random))
    print(f"{name}: {engine.synapses} synapses, {rate:.3g} synapse-bits/s with the fast engine", flush=True)
    return rate


def _per_cycle(network: Network, numbers: np.ndarray) -> float | None:
    """The same bits without the delays, a beat at a time over all images: input bits times weight bits, any of them."""
    try:
        import torch
    except ImportError:
        print("PyTorch is not installed: no comparison")
        return None
    torch.set_num_threads(1)
    shape = network.parameters
    random = payloads("smtj", shape, LENGTH)
    pixels = torch.tensor(numbers)
    input_words = torch.tensor(
        leading_one(words_of(random[:, : shape.input_random_bits], (shape.inputs,), shape.input_bits))
    )
    weight_words, weights = [], []
    for layer in network.layers:
        p = layer.parameters
        words = words_of(random[:, shape.input_random_bits :], p.words_shape, p.weight_bits)
        weight_words.append(torch.tensor(leading_one(words) | 1 << p.weight_bits))
        weights.append([torch.tensor(rail) for rail in rails(layer.weights)])

    def run() -> torch.Tensor:
        scores = torch.zeros(len(numbers), shape.classes)
        for beat in range(LENGTH):
            x = ((pixels & input_words[beat]) != 0).float()
            for words, (positive, negative) in zip(weight_words, weights, strict=True):
                # A matrix product with the weight bits counts the ones; the OR is whether there are any.
                plus, minus = (x @ ((rail & words[beat]) != 0).float().T > 0 for rail in (positive, negative))
                x = (plus & ~minus).float()
            scores += plus.float() - minus.float()
        return scores

    synapses = sum(int(np.count_nonzero(layer.weights)) for layer in network.layers)
    rate = synapses * len(numbers) * LENGTH / _best(run)
    print(f"digits: {rate:.3g} synapse-bits/s with a beat at a time in PyTorch, one thread", flush=True)
    return rate


if __name__ == "__main__":
    main()
