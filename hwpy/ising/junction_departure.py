"""How far the stationary state of a junction network is from the Boltzmann law, and which law it has instead.

The exact chain of the rates that the exact voltages make, beside equation 13's law with the expansion's couplings
(`hwpy.ising.junction_expansion`): distances, the interactions in the logarithm of the exact distribution, and the
Ising model of chosen couplings that comes closest to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hwpy.entropy.junction import JunctionParameters
from hwpy.ising.junction_expansion import LeadingOrder
from hwpy.ising.junction_generator import SpinGenerator, relative_entropy, spin_states, total_variation, walsh
from hwpy.ising.junction_network import JunctionNetwork

__all__ = ["JUNCTION", "Departure", "ring"]

#: A junction for studies: 5 and 10 kilohm, I_c = 5 uA, and a balance current whose sign makes the couplings positive.
JUNCTION = JunctionParameters(barrier=10.0, balance_current=-2e-6)


def ring(
    ratio: float,
    nodes: int = 8,
    *,
    coupling: float | None = None,
    bias: float = 0.0,
    junction: JunctionParameters = JUNCTION,
) -> JunctionNetwork:
    """Equal junctions on a ring of equal resistors, at the balance current times ``1 + bias``.

    Parameters
    ----------
    ratio
        x = g R0, the resistors' conductance over the mean junction's.
    coupling
        If given, the barrier is such that the nearest couplings over kT are this at the balance; 0 to 700 kT only.
    """
    resistance = (junction.resistance_p + junction.resistance_ap) / 2
    if coupling is not None:
        swing = (junction.resistance_p - junction.resistance_ap) / 2
        one = junction.balance_current / junction.critical_current * swing / resistance * ratio
        junction = replace(junction, barrier=coupling / one)
    source = junction.balance_current * (1 + bias)
    return JunctionNetwork.chain(nodes, ratio / resistance, junction, source, ring=True)


@dataclass(frozen=True, eq=False)
class Departure:
    """A network of up to 12 junctions, exactly and to leading order."""

    network: JunctionNetwork

    @cached_property
    def spins(self) -> NDArray[np.int8]:
        """int8[2**n, n]."""
        return spin_states(self.network.nodes)

    @cached_property
    def generator(self) -> SpinGenerator:
        """The exact chain."""
        return SpinGenerator(self.network.escape_rates(self.spins))

    @cached_property
    def leading(self) -> LeadingOrder:
        """The paper's expansion."""
        return LeadingOrder(self.network)

    @property
    def total_variation(self) -> float:
        """Between the exact distribution and the Boltzmann law."""
        return total_variation(self.generator.stationary, self.leading.boltzmann())

    @property
    def relative_entropy(self) -> float:
        """Of the exact distribution to the Boltzmann law, in nats."""
        return relative_entropy(self.generator.stationary, self.leading.boltzmann())

    @cached_property
    def interactions(self) -> NDArray[np.float64]:
        """float[2**n]: `walsh` of the log of the exact distribution; beta J of junctions 0 and 1 is at 0b11."""
        return walsh(np.log(self.generator.stationary))

    def fit(self, features: Sequence[NDArray[np.float64]]) -> tuple[NDArray[np.float64], float]:
        """The law ``exp(sum_r J_r f_r(s)) / Z`` closest to the exact one, f_r float[2**n]: the J_r, and how close.

        Closest in relative entropy, which is maximum likelihood with unlimited samples; by damped Newton steps. How
        close is the relative entropy that is left, in nats.
        """
        f = np.stack(features, axis=1)
        p = self.generator.stationary
        parameters = np.zeros(f.shape[1])
        decrement = np.inf
        while decrement > 1e-13:
            logs = f @ parameters
            weights = np.exp(logs - logs.max())
            q = weights / weights.sum()
            centred = f - q @ f
            gradient = p @ centred
            step = np.linalg.solve((centred * q[:, None]).T @ centred, gradient)
            decrement = np.sqrt(max(gradient @ step, 0.0))
            parameters += step / (1 + decrement)
        return parameters, relative_entropy(p, q)

    def pairs_at(self, distance: int) -> NDArray[np.float64]:
        """float[2**n]: the sum of s_j s_k over all pairs so far apart on a ring, each once."""
        products = self.spins * np.roll(self.spins, distance, axis=1)
        half = 2 * distance == self.network.nodes
        return products.sum(axis=1) / (2 if half else 1)
