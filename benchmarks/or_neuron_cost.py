"""Cells, LUT-cycles and energy (an estimate) of stochastic and binary neurons, and where they are even.

A LUT-cycle is a LUT4 for a clock. Prints the record that is shipped, which `benchmarks.or_neuron_measure` makes: there
is said what was measured. `python -m trijunction.figures or_break_even` draws it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hwpy.stochastic_computing.break_even import (
    Unit,
    best,
    binary_error,
    crossing,
    device_energy,
    equal_length,
    sobol_error,
)
from hwpy.stochastic_computing.data import load
from hwpy.stochastic_computing.model import Model
from trijunction.commands.infer import MODELS
from trijunction.figures.or_break_even import RECORD, pick, units


def spread(values: NDArray[np.float64], scale: float = 1.0) -> str:
    """The mean of estimates with the smallest and largest, or a value alone."""
    mean = f"{values.mean() * scale:.3g}"
    return mean if len(values) == 1 else f"{mean} ({values.min() * scale:.3g} to {values.max() * scale:.3g})"


def main() -> None:
    """Print the tables."""
    contents = json.loads(RECORD.read_text())
    print("tools:", ", ".join(f"{name} {version}" for name, version in contents["tools"].items()))
    bit = np.array(contents["lfsr_bit_joules"])
    print(f"estimate: a bit of the shift registers takes {spread(bit, 1e15)} fJ, without its own wire")
    for target in ("ice40", "ecp5"):
        found = units(contents, target)
        print(f"\n{target}: cells of a neuron, 8 bits; energy is an estimate (mean and range of four measures)")
        print("fan-in  neuron                   LUT4      FF  clocks  LUT-cycles      pJ a clock, estimate")
        for unit in found:
            if unit.bits == 8:
                cycles = f"{unit.clocks * unit.lut4:.0f}" if unit.clocks else "N x LUT4"
                pj = spread(np.array(unit.energy), 1e12) if unit.energy else ""
                cells = f"{unit.fan_in:6}  {unit.name:22}{unit.lut4:7.1f}{unit.ff:8.1f}"
                print(f"{cells}{unit.clocks or 'N':>8}{cycles:>12}  {pj}")
        print(f"\n{target}: the N below which a stochastic neuron takes less than the best binary one of as many bits")
        print("fan-in  bits  neuron                 LUT-cycles: N, against             energy, estimate: N, against")
        for row in crossings(found):
            print(row)
    found = units(contents, "ice40")
    print("\nN of the same error (independent bits) and by the paper's rule 4**(b - 1); at either, how many times what")
    print("the best binary one takes an OR neuron with loaded weights and LFSR does (energy: mean of the estimates)")
    print("fan-in  bits  binary error       N   LUT-cycles   energy   paper   LUT-cycles   energy")
    for fan_in, bits in dict.fromkeys((unit.fan_in, unit.bits) for unit in found):
        neuron = pick(found, "OR, lfsr", fan_in, bits)
        text = f"{fan_in:6}{bits:6}{binary_error(fan_in, bits):14.4f}"
        for length in (equal_length(fan_in, bits), 4.0 ** (bits - 1)):
            times = [
                length / crossing(neuron, best(found, kind, fan_in, bits), kind).mean() for kind in ("lut4", "energy")
            ]
            text += f"{length:8.0f}{times[0]:13.3g}{times[1]:9.3g}"
        print(text)
    print("\nerror with scrambled Sobol words: N = 16, 64, 256, 1024")
    for fan_in in (4, 16, 64, 256):
        print(f"{fan_in:6}  " + "  ".join(f"{sobol_error(fan_in, length):.4f}" for length in (16, 64, 256, 1024)))
    print("\ndigits, the shipped network's function in binary arithmetic: bits, % right")
    print("  ".join(f"{bits}: {100 * digits_accuracy(bits):.2f}" for bits in (1, 2, 3, 4, 6, 8)))
    print("\nestimate: fJ that a junction's bit must stay below, on its way into the chip included, to win at N")
    print("fan-in  neuron               against              N = 16, 32, 64, 128")
    for fan_in in dict.fromkeys(unit.fan_in for unit in found):
        for name in ("OR, smtj", "OR, junctions"):
            neuron = pick(found, name, fan_in, 8)
            rival = best(found, "energy", fan_in, 8)
            prices = [device_energy(neuron, rival, length) for length in (16, 32, 64, 128)]
            print(f"{fan_in:6}  {name:21}{rival.name:21}" + "; ".join(spread(price, 1e15) for price in prices))


def digits_accuracy(bits: int) -> float:
    """Share of the test digits that the shipped OR network has right if its function is computed in binary.

    Pixels, magnitudes of weights (by a power of two for each neuron) and hidden outputs are rounded to ``bits`` bits.
    """
    model, images = Model.load(MODELS / "digits.npz"), load("digits")

    def rounded(values: NDArray[np.float64], scale: NDArray[np.float64] | float = 1.0) -> NDArray[np.float64]:
        steps = ((1 << bits) - 1) / scale
        return np.round(values * steps) / steps

    y = rounded(model.numbers(images.pixels) / 2**model.input_bits)
    for place, (layer, kernel) in enumerate(zip(model.layers, model.kernels, strict=True)):
        weights = kernel.reshape(len(kernel), -1) / 2**layer.weight_bits
        scale = 2.0 ** np.ceil(np.log2(np.abs(weights).max(axis=1, keepdims=True)))
        magnitudes = np.sign(weights) * rounded(np.abs(weights), scale)
        plus, minus = (1 - (1 - y[:, None] * np.maximum(rail, 0)).prod(-1) for rail in (magnitudes, -magnitudes))
        y = rounded(plus * (1 - minus)) if place < len(model.layers) - 1 else plus - minus
    return float((y.argmax(axis=1) == images.labels).mean())


def crossings(found: list[Unit]) -> Iterator[str]:
    """Lines of the table: every stochastic neuron against the best binary one whose weights are as free."""
    for fan_in, bits in dict.fromkeys((unit.fan_in, unit.bits) for unit in found):
        names = dict.fromkeys(
            unit.name for unit in found if not unit.clocks and (unit.fan_in, unit.bits) == (fan_in, bits)
        )
        for name in dict.fromkeys([*names, "OR, junctions"]):
            neuron = pick(found, name, fan_in, bits)
            text = f"{fan_in:6}{bits:6}  {name:22}"
            for kind in ("lut4", "energy"):
                if kind == "lut4" or neuron.energy:
                    rival = best(found, kind, fan_in, bits, "constant" in name)
                    text += f"{spread(crossing(neuron, rival, kind)) + ', ' + rival.name:35}"
            yield text.rstrip()


if __name__ == "__main__":
    main()
