"""Does every entropy arrangement sample a large array rightly? A table.

For each instance and beta: the energy's mean and variance against independent xoshiro128++ bits, in standard errors,
and the fluctuation identity -(d<E>/dbeta) / Var(E), which is 1. 'shared 50' is the counter-example: every noise word
serves 50 p-bits along a delay line.

A random graph of mean degree 4 is a spin glass beyond tanh(beta) = 1/2, where no array comes to equilibrium in any
time to be had: the temperatures lie above.
"""

from __future__ import annotations

import argparse

from hwpy.ising.instances import load
from hwpy.ising.solver import array_for, entropy_planes
from hwpy.ising.statistics import SharedWords, fluctuation_ratio, measure, sample_energies, statistics

OPTIONS = {"warm_up": 3000, "samples": 400, "interval": 4}
INSTANCES = {"torus:100x8:1": (0.2, 0.5, 0.8, 1.0), "random:2000:4000:1": (0.2, 0.3, 0.4, 0.5)}
#: Entropy, random bits of the first level's magnitude, of each further level's own, parts of each colour.
ARRANGEMENTS = (
    ("lfsr", 8, None, 1),
    ("lfsr", 4, None, 1),
    ("lfsr", 4, None, 2),
    ("lfsr", 4, 2, 1),
    ("smtj", 8, None, 1),
    ("smtj", 4, 2, 1),
)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("instances", nargs="*", default=list(INSTANCES))
    parser.add_argument("--betas", type=float, nargs="+")
    parser.add_argument("--replicas", type=int, default=512)
    arguments = parser.parse_args()
    replicas = range(arguments.replicas)
    for instance in arguments.instances:
        model = load(instance)
        exact = array_for(model, "xoshiro", fresh_bits=16, dither_bits=0)
        print(f"{instance}: mean and variance in standard errors, variance ratio, fluctuation ratio")
        for beta in arguments.betas or INSTANCES.get(instance, INSTANCES["torus:100x8:1"]):
            reference = measure(exact, entropy_planes(exact, "xoshiro", 1, replicas), beta, **OPTIONS)
            for entropy, fresh_bits, step_bits, split in ARRANGEMENTS:
                bits = {"fresh_bits": fresh_bits, "dither_bits": 16 - fresh_bits, "step_bits": step_bits}
                array = array_for(model, entropy, split=split, **bits)
                found = measure(array, entropy_planes(array, entropy, 2, replicas), beta, **OPTIONS)
                identity = fluctuation_ratio(array, entropy_planes(array, entropy, 3, replicas), beta, 0.03, **OPTIONS)
                name = f"{entropy}, {fresh_bits}{'' if step_bits is None else f' + {step_bits}'} bits / {split}"
                _row(beta, name, found, reference, identity)
            shared = SharedWords(exact, entropy_planes(exact, "xoshiro", 2, replicas), 50)
            found = statistics(beta, sample_energies(shared, beta, **OPTIONS))
            _row(beta, "shared 50", found, reference, float("nan"))


def _row(beta, name, found, reference, identity):
    mean, variance = found.deviations(reference)
    ratio = found.variance / reference.variance
    print(f"{beta:4.1f}  {name:20s} {mean:6.1f} {variance:6.1f}  {ratio:6.3f}  {identity:6.3f}", flush=True)


if __name__ == "__main__":
    main()
