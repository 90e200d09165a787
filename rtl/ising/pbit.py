"""The p-bit with weights fixed when the hardware is made."""

from amaranth.hdl import Array, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwpy.ising.pbit import PBitParameters
from rtl.lut import lut4

__all__ = ["PBit"]


class PBit(wiring.Component):
    """The next state of a p-bit. Combinational: the array's state registers hold the result.

    Weights of equal magnitude are counted; degree 4 without a bias, the square lattice, has a
    decomposition of its own in four 4-input LUTs.

    Attributes
    ----------
    neighbours : In(degree)
        States of the neighbours, 1 for +1, in the order of the weights.
    sign : In(1)
        The noise word's sign.
    outcomes : In(len(levels))
        The noise passes a level where its bit and those of all lower levels are set.
    state : Out(1)
        The next state.
    """

    def __init__(self, parameters: PBitParameters):
        self.parameters = parameters
        super().__init__(
            {
                "neighbours": In(parameters.degree),
                "sign": In(1),
                "outcomes": In(len(parameters.levels)),
                "state": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        p = self.parameters
        # A neighbour's vote: 1 where it pulls towards +1.
        votes = [self.neighbours[k] ^ (w < 0) for k, w in enumerate(p.weights)]
        magnitudes = [abs(w) for w in p.weights]
        if p.degree == 4 and p.bias == 0 and len(set(magnitudes)) == 1:
            m.d.comb += self.state.eq(self._square_lattice(m, platform, magnitudes[0]))
        else:
            m.d.comb += self.state.eq(self._general(m, votes, magnitudes))
        return m

    def _square_lattice(self, m, platform, magnitude):
        """Four LUTs: the noise and two votes give a threshold in two bits, which two more votes meet.

        With n votes for +1, the state is n >= t, where the noise sets t: 3 or 4 (2 or 1) when its sign is
        - (+) and it does not or does outweigh level 2; and the sign decides alone beyond level 4. Less the
        first two votes, what t leaves is coded in two bits: 0, 1, 2, 3 as 00, 01, 11, 10.
        """
        levels = self.parameters.levels
        two, four = levels.index(2 * magnitude), levels.index(4 * magnitude)
        # The noise passes a level where it passes all below; those of other p-bits may lie between.
        beyond_two, step_to_four = self.outcomes[: two + 1].all(), self.outcomes[two + 1 : four + 1].all()
        signs = [w < 0 for w in self.parameters.weights]
        code = [(0, 0), (0, 1), (1, 1), (1, 0)]

        def left(first, second, sign, beyond):
            # A negative weight turns the vote; the table takes the inverter in.
            first, second = first ^ signs[0], second ^ signs[1]
            threshold = (1 if beyond else 2) if sign else (4 if beyond else 3)
            return min(max(threshold - first - second, 0), 3)

        noise_side = (self.neighbours[0], self.neighbours[1], self.sign, beyond_two)
        high = lut4(m, platform, "left_high", lambda *bits: code[left(*bits)][0], noise_side)
        low = lut4(m, platform, "left_low", lambda *bits: code[left(*bits)][1], noise_side)
        meets = lut4(
            m,
            platform,
            "meets",
            lambda third, fourth, *left: (third ^ signs[2]) + (fourth ^ signs[3]) >= code.index(left),
            (self.neighbours[2], self.neighbours[3], high, low),
        )
        return lut4(
            m,
            platform,
            "next_state",
            lambda beyond, step, sign, meets: sign if beyond and step else meets,
            (beyond_two, step_to_four, self.sign, meets),
        )

    def _general(self, m, votes, magnitudes):
        """The field as a sum, then the outcome of its level by a table."""
        p = self.parameters
        total = sum(magnitudes)
        # pull = (field - bias + total) / 2, not negative.
        pull = Signal(range(total + 1))
        m.d.comb += pull.eq(sum((v * w for v, w in zip(votes, magnitudes, strict=True)), start=Const(0, 1)))
        # Noise passes a level where it passes all below.
        outweighs = {v: self.outcomes[: k + 1].all() for k, v in enumerate(p.levels)}
        choices = []
        for value in range(total + 1):
            field = 2 * value - total + p.bias
            if field == 0:
                choices.append(self.sign)
            elif abs(field) in outweighs:
                choices.append(Mux(outweighs[abs(field)], self.sign, Const(int(field > 0))))
            else:
                choices.append(Const(0))  # not reachable
        return Array(choices)[pull]
