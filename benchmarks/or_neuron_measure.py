"""Measure stochastic and binary neurons: cells, activity and Fmax.

    python -m benchmarks.or_neuron_measure           write the record that `or_neuron_cost` prints; about half an hour
    python -m benchmarks.or_neuron_measure --route   Fmax of the units of 16 inputs, some minutes

Each stochastic neuron is one of 16 in a layer that shares the selects and, with 'lfsr', the shift registers; with
'smtj' those are junctions outside, whose own energy is not in. Shares come from layers of one and of several neurons.
The binary units are `hwpy.stochastic_computing.binary_mac` and `dot_product`; 16 have their input wires in common. All
weights are of one sign. What holds still is not clocked: neither the weights' registers of the one nor a memory of the
other is in the energy.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from amaranth.hdl import Cat, Const, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from numpy.typing import NDArray

from boards import tools
from boards.activity import Activity, simulate
from boards.energy import ICE40UP5K
from boards.out_of_context import measure
from boards.synthesis import TARGETS, Area, component_rtlil, synthesise
from hwpy.stochastic_computing.apc_neuron import ApcNeuronParameters
from hwpy.stochastic_computing.binary_mac import BinaryMacParameters
from hwpy.stochastic_computing.break_even import Unit, workload
from hwpy.stochastic_computing.dot_product import DotProductParameters
from hwpy.stochastic_computing.or_layer import OrLayerParameters
from hwpy.stochastic_computing.pool import REGISTER
from rtl.entropy.lfsr import Lfsr
from rtl.stochastic_computing.apc_neuron import ApcNeuron
from rtl.stochastic_computing.binary_mac import BinaryMac
from rtl.stochastic_computing.dot_product import DotProduct
from rtl.stochastic_computing.or_layer import OrLayer
from rtl.stochastic_computing.or_neuron import LoadedOrLayer, OrNeuron
from rtl.stochastic_computing.selects import select_registers
from trijunction.figures.or_break_even import RECORD

NEURONS = 16
#: Bits of x and w. Units that fewer would not bring to the front are measured at the first alone.
BITS = (8, 4, 2)
#: Target, fan-in and how many of the bits, in this order: the record is whole after each.
CASES = (("ice40", 16, 3), ("ice40", 4, 3), ("ice40", 64, 3), ("ecp5", 16, 3), ("ecp5", 64, 1), ("ecp5", 4, 1))
LANES, CLOCKS = 6, 64

Ports = dict[str, NDArray[np.uint8]]


class ApcLayer(wiring.Component):
    """APC neurons whose weights' bits come from registers by shared selects."""

    def __init__(self, shape: OrLayerParameters):
        self.parameters = shape
        super().__init__(
            {
                "enable": In(1),
                "x": In(shape.inputs),
                "random": In(shape.random_bits),
                "load": In(1),
                "weights": In(shape.weight_bits * shape.neurons),
                "y": Out(shape.neurons),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Registers, AND-OR of selects and weights, neurons."""
        m = Module()
        shape, bits = self.parameters, self.parameters.weight_bits
        selects = select_registers(m, self.enable, Const((1 << shape.inputs) - 1, shape.inputs), self.random, bits)
        for k in range(shape.neurons):
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


def as_bits(numbers: NDArray[np.integer], bits: int) -> NDArray[np.uint8]:
    """A last axis of numbers as one of bits, the first number's lowest bit first."""
    return (numbers[..., None] >> np.arange(bits) & 1).astype(np.uint8).reshape(*numbers.shape[:-1], -1)


class Work:
    """What the neurons of one fan-in and precision are run on: a lane is an image's inputs, and weights for each."""

    def __init__(self, fan_in: int, bits: int):
        self.fan_in, self.bits = fan_in, bits
        self.numbers = np.random.default_rng(1)
        self.x, w = workload(fan_in, LANES * NEURONS, 1)
        self.x = self.x[:LANES]
        self.weights = np.minimum((w * (1 << bits)).astype(np.int64), (1 << bits) - 1).reshape(LANES, NEURONS, fan_in)
        # A binary unit's weights fill their bits.
        scaled = w * 2.0 ** np.floor(np.log2(1 / w.max(axis=1, keepdims=True)))
        self.scaled = np.round(scaled * ((1 << bits) - 1)).astype(np.int64).reshape(LANES, NEURONS, fan_in)

    def stream(self, neurons: int, probability: NDArray[np.float64], loads: bool = True) -> Ports:
        """K clocks to load the weights, then random words and inputs of P(1) given."""
        warm = self.fan_in if loads else 0
        clocks = warm + 2 + CLOCKS
        ports = {
            "enable": np.ones((clocks, LANES, 1), np.uint8),
            "x": (self.numbers.random((clocks, LANES, self.fan_in)) < probability).astype(np.uint8),
            "random": self.numbers.integers(0, 2, (clocks, LANES, self.fan_in * self.bits), np.uint8),
        }
        if loads:
            ports |= self.load(clocks, self.weights[:, :neurons])
        return ports

    def load(self, clocks: int, weights: NDArray[np.int64]) -> Ports:
        """The ports that load weights (lanes, neurons, K), the last input's first."""
        data = np.zeros((clocks, LANES, weights.shape[1] * self.bits), np.uint8)
        data[: self.fan_in] = as_bits(weights.transpose(2, 0, 1)[::-1], self.bits)
        return {"load": (np.arange(clocks) < self.fan_in)[:, None, None].repeat(LANES, 1), "weights": data}

    def products(self, serial: bool) -> Ports:
        """One input and weight after the other, whole or a bit of the input a clock."""
        number = (self.x * ((1 << self.bits) - 1)).round().astype(np.int64)
        clock = np.arange(2 + 8 * CLOCKS if serial else 2 + CLOCKS)
        i = clock % self.fan_in
        x = number[:, i].T[..., None]
        plane = clock // self.fan_in % self.bits
        w = self.scaled[:, clock // (self.fan_in * (self.bits if serial else 1)) % NEURONS, i].T[..., None]
        one = np.ones((len(clock), LANES, 1), np.uint8)
        first = (i == 0)[:, None, None]
        return {
            "enable": one,
            "clear": one * (first & (plane == 0)[:, None, None] if serial else first),
            "double": one * first,
            "x": (x >> (self.bits - 1 - plane)[:, None, None] & 1).astype(np.uint8)
            if serial
            else as_bits(x, self.bits),
            "w": as_bits(w, self.bits),
        }

    def planes(self, loads: bool) -> Ports:
        """A bit of all inputs a clock, the highest first; each sum has other inputs, as in a layer's next image."""
        warm = self.fan_in if loads else 0
        clock = np.arange(warm + 8 + CLOCKS)
        x, _ = workload(self.fan_in, LANES * (len(clock) // self.bits + 1), 2)
        number = (x * ((1 << self.bits) - 1)).round().astype(np.int64).reshape(-1, LANES, self.fan_in)
        ports = {
            "enable": np.ones((len(clock), LANES, 1), np.uint8),
            "clear": (clock % self.bits == 0)[:, None, None].repeat(LANES, 1),
            "x": number[clock // self.bits] >> (self.bits - 1 - clock % self.bits)[:, None, None] & 1,
        }
        return ports | (self.load(len(clock), self.scaled[:, :1]) if loads else {})


def run(
    make: Callable[[], Any], target: str, ports: Ports | None, flows: tuple[str, ...], options: tuple[str, ...] = ()
) -> tuple[Area, Activity | None]:
    """Cells by the flow that has fewest LUT4, and the activity of that netlist on the workload."""
    with TemporaryDirectory(prefix="trijunction-") as folder:
        text = component_rtlil(make(), "block", target)
        tried = [synthesise(text, "block", target, Path(folder) / flow, flow=flow, options=options) for flow in flows]
        netlist = min(tried, key=lambda one: lut4(one.area, target))
        activity = None
        if ports is not None:
            activity, _ = simulate(netlist, ports, skip=loading(ports) + 2)
        return netlist.area, activity


def shared_input(activity: Activity | None, ports: Ports | None) -> Activity | None:
    """The same with a sixteenth of the wires of x: 16 neurons of a layer have them in common, not what they reach."""
    if activity is None or ports is None:
        return activity
    wires = changes(ports["x"][loading(ports) :]) * (1 - 1 / NEURONS)
    return activity - Activity(0, wires, 0, wires, 0)


def changes(bits: NDArray[np.uint8]) -> float:
    """Changes of a port of (clocks, lanes, width) in a clock, the mean over all but the first two."""
    return float((bits[2:] != bits[1:-1]).sum()) / (len(bits) - 2) / bits.shape[1]


def loading(ports: Ports) -> int:
    """Clocks that load weights."""
    return int(ports["load"].any(axis=(1, 2)).sum()) if "load" in ports else 0


def lut4(area: Area, target: str) -> int:
    """LUT4; a CCU2C of ECP5 takes the place of two, a carry of iCE40 shares its LUT4's logic cell."""
    return area.lut4 + (2 * area.carry if target == "ecp5" else 0)


def joules(activity: Activity | None) -> tuple[float, ...]:
    """Estimates for a clock, by each measure."""
    return () if activity is None else ICE40UP5K.energy(activity)


@cache
def register_bit(target: str, simulates: bool) -> tuple[float, float, Activity | None]:
    """LUT4, FF and activity for a bit of the shift registers; its own wire is left to who takes it."""
    ports = {"stream__ready": np.ones((1 + CLOCKS, 1, 1), np.uint8)} if simulates else None
    with TemporaryDirectory(prefix="trijunction-") as folder:
        text = component_rtlil(Lfsr(REGISTER, 0x5A5A5A5A5A5A5A5A5A5A5A5A), "block", target)
        netlist = synthesise(text, "block", target, Path(folder))
        activity = None
        if ports is not None:
            activity, seen = simulate(netlist, ports)
            wires = changes(seen["stream__payload"])
            activity = (activity - Activity(0, wires, wires, wires, wires)) * (1 / REGISTER.leap)
        return lut4(netlist.area, target) / REGISTER.leap, netlist.area.ff / REGISTER.leap, activity


def stochastic(fan_in: int, bits: int, target: str) -> list[Unit]:
    """The OR and APC neurons; none where the largest weight of the workload is below a step."""
    if 2.0**-bits >= 8 / fan_in:
        return []
    simulates = target == "ice40"
    work = Work(fan_in, bits)
    constants = work.weights[0]
    bit_lut4, bit_ff, bit_activity = register_bit(target, simulates)
    bipolar = (work.x + 1) / 2
    makers: dict[str, tuple[Callable[[int], Any], NDArray[np.float64], bool]] = {
        "OR": (lambda n: LoadedOrLayer(OrLayerParameters(fan_in, n, bits)), work.x, True),
        "OR, constant": (
            lambda n: OrLayer(OrLayerParameters(fan_in, n, bits), constants[:n]),
            work.x,
            False,
        ),
    }
    if bits == BITS[0]:
        makers["APC"] = (lambda n: ApcLayer(OrLayerParameters(fan_in, n, bits)), bipolar, True)
    found = []
    shared_bits = fan_in * bits / NEURONS
    for name, (maker, x, loads) in makers.items():
        # Constant weights differ from neuron to neuron: more of them for a mean.
        few, many = (1, 9) if not loads else (1, 3)
        pair = [
            run(partial(maker, neurons), target, work.stream(neurons, x, loads) if simulates else None, ("area",))
            for neurons in (few, many)
        ]
        areas, activities = zip(*pair, strict=True)

        def share(low: Any, high: Any, few: int = few, many: int = many) -> Any:
            neuron = (high - low) * (1 / (many - few))
            return neuron + (low - neuron * few) * (1 / NEURONS)

        cells = share(*(lut4(area, target) for area in areas)), share(*(area.ff for area in areas))
        activity = share(*activities) if simulates else None
        found.append(Unit(f"{name}, smtj", fan_in, bits, *cells, 0, 0, shared_bits, joules(activity)))
        with_registers = activity + bit_activity * shared_bits if simulates else None
        cells = cells[0] + bit_lut4 * shared_bits, cells[1] + bit_ff * shared_bits
        found.append(Unit(f"{name}, lfsr", fan_in, bits, *cells, 0, 0, 0.0, joules(with_registers)))
    if bits < BITS[0]:
        return found
    ports = None
    if simulates:
        ports = {"x": work.stream(1, work.x)["x"][: CLOCKS + 2]}
        weight = work.weights[:, 0] / (1 << bits)
        ports["w"] = (work.numbers.random((CLOCKS + 2, LANES, fan_in)) < weight).astype(np.uint8)
    area, activity = run(lambda: OrNeuron(fan_in), target, ports, ("area",))
    energy = joules(shared_input(activity, ports))
    found.append(Unit("OR, junctions", fan_in, bits, area.lut4, 0, 0, 0, fan_in, energy))
    return found


def binary(fan_in: int, bits: int, target: str) -> list[Unit]:
    """The binary units."""
    simulates = target == "ice40"
    work = Work(fan_in, bits)
    without = ("-nodsp",) if target == "ecp5" else ()
    constants = tuple(int(w) for w in work.scaled[0, 0])
    mac = {"inputs": fan_in, "input_bits": bits, "weight_bits": bits, "signed": False}
    dot = {"inputs": fan_in, "input_bits": bits, "weight_bits": bits}
    rows: dict[str, tuple[Callable[[], Any], Ports, int]] = {
        "MAC": (lambda: BinaryMac(BinaryMacParameters(**mac)), work.products(False), fan_in),
        "dot product": (lambda: DotProduct(DotProductParameters(**dot)), work.planes(True), bits),
        "dot product, constant": (
            lambda: DotProduct(DotProductParameters(**dot, weights=constants)),
            work.planes(False),
            bits,
        ),
    }
    if bits == BITS[0]:
        serial = BinaryMacParameters(**mac, serial=True)
        rows["MAC, serial"] = (lambda: BinaryMac(serial), work.products(True), fan_in * bits)
    found = []
    for name, (make, ports, clocks) in rows.items():
        # The flows differ in multipliers; the others are adders and registers.
        flows = ("area", "vendor", "flow3") if name == "MAC" else ("area",)
        if name == "MAC":
            ports.pop("double")
        area, activity = run(make, target, ports if simulates else None, flows, without)
        energy = joules(shared_input(activity, ports))
        found.append(Unit(name, fan_in, bits, lut4(area, target), area.ff, 0, clocks, 0.0, energy))
    return [*found, multiplier(work, mac, target)] if bits == BITS[0] else found


def multiplier(work: Work, mac: dict[str, Any], target: str) -> Unit:
    """The MAC in a DSP block: its energy is the calibrated product's and its inputs', its accumulator's left out."""
    options = ("-dsp",) if target == "ice40" else ()
    area, _ = run(lambda: BinaryMac(BinaryMacParameters(**mac)), target, None, ("area",), options)
    energy: tuple[float, ...] = ()
    if target == "ice40":
        ports = work.products(False)
        wires = [changes(ports["x"]) / NEURONS + changes(ports["w"]), changes(ports["x"]) + changes(ports["w"])] * 2
        moved = ICE40UP5K.energy(Activity(0, *wires))
        energy = tuple(part + ICE40UP5K.dsp for part in moved)
    return Unit("MAC, DSP", work.fan_in, work.bits, lut4(area, target), area.ff, area.dsp, work.fan_in, 0.0, energy)


def record() -> None:
    """Measure all, and write the record after each case."""
    found: list[dict[str, Any]] = []
    for target, fan_in, precisions in CASES:
        for bits in BITS[:precisions]:
            print(f"{target}, fan-in {fan_in}, {bits} bits", file=sys.stderr, flush=True)
            rows = stochastic(fan_in, bits, target) + binary(fan_in, bits, target)
            found += [{"target": target, **asdict(unit)} for unit in rows]
        contents = {
            "tools": tools.versions(),
            "lfsr_bit_joules": joules(register_bit("ice40", True)[2]),
            "units": found,
        }
        RECORD.write_text(json.dumps(contents, indent=1) + "\n")


def route() -> None:
    """Fmax between registers of the neurons of 16 inputs and 8 bits, one placement seed."""
    layer = OrLayerParameters(16, NEURONS)
    mac = {"inputs": 16, "weight_bits": 8, "signed": False}
    work = Work(16, 8)
    makers: dict[str, Callable[[], Any]] = {
        "MAC": lambda: BinaryMac(BinaryMacParameters(**mac)),
        "dot product, constant": lambda: DotProduct(DotProductParameters(16, weights=tuple(work.scaled[0, 0]))),
        "OR layer, constant": lambda: OrLayer(layer, work.weights[0]),
        "MAC, serial": lambda: BinaryMac(BinaryMacParameters(**mac, serial=True)),
        "dot product": lambda: DotProduct(DotProductParameters(16)),
        "OR layer": lambda: LoadedOrLayer(layer),
        "APC layer": lambda: ApcLayer(layer),
    }
    print("MHz, one placement seed        ice40    ecp5")
    for name, make in makers.items():
        found = [measure(make, target, route=True, frequency_mhz=250)["fmax_mhz"] for target in TARGETS]
        print(f"{name:28}{found[0]:8.1f}{found[1]:8.1f}", flush=True)


if __name__ == "__main__":
    if "--route" in sys.argv[1:]:
        route()
    else:
        record()
