"""A layer of OR-gate neurons with constant signed weights."""

from __future__ import annotations

from amaranth.hdl import Cat, Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from numpy.typing import ArrayLike

from hwpy.stochastic_computing.or_layer import OrLayerParameters, rails
from rtl.stochastic_computing.selects import select_registers

__all__ = ["OrLayer"]


class OrLayer(wiring.Component):
    """The layer of `hwpy.stochastic_computing.or_layer`, a bit a clock in clocks with ``enable``.

    The bits of x and ``random`` go into the selects, whose ORs are in ``plus`` and ``minus`` two enabled clocks after.
    A weight is wiring: a rail is the OR of the selects at the 1s of its magnitudes, a third of a LUT4 for each 1.

    Parameters
    ----------
    parameters
        The shape.
    weights
        (M, K) signed integers.

    Attributes
    ----------
    enable, x, random
        In: 1, K and ``parameters.random_bits`` bits; ``random`` as `hwpy.stochastic_computing.or_layer.words_of` takes
        it.
    plus, minus
        Out: M bits each.
    """

    def __init__(self, parameters: OrLayerParameters, weights: ArrayLike):
        self.parameters = parameters
        self.weights = parameters.check_weights(weights)
        outputs = Out(parameters.neurons)
        super().__init__(
            {
                "enable": In(1),
                "x": In(parameters.inputs),
                "random": In(parameters.random_bits),
                "plus": outputs,
                "minus": outputs,
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        shape = self.parameters
        own = shape.entropy == "own"
        x = self.x.replicate(shape.neurons) if own else self.x
        selects = select_registers(m, self.enable, x, self.random, shape.weight_bits)
        for rail, output in zip(rails(self.weights), (self.plus, self.minus), strict=True):
            for neuron, magnitudes in enumerate(rail):
                rows = selects[neuron * shape.inputs :] if own else selects
                ones = [
                    row[k]
                    for row, magnitude in zip(rows, magnitudes, strict=False)
                    for k in range(shape.weight_bits + 1)
                    if int(magnitude) >> k & 1
                ]
                with m.If(self.enable):
                    m.d.sync += output[neuron].eq(Cat(ones).any())
        return m
