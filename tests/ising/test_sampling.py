"""Sampling is right: small arrays against exact enumeration, with wrong sources that must fail.

Every test is a chi-square test of the counts of all states at level ALPHA with a fixed seed. Counts come from
replicas that share nothing, one state each, so they are independent whatever the sampler's correlation in time.
"""

from functools import cache

import numpy as np
import pytest
from scipy import stats

from hwpy.entropy.planes import SmtjPlanes
from hwpy.ising.fast import FastArray, unpack
from hwpy.ising.model import IsingModel
from hwpy.ising.solver import array_for, entropy_planes

ALPHA = 1e-3
REPLICAS = 512
SWEEPS = 40  # between two counts
COUNTS = 60


def graph(name):
    """Small graphs, frustrated and not, with and without fields."""
    rng = np.random.default_rng(sum(map(ord, name)))
    if name == "pair":
        edges, fields = [(0, 1)], [1, 0]
    elif name == "triangle, frustrated":
        edges, fields = [(0, 1), (0, 2), (1, 2)], [0, 0, 0]
    elif name == "ring of 8":
        edges, fields = sorted([(i, i + 1) for i in range(7)] + [(0, 7)]), [0] * 8
    elif name == "star of 7 with fields":
        edges, fields = [(0, i) for i in range(1, 7)], [2, -1, 1, 0, -2, 1, 1]
    elif name == "K5, mixed weights":
        edges, fields = [(i, j) for i in range(5) for j in range(i + 1, 5)], [1, -2, 0, 3, 0]
    elif name == "torus 3x4":
        cells = [(r, c) for r in range(3) for c in range(4)]
        edges = sorted(
            {
                tuple(sorted((4 * r + c, 4 * ((r + dr) % 3) + (c + dc) % 4)))
                for r, c in cells
                for dr, dc in ((0, 1), (1, 0))
            }
        )
        fields = [0] * 12
    n = len(fields)
    if name.startswith("triangle"):
        weights = [-1, -1, -1]
    elif "mixed" in name:
        weights = rng.integers(1, 4, len(edges)) * rng.choice([-1, 1], len(edges))
    else:
        weights = rng.choice([-1, 1], len(edges))
    pairs = np.array(edges, np.int32)
    return IsingModel(n, pairs[:, 0], pairs[:, 1], np.array(weights, np.int64), np.array(fields, np.int64))


GRAPHS = ["pair", "triangle, frustrated", "ring of 8", "star of 7 with fields", "K5, mixed weights", "torus 3x4"]


def exact(model, beta):
    """The Boltzmann probabilities of all 2**n states, state k having spin i = +1 where bit i of k is set."""
    codes = np.arange(1 << model.nodes)
    states = np.where(codes[:, None] >> np.arange(model.nodes) & 1, 1, -1).astype(np.int8)
    weight = np.exp(-beta * (model.integer_energy(states) - model.integer_energy(states).min()))
    return weight / weight.sum()


def sampled(model, beta, source, array):
    fast = FastArray(array, source, track_best=False)
    fast.anneal([beta], 200)
    counts = np.zeros(1 << model.nodes, np.int64)
    for _ in range(COUNTS):
        fast.anneal([beta], SWEEPS)
        codes = (unpack(fast.spins, REPLICAS).astype(np.int64) << np.arange(model.nodes)[:, None]).sum(axis=0)
        counts += np.bincount(codes, minlength=len(counts))
    return counts


def p_value(counts, probabilities):
    """Of a chi-square test, with the rarest states put together until each class expects 10."""
    order = np.argsort(probabilities)
    expected, observed = [0.0], [0]
    for k in order:
        if expected[-1] >= 10:
            expected.append(0.0)
            observed.append(0)
        expected[-1] += probabilities[k] * counts.sum()
        observed[-1] += counts[k]
    return stats.chisquare(observed, expected).pvalue


@cache
def settings(name, entropy):
    model = graph(name)
    beta = 0.7 if "mixed" not in name else 0.3
    return model, beta, array_for(model, entropy)


@pytest.mark.parametrize("entropy", ["lfsr", "xoshiro", "smtj"])
@pytest.mark.parametrize("name", GRAPHS)
def test_small_arrays_sample_the_boltzmann_distribution(name, entropy):
    model, beta, array = settings(name, entropy)
    counts = sampled(model, beta, entropy_planes(array, entropy, 1, range(REPLICAS)), array)
    assert p_value(counts, exact(model, beta)) > ALPHA


@pytest.mark.parametrize(("fresh_bits", "step_bits"), [(4, None), (4, 2), (5, 1), (12, None)])
def test_few_fresh_bits_and_dither_sample_it_too(fresh_bits, step_bits):
    model = graph("torus 3x4")
    array = array_for(model, "lfsr", fresh_bits=fresh_bits, dither_bits=16 - fresh_bits, step_bits=step_bits)
    counts = sampled(model, 0.7, entropy_planes(array, "lfsr", 3, range(REPLICAS)), array)
    assert p_value(counts, exact(model, 0.7)) > ALPHA


class SharedBit:
    """A deliberately correlated source: each word's bits repeat in the next word."""

    def __init__(self, source):
        self.source = source
        self.planes = source.planes
        self.step()

    def step(self):
        self.source.step()
        self.planes = self.source.planes.copy()
        self.planes[1::2] = self.planes[::2][: len(self.planes[1::2])]


@pytest.mark.parametrize("name", ["ring of 8", "torus 3x4", "K5, mixed weights"])
def test_power_a_source_whose_bits_come_twice_fails(name):
    model, beta, array = settings(name, "xoshiro")
    counts = sampled(model, beta, SharedBit(entropy_planes(array, "xoshiro", 1, range(REPLICAS))), array)
    assert p_value(counts, exact(model, beta)) < ALPHA


@pytest.mark.parametrize("name", ["pair", "ring of 8", "torus 3x4"])
def test_power_a_junction_sampled_within_its_dwell_time_fails(name):
    model, beta, array = settings(name, "smtj")
    # Escapes with P = 1/32 between two samples: sampled 32 times in a mean dwell.
    source = SmtjPlanes(array.noise.entropy_width, (2048, 2048), 1, range(REPLICAS))
    assert p_value(sampled(model, beta, source, array), exact(model, beta)) < ALPHA


def test_power_a_wrong_temperature_fails():
    model, beta, array = settings("torus 3x4", "lfsr")
    counts = sampled(model, beta * 1.05, entropy_planes(array, "lfsr", 1, range(REPLICAS)), array)
    assert p_value(counts, exact(model, beta)) < ALPHA
