"""Coupled junctions emulated in gates, their escape probabilities in block RAM."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal, Value, unsigned
from amaranth.lib import data, stream
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In

from hwpy.entropy.escape import CODE_BITS, RANDOM_BITS
from hwpy.ising.junction_emulator import JunctionEmulatorParameters
from rtl.entropy.escape import draw
from rtl.entropy.source import EntropySource, SourceProperties

__all__ = ["JunctionEmulator", "load_layout"]


def load_layout(parameters: JunctionEmulatorParameters) -> data.StructLayout:
    """A word of the load stream, see `JunctionEmulatorParameters.program`."""
    return data.StructLayout({"address": parameters.address_bits, "code": CODE_BITS})


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
                "load": In(stream.Signature(load_layout(parameters))),
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
        for j, row in enumerate(p.neighbours):
            code = self._code(m, j, Cat(following[k] for k in (j, *row)), step)
            escapes = draw(code, self.random.payload.word_select(j, RANDOM_BITS))
            m.d.comb += following[j].eq(state[j] ^ (escapes & ~reading_first))
        with m.If(self.stream.ready):
            m.d.sync += valid.eq(0)
        with m.If(step):
            m.d.sync += [state.eq(following), reading_first.eq(0), valid.eq(~reading_first)]
        return m

    def _code(self, m: Module, junction: int, inputs: Value, enable: Value) -> Value:
        """The junction's memory, one clock from its inputs to the code. What is being read is never written."""
        # As a register behind an asynchronous read, since Yosys believes only there that no read meets a write; a small
        # memory would become flip-flops.
        address = self.load.payload.address
        table = Memory(shape=CODE_BITS, depth=1 << len(inputs), init=[], attrs={"no_rw_check": 1, "ram_style": "block"})
        m.submodules[f"table_{junction}"] = table
        write_port, read_port = table.write_port(), table.read_port(domain="comb")
        code = Signal(CODE_BITS, name=f"code_{junction}", reset_less=True)
        m.d.comb += [
            write_port.addr.eq(address),
            write_port.data.eq(self.load.payload.code),
            write_port.en.eq(self.load.valid & (address[self.parameters.input_bits :] == junction)),
            read_port.addr.eq(inputs),
        ]
        with m.If(enable):
            m.d.sync += code.eq(read_port.data)
        return code
