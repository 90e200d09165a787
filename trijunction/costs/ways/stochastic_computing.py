"""A trained network of OR-gate neurons, which classifies digits one after the other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwpy.stochastic_computing.data import load
from hwpy.stochastic_computing.model import Model
from hwpy.stochastic_computing.pool import REGISTER, pool_seeds
from rtl.entropy.lfsr import Lfsr
from rtl.stochastic_computing.network import Network
from trijunction.commands.infer import MODELS
from trijunction.costs.ways.way import Way, as_bits

__all__ = ["StochasticComputing"]

_LANES = 4


class StochasticComputing(Way):
    """The shipped ``digits``, 64-32-10, weights as wiring: a beat is a bit of all its synapses that are not 0.

    The knob is the length of the streams. Only the beats that are counted are units of work, so loading an image, the
    latency and the comparison are charged to them. An image comes as soon as it is asked for, and no result waits.
    """

    unit = "synapse-bit"
    knob = "length"
    default = 256

    def __init__(self, knob: int = default, model: Model | None = None):
        self.model = model or Model.load(MODELS / "digits.npz")
        self.network = self.model.network(((knob, 0),))
        self.parameters = parameters = self.network.parameters
        if parameters.inputs % _LANES:
            raise ValueError(f"the network's inputs must be a multiple of {_LANES}, not {parameters.inputs!r}")
        self.loading = parameters.inputs // _LANES
        self.random_bits = parameters.random_bits
        self.draws = parameters.latency + knob
        self.period = self.loading + self.draws + parameters.comparison + 1
        self.warm_up = 1 + self.period
        self.units = self.model.synapses * knob

    def core(self) -> Any:
        """The network, four numbers of an image a clock."""
        return Network(replace(self.parameters, lanes=_LANES), [layer.weights for layer in self.network.layers])

    def registers(self) -> tuple[list[Lfsr], list[int]]:
        """Registers of 139 places that give 128 new bits a clock each, 2**64 bits apart."""
        registers = [Lfsr(REGISTER, state) for state in pool_seeds(self.random_bits)]
        return registers, list(range(self.random_bits))

    def images(self, count: int, lanes: int) -> NDArray[np.int64]:
        """The images of each lane in their order, (count, lanes, inputs): test digits."""
        numbers = self.model.numbers(load("digits").pixels)
        return numbers[np.arange(count * lanes).reshape(lanes, count).T % len(numbers)]

    def stimulus(self, clocks: int, lanes: int) -> dict[str, NDArray[np.uint8]]:
        """Four numbers a clock while an image is loaded, the last ones between."""
        clock = np.maximum(np.arange(clocks) - 1, 0)
        image, place = clock // self.period, np.minimum(clock % self.period, self.loading - 1)
        images = self.images(int(image[-1]) + 1, lanes).reshape(-1, lanes, self.loading, _LANES)
        return {
            "image__payload": as_bits(images[image, :, place], self.parameters.input_bits),
            "image__valid": np.ones((clocks, lanes, 1), np.uint8),
            "result__ready": np.ones((clocks, lanes, 1), np.uint8),
        }
