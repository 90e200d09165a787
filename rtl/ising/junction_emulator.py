"""Coupled junctions emulated in gates, their escape probabilities in block RAM."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal, unsigned
from amaranth.lib import stream
from amaranth.lib.wiring import In

from hwpy.entropy.escape import RANDOM_BITS
from hwpy.ising.junction_emulator import JunctionEmulatorParameters
from rtl.entropy.code_table import code_table, load_layout
from rtl.entropy.escape import draw
from rtl.entropy.source import EntropySource, SourceProperties

__all__ = ["JunctionEmulator"]


class JunctionEmulator(EntropySource):
    """All junctions step at once, one step a clock; each payload is their states after one more step.

    A junction has a memory of its own, one iCE40 block RAM, and the states that are drawn go straight to the addresses
    for the next step. So codes are read one step ahead: the first step is in the second clock after reset, and a code
    that is loaded does not count in the next step but in those after it. The memories keep their codes through a reset;
    before they are loaded they are 0: no junction leaves its state.

    Attributes
    ----------
    load
        Input stream of `load_layout`, always ready; there is no step in a clock with a load.
    random
        Input stream of RANDOM_BITS bits for each junction, one word a step.
    """

    def __init__(self, parameters: JunctionEmulatorParameters):
        self.parameters = parameters
        super().__init__(
            parameters.count,
            {
                "load": In(stream.Signature(load_layout(parameters.address_bits))),
                "random": In(stream.Signature(unsigned(parameters.random_bits))),
            },
        )

    @property
    def properties(self) -> SourceProperties:
        return SourceProperties(bits_per_clock=self.parameters.count, is_emulation=True)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p = self.parameters
        state = Signal(p.count)
        following = Signal(p.count)
        reading_first = Signal(init=1)
        valid = Signal()
        step = Signal()
        m.d.comb += [
            self.stream.payload.eq(state),
            self.stream.valid.eq(valid),
            self.load.ready.eq(1),
            self.random.ready.eq(~self.load.valid & ~reading_first & (~valid | self.stream.ready)),
            step.eq(Mux(reading_first, ~self.load.valid, self.random.ready & self.random.valid)),
        ]
        word = self.load.payload
        for j, row in enumerate(p.neighbours):
            written = word.address[p.input_bits :] == j
            inputs = Cat(following[k] for k in (j, *row))
            code = code_table(m, f"table_{j}", word, self.load.valid & written, inputs, step, block_ram=True)
            escapes = draw(code, self.random.payload.word_select(j, RANDOM_BITS))
            m.d.comb += following[j].eq(state[j] ^ (escapes & ~reading_first))
        with m.If(self.stream.ready):
            m.d.sync += valid.eq(0)
        with m.If(step):
            m.d.sync += [state.eq(following), reading_first.eq(0), valid.eq(~reading_first)]
        return m
