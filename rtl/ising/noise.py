"""Logistic noise for an array of p-bits."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwpy.ising.noise import NoiseParameters
from rtl.lut import lut4

__all__ = ["Noise"]


class Noise(wiring.Component):
    """Compares every unit's random word with the thresholds, once, and sends the outcomes.

    Throughput one word for each unit a clock while `enable` is high; otherwise everything holds. The outcomes come one
    clock after their bits, the signs at once: no sign is used with the outcomes of its own clock, which
    costs nothing and saves a register a unit.

    Attributes
    ----------
    enable : In(1)
        Takes the entropy bits of this clock.
    entropy : In(entropy_width)
        Random bits.
    thresholds : In(threshold_bits) for each level
        See `NoiseParameters.thresholds`.
    signs : Out(units)
        Combinational from `entropy`.
    outcomes : Out(units) for each level
        Registered.
    """

    def __init__(self, parameters: NoiseParameters):
        self.parameters = p = parameters
        super().__init__(
            {
                "enable": In(1),
                "entropy": In(p.entropy_width),
                "thresholds": In(p.threshold_bits).array(len(p.levels)),
                "signs": Out(p.units),
                "outcomes": Out(p.units).array(len(p.levels)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        p = self.parameters
        sequences: dict[int, Signal] = {}
        for k, step in zip(p.sequences, p.dither_steps, strict=True):
            if k not in sequences:
                sequences[k] = weyl = Signal(p.threshold_bits, name=f"weyl_{k}")
                with m.If(self.enable):
                    m.d.sync += weyl.eq(weyl + step)

        lines = []
        for j in range(len(p.levels)):
            # The dither is compared where it enters the line, so that one bit a level travels. The first
            # of the line's places is the comparison itself.
            line = Signal(p.dither_delays - 1, name=f"dither_line_{j}") if p.dither_delays > 1 else None
            now = Signal(name=f"dither_{j}")
            width = p.dither_width(j)
            dither = sequences[p.sequences[j]][p.threshold_bits - width :]
            m.d.comb += now.eq(dither < self.thresholds[j][:width])
            if line is not None:
                with m.If(self.enable):
                    m.d.sync += line.eq((line << 1) | now)
            lines.append([now, *(line if line is not None else [])])

        words = [Signal(p.words, name=f"words_{j}") for j in range(len(p.levels))]
        for w in range(p.words):
            word = p.taps[w].tolist()
            for j in range(len(p.levels)):
                high = self.thresholds[j][p.dither_width(j) :]
                passed = lines[j][p.delays[j, w]]
                # fresh < high + dither, from the least significant bit. One LUT takes a bit, its XOR, the
                # threshold's bit and what came before.
                for k, (a, b) in enumerate(word[bit] for bit in reversed(p.magnitudes[j])):
                    second = [self.entropy[b]] if b >= 0 else []
                    passed = lut4(
                        m, platform, f"passed_{w}_{j}_{k}", _less, (high[k], passed, self.entropy[a], *second)
                    )
                with m.If(self.enable):
                    m.d.sync += words[j][w].eq(passed)
        for u in range(p.units):
            m.d.comb += self.signs[u].eq(self._bit(p.taps[u % p.words, 0].tolist()))
            m.d.comb += [self.outcomes[j][u].eq(words[j][u % p.words]) for j in range(len(p.levels))]
        return m

    def _bit(self, taps):
        a, b = taps
        return self.entropy[a] ^ self.entropy[b] if b >= 0 else self.entropy[a]


def _less(threshold, passed, first, second=0):
    """One bit of `word < threshold`, where `passed` is the result for the bits below."""
    bit = first ^ second
    return passed if bit == threshold else threshold
