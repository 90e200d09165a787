"""A streaming network of OR layers that counts its last layer and stops when the winner is clear."""

from __future__ import annotations

from collections.abc import Sequence

from amaranth.hdl import Array, Cat, Module, Signal, Value, signed, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out
from numpy.typing import ArrayLike

from hwpy.stochastic_computing.network import NetworkParameters
from rtl.stochastic_computing.or_layer import OrLayer
from rtl.stochastic_computing.selects import stochastic_bit

__all__ = ["Network"]


class Network(wiring.Component):
    """The network of `hwpy.stochastic_computing.network`, in the clocks of `hwpy.stochastic_computing.network_clock`.

    An image takes ``inputs / lanes`` clocks to load, ``parameters.latency`` and the counted beats to run if entropy is
    always valid, ``parameters.comparison`` clocks for each checkpoint, and 1 to offer the result.

    Parameters
    ----------
    parameters
        Shape, checkpoints, and how the image comes.
    weights
        For each layer (M, K) signed integers.

    Attributes
    ----------
    image
        Input stream of ``lanes`` numbers of ``input_bits`` bits, in order, the first lowest.
    entropy
        Input stream of ``parameters.random_bits`` bits, taken in each beat.
    result
        Output stream: ``winner``, the class, and ``length``, the beats counted.
    """

    def __init__(self, parameters: NetworkParameters, weights: Sequence[ArrayLike]):
        self.parameters = parameters
        self.layers = [OrLayer(shape, array) for shape, array in zip(parameters.layers, weights, strict=True)]
        result = data.StructLayout(
            {"winner": range(max(parameters.classes, 2)), "length": range(parameters.length + 1)}
        )
        super().__init__(
            {
                "image": In(stream.Signature(unsigned(parameters.lanes * parameters.input_bits))),
                "entropy": In(stream.Signature(unsigned(parameters.random_bits))),
                "result": Out(stream.Signature(result)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        shape = self.parameters
        beat = Signal()
        numbers = Signal(shape.inputs * shape.input_bits)
        plus, minus = self._pipeline(m, beat, numbers)

        # From -latency, so that the sign says whether to count.
        counted = Signal(signed(max(shape.length, shape.latency).bit_length() + 1), init=-shape.latency)
        width = shape.length.bit_length() + 1
        scores = [Signal(signed(width), name=f"score_{k}") for k in range(shape.classes)]
        with m.If(beat):
            m.d.sync += counted.eq(counted + 1)
            with m.If(counted >= 0):
                m.d.sync += [
                    score.eq(score + (plus[k] & ~minus[k]) - (minus[k] & ~plus[k])) for k, score in enumerate(scores)
                ]

        loaded = Signal(range(shape.inputs // shape.lanes))
        place = Signal(range(shape.classes + 1))
        lowest = -(1 << width - 1)
        score, best, second = (Signal(signed(width), name=name) for name in ("score", "best", "second"))
        winner = Signal(range(max(shape.classes, 2)))
        m.d.comb += [self.result.payload.winner.eq(winner), self.result.payload.length.eq(counted)]
        with m.FSM() as fsm:
            m.d.comb += [
                self.image.ready.eq(fsm.ongoing("load")),
                self.entropy.ready.eq(fsm.ongoing("run")),
                beat.eq(self.entropy.valid & self.entropy.ready),
                self.result.valid.eq(fsm.ongoing("offer")),
            ]
            with m.State("load"):
                with m.If(self.image.valid):
                    m.d.sync += [
                        numbers.eq(Cat(numbers, self.image.payload)[-len(numbers) :]),
                        loaded.eq(loaded + 1),
                    ]
                    with m.If(loaded == shape.inputs // shape.lanes - 1):
                        m.d.sync += loaded.eq(0)
                        m.next = "run"
            with m.State("run"):
                at_checkpoint = Cat(counted == length - 1 for length, _ in shape.checkpoints).any()
                with m.If(beat & at_checkpoint):
                    m.d.sync += [place.eq(0), *(register.eq(lowest) for register in (score, best, second))]
                    m.next = "compare"
            with m.State("compare"):
                # The score of the place before; in the first clock the lowest, which is above nothing.
                m.d.sync += [score.eq(Array(scores)[place]), place.eq(place + 1)]
                with m.If(score > best):
                    m.d.sync += [best.eq(score), second.eq(best), winner.eq(place - 1)]
                with m.Elif(score > second):
                    m.d.sync += second.eq(score)
                with m.If(place == shape.classes):
                    m.next = "decide"
            with m.State("decide"):
                margin = Signal(range(max(lead for _, lead in shape.checkpoints) + 1))
                with m.Switch(counted):
                    for length, lead in shape.checkpoints:
                        with m.Case(length):
                            m.d.comb += margin.eq(lead)
                m.next = "run"
                with m.If(best - second >= margin):
                    m.next = "offer"
            with m.State("offer"):
                with m.If(self.result.ready):
                    m.d.sync += [counted.eq(-shape.latency), *(score.eq(0) for score in scores)]
                    m.next = "load"
        return m

    def _pipeline(self, m: Module, beat: Value, numbers: Value) -> tuple[Value, Value]:
        """The layers and the isolators between them; gives the last layer's rails."""
        shape = self.parameters
        random = self.entropy.payload
        x = Signal(shape.inputs)
        for i in range(shape.inputs):
            word, number = (bits.word_select(i, shape.input_bits) for bits in (random, numbers))
            with m.If(beat):
                m.d.sync += x[i].eq(stochastic_bit(number, word))
        bits: Value = x
        for place, layer in enumerate(self.layers):
            m.submodules[f"layer_{place}"] = layer
            m.d.comb += [
                layer.enable.eq(beat),
                layer.x.eq(bits),
                layer.random.eq(random[shape.input_random_bits :]),
            ]
            hidden = layer.plus & ~layer.minus
            bits = Cat(
                _delayed(m, beat, hidden[j], int(delay), f"isolator_{place}_{j}")
                for j, delay in enumerate(shape.delays(place))
            )
        return self.layers[-1].plus, self.layers[-1].minus


def _delayed(m: Module, enable: Value, bit: Value, delay: int, name: str) -> Value:
    if not delay:
        return bit
    line = Signal(delay, name=name)
    with m.If(enable):
        m.d.sync += line.eq(Cat(bit, line)[:delay])
    return line[-1]
