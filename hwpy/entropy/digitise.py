"""From voltages of a two-level trace to states: levels by a robust two-cluster fit, states with hysteresis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Digitised", "OneLevelError", "digitise"]

#: The thresholds, as fractions of the way from the level of P to that of AP.
THRESHOLDS = (0.3, 0.7)
#: Share of samples at either end that may be glitches; a state must hold more of the trace than this.
GLITCHES = 0.001
#: Least distance of the levels over the sum of their noises. One level, cut in two, has 1.1 (normal) to 1.4 (uniform).
SEPARATION = 2.0


class OneLevelError(ValueError):
    """A trace in which no two levels can be told apart."""


@dataclass(frozen=True)
class Digitised:
    """States of a trace, and how they were found.

    Parameters
    ----------
    states
        0 for P, the lower voltage, and 1 for AP, uint8, shape (samples,).
    level_p, level_ap
        Volts: medians of the two clusters.
    noise_p, noise_ap
        Volts: standard deviations about them, from the median absolute deviation.
    threshold_p, threshold_ap
        Volts: AP turns to P below the first, P to AP above the second.
    """

    states: NDArray[np.uint8]
    level_p: float
    level_ap: float
    noise_p: float
    noise_ap: float
    threshold_p: float
    threshold_ap: float


def digitise(volts: ArrayLike) -> Digitised:
    """The states of a trace.

    The clusters are those of two medians (Lloyd's iteration from the middle of the range, a thousandth at either end
    left out). Hysteresis keeps noise about one threshold from being taken for switchings: a state ends where the
    voltage has crossed seven tenths of the way to the other level. What comes before the first sample outside of the
    band between the thresholds is the nearer state.

    Raises
    ------
    OneLevelError
        If the levels are not at least twice the sum of their standard deviations apart.
    """
    trace = np.asarray(volts, dtype=np.float64)
    low = np.quantile(trace, GLITCHES, method="higher")
    high = np.quantile(trace, 1 - GLITCHES, method="lower")
    if not low < high:
        raise OneLevelError(f"two levels in more than {GLITCHES:.1%} of the samples each, found one, {low:.6g} V")
    middle = float(low + high) / 2
    for _ in range(100):
        below, above = trace[trace < middle], trace[trace >= middle]
        level_p, level_ap = float(np.median(below)), float(np.median(above))
        if middle == (middle := (level_p + level_ap) / 2):
            break
    noise_p, noise_ap = (
        1.4826 * float(np.median(np.abs(part - level)))
        for part, level in ((trace[trace < middle], level_p), (trace[trace >= middle], level_ap))
    )
    distance = level_ap - level_p
    if distance < SEPARATION * (noise_p + noise_ap):
        raise OneLevelError(
            f"two levels, found one: {level_p:.6g} V with noise {noise_p:.3g} V "
            f"and {level_ap:.6g} V with noise {noise_ap:.3g} V overlap"
        )
    to_p, to_ap = (level_p + fraction * distance for fraction in THRESHOLDS)
    return Digitised(_with_hysteresis(trace, to_p, to_ap), level_p, level_ap, noise_p, noise_ap, to_p, to_ap)


def _with_hysteresis(trace: NDArray[np.float64], to_p: float, to_ap: float) -> NDArray[np.uint8]:
    outside = (trace <= to_p) | (trace >= to_ap)
    # For each sample the last one outside of the band, itself included; -1 if there is none yet.
    decisive = np.maximum.accumulate(np.where(outside, np.arange(len(trace)), -1))
    middle = (to_p + to_ap) / 2
    return np.where(decisive < 0, trace >= middle, trace[np.maximum(decisive, 0)] >= middle).astype(np.uint8)
