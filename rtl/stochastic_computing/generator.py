"""Stochastic number generators: random words and codes to bitstreams."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Signal, Value, unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hwpy.stochastic_computing.generator import GeneratorParameters

__all__ = ["Generator", "leading_one"]


class Generator(wiring.Component):
    """A bank of generators, as in `hwpy.stochastic_computing.generator`: one bit of every stream a random word.

    Registered: bits are offered in the clock after their word was taken, and one word a clock can flow. With delays
    the first ``depth`` words only fill the delay line.

    Parameters
    ----------
    parameters
        Width, count, method and sharing.

    Attributes
    ----------
    random
        Input stream of ``random_width`` bits: one word, or one for each stream with stream 0's lowest.
    codes
        Input of ``width * count`` bits, stream 0's lowest. The clock in which the word is taken counts.
    stream
        Output stream of ``count`` bits, bit j of stream j.
    """

    def __init__(self, parameters: GeneratorParameters):
        self.parameters = parameters
        super().__init__(
            {
                "random": In(stream.Signature(unsigned(parameters.random_width))),
                "codes": In(parameters.width * parameters.count),
                "stream": Out(stream.Signature(unsigned(parameters.count))),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        parameters, width = self.parameters, self.parameters.width
        valid = Signal()
        bits = Signal(parameters.count)
        line, filled = [self.random.payload], [self.random.valid]
        for age in range(1, parameters.depth + 1):
            word, is_filled = Signal.like(self.random.payload, name=f"word_{age}"), Signal(name=f"filled_{age}")
            with m.If(self.random.valid & self.random.ready):
                m.d.sync += [word.eq(line[-1]), is_filled.eq(filled[-1])]
            line.append(word)
            filled.append(is_filled)
        full = self.random.valid & filled[-1]
        m.d.comb += [
            self.stream.valid.eq(valid),
            self.stream.payload.eq(bits),
            self.random.ready.eq(~valid | self.stream.ready),
        ]
        selections: dict[tuple, Value] = {}
        outputs = []
        for j, (delay, rotation) in enumerate(parameters.views):
            own = j if parameters.fresh else 0
            word = line[delay].word_select(own, width).rotate_left(rotation)
            code = self.codes.word_select(j, width)
            if parameters.method == "comparator":
                outputs.append(word < code)
            else:
                key = (own, delay, rotation)
                if key not in selections:
                    selections[key] = leading_one(m, f"selection_{len(selections)}", word)
                outputs.append((selections[key] & code).any())
        with m.If(self.random.ready):
            m.d.sync += valid.eq(full)
            with m.If(full):
                m.d.sync += bits.eq(Cat(outputs))
        return m


def leading_one(m: Module, name: str, word: Value) -> Signal:
    """The word with only its highest set bit left."""
    highest = Signal(len(word), name=name)
    m.d.comb += highest.eq(Cat(word[k] & ~word[k + 1 :].any() for k in range(len(word))))
    return highest
