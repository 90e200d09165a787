"""The Ising model: what every format is read into and every engine runs.

E(s) = scale * (-sum_{i<j} J_ij s_i s_j - sum_i h_i s_i) + offset, with s_i = +-1 and integer J and h, since
the hardware and the golden models add integers. Real-valued problems are put on a common grid, see
:func:`integer_grid`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import frexp, lcm
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import dimod
    import networkx as nx

__all__ = ["LARGEST_NODES", "IsingModel", "integer_grid"]

#: Readers and generators refuse more, before they allocate anything.
LARGEST_NODES = 10_000_000

#: Largest common denominator for which an exact grid is tried.
LARGEST_DENOMINATOR = 1 << 20

#: Bits of the largest value on a rounded grid.
ROUNDED_BITS = 20

#: |energy| stays below this in grid units, so that no int64 sum overflows.
LARGEST_ENERGY = 1 << 62

#: Products formed at a time by `integer_energy`, to bound its memory.
_PRODUCTS = 1 << 22


def _on_grid(values: np.ndarray, denominator: int) -> np.ndarray | None:
    """The integers with `integers / denominator == values` in float64, or None."""
    integers = np.rint(values * denominator)
    # Below 2**53 the division is correctly rounded, so equality means the value as it was written. The sum
    # leaves room for the energy, and for the factor of three of a QUBO.
    if np.abs(integers).max() >= 1 << 53 or np.abs(integers).sum() >= LARGEST_ENERGY / 4:
        return None
    return integers.astype(np.int64) if np.array_equal(integers / denominator, values) else None


def _exact_grid(values: np.ndarray) -> tuple[np.ndarray, int] | None:
    """`(integers, denominator)` with `integers / denominator == values` in float64, or None."""
    for denominator in (1, LARGEST_DENOMINATOR, 10, 100, 1000, 10**4, 10**5, 10**6):
        integers = _on_grid(values, denominator)
        if integers is not None:
            return integers, denominator
    denominator = 1
    unique = np.unique(values)
    for value in unique:  # leaves at the first irrational one, so this is short for measured data
        fraction = Fraction(float(value)).limit_denominator(LARGEST_DENOMINATOR)
        denominator = lcm(denominator, fraction.denominator)
        if denominator > LARGEST_DENOMINATOR or float(fraction) != value:
            return None
    integers = _on_grid(values, denominator)
    return None if integers is None else (integers, denominator)


def integer_grid(values: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Put real `values` (any shape) on the coarsest integer grid.

    Returns `(integers, scale, error)`: `values == integers * scale` exactly (`error` 0.0) when the values
    have a common denominator of at most 2**20; otherwise they are rounded to a grid of `scale = 2**-k` on
    which the largest takes 20 bits, and `error` is the largest absolute difference.
    Raises ValueError for NaN and infinities.
    """
    values = np.asarray(values, dtype=np.float64)
    if not values.size or not values.any():
        return np.zeros(values.shape, dtype=np.int64), 1.0, 0.0
    finite = np.isfinite(values)
    if not finite.all():
        raise ValueError(f"Couplings and fields must be finite, not {float(values[~finite][0])!r}")
    exact = _exact_grid(values)
    if exact is not None:
        integers, denominator = exact
        divisor = int(np.gcd.reduce(np.abs(integers), axis=None))
        return integers // divisor, divisor / denominator, 0.0
    _, exponent = frexp(float(np.abs(values).max()))
    scale = 2.0 ** (exponent - ROUNDED_BITS)
    integers = np.rint(values / scale).astype(np.int64)
    return integers, scale, float(np.abs(integers * scale - values).max())


@dataclass(frozen=True, eq=False)
class IsingModel:
    """A sparse Ising model of up to 100,000 spins and more. Arrays are read-only.

    Parameters
    ----------
    nodes:
        Number of spins, at least 1.
    row, col:
        int32[m]: the edges, `row < col`, sorted by (row, col), each once.
    coupling:
        int64[m]: J of each edge, in grid units. Positive is ferromagnetic.
    field:
        int64[nodes]: h of each spin, in grid units.
    scale, offset:
        From grid units to the energy of the problem as it was given.
    labels:
        Names of the spins in order, or None for 0 .. nodes - 1.
    max_cut:
        The model came from Max-Cut with edge weights w = -J: `cut_value` is defined.
    ground_energy:
        The exactly known lowest `energy`, or None.
    planted:
        int8[nodes]: a state of that energy, or None.
    rounding:
        Largest absolute error of a coupling or field put on the grid; 0.0 when it is exact.
    name:
        Where the model came from: a file or an instance specification.

    Raises ValueError or TypeError when any of this does not hold.
    """

    nodes: int
    row: np.ndarray
    col: np.ndarray
    coupling: np.ndarray
    field: np.ndarray
    scale: float = 1.0
    offset: float = 0.0
    labels: tuple[Any, ...] | None = None
    max_cut: bool = False
    ground_energy: float | None = None
    planted: np.ndarray | None = None
    rounding: float = 0.0
    name: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.nodes, bool) or not isinstance(self.nodes, (int, np.integer)) or self.nodes < 1:
            raise ValueError(f"Number of nodes must be a positive integer, not {self.nodes!r}")
        object.__setattr__(self, "nodes", int(self.nodes))
        self._freeze("row", np.int32)
        self._freeze("col", np.int32)
        self._freeze("coupling", np.int64)
        self._freeze("field", np.int64)
        edges = len(self.row)
        if len(self.col) != edges or len(self.coupling) != edges:
            raise ValueError(
                f"row, col and coupling must have one length, not {edges}, {len(self.col)} and {len(self.coupling)}"
            )
        if len(self.field) != self.nodes:
            raise ValueError(f"field must have {self.nodes} entries, not {len(self.field)}")
        if edges:
            if self.row.min() < 0 or self.col.max() >= self.nodes:
                raise ValueError(f"Edges must join nodes 0 to {self.nodes - 1}")
            if (self.row >= self.col).any():
                raise ValueError("Edges must have row < col")
            if (np.diff(self.row.astype(np.int64) * self.nodes + self.col) <= 0).any():
                raise ValueError("Edges must be sorted by (row, col), each once")
        size = np.abs(self.coupling.astype(np.float64)).sum() + np.abs(self.field.astype(np.float64)).sum()
        if size >= LARGEST_ENERGY:
            raise ValueError(f"Couplings and fields must sum to less than 2**62, not {size:.3g}")
        if not (np.isfinite(self.scale) and self.scale > 0):
            raise ValueError(f"Scale must be positive and finite, not {self.scale!r}")
        if not np.isfinite(self.offset):
            raise ValueError(f"Offset must be finite, not {self.offset!r}")
        if self.labels is not None and len(self.labels) != self.nodes:
            raise ValueError(f"There must be {self.nodes} labels, not {len(self.labels)}")
        if self.max_cut and self.field.any():
            raise ValueError("A Max-Cut model has no fields")
        if self.planted is not None:
            self._freeze("planted", np.int8)
            self.integer_energy(self.planted)  # checks its shape and values

    def _freeze(self, name: str, dtype: type) -> None:
        value = np.asarray(getattr(self, name))
        if value.ndim != 1 or (value.size and not np.issubdtype(value.dtype, np.integer)):
            raise TypeError(f"{name} must be a 1-D integer array, not {value.ndim}-D {value.dtype}")
        array: np.ndarray = value.astype(dtype)
        if not np.array_equal(array, value):
            raise ValueError(f"{name} must fit in {np.dtype(dtype).name}")
        array.setflags(write=False)
        object.__setattr__(self, name, array)

    # Makers

    @classmethod
    def from_edges(cls, nodes: int, i: Any, j: Any, coupling: Any, field: Any = None, **properties: Any) -> IsingModel:
        """A model from integer edges in any order and direction.

        `i`, `j`, `coupling` are integer[m] and `field` integer[nodes] or None for zero; `properties` are
        further attributes. Raises ValueError for a self-loop or a repeated edge.
        """
        i, j, coupling = np.asarray(i), np.asarray(j), np.asarray(coupling)
        row, col = np.minimum(i, j), np.maximum(i, j)
        if (row == col).any():
            raise ValueError(f"Node {int(row[row == col][0])} is joined to itself")
        order = np.lexsort((col, row))
        row, col = row[order], col[order]
        repeated = (row[1:] == row[:-1]) & (col[1:] == col[:-1])
        if repeated.any():
            at = int(np.argmax(repeated))
            raise ValueError(f"Edge {int(row[at])} {int(col[at])} is given twice")
        if field is None:
            field = np.zeros(nodes, dtype=np.int64)
        return cls(nodes, row, col, coupling[order], np.asarray(field), **properties)

    @classmethod
    def from_real(
        cls, nodes: int, i: Any, j: Any, coupling: Any, field: Any, offset: float = 0.0, **properties: Any
    ) -> IsingModel:
        """As :meth:`from_edges` with real couplings (float[m]) and fields (float[nodes]), put on a grid."""
        coupling, field = np.asarray(coupling, dtype=np.float64), np.asarray(field, dtype=np.float64)
        integers, scale, error = integer_grid(np.concatenate((coupling, field)))
        edges = len(coupling)
        return cls.from_edges(
            nodes,
            i,
            j,
            integers[:edges],
            integers[edges:],
            scale=scale,
            offset=offset,
            rounding=error,
            **properties,
        )

    @classmethod
    def from_qubo(
        cls, nodes: int, i: Any, j: Any, quadratic: Any, linear: Any, offset: float = 0.0, **properties: Any
    ) -> IsingModel:
        """The model of E(x) = sum q_ij x_i x_j + sum a_i x_i + offset with x = (1 + s) / 2 in {0, 1}.

        `quadratic` is float[m], `linear` float[nodes]. The grid is found first and the change of variables
        done in integers, so that a QUBO with rational coefficients stays exact.
        """
        i, j = np.asarray(i), np.asarray(j)
        quadratic, linear = np.asarray(quadratic, dtype=np.float64), np.asarray(linear, dtype=np.float64)
        integers, scale, error = integer_grid(np.concatenate((quadratic, linear)))
        q, a = integers[: len(quadratic)], integers[len(quadratic) :]
        # x_i x_j = (1 + s_i + s_j + s_i s_j) / 4, so in quarters of the grid:
        coupling, field = -q, -2 * a
        np.subtract.at(field, i, q)
        np.subtract.at(field, j, q)
        constant = int(q.sum()) + 2 * int(a.sum())
        divisor = int(np.gcd.reduce(np.abs(np.concatenate((coupling, field))))) or 1
        return cls.from_edges(
            nodes,
            i,
            j,
            coupling // divisor,
            field // divisor,
            scale=scale * divisor / 4,
            offset=offset + constant * scale / 4,
            rounding=error,
            **properties,
        )

    @classmethod
    def from_bqm(cls, bqm: dimod.BinaryQuadraticModel, **properties: Any) -> IsingModel:
        """The model of a dimod binary quadratic model, either vartype; its variables become the labels."""
        labels = list(bqm.variables)
        vectors: Any = bqm.to_numpy_vectors(variable_order=labels)
        linear, (i, j, quadratic), offset = vectors
        properties.setdefault("labels", None if labels == list(range(len(labels))) else tuple(labels))
        if bqm.vartype.name == "BINARY":
            return cls.from_qubo(len(linear), i, j, quadratic, linear, float(offset), **properties)
        # dimod writes E = +sum J s s + sum h s; the field here writes both with a minus.
        return cls.from_real(len(linear), i, j, -quadratic, -linear, float(offset), **properties)

    # Energies

    def integer_energy(self, states: Any) -> np.ndarray:
        """Energy in grid units, without scale and offset: int8[..., nodes] of +-1 to int64[...]."""
        states = np.asarray(states)
        if states.ndim < 1 or states.shape[-1] != self.nodes:
            raise ValueError(f"States must have {self.nodes} spins, not shape {states.shape}")
        if not ((states == 1) | (states == -1)).all():
            raise ValueError("States must be +1 or -1")
        flat = states.reshape(-1, self.nodes).astype(np.int8)
        energies = np.empty(len(flat), dtype=np.int64)
        step = max(1, _PRODUCTS // max(1, len(self.row), self.nodes))
        for start in range(0, len(flat), step):
            part = flat[start : start + step]
            pairs = (part[:, self.row] * part[:, self.col]).astype(np.int64)
            energies[start : start + step] = -(pairs @ self.coupling) - part.astype(np.int64) @ self.field
        return energies.reshape(states.shape[:-1])

    def energy(self, states: Any) -> np.ndarray:
        """Energy of the problem as it was given: int8[..., nodes] of +-1 to float64[...]."""
        return self.integer_energy(states) * self.scale + self.offset

    def cut_value(self, states: Any) -> np.ndarray:
        """Weight of the edges cut, sum w (1 - s_i s_j) / 2 with w = -J.

        int8[..., nodes] to int64[...], or to float64[...] when `scale` is not 1.
        Raises ValueError for a model that did not come from Max-Cut.
        """
        if not self.max_cut:
            raise ValueError("This model did not come from Max-Cut, so it has no cut")
        # E = sum w s s; the sum of all weights and E have the same parity, so this division is exact.
        cut = (-int(self.coupling.sum()) - self.integer_energy(states)) // 2
        return cut if self.scale == 1.0 else cut * self.scale

    # The graph

    @property
    def edges(self) -> int:
        """Number of edges."""
        return len(self.row)

    @cached_property
    def degrees(self) -> np.ndarray:
        """Neighbours of each node: int32[nodes]."""
        ends = np.concatenate((self.row, self.col))
        return np.bincount(ends, minlength=self.nodes).astype(np.int32)

    @cached_property
    def _csr(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        source = np.concatenate((self.row, self.col))
        target = np.concatenate((self.col, self.row))
        order = np.lexsort((target, source))
        indptr = np.concatenate(([0], np.cumsum(self.degrees, dtype=np.int64)))
        arrays = (indptr, target[order], np.concatenate((self.coupling, self.coupling))[order])
        for array in arrays:
            array.setflags(write=False)
        return arrays

    def neighbours(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The graph in CSR form: `(indptr int64[nodes + 1], indices int32[2 m], weights int64[2 m])`.

        Node i has the neighbours `indices[indptr[i]:indptr[i + 1]]`, in increasing order.
        """
        return self._csr

    def to_networkx(self) -> nx.Graph:
        """An undirected graph of nodes 0 .. nodes - 1; edges carry `coupling`, nodes `field` (grid units)."""
        import networkx as nx

        graph = nx.Graph()
        graph.add_nodes_from((i, {"field": h}) for i, h in enumerate(self.field.tolist()))
        edges = zip(self.row.tolist(), self.col.tolist(), self.coupling.tolist(), strict=True)
        graph.add_edges_from((i, j, {"coupling": weight}) for i, j, weight in edges)
        return graph

    def to_bqm(self) -> dimod.BinaryQuadraticModel:
        """A dimod SPIN model of the same energy, with the labels as its variables."""
        import dimod

        bqm = dimod.BinaryQuadraticModel.from_numpy_vectors(
            -self.field * self.scale,
            (self.row, self.col, -self.coupling * self.scale),
            self.offset,
            dimod.SPIN,
        )
        if self.labels is not None:
            bqm.relabel_variables(dict(enumerate(self.labels)))
        return bqm
