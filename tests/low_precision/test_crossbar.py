"""Crossbars: circuits solved by hand, nodal analysis, and the shares of defects. Level 0.001, fixed seeds."""

import numpy as np
import pytest
from scipy import sparse, stats
from scipy.sparse.linalg import spsolve

from hwpy.low_precision.crossbar import Crossbar, CrossbarParameters, pair_difference, pair_states, transfer

LEVEL = 0.001
R_P, R_AP = 10e3, 20e3


def _conductances(seed, *shape):
    return 1 / np.random.default_rng(seed).uniform(5e3, 20e3, shape)


def _nodal(g, r):
    """Node voltages for a volt on each row in turn, by nodal analysis, and the columns' currents."""
    rows, columns = g.shape
    node = np.arange(2 * rows * columns).reshape(2, rows, columns)
    matrix = sparse.lil_matrix((node.size, node.size))
    injected = np.zeros((node.size, rows))

    def join(one, other, y):
        for a, b in ((one, other), (other, one)):
            if a is not None:
                matrix[a, a] += y
                if b is not None:
                    matrix[a, b] -= y

    for k in range(rows):
        join(node[0, k, 0], None, 1 / r)
        injected[node[0, k, 0], k] = 1 / r
        for c in range(columns):
            join(node[0, k, c], node[1, k, c], g[k, c])
            if c + 1 < columns:
                join(node[0, k, c], node[0, k, c + 1], 1 / r)
            join(node[1, k, c], node[1, k + 1, c] if k + 1 < rows else None, 1 / r)
    matrix = matrix.tocsc()
    voltages = spsolve(matrix, injected).reshape(node.size, rows)
    assert abs(matrix @ voltages - injected).max() < 1e-12 / r, "Kirchhoff's law at each node"
    return (voltages[node[1, -1]] / r).T


def test_without_line_resistance_it_is_a_matrix_product_of_conductances():
    crossbar = Crossbar(CrossbarParameters(3, 4), 2, np.random.default_rng(1))
    states = np.random.default_rng(2).integers(0, 2, (2, 3, 4))
    volts = np.array([0.1, -0.2, 0.05])
    wanted = [
        [sum(v / (R_P if s else R_AP) for v, s in zip(volts, one[:, c], strict=True)) for c in range(4)]
        for one in states
    ]
    assert volts @ crossbar.transfer(states) == pytest.approx(np.array(wanted))


def test_one_junction_has_two_segments_in_series():
    assert transfer([[1 / 9e3]], 50.0) == pytest.approx(np.array([[1 / 9.1e3]]))


def test_one_row_is_the_ladder_solved_by_hand():
    near, far, r = 8e3, 14e3, 100.0
    first, second = near + r, r + far + r
    total = r + first * second / (first + second)
    currents = np.array([second, first]) / (first + second) / total
    assert transfer([[1 / near, 1 / far]], r) == pytest.approx(currents[None])


def test_one_column_is_the_ladder_solved_by_hand():
    """A volt on the upper row: through its junction, then to the ground below or back through the lower junction."""
    upper, lower, r = 8e3, 14e3, 100.0
    back = lower + r
    ahead = back * r / (back + r)
    assert transfer([[1 / upper], [1 / lower]], r)[0, 0] == pytest.approx(
        1 / (r + upper + r + ahead) * back / (back + r)
    )


@pytest.mark.parametrize(("rows", "columns", "r"), [(15, 15, 10.0), (15, 15, 1e4), (3, 7, 1.0), (7, 2, 300.0)])
def test_it_is_an_independent_nodal_analysis(rows, columns, r):
    g = _conductances(3, 2, rows, columns)
    assert transfer(g, r) == pytest.approx(np.array([_nodal(one, r) for one in g]), rel=1e-9)


def test_it_tends_to_the_ideal_and_never_carries_more():
    g = _conductances(4, 9, 8)
    ideal = g.sum(axis=1)
    assert transfer(g, 1e-6) == pytest.approx(g, rel=1e-7)
    sums = np.array([transfer(g, r).sum(axis=1) for r in (1.0, 10.0, 100.0, 1000.0)])
    # Rayleigh: resistance put in only lowers what a row can carry.
    assert (sums < ideal).all()
    assert (np.diff(sums, axis=0) < 0).all()


def test_stuck_junctions_keep_their_state_and_have_the_share_asked_for():
    crossbar = Crossbar(CrossbarParameters(20, 20, stuck=0.1), 50, np.random.default_rng(5))
    on, off = crossbar.write(1), crossbar.write(0)
    assert ((on == off) == crossbar.stuck).all()
    count = int(crossbar.stuck.sum())
    assert stats.binomtest(count, on.size, 0.1).pvalue > LEVEL
    assert stats.binomtest(int(np.isclose(on[crossbar.stuck], 1 / R_P).sum()), count, 0.5).pvalue > LEVEL
    # Power: a share of 0.12 would be told.
    assert stats.binomtest(count, on.size, 0.12).pvalue < LEVEL


def test_each_write_errs_anew_with_the_probability_asked_for():
    crossbar = Crossbar(CrossbarParameters(20, 20, write_error=0.05), 50, np.random.default_rng(6))
    first, second = (crossbar.write(1) < 0.75 / R_P for _ in range(2))
    assert stats.binomtest(int(first.sum()), first.size, 0.05).pvalue > LEVEL
    assert stats.binomtest(int((first & second).sum()), first.size, 0.05**2).pvalue > LEVEL


def test_spreads_are_of_the_logarithms_and_the_area_is_common_to_both_states():
    crossbar = Crossbar(CrossbarParameters(20, 20, spread=0.2), 50, np.random.default_rng(7))
    on, off = crossbar.write(1), crossbar.write(0)
    assert on / off == pytest.approx(2.0)
    assert stats.kstest(np.log(on * R_P).ravel() / 0.2, "norm").pvalue > LEVEL
    assert stats.kstest(np.log(on * R_P).ravel() / 0.18, "norm").pvalue < LEVEL
    crossbar = Crossbar(CrossbarParameters(20, 20, tmr_spread=0.3, offset=1e-6), 50, np.random.default_rng(8))
    tmr = crossbar.write(1) / crossbar.write(0) - 1
    assert stats.kstest(np.log(tmr).ravel() / 0.3, "norm").pvalue > LEVEL
    assert stats.kstest(crossbar.offset.ravel() / 1e-6, "norm").pvalue > LEVEL


def test_pairs_subtract_to_the_weights():
    weights = np.array([[-1, 0], [1, 1], [0, -1]])
    crossbar = Crossbar(CrossbarParameters(3, 4), 1, np.random.default_rng(9))
    difference = pair_difference(crossbar.transfer(pair_states(weights)))[0]
    assert difference / crossbar.parameters.step == pytest.approx(weights)
    with pytest.raises(ValueError, match="must be -1, 0 or 1"):
        pair_states([[2]])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rows": 0}, "rows must be 1 to 1024, not 0"),
        ({"tmr": 0.0}, "tmr must be positive, not 0.0"),
        ({"spread": -0.1}, "spread must be finite and not negative, not -0.1"),
        ({"stuck": 1.5}, "stuck must be 0 to 1, not 1.5"),
        ({"line_resistance": float("inf")}, "line_resistance must be finite and not negative, not inf"),
    ],
)
def test_bad_parameters_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        CrossbarParameters(**changes)
