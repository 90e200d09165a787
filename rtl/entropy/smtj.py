"""Superparamagnetic tunnel junctions as sources: emulated in gates, and on pins."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal, unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In

from hwpy.entropy.smtj import FRACTION_BITS
from rtl.entropy.source import EntropySource, SourceProperties

__all__ = ["EmulatedSmtj", "SmtjEmulator", "SmtjPins"]

# With read-out; a bare junction is put at 2 fJ a bit (Singh et al. 2024).
_ENERGY = 20e-15
_CITATION = "D. Vodenicarevic et al., Circuit-level evaluation of the generation of truly random bits with SMTJs (2018)"


class SmtjEmulator(EntropySource):
    """Two-state Markov chains in gates, fed with random bits from another source.

    Each transfer of ``stream`` carries one new sample of every junction and has used up one transfer of ``random``;
    when that stalls, so does this. Registered: a sample is offered in the clock after its random bits were taken,
    and one sample a clock can flow. Golden model: `hwpy.entropy.smtj.Smtj`.

    Parameters
    ----------
    count
        Junctions, each a bit of the payload.
    initial
        States at reset.

    Attributes
    ----------
    random
        Input stream of ``16 * count`` bits; bits ``16 j`` to ``16 j + 15`` are for junction j.
    escape_from_0, escape_from_1
        Inputs: probability to toggle in one sample, times ``2**16``, the same for all junctions. May change in any
        clock; the one in which ``random`` is taken counts.
    """

    def __init__(self, count: int, initial: int = 0):
        if not 0 <= initial < 1 << max(count, 0):
            raise ValueError(f"SMTJ initial states must be 0 to 2**{count} - 1, not {initial!r}")
        self.count = count
        self.initial = initial
        super().__init__(
            count,
            {
                "random": In(stream.Signature(unsigned(FRACTION_BITS * count))),
                "escape_from_0": In(FRACTION_BITS),
                "escape_from_1": In(FRACTION_BITS),
            },
        )

    @property
    def properties(self) -> SourceProperties:
        return SourceProperties(
            bits_per_clock=self.count, is_emulation=True, energy_per_bit=_ENERGY, citation=_CITATION
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        state = Signal(self.count, init=self.initial)
        valid = Signal()
        m.d.comb += [
            self.stream.payload.eq(state),
            self.stream.valid.eq(valid),
            self.random.ready.eq(~valid | self.stream.ready),
        ]
        with m.If(self.random.ready):
            m.d.sync += valid.eq(self.random.valid)
            with m.If(self.random.valid):
                for j in range(self.count):
                    u = self.random.payload.word_select(j, FRACTION_BITS)
                    escape = Mux(state[j], self.escape_from_1, self.escape_from_0)
                    m.d.sync += state[j].eq(state[j] ^ (u < escape))
        return m


class EmulatedSmtj(EntropySource):
    """`SmtjEmulator` with its random bits from a source of its own, in the place of junctions on pins.

    Parameters
    ----------
    count
        Junctions.
    inner
        Source of ``16 * count`` bits.
    initial
        States at reset.

    Attributes
    ----------
    escape_from_0, escape_from_1
        As those of the emulator.
    """

    def __init__(self, count: int, inner: EntropySource, initial: int = 0):
        if inner.width != FRACTION_BITS * count:
            raise ValueError(
                f"{count} emulated junctions need a source of {FRACTION_BITS * count} bits, not {inner.width!r}"
            )
        self._inner = inner
        self._emulator = SmtjEmulator(count, initial)
        super().__init__(count, {"escape_from_0": In(FRACTION_BITS), "escape_from_1": In(FRACTION_BITS)})

    @property
    def properties(self) -> SourceProperties:
        return self._emulator.properties

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.inner = self._inner
        m.submodules.emulator = self._emulator
        wiring.connect(m, self._inner.stream, self._emulator.random)
        m.d.comb += [
            self._emulator.escape_from_0.eq(self.escape_from_0),
            self._emulator.escape_from_1.eq(self.escape_from_1),
        ]
        wiring.connect(m, wiring.flipped(self.stream), self._emulator.stream)
        return m


class SmtjPins(EntropySource):
    """Junctions outside the chip, one digital pin each, sampled every so many clocks.

    The pins go through a two-flop synchroniser (two clocks of latency). A sample is offered the clock after it was
    taken, and the next is taken no sooner than ``interval`` clocks after the last and not before that was accepted, so
    that no bit is given twice. Set the interval well above the dwell time, or the bits repeat. Golden model:
    `hwpy.entropy.smtj.SmtjPins`.

    Parameters
    ----------
    count
        Pins.

    Attributes
    ----------
    pins
        Input, asynchronous.
    interval
        Input: clocks between samples, at least; 0 is as 1.
    """

    def __init__(self, count: int):
        self.count = count
        super().__init__(count, {"pins": In(count), "interval": In(16)})

    @property
    def properties(self) -> SourceProperties:
        """With ``interval`` at 1; at n it gives an n-th of the bits."""
        return SourceProperties(bits_per_clock=self.count, pins=self.count, energy_per_bit=_ENERGY, citation=_CITATION)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        synchronised = Signal(self.count)
        m.submodules.synchronizer = FFSynchronizer(self.pins, synchronised)
        valid = Signal()
        payload = Signal(self.count)
        # Until the synchroniser has filled, its output is no sample.
        wait = Signal(16, init=2)
        m.d.comb += [self.stream.valid.eq(valid), self.stream.payload.eq(payload)]
        with m.If((wait == 0) & (~valid | self.stream.ready)):
            m.d.sync += [
                payload.eq(synchronised),
                valid.eq(1),
                wait.eq(Mux(self.interval == 0, 0, self.interval - 1)),
            ]
        with m.Else():
            m.d.sync += wait.eq(Mux(wait == 0, 0, wait - 1))
            with m.If(self.stream.ready):
                m.d.sync += valid.eq(0)
        return m
