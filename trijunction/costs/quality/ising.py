"""Ising: how often an annealed array reaches a planted ground state, and how rightly it samples at one temperature.

The arrays are made as the report builds them (`trijunction.costs.ways.ising`): the same noise words, made of a pool. A
source that is too poor to sample may still search well, so both are looked at:

- search: flips until the ground state of a planted instance is met with 99 %, by as many anneals as that takes;
- sampling: the mean energy of the built instance, against 16 independent bits an update.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from hwpy.entropy.planes import LfsrPlanes, SmtjPlanes, XoshiroPlanes
from hwpy.ising import schedule
from hwpy.ising.array import PBitArrayParameters
from hwpy.ising.fast import FastArray
from hwpy.ising.instances import generate
from hwpy.ising.statistics import EnergyStatistics, measure
from hwpy.stochastic_computing.inference import wilson
from trijunction.costs.quality.source import Band, Estimate, Source

__all__ = ["FIGURE", "KNOB", "QUALITY", "SEARCH", "built", "curve", "sampling", "work"]

#: What the knob is, what the figure is, and in which units.
KNOB, FIGURE = ("sweeps of an anneal", ""), ("P(ground state)", "")
QUALITY = "the planted ground state met with 99 %"
#: A lattice as the built one, with a ground state that is known; and the built one, at its temperature.
SEARCH, SAMPLING, BETA = "planted:16x16:1", "torus:24x24:1", 0.5
SWEEPS = (32, 64, 128, 256, 512, 1024)
#: The anneals whose flips are counted: of those in `SWEEPS` they take the fewest.
BUILT = 256
REPLICAS, BLOCK = 4096, 512
_GOAL = 0.99
_SAMPLES = {"warm_up": 400, "samples": 200, "interval": 4}


def array(instance: str, steps: int = 1) -> PBitArrayParameters:
    """The built arrangement on an instance."""
    return PBitArrayParameters(generate(instance), fresh_bits=4, dither_bits=12, step_bits=2, steps=steps)


def planes(parameters: PBitArrayParameters, source: Source, seed: int, replicas: range):  # type: ignore[no-untyped-def]
    """The source's bits for the pool of each replica."""
    noise = parameters.noise
    if source.name == "lfsr":
        return LfsrPlanes(noise.pool_width, noise.pools, seed, replicas)
    if source.name == "xoshiro":
        return XoshiroPlanes(noise.entropy_width, seed, replicas)
    chain = source.chain
    return SmtjPlanes(noise.entropy_width, (chain.escape_from_0, chain.escape_from_1), seed, replicas)


@cache
def reached(source: Source, sweeps: int, replicas: int = REPLICAS, seed: int = 1) -> tuple[int, int]:
    """Of how many anneals the last state is a ground state, and of how many there were."""
    parameters = array(SEARCH, 256)
    model = parameters.model
    steps, each = schedule.split_sweeps(sweeps, parameters.steps)
    betas = schedule.betas(*schedule.default_range(model), steps, "geometric")
    right, ground = 0, model.ground_energy
    assert ground is not None
    for first in range(0, replicas, BLOCK):
        block = range(first, min(first + BLOCK, replicas))
        fast = FastArray(parameters, planes(parameters, source, seed, block), track_best=False)
        fast.anneal(betas, each)
        right += int((fast.energy[: len(block)] <= ground).sum())
    return right, replicas


def curve(source: Source) -> Band:
    """P(ground state) against the sweeps of an anneal, with Wilson's 95 % interval."""
    band = Band(list(SWEEPS))
    for sweeps in SWEEPS:
        right, count = reached(source, sweeps)
        band.y.append(Estimate(right / count, *wilson(right, count)))
    return band


def work(source: Source) -> Estimate:
    """Flips to the ground state with 99 %, by anneals of `BUILT` sweeps."""
    right, count = reached(source, BUILT)
    low, high = wilson(right, count)
    return Estimate(*(built() * _anneals(p) for p in (right / count, high, low)))


def built() -> int:
    """Flips of an anneal of `BUILT` sweeps."""
    return generate(SEARCH).nodes * BUILT


def _anneals(p: float) -> float:
    """As many as meet the goal, on average; at least one."""
    if p <= 0:
        return math.inf
    return math.log(1 - _GOAL) / math.log1p(-p) if p < _GOAL else 1.0


@cache
def _energies(source: Source | None, seed: int) -> EnergyStatistics:
    """At `BETA`; None: of a noise word of 16 independent bits, made by xoshiro."""
    if source is None:
        exact = PBitArrayParameters(generate(SAMPLING), fresh_bits=16, dither_bits=0, spread="direct")
        bits = XoshiroPlanes(exact.noise.entropy_width, seed, range(BLOCK))
        return measure(exact, bits, BETA, **_SAMPLES)
    parameters = array(SAMPLING)
    return measure(parameters, planes(parameters, source, seed, range(BLOCK)), BETA, **_SAMPLES)


def sampling(source: Source) -> tuple[Estimate, Estimate]:
    """Relative error of the mean energy and ratio of the variances, against independent bits; 95 % intervals."""
    found, exact = _energies(source, 2), _energies(None, 3)
    error = found.mean / exact.mean - 1
    half = 1.96 * float(np.hypot(found.mean_error, exact.mean_error)) / abs(exact.mean)
    ratio = found.variance / exact.variance
    wide = 1.96 * ratio * float(np.hypot(found.variance_error / found.variance, exact.variance_error / exact.variance))
    return Estimate(error, error - half, error + half), Estimate(ratio, ratio - wide, ratio + wide)
