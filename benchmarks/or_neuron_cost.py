"""LUT4 and LUT-cycles of OR, APC and binary neurons with loaded weights, and the stream length at which they are even.

A LUT-cycle is a LUT4 for a clock: what a neuron's evaluation takes of the chip, and roughly (an estimate, not measured)
of energy. Each stochastic neuron is one of 16 in a layer that shares the selects and, with 'lfsr', the shift registers;
with 'smtj' those are junctions on pins. Weights are in registers for all, 8 bits of magnitude. `--route` adds Fmax on
ECP5, a minute or more a line.
"""

import sys

from amaranth.hdl import Cat, Const, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from boards.out_of_context import measure
from hwpy.stochastic_computing.apc_neuron import ApcNeuronParameters
from hwpy.stochastic_computing.binary_mac import BinaryMacParameters
from hwpy.stochastic_computing.or_layer import OrLayerParameters
from hwpy.stochastic_computing.pool import REGISTER, pool_seeds
from rtl.entropy.lfsr import Lfsr
from rtl.stochastic_computing.apc_neuron import ApcNeuron
from rtl.stochastic_computing.binary_mac import BinaryMac
from rtl.stochastic_computing.or_neuron import LoadedOrLayer, OrNeuron
from rtl.stochastic_computing.selects import select_registers

NEURONS = 16
FAN_INS = (4, 16, 64)


class ApcLayer(wiring.Component):
    """APC neurons whose weights' bits come from registers by shared selects."""

    def __init__(self, shape: OrLayerParameters):
        self.parameters = shape
        width = shape.inputs * shape.weight_bits
        super().__init__(
            {
                "enable": In(1),
                "x": In(shape.inputs),
                "random": In(width),
                "load": In(1),
                "weights": In(8 * NEURONS),
                "y": Out(NEURONS),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Registers, AND-OR of selects and weights, neurons."""
        m = Module()
        shape, bits = self.parameters, self.parameters.weight_bits
        selects = select_registers(m, self.enable, Const((1 << shape.inputs) - 1, shape.inputs), self.random, bits)
        for k in range(NEURONS):
            weights = Signal(shape.inputs * bits, name=f"weights_{k}")
            with m.If(self.load):
                m.d.sync += weights.eq(Cat(self.weights.word_select(k, bits), weights)[: len(weights)])
            m.submodules[f"neuron_{k}"] = neuron = ApcNeuron(ApcNeuronParameters(shape.inputs))
            w = [(Cat(row[:bits]) & weights.word_select(i, bits)).any() for i, row in enumerate(selects)]
            m.d.comb += [
                neuron.enable.eq(self.enable),
                neuron.x.eq(self.x),
                neuron.w.eq(Cat(w)),
                self.y[k].eq(neuron.y),
            ]
        return m


class WithRegisters(wiring.Component):
    """A layer with the shift registers that give its random bits."""

    def __init__(self, layer: wiring.Component):
        self.layer = layer
        super().__init__({name: member for name, member in layer.signature.members.items() if name != "random"})

    def elaborate(self, platform: object) -> Module:
        """The layer, the registers, the ports."""
        m = Module()
        m.submodules.layer = layer = self.layer
        registers = [Lfsr(REGISTER, seed) for seed in pool_seeds(len(layer.random))]
        for place, register in enumerate(registers):
            m.submodules[f"register_{place}"] = register
            m.d.comb += register.stream.ready.eq(layer.enable)
        m.d.comb += layer.random.eq(Cat(register.stream.payload for register in registers))
        for name, member in self.signature.members.items():
            inner, outer = getattr(layer, name), getattr(self, name)
            m.d.comb += inner.eq(outer) if member.flow == In else outer.eq(inner)
        return m


def costs(fan_in: int, target: str, route: bool) -> dict[str, tuple[float, float, float | None, int]]:
    """For each neuron LUT4 (a CCU2C of ECP5 counts as two) and FF, Fmax in MHz if routed, and its clocks, 0 for N."""
    shape = OrLayerParameters(fan_in, NEURONS)
    makers = {
        "OR, lfsr": (lambda: WithRegisters(LoadedOrLayer(shape)), NEURONS, 0),
        "OR, smtj": (lambda: LoadedOrLayer(shape), NEURONS, 0),
        "OR, gates alone": (lambda: OrNeuron(fan_in), 1, 0),
        "APC, lfsr": (lambda: WithRegisters(ApcLayer(shape)), NEURONS, 0),
        "APC, smtj": (lambda: ApcLayer(shape), NEURONS, 0),
        "binary MAC": (lambda: BinaryMac(BinaryMacParameters(fan_in)), 1, fan_in),
        "binary MAC, serial": (lambda: BinaryMac(BinaryMacParameters(fan_in, serial=True)), 1, 8 * fan_in),
    }
    found = {}
    for name, (make, neurons, clocks) in makers.items():
        # ABC's passes differ on carry chains only: the binary units get the best of all.
        flow = "smallest" if clocks else "area"
        best = measure(make, target, route=route, flow=flow, frequency_mhz=200)
        lut4 = best["lut4"] + (2 * best["carry"] if target == "ecp5" else 0)
        found[name] = lut4 / neurons, best["ff"] / neurons, best["fmax_mhz"], clocks
    return found


def main() -> None:
    """Print a table for each fan-in, and the crossing points."""
    route, target = "--route" in sys.argv[1:], "ice40"
    if route:
        target = "ecp5"
    print(f"{target}; crossing N: streams shorter than this take fewer LUT-cycles than the better binary unit")
    print("fan-in  neuron                LUT4      FF    MHz  LUT-cycles N=64      N=256  crossing N")
    for fan_in in FAN_INS:
        table = costs(fan_in, target, route)
        binary = min(lut4 * clocks for lut4, _, _, clocks in table.values() if clocks)
        for name, (lut4, ff, fmax, clocks) in table.items():
            at = [lut4 * (clocks or n) for n in (64, 256)]
            crossing = "" if clocks else f"{binary / lut4:11.0f}"
            mhz = f"{fmax:6.0f}" if fmax else "     -"
            print(f"{fan_in:6}  {name:20}{lut4:6.1f}{ff:8.1f} {mhz}{at[0]:17.0f}{at[1]:11.0f}{crossing}", flush=True)


if __name__ == "__main__":
    main()
