"""An array of p-bits that anneals one Ising instance."""

from amaranth.hdl import Array, Cat, Const, Module, Mux, Signal, signed, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from hwpy.ising.array import COUNTER_BITS, ROW_BITS, PBitArrayParameters, Phase, Target, row_of
from rtl.ising.noise import Noise
from rtl.ising.pbit import PBit

__all__ = ["PBitArray", "load_word"]

load_word = data.StructLayout({"target": 3, "address": 16, "data": 16})


class PBitArray(wiring.Component):
    """Anneals: one colour updates in a clock, all its p-bits at once.

    A run is one clock to prime the noise, then colours x sweeps x steps clocks in which the entropy stream
    is valid; it stalls in the others. Outcomes are computed in one clock and used in the next, so a new
    step's thresholds reach the p-bits one clock after it begins.

    Attributes
    ----------
    load : In(stream of load_word)
        See `hwpy.ising.array.Target`. Ready while idle.
    entropy : In(stream of entropy_width bits)
        Fresh random bits; none is used twice.
    result : Out(stream of 16 bits)
        After a run, the words that `PBitArrayParameters.result_words` lists.
    spins : Out(nodes)
        The states, 1 for +1: wires for a design that watches them.
    """

    def __init__(self, parameters: PBitArrayParameters):
        self.parameters = p = parameters
        super().__init__(
            {
                "load": In(stream.Signature(load_word)),
                "entropy": In(stream.Signature(unsigned(p.noise.entropy_width))),
                "result": Out(stream.Signature(unsigned(ROW_BITS))),
                "spins": Out(p.model.nodes),
            }
        )

    def elaborate(self, platform):
        m = Module()
        p = self.parameters
        nodes = p.model.nodes
        m.submodules.noise = noise = Noise(p.noise)

        spins = self.spins
        clamped = Signal(nodes)
        phase = Signal(Phase)
        color = Signal(range(len(p.members)))
        step = Signal(range(p.steps))
        # What is left after this one, less one: negative in the last, so that its sign is all the logic there is
        # between the counters and the table's address.
        sweeps = Signal(signed(17), init=-1)
        steps = Signal(signed(17), init=-1)
        sweeps_left = Signal(signed(17))
        steps_left = Signal(signed(17))
        last_sweep, last_step = sweeps_left[-1], steps_left[-1]
        word = Signal(range(len(p.result_words())))

        advance = Signal()
        update = Signal()
        m.d.comb += [
            self.load.ready.eq(phase == Phase.IDLE),
            self.entropy.ready.eq((phase == Phase.PRIME) | (phase == Phase.RUN)),
            advance.eq(self.entropy.ready & self.entropy.valid),
            update.eq(advance & (phase == Phase.RUN)),
            noise.enable.eq(advance),
            noise.entropy.eq(self.entropy.payload),
        ]

        # Schedule
        next_step = Signal.like(step)
        m.d.comb += next_step.eq(step)
        m.d.sync += step.eq(next_step)
        load = Signal()
        m.d.comb += load.eq(self.load.valid & self.load.ready)
        target, address, value = (self.load.payload[f] for f in ("target", "address", "data"))
        for j in range(len(p.levels)):
            table = Memory(shape=p.noise.threshold_bits, depth=p.steps, init=[])
            m.submodules[f"table_{j}"] = table
            write, read = table.write_port(), table.read_port()
            # address = step * levels + level; a power of two of levels makes this wiring.
            m.d.comb += [
                write.addr.eq(address // len(p.levels)),
                write.data.eq(value),
                write.en.eq(
                    load
                    & (target == Target.THRESHOLD)
                    & (address % len(p.levels) == j)
                    & (address < p.steps * len(p.levels))
                ),
                read.addr.eq(next_step),
                noise.thresholds[j].eq(read.data),
            ]

        # The p-bits
        indptr, indices, _ = p.model.neighbours()
        new_spins = {}
        for c, members in enumerate(p.members):
            active = Signal(name=f"update_{c}")
            m.d.comb += active.eq(update & (color == c))
            for unit, node in enumerate(members.tolist()):
                m.submodules[f"pbit_{node}"] = pbit = PBit(p.pbit(node))
                near = indices[indptr[node] : indptr[node + 1]].tolist()
                m.d.comb += [
                    pbit.neighbours.eq(Cat(spins[i] for i in near)),
                    pbit.sign.eq(noise.signs[unit]),
                    pbit.outcomes.eq(Cat(noise.outcomes[j][unit] for j in range(len(p.levels)))),
                ]
                new_spins[node] = Mux(clamped[node], spins[node], pbit.state) if p.clampable else pbit.state
                with m.If(active):
                    m.d.sync += spins[node].eq(new_spins[node])

        # Run-time state
        with m.If(load & (target == Target.SWEEPS)):
            m.d.sync += sweeps.eq(value - 2)
        with m.If(load & (target == Target.STEPS)):
            m.d.sync += steps.eq(value - 2)
        for on, register, kind in (
            (p.loadable, spins, Target.SPINS),
            (p.clampable, clamped, Target.CLAMP),
        ):
            for r in range(p.rows if on else 0):
                part = Cat(register[i] for i in row_of(p.rows, r, nodes).tolist())
                with m.If(load & (target == kind) & (address == r)):
                    m.d.sync += part.eq(value)

        # Results
        words = list(self._rows(spins))
        if p.count_flips:
            words += self._count_flips(m, update, color, spins, new_spins, load & (target == Target.START))
        if p.track_best:
            look = (update & (color == 0)) | ((phase == Phase.READ) & (word == 0))
            words += self._track_best(m, look, spins, load & (target == Target.START))
        m.d.comb += [
            self.result.valid.eq(phase == Phase.READ),
            self.result.payload.eq(Array(words)[word]),
        ]

        with m.Switch(phase):
            with m.Case(Phase.IDLE):
                with m.If(load & (target == Target.START)):
                    m.d.sync += [
                        phase.eq(Phase.PRIME),
                        word.eq(0),
                        sweeps_left.eq(sweeps),
                        steps_left.eq(steps),
                    ]
            with m.Case(Phase.PRIME):
                with m.If(advance):
                    m.d.sync += phase.eq(Phase.RUN)
            with m.Case(Phase.RUN):
                with m.If(advance):
                    m.d.sync += color.eq(color + 1)
                    with m.If(color == len(p.members) - 1):
                        m.d.sync += [color.eq(0), sweeps_left.eq(sweeps_left - 1)]
                        with m.If(last_sweep):
                            m.d.sync += [sweeps_left.eq(sweeps), steps_left.eq(steps_left - 1)]
                            m.d.comb += next_step.eq(step + 1)
                            with m.If(last_step):
                                m.d.comb += next_step.eq(0)
                                m.d.sync += phase.eq(Phase.READ)
            with m.Case(Phase.READ):
                with m.If(self.result.ready):
                    m.d.sync += word.eq(word + 1)
                    with m.If(word == len(words) - 1):
                        m.d.sync += [phase.eq(Phase.IDLE), word.eq(0)]
        return m

    def _rows(self, bits):
        for r in range(self.parameters.rows):
            yield Cat(bits[i] for i in row_of(self.parameters.rows, r, len(bits)).tolist())

    def _count_flips(self, m, update, color, spins, new_spins, clear):
        """Counts the spins that change; returns the counter's words."""
        flips = Signal(COUNTER_BITS)
        changes = Signal(range(len(spins) + 1))
        with m.Switch(color):
            for c, members in enumerate(self.parameters.members):
                with m.Case(c):
                    m.d.comb += changes.eq(sum(spins[i] ^ new_spins[i] for i in members.tolist()))
        with m.If(update):
            m.d.sync += flips.eq(flips + changes)
        with m.If(clear):
            m.d.sync += flips.eq(0)
        return [flips[k : k + 16] for k in range(0, COUNTER_BITS, 16)]

    def _track_best(self, m, look, spins, clear):
        """Keeps the lowest energy (in the couplings' LSB) and its state; returns their words."""
        model = self.parameters.model
        energy = Signal(signed(32))
        best = Signal(signed(32), init=(1 << 31) - 1)
        best_spins = Signal(len(spins))
        # An edge pays -J when its spins agree and +J when not; a field pays -h for +1.
        terms = [
            (spins[i] ^ spins[j], 2 * w)
            for i, j, w in zip(model.row.tolist(), model.col.tolist(), model.coupling.tolist(), strict=True)
        ]
        terms += [(~spins[i], 2 * h) for i, h in enumerate(model.field.tolist()) if h]
        base = -int(model.coupling.sum()) - int(model.field.sum())
        m.d.comb += energy.eq(sum((Mux(bit, Const(w), 0) for bit, w in terms), start=Const(base)))
        with m.If(look & (energy < best)):
            m.d.sync += [best.eq(energy), best_spins.eq(spins)]
        with m.If(clear):
            m.d.sync += best.eq(best.init)
        return [best[:16], best[16:], *self._rows(best_spins)]
