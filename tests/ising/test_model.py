"""The model: its checks, its energies against the definition and dimod, and the integer grid."""

import itertools

import dimod
import networkx as nx
import numpy as np
import pytest

from hwpy.ising.model import IsingModel, integer_grid


def all_states(nodes):
    return np.array(list(itertools.product((-1, 1), repeat=nodes)), dtype=np.int8)


def small(**properties):
    return IsingModel.from_edges(4, [3, 0, 1], [1, 1, 2], [2, -1, 5], [0, 3, 0, -1], **properties)


def test_edges_are_sorted_and_directed():
    model = small()
    assert model.row.tolist() == [0, 1, 1]
    assert model.col.tolist() == [1, 2, 3]
    assert model.coupling.tolist() == [-1, 5, 2]
    assert (model.row.dtype, model.coupling.dtype, model.field.dtype) == (np.int32, np.int64, np.int64)
    assert model.edges == 3


def test_arrays_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        small().coupling[0] = 1


def test_energy_is_the_definition():
    model = small(scale=0.5, offset=2.0)
    for s in all_states(4):
        coupled = -1 * s[0] * s[1] + 5 * s[1] * s[2] + 2 * s[1] * s[3]
        expected = -int(coupled) - int(3 * s[1] - s[3])
        assert model.integer_energy(s) == expected
        assert model.energy(s) == 0.5 * expected + 2.0


def test_energy_of_any_leading_shape():
    model = small()
    states = all_states(4).reshape(2, 8, 4)
    energies = model.integer_energy(states)
    assert energies.shape == (2, 8)
    assert energies.dtype == np.int64
    assert energies[1, 3] == model.integer_energy(states[1, 3])
    assert model.integer_energy(states[0, 0]).shape == ()


@pytest.mark.parametrize(
    ("states", "message"),
    [([1, 1, 1], "4 spins"), ([1, 0, 1, 1], r"\+1 or -1"), ([[1, 1, 1, 3]], r"\+1 or -1"), (1, "4 spins")],
)
def test_bad_states(states, message):
    with pytest.raises(ValueError, match=message):
        small().integer_energy(states)


def test_large_energies_do_not_overflow():
    model = IsingModel.from_edges(3, [0, 1], [1, 2], [1 << 60, 1 << 60])
    assert model.integer_energy([1, 1, 1]) == -(1 << 61)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"nodes": 0}, "positive integer, not 0"),
        ({"nodes": True}, "positive integer, not True"),
        ({"row": [0, 2], "col": [1, 2]}, "row < col"),
        ({"row": [0, 0], "col": [1, 1]}, "each once"),
        ({"row": [1, 0], "col": [2, 1]}, "sorted"),
        ({"col": [1, 3]}, "0 to 2"),
        ({"row": [-1, 1]}, "0 to 2"),
        ({"coupling": [1]}, "one length"),
        ({"field": [0, 0]}, "3 entries, not 2"),
        ({"coupling": [1 << 61, 1 << 61]}, "less than 2\\*\\*62"),
        ({"row": [0, 1 << 40]}, "must fit in int32"),
        ({"scale": 0.0}, "Scale must be positive"),
        ({"scale": float("nan")}, "Scale must be positive"),
        ({"offset": float("inf")}, "Offset must be finite"),
        ({"labels": ("a",)}, "3 labels, not 1"),
        ({"max_cut": True, "field": [0, 0, 1]}, "no fields"),
        ({"planted": [1, 1, 0]}, r"\+1 or -1"),
    ],
)
def test_bad_models(change, message):
    good = {"nodes": 3, "row": [0, 1], "col": [1, 2], "coupling": [1, 1], "field": [0, 0, 0]}
    IsingModel(**good)
    with pytest.raises(ValueError, match=message):
        IsingModel(**{**good, **change})


def test_real_couplings_are_refused():
    with pytest.raises(TypeError, match="coupling must be a 1-D integer array"):
        IsingModel.from_edges(2, [0], [1], [0.5])


def test_self_loop_and_repeated_edge():
    with pytest.raises(ValueError, match="Node 2 is joined to itself"):
        IsingModel.from_edges(3, [0, 2], [1, 2], [1, 1])
    with pytest.raises(ValueError, match="Edge 0 1 is given twice"):
        IsingModel.from_edges(3, [0, 1], [1, 0], [1, 1])


def test_cut_is_the_weight_of_the_edges_cut():
    weights = np.array([3, -2, 5, 1])
    i, j = np.array([0, 1, 2, 0]), np.array([1, 2, 3, 3])
    model = IsingModel.from_edges(4, i, j, -weights, max_cut=True)
    states = all_states(4)
    expected = (weights * (states[:, i] != states[:, j])).sum(axis=1)
    assert (model.cut_value(states) == expected).all()
    with pytest.raises(ValueError, match="no cut"):
        small().cut_value(states)


def test_neighbours_and_degrees():
    model = small()
    indptr, indices, weights = model.neighbours()
    assert indptr.tolist() == [0, 1, 4, 5, 6]
    assert indices.tolist() == [1, 0, 2, 3, 1, 1]
    assert weights.tolist() == [-1, -1, 5, 2, 5, 2]
    assert model.degrees.tolist() == [1, 3, 1, 1]


def test_networkx():
    graph = small().to_networkx()
    assert nx.is_isomorphic(graph, nx.star_graph(3))
    assert graph.edges[1, 2]["coupling"] == 5
    assert graph.nodes[3]["field"] == -1


COEFFICIENTS = {
    "integers": lambda rng: int(rng.integers(-3, 4)),
    "tenths": lambda rng: int(rng.integers(-30, 31)) / 10,
    "sevenths": lambda rng: int(rng.integers(-9, 10)) / 7,
    "reals": lambda rng: float(rng.normal()),
}


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
@pytest.mark.parametrize("kind", COEFFICIENTS)
def test_bqm_round_trip(vartype, kind):
    rng = np.random.default_rng(1)
    bqm = dimod.BinaryQuadraticModel(vartype)
    for label in "abcdef":
        bqm.add_linear(label, COEFFICIENTS[kind](rng))
    for pair in itertools.combinations("abcdef", 2):
        bqm.add_quadratic(*pair, COEFFICIENTS[kind](rng))
    bqm.offset = 1.5
    model = IsingModel.from_bqm(bqm)
    assert model.labels == tuple("abcdef")
    assert (model.rounding == 0) == (kind != "reals")
    states = all_states(6)
    reference = bqm.energies((states if vartype == "SPIN" else (states + 1) // 2, list("abcdef")))
    tolerance = 1e-12 + model.rounding * 4 * 21
    assert np.abs(model.energy(states) - reference).max() < tolerance
    back = model.to_bqm()
    assert np.abs(back.energies((states, list("abcdef"))) - model.energy(states)).max() < 1e-12


def test_qubo_of_rationals_has_integer_levels():
    model = IsingModel.from_qubo(3, [0, 1], [1, 2], [0.1, 0.2], [0.3, 0.0, -0.7])
    assert model.scale == pytest.approx(0.025)
    assert model.rounding == 0


@pytest.mark.parametrize(
    ("values", "integers", "scale"),
    [
        ([2, -4, 6], [1, -2, 3], 2.0),
        ([0.5, 0.75], [2, 3], 0.25),
        ([0.1, -0.3], [1, -3], 0.1),
        ([1 / 3, 1 / 7], [7, 3], 1 / 21),
        ([0.0, 0.0], [0, 0], 1.0),
    ],
)
def test_exact_grids(values, integers, scale):
    found, unit, error = integer_grid(np.array(values))
    assert found.tolist() == integers
    assert unit == pytest.approx(scale, rel=1e-15)
    assert error == 0


def test_rounded_grid_states_its_error():
    values = np.random.default_rng(1).normal(size=100) * 1e-3
    integers, scale, error = integer_grid(values)
    assert np.log2(scale) == np.floor(np.log2(scale))
    assert error == np.abs(integers * scale - values).max()
    assert 0 < error <= scale / 2
    assert 1 << 19 <= np.abs(integers).max() <= 1 << 20


def test_grid_refuses_what_is_not_finite():
    with pytest.raises(ValueError, match="finite, not nan"):
        integer_grid(np.array([1.0, float("nan")]))


def test_hundred_thousand_nodes():
    nodes = np.arange(100_000)
    model = IsingModel.from_edges(100_000, nodes, np.roll(nodes, -1), np.ones(100_000, dtype=np.int64))
    assert model.integer_energy(np.ones((3, 100_000), dtype=np.int8)).tolist() == [-100_000] * 3
    assert (model.degrees == 2).all()
