"""A row of multiply-accumulate units that round stochastically, all with the same word: a layer of eight neurons."""

from __future__ import annotations

from typing import Any

import numpy as np
from amaranth.hdl import Cat, Module, signed, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out
from numpy.typing import NDArray

from hwpy.entropy.lfsr import LfsrParameters
from hwpy.entropy.planes import seed_words
from hwpy.low_precision.mac import MacParameters
from hwpy.stochastic_computing.data import load
from rtl.entropy.lfsr import Lfsr
from rtl.low_precision.mac import Mac
from trijunction.costs.ways.way import Way, as_bits

__all__ = ["MACS", "TERMS", "LowPrecision"]

#: Units that round with one word, and products of a sum.
MACS, TERMS = 8, 64
_REGISTER, _PURPOSE = 31, 4


class LowPrecision(Way):
    """Eight MACs of 8-bit factors and 16-bit totals, each step rounded; x is common, each has weights of its own.

    The knob is the random bits of a word, one word a clock for the whole row, as in a row of a systolic array.
    """

    unit = "rounded MAC"
    knob = "random_bits"
    default = 6

    def __init__(self, knob: int = default, macs: int = MACS):
        self.parameters = MacParameters.parse(rounding="stochastic", random_bits=knob, eager=True)
        self.macs = macs
        # A seed of few ones would keep it quiet for hundreds of clocks.
        self.seed = 1 + int(seed_words(1, _PURPOSE, 1)[0]) % ((1 << _REGISTER) - 1)
        self.random_bits = knob
        # The reset, and the registers of factors, product and total.
        self.warm_up = 4
        self.period = TERMS
        self.units = macs * TERMS
        self.draws = TERMS

    def core(self) -> Any:
        """The row."""
        return _Row(self.parameters, self.macs)

    def registers(self) -> tuple[list[Lfsr], list[int]]:
        """One register of 31 places that leaps by a word."""
        return [Lfsr(LfsrParameters(_REGISTER, leap=self.random_bits), self.seed)], list(range(self.random_bits))

    def factors(self, clocks: int, lanes: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """X (clocks, lanes), test digits pixel by pixel, and normal weights (clocks, lanes, MACs), from clock 1 on."""
        pixels = load("digits").pixels.reshape(-1, TERMS).astype(np.int64) >> 1
        weights = np.random.default_rng(1).normal(0, 32, (TERMS, self.macs)).round().clip(-128, 127).astype(np.int64)
        clock = np.maximum(np.arange(clocks) - 1, 0)
        image = clock[:, None] // TERMS + np.arange(lanes) * (clocks // TERMS + 1)
        return pixels[image % len(pixels), clock[:, None] % TERMS], weights[clock % TERMS, None].repeat(lanes, 1)

    def stimulus(self, clocks: int, lanes: int) -> dict[str, NDArray[np.uint8]]:
        """A pair for each unit in each clock."""
        x, w = self.factors(clocks, lanes)
        last = (np.maximum(np.arange(clocks) - 1, 0) % TERMS == TERMS - 1)[:, None, None].repeat(lanes, 1)
        one = np.ones((clocks, lanes, 1), np.uint8)
        payload = [as_bits(x[..., None], 8), as_bits(w, 8), last.astype(np.uint8)]
        return {"input__payload": np.concatenate(payload, axis=2), "input__valid": one, "output__ready": one}


class _Row(wiring.Component):
    """In lock-step: the first unit's handshake is that of all."""

    def __init__(self, parameters: MacParameters, macs: int):
        self._macs = [Mac(parameters) for _ in range(macs)]
        x, w, total = (form.width for form in (parameters.x, parameters.w, parameters.output))
        layout = data.StructLayout({"x": signed(x), "w": unsigned(w * macs), "last": 1})
        super().__init__(
            {
                "input": In(stream.Signature(layout)),
                "entropy": In(stream.Signature(unsigned(parameters.word_bits))),
                "output": Out(stream.Signature(unsigned(total * macs))),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        first = self._macs[0]
        m.d.comb += [
            self.input.ready.eq(first.input.ready),
            self.entropy.ready.eq(first.entropy.ready),
            self.output.valid.eq(first.output.valid),
            self.output.payload.eq(Cat(mac.output.payload for mac in self._macs)),
        ]
        for place, mac in enumerate(self._macs):
            m.submodules[f"mac_{place}"] = mac
            m.d.comb += [
                mac.input.valid.eq(self.input.valid),
                mac.input.payload.x.eq(self.input.payload.x),
                mac.input.payload.w.eq(self.input.payload.w.word_select(place, mac.parameters.w.width)),
                mac.input.payload.last.eq(self.input.payload.last),
                mac.entropy.valid.eq(self.entropy.valid),
                mac.entropy.payload.eq(self.entropy.payload),
                mac.output.ready.eq(self.output.ready),
            ]
        return m
