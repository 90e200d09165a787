"""OR-gate neurons whose weights arrive from outside: as bits, or as numbers in registers."""

from __future__ import annotations

from itertools import chain

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwpy.stochastic_computing.or_layer import OrLayerParameters
from rtl.lut import lut4
from rtl.stochastic_computing.selects import select_registers

__all__ = ["LoadedOrLayer", "OrNeuron", "any_of"]


def any_of(m: Module, platform: object, name: str, bits: list) -> Signal:
    """The OR of bits as a tree of LUT4."""
    level = 0
    while len(bits) > 1:
        fours = [bits[start : start + 4] for start in range(0, len(bits), 4)]
        bits = [
            lut4(m, platform, f"{name}_{level}_{k}", lambda *four: any(four), four) if len(four) > 1 else four[0]
            for k, four in enumerate(fours)
        ]
        level += 1
    return bits[0]


def _products(m: Module, platform: object, name: str, first: list, second: list, when: int = 1) -> list:
    """First AND second (being ``when``), two such products ORed in a LUT4."""
    products = list(zip(first, second, strict=True))
    pairs = [products[start : start + 2] for start in range(0, len(products), 2)]
    return [
        lut4(
            m,
            platform,
            f"{name}_product_{k}",
            lambda *bits: any(a and b == when for a, b in zip(bits[::2], bits[1::2], strict=True)),
            [bit for product in pair for bit in product],
        )
        for k, pair in enumerate(pairs)
    ]


class OrNeuron(wiring.Component):
    """The gates alone: the OR of input AND weight, both as bits, such as those of biased junctions on pins.

    Without registers; takes half a LUT4 a synapse, and a sixth for the OR behind.

    Attributes
    ----------
    x, w
        In, ``inputs`` bits each.
    y
        Out, 1 bit.
    """

    def __init__(self, inputs: int):
        if inputs < 1:
            raise ValueError(f"OR neuron inputs must be positive, not {inputs!r}")
        self.inputs = inputs
        super().__init__({"x": In(inputs), "w": In(inputs), "y": Out(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        products = _products(m, platform, "y", list(self.x), list(self.w))
        m.d.comb += self.y.eq(any_of(m, platform, "y", products))
        return m


class LoadedOrLayer(wiring.Component):
    """A layer of weights that are loaded, as `hwpy.stochastic_computing.or_layer`; unsigned, y- is always 0.

    Moves in clocks with ``enable``: the bits of x and ``random`` go into the selects, these and the weights into ORs of
    eight products (of two synapses for each rail, if signed), whose OR is in the outputs three such clocks after. The
    weights are a shift register of a weight a neuron and clock: the last input's weight goes in first.

    Parameters
    ----------
    parameters
        The shape; magnitudes are below ``2**weight_bits``.
    signed
        Whether a weight has a sign, the bit above its magnitude: 1 for the negative rail.

    Attributes
    ----------
    enable, x, random
        In: 1, K and ``parameters.random_bits`` bits.
    load, weights
        In: 1 bit, and a weight for each neuron, the first neuron's lowest; taken in clocks with ``load``.
    y
        Out, M bits. Signed: ``plus`` and ``minus`` instead.
    """

    def __init__(self, parameters: OrLayerParameters, signed: bool = False):
        if parameters.entropy != "shared":
            raise ValueError(f"loaded OR layer must have shared entropy, not {parameters.entropy!r}")
        self.parameters = parameters
        self.signed = signed
        super().__init__(
            {
                "enable": In(1),
                "x": In(parameters.inputs),
                "random": In(parameters.random_bits),
                "load": In(1),
                "weights": In(parameters.neurons * (parameters.weight_bits + signed)),
                **{name: Out(parameters.neurons) for name in (("plus", "minus") if signed else ("y",))},
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        bits, inputs = self.parameters.weight_bits, self.parameters.inputs
        selects = [row[:bits] for row in select_registers(m, self.enable, self.x, self.random, bits)]
        width = bits + self.signed
        for neuron in range(self.parameters.neurons):
            weights = Signal(inputs * width, name=f"weights_{neuron}")
            with m.If(self.load):
                m.d.sync += weights.eq(Cat(self.weights.word_select(neuron, width), weights)[: len(weights)])
            words = [list(weights.word_select(i, width)) for i in range(inputs)]
            for name, parts in self._parts(m, platform, neuron, selects, words).items():
                partial = Signal(len(parts), name=f"{name}_partial_{neuron}")
                with m.If(self.enable):
                    m.d.sync += [
                        partial.eq(Cat(parts)),
                        getattr(self, name)[neuron].eq(any_of(m, platform, f"{name}_{neuron}", list(partial))),
                    ]
        return m

    def _parts(self, m: Module, platform: object, neuron: int, selects: list, words: list) -> dict[str, list]:
        """For each output what it is the OR of, a clock later."""
        bits = self.parameters.weight_bits
        if not self.signed:
            first, second = (list(chain.from_iterable(rows)) for rows in (selects, words))
            products = _products(m, platform, f"y_{neuron}", first, second)
            fours = [products[start : start + 4] for start in range(0, len(products), 4)]
            return {"y": [any_of(m, platform, f"partial_{neuron}_{k}", four) for k, four in enumerate(fours)]}
        hits = []
        for i, (row, word) in enumerate(zip(selects, words, strict=True)):
            name = f"hit_{neuron}_{i}"
            hits.append(any_of(m, platform, name, _products(m, platform, name, row, word[:bits])))
        signs = [word[bits] for word in words]
        return {
            name: _products(m, platform, f"{name}_{neuron}", hits, signs, when=sign)
            for sign, name in enumerate(("plus", "minus"))
        }
