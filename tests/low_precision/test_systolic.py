"""Systolic array: against NumPy's matrix product and the MAC, the hardware against the model."""

import random

import numpy as np
import pytest

from hwpy.low_precision.mac import MacParameters, mac
from hwpy.low_precision.systolic import Systolic, SystolicParameters, matmul
from sim.low_precision import bench_systolic
from sim.runner import simulate

STOCHASTIC = MacParameters.parse(accumulator="s[2][8]", rounding="stochastic", random_bits=6)


@pytest.mark.parametrize("seed", range(5))
def test_exact_products_are_numpys(seed):
    generator = np.random.default_rng(seed)
    rows, columns, samples = generator.integers(1, 12, 3)
    parameters = SystolicParameters(rows, columns, MacParameters.parse(accumulator="s[7][14]"))
    x, w = generator.integers(-128, 128, (samples, rows)), generator.integers(-128, 128, (rows, columns))
    assert (matmul(parameters, x, w) == x @ w).all()


def test_sums_saturate_on_the_way():
    parameters = SystolicParameters(3, 1, MacParameters.parse(accumulator="s[0][14]"))
    # 1.98 is cut to just below 1 before 0.99 is taken away.
    assert matmul(parameters, [[127, 127, -127]], [[127], [127], [127]])[0, 0] == 2**14 - 1 - 127**2


def test_columns_share_the_words_of_their_row():
    generator = np.random.default_rng(1)
    x, w = generator.integers(-128, 128, (40, 5)), generator.integers(-128, 128, (5, 3))
    words = generator.integers(0, 64, (40, 5))
    sums = matmul(SystolicParameters(5, 3, STOCHASTIC), x, w, words)
    for c in range(3):
        assert (sums[:, c] == mac(STOCHASTIC, x, np.tile(w[:, c], (40, 1)), words)).all()


def test_sums_have_the_variance_of_independent_roundings():
    # All products are 1/2 in units of the accumulator: a rounding has variance 1/4, a sum of 16 roundings 4.
    parameters = SystolicParameters(16, 1, STOCHASTIC)
    generator = np.random.default_rng(2)
    samples = 4000
    x, w = np.full((samples, 16), 4), np.full((16, 1), 8)
    sums = matmul(parameters, x, w, generator.integers(0, 64, (samples, 16)))[:, 0]
    # Four standard errors: of the mean 2 / sqrt(samples), of the variance 4 sqrt(2 / samples).
    assert abs(sums.mean() - 8) < 4 * 2 / samples**0.5
    assert abs(sums.var() - 4) < 4 * 4 * (2 / samples) ** 0.5
    # Power: with one word for all rows the variance is 64.
    shared = np.broadcast_to(generator.integers(0, 64, (samples, 1)), (samples, 16))
    assert matmul(parameters, x, w, shared)[:, 0].var() > 50


def test_a_sample_a_clock_until_the_buffer_is_full():
    parameters = SystolicParameters(3, 4, MacParameters.parse())
    sample = np.ones(3, dtype=np.int64)
    for sink_ready, due in ((True, 200), (False, parameters.depth)):
        model, taken = Systolic(parameters), 0
        for _ in range(200):
            taken += model.ready(False)
            model.step(None, sample, None, sink_ready)
        assert taken == due


def test_sums_come_after_the_latency():
    parameters = SystolicParameters(3, 4, MacParameters.parse())
    model = Systolic(parameters)
    model.step(None, np.ones(3, dtype=np.int64), None, True)
    clocks = 1
    while model.output is None:
        model.step(None, None, None, True)
        clocks += 1
    assert clocks == parameters.latency == 11


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 1, STOCHASTIC), "rows must be 1 to 256, not 0"),
        ((1, 257, STOCHASTIC), "columns must be 1 to 256, not 257"),
        ((1, 1, MacParameters.parse(accumulator="s[1][14]", output="s[1][8]")), "output cannot be"),
    ],
)
def test_bad_parameters_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        SystolicParameters(*arguments)


def test_bad_shapes_are_refused():
    parameters = SystolicParameters(2, 3, STOCHASTIC)
    with pytest.raises(ValueError, match=r"x of shape \(samples, 2\) and w of \(2, 3\), not \(1, 3\) and \(2, 3\)"):
        matmul(parameters, np.zeros((1, 3)), np.zeros((2, 3)), np.zeros((1, 3)))
    with pytest.raises(ValueError, match=r"takes words of shape \(1, 2\), not none"):
        matmul(parameters, np.zeros((1, 2)), np.zeros((2, 3)))


def test_hardware_is_golden_in_icarus(icarus):
    for case in bench_systolic.CASES:
        simulate(bench_systolic.make(case), bench_systolic.__name__, case, simulator=icarus)


@pytest.mark.verilator
def test_hardware_of_random_parameters_is_golden_in_verilator(verilator):
    numbers = random.Random(9)
    case = {
        "rows": numbers.randint(2, 6),
        "columns": numbers.randint(2, 6),
        "x": "s[1][4]",
        "w": "s[0][5]",
        "accumulator": "s[1][5]",
        "rounding": numbers.choice(["stochastic", "stochastic-fast", "stochastic-naive"]),
        "random_bits": numbers.randint(1, 3),
        "eager": True,
    }
    simulate(bench_systolic.make(case), bench_systolic.__name__, case, simulator=verilator)
