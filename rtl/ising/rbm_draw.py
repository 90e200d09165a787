"""From a row of weights, or a field, to the state of a unit of a restricted Boltzmann machine."""

from amaranth.hdl import Const, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from hwpy.ising.rbm_parameters import PBIT_BITS, TREE_RADIX, RbmParameters

__all__ = ["AdderTree", "Draw", "field_width"]


def field_width(parameters: RbmParameters) -> int:
    """Bits of a sum of a row or of a column."""
    p = parameters
    return p.weight.width + (max(p.rows, p.columns) - 1).bit_length()


class AdderTree(wiring.Component):
    """The sum of the weights of a row whose unit is 1; a register after each stage but the last.

    Attributes
    ----------
    enable : In(1)
        The registers move on.
    row, mask : In
        As `WeightRows.row`; a bit for each of its weights.
    offered, valid : In(1), Out(1)
        There is a row; there is a total.
    total : Out(signed)
    """

    def __init__(self, parameters: RbmParameters):
        self.parameters = p = parameters
        super().__init__(
            {
                "enable": In(1),
                "row": In(p.columns * p.weight.width),
                "mask": In(p.columns),
                "offered": In(1),
                "total": Out(signed(field_width(p))),
                "valid": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        p = self.parameters
        weights = [self.row.word_select(j, p.weight.width).as_signed() for j in range(p.columns)]
        terms = [Mux(self.mask[j], weight, 0) for j, weight in enumerate(weights)]
        valid = self.offered
        for stage in range(p.tree_stages):
            groups = [terms[k : k + TREE_RADIX] for k in range(0, len(terms), TREE_RADIX)]
            width = p.weight.width + 2 * (stage + 1)
            terms = [Signal(signed(width), name=f"sum_{stage}_{k}") for k in range(len(groups))]
            domain = "comb" if stage == p.tree_stages - 1 else "sync"
            with m.If(Const(1) if domain == "comb" else self.enable):
                m.d[domain] += [
                    total.eq((sum(group[:2])) + sum(group[2:])) for total, group in zip(terms, groups, strict=True)
                ]
                if domain == "sync":
                    later = Signal(name=f"valid_{stage}")
                    m.d.sync += later.eq(valid)
                    valid = later
        m.d.comb += [self.total.eq(terms[0]), self.valid.eq(valid)]
        return m


class Draw(wiring.Component):
    """A p-bit whose field is a number: its noise, a sign and a magnitude, outweighs the field or not.

    Registers hold the field, and then the threshold of the magnitude, from a table in block RAM.

    Attributes
    ----------
    enable : In(1)
        The registers move on.
    field, offered : In
        A field, and whether it is one.
    valid : Out(1)
        There is a state, if there is a word.
    word : In(16)
        The noise: its sign in bit 0, and its magnitude.
    state : Out(1)
    """

    def __init__(self, parameters: RbmParameters):
        self.parameters = p = parameters
        super().__init__(
            {
                "enable": In(1),
                "field": In(signed(field_width(p))),
                "offered": In(1),
                "valid": Out(1),
                "word": In(PBIT_BITS),
                "state": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        p = self.parameters
        m.submodules.table = table = Memory(shape=PBIT_BITS, depth=len(p.thresholds), init=p.thresholds)
        read = table.read_port()
        field, valid = Signal.like(self.field), Signal()
        size = Signal(len(field))
        is_zero, is_negative, is_beyond = Signal(), Signal(), Signal()
        half = 1 << p.field_shift >> 1
        m.d.comb += [
            size.eq((abs(field) + half) >> p.field_shift),
            read.addr.eq(size),
            read.en.eq(self.enable),
        ]
        with m.If(self.enable):
            m.d.sync += [
                field.eq(self.field),
                valid.eq(self.offered),
                is_zero.eq(field == 0),
                is_negative.eq(field < 0),
                is_beyond.eq(size >= len(p.thresholds)),
                self.valid.eq(valid),
            ]
        outweighs = ~is_beyond & (self.word[1:] < read.data)
        m.d.comb += self.state.eq(Mux(is_zero | outweighs, self.word[0], ~is_negative))
        return m
