"""Weight-stationary systolic array in hardware."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value, signed, unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In, Out

from hwpy.low_precision.mac import MacParameters
from hwpy.low_precision.systolic import SystolicParameters
from rtl.low_precision.mac import accumulated
from rtl.low_precision.multiplier import product

__all__ = ["Cell", "Systolic"]


class Cell(wiring.Component):
    """One weight: x goes on to the right, the sum down, each a clock later; the product is a clock behind its x.

    Attributes
    ----------
    load
        In: whether the weight moves. All else does in each clock.
    x, word, total, weight
        In: from the left (the word a clock after its x), from above, and the weight from above.
    x_right, word_right, total_below, weight_below
        Out, registered.
    """

    def __init__(self, parameters: MacParameters):
        self.parameters = parameters
        super().__init__(
            {
                "load": In(1),
                "x": In(signed(parameters.x.width)),
                "word": In(parameters.word_bits),
                "total": In(signed(parameters.accumulator.width)),
                "weight": In(signed(parameters.w.width)),
                "x_right": Out(signed(parameters.x.width)),
                "word_right": Out(parameters.word_bits),
                "total_below": Out(signed(parameters.accumulator.width)),
                "weight_below": Out(signed(parameters.w.width)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        parameters = self.parameters
        always = Const(1)
        addend = product(m, platform, "product", {"x": (self.x, always), "w": (self.weight, self.load)}, always)
        # Beside those of the multiplier, which nothing else can read.
        with m.If(self.load):
            m.d.sync += self.weight_below.eq(self.weight)
        m.d.sync += [
            self.x_right.eq(self.x),
            self.word_right.eq(self.word),
            self.total_below.eq(accumulated(m, "step", parameters, self.total, addend, self.word_right)),
        ]
        return m


class Systolic(wiring.Component):
    """Matrix products of samples with weights that stay, as `hwpy.low_precision.systolic`.

    A sample a clock; its sums are offered ``latency`` clocks after it is taken. The array never stands still: it has no
    enable, which would have to reach all of it in a clock. Behind it is a buffer of ``depth`` sums, and no sample is
    taken that would have no place there; nor any without its words.

    Attributes
    ----------
    weights
        Input stream of rows of weights, raw, column 0 lowest; the last row first, ``rows`` of them. Taken while no
        sample is in the array; while any is offered, and until all are there, no sample is. At reset all are zero.
    input
        Input stream of samples: a raw number for each row, row 0 lowest.
    entropy
        Input stream of a word for each row, row 0 lowest, one payload a sample; only if the rounding is stochastic.
    output
        Output stream of a raw sum for each column, column 0 lowest.
    """

    def __init__(self, parameters: SystolicParameters):
        self.parameters = parameters
        mac, rows, columns = parameters.mac, parameters.rows, parameters.columns
        # Not arrays: Amaranth names their elements like the bits of a wire, at which Yosys 0.70 stops (its issue 4349).
        ports = {
            "weights": In(stream.Signature(unsigned(mac.w.width * columns))),
            "input": In(stream.Signature(unsigned(mac.x.width * rows))),
            "output": Out(stream.Signature(unsigned(mac.accumulator.width * columns))),
        }
        if mac.word_bits:
            ports["entropy"] = In(stream.Signature(unsigned(parameters.word_bits)))
        super().__init__(ports)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        parameters = self.parameters
        mac, rows, columns = parameters.mac, parameters.rows, parameters.columns
        filled = Signal(parameters.cell_clocks)
        missing = Signal(range(rows))
        room = Signal(range(parameters.depth + 1), init=parameters.depth)
        load = Signal()
        row = Signal(mac.w.width * columns)
        sample, words = Signal(mac.x.width * rows), Signal(parameters.word_bits)
        enough = self.entropy.valid if mac.word_bits else Const(1)
        takes, taken, given = Signal(), Signal(), Signal()
        m.submodules.buffer = buffer = SyncFIFOBuffered(width=mac.accumulator.width * columns, depth=parameters.depth)
        m.d.comb += [
            takes.eq(room.any() & ~missing.any() & ~self.weights.valid),
            taken.eq(self.input.valid & self.input.ready),
            given.eq(self.output.valid & self.output.ready),
            self.weights.ready.eq(~filled.any()),
            self.input.ready.eq(takes & enough),
            self.output.valid.eq(buffer.r_rdy),
            self.output.payload.eq(buffer.r_data),
            buffer.r_en.eq(self.output.ready),
            buffer.w_en.eq(filled[-1]),
        ]
        if mac.word_bits:
            m.d.comb += self.entropy.ready.eq(takes & self.input.valid)
        m.d.sync += [
            filled.eq(Cat(taken, filled)),
            room.eq(room + given - taken),
            load.eq(self.weights.valid & self.weights.ready),
        ]
        with m.If(taken):
            m.d.sync += sample.eq(self.input.payload)
            if mac.word_bits:
                m.d.sync += words.eq(self.entropy.payload)
        with m.If(self.weights.valid & self.weights.ready):
            m.d.sync += [row.eq(self.weights.payload), missing.eq(Mux(missing.any(), missing - 1, rows - 1))]

        weights: list[Value] = [row.word_select(c, mac.w.width) for c in range(columns)]
        totals: list[Value] = [Const(0, signed(mac.accumulator.width))] * columns
        for k in range(rows):
            x = _delayed(m, f"x{k}", sample.word_select(k, mac.x.width), k)
            word = _delayed(m, f"word{k}", words.word_select(k, mac.word_bits), k + 1)
            for c in range(columns):
                m.submodules[f"cell_{k}_{c}"] = cell = Cell(mac)
                m.d.comb += [
                    cell.load.eq(load),
                    cell.x.eq(x),
                    cell.word.eq(word),
                    cell.total.eq(totals[c]),
                    cell.weight.eq(weights[c]),
                ]
                x, word, totals[c], weights[c] = cell.x_right, cell.word_right, cell.total_below, cell.weight_below
        sums = [_delayed(m, f"total{c}", totals[c], columns - 1 - c) for c in range(columns)]
        m.d.comb += buffer.w_data.eq(Cat(sums))
        return m


def _delayed(m: Module, name: str, value: Value, clocks: int) -> Value:
    for clock in range(clocks):
        later = Signal(len(value), name=f"{name}_after{clock}")
        m.d.sync += later.eq(value)
        value = later
    return value
