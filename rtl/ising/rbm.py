"""A restricted Boltzmann machine that samples and learns."""

from amaranth.hdl import Array, Cat, Const, Module, Mux, Signal, signed, unsigned
from amaranth.lib import data, enum, stream, wiring
from amaranth.lib.wiring import In, Out

from hwpy.ising.rbm_parameters import ROW_BITS, STEPS_BITS, RbmParameters, Target
from rtl.ising.rbm_draw import AdderTree, Draw, field_width
from rtl.ising.rbm_rows import WeightRows
from rtl.low_precision.mac import accumulated

__all__ = ["Rbm", "load_layout"]

RATE_BITS = 5


def load_layout(parameters: RbmParameters) -> data.StructLayout:
    """A word of the load stream."""
    return data.StructLayout({"target": 3, "address": parameters.address_bits, "data": ROW_BITS})


class Phase(enum.Enum):
    """What the machine is at."""

    IDLE = 0
    UP = 1  # rows to the fields of the hidden units
    DRAW = 2  # these, one a clock
    DOWN = 3  # rows to visible units, one a clock
    UPDATE = 4
    READ = 5  # weights
    SEND = 6  # visible units


class Rbm(wiring.Component):
    """One row of weights goes by in a clock: up, it is added to the hidden units' fields; down, its sum is a field.

    A step of the chain is ``rows + 2`` clocks for the fields, ``hidden + 2`` to draw the hidden units and
    ``rows + 3 + tree_stages`` to draw the visible ones, with one p-bit for all. An update is 2 clocks, and for each
    row `groups`, or 1 where nothing is added to it. A draw, and the update of a group to which something is added,
    take a word of the entropy stream and stall while there is none.

    Weights keep their values through a reset, and are 0 before.

    Attributes
    ----------
    load : In(stream of load_layout)
        See `hwpy.ising.rbm.Target`. Ready while idle.
    entropy : In(stream of entropy_width bits)
        Fresh random bits; none is used twice.
    result : Out(stream of 16 bits)
        After SAMPLE the visible units, 16 in a word; after READ the weights with their sign extended.
    """

    def __init__(self, parameters: RbmParameters):
        self.parameters = p = parameters
        super().__init__(
            {
                "load": In(stream.Signature(load_layout(p))),
                "entropy": In(stream.Signature(unsigned(p.entropy_width))),
                "result": Out(stream.Signature(unsigned(ROW_BITS))),
            }
        )

    def elaborate(self, platform):
        m = Module()
        p = self.parameters
        m.submodules.rows = rows = WeightRows(p)
        m.submodules.tree = tree = AdderTree(p)
        m.submodules.draw = draw = Draw(p)
        weights = [rows.row.word_select(j, p.weight.width).as_signed() for j in range(p.columns)]

        phase = Signal(Phase)
        # The last unit of a layer is always 1. Visible units turn with the rows: bit 0 is the row's.
        visible, chain = (Signal(p.rows, init=1 << p.visible, name=name) for name in ("visible", "chain"))
        positive, negative = (Signal(p.columns, init=1 << p.hidden, name=name) for name in ("positive", "negative"))
        fields = [Signal(signed(field_width(p)), name=f"field_{j}") for j in range(p.hidden)]
        training, persistent, is_first, others = Signal(), Signal(), Signal(), Signal()
        steps, held, rate = Signal(STEPS_BITS), Signal(p.row_bits), Signal(RATE_BITS)
        unit = Signal(range(max(p.rows, p.columns)))
        column = Signal(range(p.columns))

        # What is drawn, and by it the rows that it comes from, waits for a word.
        is_held, drawn, advance, row_done = Signal(), Signal(), Signal(), Signal()
        m.d.comb += [
            is_held.eq((phase == Phase.DOWN) & (((unit < held) ^ others) | (unit == p.visible))),
            advance.eq(~draw.valid | is_held | self.entropy.valid),
            drawn.eq(draw.valid & advance),
            tree.enable.eq(advance),
            tree.row.eq(rows.row),
            tree.mask.eq(negative),
            tree.offered.eq(rows.valid & (phase == Phase.DOWN)),
            draw.enable.eq(advance),
            draw.field.eq(Mux(phase == Phase.DRAW, Array(fields)[column], tree.total)),
            draw.offered.eq(Mux(phase == Phase.DRAW, column != p.hidden, tree.valid)),
            draw.word.eq(self.entropy.payload),
            rows.step.eq(~rows.valid | row_done),
        ]
        next_visible, next_chain = Cat(visible[1:], visible[0]), Cat(chain[1:], chain[0])

        change, group_waits = self._update(m, rows, visible[0], chain[0], positive, negative, column, rate, phase)
        m.d.comb += self.entropy.ready.eq((draw.valid & ~is_held) | ((phase == Phase.UPDATE) & group_waits))

        load = self._load(m, rows, visible)
        target, value = self.load.payload.target, self.load.payload.data
        m.d.comb += self.load.ready.eq(phase == Phase.IDLE)

        def enter(following):
            m.d.sync += [phase.eq(following), unit.eq(0), column.eq(0)]
            m.d.comb += rows.start.eq(1)
            if following == Phase.UP:
                m.d.sync += [field.eq(0) for field in fields]

        with m.Switch(phase):
            with m.Case(Phase.IDLE):
                m.d.sync += [
                    chain.eq(visible),
                    training.eq(target == Target.TRAIN),
                    is_first.eq(target == Target.TRAIN),
                    held.eq(Mux(target == Target.SAMPLE, self.load.payload.address, 0)),
                    steps.eq(Mux(value[:STEPS_BITS] == 0, 1, value)),
                    rate.eq(value[STEPS_BITS:]),
                    persistent.eq(value[-1]),
                    others.eq((target == Target.SAMPLE) & value[-1]),
                ]
                with m.If(load & ((target == Target.TRAIN) | (target == Target.SAMPLE))):
                    enter(Phase.UP)
                with m.If(load & (target == Target.READ)):
                    enter(Phase.READ)
            with m.Case(Phase.UP):
                m.d.comb += row_done.eq(1)
                with m.If(rows.valid):
                    m.d.sync += chain.eq(next_chain)
                    with m.If(chain[0]):
                        m.d.sync += [field.eq(field + weights[j]) for j, field in enumerate(fields)]
                    with m.If(rows.is_last):
                        m.d.sync += phase.eq(Phase.DRAW)
            with m.Case(Phase.DRAW):
                with m.If(advance & (column != p.hidden)):
                    m.d.sync += column.eq(column + 1)
                with m.If(drawn):
                    m.d.sync += unit.eq(unit + 1)
                    with m.If(is_first):
                        m.d.sync += positive[:-1].eq(Cat(positive[1:-1], draw.state))
                    with m.If(~(is_first & persistent)):
                        m.d.sync += negative[:-1].eq(Cat(negative[1:-1], draw.state))
                    with m.If(unit == p.hidden - 1):
                        m.d.sync += is_first.eq(0)
                        with m.If(training & (steps == 0)):
                            enter(Phase.UPDATE)
                        with m.Else():
                            enter(Phase.DOWN)
            with m.Case(Phase.DOWN):
                m.d.comb += row_done.eq(advance)
                with m.If(drawn):
                    m.d.sync += [unit.eq(unit + 1), chain.eq(Cat(chain[1:], Mux(is_held, chain[0], draw.state)))]
                    with m.If(unit == p.visible):
                        m.d.sync += steps.eq(steps - 1)
                        enter(Phase.UP)
                        with m.If(~training & (steps == 1)):
                            m.d.sync += phase.eq(Phase.SEND)
                            m.d.comb += rows.start.eq(0)
            with m.Case(Phase.UPDATE):
                group_done = ~group_waits | self.entropy.valid
                m.d.comb += row_done.eq(~change | ((column == p.groups - 1) & group_done))
                with m.If(rows.valid & change & group_done):
                    m.d.sync += column.eq(column + 1)
                with m.If(rows.valid & row_done):
                    m.d.sync += [visible.eq(next_visible), chain.eq(next_chain), column.eq(0)]
                    with m.If(rows.is_last):
                        m.d.sync += phase.eq(Phase.IDLE)
            with m.Case(Phase.READ):
                m.d.comb += [
                    self.result.valid.eq(rows.valid),
                    self.result.payload.eq(Array(weights)[column]),
                    row_done.eq(self.result.ready & (column == p.hidden)),
                ]
                with m.If(rows.valid & self.result.ready):
                    m.d.sync += column.eq(column + 1)
                    with m.If(column == p.hidden):
                        m.d.sync += column.eq(0)
                        with m.If(rows.is_last):
                            m.d.sync += phase.eq(Phase.IDLE)
            with m.Case(Phase.SEND):
                words = Array(chain[k : min(k + ROW_BITS, p.visible)] for k in range(0, p.visible, ROW_BITS))
                m.d.comb += [self.result.valid.eq(1), self.result.payload.eq(words[unit])]
                with m.If(self.result.ready):
                    m.d.sync += unit.eq(unit + 1)
                    with m.If(unit == p.words - 1):
                        m.d.sync += phase.eq(Phase.IDLE)
        return m

    def _load(self, m, rows, visible):
        """What the load stream sets; gives whether it does."""
        p = self.parameters
        load = Signal()
        target, address, value = (self.load.payload[f] for f in ("target", "address", "data"))
        row, column = address[p.column_bits :], address[: p.column_bits]
        m.d.comb += load.eq(self.load.valid & self.load.ready)
        for k in range(p.words):
            with m.If(load & (target == Target.VISIBLE) & (address == k)):
                m.d.sync += visible[ROW_BITS * k : min(ROW_BITS * (k + 1), p.visible)].eq(value)
        with m.If(load & (target == Target.WEIGHT) & (row < p.rows)):
            m.d.comb += [
                rows.write_row.eq(row),
                rows.write_data.eq(value[: p.weight.width].replicate(p.columns)),
                rows.write_enable.eq(Cat(column == j for j in range(p.columns))),
            ]
        return load

    def _update(self, m, rows, visible, chain, positive, negative, group, rate, phase):
        """Rounding MACs, one a lane, on a group of the row; whether the row changes, and the group needs a word."""
        p, width = self.parameters, self.parameters.weight.width
        risen, fallen = visible.replicate(p.columns) & positive, chain.replicate(p.columns) & negative
        change, falls = Signal(p.columns), Signal(p.columns)
        number = Signal(p.row_bits)
        m.d.comb += [change.eq(risen ^ fallen), falls.eq(fallen)]

        def of_group(bits, size):
            whole = Cat(bits, Const(0, (p.groups * p.lanes - p.columns) * size))
            return Array(whole.word_select(g, p.lanes * size) for g in range(p.groups))[group]

        row, changes, down = of_group(rows.row, width), of_group(change, 1), of_group(falls, 1)
        step = Signal(signed(p.mac.x.width + p.mac.w.width))
        m.d.comb += step.eq(1 << rate)
        results, bits = [], p.mac.word_bits
        for lane in range(p.lanes):
            addend = Mux(changes[lane], Mux(down[lane], -step, step), 0)
            word = self.entropy.payload[bits * lane :][:bits]
            old = row.word_select(lane, width).as_signed()
            results.append(accumulated(m, f"mac_{lane}", p.mac, old, addend, word))
        needs = changes.any() if bits else Const(0)
        with m.If((phase == Phase.UPDATE) & rows.valid & changes.any() & (~needs | self.entropy.valid)):
            m.d.comb += [
                rows.write_row.eq(number),
                rows.write_data.eq(Cat(results).replicate(p.groups)),
                rows.write_enable.eq(Cat((group == j // p.lanes) for j in range(p.columns))),
            ]
        with m.If(rows.valid & rows.step):
            m.d.sync += number.eq(Mux(rows.is_last, 0, number + 1))
        return change.any(), rows.valid & needs
