"""A p-bit array programmed at run time."""

from amaranth.hdl import Array, Cat, ClockSignal, Const, Instance, Module, Mux, Signal, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from hwpy.ising.array import ROW_BITS, row_of
from hwpy.ising.programmable import PROBABILITY_BITS, SWEEPS_BITS, Phase, ProgrammableParameters, Target

__all__ = ["ProgrammableArray", "load_layout"]

#: Of an iCE40 memory block of 16-bit words.
BRAM_ADDRESS_BITS = 8


def load_layout(parameters: ProgrammableParameters) -> data.StructLayout:
    """A word of the load stream."""
    return data.StructLayout({"target": 2, "address": parameters.address_bits, "data": PROBABILITY_BITS})


class ProgrammableArray(wiring.Component):
    """One colour updates in a clock: every unit compares a random word with an entry of its table.

    A run of n sweeps takes 1 + n * colors clocks in which the entropy stream is valid; it stalls in the others.
    The state that a unit draws goes straight to the memory addresses of the next colour, so the longest path is
    from memory through a 32-bit comparison to memory.

    Attributes
    ----------
    load : In(stream of load_layout)
        See `ProgrammableParameters.program` and `run`; READ sends the spins. Always ready for TABLE (it looks at the
        payload for that), while idle for the others.
    entropy : In(stream of entropy_width bits)
        Fresh random bits; none is used twice by one unit.
    result : Out(stream of 16 bits)
        The spins' rows, see `hwpy.ising.array.row_of`.
    spins : Out(nodes)
        The states, 1 for +1.
    """

    def __init__(self, parameters: ProgrammableParameters):
        self.parameters = p = parameters
        super().__init__(
            {
                "load": In(stream.Signature(load_layout(p))),
                "entropy": In(stream.Signature(unsigned(p.entropy_width))),
                "result": Out(stream.Signature(unsigned(ROW_BITS))),
                "spins": Out(p.model.nodes),
            }
        )

    def elaborate(self, platform):
        m = Module()
        p = self.parameters
        phase = Signal(Phase)
        # The colour that memories are addressed for; the one before it updates.
        coming = Signal(range(p.colors))
        step = Signal(range(p.steps))
        sweeps = Signal(SWEEPS_BITS)
        sweep = Signal(SWEEPS_BITS)
        row = Signal(range(p.rows))
        load, target = self.load.payload, self.load.payload.target
        taken = Signal()
        update = Signal()
        m.d.comb += [
            self.load.ready.eq((phase == Phase.IDLE) | (target == Target.TABLE)),
            taken.eq(self.load.ready & self.load.valid),
            self.entropy.ready.eq(phase == Phase.RUN),
            update.eq(self.entropy.ready & self.entropy.valid),
        ]

        drawn = Signal(p.units)
        for u in range(p.units):
            inputs = Signal(p.inputs, name=f"inputs_{u}")
            m.d.comb += inputs.eq(self._inputs(u, coming, drawn))
            entry = self._table(
                m,
                platform,
                u,
                read=Cat(inputs, coming[: p.color_bits], step[: p.step_bits]),
                read_enable=update | (phase == Phase.PRIME),
                write_enable=taken & (target == Target.TABLE) & (load.address[p.depth_bits :] == u),
            )
            word = self.entropy.payload.word_select(u // p.share, PROBABILITY_BITS)
            if u % p.share:
                word = Cat(reversed(word))
            # Carry in where the probability is a half or more: then all ones is certainty.
            upper = entry[-1]
            total = Signal(PROBABILITY_BITS + 2, name=f"total_{u}")
            m.d.comb += total.eq(Cat(Const(1, 1), word) + Cat(upper, entry))
            held = p.members[-1][u]
            m.d.comb += drawn[u].eq(
                Mux(phase == Phase.PRIME, self.spins[held], total[-1]) if held is not None else total[-1]
            )
        for c, nodes in enumerate(p.members):
            with m.If(update & (coming == (c + 1) % p.colors)):
                m.d.sync += [self.spins[node].eq(drawn[u]) for u, node in enumerate(nodes) if node is not None]

        rows = [Cat(self.spins[i] for i in row_of(p.rows, r, p.model.nodes).tolist()) for r in range(p.rows)]
        m.d.comb += [self.result.valid.eq(phase == Phase.READ), self.result.payload.eq(Array(rows)[row])]
        with m.Switch(phase):
            with m.Case(Phase.IDLE):
                m.d.sync += sweep.eq(0)
                m.d.sync += coming.eq(0)
                with m.If(taken):
                    with m.If(target == Target.RUN):
                        m.d.sync += [phase.eq(Phase.PRIME), sweeps.eq(load.data), step.eq(load.address)]
                    with m.If(target == Target.READ):
                        m.d.sync += phase.eq(Phase.READ)
            with m.Case(Phase.PRIME):
                m.d.sync += [phase.eq(Phase.RUN), coming.eq(1 % p.colors)]
            with m.Case(Phase.RUN):
                with m.If(update):
                    m.d.sync += coming.eq(Mux(coming == p.colors - 1, 0, coming + 1))
                    with m.If(coming == 0):
                        m.d.sync += sweep.eq(sweep + 1)
                        with m.If(sweep == sweeps):
                            m.d.sync += phase.eq(Phase.IDLE)
            with m.Case(Phase.READ):
                with m.If(self.result.ready):
                    m.d.sync += row.eq(row + 1)
                    with m.If(row == p.rows - 1):
                        m.d.sync += [row.eq(0), phase.eq(Phase.IDLE)]
        return m

    def _table(self, m, platform, unit, *, read, read_enable, write_enable):
        """The unit's memory, one clock from address to entry. What is being read is never written."""
        p = self.parameters
        load = self.load.payload
        if getattr(platform, "technology", None) == "ice40" and p.depth_bits <= BRAM_ADDRESS_BITS:
            # Named, since Yosys would put a LUT on each bit to have the register start from 0.
            entry = Signal(PROBABILITY_BITS, name=f"entry_{unit}")
            for half in range(2):
                part = slice(16 * half, 16 * half + 16)
                m.submodules[f"table_{unit}_{half}"] = Instance(
                    "SB_RAM40_4K",
                    p_READ_MODE=0,
                    p_WRITE_MODE=0,
                    i_RCLK=ClockSignal(),
                    i_RCLKE=read_enable,
                    i_RE=Const(1),
                    i_RADDR=_wide(read, 11),
                    o_RDATA=entry[part],
                    i_WCLK=ClockSignal(),
                    i_WCLKE=write_enable,
                    i_WE=Const(1),
                    i_WADDR=_wide(load.address[: p.depth_bits], 11),
                    i_WDATA=load.data[part],
                    i_MASK=Const(0, 16),
                )
            return entry
        # As a register behind an asynchronous read, since Yosys believes only there that no read meets a write;
        # with a synchronous read port it puts multiplexers on all bits for that.
        m.submodules[f"table_{unit}"] = table = Memory(
            shape=PROBABILITY_BITS, depth=1 << p.depth_bits, init=[], attrs={"no_rw_check": 1}
        )
        write_port, read_port = table.write_port(), table.read_port(domain="comb")
        entry = Signal(PROBABILITY_BITS, name=f"entry_{unit}", reset_less=True)
        m.d.comb += [
            write_port.addr.eq(load.address),
            write_port.data.eq(load.data),
            write_port.en.eq(write_enable),
            read_port.addr.eq(read),
        ]
        with m.If(read_enable):
            m.d.sync += entry.eq(read_port.data)
        return entry

    def _inputs(self, unit, coming, drawn):
        """The neighbours of the unit's p-bit of the coming colour, each input through one multiplexer."""
        p = self.parameters
        inputs = []
        for k in range(p.inputs):
            by_color = []
            for c in range(p.colors):
                node = p.members[c][unit]
                neighbour = None if node is None else p.slots[node][k]
                by_color.append(None if neighbour is None else p.source(node, neighbour))
            # Where a colour has no neighbour at this input, its table does not depend on it.
            used = [source for source in by_color if source is not None]
            wires = {s: (drawn if s[0] == "unit" else self.spins)[s[1]] for s in used}
            selected = wires[used[0]] if used else Const(0, 1)
            for c, source in enumerate(by_color):
                if source is not None and source != used[0]:
                    selected = Mux(coming == c, wires[source], selected)
            inputs.append(selected)
        return Cat(inputs)


def _wide(value, width):
    """An address of exactly `width` bits, as a cell's port wants."""
    return Cat(value, Const(0, width - len(value)))
