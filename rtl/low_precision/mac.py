"""Multiply-accumulate with rounding in hardware."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, ResetSignal, Signal, Value, signed, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.mac import MacParameters
from hwpy.low_precision.rounding import Rounding, RoundingUnitParameters
from rtl.low_precision.multiplier import product
from rtl.low_precision.rounding import RoundingUnit, carrying, whole_sum

__all__ = ["Accumulator", "Mac", "accumulated"]


def accumulated(m: Module, name: str, parameters: MacParameters, total: Value, addend: Value, word: Value) -> Value:
    """The accumulator after one step, as the golden model's ``step``: ``addend`` is at a product's fraction bits.

    An eager unit has one adder: the total and to its right what rounds, such as the random word, plus the addend.
    """
    shift, fraction = parameters.step_shift, parameters.product_fraction
    if not (shift and parameters.eager):
        exact = Cat(Const(0, shift), total).as_signed() + addend
        return rounded(m, name, exact, fraction, parameters.accumulator, parameters.rounding, word)
    top, random, even = carrying(addend[:shift], parameters.rounding, word)
    sums = whole_sum(Cat(random, total).as_signed(), Cat(top, addend[shift:]).as_signed())[len(top) :]
    kept = Cat(sums[0] & ~even, sums[1:]).as_signed()
    return rounded(m, name, kept, fraction - shift, parameters.accumulator, parameters.rounding, word)


def rounded(
    m: Module, name: str, value: Value, fraction: int, output: FixedFormat, rounding: Rounding, word: Value
) -> Value:
    """A signed value with that many fraction bits in a format, by a `RoundingUnit`."""
    form = FixedFormat(len(value) - 1 - fraction, fraction)
    drops = fraction > output.fraction_bits
    unit = RoundingUnit(RoundingUnitParameters(form, output, rounding if drops else Rounding("floor")))
    m.submodules[name] = unit
    m.d.comb += unit.value.eq(value)
    if unit.parameters.rounding.is_stochastic:
        m.d.comb += unit.word.eq(word)
    return unit.result


class Accumulator(wiring.Component):
    """Sums of a stream of addends, as the golden model of the same name with no stages before it.

    Takes an addend a clock; a sum is offered in the clock after its last addend. It stalls while a word is needed and
    none is offered, and when a sum ends while the one before is not taken. It is reset by its clock domain, and not by
    an inserted reset.

    Parameters
    ----------
    parameters
        Formats and rounding.
    addend_width
        Bits of the signed addends.

    Attributes
    ----------
    input
        Input stream of ``addend``, raw at a product's fraction bits, and ``last``: whether it ends its sum.
    entropy
        Input stream of random words, if the rounding is stochastic. One a step; if sums are rounded at their end, one
        with the first addend of each (eager) or with the last.
    output
        Output stream of sums, raw in the output's format.
    """

    def __init__(self, parameters: MacParameters, addend_width: int):
        self.parameters = parameters
        layout = data.StructLayout({"addend": signed(addend_width), "last": 1})
        super().__init__({"input": In(stream.Signature(layout)), **result_ports(parameters)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        parameters, shift = self.parameters, self.parameters.end_shift
        addend, last = self.input.payload.addend, self.input.payload.last
        # Its reset is that of a sum's end too: with one from Amaranth Yosys would make the other of look-up tables.
        total = Signal(signed(parameters.accumulator.width), reset_less=True)
        first = Signal(init=1)
        valid = Signal()
        result = Signal(signed(parameters.output.width), reset_less=True)
        asks, goes, ends = Signal(), Signal(), Signal()
        word: Value = Const(0)
        enough: Value = Const(1)
        # No sum ends while the one before is not taken.
        m.d.comb += asks.eq(self.input.valid & (~last | ~valid | self.output.ready))
        if parameters.word_bits:
            word = self.entropy.payload
            needed: Value = Const(1) if parameters.step_shift else first if parameters.eager else last
            enough = self.entropy.valid | ~needed
            m.d.comb += self.entropy.ready.eq(asks & needed)
        started = total
        if parameters.eager and shift:
            # The register is zero at the first addend: an OR puts in what rounds the end.
            started = (total | Mux(first, _start(parameters, word), 0)).as_signed()
        step = accumulated(m, "step", parameters, started, addend, word)
        m.d.comb += [
            goes.eq(asks & enough),
            ends.eq(goes & last),
            self.input.ready.eq(~self.input.valid | goes),
            self.output.valid.eq(valid),
            self.output.payload.eq(result),
        ]
        with m.If(self.output.ready):
            m.d.sync += valid.eq(0)
        with m.If(goes):
            m.d.sync += [total.eq(step), first.eq(last)]
        with m.If(ends):
            m.d.sync += [valid.eq(1), result.eq(self._end(m, step, word))]
        with m.If(ends | ResetSignal()):
            m.d.sync += total.eq(0)
        return m

    def _end(self, m: Module, total: Value, word: Value) -> Value:
        parameters, shift = self.parameters, self.parameters.end_shift
        fraction, output, kept = parameters.accumulator.fraction_bits, parameters.output, total
        if shift and parameters.eager:
            kept, fraction = total[shift:].as_signed(), output.fraction_bits
            if parameters.rounding.mode == "nearest":
                # Half was added: no bits are left of a tie only, which becomes even.
                kept = Cat(kept[0] & total[:shift].any(), kept[1:]).as_signed()
        return rounded(m, "end", kept, fraction, output, parameters.rounding, word)


class Mac(wiring.Component):
    """Multiplies and accumulates: registers for the factors and for the product, then an `Accumulator`.

    Takes a pair a clock; the sum is offered in the third clock after its last pair is taken, if nothing stalls.

    Attributes
    ----------
    input
        Input stream of ``x``, ``w``, raw, and ``last``: whether the pair ends its sum.
    entropy, output
        As `Accumulator`'s.
    """

    def __init__(self, parameters: MacParameters):
        self.parameters = parameters
        layout = data.StructLayout({"x": signed(parameters.x.width), "w": signed(parameters.w.width), "last": 1})
        super().__init__({"input": In(stream.Signature(layout)), **result_ports(parameters)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        width = self.parameters.x.width + self.parameters.w.width
        m.submodules.accumulator = accumulator = Accumulator(self.parameters, width)
        connect_result(m, self, accumulator)
        pair = self.input.payload
        factors = register(m, "factors", self.input, pair.last)
        later = register(m, "later", factors)
        loads = self.input.ready
        addend = product(m, platform, "product", {"x": (pair.x, loads), "w": (pair.w, loads)}, factors.ready)
        m.d.comb += [
            accumulator.input.payload.addend.eq(addend),
            accumulator.input.payload.last.eq(later.payload),
            accumulator.input.valid.eq(later.valid),
            later.ready.eq(accumulator.input.ready),
        ]
        return m


def result_ports(parameters: MacParameters) -> dict[str, wiring.Member]:
    """The ports `output` and, where words are taken, `entropy`."""
    ports = {"output": Out(stream.Signature(signed(parameters.output.width)))}
    if parameters.word_bits:
        ports["entropy"] = In(stream.Signature(unsigned(parameters.word_bits)))
    return ports


def connect_result(m: Module, outer: wiring.Component, accumulator: Accumulator) -> None:
    """Give the accumulator the output and the entropy of the unit that it is part of."""
    wiring.connect(m, wiring.flipped(outer.output), accumulator.output)
    if accumulator.parameters.word_bits:
        wiring.connect(m, wiring.flipped(outer.entropy), accumulator.entropy)


def register(m: Module, name: str, source: stream.Interface, payload: Value | None = None) -> stream.Interface:
    """The stream, or one of another payload, a clock later: a register that takes when it is empty or being emptied.

    What else belongs to a payload is registered where ``source`` is ready.
    """
    payload = source.payload if payload is None else payload
    later = stream.Signature(payload.shape()).create(path=(name,))
    m.d.comb += source.ready.eq(~later.valid | later.ready)
    with m.If(source.ready):
        m.d.sync += [later.valid.eq(source.valid), later.payload.eq(payload)]
    return later


def _start(parameters: MacParameters, word: Value) -> Value:
    """What a sum that is rounded at its end, eagerly, starts from, as the golden model's ``start``."""
    if parameters.rounding.mode == "nearest":
        return Const(1 << (parameters.shift - 1), parameters.shift)
    if not parameters.word_bits:
        return Const(0)
    below = parameters.shift - parameters.word_bits
    half = 1 << (below - 1) if below and parameters.rounding.mode == "stochastic-fast" else 0
    return Cat(Const(half, below), word)
