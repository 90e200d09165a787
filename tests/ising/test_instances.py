"""Generators: sizes, degrees, determinism, and planted energies against two exact methods."""

import hashlib

import networkx as nx
import numpy as np
import pytest

from hwpy.ising.instances import FORMS, generate, load
from tests.ising.test_model import all_states


def is_spin_glass(model):
    return set(np.unique(model.coupling)) <= {-1, 1} and not model.field.any() and not model.max_cut


def test_torus():
    model = generate("torus:5x7:1")
    assert (model.nodes, model.edges, model.name) == (35, 70, "torus:5x7:1")
    assert (model.degrees == 4).all()
    assert is_spin_glass(model)
    assert nx.is_isomorphic(model.to_networkx(), nx.grid_2d_graph(5, 7, periodic=True))
    ends = set(zip(model.row.tolist(), model.col.tolist(), strict=True))
    assert {(0, 1), (0, 7), (0, 6), (0, 28)} <= ends


def test_cubic():
    model = generate("cubic:3x4x5:1")
    assert (model.nodes, model.edges) == (60, 180)
    assert (model.degrees == 6).all()
    assert is_spin_glass(model)


@pytest.mark.parametrize(("spec", "cells"), [("chimera:3x2:1", (3, 2, 4)), ("chimera:2x3x5:1", (2, 3, 5))])
def test_chimera(spec, cells):
    rows, columns, size = cells
    model = generate(spec)
    assert model.nodes == rows * columns * 2 * size
    inside = rows * columns * size * size
    assert model.edges == inside + ((rows - 1) * columns + rows * (columns - 1)) * size
    assert model.degrees.max() <= size + 2
    assert nx.is_connected(model.to_networkx())
    assert nx.is_bipartite(model.to_networkx())
    assert is_spin_glass(model)


@pytest.mark.parametrize(("nodes", "degree"), [(10, 3), (6, 2), (10, 7), (9, 8), (4, 0), (1000, 6), (1, 0)])
def test_regular(nodes, degree):
    model = generate(f"regular:{nodes}:{degree}:3")
    assert (model.degrees == degree).all()
    assert model.edges == nodes * degree // 2
    assert is_spin_glass(model)


def test_signs_are_even():
    model = generate("torus:100x100:1")
    assert abs(model.coupling.sum()) < 4 * np.sqrt(model.edges)


@pytest.mark.parametrize(
    ("spec", "edges"),
    [("random:800:0.06:1", 19176), ("random:50:100:1", 100), ("random:5:1.0:1", 10), ("random:5:0:1", 0)],
)
def test_random(spec, edges):
    model = generate(spec)
    assert model.edges == edges
    assert model.max_cut
    assert (model.coupling == -1).all()
    assert model.degrees.max(initial=0) < model.nodes


def test_large_instances():
    assert generate("random:100000:300000:1").edges == 300_000
    assert (generate("regular:30000:4:1").degrees == 4).all()


def test_specification_fixes_the_instance():
    def digest(spec):
        model = generate(spec)
        columns = (model.row.astype("<i8"), model.col.astype("<i8"), model.coupling.astype("<i8"))
        return hashlib.sha256(b"".join(column.tobytes() for column in columns)).hexdigest()[:12]

    assert {spec: digest(spec) for spec in DIGESTS} == DIGESTS
    assert digest("torus:4x4:1") != digest("torus:4x4:2")


# Written down once: a change of any generator must be on purpose.
DIGESTS = {
    "torus:4x4:1": "6bfce924b697",
    "cubic:3x3x3:1": "48d50daf807f",
    "chimera:2x2:1": "303cd6111322",
    "regular:20:3:1": "54d2e128473a",
    "random:20:40:1": "3b3144814e8d",
    "planted:4x4:1": "3a74374947aa",
}


@pytest.mark.parametrize("seed", range(8))
def test_planted_energy_by_enumeration(seed):
    model = generate(f"planted:4x4:{seed}")
    assert model.energy(all_states(16)).min() == model.ground_energy
    assert model.energy(model.planted) == model.ground_energy


def row_by_row_minimum(model, rows, columns):
    """Lowest energy of a +-1 torus by min-plus transfer matrices over the 2**columns states of a row."""
    states = all_states(columns).astype(np.int64)
    coupling = {}
    for i, j, weight in zip(model.row.tolist(), model.col.tolist(), model.coupling.tolist(), strict=True):
        coupling[i, j] = coupling[j, i] = weight
    inside = np.zeros((rows, len(states)))
    between = np.zeros((rows, len(states), len(states)))
    for r in range(rows):
        for c in range(columns):
            node = r * columns + c
            inside[r] -= coupling[node, r * columns + (c + 1) % columns] * states[:, c] * np.roll(states, -1, 1)[:, c]
            below = (r + 1) % rows * columns + c
            between[r] -= coupling[node, below] * np.outer(states[:, c], states[:, c])
    total = None
    for r in range(rows):
        step = inside[r][:, None] + between[r]
        total = step if total is None else (total[:, :, None] + step[None]).min(axis=1)
    return np.diagonal(total).min()


@pytest.mark.parametrize("shape", [(6, 4), (8, 6), (4, 6)])
@pytest.mark.parametrize("seed", range(3))
def test_planted_energy_by_transfer_matrix(shape, seed):
    model = generate(f"planted:{shape[0]}x{shape[1]}:{seed}")
    assert row_by_row_minimum(model, *shape) == model.ground_energy
    assert model.energy(model.planted) == model.ground_energy


def test_planted_is_as_frustrated_as_the_random_glass():
    model = generate("planted:60x50:1")
    assert model.nodes == 3000
    assert (model.degrees == 4).all()
    assert is_spin_glass(model)
    assert model.ground_energy == -1.4 * 3000
    assert model.energy(model.planted) == model.ground_energy
    coupling = model.to_networkx().edges
    number = np.arange(3000).reshape(60, 50)
    frustrated = 0
    for r in range(59):
        for c in range(49):
            corners = (number[r, c], number[r, c + 1], number[r + 1, c + 1], number[r + 1, c])
            sign = np.prod([coupling[corners[k], corners[k - 1]]["coupling"] for k in range(4)])
            frustrated += sign < 0
    assert 0.45 < frustrated / (59 * 49) < 0.53
    assert abs(model.planted.astype(int).sum()) < 4 * np.sqrt(3000)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("lattice:3x3:1", "Unknown kind of instance 'lattice'.*torus, cubic, chimera, regular, random, planted"),
        ("torus:3x3", "expected torus:ROWSxCOLUMNS:SEED"),
        ("torus:3x3:1:1", "expected torus:ROWSxCOLUMNS:SEED"),
        ("torus:3:1", "2 sizes are needed, not '3'"),
        ("torus:2x3:1", "from 3 to 10000000, not '2'"),
        ("torus:3x3:-1", "SEED must be an integer from 0 .*, not '-1'"),
        ("torus:3x3:1.5", "SEED .* not '1.5'"),
        ("torus:3x3:\u0661", "SEED"),
        ("torus:99999x99999:1", "at most 10000000 nodes"),
        ("torus:" + "9" * 500 + "x3:1", "500 characters"),
        ("cubic:3x3:1", "3 sizes"),
        ("cubic:300x300x300:1", "at most 10000000 nodes"),
        ("chimera:2x2x2x2:1", "2 or 3 sizes"),
        ("chimera:1x1x100000:1", "at most 20000000 edges"),
        ("regular:5:3:1", "must be even, not 15"),
        ("regular:5:5:1", "DEGREE must be an integer from 0 to 4"),
        ("random:5:11:1", "EDGES must be an integer from 0 to 10, not '11'"),
        ("random:5:1.5:1", "density must be a decimal from 0.0 to 1.0, not '1.5'"),
        ("random:5:nan:1", "EDGES"),
        ("planted:5x4:1", "both sizes must be even, not '5x4'"),
        ("planted:2x4:1", "from 4 to"),
    ],
)
def test_bad_specifications(spec, message):
    with pytest.raises(ValueError, match=message) as caught:
        generate(spec)
    assert "\n" not in str(caught.value)


def test_forms_are_in_the_error_and_complete():
    for kind, form in FORMS.items():
        assert form.startswith(f"{kind}:")
        with pytest.raises(ValueError, match=f"expected {kind}:"):
            generate(kind)


def test_load_takes_a_file_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "torus:3x3:1").write_text("2 1\n1 2\n")
    assert load("torus:3x3:1").nodes == 2
    assert load("torus:3x4:1").nodes == 12
