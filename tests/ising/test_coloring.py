"""Colourings are proper, exact where that is cheap, as good as networkx's, and balanced."""

import networkx as nx
import numpy as np
import pytest

from hwpy.ising.coloring import _dsatur, _lists, color
from hwpy.ising.model import IsingModel


def model_of(graph):
    edges = np.array(list(graph.edges), dtype=np.int64).reshape(-1, 2)
    return IsingModel.from_edges(len(graph), edges[:, 0], edges[:, 1], np.ones(len(edges), dtype=np.int64))


def colors_of(graph):
    model = model_of(graph)
    colors = color(model)
    assert colors.dtype == np.int32
    assert colors.shape == (len(graph),)
    assert (colors[model.row] != colors[model.col]).all()
    count = colors.max() + 1
    assert set(colors) == set(range(count))
    return colors, count


def torus(width, height):
    return nx.convert_node_labels_to_integers(nx.grid_2d_graph(width, height, periodic=True))


def test_even_torus_has_two_equal_classes():
    colors, count = colors_of(torus(8, 6))
    assert count == 2
    assert np.bincount(colors).tolist() == [24, 24]


def test_odd_torus_needs_three():
    assert colors_of(torus(5, 6))[1] >= 3


def test_odd_cycle_has_three():
    assert colors_of(nx.cycle_graph(7))[1] == 3


@pytest.mark.parametrize("nodes", [2, 3, 5, 12])
def test_complete_graph_needs_all(nodes):
    assert colors_of(nx.complete_graph(nodes))[1] == nodes


def test_graph_without_edges_has_one():
    assert colors_of(nx.empty_graph(5))[1] == 1


def test_components_of_a_bipartite_graph_even_out():
    stars = nx.disjoint_union_all([nx.star_graph(6) for _ in range(4)])
    colors, count = colors_of(stars)
    assert count == 2
    assert np.bincount(colors).tolist() == [14, 14]


@pytest.mark.parametrize("seed", range(6))
def test_dsatur_is_that_of_networkx(seed):
    graph = nx.gnp_random_graph(40, 0.05 + 0.1 * seed, seed=seed)
    reference = nx.greedy_color(graph, "DSATUR")
    assert _dsatur(_lists(model_of(graph))) == [reference[node] for node in range(40)]
    colors_of(graph)


def test_classes_are_balanced():
    colors, count = colors_of(nx.random_regular_graph(6, 1000, seed=1))
    assert count <= 5
    sizes = np.bincount(colors)
    assert sizes.max() - sizes.min() <= 2


def test_large_graph():
    rng = np.random.Generator(np.random.PCG64(1))
    # Three random cycles through all nodes: degree 6, save for a few shared edges.
    order = np.stack([rng.permutation(100_000) for _ in range(3)])
    ends = np.stack((order.ravel(), np.roll(order, 1, axis=1).ravel()))
    edges = np.unique(np.sort(ends, axis=0), axis=1)
    model = IsingModel.from_edges(100_000, edges[0], edges[1], np.ones(edges.shape[1], dtype=np.int64))
    colors = color(model)
    assert (colors[model.row] != colors[model.col]).all()
    assert colors.max() + 1 <= 6
