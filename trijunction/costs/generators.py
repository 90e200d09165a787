"""What gives a core its random bits: shift registers, xoshiro128++, or the chip's end of junctions on pins."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Array, Cat, Module, Mux, Signal, unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out

from hwpy.entropy.planes import xoshiro_states
from rtl.entropy.lfsr import Lfsr
from rtl.entropy.xoshiro import Xoshiro

__all__ = ["Junctions", "Registers", "Xoshiros"]

_WORD = 32


class Generator(wiring.Component):
    """Offers ``width`` fresh bits a clock on ``stream``, and runs on: a payload that is not taken is dropped.

    So no register needs an enable, which would cost each of them a multiplexer on silicon. The cores here take a
    payload in nine clocks of ten or more.
    """

    def __init__(self, width: int, ports: dict[str, Any] | None = None):
        self.width = width
        super().__init__({"stream": Out(stream.Signature(unsigned(width))), **(ports or {})})

    def elaborate(self, platform: object) -> Module:
        raise NotImplementedError


class Registers(Generator):
    """Shift registers side by side, and of their payloads the bits at ``places``; always valid."""

    def __init__(self, registers: list[Lfsr], places: list[int]):
        self._registers, self._places = registers, places
        super().__init__(len(places))

    def elaborate(self, platform: object) -> Module:
        m = Module()
        bits = Cat(register.stream.payload for register in self._registers)
        m.d.comb += [self.stream.valid.eq(1), self.stream.payload.eq(Cat(bits[place] for place in self._places))]
        for k, register in enumerate(self._registers):
            m.submodules[f"register_{k}"] = register
            m.d.comb += register.stream.ready.eq(1)
        return m


class Xoshiros(Generator):
    """As many xoshiro128++ as fill the width; where a word has several payloads, one, which steps once for them all.

    Not valid in the first clock.
    """

    def __init__(self, width: int, seed: int = 1):
        super().__init__(width)
        self.parts = _WORD // width if width <= _WORD // 2 else 1
        states = xoshiro_states(-(-width // _WORD), seed, 0).tolist()
        self._sources = [Xoshiro(tuple(state)) for state in states]

    def elaborate(self, platform: object) -> Module:
        m = Module()
        word = Cat(source.stream.payload for source in self._sources)
        part = Signal(range(self.parts))
        is_last = part == self.parts - 1
        m.d.comb += [
            self.stream.valid.eq(self._sources[0].stream.valid),
            self.stream.payload.eq(Array(word.word_select(k, self.width) for k in range(self.parts))[part]),
        ]
        with m.If(self.stream.valid):
            m.d.sync += part.eq(Mux(is_last, 0, part + 1))
        for k, source in enumerate(self._sources):
            m.submodules[f"xoshiro_{k}"] = source
            m.d.comb += source.stream.ready.eq(is_last)
        return m


class Junctions(Generator):
    """A pin for each bit through a two-flop synchroniser. Always valid.

    Each junction is read once a clock. Its own energy, that of its read-out and the pad are not in these gates.
    """

    def __init__(self, width: int):
        super().__init__(width, {"pins": In(width)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.synchronizer = FFSynchronizer(self.pins, self.stream.payload)
        m.d.comb += self.stream.valid.eq(1)
        return m
