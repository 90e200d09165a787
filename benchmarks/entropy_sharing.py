"""What sharing of noise words between p-bits does to the energy's distribution: a table.

Each word serves `share` p-bits, a clock apart along a delay line, on an 800-spin +-1 torus at fixed beta. The
reference has independent xoshiro128++ bits for every p-bit.
"""

from __future__ import annotations

import argparse

from hwpy.ising.instances import load
from hwpy.ising.solver import array_for, entropy_planes
from hwpy.ising.statistics import SharedWords, measure, sample_energies, statistics

OPTIONS = {"warm_up": 400, "samples": 300, "interval": 4}


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instance", default="torus:100x8:1")
    parser.add_argument("--replicas", type=int, default=256)
    arguments = parser.parse_args()
    model = load(arguments.instance)
    replicas = range(arguments.replicas)
    array = array_for(model, "xoshiro", fresh_bits=12, dither_bits=4)
    print("beta  share  mean error (sigma)  variance ratio (sigma)")
    for beta in (0.2, 0.5, 0.8, 1.0):
        reference = measure(array, entropy_planes(array, "xoshiro", 1, replicas), beta, **OPTIONS)
        for share in (1, 2, 4, 8, 16, 50):
            shared = SharedWords(array, entropy_planes(array, "xoshiro", 2, replicas), share)
            found = statistics(beta, sample_energies(shared, beta, **OPTIONS))
            mean, variance = found.deviations(reference)
            ratio = found.variance / reference.variance
            print(f"{beta:4.1f}  {share:5d}  {mean:18.1f}  {ratio:8.3f} ({variance:.1f})", flush=True)


if __name__ == "__main__":
    main()
