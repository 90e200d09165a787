"""Large arrays: the energy's mean and variance do not tell shared entropy from independent randomness.

Three standard errors on each of the two, at two temperatures and fixed seeds: level 0.0027 each.
`benchmarks/energy_statistics.py` does the same at full size.
"""

from functools import cache

import pytest

from hwpy.ising.instances import generate
from hwpy.ising.solver import array_for, entropy_planes
from hwpy.ising.statistics import SharedWords, fluctuation_ratio, measure, sample_energies, statistics

OPTIONS = {"warm_up": 300, "samples": 150, "interval": 4}
REPLICAS = range(256)
BETAS = (0.4, 0.9)


@cache
def model():
    return generate("torus:40x20:1")


@cache
def reference(beta):
    array = array_for(model(), "xoshiro", fresh_bits=16, dither_bits=0)
    return measure(array, entropy_planes(array, "xoshiro", 1, REPLICAS), beta, **OPTIONS)


@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize(
    ("entropy", "fresh_bits", "step_bits", "split"),
    [("lfsr", 8, None, 1), ("lfsr", 4, 2, 1), ("lfsr", 4, None, 2), ("smtj", 8, None, 1)],
)
def test_mean_and_variance_agree_with_independent_randomness(entropy, fresh_bits, step_bits, split, beta):
    options = {"fresh_bits": fresh_bits, "dither_bits": 16 - fresh_bits, "step_bits": step_bits, "split": split}
    array = array_for(model(), entropy, **options)
    found = measure(array, entropy_planes(array, entropy, 2, REPLICAS), beta, **OPTIONS)
    mean, variance = found.deviations(reference(beta))
    assert abs(mean) < 3
    assert abs(variance) < 3


@pytest.mark.parametrize("beta", BETAS)
def test_power_words_shared_by_fifty_pbits_fail(beta):
    array = array_for(model(), "xoshiro", fresh_bits=16, dither_bits=0)
    shared = SharedWords(array, entropy_planes(array, "xoshiro", 2, REPLICAS), 50)
    _, variance = statistics(beta, sample_energies(shared, beta, **OPTIONS)).deviations(reference(beta))
    assert abs(variance) > 5


@pytest.mark.parametrize("entropy", ["lfsr", "smtj"])
def test_the_fluctuation_identity_holds(entropy):
    array = array_for(model(), entropy)
    ratio = fluctuation_ratio(array, entropy_planes(array, entropy, 3, REPLICAS), 0.5, 0.04, **OPTIONS)
    assert ratio == pytest.approx(1, abs=0.03)
