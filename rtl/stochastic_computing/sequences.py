"""Sources of words for stochastic number generators: shift register, Sobol sequence, counter."""

from __future__ import annotations

import operator
from functools import reduce

from amaranth.hdl import Cat, Module, Mux, Signal

from hwpy.entropy.lfsr import LfsrParameters, check_seed, leap_rows
from hwpy.stochastic_computing.sequences import SobolParameters
from rtl.entropy.source import EntropySource, SourceProperties

__all__ = ["Ramp", "Sobol", "StateLfsr"]


class StateLfsr(EntropySource):
    """A shift register whose whole state is the word, one step a transfer. Always valid.

    Only one bit of a word is fresh; `rtl.entropy.lfsr.Lfsr` is the register for those who need all of them so.

    Parameters
    ----------
    parameters
        Width, taps, form; ``leap`` must be 1.
    seed
        State after reset, which is the first word.
    """

    def __init__(self, parameters: LfsrParameters, seed: int = 1):
        if parameters.leap != 1:
            raise ValueError(f"a register that gives its state makes 1 step a word, not {parameters.leap!r}")
        self.parameters = parameters
        self.seed = check_seed(parameters, seed)
        super().__init__(parameters.width)

    @property
    def properties(self) -> SourceProperties:
        return SourceProperties(bits_per_clock=1)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        state = Signal(self.width, init=self.seed)
        m.d.comb += [self.stream.valid.eq(1), self.stream.payload.eq(state)]
        with m.If(self.stream.ready):
            rows = leap_rows(self.parameters)
            m.d.sync += state.eq(Cat(reduce(operator.xor, (state[i] for i in row)) for row in rows))
        return m


class Sobol(EntropySource):
    """Sobol words in Gray-code order, from 0 after reset, ``2**width`` to a period. Always valid. Not random.

    Parameters
    ----------
    parameters
        Width and dimensions; the payload has dimension 0 lowest.
    """

    def __init__(self, parameters: SobolParameters):
        self.parameters = parameters
        super().__init__(parameters.width * parameters.dimensions)

    @property
    def properties(self) -> SourceProperties:
        return SourceProperties(bits_per_clock=self.width)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        width = self.parameters.width
        index, following = Signal(width), Signal(width)
        lowest = Signal(width)
        state = Signal(self.width)
        m.d.comb += [
            following.eq(index + 1),
            lowest.eq(following & ~index),
            self.stream.valid.eq(1),
            self.stream.payload.eq(state),
        ]
        # After the last index nothing is set in the next; the last direction then leads back to 0.
        chosen = Cat(lowest[:-1], lowest[-1] | (following == 0))
        with m.If(self.stream.ready):
            m.d.sync += index.eq(following)
            for dimension, directions in enumerate(self.parameters.directions()):
                word = state.word_select(dimension, width)
                steps = (Mux(chosen[k], direction, 0) for k, direction in enumerate(directions))
                m.d.sync += word.eq(word ^ reduce(operator.or_, steps))
        return m


class Ramp(EntropySource):
    """A counter as a source of words: 0, 1, 2, ... Always valid. Not random."""

    @property
    def properties(self) -> SourceProperties:
        return SourceProperties(bits_per_clock=self.width)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        index = Signal(self.width)
        m.d.comb += [self.stream.valid.eq(1), self.stream.payload.eq(index)]
        with m.If(self.stream.ready):
            m.d.sync += index.eq(index + 1)
        return m
