"""The fast engine gives the golden model's states, bit for bit, from every entropy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwpy.ising.array import PBitArray, PBitArrayParameters, Phase, Target, packed_result
from hwpy.ising.fast import FastArray, pack, unpack
from hwpy.ising.instances import load
from hwpy.ising.model import IsingModel
from hwpy.ising.solver import array_for, entropy_planes, entropy_stream, golden_run, run_golden, solve

BETAS = [0.1, 0.4, 1.1]


@st.composite
def models(draw):
    """Connected or not, with equal or mixed weights, with fields or none: 2 to 14 spins."""
    nodes = draw(st.integers(2, 14))
    pairs = [(i, j) for i in range(nodes) for j in range(i + 1, nodes)]
    chosen = sorted(draw(st.sets(st.sampled_from(pairs), min_size=1, max_size=3 * nodes)))
    largest, field = draw(st.sampled_from([(1, 0), (1, 2), (6, 0), (5, 4)]))
    weight = st.integers(-largest, largest).filter(bool)
    return IsingModel(
        nodes,
        np.array([i for i, _ in chosen], np.int32),
        np.array([j for _, j in chosen], np.int32),
        np.array(draw(st.lists(weight, min_size=len(chosen), max_size=len(chosen))), np.int64),
        np.array(draw(st.lists(st.integers(-field, field), min_size=nodes, max_size=nodes)), np.int64),
    )


def torus(rows, columns, seed=1):
    rng = np.random.default_rng(seed)
    edges = set()
    for r in range(rows):
        for c in range(columns):
            for other in ((r + 1) % rows * columns + c, r * columns + (c + 1) % columns):
                edges.add(tuple(sorted((r * columns + c, other))))
    keys = np.array(sorted(edges), np.int32)
    zero = np.zeros(rows * columns, np.int64)
    return IsingModel(rows * columns, keys[:, 0], keys[:, 1], rng.choice([-1, 1], len(keys)), zero)


def assert_equal(array, entropy, seed, replicas, sweeps=3):
    fast = FastArray(array, entropy_planes(array, entropy, seed, range(replicas)))
    fast.anneal(BETAS, sweeps)
    for replica in range(replicas):
        golden = run_golden(array, BETAS, sweeps, entropy, seed, replica)
        assert (unpack(fast.spins, replicas)[:, replica] == golden.spins).all()
        assert fast.best_energy[replica] == golden.best_energy
        assert (unpack(fast.best_spins, replicas)[:, replica] == golden.best_spins).all()


@settings(max_examples=25, deadline=None, derandomize=True)
@given(model=models(), entropy=st.sampled_from(["lfsr", "xoshiro", "smtj"]), seed=st.integers(0, 1 << 40))
def test_fast_equals_golden_on_any_model(model, entropy, seed):
    assert_equal(array_for(model, entropy), entropy, seed, 2)


@pytest.mark.parametrize("fresh_bits", [1, 4, 8, 16])
@pytest.mark.parametrize("entropy", ["lfsr", "smtj"])
def test_fast_equals_golden_on_the_square_lattice(fresh_bits, entropy):
    array = array_for(torus(6, 8), entropy, fresh_bits=fresh_bits, dither_bits=16 - fresh_bits)
    assert_equal(array, entropy, 7, 70 if fresh_bits == 4 else 3)


@pytest.mark.parametrize(("step_bits", "share"), [(0, 1), (2, 1), (2, 3), (None, 4)])
def test_fast_equals_golden_with_magnitudes_of_the_levels_own_and_shared_words(step_bits, share):
    for model in (torus(6, 8), load("random:30:60:4")):
        array = array_for(model, "lfsr", fresh_bits=4, dither_bits=12, step_bits=step_bits, share=share)
        assert_equal(array, "lfsr", 7, 3)


def test_fast_equals_golden_with_several_pools():
    array = PBitArrayParameters(torus(44, 42), fresh_bits=4, dither_bits=12, track_best=True)
    assert array.noise.pools == 2
    assert_equal(array, "lfsr", 1, 1, sweeps=1)


def test_energies_are_the_models():
    array = array_for(torus(10, 10))
    fast = FastArray(array, entropy_planes(array, "lfsr", 3, range(100)))
    fast.anneal(BETAS, 5)
    states = np.where(unpack(fast.spins, 100), 1, -1).astype(np.int8).T
    assert (fast.energy[:100] == array.model.integer_energy(states)).all()


def test_planes_round_trip():
    bits = np.random.default_rng(0).integers(0, 2, (5, 131)).astype(bool)
    assert (unpack(pack(bits), 131) == bits).all()


def test_solve_does_not_depend_on_the_number_of_processors(monkeypatch):
    model = torus(8, 8)
    results = []
    for processors in (1, 3):
        monkeypatch.setattr("os.cpu_count", lambda n=processors: n)
        results.append(solve(model, sweeps=20, replicas=200, seed=5))
    for key in ("energy", "state", "energies", "flips"):
        assert results[0][key] == results[1][key]


@pytest.mark.parametrize("entropy", ["lfsr", "xoshiro", "smtj"])
def test_solve_on_golden_equals_solve_on_fast(entropy):
    model = torus(4, 6)
    fast, golden = (
        solve(model, entropy=entropy, engine=engine, sweeps=6, replicas=3, seed=11) for engine in ("fast", "golden")
    )
    for key in ("energy", "state", "energies"):
        assert fast[key] == golden[key]


@pytest.mark.parametrize("entropy", ["lfsr", "smtj"])
def test_solve_on_the_simulated_hardware_equals_solve_on_fast(entropy):
    model = torus(4, 4, seed=2)
    fast, rtl = (
        solve(model, entropy=entropy, engine=engine, sweeps=8, replicas=2, seed=3) for engine in ("fast", "rtl")
    )
    for key in ("energy", "state", "energies"):
        assert fast[key] == rtl[key]


def test_solve_reaches_the_exhaustive_ground_state():
    model = torus(4, 4, seed=3)
    states = np.array(np.meshgrid(*[[-1, 1]] * 16, indexing="ij"), np.int8).reshape(16, -1).T
    result = solve(model, sweeps=200, replicas=64)
    assert result["energy"] == model.energy(states).min()
    assert model.energy(np.array(result["state"], np.int8)) == result["energy"]


def test_couplings_of_many_magnitudes_are_rounded_for_the_array_only():
    rng = np.random.default_rng(4)
    pairs = np.array([(i, j) for i in range(12) for j in range(i + 1, 12)], np.int32)
    model = IsingModel(
        12, pairs[:, 0], pairs[:, 1], rng.integers(1, 10**6, len(pairs)), rng.integers(-(10**6), 10**6, 12)
    )
    states = np.array(np.meshgrid(*[[-1, 1]] * 12, indexing="ij"), np.int8).reshape(12, -1).T
    result = solve(model, sweeps=300, replicas=64)
    assert result["energy"] == pytest.approx(model.energy(np.array(result["state"], np.int8)))
    # The ground state of the rounded couplings may differ; it must be within 1 % of the exact one here.
    assert result["energy"] <= 0.99 * model.energy(states).min()


def test_result_words_unpack():
    array = array_for(torus(4, 6), "lfsr", count_flips=True)
    golden = PBitArray(array)
    for word in [*array.program(BETAS, 2), (Target.START, 0, 0)]:
        golden.tick(load=word)
    stream = entropy_stream(array, "lfsr", 2, 0)
    words = []
    while golden.phase != Phase.IDLE:
        if golden.phase == Phase.READ:
            if golden.word or words:
                words.append(golden.result)
                golden.tick(result_ready=True)
            else:
                golden.tick()  # the first clock looks at the last state
                words.append(golden.result)
                golden.tick(result_ready=True)
        else:
            golden.tick(entropy=next(stream))
    assert len(words) == len(array.result_words())
    result = packed_result(array, words)
    last, best, state = golden_run(array, BETAS, 2, "lfsr", 2, 0)
    assert result["best_energy"] == best
    assert (result["best_state"] == state).all()
    assert array.model.integer_energy(result["state"]) == last
    assert 0 < result["flips"] <= 24 * 6
