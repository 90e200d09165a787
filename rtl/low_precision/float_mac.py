"""Floating-point multiply-accumulate with rounding in hardware."""

from __future__ import annotations

from amaranth.hdl import Array, Cat, Const, Module, Mux, Signal, Value, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hwpy.low_precision.float_mac import FloatMacParameters
from hwpy.low_precision.floating import FloatFormat
from rtl.low_precision.float_adder import FloatAdder
from rtl.low_precision.mac import register

__all__ = ["FloatMac"]

#: After which parts of the step there are registers, by the sums that take turns.
CUTS: tuple[tuple[str, ...], ...] = ((), ("summed",), ("summed", "normal"), ("aligned", "summed", "normal"))
#: What is not finite, in product and total, one bit each.
SPECIAL = ("nan", "plus", "minus")


class FloatMac(wiring.Component):
    """Multiplies exactly, and adds with one rounding: `hwpy.low_precision.float_mac`.

    Takes a pair a clock; the sum is offered in the clock ``3 + sums`` after that in which its last pair is taken, if
    nothing stalls: registers for the factors, the product and the scaled product, then the step. With one sum the step
    takes one clock, from the total's register to itself, which limits the clock. With more it takes as many, and sums
    take turns: pair i, from reset, belongs to sum i modulo ``sums``. The sums are given out in the order of their ends.

    Parameters
    ----------
    parameters
        Formats and rounding.

    Attributes
    ----------
    input
        Input stream of codes ``x`` and ``w``, and ``last``: whether the pair ends its sum.
    entropy
        Input stream of random words, one for each pair, taken as its product enters the step; only if the rounding is
        stochastic.
    output
        Output stream of codes of sums.
    """

    def __init__(self, parameters: FloatMacParameters):
        self.parameters = p = parameters
        layout = data.StructLayout({"x": p.x.width, "w": p.w.width, "last": 1})
        super().__init__(
            {
                "input": In(stream.Signature(layout)),
                **({"entropy": In(stream.Signature(unsigned(p.word_bits)))} if p.word_bits else {}),
                "output": Out(stream.Signature(unsigned(p.accumulator.width))),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p, adder = self.parameters, FloatAdder(self.parameters)
        factors = register(m, "factors", self.input)
        product = register(m, "product", _passed(m, "multiplied", factors, _multiplied(p, factors.payload)))
        field, significand = adder.scale(m, product.payload.significand, product.payload.fields)
        scaled = _passed(m, "to_scale", product, {**_rest(product), "field": field, "significand": significand})
        entering = _with_word(m, register(m, "scaled", scaled), getattr(self, "entropy", None))

        slots = [
            Signal(data.StructLayout({"code": p.accumulator.width, **dict.fromkeys(SPECIAL, 1)})) for _ in range(p.sums)
        ]
        read, written = _turns(m, "read", p.sums), _turns(m, "written", p.sums)
        moved = entering.valid & entering.ready
        _next(m, read, p.sums, moved)

        def part(name: str, before: stream.Interface, fields: dict[str, Value]) -> stream.Interface:
            after = _passed(m, name, before, {**_rest(before), **fields})
            return register(m, f"{name}_register", after) if name in CUTS[p.sums - 1] else after

        into = entering.payload
        total = Array(slots)[read]
        aligned = part("aligned", entering, adder.align(m, total.code, into.sign, into.field, into.significand))
        summed = part("summed", aligned, adder.add(m, _fields(aligned), aligned.payload.word))
        normal = part("normal", summed, adder.normalise(m, _fields(summed), summed.payload.word))
        code, beyond = adder.round(m, _fields(normal))

        valid, result = Signal(), Signal(p.accumulator.width)
        before = Array(slots)[written]
        after = {name: normal.payload[name] | before[name] for name in SPECIAL}
        if not p.saturate:
            finite = ~Cat(after.values()).any()
            if p.accumulator.has_infinity:
                after["plus"] |= beyond & finite & ~code[-1]
                after["minus"] |= beyond & finite & code[-1]
            else:
                after["nan"] |= beyond
        goes = normal.valid & normal.ready
        m.d.comb += [
            normal.ready.eq(~normal.payload.last | ~valid | self.output.ready),
            self.output.valid.eq(valid),
            self.output.payload.eq(result),
        ]
        _next(m, written, p.sums, goes)
        with m.If(self.output.ready):
            m.d.sync += valid.eq(0)
        for place, slot in enumerate(slots):
            with m.If(goes & (written == place)):
                m.d.sync += Cat(slot.as_value()).eq(Mux(normal.payload.last, 0, Cat(code, *after.values())))
        with m.If(goes & normal.payload.last):
            m.d.sync += [valid.eq(1), result.eq(_encoded(p.accumulator, code, after))]
        return m


def _multiplied(p: FloatMacParameters, pair: data.View) -> dict[str, Value]:
    """The product: sign, significand, the sum of the fields, and whether it is not finite."""
    x, w = _Factor(p.x, pair.x), _Factor(p.w, pair.w)
    sign = x.sign ^ w.sign
    infinite = x.infinite | w.infinite
    nan = x.nan | w.nan | (x.infinite & w.zero) | (w.infinite & x.zero)
    if not p.accumulator.has_infinity:
        nan, infinite = nan | infinite, Const(0)
    return {
        "last": pair.last,
        "sign": sign,
        "significand": x.significand * w.significand,
        "fields": x.field + w.field,
        "nan": nan,
        "plus": infinite & ~sign,
        "minus": infinite & sign,
    }


class _Factor:
    """A code taken apart."""

    def __init__(self, form: FloatFormat, code: Value):
        fraction, field = code[: form.fraction_bits], code[form.fraction_bits : -1]
        self.sign = code[-1]
        self.significand = Cat(fraction, field.any())
        self.field = Cat(field[0] | ~field.any(), field[1:])
        self.zero = ~code[:-1].any()
        self.infinite = (code[:-1] == form.highest_code + 1) if form.has_infinity else Const(0)
        self.nan = code[:-1] > form.highest_code + form.has_infinity


def _encoded(form: FloatFormat, code: Value, special: dict[str, Value]) -> Value:
    """The code of a sum that may not be finite."""
    nan, plus, minus = (special[name] for name in SPECIAL)
    infinite = Cat(Const(form.highest_code + 1, form.width - 1), minus)
    return Mux(nan | (plus & minus), form.nan_code, Mux(plus | minus, infinite, code))


def _passed(m: Module, name: str, before: stream.Interface, fields: dict[str, Value]) -> stream.Interface:
    """A stream with the valid and ready of another, and a payload of its own."""
    layout = data.StructLayout({key: Value.cast(value).shape() for key, value in fields.items()})
    after = stream.Signature(layout).create(path=(name,))
    m.d.comb += [after.valid.eq(before.valid), before.ready.eq(after.ready)]
    m.d.comb += [Value.cast(after.payload[key]).eq(value) for key, value in fields.items()]
    return after


def _fields(source: stream.Interface) -> dict[str, Value]:
    return {name: Value.cast(source.payload[name]) for name, _ in source.payload.shape()}


def _rest(source: stream.Interface) -> dict[str, Value]:
    """What a stage hands on as it is."""
    kept = ("last", "word", *SPECIAL, "sign")
    return {name: value for name, value in _fields(source).items() if name in kept}


def _with_word(m: Module, products: stream.Interface, entropy: stream.Interface | None) -> stream.Interface:
    """Each product with a word of its own, if words are taken."""
    fields = _fields(products) | {"word": Const(0, 0) if entropy is None else entropy.payload}
    layout = data.StructLayout({key: value.shape() for key, value in fields.items()})
    joined = stream.Signature(layout).create(path=("entering",))
    m.d.comb += [Value.cast(joined.payload[key]).eq(value) for key, value in fields.items()]
    if entropy is None:
        m.d.comb += [joined.valid.eq(products.valid), products.ready.eq(joined.ready)]
    else:
        m.d.comb += [
            joined.valid.eq(products.valid & entropy.valid),
            products.ready.eq(joined.ready & entropy.valid),
            entropy.ready.eq(joined.ready & products.valid),
        ]
    return joined


def _turns(m: Module, name: str, sums: int) -> Signal:
    return Signal(range(sums), name=name)


def _next(m: Module, turn: Signal, sums: int, moves: Value) -> None:
    if sums > 1:
        with m.If(moves):
            m.d.sync += turn.eq(Mux(turn == sums - 1, 0, turn + 1))
