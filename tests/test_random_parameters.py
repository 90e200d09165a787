"""Blocks with random parameters and seeds equal their golden models: Hypothesis draws, cocotb compares.

Each bench runs its whole stall matrix for each draw. The draws are few, since each is synthesised and built, and the
same at every run.
"""

import importlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.runner import simulate
from sim.together import run_together

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
    step_bits=st.sampled_from([None, 0, 1]),
    share=st.integers(1, 3),
    spread=st.sampled_from(["pairs", "direct"]),
)
def test_noise(units, levels, fresh_bits, dither_bits, step_bits, share, spread):
    run(
        "sim.ising.bench_noise",
        {
            "units": units,
            "levels": sorted(levels),
            "fresh_bits": fresh_bits,
            "dither_bits": dither_bits,
            "step_bits": step_bits,
            "share": share,
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
    options["step_bits"] = draw(st.sampled_from([None, 0, 1]))
    return {"instance": ["random", nodes, edges, largest, field, seed], "options": options}


@FEW
@given(case=arrays())
def test_array(case):
    run("sim.ising.bench_array", case)


@st.composite
def boltzmann_machines(draw):
    integer, fraction = draw(st.integers(0, 3)), draw(st.integers(1, 9))
    shift = draw(st.integers(1, min(8, 17 - fraction)))
    rounding = draw(st.sampled_from(["nearest", "floor", "stochastic", "stochastic-fast", "stochastic-naive"]))
    return {
        "visible": draw(st.integers(2, 20)),
        "hidden": draw(st.integers(2, 18)),
        "weight": f"s[{integer}][{fraction}]",
        "rate_fraction": fraction + shift,
        "rounding": rounding,
        "random_bits": draw(st.integers(1, shift)) if rounding.startswith("stochastic") else 0,
        "lanes": draw(st.integers(1, 5)),
    }


@FEW
@given(case=boltzmann_machines())
def test_rbm(case):
    run("sim.ising.bench_rbm", case)


@FEW
@given(count=st.integers(2, 70), seed=st.integers(0, 999))
def test_smtj_bank(count, seed):
    run("sim.entropy.bench_smtj_bank", {"count": count, "seed": seed})


@FEW
@given(code_bits=st.integers(1, 16), gain=st.integers(0, 8), rising=st.booleans())
def test_bias_feedback(code_bits, gain, rising):
    run("sim.entropy.bench_bias_feedback", {"code_bits": code_bits, "gain": gain, "rising": rising})


@st.composite
def health_tests(draw):
    return {
        "width": draw(st.integers(1, 4)),
        "entropy": draw(st.sampled_from([0.5, 0.8, 1.0])),
        "false_alarm": draw(st.sampled_from([0.01, 0.001, 2.0**-20])),
        "window": draw(st.integers(80, 200)),
        "lags": draw(st.integers(0, 5)),
        "startup": draw(st.integers(0, 100)),
        "timeout": draw(st.integers(1, 30)),
    }


@FEW
@given(case=health_tests())
def test_health(case):
    run("sim.entropy.bench_health", case)


@st.composite
def graphs_of_junctions(draw):
    count = draw(st.integers(1, 5))
    others = [[k for k in range(count) if k != j] for j in range(count)]
    return {"neighbours": [draw(st.lists(st.sampled_from(row), unique=True)) if row else [] for row in others]}


@FEW
@given(case=graphs_of_junctions())
def test_junction_emulator(case):
    run("sim.ising.bench_junction_emulator", case)


@st.composite
def bricks(draw):
    """One of each block of stochastic computing, as benches to run together."""

    def numbers(low, high, count):
        return draw(st.lists(st.integers(low, high), min_size=count, max_size=count))

    def one_of(*values):
        return draw(st.sampled_from(values))

    few, bits, seed = st.integers(1, 4), st.integers(1, 8), draw(st.integers(1, 999))
    kind = one_of("and", "or", "xor", "xnor", "mux", "divide", "not")
    width, count, approximate = draw(bits), draw(few), draw(st.booleans())
    shuffle = draw(st.booleans())
    parts = {
        "gates": {"kind": kind} | ({"inputs": draw(st.integers(2, 6))} if kind in ("and", "or", "xor") else {}),
        "feedback": {"width": draw(st.integers(2, 9)), "kind": one_of("divide", "square root")},
        "fsm": {"states": 2 * draw(st.integers(1, 20)), "kind": one_of("tanh", "relu")},
        "decorrelator": {"depth": 2 ** draw(few), "kind": "shuffle"}
        if shuffle
        else {"depth": draw(st.integers(1, 20))},
        "counter": {
            "inputs": draw(st.integers(1, 9)) * (1 + approximate),
            "length": draw(bits),
            "encoding": one_of("unipolar", "bipolar", "two-rail"),
            "approximate": approximate,
        },
        "generator": {
            "width": width,
            "count": count,
            "method": one_of("comparator", "weighted"),
            "fresh": draw(st.booleans()),
            "rotations": numbers(0, width - 1, count),
            "delays": numbers(0, 5, count),
        },
        "sequences": one_of(
            {
                "kind": "lfsr",
                "width": width + 2,
                "seed": draw(st.integers(1, 7)),
                "form": one_of("galois", "fibonacci"),
            },
            {"kind": "sobol", "width": width, "dimensions": draw(bits)},
            {"kind": "ramp", "width": width},
        ),
        "image_filters": {"kind": one_of("roberts", "gaussian", "median")},
        "apc_neuron": {"inputs": 2 * draw(bits), "approximate": draw(st.booleans()), "states": 2 * draw(bits)},
        "or_neuron": {"inputs": draw(st.integers(1, 40))},
        "or_layer": {
            "shape": {
                "inputs": draw(st.integers(3, 12)),
                "neurons": draw(few),
                "weight_bits": draw(bits),
                "entropy": one_of("shared", "own"),
            },
            "seed": seed,
        },
        "loaded_or_layer": {
            "shape": {"inputs": draw(st.integers(1, 12)), "neurons": draw(few), "weight_bits": draw(bits)},
            "signed": draw(st.booleans()),
            "seed": seed,
        },
    }
    return [(f"sim.stochastic_computing.bench_{block}", case) for block, case in parts.items()]


@settings(FEW, max_examples=3)
@given(parts=bricks())
def test_bricks_of_stochastic_computing(parts):
    run_together(parts)


@st.composite
def float_macs(draw):
    """Any formats with any rounding; eager where the unit can be."""
    formats = ["e4m3", "e5m2", "e6m5", "bfloat16", "e3m4", "e5m10"]
    x, w, accumulator = (draw(st.sampled_from(formats)) for _ in range(3))
    eager = draw(st.booleans())
    if eager:
        x, w, accumulator = "e5m2", draw(st.sampled_from(["e5m2", "e4m3"])), draw(st.sampled_from(["e6m6", "e7m9"]))
    modes = ["stochastic", "stochastic-fast", "stochastic-naive", "nearest", "zero"]
    mode = draw(st.sampled_from(modes[:3] if eager else modes))
    return {
        "x": x,
        "w": w,
        "accumulator": accumulator,
        "rounding": mode,
        "random_bits": draw(st.integers(2, 14)) if mode.startswith("stochastic") else 0,
        "eager": eager,
        "sums": draw(st.integers(1, 4)),
        "saturate": draw(st.booleans()),
    }


@FEW
@given(case=float_macs())
def test_float_mac(case):
    run("sim.low_precision.bench_float_mac", case)


@FEW
@given(
    inputs=st.integers(1, 40),
    neurons=st.integers(1, 6),
    output=st.sampled_from(["sign", "count"]),
    ternary=st.booleans(),
)
def test_xnor_popcount(inputs, neurons, output, ternary):
    case = {"inputs": inputs, "neurons": neurons, "output": output, "ternary": ternary}
    run("sim.low_precision.bench_xnor_popcount", case)


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
