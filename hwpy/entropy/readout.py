"""Read-out by a pre-charge sense amplifier: when it errs, what it does to the junction, what it takes.

Two nodes are charged to the supply and let go at the sampling instant, one through the junction, one through a
reference resistor between R_P and R_AP. The slower node is the higher one a develop time later, when two cross-coupled
inverters take over and the difference d grows as ``exp(t / tau)`` (W. Zhao et al., *IEEE Trans. Magn.* 45, 3784 (2009);
the circuit that D. Vodenicarevic et al., *Circuit-level evaluation of the generation of truly random bits with
superparamagnetic tunnel junctions*, ISCAS 2018, put to superparamagnetic junctions). To d add an offset, fixed for an
amplifier and Gaussian among them, and noise, Gaussian in each read. If ``|d|`` has not grown to the supply when the bit
is taken the latch is metastable, and the bit is a fair coin.

Current flows during a read and changes the rates: back-action, or read disturb. Between reads the junction is free.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from hwpy.entropy.junction import JunctionParameters

__all__ = ["LITERATURE", "SenseAmplifier", "sampled"]

#: Joules a bit, as published, with the source; not computed here.
LITERATURE = {
    "SMTJ and sense amplifier, overheads included (Vodenicarevic et al., ISCAS 2018, simulated)": 20e-15,
}


@dataclass(frozen=True)
class SenseAmplifier:
    """An amplifier design. All in SI units.

    Parameters
    ----------
    supply
        Volt to which the nodes are charged.
    capacitance
        Farad of each of the two nodes.
    reference
        Ohm of the reference.
    develop_time
        Seconds from the sampling instant until the inverters take over.
    offset
        Standard deviation of the input offset among amplifiers, volt.
    noise
        Standard deviation of the noise of a read, volt.
    time_constant
        tau of the inverters' growth, seconds.
    resolve_time
        Seconds that they are given.
    """

    supply: float = 1.0
    capacitance: float = 2e-15
    reference: float = 7e3
    develop_time: float = 14e-12
    offset: float = 0.02
    noise: float = 2e-3
    time_constant: float = 20e-12
    resolve_time: float = 400e-12

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            least = 0 if field.name in ("offset", "noise", "resolve_time") else math.ulp(0.0)
            if not least <= value < math.inf:
                bound = "not be negative" if least == 0 else "be positive"
                raise ValueError(f"sense amplifier {field.name} must {bound}, in SI units, not {value!r}")

    def signal(self, resistance: float) -> float:
        """The difference d in volt without offset and noise, at ``resistance`` ohm; positive reads as 1."""
        return self.supply * (
            math.exp(-self.develop_time / (resistance * self.capacitance))
            - math.exp(-self.develop_time / (self.reference * self.capacitance))
        )

    @property
    def window(self) -> float:
        """Volt below which ``|d|`` leaves the latch metastable: ``supply exp(-resolve_time / tau)``."""
        return self.supply * math.exp(-self.resolve_time / self.time_constant)

    def metastable(self, resistance: float, offset: float | None = None) -> float:
        """P(the latch has not decided); ``offset`` as in `errors`."""
        mean, spread = self._difference(resistance, offset)
        return _above(-self.window, mean, spread) - _above(self.window, mean, spread)

    def errors(self, junction: JunctionParameters, offset: float | None = None) -> tuple[float, float]:
        """P(read 1 in P) and P(read 0 in AP), of an amplifier with ``offset`` volt, or over all of them."""
        low, spread = self._difference(junction.resistance_p, offset)
        high, _ = self._difference(junction.resistance_ap, offset)
        # A coin in the window: half of the probability on either side of each edge.
        return (
            (_above(self.window, low, spread) + _above(-self.window, low, spread)) / 2,
            (_above(self.window, -high, spread) + _above(-self.window, -high, spread)) / 2,
        )

    def _difference(self, resistance: float, offset: float | None) -> tuple[float, float]:
        """Mean and standard deviation of d."""
        if offset is None:
            return self.signal(resistance), math.hypot(self.noise, self.offset)
        return self.signal(resistance) + offset, self.noise

    @property
    def read_time(self) -> float:
        """Seconds in which current flows in a read."""
        return self.develop_time + self.resolve_time

    @property
    def energy(self) -> float:
        """Joules a read to charge both nodes, ``2 C V^2``: an upper bound, as one of them is still charged."""
        return 2 * self.capacitance * self.supply**2

    def read(
        self, states: np.ndarray, junction: JunctionParameters, generator: np.random.Generator, offset: float
    ) -> np.ndarray:
        """Bits that the amplifier of ``offset`` volt gives for ``states``, by its noise and coin: Monte Carlo."""
        levels = np.array([self.signal(junction.resistance_p), self.signal(junction.resistance_ap)])
        d = levels[states] + offset + self.noise * generator.standard_normal(len(states))
        coin = generator.random(len(states)) < 0.5
        return np.where(np.abs(d) < self.window, coin, d > 0).astype(np.uint8)


def _above(level: float, mean: float, spread: float) -> float:
    if spread == 0:
        return float(mean > level)
    return math.erfc((level - mean) / (spread * math.sqrt(2))) / 2


def sampled(
    junction: JunctionParameters,
    period: float,
    read_time: float,
    read_current: float,
    errors: tuple[float, float] = (0.0, 0.0),
    latency: float = 0.0,
    temperature: float | None = None,
) -> tuple[float, float]:
    """P(bit is 1) and the correlation of successive bits, with read disturb and read errors: exact.

    Every ``period`` seconds ``read_current`` ampere flow for ``read_time`` seconds, and the amplifier sees the state
    ``latency`` seconds after the current has begun (its develop time); ``errors`` are those of `SenseAmplifier.errors`.
    Positive current holds P: it is the bias of the bits that a one-sided read leaves.
    """
    if not 0 <= latency <= read_time <= period:
        raise ValueError(f"read must have latency <= time <= period, not {latency!r}, {read_time!r}, {period!r}")
    # In each part P(AP) relaxes to its own value: p -> target + (p - target) kept.
    free = _relaxation(junction, 0.0, period - read_time, temperature)
    before = _relaxation(junction, read_current, latency, temperature)
    after = _relaxation(junction, read_current, read_time - latency, temperature)
    kept, target = 1.0, 0.0
    for part_target, part_kept in (after, free, before):
        target = part_target + (target - part_target) * part_kept
        kept *= part_kept
    state = target / (1 - kept) if kept < 1 else float(junction.probability_of_1(0.0, temperature))
    false_1, false_0 = errors
    gain = 1 - false_1 - false_0
    bit = false_1 + gain * state
    # Errors are fresh in each read, so they only weaken the states' correlation.
    return bit, gain**2 * kept * state * (1 - state) / (bit * (1 - bit))


def _relaxation(
    junction: JunctionParameters, current: float, seconds: float, temperature: float | None
) -> tuple[float, float]:
    out_of_0, out_of_1 = (float(rate) for rate in junction.escape_rates(current, temperature))
    return out_of_0 / (out_of_0 + out_of_1), math.exp(-(out_of_0 + out_of_1) * seconds)
