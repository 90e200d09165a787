"""The weights of a restricted Boltzmann machine in block RAM, which go by row after row."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from hwpy.ising.rbm_parameters import RbmParameters

__all__ = ["WeightRows"]


class WeightRows(wiring.Component):
    """All rows once, in order, through the memory's register and one more. What is being read must not be written.

    Attributes
    ----------
    start : In(1)
        From the next clock on, row 0 and those after it come in.
    step : In(1)
        The rows move on. Row 0 is there after two of these.
    row : Out(columns * width)
        Of the weights, raw, that of column 0 lowest.
    valid, is_last : Out(1)
        There is a row; it is the last one.
    write_enable : In(columns)
        Weights to be written, each its bits of ``write_data``, in the row ``write_row``; a clock later they are.
    """

    def __init__(self, parameters: RbmParameters):
        self.parameters = p = parameters
        width = p.columns * p.weight.width
        super().__init__(
            {
                "start": In(1),
                "step": In(1),
                "row": Out(width),
                "valid": Out(1),
                "is_last": Out(1),
                "write_row": In(p.row_bits),
                "write_data": In(width),
                "write_enable": In(p.columns),
            }
        )

    def elaborate(self, platform):
        m = Module()
        p = self.parameters
        # As a register behind an asynchronous read, since Yosys believes only there that no read meets a write.
        memory = Memory(shape=len(self.row), depth=p.rows, init=[], attrs={"no_rw_check": 1, "ram_style": "block"})
        m.submodules.memory = memory
        write, read = memory.write_port(granularity=p.weight.width), memory.read_port(domain="comb")
        enable = Signal(p.columns)
        m.d.sync += [write.addr.eq(self.write_row), write.data.eq(self.write_data), enable.eq(self.write_enable)]
        m.d.comb += write.en.eq(enable)

        following = Signal(p.row_bits)
        going, fetched_valid, fetched_last = Signal(), Signal(), Signal()
        fetched = Signal(len(self.row), reset_less=True)
        is_last = following == p.rows - 1
        m.d.comb += read.addr.eq(following)
        with m.If(self.step):
            m.d.sync += [
                following.eq(Mux(is_last | ~going, 0, following + 1)),
                fetched.eq(read.data),
                fetched_valid.eq(going),
                fetched_last.eq(is_last),
                self.row.eq(fetched),
                self.valid.eq(fetched_valid),
                self.is_last.eq(fetched_last),
            ]
            with m.If(is_last):
                m.d.sync += going.eq(0)
        with m.If(self.start):
            m.d.sync += going.eq(1)
        return m
