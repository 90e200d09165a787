"""A block without a register of its own, in a module with a clock, so that a bench can count clocks."""

from __future__ import annotations

from typing import Any

__all__ = ["clocked"]


def clocked(inner: Any) -> Any:
    """The component, all of whose ports are streams or rows of streams, within one that has its ports and a clock."""
    from amaranth.hdl import Module, Signal
    from amaranth.lib.wiring import Component, connect, flipped

    class Clocked(Component):
        def __init__(self):
            super().__init__(inner.signature)

        def elaborate(self, platform):
            m = Module()
            m.submodules.inner = inner
            # One by one: flipped() does not go into an array of streams.
            for name, member in inner.signature.members.items():
                outer, port = getattr(self, name), getattr(inner, name)
                for stream, its in zip(outer, port, strict=True) if member.dimensions else [(outer, port)]:
                    connect(m, flipped(stream), its)
            beat = Signal()
            m.d.sync += beat.eq(~beat)
            return m

    return Clocked()
