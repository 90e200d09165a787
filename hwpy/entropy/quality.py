"""The quality of a stream of bits: one record of every figure, for the command, the table and the plot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwpy.entropy import sp800_22, sp800_90b
from hwpy.entropy.dwell import DwellFit, fit
from hwpy.entropy.linear_complexity import looks_linear
from hwpy.entropy.sources import BitStream

__all__ = ["LAGS", "TESTED", "autocorrelation", "quality"]

#: Lags of the autocorrelation, from 1.
LAGS = 32
#: Bits, from the first, that the estimators and tests of the standards take; SP 800-90B asks for this many.
TESTED = 1_000_000


def autocorrelation(bits: NDArray[np.uint8], lags: int = LAGS) -> list[float | None]:
    """Correlation coefficients of bits 1, 2, ... apart; None where there is none, as of bits that are all alike."""
    centred = bits - bits.mean(dtype=np.float64)
    power = float(centred @ centred) / len(bits)
    if not power:
        return [None] * lags
    return [
        float(centred[:-lag] @ centred[lag:]) / (len(bits) - lag) / power if lag < len(bits) else None
        for lag in range(1, lags + 1)
    ]


def quality(stream: BitStream, progress: Callable[[float], None] | None = None) -> dict[str, Any]:
    """Everything that is measured of a stream; ``progress`` is told the fraction done.

    Returns ``source, bits, deterministic, notes, probability_of_1, bias, autocorrelation, clock_hz, dwell_p_seconds,
    dwell_ap_seconds, min_entropy_per_bit, min_entropy, p_values, linear_complexity, tested_bits``.

    bias
        P(1) - 1/2, as in the piling-up lemma (`hwpy.entropy.whitening.bias_after_xor`).
    dwell_p_seconds, dwell_ap_seconds
        ``(estimate, low, high)`` at 95 %; None where they are not known.
    min_entropy_per_bit
        The least estimate of SP 800-90B section 6.3; None for a deterministic source, which has no entropy.
    """
    bits = stream.bits
    tested = bits[:TESTED]
    notes = [stream.note] if stream.note else []
    deterministic = stream.deterministic
    register = looks_linear(bits)
    if register is not None and not deterministic:
        deterministic = True
        notes.append(
            f"a shift register of {register} bits makes this sequence: a linear generator or a periodic source"
        )
    dwell, period = _dwell(stream)
    if dwell.note:
        notes.append(dwell.note)
    if stream.two_state and stream.times is None:
        notes.append("dwell times in seconds need the clock at which the bits were taken")
    estimates = sp800_90b.estimates(tested, progress)
    if deterministic:
        notes.append("deterministic: the figures are statistics, no entropy is claimed")
    probability = float(bits.mean(dtype=np.float64))
    return {
        "source": stream.name,
        "bits": len(bits),
        "deterministic": deterministic,
        "notes": notes,
        "probability_of_1": probability,
        "bias": probability - 0.5,
        "autocorrelation": autocorrelation(bits),
        "clock_hz": None if period is None else 1 / period,
        "dwell_p_seconds": dwell.p,
        "dwell_ap_seconds": dwell.ap,
        "min_entropy_per_bit": None if deterministic else min(v for v in estimates.values() if v is not None),
        "min_entropy": estimates,
        "p_values": sp800_22.p_values(tested),
        "linear_complexity": register,
        "tested_bits": len(tested),
    }


def _dwell(stream: BitStream) -> tuple[DwellFit, float | None]:
    """The fit, and the mean period in seconds."""
    if stream.times is None:
        return DwellFit(None, None), None
    if isinstance(stream.times, float):
        period = stream.times
    else:
        period = float(stream.times[-1] - stream.times[0]) / (len(stream.times) - 1)
    if not stream.two_state:
        return DwellFit(None, None), period
    return fit(stream.bits, stream.times), period
