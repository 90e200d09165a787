"""A layer of OR-gate neurons with constant signed weights."""

from __future__ import annotations

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from numpy.typing import ArrayLike

from hwpy.stochastic_computing.or_layer import OrLayerParameters, rails
from rtl.stochastic_computing.or_plane import or_plane
from rtl.stochastic_computing.selects import select_registers

__all__ = ["OrLayer"]

#: Neighbouring inputs among whose selects common ORs are sought: more of them are found in more, on longer wires.
_WINDOW = 16


class OrLayer(wiring.Component):
    """The layer of `hwpy.stochastic_computing.or_layer`, a bit a clock in clocks with ``enable``.

    The bits of x and ``random`` go into the selects, whose ORs are in ``plus`` and ``minus`` two enabled clocks after.
    A weight is wiring: a rail is the OR of the selects at the 1s of its magnitudes, less than a third of a LUT4 for
    each 1.

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
        x = self.x.replicate(shape.neurons) if shape.entropy == "own" else self.x
        selects = select_registers(m, self.enable, x, self.random, shape.weight_bits)
        flat = [select for row in selects for select in row]
        ors = or_plane(m, platform, flat, self._subsets(), _WINDOW * (shape.weight_bits + 1))
        with m.If(self.enable):
            m.d.sync += [bit.eq(any_one) for bit, any_one in zip([*self.plus, *self.minus], ors, strict=True)]
        return m

    def _subsets(self) -> list[set[int]]:
        """For each rail, the positive ones first, the places of its 1s among the selects."""
        shape = self.parameters
        bits = shape.weight_bits + 1
        return [
            {
                (i + (shape.inputs * neuron if shape.entropy == "own" else 0)) * bits + k
                for i, magnitude in enumerate(magnitudes)
                for k in range(bits)
                if int(magnitude) >> k & 1
            }
            for rail in rails(self.weights)
            for neuron, magnitudes in enumerate(rail)
        ]
