"""A binary multiply-accumulate unit, parallel or serial in the bits of its input."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, signed, unsigned
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwpy.stochastic_computing.binary_mac import BinaryMacParameters

__all__ = ["BinaryMac"]


class BinaryMac(wiring.Component):
    """As `hwpy.stochastic_computing.binary_mac`: x times w is added in clocks with ``enable``.

    Attributes
    ----------
    enable, clear, double
        In, 1 bit each: whether to move, and whether the old total counts as 0, or twice.
    x, w
        In: unsigned, 1 bit if serial, and signed if ``parameters.signed``.
    total
        Out, signed as w is.
    """

    def __init__(self, parameters: BinaryMacParameters):
        self.parameters = parameters
        number = signed if parameters.signed else unsigned
        super().__init__(
            {
                "enable": In(1),
                "clear": In(1),
                "double": In(1),
                "x": In(1 if parameters.serial else parameters.input_bits),
                "w": In(number(parameters.weight_bits)),
                "total": Out(number(parameters.sum_bits)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        product = Mux(self.x, self.w, 0) if self.parameters.serial else self.x * self.w
        # Only the serial unit doubles: elsewhere it would cost a multiplexer.
        kept = Mux(self.double, self.total << 1, self.total) if self.parameters.serial else self.total
        with m.If(self.enable):
            m.d.sync += self.total.eq(Mux(self.clear, 0, kept) + product)
        return m
