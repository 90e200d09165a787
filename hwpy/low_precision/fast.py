"""The rounding MAC at speed on one core: the golden model's bits, with the random words drawn inside the loop.

Each rounding of `hwpy.low_precision.rounding` is the same few instructions with other constants (`_constants`): of
``drop + bits`` bits to go, the low ``drop`` are rounded to nearest or cut off, the random word is added to the other
``bits``, and the sum is cut off. Steps that round go through 32-bit lanes, sums that round at their end through the
linear algebra library, in whose float64 they are exact.

Words are given out as by a machine of as many units as the source has lanes. Number e of an array, in C order, is
rounded by lane ``e % lanes`` in clock ``e // lanes``. In a matrix product whose steps round, column j is lane
``j % lanes``'s, and each block of columns is gone through row by row, each row in the order of its sum.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.low_precision.entropy import WordSource
from hwpy.low_precision.fast_words import draw
from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.mac import MacParameters
from hwpy.low_precision.rounding import Rounding

__all__ = ["exact_matmul", "mac_matmul", "mac_words", "round_whole"]

_OPERAND_BITS = 16
_TOTAL_BITS = 31
_LONGEST_STEP = 30
_SIGNIFICAND = 53
#: Of a machine without random words.
_LANES = 256


def mac_matmul(
    parameters: MacParameters, x: ArrayLike, w: ArrayLike, source: WordSource | None = None
) -> NDArray[np.float64]:
    """``x @ w``, each output a sum of the MAC: golden `hwpy.low_precision.mac.mac` with the words of `mac_words`.

    Parameters
    ----------
    parameters
        The unit. If each step rounds, factors have at most 16 bits, accumulators 31, and a step drops at most 30.
    x, w
        Raw integers (M, K) and (K, N), of any type.
    source
        If the rounding is stochastic, of its random bits.

    Returns
    -------
    Raw integers in float64, (M, N), ready for the next product.

    Raises
    ------
    ValueError
        If shapes, formats or source do not fit, a factor is outside of its format, or a sum that rounds at its end
        could leave the accumulator on its way: that depends on its order, which the library does not keep.
    """
    x, w = np.asarray(x), np.asarray(w)
    if x.ndim != 2 or w.ndim != 2 or x.shape[1] != w.shape[0]:
        raise ValueError(f"matrices to multiply must be (M, K) and (K, N), not {x.shape} and {w.shape}")
    for name, raw, form in (("x", x, parameters.x), ("w", w, parameters.w)):
        if raw.size and not form.lowest <= raw.min() <= raw.max() <= form.highest:
            raise ValueError(f"MAC {name} must be {form.lowest} to {form.highest} in {form}")
    if not parameters.step_shift:
        sums = exact_matmul(x.astype(np.float64), w.astype(np.float64), parameters.accumulator.highest)
        return round_whole(sums, parameters.end_shift, parameters.rounding, parameters.output, source)
    if max(parameters.x.width, parameters.w.width) > _OPERAND_BITS or parameters.accumulator.width > _TOTAL_BITS:
        raise ValueError(
            f"fast MAC that rounds each step takes factors of {_OPERAND_BITS} bits and accumulators of {_TOTAL_BITS}, "
            f"not {parameters.x}, {parameters.w} and {parameters.accumulator}"
        )
    if parameters.step_shift > _LONGEST_STEP:
        raise ValueError(f"fast MAC drops at most {_LONGEST_STEP} bits a step, not {parameters.step_shift!r}")
    kind, lanes, state, settings = _source(source, parameters.rounding)
    totals = np.empty((x.shape[0], w.shape[1]), np.int32)
    constants = np.array(_constants(parameters.step_shift, parameters.rounding), np.int32)
    limits = np.array([parameters.accumulator.lowest, parameters.accumulator.highest], np.int32)
    rows, columns = np.ascontiguousarray(x, np.int32), np.ascontiguousarray(w, np.int32)
    _matmul(rows, columns, totals, lanes, constants, limits, kind, state, settings)
    return np.clip(totals, parameters.output.lowest, parameters.output.highest).astype(np.float64)


def mac_words(parameters: MacParameters, source: WordSource, rows: int, inner: int, columns: int) -> NDArray[np.int64]:
    """The words of a `mac_matmul`, which are thereby taken: (M, N, K) if each step rounds, else (M, N)."""
    if not parameters.step_shift:
        return source.words(-(-rows * columns // source.lanes)).reshape(-1)[: rows * columns].reshape(rows, columns)
    blocks = -(-columns // source.lanes)
    words = source.words(blocks * rows * inner).reshape(blocks, rows, inner, source.lanes)
    return np.concatenate(list(words), axis=-1)[..., :columns].swapaxes(1, 2)


def exact_matmul(
    x: NDArray[np.floating], w: NDArray[np.floating], highest: float | None = None
) -> NDArray[np.floating]:
    """The product of matrices of whole numbers held in floating point, by the linear algebra library and yet exact.

    No partial sum, in any order, is above ``K max|x| max|w|``. As long as this is at most ``2**53`` (float32:
    ``2**24``) all of them are whole numbers that the type holds, and nothing is ever rounded.

    Raises
    ------
    ValueError
        If the bound is above that, or above ``highest``.
    """
    bound = x.shape[1] * _largest(x) * _largest(w)
    limit = 2.0 ** (np.finfo(np.result_type(x, w)).nmant + 1)
    limit = limit if highest is None else min(limit, highest)
    if bound > limit:
        raise ValueError(f"sums of a matrix product must be sure to stay within {limit:.0f}, not within {bound:.0f}")
    return x @ w


def round_whole(
    raw: ArrayLike, shift: int, rounding: Rounding, form: FixedFormat, source: WordSource | None = None
) -> NDArray[np.float64]:
    """``raw / 2**shift`` rounded and saturated: golden ``form.saturate(shift_right(raw, shift, rounding, words))``.

    Parameters
    ----------
    raw
        Whole numbers below ``2**53`` of any type and shape.
    shift
        Bits to drop, 0 to 53.
    source
        As `mac_matmul`'s.

    Returns
    -------
    Raw integers in float64, of raw's shape.
    """
    values = np.ascontiguousarray(raw, np.float64)
    kind, lanes, state, settings = _source(source, rounding)
    if not 0 <= shift <= _SIGNIFICAND:
        raise ValueError(f"bits to drop must be 0 to {_SIGNIFICAND}, not {shift!r}")
    if not _largest(values) < 2.0**_SIGNIFICAND:
        raise ValueError(f"whole numbers to round must be below 2**{_SIGNIFICAND}, not {_largest(values):g}")
    out = np.empty(values.shape, np.float64)
    constants = np.array(_constants(shift, rounding), np.int64)
    _round(values.reshape(-1), out.reshape(-1), lanes, constants, form.lowest, form.highest, kind, state, settings)
    return out


def _largest(values: NDArray[np.floating]) -> float:
    """The largest magnitude, without a copy; infinite if one is not a number."""
    least, most = float(values.min(initial=0)), float(values.max(initial=0))
    return max(-least, most) if least <= most else np.inf


def _source(source: WordSource | None, rounding: Rounding) -> tuple[int, int, NDArray[np.uint32], NDArray[np.int64]]:
    if not rounding.is_stochastic:
        return -1, _LANES, np.zeros((1, 1), np.uint32), np.zeros(1, np.int64)
    if source is None or source.bits != rounding.random_bits:
        found = "none" if source is None else f"one of {source.bits}"
        raise ValueError(f"{rounding.mode} rounding needs a source of {rounding.random_bits} random bits, not {found}")
    return source.kind, source.lanes, source.state, source.settings


def _constants(shift: int, rounding: Rounding) -> tuple[int, ...]:
    """Of a rounding: drop, half, odd, negative, whole, discard, bits.

    ``half`` is added, ``odd`` masks the bit that breaks a tie, ``negative`` is added below zero, ``whole`` masks the
    accumulator where it decides of odd and negative, and a random word loses its low ``discard`` bits: those beyond the
    bits that there are to drop cannot matter.
    """
    bits = min(rounding.random_bits, shift)
    drop = shift - bits
    half = odd = negative = 0
    if drop and rounding.mode in ("nearest", "stochastic"):
        half, odd = (1 << (drop - 1)) - 1, 1
    elif drop and rounding.mode == "stochastic-fast":
        half = 1 << (drop - 1)
    elif rounding.mode == "zero":
        negative = (1 << drop) - 1
    return drop, half, odd, negative, 0 if bits else -1, rounding.random_bits - bits, bits


@numba.njit(nogil=True, cache=True)
def _round(raw, out, lanes, constants, lowest, highest, kind, state, settings):
    drop, half, odd, negative = constants[0], constants[1], constants[2], constants[3]
    discard, bits = np.uint32(constants[5]), constants[6]
    word = np.zeros(lanes, np.uint32)
    for start in range(0, raw.shape[0], lanes):
        draw(word, kind, state, settings)
        for lane in range(min(lanes, raw.shape[0] - start)):
            x = np.int64(raw[start + lane])
            kept = x >> drop
            kept = (x + half + (kept & odd) + ((kept >> 63) & negative)) >> drop
            y = (kept + np.int64(word[lane] >> discard)) >> bits
            out[start + lane] = np.float64(min(max(y, lowest), highest))


@numba.njit(nogil=True, cache=True)
def _matmul(a, b, out, lanes, constants, limits, kind, state, settings):
    # Masked, so that the compiler sees that 32-bit shifts do.
    drop, bits = constants[0] & np.int32(31), constants[6] & np.int32(31)
    discard = np.uint32(constants[5] & np.int32(31))
    half, odd, negative, whole = constants[1], constants[2], constants[3], constants[4]
    lowest, highest = limits[0], limits[1]
    word = np.zeros(lanes, np.uint32)
    total = np.empty(lanes, np.int32)
    for start in range(0, b.shape[1], lanes):
        count = min(lanes, b.shape[1] - start)
        for i in range(a.shape[0]):
            total[:] = 0
            for k in range(a.shape[1]):
                draw(word, kind, state, settings)
                x = a[i, k]
                row = b[k, start : start + count]
                for lane in range(count):
                    product = np.int32(x * row[lane])
                    sum_ = total[lane]
                    kept = np.int32((sum_ & whole) + np.int32(product >> drop))
                    tie = np.int32((kept & odd) + (np.int32(kept >> np.int32(31)) & negative))
                    kept = np.int32(np.int32(product + half + tie) >> drop)
                    y = np.int32(np.int32(kept + np.int32(word[lane] >> discard)) >> bits)
                    total[lane] = min(max(np.int32(sum_ + y), lowest), highest)
            for lane in range(count):
                out[i, start + lane] = total[lane]
