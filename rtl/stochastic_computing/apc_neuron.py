"""The neuron of a CMOS stochastic network: XNOR, parallel counter, saturating counter."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwpy.stochastic_computing.apc_neuron import ApcNeuronParameters
from rtl.stochastic_computing.counter import approximate_layer, popcount

__all__ = ["ApcNeuron"]


class ApcNeuron(wiring.Component):
    """As `hwpy.stochastic_computing.apc_neuron`: a bit of each stream in clocks with ``enable``.

    Attributes
    ----------
    enable, x, w
        In: 1, K and K bits.
    y
        Out, 1 bit, from the register.
    """

    def __init__(self, parameters: ApcNeuronParameters):
        self.parameters = parameters
        inputs = parameters.inputs
        super().__init__({"enable": In(1), "x": In(inputs), "w": In(inputs), "y": Out(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        shape = self.parameters
        products = list(~(self.x ^ self.w))
        if shape.approximate:
            count = Cat(0, popcount(m, platform, "count", approximate_layer(products)))
        else:
            count = popcount(m, platform, "count", products)
        levels = shape.levels
        state = Signal(range(levels), init=levels // 2)
        moved = Signal(signed(max(levels, 2 * shape.inputs).bit_length() + 2))
        m.d.comb += [moved.eq(state + Cat(0, count) - shape.inputs), self.y.eq(state >= levels // 2)]
        with m.If(self.enable):
            m.d.sync += state.eq(Mux(moved < 0, 0, Mux(moved > levels - 1, levels - 1, moved)))
        return m
