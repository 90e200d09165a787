"""Generated instances, named by a specification such as `torus:50x40:1`.

=====================  ====================================================================================
`torus:RxC:SEED`       2D torus of R rows and C columns, couplings +1 or -1 with equal probability
`cubic:XxYxZ:SEED`     3D torus, couplings +-1
`chimera:RxC[xL]:SEED` R x C cells of complete bipartite K_L,L (L = 4 when left out), couplings +-1
`regular:N:D:SEED`     random D-regular graph of N nodes, couplings +-1
`random:N:M:SEED`      Max-Cut of M random edges of weight +1; with a decimal point, M is the density of edges
`planted:RxC:SEED`     2D torus, couplings +-1, with an exactly known ground-state energy
=====================  ====================================================================================

The same specification gives the same instance on every machine and NumPy: all randomness comes from
`PCG64(SEED).random_raw`, whose stream NumPy guarantees (NEP 19), and never from `Generator` methods, whose
streams it does not. Grids are numbered row by row, the last coordinate fastest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from hwpy.formats.errors import quote
from hwpy.ising.model import LARGEST_NODES, IsingModel

__all__ = ["FORMS", "generate", "load"]

#: The form of each kind of specification.
FORMS = {
    "torus": "torus:ROWSxCOLUMNS:SEED",
    "cubic": "cubic:XxYxZ:SEED",
    "chimera": "chimera:ROWSxCOLUMNS[xL]:SEED",
    "regular": "regular:NODES:DEGREE:SEED",
    "random": "random:NODES:EDGES:SEED or random:NODES:0.DENSITY:SEED",
    "planted": "planted:ROWSxCOLUMNS:SEED",
}

#: The largest number of edges generated.
LARGEST_EDGES = 20_000_000

#: Share of the checkerboard cells of a planted instance that are frustrated. Then the ground-state energy is
#: -1.40 a spin and 0.49 of all plaquettes are frustrated, as in the random +-1 glass (-1.40 and 0.50).
FRUSTRATED = 0.6


class _Bits:
    """Random draws from the raw 64-bit stream of PCG64."""

    def __init__(self, seed: int) -> None:
        self._raw = np.random.PCG64(seed).random_raw

    def words(self, count: int) -> np.ndarray:
        return np.asarray(self._raw(count), dtype=np.uint64)

    def signs(self, count: int) -> np.ndarray:
        """int64[count] of +-1."""
        return 1 - 2 * (self.words(count) >> np.uint64(63)).astype(np.int64)

    def below(self, bound: int, count: int) -> np.ndarray:
        """int64[count] of 0 .. bound - 1; the bias is below bound / 2**64."""
        return (self.words(count) % np.uint64(bound)).astype(np.int64)

    def order(self, count: int) -> np.ndarray:
        """A random permutation: int64[count]."""
        return np.argsort(self.words(count), kind="stable")


def _torus_edges(shape: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Each node of a periodic grid with its successor along each axis: `(i, j)`, int64[axes * nodes]."""
    nodes = np.arange(np.prod(shape)).reshape(shape)
    j = [np.roll(nodes, -1, axis=axis).ravel() for axis in range(len(shape))]
    return np.tile(nodes.ravel(), len(shape)), np.concatenate(j)


def _torus(shape: Sequence[int], bits: _Bits) -> IsingModel:
    i, j = _torus_edges(shape)
    return IsingModel.from_edges(int(np.prod(shape)), i, j, bits.signs(len(i)))


def _chimera(shape: Sequence[int], bits: _Bits) -> IsingModel:
    """Node (row, column, side, k); side 0 joins the rows, side 1 the columns; open boundaries."""
    rows, columns, size = shape
    nodes = np.arange(rows * columns * 2 * size).reshape(rows, columns, 2, size)
    inside = np.broadcast_arrays(nodes[:, :, 0, :, None], nodes[:, :, 1, None, :])
    pairs = [
        (inside[0], inside[1]),
        (nodes[:-1, :, 0], nodes[1:, :, 0]),
        (nodes[:, :-1, 1], nodes[:, 1:, 1]),
    ]
    i, j = (np.concatenate([pair[end].ravel() for pair in pairs]) for end in (0, 1))
    return IsingModel.from_edges(nodes.size, i, j, bits.signs(len(i)))


def _pairs(index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The index-th pair i < j in the order (0, 1), (0, 2), (1, 2), (0, 3), ..."""
    j = ((1 + np.sqrt(1 + 8 * index.astype(np.float64))) / 2).astype(np.int64)
    j -= j * (j - 1) // 2 > index  # the square root may round across an integer
    j += j * (j + 1) // 2 <= index
    return index - j * (j - 1) // 2, j


def _subset(total: int, count: int, bits: _Bits) -> np.ndarray:
    """`count` distinct numbers of 0 .. total - 1: int64[count]."""
    if 4 * count > total:
        return bits.order(total)[:count]
    drawn = np.empty(0, dtype=np.int64)
    while len(drawn) < count:
        drawn = np.concatenate((drawn, bits.below(total, count + 16)))
        _, first = np.unique(drawn, return_index=True)
        drawn = drawn[np.sort(first)]
    return drawn[:count]


def _random(nodes: int, edges: int, bits: _Bits) -> IsingModel:
    i, j = _pairs(_subset(nodes * (nodes - 1) // 2, edges, bits))
    return IsingModel.from_edges(nodes, i, j, np.full(edges, -1), max_cut=True)


def _regular_edges(nodes: int, degree: int, bits: _Bits) -> tuple[np.ndarray, np.ndarray]:
    """Random pairing of edge ends; loops and repeated edges are swapped away with edges drawn at random."""
    while True:
        ends = np.repeat(np.arange(nodes), degree)[bits.order(nodes * degree)].reshape(-1, 2).tolist()
        if not ends:
            break
        count: dict[tuple[int, int], int] = {}
        for a, b in ends:
            key = (min(a, b), max(a, b))
            count[key] = count.get(key, 0) + 1
        wrong = [e for e, (a, b) in enumerate(ends) if a == b or count[min(a, b), max(a, b)] > 1]
        for _ in range(200 * len(wrong) + 1):
            if not wrong:
                break
            e, f = wrong[-1], int(bits.below(len(ends), 1)[0])
            (a, b), (c, d) = ends[e], ends[f]
            old, other = (min(a, b), max(a, b)), (min(c, d), max(c, d))
            if a != b and count[old] == 1:
                wrong.pop()  # an earlier swap mended it
                continue
            new, next_new = (min(a, d), max(a, d)), (min(c, b), max(c, b))
            if a == d or c == b or new == next_new or count.get(new) or count.get(next_new):
                continue
            ends[e], ends[f] = [a, d], [c, b]
            for key, change in ((old, -1), (other, -1), (new, 1), (next_new, 1)):
                count[key] = count.get(key, 0) + change
            wrong.pop()
        if not wrong:
            break
    pairs = np.array(ends, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _regular(nodes: int, degree: int, bits: _Bits) -> IsingModel:
    if 2 * degree < nodes:
        i, j = _regular_edges(nodes, degree, bits)
    else:  # the complement is sparse, and easier to draw
        i, j = _regular_edges(nodes, nodes - 1 - degree, bits)
        absent = np.zeros(nodes * (nodes - 1) // 2, dtype=bool)
        low, high = np.minimum(i, j), np.maximum(i, j)
        absent[high * (high - 1) // 2 + low] = True
        i, j = _pairs(np.flatnonzero(~absent))
    # Signs go to the sorted edges, so that they do not depend on how the graph was drawn.
    model = IsingModel.from_edges(nodes, i, j, np.ones(len(i), dtype=np.int64))
    return IsingModel.from_edges(nodes, model.row, model.col, bits.signs(model.edges))


def _planted(shape: Sequence[int], bits: _Bits) -> IsingModel:
    """Tile planting (Hamze et al. 2018, Perera et al. 2020) with couplings +-1 on an even-by-even torus.

    The plaquette (r, c) has the corners (r, c), (r, c + 1), (r + 1, c), (r + 1, c + 1). Take as cells those
    with r + c even. The edge (r, c)-(r, c + 1) borders the plaquettes (r, c) and (r - 1, c), of which one
    is a cell; likewise the edge (r, c)-(r + 1, c) borders (r, c) and (r, c - 1). So each edge is in exactly
    one cell and the energy is the sum of the energies of the cells, E >= sum of their minima.

    A cell of four couplings +1 has the minimum -4. A frustrated cell, one coupling of which is -1, has the
    minimum -2: going round it the product of the couplings is -1, and that of the s_i s_j is +1, so at least
    one edge is not satisfied. With all spins up both kinds are at their minimum, hence the sum is reached:
    all spins up is a ground state, of energy -4 cells + 2 frustrated. Flipping the signs of the spins where a
    random state t is -1 (J_ij -> J_ij t_i t_j) moves it to t and keeps all energies.
    """
    nodes = int(np.prod(shape))
    number = np.arange(nodes).reshape(shape)
    row, column = np.divmod(np.arange(nodes), shape[1])
    is_cell = (row + column) % 2 == 0
    r, c = row[is_cell], column[is_cell]
    down, right = (r + 1) % shape[0], (c + 1) % shape[1]
    corners = number[r, c], number[r, right], number[down, right], number[down, c]
    i = np.stack(corners, axis=1)
    j = np.roll(i, -1, axis=1)

    cells = len(r)
    frustrated = bits.order(cells)[: round(FRUSTRATED * cells)]
    coupling = np.ones((cells, 4), dtype=np.int64)
    coupling[frustrated, bits.below(4, len(frustrated))] = -1
    planted = bits.signs(nodes)
    coupling *= planted[i] * planted[j]
    return IsingModel.from_edges(
        nodes,
        i.ravel(),
        j.ravel(),
        coupling.ravel(),
        ground_energy=float(2 * len(frustrated) - 4 * cells),
        planted=planted,
    )


def _integer(text: str, what: str, low: int, high: int) -> int:
    if not re.fullmatch(r"[0-9]{1,20}", text) or not low <= int(text) <= high:
        raise ValueError(f"{what} must be an integer from {low} to {high}, not {quote(text)}")
    return int(text)


def _shape(text: str, axes: Sequence[int], least: int) -> list[int]:
    sizes = [_integer(part, "each size", least, LARGEST_NODES) for part in text.split("x")]
    if len(sizes) not in axes:
        raise ValueError(f"{' or '.join(map(str, axes))} sizes are needed, not {quote(text)}")
    return sizes


def _check_size(nodes: int, edges: int) -> None:
    if nodes > LARGEST_NODES:
        raise ValueError(f"there may be at most {LARGEST_NODES} nodes, not {nodes}")
    if edges > LARGEST_EDGES:
        raise ValueError(f"there may be at most {LARGEST_EDGES} edges, not {edges}")


def _parse_torus(fields: list[str], bits: _Bits) -> IsingModel:
    # On a ring of two, both edges would join the same two nodes.
    shape = _shape(fields[0], (2,), 3)
    _check_size(shape[0] * shape[1], 0)
    return _torus(shape, bits)


def _parse_cubic(fields: list[str], bits: _Bits) -> IsingModel:
    shape = _shape(fields[0], (3,), 3)
    nodes = shape[0] * shape[1] * shape[2]
    _check_size(nodes, 3 * nodes)
    return _torus(shape, bits)


def _parse_chimera(fields: list[str], bits: _Bits) -> IsingModel:
    shape = _shape(fields[0], (2, 3), 1)
    rows, columns, size = shape if len(shape) == 3 else (*shape, 4)
    nodes = rows * columns * 2 * size
    _check_size(nodes, nodes * (size + 2) // 2)
    return _chimera((rows, columns, size), bits)


def _parse_regular(fields: list[str], bits: _Bits) -> IsingModel:
    nodes = _integer(fields[0], "NODES", 1, LARGEST_NODES)
    degree = _integer(fields[1], "DEGREE", 0, nodes - 1)
    if nodes * degree % 2:
        raise ValueError(f"NODES times DEGREE must be even, not {nodes * degree}")
    _check_size(nodes, nodes * degree // 2)
    return _regular(nodes, degree, bits)


def _parse_random(fields: list[str], bits: _Bits) -> IsingModel:
    nodes = _integer(fields[0], "NODES", 1, LARGEST_NODES)
    total = nodes * (nodes - 1) // 2
    if "." in fields[1]:
        if not re.fullmatch(r"[01]?\.[0-9]{1,20}", fields[1]) or not float(fields[1]) <= 1:
            raise ValueError(f"density must be a decimal from 0.0 to 1.0, not {quote(fields[1])}")
        edges = round(float(fields[1]) * total)
    else:
        edges = _integer(fields[1], "EDGES", 0, total)
    _check_size(nodes, edges)
    return _random(nodes, edges, bits)


def _parse_planted(fields: list[str], bits: _Bits) -> IsingModel:
    shape = _shape(fields[0], (2,), 4)
    if shape[0] % 2 or shape[1] % 2:
        raise ValueError(f"both sizes must be even, not {quote(fields[0])}")
    _check_size(shape[0] * shape[1], 0)
    return _planted(shape, bits)


_PARSERS: dict[str, Callable[[list[str], _Bits], IsingModel]] = {
    "torus": _parse_torus,
    "cubic": _parse_cubic,
    "chimera": _parse_chimera,
    "regular": _parse_regular,
    "random": _parse_random,
    "planted": _parse_planted,
}


def generate(spec: str) -> IsingModel:
    """The instance of a specification. Raises ValueError, in one line that quotes it, for one that has none."""
    kind, *fields = spec.split(":")
    if kind not in _PARSERS:
        kinds = ", ".join(FORMS)
        raise ValueError(f"Unknown kind of instance {quote(kind)}: expected a file or one of {kinds}")
    form = FORMS[kind]
    if len(fields) != form.split(" or ")[0].count(":"):
        raise ValueError(f"Instance {quote(spec)}: expected {form}")
    try:
        seed = _integer(fields[-1], "SEED", 0, (1 << 64) - 1)
        model = _PARSERS[kind](fields[:-1], _Bits(seed))
    except ValueError as error:
        raise ValueError(f"Instance {quote(spec)}: expected {form}: {error}") from None
    return replace(model, name=spec)


def load(instance: str, format: str | None = None) -> IsingModel:
    """The instance in a file or of a specification; a file of that name goes first.

    `format` is one of `hwpy.ising.formats.FORMATS`, or None to tell it from the file.
    Raises InputError for a bad file and ValueError for a bad specification.
    """
    from hwpy.ising import formats

    if format is None and ":" in instance and not Path(instance).exists():
        return generate(instance)
    return formats.read(instance, format)
