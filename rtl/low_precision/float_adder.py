"""The steps of adding a product to a floating-point total, as logic: scale, align, add, normalise, round.

Each takes the signals of the one before and gives those of the next, so that registers can go between them. Numbers
have a sign, the exponent's field (1 for subnormals too), and a significand whose highest place is the leading one's.
Right of the ``A`` bits that an accumulator keeps, sums have ``tail`` more; the last is sticky, and place k is k to the
right of the last one kept.
"""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value

from hwpy.low_precision.float_mac import FloatMacParameters
from hwpy.low_precision.floating import FloatFormat
from rtl.low_precision.float_rounding import normalise, shift_right_sticky
from rtl.low_precision.rounding import round_up

__all__ = ["FloatAdder"]


class FloatAdder:
    """The adder of a multiply-accumulate unit, and the widths in it.

    Parameters
    ----------
    parameters
        Formats and rounding.
    """

    def __init__(self, parameters: FloatMacParameters):
        self.parameters = p = parameters
        form = p.accumulator
        self.kept = form.fraction_bits + 1
        # The word's places after a move to the left, the tie's, and the sticky one; or all of a product's.
        self.tail = max(p.product_bits - self.kept + 1, p.word_bits + 2) + 1
        # What a product's field in the accumulator is beyond the sum of the fields of its factors.
        self.offset = form.bias - p.x.bias - p.w.bias + 1
        #: The largest sum of the fields of finite factors.
        self.highest_fields = sum(factor.highest_code >> factor.fraction_bits for factor in (p.x, p.w))
        self.field_bits = max(self.highest_fields + self.offset + 1, 1 << form.exponent_bits).bit_length()
        #: Bits of the product's significand, once scaled: if it can be below the lowest exponent, as many as a sum's.
        self.product_bits = p.product_bits if 2 + self.offset >= 1 else self.kept + self.tail

    def scale(self, m: Module, significand: Value, fields: Value) -> tuple[Value, Value]:
        """Field and significand of the product of two significands, of which the sum of the fields is given."""
        field = Signal(range(2 + self.offset, (1 << len(fields)) + self.offset), name="product_field")
        m.d.comb += field.eq(fields + self.offset)
        limit = Mux(field > 0, field - 1, 0)[: len(field)].as_unsigned()
        normal, places = normalise(m, significand, limit)
        left = Mux(significand == 0, 1, (field - places)[: self.field_bits])
        if self.product_bits == len(significand):
            return left, normal
        below = Mux(field < 1, 1 - field, 0)
        wide = Cat(Const(0, self.product_bits - 1 - len(normal)), normal)
        return Mux(field < 1, 1, left), shift_right_sticky(m, wide, below)

    def align(self, m: Module, total: Value, sign: Value, field: Value, significand: Value) -> dict[str, Value]:
        """The larger of code ``total`` and of the scaled product, and the smaller one, shifted to its places."""
        form, width = self.parameters.accumulator, self.kept + self.tail
        own = total[form.fraction_bits : -1]
        at = max(self.kept, self.product_bits)
        mine = Cat(Const(0, at - self.kept), total[: form.fraction_bits], own.any())
        other = Cat(Const(0, at - self.product_bits), significand)
        my_field = Signal(self.field_bits)
        m.d.comb += my_field.eq(Cat(own[0] | ~own.any(), own[1:]))
        ahead, equal, subtract = Signal(), Signal(), Signal()
        m.d.comb += [
            ahead.eq(Cat(other, field) > Cat(mine, my_field)),
            equal.eq(Cat(other, field) == Cat(mine, my_field)),
            subtract.eq(sign ^ total[-1]),
        ]
        distance = Signal(self.field_bits)
        m.d.comb += distance.eq(Mux(ahead, field - my_field, my_field - field))
        small = Cat(Const(0, width - at), Mux(ahead, mine, other))
        shifted = shift_right_sticky(m, small, distance)
        return {
            "sign": Mux(ahead, sign, total[-1]) & ~(subtract & equal),
            "subtract": subtract,
            "field": Mux(ahead, field, my_field),
            "big": Mux(ahead, other, mine),
            "small": Cat(shifted[:2].any(), shifted[2:]),
            "far": distance > 1,
        }

    def add(self, m: Module, aligned: dict[str, Value], word: Value) -> dict[str, Value]:
        """The sum, one place longer to the left; with the middle of the word in it, if eager."""
        width = self.kept + self.tail
        right: Value = Const(0, width - len(aligned["big"]))
        if self.parameters.eager:
            # Places 2 to r - 1. Nothing is there unless the addends are far apart, and then only of the smaller one.
            middle = Mux(aligned["far"], word[1:-1], 0)[: self.parameters.word_bits - 2]
            right = Cat(Const(0, 4), middle, Const(0, len(right) - 4 - len(middle)))
        subtract = aligned["subtract"]
        # A lowest place of 1 and the carry in makes it one adder, where `+ subtract` would be another.
        big = Cat(Const(1, 1), right, aligned["big"], Const(0, 1))
        small = Cat(subtract, Cat(aligned["small"], Const(0, 1)) ^ subtract.replicate(width + 1))
        total = Signal(width + 2, name="sum")
        m.d.comb += total.eq(big + small)
        return {"sign": aligned["sign"], "field": aligned["field"], "sum": total[1:]}

    def normalise(self, m: Module, summed: dict[str, Value], word: Value) -> dict[str, Value]:
        """The kept bits and their field, and what there is to add to them."""
        total, field = summed["sum"], summed["field"]
        if self.parameters.eager:
            normal, places = normalise(m, total[self.tail - 1 :], field)
            top, addend, carry = Const(0, 0), Const(0, 0), self._carry(total, field, word)
        else:
            normal, places = normalise(m, total, field)
            rest = normal[: -self.kept]
            top, addend, carry = Const(0, 0), Const(0, 0), Const(0)
            if self.parameters.rounding.mode != "zero":
                top, addend, carry = round_up(rest, normal[-self.kept], self.parameters.rounding, word)
        moved = Signal(self.field_bits)
        m.d.comb += moved.eq(field + 1 - places)
        return {
            "sign": summed["sign"],
            "field": Mux(normal[-1], moved, 0),
            "normal": Cat(top, normal[-self.kept : -1]),
            "addend": addend,
            "carry": carry,
        }

    def round(self, m: Module, normal: dict[str, Value]) -> tuple[Value, Value]:
        """The code of the sum, saturated, and whether it was beyond the format."""
        form = self.parameters.accumulator
        below = len(normal["normal"]) - form.fraction_bits
        total = Cat(Const(1, 1), normal["normal"], normal["field"]) + Cat(normal["carry"], normal["addend"])
        magnitude = Signal(form.fraction_bits + self.field_bits)
        beyond = Signal()
        m.d.comb += [magnitude.eq(total[1 + below :]), beyond.eq(_is_beyond(form, magnitude))]
        code = Mux(beyond, form.highest_code, magnitude)[: form.width - 1]
        return Cat(code, normal["sign"]), beyond

    def _carry(self, total: Value, field: Value, word: Value) -> Value:
        """Whether an eager sum is rounded up: the two bits of the word that are left, and what they run through.

        They go to the first of the dropped places and before the rest of the word, or after it. A carry from after it
        runs through the middle, which is already added, if that is all ones.
        """
        bits, mode = self.parameters.word_bits, self.parameters.rounding.mode
        first, last = word[-1], word[0]

        def at(place: int) -> Value:
            return total[self.tail - place]

        def below(place: int, odd: Value) -> Value:
            """The carry into the last place of the word, this one, by the mode."""
            tie = at(place + 1)
            if mode == "stochastic-naive":
                return Const(0)
            if mode == "stochastic-fast":
                return tie
            return tie & (odd | total[: self.tail - place - 1].any())

        runs = Cat(at(place) for place in range(2, bits)).all()
        # The last place of the middle, before the word was added.
        odd = at(bits - 1) ^ (word[1] if bits > 2 else 0)
        carries = (Cat(at(1), at(0)) + Cat(first, last) + (runs & below(bits - 1, odd)))[2]
        after = (at(bits) + last + below(bits, at(bits)))[1]
        stays = (at(1) + first + (runs & after))[1]
        left = runs & (Cat(at(bits + 1), at(bits)) + Cat(first, last) + below(bits + 1, at(bits + 1)))[2]
        return Mux(total[-1], carries, Mux(total[-2] | (field == 1), stays, left))


def _is_beyond(form: FloatFormat, magnitude: Value) -> Value:
    """Whether the bits of a code, and perhaps more, are more than the highest."""
    if not form.has_infinity:
        return magnitude > form.highest_code
    field = magnitude[form.fraction_bits :]
    return field[: form.exponent_bits].all() | field[form.exponent_bits :].any()
