"""The paper's expansion of a junction network for weak resistors: equations 4 to 13 of *Neural networks three ways*.

With R = diag(R_j) the exact currents are I = (1 + L R)^-1 i, so that

    I = i - L R i + L R L R i - ...

of which the first two terms are equation 6. To that order junction j leaves its state at the rate

    phi_j = c_j exp(-s_j (h_j + sum_k K_jk s_k)),
    h_j = (b_j / kT) (p_j (i_j - sum_k L_jk R0_k i_k) - i_*j),    K_jk = (b_j / kT) p_j rho_k i_k g_jk,

with b = Delta / I_c: equation 10 for any junctions. Where K is symmetric this obeys detailed balance for

    E / kT = -(1/2) sum_jk K_jk s_j s_k - sum_j h_j s_j,

both orders of each pair counted. What equations 7, 9 and 13 have otherwise: see docs/coupled_junctions.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.ising.junction_generator import spin_states
from hwpy.ising.junction_network import JunctionNetwork

__all__ = ["LeadingOrder", "currents", "ring_coupling", "screened_couplings"]

Vector = NDArray[np.float64]


def currents(network: JunctionNetwork, states: ArrayLike, order: int = 1) -> Vector:
    """I in ampere up to the given power of g; 1 is equation 6. States [..., n] to float[..., n].

    It converges where every ``2 R_j sum_k g_jk`` is below 1; the series of equation 4, in g / Gamma, always does.
    """
    if order < 0:
        raise ValueError(f"order must be not negative, not {order!r}")
    laplacian, resistances = network.laplacian(), network.resistances(states)
    term = np.broadcast_to(network.source, resistances.shape)
    total = term.copy()
    for _ in range(order):
        term = -(resistances * term) @ laplacian  # L is symmetric
        total += term
    return total


@dataclass(frozen=True)
class LeadingOrder:
    """The rates of equation 10 and, where there is one, their energy, which is equation 13.

    Parameters
    ----------
    network
        Whose rates these approximate to first order in g.
    """

    network: JunctionNetwork

    @cached_property
    def _stiffness(self) -> Vector:
        return self.network.parameter("barrier") / self.network.parameter("critical_current")

    @cached_property
    def coupling(self) -> Vector:
        """float[n, n]: K_jk, over kT; the pull of junction k on j."""
        net = self.network
        weights = -net.laplacian()
        np.fill_diagonal(weights, 0)
        return (self._stiffness * net.polarity)[:, None] * weights * (net.swing * net.source)

    @cached_property
    def field(self) -> Vector:
        """float[n]: h_j, over kT."""
        net = self.network
        mean = net.source - net.laplacian() @ (net.mean_resistance * net.source)
        return self._stiffness * (net.polarity * mean - net.parameter("balance_current"))

    @cached_property
    def prefactor(self) -> Vector:
        """float[n]: c_j in hertz, with the junction's pull on itself, which equation 10 absorbs in phi_0."""
        net = self.network
        own = self._stiffness * net.polarity * net.laplacian().diagonal() * net.swing * net.source
        return net.parameter("attempt_rate") * np.exp(own - net.parameter("barrier"))

    @property
    def hermitian(self) -> bool:
        """Whether the couplings are symmetric, but for rounding, so that there is an energy."""
        return np.allclose(self.coupling, self.coupling.T, rtol=1e-9, atol=0)

    def escape_rates(self, states: ArrayLike) -> Vector:
        """In hertz: states [..., n] to float[..., n]."""
        spins = self.network.spins(states)
        return self.prefactor * np.exp(-spins * (self.field + spins @ self.coupling.T))

    def energy(self, states: ArrayLike) -> Vector:
        """E / kT: states [..., n] to float[...].

        Raises
        ------
        ValueError
            If the couplings are not symmetric.
        """
        if not self.hermitian:
            raise ValueError("junction network has no energy: the pull of j on k is not that of k on j")
        spins = self.network.spins(states).astype(float)
        return -np.einsum("...j,...j", spins, spins @ self.coupling / 2 + self.field)

    def boltzmann(self) -> Vector:
        """float[2**n]: exp(-E / kT) over its sum, in the order of `spin_states`."""
        energy = self.energy(spin_states(self.network.nodes))
        weights = np.exp(energy.min() - energy)
        return weights / weights.sum()


def screened_couplings(network: JunctionNetwork) -> Vector:
    """float[n, n]: K_jk to first order in rho but to all orders in g, 0 on the diagonal.

    ``(1 + L R)^-1`` in place of ``1 - L R``: for equal junctions and sources K = (b i rho / kT R0) (1 + R0 L)^-1, the
    Green's function of a screened lattice, which reaches beyond the neighbours.
    """
    net = network
    green = np.linalg.inv(np.eye(net.nodes) + net.laplacian() * net.mean_resistance)
    # dI = -(1 + L R0)^-1 L dR I with dR = rho s
    response = -(green @ net.laplacian()) * (net.swing * (green @ net.source))
    stiffness = net.parameter("barrier") / net.parameter("critical_current") * net.polarity
    np.fill_diagonal(response, 0)
    return stiffness[:, None] * response


def ring_coupling(ratio: float, distance: int) -> float:
    """K_r over (b i rho / kT R0) at ``distance`` r >= 1 on a long chain of equal junctions, with x = g R0 = ``ratio``.

    ``lambda**r / u`` with u = sqrt(1 + 4 x) and lambda = (u - 1) / (u + 1): x**r to leading order. The nearest coupling
    is largest at x = (1 + sqrt 2) / 2, where it is 3 - 2 sqrt 2 = 0.17.

    Raises
    ------
    ValueError
        For a ratio that is not positive, or a distance below 1.
    """
    if not ratio > 0:
        raise ValueError(f"ratio must be positive, not {ratio!r}")
    if distance < 1:
        raise ValueError(f"distance must be 1 or more, not {distance!r}")
    root = np.sqrt(1 + 4 * ratio)
    # (root - 1) / (root + 1) without the cancellation
    return float((4 * ratio / (1 + root) ** 2) ** distance / root)
