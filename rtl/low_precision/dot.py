"""Dot products, several products a clock, in hardware."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In

from hwpy.low_precision.dot import DotParameters
from rtl.low_precision.mac import Accumulator, connect_result, register, result_ports

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
        factors = register(m, "factors", self.input)
        x, w = _numbers(factors.payload.x, mac.x.width), _numbers(factors.payload.w, mac.w.width)
        level = _level(m, "products", factors, [x[k] * w[k] for k in range(lanes)], width)
        for place in range(self.parameters.levels):
            terms = _numbers(level.payload.terms, width)
            width += 1
            level = _level(m, f"sums_{place}", level, [sum(terms[k : k + 2]) for k in range(0, len(terms), 2)], width)
        m.submodules.accumulator = accumulator = Accumulator(mac, width)
        connect_result(m, self, accumulator)
        m.d.comb += [
            accumulator.input.payload.addend.eq(level.payload.terms),
            accumulator.input.payload.last.eq(level.payload.last),
            accumulator.input.valid.eq(level.valid),
            level.ready.eq(accumulator.input.ready),
        ]
        return m


def _numbers(value: Value, width: int) -> list[Value]:
    return [value[at : at + width].as_signed() for at in range(0, len(value), width)]


def _level(m: Module, name: str, source: Any, terms: list[Any], width: int) -> Any:
    """A registered stream of terms made from the payload of ``source``, and its ``last``."""
    # No array: see `rtl.low_precision.systolic`.
    layout = data.StructLayout({"terms": width * len(terms), "last": 1})
    made = stream.Signature(layout).create(path=(name, "made"))
    m.d.comb += [
        *(made.payload.terms.word_select(k, width).eq(term) for k, term in enumerate(terms)),
        made.payload.last.eq(source.payload.last),
        made.valid.eq(source.valid),
        source.ready.eq(made.ready),
    ]
    return register(m, name, made)
