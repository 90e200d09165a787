"""Networks of electrically coupled junctions: node voltages by the exact solve, and the escape rates they make.

Junction j joins node j to ground, a source drives the current i_j into the node, and resistors of conductance g_jk join
the nodes (*Neural networks three ways*, Fig. 2b and equation 2, here on any graph). Current conservation reads

    (L + diag(G)) V = i,    G_j = 1 / (R_j + rho_j s_j),    I_j = G_j V_j

with L the Laplacian of the resistors: L_jj = sum_k g_jk, L_jk = -g_jk. A junction leaves its state at the rate

    phi_j = phi_0 exp(-(Delta / kT) (1 + s_j (p_j I_j - i_*) / I_c))

(equation 8; the factor exp(-Delta / kT) is part of the paper's phi_0). The spin s_j is +1 in state 0, the parallel
one, and -1 in state 1: a current above i_* holds +1. So rho, half the difference of the resistances, is negative here.
The polarity p_j is -1 for a junction put into the circuit the other way round; its i_* is then counted in its own
direction, against the circuit's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.entropy.junction import JunctionParameters

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["JunctionNetwork"]

Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class JunctionNetwork:
    """Junctions on the nodes of a graph of resistors. Arrays are read-only.

    Parameters
    ----------
    junctions
        One for each of the n nodes.
    row, col
        int[m]: the nodes that each resistor joins; parallel resistors add up.
    conductance
        float[m]: of each resistor, in siemens; not negative.
    source
        float[n]: i_j in ampere; a number for all.
    polarity
        int[n]: p_j, 1 or -1; a number for all.

    Raises
    ------
    ValueError
        For a value that cannot be, which it quotes.
    """

    junctions: tuple[JunctionParameters, ...]
    row: Any
    col: Any
    conductance: Any
    source: Any
    polarity: Any = 1

    def __post_init__(self) -> None:
        nodes = len(self.junctions)
        if nodes < 1:
            raise ValueError("junction network must have a junction")
        for name in ("row", "col"):
            ends = np.array(getattr(self, name), np.int64).reshape(-1)
            if len(ends) and not 0 <= ends.min() <= ends.max() < nodes:
                raise ValueError(f"junction network {name} must be nodes 0 to {nodes - 1}, not {ends.tolist()!r}")
            self._freeze(name, ends)
        same = self.row[: len(self.col)] == self.col[: len(self.row)]
        if len(self.row) != len(self.col) or same.any():
            raise ValueError("junction network row and col must be of one length and join different nodes")
        self._freeze("conductance", np.array(np.broadcast_to(self.conductance, len(self.row)), np.float64))
        for value in self.conductance[~((self.conductance >= 0) & np.isfinite(self.conductance))]:
            raise ValueError(f"junction network conductance must be not negative, in siemens, not {float(value)!r}")
        self._freeze("source", np.array(np.broadcast_to(self.source, nodes), np.float64))
        for value in self.source[~np.isfinite(self.source)]:
            raise ValueError(f"junction network source must be finite, in ampere, not {float(value)!r}")
        self._freeze("polarity", np.array(np.broadcast_to(self.polarity, nodes), np.int64))
        for value in self.polarity[abs(self.polarity) != 1]:
            raise ValueError(f"junction network polarity must be 1 or -1, not {int(value)!r}")

    def _freeze(self, name: str, value: NDArray) -> None:
        value.setflags(write=False)
        object.__setattr__(self, name, value)

    # Makers. `junction` is one for all nodes, or a sequence of n.

    @classmethod
    def chain(
        cls,
        nodes: int,
        conductance: ArrayLike,
        junction: JunctionParameters | Sequence[JunctionParameters],
        source: ArrayLike,
        *,
        ring: bool = False,
        polarity: ArrayLike = 1,
    ) -> JunctionNetwork:
        """Fig. 2b: resistor k joins nodes k and k + 1; ``ring`` joins the ends too."""
        if ring and nodes < 3:
            raise ValueError(f"junction ring must have 3 nodes or more, not {nodes!r}")
        first = np.arange(nodes if ring else nodes - 1)
        return cls(_each(junction, nodes), first, (first + 1) % nodes, conductance, source, polarity)

    @classmethod
    def crossbar(
        cls,
        conductances: ArrayLike,
        junction: JunctionParameters | Sequence[JunctionParameters],
        source: ArrayLike,
        *,
        polarity: ArrayLike = 1,
    ) -> JunctionNetwork:
        """A junction on each of r rows and c columns, resistors float[r, c] at the crossings; the rows come first."""
        grid = np.asarray(conductances, np.float64)
        if grid.ndim != 2:
            raise ValueError(f"junction crossbar conductances must be a matrix, not of shape {grid.shape!r}")
        row, col = np.indices(grid.shape).reshape(2, -1)
        nodes = sum(grid.shape)
        return cls(_each(junction, nodes), row, grid.shape[0] + col, grid.reshape(-1), source, polarity)

    @classmethod
    def from_graph(
        cls,
        graph: nx.Graph,
        junction: JunctionParameters | Sequence[JunctionParameters],
        source: ArrayLike,
        *,
        conductance: float | None = None,
        polarity: ArrayLike = 1,
    ) -> JunctionNetwork:
        """Nodes in the graph's order; ``conductance`` for all edges, or by default each edge's own ``conductance``."""
        index = {node: k for k, node in enumerate(graph)}
        edges = list(graph.edges(data="conductance"))
        if conductance is None and any(value is None for *_, value in edges):
            raise ValueError("junction graph must have a conductance on every edge, or one for all must be given")
        row, col = [index[u] for u, *_ in edges], [index[v] for _, v, _ in edges]
        values = [value for *_, value in edges] if conductance is None else conductance
        return cls(_each(junction, len(index)), row, col, values, source, polarity)

    # The junctions' parameters as vectors

    def parameter(self, name: str) -> Vector:
        """A field of `JunctionParameters` over the nodes: float[n]."""
        return np.array([getattr(junction, name) for junction in self.junctions])

    @property
    def nodes(self) -> int:
        """Number of junctions, n."""
        return len(self.junctions)

    @cached_property
    def mean_resistance(self) -> Vector:
        """float[n]: R_j, halfway between the two states, in ohm."""
        return (self.parameter("resistance_p") + self.parameter("resistance_ap")) / 2

    @cached_property
    def swing(self) -> Vector:
        """float[n]: rho_j in ohm, the resistance of s = +1 over the mean; negative."""
        return (self.parameter("resistance_p") - self.parameter("resistance_ap")) / 2

    # The solve

    @cached_property
    def laplacian_entries(self) -> tuple[Vector, tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """L in siemens as ``(values, (rows, columns))``; entries of one place add up."""
        values = np.concatenate((self.conductance, self.conductance, -self.conductance, -self.conductance))
        rows = np.concatenate((self.row, self.col, self.row, self.col))
        return values, (rows, np.concatenate((self.row, self.col, self.col, self.row)))

    def laplacian(self) -> Vector:
        """L in siemens, dense: float[n, n]."""
        values, places = self.laplacian_entries
        dense = np.zeros((self.nodes, self.nodes))
        np.add.at(dense, places, values)
        return dense

    def spins(self, states: ArrayLike) -> NDArray[np.int8]:
        """The same states checked: int8[..., n] of +-1.

        Raises
        ------
        ValueError
            If they are not.
        """
        spins = np.asarray(states)
        if spins.ndim < 1 or spins.shape[-1] != self.nodes or not np.all(abs(spins) == 1):
            raise ValueError(f"junction states must be {self.nodes} spins of +-1, not {states!r}")
        return spins.astype(np.int8)

    def resistances(self, states: ArrayLike) -> Vector:
        """Each junction's in ohm: float[..., n]."""
        return self.mean_resistance + self.swing * self.spins(states)

    def voltages(self, states: ArrayLike) -> Vector:
        """V in volts, the direct sparse solve for each state: +-1 of shape [..., n] to float[..., n]."""
        from scipy.sparse import coo_array, diags_array
        from scipy.sparse.linalg import spsolve

        spins = self.spins(states)
        laplacian = coo_array(self.laplacian_entries, (self.nodes, self.nodes)).tocsc()
        conductances = (1 / self.resistances(spins)).reshape(-1, self.nodes)
        solved = [np.atleast_1d(spsolve(laplacian + diags_array(g, format="csc"), self.source)) for g in conductances]
        return np.array(solved).reshape(spins.shape)

    def currents(self, states: ArrayLike) -> Vector:
        """I in ampere through each junction, as `voltages`."""
        return self.voltages(states) / self.resistances(states)

    def escape_rates(self, states: ArrayLike) -> Vector:
        """Rate in hertz at which each junction leaves its state: +-1 of shape [..., n] to float[..., n].

        Raises
        ------
        ValueError
            If a current is further than I_c from the balance, where one state is no longer stable.
        """
        spins = self.spins(states)
        return self.rates_at(spins, self.currents(spins))

    def rates_at(self, spins: NDArray[np.int8], currents: Vector) -> Vector:
        """Equation 8, with these currents in ampere; as `escape_rates`."""
        bias = (self.polarity * currents - self.parameter("balance_current")) / self.parameter("critical_current")
        # The slack is for rounding where a barrier is just gone.
        if not np.all(abs(bias) <= 1 + 1e-9):
            node = int(np.argmax(abs(bias).reshape(-1, self.nodes).max(axis=0)))
            worst = float(abs(bias[..., node]).max())
            raise ValueError(f"junction {node}'s current must be within I_c of its balance, not {worst:.3g} I_c away")
        return self.parameter("attempt_rate") * np.exp(-self.parameter("barrier") * (1 + spins * bias))


def _each(junction: JunctionParameters | Sequence[JunctionParameters], nodes: int) -> tuple[JunctionParameters, ...]:
    return (junction,) * nodes if isinstance(junction, JunctionParameters) else tuple(junction)
