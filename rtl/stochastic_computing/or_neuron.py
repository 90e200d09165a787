"""OR-gate neurons whose weights arrive from outside: as bits, or as numbers in registers."""

from __future__ import annotations

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


def _products(m: Module, platform: object, name: str, first: list, second: list) -> list:
    """First AND second, two such products ORed in a LUT4."""
    products = list(zip(first, second, strict=True))
    pairs = [products[start : start + 2] for start in range(0, len(products), 2)]
    return [
        lut4(
            m,
            platform,
            f"{name}_product_{k}",
            lambda *bits: any(a and b for a, b in zip(bits[::2], bits[1::2], strict=True)),
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
    """A layer of non-negative weights that are loaded, as `hwpy.stochastic_computing.or_layer` has it with y- always 0.

    Moves in clocks with ``enable``: the bits of x and ``random`` go into the selects, these and the weights into ORs of
    eight products, whose OR is in y three such clocks after. The weights are a shift register of ``weight_bits`` bits a
    neuron and clock: the last input's weight goes in first.

    Attributes
    ----------
    enable, x, random
        In: 1, K and ``parameters.random_bits`` bits.
    load, weights
        In: 1 bit, and ``weight_bits`` bits for each neuron, the first neuron's lowest; taken in clocks with ``load``.
    y
        Out, M bits.
    """

    def __init__(self, parameters: OrLayerParameters):
        if parameters.entropy != "shared":
            raise ValueError(f"loaded OR layer must have shared entropy, not {parameters.entropy!r}")
        self.parameters = parameters
        super().__init__(
            {
                "enable": In(1),
                "x": In(parameters.inputs),
                "random": In(parameters.random_bits),
                "load": In(1),
                "weights": In(parameters.neurons * parameters.weight_bits),
                "y": Out(parameters.neurons),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        bits, inputs = self.parameters.weight_bits, self.parameters.inputs
        selects = select_registers(m, self.enable, self.x, self.random, bits)
        flat = [select for row in selects for select in row[:bits]]
        for neuron in range(self.parameters.neurons):
            weights = Signal(inputs * bits, name=f"weights_{neuron}")
            with m.If(self.load):
                m.d.sync += weights.eq(Cat(self.weights.word_select(neuron, bits), weights)[: inputs * bits])
            products = _products(m, platform, f"y_{neuron}", flat, list(weights))
            fours = [products[start : start + 4] for start in range(0, len(products), 4)]
            partial = Signal(len(fours), name=f"partial_{neuron}")
            with m.If(self.enable):
                m.d.sync += [
                    partial.eq(Cat(any_of(m, platform, f"partial_{neuron}_{k}", four) for k, four in enumerate(fours))),
                    self.y[neuron].eq(any_of(m, platform, f"y_{neuron}", list(partial))),
                ]
        return m
