"""Dot products, several products a clock, in hardware."""

from __future__ import annotations

from amaranth.hdl import Module, Signal, Value, signed
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In

from hwpy.low_precision.dot import DotParameters
from rtl.low_precision.mac import Accumulator, connect_result, register, result_ports
from rtl.low_precision.multiplier import product

__all__ = ["Dot"]


class Dot(wiring.Component):
    """Multiplies, adds the products in a tree, and accumulates: a register after each, then an `Accumulator`.

    Takes ``lanes`` pairs a clock; the sum is offered ``3 + levels`` clocks after its last pairs are taken, if nothing
    stalls.

    Attributes
    ----------
    input
        Input stream of ``x`` and ``w``, ``lanes`` raw numbers each with the first lowest, and ``last``: whether they
        end their sum.
    entropy, output
        As `rtl.low_precision.mac.Accumulator`'s; a step is ``lanes`` products.
    """

    def __init__(self, parameters: DotParameters):
        self.parameters = parameters
        mac, lanes = parameters.mac, parameters.lanes
        layout = data.StructLayout(
            {
                "x": mac.x.width * lanes,
                "w": mac.w.width * lanes,
                "last": 1,
            }
        )
        super().__init__({"input": In(stream.Signature(layout)), **result_ports(mac)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        mac, lanes = self.parameters.mac, self.parameters.lanes
        width = mac.x.width + mac.w.width
        stage = register(m, "factors", self.input, self.input.payload.last)
        x, w = _numbers(self.input.payload.x, mac.x.width), _numbers(self.input.payload.w, mac.w.width)
        loads, moves = self.input.ready, stage.ready
        terms = [
            product(m, platform, f"product_{k}", {"x": (x[k], loads), "w": (w[k], loads)}, moves) for k in range(lanes)
        ]
        stage = register(m, "products", stage)
        for level in range(self.parameters.levels):
            width += 1
            pairs = [terms[k : k + 2] for k in range(0, len(terms), 2)]
            terms = [Signal(signed(width), name=f"sum_{level}_{k}", reset_less=True) for k in range(len(pairs))]
            with m.If(stage.ready):
                m.d.sync += [term.eq(sum(pair)) for term, pair in zip(terms, pairs, strict=True)]
            stage = register(m, f"sums_{level}", stage)
        m.submodules.accumulator = accumulator = Accumulator(mac, width)
        connect_result(m, self, accumulator)
        m.d.comb += [
            accumulator.input.payload.addend.eq(terms[0]),
            accumulator.input.payload.last.eq(stage.payload),
            accumulator.input.valid.eq(stage.valid),
            stage.ready.eq(accumulator.input.ready),
        ]
        return m


def _numbers(value: Value, width: int) -> list[Value]:
    return [value[at : at + width].as_signed() for at in range(0, len(value), width)]
