"""An array of p-bits on a +-1 spin glass, sampling at a fixed temperature."""

from __future__ import annotations

from typing import Any

import numpy as np
from amaranth.hdl import Module, unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, connect, flipped
from numpy.typing import NDArray

from boards.array import used_bits
from hwpy.entropy.planes import lfsr_seeds, pool_register
from hwpy.ising.array import PBitArrayParameters, Target
from hwpy.ising.instances import generate
from rtl.entropy.lfsr import Lfsr
from rtl.ising.array import PBitArray
from trijunction.costs.ways.way import Way, as_bits

__all__ = ["Ising"]

#: Half of its p-bits make good use of one pool: 1.8 bits of the register for each.
_INSTANCE = "torus:24x24:1"
#: Half-way down a usual anneal: a fifth of the updates change a spin.
_BETA = 0.5
_SETTLING = 32


class Ising(Way):
    """The array of `boards.array` without its serial host port: a word for each update, all p-bits of a colour a clock.

    The knob is the fresh bits of a noise word's magnitude. Whichever the source, words are made of a pool as pairs of
    its bits (`hwpy.ising.noise`); only bits of the pool that some word uses are drawn. The schedule's table has one
    step, so that it is a few registers and no block RAM.
    """

    unit = "flip"
    knob = "fresh_bits"
    default = 4

    def __init__(self, knob: int = default, instance: str = _INSTANCE):
        self.parameters = PBitArrayParameters(
            generate(instance), fresh_bits=knob, dither_bits=16 - knob, step_bits=2, steps=1
        )
        self.places = used_bits(self.parameters)
        self.random_bits = len(self.places)
        self.program = [*self.parameters.program([_BETA], (1 << 16) - 1), (Target.START, 0, 0)]
        self.warm_up = 1 + len(self.program) + 1 + _SETTLING
        self.period = len(self.parameters.members)
        self.units = self.parameters.model.nodes
        self.draws = self.period

    def core(self) -> Any:
        """`PBitArray` of the bits that it looks at."""
        return _Array(self.parameters, self.places)

    def registers(self) -> tuple[list[Lfsr], list[int]]:
        """A pool of four taps that leaps by its width in a clock."""
        noise = self.parameters.noise
        seeds = lfsr_seeds(noise.pool_width, noise.pools, 1, range(1))[0]
        return [Lfsr(pool_register(noise.pool_width), seed) for seed in seeds], self.places

    def stimulus(self, clocks: int, lanes: int) -> dict[str, NDArray[np.uint8]]:
        """The words of one long run, one a clock; lanes have the same, their difference being the entropy."""
        words = np.zeros((clocks, 1), np.int64)
        valid = np.zeros((clocks, 1), np.int64)
        for clock, (target, address, data) in enumerate(self.program, 1):
            words[clock] = int(target) | address << 3 | data << 19
            valid[clock] = 1
        ports = {"load__valid": as_bits(valid, 1), "load__payload": as_bits(words, 35)}
        ports["result__ready"] = np.ones((clocks, 1), np.uint8)
        return {name: np.repeat(bits[:, None], lanes, axis=1) for name, bits in ports.items()}


class _Array(wiring.Component):
    def __init__(self, parameters: PBitArrayParameters, places: list[int]):
        self._places = places
        self._array = PBitArray(parameters)
        members = self._array.signature.members
        super().__init__(
            {
                "load": members["load"],
                "entropy": In(stream.Signature(unsigned(len(places)))),
                "result": members["result"],
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.array = array = self._array
        connect(m, flipped(self.load), array.load)
        connect(m, array.result, flipped(self.result))
        m.d.comb += [array.entropy.valid.eq(self.entropy.valid), self.entropy.ready.eq(array.entropy.ready)]
        m.d.comb += [
            array.entropy.payload[place].eq(self.entropy.payload[bit]) for bit, place in enumerate(self._places)
        ]
        return m
