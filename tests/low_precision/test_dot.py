"""Dot products of several lanes: against exact sums and the MAC, the hardware against the model."""

import numpy as np
import pytest

from hwpy.low_precision.dot import DotParameters, dot
from hwpy.low_precision.mac import MacParameters, mac
from hwpy.low_precision.rounding import shift_right
from sim.low_precision import bench_dot
from sim.runner import simulate


def _numbers(seed, *shape):
    return np.random.default_rng(seed).integers(-128, 128, shape)


def test_exact_sums_are_numpys():
    parameters = DotParameters(MacParameters.parse(accumulator="s[7][14]"), 4)
    x, w = _numbers(1, 50, 19), _numbers(2, 50, 19)
    assert (dot(parameters, x, w) == (x * w).sum(axis=1)).all()


def test_one_lane_is_the_mac():
    parameters = MacParameters.parse(accumulator="s[1][8]", rounding="stochastic", random_bits=4)
    x, w = _numbers(3, 50, 19), _numbers(4, 50, 19)
    words = np.random.default_rng(5).integers(0, 16, x.shape)
    assert (dot(DotParameters(parameters, 1), x, w, words) == mac(parameters, x, w, words)).all()


def test_all_lanes_together_round_once():
    parameters = MacParameters.parse(accumulator="s[7][8]", rounding="stochastic", random_bits=4)
    x, w = _numbers(6, 50, 19), _numbers(7, 50, 19)
    words = np.random.default_rng(8).integers(0, 16, (50, 1))
    once = shift_right((x * w).sum(axis=1), 6, parameters.rounding, words[:, 0])
    assert (dot(DotParameters(parameters, 32), x, w, words) == once).all()


@pytest.mark.parametrize("lanes", [0, 65])
def test_lanes_out_of_range_are_refused(lanes):
    with pytest.raises(ValueError, match=f"lanes must be 1 to 64, not {lanes}"):
        DotParameters(MacParameters.parse(), lanes)


def test_hardware_is_golden_in_icarus(icarus):
    for case in bench_dot.CASES:
        simulate(bench_dot.make(case), bench_dot.__name__, case, simulator=icarus)
