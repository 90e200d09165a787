"""xoshiro128++ in hardware: 32 bits a clock."""

from __future__ import annotations

from amaranth.hdl import Module, Signal

from hwpy.entropy.xoshiro import State, check_state
from rtl.entropy.source import EntropySource, SourceProperties

__all__ = ["Xoshiro"]


class Xoshiro(EntropySource):
    """The generator of `hwpy.entropy.xoshiro`, word for word; one word a clock.

    Not valid in the first clock after reset: the output is registered, so that the two additions in a row do not add to
    the consumer's path. 161 registers.

    Parameters
    ----------
    state
        State after reset, four words of 32 bits, not all zero.
    """

    def __init__(self, state: State):
        self.state = check_state(state)
        super().__init__(32)

    @property
    def properties(self) -> SourceProperties:
        return SourceProperties(bits_per_clock=32)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        s0, s1, s2, s3 = (Signal(32, init=word, name=f"s{i}") for i, word in enumerate(self.state))
        total = Signal(32)
        valid = Signal()
        payload = Signal(32)
        m.d.comb += [
            total.eq(s0 + s3),
            self.stream.valid.eq(valid),
            self.stream.payload.eq(payload),
        ]
        with m.If(~valid | self.stream.ready):
            m.d.sync += [
                valid.eq(1),
                payload.eq(total.rotate_left(7) + s0),
                s0.eq(s0 ^ s3 ^ s1),
                s1.eq(s1 ^ s2 ^ s0),
                s2.eq(s2 ^ s0 ^ (s1 << 9)),
                s3.eq((s3 ^ s1).rotate_left(11)),
            ]
        return m
