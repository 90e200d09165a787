"""Flips a second of the fast engine on one core: a 2,000-spin +-1 torus with 512 replicas."""

from __future__ import annotations

import time

from hwpy.ising.fast import FastArray
from hwpy.ising.instances import load
from hwpy.ising.solver import array_for, entropy_planes

REPLICAS = 512
SWEEPS = 20


def main() -> None:
    """Prints a row for each entropy and number of random bits, with and without the look at the energy."""
    model = load("torus:50x40:1")
    print("entropy  fresh bits  track best  G flips/s, one core")
    for entropy, fresh_bits in (("lfsr", 4), ("lfsr", 8), ("xoshiro", 8), ("smtj", 8)):
        array = array_for(model, entropy, fresh_bits=fresh_bits, dither_bits=16 - fresh_bits)
        fast = FastArray(array, entropy_planes(array, entropy, 1, range(REPLICAS)))
        fast.anneal([0.1], 1)  # compiles
        for track_best in (False, True):
            fast.track_best = track_best
            began = time.perf_counter()
            fast.anneal([0.5] * 4, SWEEPS)
            rate = 4 * SWEEPS * model.nodes * REPLICAS / (time.perf_counter() - began) / 1e9
            print(f"{entropy:7s}  {fresh_bits:10d}  {track_best!s:10s}  {rate:.2f}", flush=True)


if __name__ == "__main__":
    main()
