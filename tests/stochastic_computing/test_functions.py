"""Every function of the bricks, and how feedback settles, as `benchmarks/stochastic_bricks_functions.py` has them.

Mean and variance of golden runs from reset against theory for independent bits: all tests together at level 0.01, fixed
seed.
"""

import numpy as np
import pytest

from benchmarks.stochastic_bricks_functions import SETTLING, Settling, functions, level, p_values
from hwpy.stochastic_computing.encoding import chain_variance

RUNS = 200


def test_mean_and_variance_of_every_function_are_those_of_theory():
    rows = functions()
    for row in rows:
        found = row.estimates(RUNS)
        assert min(p_values(found, row.mean, row.variance)) > level(rows), row.name
        # Power: a mean off by half a run's standard error and a variance off by a factor of two are refused.
        assert p_values(found, row.mean + row.variance**0.5 / 2, row.variance)[0] < level(rows), row.name
        assert p_values(found, row.mean, row.variance * 2)[1] < level(rows), row.name
        assert p_values(found, row.mean, row.variance / 2)[1] < level(rows), row.name


def test_moments_of_a_chain_from_reset_are_those_of_every_path():
    matrix = np.array([[0.5, 0.25, 0.25], [0.0, 0.75, 0.25], [0.125, 0.375, 0.5]])
    output, initial = np.array([0.0, 1.0, 3.0]), np.array([0.25, 0.0, 0.75])
    paths = np.stack(np.meshgrid(*[range(3)] * 5, indexing="ij"), axis=-1).reshape(-1, 5)
    weight = initial[paths[:, 0]] * matrix[paths[:, :-1], paths[:, 1:]].prod(axis=1)
    means = output[paths].mean(axis=1)
    mean = weight @ means
    assert chain_variance(matrix, output, 5, initial) == pytest.approx((mean, weight @ means**2 - mean**2))


@pytest.mark.parametrize("case", [case for case in SETTLING if case.width < 8], ids=str)
def test_the_second_eigenvalue_is_the_slope_at_the_equilibrium_but_for_the_ends_of_the_code(case):
    assert case.by_eigenvalue == pytest.approx(case.closed, rel=0.2 if case.width == 4 else 0.05)


@pytest.mark.parametrize("case", [Settling("divide", 6, 0.1, 0.8), Settling("square root", 5, 0.04)], ids=str)
def test_feedback_settles_in_the_time_of_the_eigenvalue(case):
    found, error = case.measured(3000)
    assert abs(found - case.by_eigenvalue) < 3.3 * error
    # Power: a time a fifth longer is refused.
    assert abs(found - 1.2 * case.by_eigenvalue) > 3.3 * error
