"""A dot product that takes a bit of all inputs in a clock, by distributed arithmetic if its weights are constant."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwpy.stochastic_computing.dot_product import DotProductParameters
from rtl.lut import lut4

__all__ = ["DotProduct"]


class DotProduct(wiring.Component):
    """As `hwpy.stochastic_computing.dot_product`: moves in clocks with ``enable``, ``input_bits`` of them a sum.

    A register follows each adder, in the same logic cells: it costs nothing, keeps Yosys from merging the tree into
    carry-save adders of twice the size, and stops glitches.

    Attributes
    ----------
    enable, clear, x
        In: 1 bit; 1 bit with the highest bits of a new sum; and K bits, one of each input.
    load, weights
        In, if the weights are loaded: 1 bit, and the next weight in clocks with ``load``; the last input's first.
    total
        Out: the sum, ``latency`` enabled clocks after the lowest bits were taken.
    """

    def __init__(self, parameters: DotProductParameters):
        self.parameters = parameters
        ports = {"enable": In(1), "clear": In(1), "x": In(parameters.inputs), "total": Out(parameters.sum_bits)}
        if parameters.weights is None:
            ports |= {"load": In(1), "weights": In(parameters.weight_bits)}
        super().__init__(ports)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        shape = self.parameters
        level = self._terms(m, platform)
        depth = 0
        clear = Signal(shape.latency)
        while True:
            registers = [Signal(len(term), name=f"level_{depth}_{k}") for k, term in enumerate(level)]
            with m.If(self.enable):
                m.d.sync += [register.eq(term) for register, term in zip(registers, level, strict=True)]
            if len(registers) == 1:
                break
            pairs = [registers[start : start + 2] for start in range(0, len(registers), 2)]
            level = [pair[0] + pair[1] if len(pair) == 2 else pair[0] for pair in pairs]
            depth += 1
        with m.If(self.enable):
            m.d.sync += [
                clear.eq(Cat(self.clear, clear)),
                self.total.eq(Mux(clear[-1], 0, self.total << 1) + registers[0]),
            ]
        return m

    def _terms(self, m: Module, platform: object) -> list[Value]:
        shape = self.parameters
        if shape.weights is None:
            held = Signal(shape.inputs * shape.weight_bits)
            with m.If(self.load):
                m.d.sync += held.eq(Cat(self.weights, held))
            return [Mux(self.x[i], held.word_select(i, shape.weight_bits), 0) for i in range(shape.inputs)]
        return [
            self._table(m, platform, start, shape.weights[start : start + 4]) for start in range(0, shape.inputs, 4)
        ]

    def _table(self, m: Module, platform: object, start: int, weights: tuple[int, ...]) -> Value:
        def bit(place: int) -> Signal:
            def function(*x: int) -> int:
                return sum(w for w, one in zip(weights, x, strict=True) if one) >> place & 1

            return lut4(m, platform, f"table_{start}_{place}", function, list(self.x[start : start + len(weights)]))

        return Cat(bit(place) for place in range(max(sum(weights).bit_length(), 1)))
