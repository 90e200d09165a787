"""A classifier of constant binary or ternary weights."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, EnableInserter, Module, Mux, Signal, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hwpy.low_precision.binary_network import BinaryNetworkParameters
from rtl.low_precision.popcount import count_fours, count_tree, register

__all__ = ["BinaryNetwork"]


class BinaryNetwork(wiring.Component):
    """All layers side by side, as `hwpy.low_precision.binary_network`: an image each ``transfers`` clocks.

    The result is offered ``latency`` clocks after an image's last transfer. All stages, and the transfers, wait while
    it is offered and not taken. A weight of 0 takes nothing, and one of -1 or +1 is in the table of a four; fours of
    the same inputs and weights are made once.

    Attributes
    ----------
    image
        Input stream of ``lanes`` pixels, the first lowest.
    result
        Output stream of ``winner``, the class, and its ``score``.
    """

    def __init__(self, parameters: BinaryNetworkParameters):
        p = self.parameters = parameters
        super().__init__(
            {
                "image": In(stream.Signature(p.lanes * p.pixel_bits)),
                "result": Out(stream.Signature(data.StructLayout({"winner": p.winner_width, "score": p.score_width}))),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p = self.parameters
        valid = Signal(p.latency)
        moves = Signal()
        is_last = Signal()
        m.d.comb += [
            self.result.valid.eq(valid[-1]),
            moves.eq(~self.result.valid | self.result.ready),
            self.image.ready.eq(moves),
        ]
        pipe = Module()
        m.submodules.pipe = EnableInserter(moves)(pipe)
        pipe.d.sync += valid.eq(Cat(self.image.valid & is_last, valid))
        bits = self._whole_image(pipe, is_last)
        for place in range(len(p.weights)):
            counts = self._counts(pipe, platform, place, bits)
            thresholds = p.thresholds[place].tolist()
            if place + 1 < len(p.weights):
                made: list[Value] = [count >= least for count, least in zip(counts, thresholds, strict=True)]
            else:
                made = [count + offset for count, offset in zip(counts, thresholds, strict=True)]
            width = 1 if place + 1 < len(p.weights) else p.score_width
            bits = [
                register(pipe, f"result_{place}_{n}", value[:width] if len(value) > width else value)
                for n, value in enumerate(made)
            ]
        winner, score = self._tournament(pipe, bits)
        m.d.comb += [self.result.payload.winner.eq(winner), self.result.payload.score.eq(score)]
        return m

    def _whole_image(self, m: Module, is_last: Signal) -> list[Value]:
        """The bits of the image that the transfer offered now completes, if it is the last."""
        p = self.parameters
        arrived = Signal(p.lanes * len(p.levels))
        lane = [self.image.payload.word_select(k, p.pixel_bits) for k in range(p.lanes)]
        m.d.comb += arrived.eq(Cat(pixel >= level for pixel in lane for level in p.levels))
        if p.transfers == 1:
            m.d.comb += is_last.eq(1)
            return list(arrived)
        held = Signal((p.transfers - 1) * len(arrived), reset_less=True)
        count = Signal(range(p.transfers))
        m.d.comb += is_last.eq(count == p.transfers - 1)
        whole = Cat(held, arrived)
        with m.If(self.image.valid):
            m.d.sync += [held.eq(whole[len(arrived) :]), count.eq(Mux(is_last, 0, count + 1))]
        return [*held, *arrived]

    def _counts(self, m: Module, platform: object, place: int, bits: list[Value]) -> list[Value]:
        """Agreements of each neuron of a layer."""
        weights, levels = self.parameters.weights[place], self.parameters.levels_of_counts[place]
        made: dict[tuple[tuple[int, int], ...], Value] = {}
        counts = []
        for n, column in enumerate(weights.T.tolist()):
            own = [(k, int(w > 0)) for k, w in enumerate(column) if w]
            fours = [tuple(own[start : start + 4]) for start in range(0, len(own), 4)]
            for four in fours:
                if four not in made:
                    inputs, flips = [bits[k] for k, _ in four], [flip for _, flip in four]
                    (made[four],) = count_fours(m, platform, f"four_{place}_{len(made)}", inputs, flips)
            numbers = [made[four] for four in fours] or [Const(0, 1)]
            counts.append(count_tree(m, f"sum_{place}_{n}", numbers, max(1, len(own)), levels))
        return counts

    def _tournament(self, m: Module, scores: list[Value]) -> tuple[Value, Value]:
        """The first class of the highest score, and that score; a stage for each level."""
        players: list[tuple[Value, Value]] = [
            (Const(k, self.parameters.winner_width), score) for k, score in enumerate(scores)
        ]
        level = 0
        while len(players) > 1:
            left = [players[k : k + 2] for k in range(0, len(players), 2)]
            players = []
            for k, pair in enumerate(left):
                first, second = pair[0], pair[-1]
                better = second[1] > first[1]
                players.append(
                    tuple(  # type: ignore[arg-type]
                        register(m, f"{what}_{level}_{k}", Mux(better, b, a))
                        for what, a, b in zip(("winner", "score"), first, second, strict=True)
                    )
                )
            level += 1
        return players[0]
