"""Blocks with random parameters and seeds equal their golden models: Hypothesis draws, cocotb compares.

Each bench runs its whole stall matrix for each draw. The draws are few, since each is synthesised and built, and the
same at every run.
"""

import importlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.runner import simulate

FEW = settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)


def run(module, case):
    bench = importlib.import_module(module)
    simulate(bench.make(case), module, case)


@st.composite
def registers(draw):
    width = draw(st.integers(3, 168))
    return {
        "width": width,
        "form": draw(st.sampled_from(["fibonacci", "galois"])),
        "leap": draw(st.integers(1, width)),
        "seed": draw(st.integers(1, 2**width - 1)),
    }


@FEW
@given(case=registers())
def test_lfsr(case):
    run("sim.entropy.bench_lfsr", case)


weights = st.integers(-9, 9).filter(bool)


@FEW
@given(weights=st.lists(weights, min_size=1, max_size=6), bias=st.integers(-5, 5))
def test_pbit(weights, bias):
    run("sim.ising.bench_pbit", {"weights": weights, "bias": bias})


@FEW
@given(
    units=st.integers(1, 40),
    levels=st.sets(st.integers(1, 30), min_size=1, max_size=4),
    fresh_bits=st.integers(1, 10),
    dither_bits=st.integers(0, 6),
    spread=st.sampled_from(["pairs", "direct"]),
)
def test_noise(units, levels, fresh_bits, dither_bits, spread):
    run(
        "sim.ising.bench_noise",
        {
            "units": units,
            "levels": sorted(levels),
            "fresh_bits": fresh_bits,
            "dither_bits": dither_bits,
            "spread": spread,
        },
    )


@st.composite
def arrays(draw):
    nodes = draw(st.integers(2, 18))
    edges = draw(st.integers(1, min(nodes * (nodes - 1) // 2, 2 * nodes)))
    largest, field, seed = draw(st.integers(1, 3)), draw(st.integers(0, 3)), draw(st.integers(0, 999))
    flags = ("loadable", "clampable", "track_best", "count_flips")
    options = {name: draw(st.booleans()) for name in flags}
    options["steps"] = draw(st.sampled_from([1, 2, 8]))
    options["split"] = draw(st.integers(1, 3))
    options["fresh_bits"] = draw(st.integers(1, 10))
    options["dither_bits"] = draw(st.integers(0, 6))
    return {"instance": ["random", nodes, edges, largest, field, seed], "options": options}


@FEW
@given(case=arrays())
def test_array(case):
    run("sim.ising.bench_array", case)


@pytest.mark.parametrize("module", ["sim.ising.bench_array", "sim.ising.bench_noise"])
def test_power_a_bench_sees_a_wrong_threshold(module, monkeypatch):
    """The benches compare: hardware made for other parameters than the golden model's is caught."""
    from sim.runner import BenchFailed

    bench = importlib.import_module(module)
    case = bench.CASES[0]
    wrong = {"dither_bits": 11, "fresh_bits": 5}
    changed = {**case, "options": {**case["options"], **wrong}} if "options" in case else {**case, **wrong}
    with pytest.raises(BenchFailed):
        simulate(bench.make(changed), module, case)
