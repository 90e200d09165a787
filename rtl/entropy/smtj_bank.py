"""A bank of emulated junctions with their escape probabilities in block RAM."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal, unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In

from hwpy.entropy.escape import RANDOM_BITS
from hwpy.entropy.smtj_bank import SmtjBankParameters
from rtl.entropy.code_table import code_table, load_layout
from rtl.entropy.escape import draw
from rtl.entropy.source import EntropySource, SourceProperties

__all__ = ["EmulatedSmtjBank", "SmtjBank"]


class SmtjBank(EntropySource):
    """One junction is visited in a clock; a payload, a new sample of each of them, comes every ``count`` visits.

    The states are a ring that turns by one place a visit. Codes are read one visit ahead: the first visit is in the
    second clock after reset, and a code that is loaded for the junction to be visited next counts from its visit after
    that. The memory keeps its codes through a reset; before they are loaded they are 0: no junction leaves its state.

    Attributes
    ----------
    load
        Input stream of `load_layout`, always ready; no junction is visited in a clock with a load.
    random
        Input stream of RANDOM_BITS bits, one word a visit.
    """

    def __init__(self, parameters: SmtjBankParameters):
        self.parameters = parameters
        super().__init__(
            parameters.count,
            {
                "load": In(stream.Signature(load_layout(parameters.address_bits))),
                "random": In(stream.Signature(unsigned(RANDOM_BITS))),
            },
        )

    @property
    def properties(self) -> SourceProperties:
        return SourceProperties(bits_per_clock=1, is_emulation=True)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        count = self.parameters.count
        # Bit 0 is the junction visited, bit 1 the one after it, which `following` numbers and the memory is read for.
        ring = Signal(count)
        following = Signal(range(count))
        reading_first = Signal(init=1)
        valid = Signal()
        turn = Signal()
        state = Signal()
        m.d.comb += [
            self.stream.payload.eq(ring),
            self.stream.valid.eq(valid),
            self.load.ready.eq(1),
            self.random.ready.eq(~self.load.valid & ~reading_first & (~valid | self.stream.ready)),
            turn.eq(Mux(reading_first, ~self.load.valid, self.random.ready & self.random.valid)),
        ]
        word = self.load.payload
        code = code_table(m, "table", word, self.load.valid, Cat(ring[1], following), turn)
        m.d.comb += state.eq(ring[0] ^ (draw(code, self.random.payload) & ~reading_first))
        with m.If(self.stream.ready):
            m.d.sync += valid.eq(0)
        with m.If(turn):
            m.d.sync += [
                ring.eq(Cat(ring[1:], state)),
                following.eq(Mux(following == count - 1, 0, following + 1)),
                reading_first.eq(0),
                valid.eq(~reading_first & (following == 0)),
            ]
        return m


class EmulatedSmtjBank(EntropySource):
    """`SmtjBank` with its random bits from a source of its own, in the place of junctions on pins.

    Parameters
    ----------
    parameters
        Those of the bank.
    inner
        Source of RANDOM_BITS bits.

    Attributes
    ----------
    load
        As that of the bank.
    """

    def __init__(self, parameters: SmtjBankParameters, inner: EntropySource):
        if inner.width != RANDOM_BITS:
            raise ValueError(f"a bank needs a source of {RANDOM_BITS} bits, not {inner.width!r}")
        self._inner = inner
        self._bank = SmtjBank(parameters)
        super().__init__(parameters.count, {"load": In(stream.Signature(load_layout(parameters.address_bits)))})

    @property
    def properties(self) -> SourceProperties:
        return self._bank.properties

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.inner = self._inner
        m.submodules.bank = self._bank
        wiring.connect(m, self._inner.stream, self._bank.random)
        wiring.connect(m, wiring.flipped(self.load), self._bank.load)
        wiring.connect(m, wiring.flipped(self.stream), self._bank.stream)
        return m
