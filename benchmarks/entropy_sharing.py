"""What sharing of noise words buys, and what it costs: flips a second against sampling error. A table.

`share` p-bits use one word in the same clock. For each share: the built array's cells, clock and flips a second
(`--build`: place and route, some minutes each), and the energy's mean and variance at fixed beta against independent
xoshiro128++ bits. The last row has junctions on pins in place of the generator; it is synthesised only, for no board
has the pins.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from hwpy.ising.instances import load
from hwpy.ising.solver import array_for, entropy_planes
from hwpy.ising.statistics import measure

OPTIONS = {"warm_up": 1500, "samples": 400, "interval": 4}
BITS = {"fresh_bits": 4, "dither_bits": 12, "step_bits": 2}
BETAS = (0.2, 0.5, 0.8, 1.0)
SHARES = (1, 2, 4, 8, 16, 50)
BOARD = "ice40-hx8k-breakout"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instance", default="torus:100x8:1")
    parser.add_argument("--replicas", type=int, default=512)
    parser.add_argument("--build", action="store_true")
    arguments = parser.parse_args()
    model = load(arguments.instance)
    if arguments.build:
        for share in SHARES:
            print(f"share {share:2d}: {_built(model, share)}", flush=True)
        print(f"junctions on pins: {_with_pins(model)}", flush=True)
    replicas = range(arguments.replicas)
    exact = array_for(model, "xoshiro", fresh_bits=16, dither_bits=0)
    references = {b: measure(exact, entropy_planes(exact, "xoshiro", 1, replicas), b, **OPTIONS) for b in BETAS}
    print("share  beta  mean: relative error (sigma)  variance ratio (sigma)")
    for share in SHARES:
        array = array_for(model, "lfsr", share=share, **BITS)
        for beta, reference in references.items():
            found = measure(array, entropy_planes(array, "lfsr", 2, replicas), beta, **OPTIONS)
            mean, variance = found.deviations(reference)
            error = found.mean / reference.mean - 1
            ratio = found.variance / reference.variance
            print(f"{share:5d}  {beta:4.1f}  {error:17.5f} ({mean:5.1f})  {ratio:14.3f} ({variance:5.1f})", flush=True)


def _built(model, share):
    from boards.array import build_array

    folder = Path("build") / f"sharing-{share}"
    built = build_array(model, BOARD, "lfsr", folder, frequency_mhz=90, share=share, **BITS)
    return (
        f"{built['lut4']} LUT4, {built['cells']} cells, {built['fmax_mhz']['max']:.1f} MHz, "
        f"{built['flips_per_second'] / 1e9:.1f} G flips/s"
    )


def _with_pins(model):
    from boards.array import ArrayTop, array_parameters, used_bits
    from boards.synthesis import component_rtlil, synthesise

    parameters = array_parameters(model, "smtj", **BITS)
    top = ArrayTop(parameters, "smtj")
    netlist = synthesise(component_rtlil(top, "top", "ice40"), "top", "ice40", Path("build") / "sharing-pins")
    return f"{netlist.area.lut4} LUT4, {netlist.area.ff} FF, {len(used_bits(parameters))} pins"


if __name__ == "__main__":
    main()
