"""Event-driven kinetics of a junction network: exact waiting times, and node voltages kept exact at every event.

Gillespie's direct method (*J. Phys. Chem.* 81, 2340 (1977)): the next switch comes after an exponential time of the
total rate, and is junction j's with probability phi_j / total. A switch changes one conductance by d, so the inverse
conductance matrix B changes by a matrix of rank one (Sherman and Morrison): with z = B's column j,

    V -> V - (d V_j / (1 + d z_j)) z,    B -> B - (d / (1 + d z_j)) z z^T.

Every node's voltage and rate change, so n exponentials an event are needed in any case; B's lower triangle costs
n**2 / 2 multiply-adds more. Where z_k is below 1e-18 of z_j, beyond the reach of the switch, nothing is changed: in a
chain of weak resistors an event touches a few nodes only. B is computed afresh every so many events; `drift` tells how
far the voltages had gone by then.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.ising.junction_network import JunctionNetwork

__all__ = ["JunctionKinetics"]

#: Events between two fresh inverses.
REFRESH = 100_000

_NEGLIGIBLE = 1e-18


@numba.njit(nogil=True, cache=True)
def _run(
    events, rng, clock, spins, voltages, inverse, rates, conductance, prefactor, gain, offset, limit, held, times,
    switched,
):  # fmt: skip
    """Advance by `events` switches, or until a current leaves its range; returns the events done and that junction."""
    nodes = len(spins)
    z = np.empty(nodes)
    touched = np.empty(nodes, np.int64)
    now = clock[0]
    for event in range(events):
        total = 0.0
        for k in range(nodes):
            total += rates[k]
        now += rng.standard_exponential() / total
        left = rng.random() * total
        j = 0
        while j < nodes - 1 and left >= rates[j]:
            left -= rates[j]
            j += 1
        # Time in the state before, signed: the mean spin for the price of one addition.
        held[1, j] += spins[j] * (now - held[0, j])
        held[0, j] = now
        if len(times):
            times[event] = now
            switched[event] = j
        before = conductance[(1 - spins[j]) // 2, j]
        spins[j] = -spins[j]
        change = conductance[(1 - spins[j]) // 2, j] - before
        least = _NEGLIGIBLE * inverse[j, j]
        count = 0
        for k in range(nodes):
            z[k] = inverse[k, j] if k > j else inverse[j, k]
            if z[k] > least:
                touched[count] = k
                count += 1
            else:
                z[k] = 0.0
        factor = change / (1 + change * z[j])
        step = factor * voltages[j]
        if 3 * count > nodes:
            for k in range(nodes):
                scaled = factor * z[k]
                row = inverse[k]
                for m in range(k + 1):  # a plain loop over a row runs as vector instructions
                    row[m] -= scaled * z[m]
        else:
            for a in range(count):
                scaled = factor * z[touched[a]]
                row = inverse[touched[a]]
                for b in range(a + 1):
                    row[touched[b]] -= scaled * z[touched[b]]
        for a in range(count):
            k = touched[a]
            voltages[k] -= step * z[k]
            bias = gain[k] * voltages[k] * conductance[(1 - spins[k]) // 2, k] - offset[k]
            if abs(bias) > limit[k]:
                clock[0] = now
                return event + 1, k
            rates[k] = prefactor[k] * np.exp(-spins[k] * bias)
    clock[0] = now
    return events, -1


class JunctionKinetics:
    """A network as it switches.

    Parameters
    ----------
    network
        Whose rates are those of `JunctionNetwork.escape_rates`.
    seed
        The same seed gives the same events.
    states
        int[n] of +-1 to begin with; by default drawn at random.
    refresh
        Events between two fresh inverses.

    Attributes
    ----------
    spins
        int8[n] of +-1, the present state.
    voltages
        float[n] in volts, in this state.
    time
        Seconds since the beginning.
    drift
        Largest change of a voltage by a fresh inverse so far, over the largest voltage.
    """

    def __init__(self, network: JunctionNetwork, seed: int, states: ArrayLike | None = None, *, refresh: int = REFRESH):
        if refresh < 1:
            raise ValueError(f"refresh must be 1 event or more, not {refresh!r}")
        self.network, self.refresh = network, refresh
        self._rng = np.random.default_rng(seed)
        start = 1 - 2 * self._rng.integers(0, 2, network.nodes) if states is None else states
        self.spins: NDArray[np.int8] = network.spins(start).copy()
        self.drift = 0.0
        self._laplacian = network.laplacian()
        resistances = network.mean_resistance + np.array([[1], [-1]]) * network.swing
        self._conductance = 1 / resistances
        barrier, critical = network.parameter("barrier"), network.parameter("critical_current")
        self._rates_of = (
            network.parameter("attempt_rate") * np.exp(-barrier),
            barrier * network.polarity / critical,
            barrier * network.parameter("balance_current") / critical,
            barrier * (1 + 1e-9),
        )
        self._clock = np.zeros(1)
        self._held = np.zeros((2, network.nodes))
        self._rates = network.escape_rates(self.spins)
        self._fresh()

    @property
    def time(self) -> float:
        """Seconds since the beginning."""
        return float(self._clock[0])

    @property
    def mean_spin(self) -> NDArray[np.float64]:
        """float[n]: each spin's mean over the time so far, once an event has been."""
        since, total = self._held
        return (total + self.spins * (self.time - since)) / self.time

    def run(self, events: int) -> None:
        """Advance by so many switches.

        Raises
        ------
        ValueError
            If a current leaves the range in which both states are stable, as `JunctionNetwork.escape_rates` does.
        """
        self._advance(events, np.empty(0), np.empty(0, np.int32))

    def record(self, events: int) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """As `run`; gives the time in seconds (float[events]) and the junction (int32[events]) of each switch."""
        times, switched = np.empty(events), np.empty(events, np.int32)
        self._advance(events, times, switched)
        return times, switched

    def _fresh(self) -> None:
        up, down = self._conductance
        self._inverse = np.linalg.inv(self._laplacian + np.diag(np.where(self.spins > 0, up, down)))
        self.voltages = self._inverse @ self.network.source
        self._stale = 0

    def _advance(self, events: int, times: NDArray[np.float64], switched: NDArray[np.int32]) -> None:
        done = 0
        while done < events:
            if self._stale == self.refresh:
                drifted = self.voltages
                self._fresh()
                self.drift = max(self.drift, float(abs(drifted - self.voltages).max() / abs(self.voltages).max()))
            part = slice(done, min(done + self.refresh - self._stale, events))
            count, beyond = _run(
                part.stop - part.start, self._rng, self._clock, self.spins, self.voltages, self._inverse, self._rates,
                self._conductance, *self._rates_of, self._held, times[part], switched[part],
            )  # fmt: skip
            done += count
            self._stale += count
            if beyond >= 0:
                self.network.escape_rates(self.spins)  # says which, and how far
                raise ValueError(f"junction {beyond}'s current must be within I_c of its balance")
