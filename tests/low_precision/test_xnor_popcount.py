"""XNOR layers: against the matrix product they stand for, and the hardware against the model."""

import random

import numpy as np
import pytest

from boards.netlist import COPIES, netlist_verilog
from boards.synthesis import TARGETS, component_rtlil, synthesise
from hwpy.low_precision.xnor_popcount import Row, XnorPopcount, XnorPopcountParameters, rows_of
from rtl.low_precision.xnor_popcount import XnorPopcount as Hardware
from sim.low_precision import bench_xnor_popcount
from sim.runner import simulate
from tests.boards.test_netlist import Copies


def _signs(word, count):
    return np.array([2 * (word >> k & 1) - 1 for k in range(count)])


@pytest.mark.parametrize("ternary", [False, True])
def test_signs_and_counts_are_those_of_the_matrix_product_for_every_input(ternary):
    generator = np.random.default_rng(1)
    weights = generator.integers(-1, 2, (7, 5)) if ternary else 2 * generator.integers(0, 2, (7, 5)) - 1
    bias = generator.integers(-3, 4, 5) + generator.choice([0, 0.5], 5)
    sign, count = (
        XnorPopcount(XnorPopcountParameters(7, 5, output=output, ternary=ternary)) for output in ("sign", "count")
    )
    for row in rows_of(weights, bias):
        sign.load(row)
        count.load(row)
    counted = (weights != 0).sum(axis=0)
    for word in range(1 << 7):
        sums = _signs(word, 7) @ weights
        assert (_signs(sign.results(word), 5) == np.where(sums + bias >= 0, 1, -1)).all()
        agree = np.array([count.results(word) >> 3 * n & 7 for n in range(5)])
        assert (2 * agree - counted == sums).all()


def test_a_stream_has_an_input_a_clock_and_the_latency_of_its_tree():
    """64 inputs: 16 fours, 4 levels, a comparison; a stall holds all stages, a row waits and is waited for."""
    layer = XnorPopcount(XnorPopcountParameters(64, 1))
    assert layer.parameters.latency == 6
    layer.step(None, Row(weights=1, threshold=64), True)
    for x in (1, 0, 1, 1):
        layer.step(x, None, True)
    assert layer.stages == [1, 1, 0, 1, None, None]
    assert not layer.load_ready
    layer.step(1, Row(), True)
    layer.step(1, Row(), True)
    assert layer.stages == [None, None, 1, 1, 0, 1]
    layer.step(0, None, False)
    assert layer.stages == [None, None, 1, 1, 0, 1]
    for _ in range(4):
        layer.step(None, None, True)
    assert layer.load_ready


def test_a_bias_beyond_all_sums_makes_the_neuron_constant():
    layer = XnorPopcount(XnorPopcountParameters(3, 2))
    for row in rows_of([[1, 1], [-1, 1], [1, -1]], [99, -99]):
        layer.load(row)
    assert {layer.results(word) for word in range(8)} == {0b01}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inputs": 0}, "inputs must be 1 to 1024, not 0"),
        ({"neurons": 257}, "neurons must be 1 to 256, not 257"),
        ({"output": "sum"}, "'sign' or 'count', not 'sum'"),
    ],
)
def test_bad_parameters_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        XnorPopcountParameters(**{"inputs": 4, "neurons": 2, **changes})


def test_bad_weights_are_refused():
    with pytest.raises(ValueError, match="must be -1, 0 or 1"):
        rows_of([[2]])


def test_hardware_is_golden_in_icarus(icarus):
    for case in bench_xnor_popcount.CASES:
        simulate(bench_xnor_popcount.make(case), bench_xnor_popcount.__name__, case, simulator=icarus)


@pytest.mark.verilator
def test_hardware_is_golden_in_verilator(verilator):
    case = bench_xnor_popcount.CASES[1]
    simulate(bench_xnor_popcount.make(case), bench_xnor_popcount.__name__, case, simulator=verilator)


@pytest.mark.parametrize("target", TARGETS)
def test_the_netlist_with_its_look_up_tables_is_golden(tmp_path, target):
    """64 layers, each with rows and inputs of its own, rows loaded at random."""
    parameters = XnorPopcountParameters(7, 2, ternary=True)
    netlist = synthesise(component_rtlil(Hardware(parameters), "top", target), "top", target, tmp_path)
    copies, models, numbers = (
        Copies(netlist_verilog(netlist)),
        [XnorPopcount(parameters) for _ in range(COPIES)],
        random.Random(1),
    )
    ones = [1] * COPIES
    checked = 0
    for _ in range(60):
        rows = [Row(numbers.getrandbits(7), numbers.getrandbits(7), numbers.randint(0, 8)) for _ in models]
        inputs, load = [numbers.getrandbits(7) for _ in models], [numbers.random() < 0.3 for _ in models]
        words = copies.settle(
            _words("rst", 1, [0] * COPIES)
            | _words("load__valid", 1, load)
            | _words("load__payload", 18, [row.weights | row.mask << 7 | row.threshold << 14 for row in rows])
            | _words("input__valid", 1, ones)
            | _words("input__payload", 7, inputs)
            | _words("output__ready", 1, ones)
        )
        offered = [model.stages[-1] is not None for model in models]
        assert [words["output__valid[0]"]] == list(_words("", 1, offered).values())
        due, seen = ([word & words["output__valid[0]"] for word in found] for found in (
            _words("", 2, [model.stages[-1] or 0 for model in models]).values(),
            (words[f"output__payload[{n}]"] for n in range(2)),
        ))  # fmt: skip
        assert seen == due
        checked += sum(offered)
        for model, x, row, loads in zip(models, inputs, rows, load, strict=True):
            model.step(x, row if loads else None, True)
        copies.clock()
    assert checked > 500


def _words(port, width, values):
    """Bit k of a port in all copies, for each k."""
    return {f"{port}[{k}]": sum((value >> k & 1) << copy for copy, value in enumerate(values)) for k in range(width)}
