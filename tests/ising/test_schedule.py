"""Schedules: ends, spacing, and the range that suits an instance."""

import numpy as np
import pytest

from hwpy.ising.instances import generate
from hwpy.ising.schedule import betas, default_range, split_sweeps


def test_linear_has_equal_differences_and_geometric_equal_ratios():
    linear, geometric = betas(0.1, 3.2, 32, "linear"), betas(0.1, 3.2, 6, "geometric")
    assert np.allclose(np.diff(linear), 0.1)
    assert geometric == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2])


def test_one_step_is_the_end():
    assert betas(0.1, 2.0, 1, "geometric") == [2.0]


@pytest.mark.parametrize(("start", "end"), [(0, 1), (2, 1), (float("nan"), 1), (1, float("inf"))])
def test_a_range_that_does_not_rise_is_refused(start, end):
    with pytest.raises(ValueError, match="beta must rise"):
        betas(start, end, 4, "linear")


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="'linear' or 'geometric', not 'cubic'"):
        betas(1, 2, 4, "cubic")


@pytest.mark.parametrize(("sweeps", "steps"), [(1, 256), (255, 256), (256, 256), (257, 256), (10_000, 256), (7, 1)])
def test_sweeps_are_split_into_few_enough_steps(sweeps, steps):
    count, each = split_sweeps(sweeps, steps)
    assert count <= steps
    assert sweeps <= count * each < sweeps + each


def test_the_default_range_follows_the_scale():
    model = generate("torus:8x8:1")
    start, end = default_range(model)
    # Four neighbours of weight 1 give a root-mean-square field of 2.
    assert (start, end) == pytest.approx((0.1, 3.0))
