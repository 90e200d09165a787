"""What an oscilloscope sees of a telegraph trace (Fig. 1d of *three ways*); `hwpy.entropy.digitise` gives bits again.

The two levels pass an amplifier with one pole, and so does its white noise. Both are sampled exactly: between samples
the filter's answer to the steps is a sum of exponentials, and the filtered noise is an Ornstein-Uhlenbeck process.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hwpy.entropy.recursion import first_order, ornstein_uhlenbeck
from hwpy.entropy.telegraph import Telegraph, Trace

__all__ = ["analog", "filtered_variance"]

Reals = NDArray[np.float64]


def analog(
    trace: Trace,
    rate: float,
    generator: np.random.Generator,
    *,
    low: float = 0.0,
    high: float = 1.0,
    noise: float = 0.0,
    bandwidth: float = math.inf,
) -> tuple[Reals, Reals]:
    """Times in seconds and voltages, of the trace sampled ``rate`` times a second from time 0.

    ``low`` and ``high`` are the levels of states 0 and 1, ``noise`` the standard deviation of the filtered noise, all
    in volt; ``bandwidth`` is the corner of the filter in hertz, which has settled at time 0.
    """
    if not (math.isfinite(rate) and rate > 0 and bandwidth > 0 and noise >= 0):
        raise ValueError(
            f"telegraph rate and bandwidth must be positive, noise not negative, not {rate!r}, {bandwidth!r}, {noise!r}"
        )
    times = np.arange(math.ceil(trace.duration * rate)) / rate
    states = trace.states(times).astype(np.float64)
    pole = 2 * math.pi * bandwidth
    kept = math.exp(-pole / rate)
    signal = states
    if kept:
        # The steps inside of sample interval n have died down, by its end, by exp(-pole (t_n - s)).
        into = np.searchsorted(times, trace.switches)
        inside = into < len(times)
        steps = np.where(np.arange(len(trace.switches)) % 2 == trace.initial, 1.0, -1.0)[inside]
        late = steps * np.exp(-pole * (times[into[inside]] - trace.switches[inside]))
        missing = np.bincount(into[inside], weights=late, minlength=len(times))
        signal = first_order(states - kept * np.concatenate((states[:1], states[:-1])) - missing, kept, states[0])
    voltage = low + (high - low) * signal
    if noise:
        voltage += noise * ornstein_uhlenbeck(len(times), kept, generator)
    return times, voltage


def filtered_variance(telegraph: Telegraph, bandwidth: float) -> float:
    """Variance of the telegraph signal (of values 0 and 1) after the pole w: P(1) P(0) w / (w + a + b)."""
    pole = 2 * math.pi * bandwidth
    return telegraph.variance / (1 + telegraph.relaxation_rate / pole)
