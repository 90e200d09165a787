"""Number formats by name, and `quantize`, which rounds arrays and tensors to them."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.floating import FloatFormat
from hwpy.low_precision.reals import REAL_BITS, round_quotient
from hwpy.low_precision.rounding import MODES, Rounding

__all__ = ["make_rounding", "parse_format", "quantize", "round_to_format"]


def parse_format(name: str) -> FixedFormat | FloatFormat:
    """The format of a name: ``s[3][12]``, ``bfloat16``, or ``e4m3``, ``e5m2``, ``e6m5`` and the like.

    Raises
    ------
    ValueError
        If there is no such format.
    """
    if name.startswith("s["):
        return FixedFormat.parse(name)
    try:
        return FloatFormat.parse(name)
    except ValueError as error:
        if "must be bfloat16" not in str(error):
            raise
        raise ValueError(f"number format must be written s[3][12], bfloat16 or e4m3, not {name!r}") from None


def make_rounding(mode: str, bits: int | None = None) -> Rounding:
    """A rounding of reals; a stochastic one without a number of ``bits`` gets 60, the most.

    Raises
    ------
    ValueError
        If there is no such mode, or the number of bits is not one of its.
    """
    stochastic = mode in MODES and mode.startswith("stochastic")
    return Rounding(mode, bits if bits is not None else REAL_BITS if stochastic else 0)


def round_to_format(
    values: ArrayLike, form: FixedFormat | FloatFormat, rounding: Rounding, words: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Values as the format holds them: rounded, saturated; float64 of the values' shape.

    Parameters
    ----------
    values
        Real values; infinities saturate, and NaN stays NaN in a floating-point format.
    form
        The format.
    rounding, words
        As `hwpy.low_precision.reals.round_quotient`'s.

    Raises
    ------
    ValueError
        If a value is NaN and the format is fixed-point, or the words do not fit.
    """
    if isinstance(form, FloatFormat):
        return form.decode(form.encode(values, rounding, words))
    values = np.asarray(values, dtype=np.float64)
    if np.isnan(values).any():
        raise ValueError(f"a value to be rounded to {form} is not a number")
    limit = 2.0**form.integer_bits
    raw = round_quotient(np.clip(values, -limit, limit), -form.fraction_bits, rounding, words)
    return form.from_raw(form.saturate(raw))


def quantize(
    x: Any,
    format: str | FixedFormat | FloatFormat,
    rounding: str = "nearest",
    bits: int | None = None,
    seed: int | None = None,
) -> Any:
    """``x`` rounded to a number format, and saturated at its ends.

    Parameters
    ----------
    x
        NumPy array, anything that makes one, or PyTorch tensor; taken as float64.
    format
        ``s[i][f]`` (fixed point), ``bfloat16``, ``e4m3``, ``e5m2`` or another ``eXmY``, or a format itself.
    rounding
        'nearest' (ties to even), 'zero', 'floor', 'stochastic', 'stochastic-fast' or 'stochastic-naive'; see
        `hwpy.low_precision.rounding`.
    bits
        Random bits of each stochastic rounding, 1 to 60. Default 60: then the mean is ``x`` itself as long as no
        more than 60 bits are dropped, and within ``2**-61`` units in the last place of it otherwise.
    seed
        Of the random words; the same seed gives the same result. Default a fresh one.

    Returns
    -------
    float64 array of x's shape; for a tensor a float64 tensor on its device, without gradient.

    Raises
    ------
    ValueError
        If the format, the rounding or the bits are none, or a NaN is to be fixed-point.
    """
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(x, torch.Tensor):
        rounded = quantize(x.detach().cpu().double().numpy(), format, rounding, bits, seed)
        return torch.from_numpy(rounded).to(x.device)
    values = np.asarray(x, dtype=np.float64)
    how = make_rounding(rounding, bits)
    words = np.random.default_rng(seed).integers(0, 1 << how.random_bits, values.shape) if how.is_stochastic else None
    return round_to_format(values, parse_format(format) if isinstance(format, str) else format, how, words)
