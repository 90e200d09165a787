"""Does every entropy arrangement sample a large array rightly? A table.

For each instance and beta: the energy's mean and variance against independent xoshiro128++ bits, in standard errors,
and the fluctuation identity -(d<E>/dbeta) / Var(E), which is 1. 'shared 50' is the counter-example: every noise word
serves 50 p-bits along a delay line.
"""

from __future__ import annotations

import argparse

from hwpy.ising.instances import load
from hwpy.ising.solver import array_for, entropy_planes
from hwpy.ising.statistics import SharedWords, fluctuation_ratio, measure, sample_energies, statistics

OPTIONS = {"warm_up": 3000, "samples": 400, "interval": 4}
BETAS = (0.2, 0.5, 0.8, 1.0)
#: Entropy, random bits of a noise word's magnitude, parts that each colour is updated in.
ARRANGEMENTS = (("lfsr", 8, 1), ("lfsr", 4, 1), ("lfsr", 4, 2), ("smtj", 8, 1))


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("instances", nargs="*", default=["torus:100x8:1", "random:2000:4000:1"])
    parser.add_argument("--replicas", type=int, default=512)
    arguments = parser.parse_args()
    replicas = range(arguments.replicas)
    for instance in arguments.instances:
        model = load(instance)
        exact = array_for(model, "xoshiro", fresh_bits=16, dither_bits=0)
        print(f"{instance}: mean and variance in standard errors, variance ratio, fluctuation ratio")
        for beta in BETAS:
            reference = measure(exact, entropy_planes(exact, "xoshiro", 1, replicas), beta, **OPTIONS)
            for entropy, fresh_bits, split in ARRANGEMENTS:
                array = array_for(model, entropy, fresh_bits=fresh_bits, dither_bits=16 - fresh_bits, split=split)
                found = measure(array, entropy_planes(array, entropy, 2, replicas), beta, **OPTIONS)
                identity = fluctuation_ratio(array, entropy_planes(array, entropy, 3, replicas), beta, 0.03, **OPTIONS)
                _row(beta, f"{entropy}, {fresh_bits} bits / {split}", found, reference, identity)
            shared = SharedWords(exact, entropy_planes(exact, "xoshiro", 2, replicas), 50)
            found = statistics(beta, sample_energies(shared, beta, **OPTIONS))
            _row(beta, "shared 50", found, reference, float("nan"))


def _row(beta, name, found, reference, identity):
    mean, variance = found.deviations(reference)
    ratio = found.variance / reference.variance
    print(f"{beta:4.1f}  {name:16s} {mean:6.1f} {variance:6.1f}  {ratio:6.3f}  {identity:6.3f}", flush=True)


if __name__ == "__main__":
    main()
