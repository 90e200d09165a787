"""Linear feedback shift register that gives n new bits a clock."""

from __future__ import annotations

import operator
from functools import reduce

from amaranth.hdl import Cat, Module, Signal, Value

from hwpy.entropy.lfsr import LfsrParameters, check_seed, leap_rows, payload_rows
from rtl.entropy.source import EntropySource, SourceProperties
from rtl.lut import lut4

__all__ = ["Lfsr"]


class Lfsr(EntropySource):
    """Shift register as in `hwpy.entropy.lfsr`, bit for bit: ``leap`` new bits in every transfer.

    Always valid: the payload of the first clock after reset is the first ``leap`` bits of the seed's stream, and each
    transfer brings the next ones in the next clock. Costs ``width`` registers and, in Fibonacci form, one exclusive
    or for each of the ``leap`` new bits, with as many inputs as there are taps if ``leap`` is at most the smallest tap.

    Parameters
    ----------
    parameters
        Width, taps, form and leap.
    seed
        State after reset, 1 to ``2**width - 1``.
    """

    def __init__(self, parameters: LfsrParameters, seed: int = 1):
        self.parameters = parameters
        self.seed = check_seed(parameters, seed)
        super().__init__(parameters.leap)

    @property
    def properties(self) -> SourceProperties:
        return SourceProperties(bits_per_clock=self.parameters.leap)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        state = Signal(self.parameters.width, init=self.seed)

        def xors(name: str, rows: list[tuple[int, ...]]) -> Value:
            # ABC shares partial sums between the rows: that pays for long ones only, and costs short ones a third more.
            return Cat(
                lut4(m, platform, f"{name}_{k}", lambda *bits: sum(bits) & 1, [state[i] for i in row])
                if 2 <= len(row) <= 4
                else reduce(operator.xor, (state[i] for i in row))
                for k, row in enumerate(rows)
            )

        m.d.comb += self.stream.valid.eq(1)
        m.d.comb += self.stream.payload.eq(xors("payload", payload_rows(self.parameters)))
        with m.If(self.stream.ready):
            m.d.sync += state.eq(xors("next", leap_rows(self.parameters)))
        return m
