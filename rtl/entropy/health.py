"""Health tests of NIST SP 800-90B on line, before a consumer."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal, Value, unsigned
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from hwpy.entropy.health import HealthParameters
from rtl.entropy.source import EntropySource, SourceProperties

__all__ = ["Health"]


class Health(EntropySource):
    """Lets a source's words through for as long as they pass, see `hwpy.entropy.health`.

    Takes a word a clock unless the consumer stalls. A word is let through ``held`` words after it was accepted, if none
    of those failed a test. Hence:

    - From the clock in which `alarm` rises until one after `clear`, ``stream.valid`` is low: nothing is accepted. No
      offer is withdrawn for that, since no word is tested while one waits.
    - The word that fails a test and the ``held`` before it are never let through. So of a source that sticks, or runs
      into a pattern of a period up to ``lags``, no word from the first of the fault on is.
    - A bias is found within a time that is random (`hwpy.entropy.health_bounds`), and what came before ``held`` words
      before that has been let through.
    - After reset, and after a clear, ``startup`` words pass the tests and are not let through.

    In an alarm words are accepted and dropped, so that the source does not stall.

    Attributes
    ----------
    input
        Input stream of the source under test.
    clear
        Input: ends an alarm and starts anew; without effect otherwise.
    alarm
        Output: one of the following three.
    repetition, proportion, silence
        Outputs: a repetition count reached its cutoff, an adaptive proportion did, or the source gave nothing for
        ``timeout`` clocks in which it was asked.
    """

    def __init__(self, parameters: HealthParameters):
        self.parameters = parameters
        super().__init__(
            parameters.width,
            {
                "input": In(stream.Signature(unsigned(parameters.width))),
                "clear": In(1),
                "alarm": Out(1),
                "repetition": Out(1),
                "proportion": Out(1),
                "silence": Out(1),
            },
        )

    @property
    def properties(self) -> SourceProperties:
        """Of a source that gives a word a clock."""
        return SourceProperties(bits_per_clock=self.width)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p = self.parameters
        word = self.input.payload
        # The last words accepted, newest first.
        line = [Signal(p.width, name=f"line_{k}") for k in range(p.held)]
        valid, payload = Signal(), Signal(p.width)
        last_untold = p.startup + p.held
        untold = Signal(range(last_untold + 1), init=last_untold)
        place = Signal(range(p.window))
        silent = Signal(range(p.timeout))
        accept, restart = Signal(), Signal()
        m.d.comb += [
            self.stream.valid.eq(valid),
            self.stream.payload.eq(payload),
            self.alarm.eq(self.repetition | self.proportion | self.silence),
            self.input.ready.eq(~valid | self.stream.ready),
            accept.eq(self.input.ready & self.input.valid & ~self.alarm),
            restart.eq(self.alarm & self.clear),
        ]

        repetitions, proportions = [], []
        for k in range(p.lags + 1):
            sequence = word ^ line[k - 1] if k else word
            for lane in range(p.width):
                bit = sequence[lane]
                repetitions.append(self._repetition(m, f"{k}_{lane}", bit, accept, restart))
                proportions.append(self._proportion(m, f"{k}_{lane}", bit, accept, place == 0))
        repetition, proportion = Cat(repetitions).any(), Cat(proportions).any()

        with m.If(self.stream.ready):
            m.d.sync += valid.eq(0)
        with m.If(self.input.ready & self.input.valid):
            m.d.sync += [new.eq(old) for new, old in zip(line, [word, *line], strict=False)]
        with m.If(accept):
            m.d.sync += [
                self.repetition.eq(repetition),
                self.proportion.eq(proportion),
                place.eq(Mux(place == p.window - 1, 0, place + 1)),
                silent.eq(0),
            ]
            with m.If(untold != 0):
                m.d.sync += untold.eq(untold - 1)
            with m.Elif(~repetition & ~proportion):
                m.d.sync += [valid.eq(1), payload.eq(line[-1])]
        with m.Elif(restart):
            m.d.sync += [
                self.repetition.eq(0),
                self.proportion.eq(0),
                self.silence.eq(0),
                place.eq(0),
                silent.eq(0),
                untold.eq(last_untold),
            ]
        with m.Elif(self.input.ready & ~self.alarm):
            m.d.sync += [silent.eq(silent + 1), self.silence.eq(silent == p.timeout - 1)]
        return m

    def _repetition(self, m: Module, name: str, bit: Value, accept: Value, restart: Value) -> Value:
        """Whether this bit makes the count of equal bits in a row reach its cutoff."""
        cutoff = self.parameters.repetition_cutoff
        last = Signal(name=f"last_{name}")
        # 0 before the first bit, which then counts as 1 whether or not it is equal.
        run = Signal(range(cutoff + 1), name=f"run_{name}")
        with m.If(accept):
            m.d.sync += [last.eq(bit), run.eq(Mux(bit == last, run, 0) + 1)]
        with m.Elif(restart):
            m.d.sync += run.eq(0)
        return (bit == last) & (run == cutoff - 1)

    def _proportion(self, m: Module, name: str, bit: Value, accept: Value, starts: Value) -> Value:
        """Whether this bit makes the count of bits equal to the window's first reach its cutoff."""
        cutoff = self.parameters.proportion_cutoff
        first = Signal(name=f"first_{name}")
        count = Signal(range(cutoff + 1), name=f"count_{name}")
        with m.If(accept):
            with m.If(starts):
                m.d.sync += [first.eq(bit), count.eq(1)]
            with m.Else():
                m.d.sync += count.eq(count + (bit == first))
        return ~starts & (bit == first) & (count == cutoff - 1)
