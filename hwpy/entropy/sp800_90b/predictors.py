"""The four predictors of SP 800-90B, sections 6.3.7 to 6.3.10: each guesses every sample from those before it.

Where the standard keeps dictionaries keyed by tuples, these keep tables with a row for each possible tuple, which for
bits are small: 2^17 entries for the longest of 16.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from hwpy.entropy.sp800_90b.bounds import TooShortError
from hwpy.entropy.sp800_90b.prediction import entropy_of_predictions

__all__ = ["lag", "lz78y", "multi_mcw", "multi_mmc"]


def multi_mcw(sequence: NDArray[np.integer], windows: tuple[int, ...] = (63, 255, 1023, 4095)) -> float:
    """Section 6.3.7, most common in a window: the value most common of late, by the window that did best so far."""
    values, size = _prepared(sequence, min(windows) + 1)
    correct, longest = _multi_mcw(values, size, np.array(windows))
    return entropy_of_predictions(correct, longest, len(values) - min(windows), size)


def lag(sequence: NDArray[np.integer], lags: int = 128) -> float:
    """Section 6.3.8: the value so many samples ago, by the lag that did best so far."""
    values, size = _prepared(sequence, 2)
    correct, longest = _lag(values, lags)
    return entropy_of_predictions(correct, longest, len(values) - 1, size)


def multi_mmc(sequence: NDArray[np.integer], depth: int = 16, entries: int = 100_000) -> float:
    """Section 6.3.9, multi Markov model with counting: what followed the last d samples most often, by the best d."""
    values, size = _prepared(sequence, 3)
    correct, longest = _multi_mmc(values, size, depth, entries)
    return entropy_of_predictions(correct, longest, len(values) - 2, size)


def lz78y(sequence: NDArray[np.integer], depth: int = 16, entries: int = 65_536) -> float:
    """Section 6.3.10: like `multi_mmc`, with one dictionary of all lengths whose best supported entry predicts."""
    values, size = _prepared(sequence, depth + 2)
    correct, longest = _lz78y(values, size, depth, entries)
    return entropy_of_predictions(correct, longest, len(values) - depth - 1, size)


def _prepared(sequence: NDArray[np.integer], least: int) -> tuple[NDArray[np.int64], int]:
    """The values as 0 to k - 1, and k; values that do not come are left out of the alphabet."""
    if len(sequence) <= least:
        raise TooShortError(f"the predictor needs more than {least!r} samples, not {len(sequence)!r}")
    alphabet, values = np.unique(sequence, return_inverse=True)
    return values.astype(np.int64), max(len(alphabet), 2)


@numba.njit(nogil=True, cache=True)
def _multi_mcw(values, size, windows):
    counts = np.zeros((len(windows), size), np.int64)
    last_seen = np.full(size, -1, np.int64)
    score = np.zeros(len(windows), np.int64)
    guess = np.full(len(windows), -1, np.int64)
    winner, correct, run, longest = 0, 0, 0, 0
    for i in range(len(values)):
        value = values[i]
        if i >= windows.min():
            for j in range(len(windows)):
                guess[j] = -1
                if i >= windows[j]:
                    # Ties go to the value seen last.
                    best = 0
                    for y in range(1, size):
                        if counts[j, y] > counts[j, best] or (
                            counts[j, y] == counts[j, best] and last_seen[y] > last_seen[best]
                        ):
                            best = y
                    guess[j] = best
            run = run + 1 if guess[winner] == value else 0
            correct += run > 0
            longest = max(longest, run)
            for j in range(len(windows)):
                if guess[j] == value:
                    score[j] += 1
                    if score[j] >= score[winner]:
                        winner = j
        last_seen[value] = i
        for j in range(len(windows)):
            counts[j, value] += 1
            if i >= windows[j]:
                counts[j, values[i - windows[j]]] -= 1
    return correct, longest


@numba.njit(nogil=True, cache=True)
def _lag(values, lags):
    score = np.zeros(lags + 1, np.int64)
    winner, correct, run, longest = 1, 0, 0, 0
    for i in range(1, len(values)):
        value = values[i]
        run = run + 1 if winner <= i and values[i - winner] == value else 0
        correct += run > 0
        longest = max(longest, run)
        for d in range(1, min(lags, i) + 1):
            if values[i - d] == value:
                score[d] += 1
                if score[d] >= score[winner]:
                    winner = d
    return correct, longest


@numba.njit(nogil=True, cache=True)
def _rows(size, depth):
    """`start` and `size**d`: the row of d samples is start[d] + them as a number, the latest its lowest digit."""
    start = np.zeros(depth + 2, np.int64)
    power = np.ones(depth + 2, np.int64)
    for d in range(1, depth + 1):
        power[d] = power[d - 1] * size
        start[d + 1] = start[d] + power[d]
    return start, power


@numba.njit(nogil=True, cache=True)
def _multi_mmc(values, size, depth, entries):
    start, power = _rows(size, depth)
    counts = np.zeros((start[depth + 1], size), np.int32)
    stored = np.zeros(depth + 1, np.int64)
    score = np.zeros(depth + 1, np.int64)
    winner, correct, run, longest = 1, 0, 0, 0
    whole = power[depth]
    before = values[0]  # the samples up to i - 2, and up to i - 1, as numbers
    for i in range(2, len(values)):
        now = (before * size + values[i - 1]) % whole
        value = values[i]
        guess = np.full(depth + 1, -1)
        for d in range(1, min(depth, i) + 1):
            if d < i:
                row = start[d] + before % power[d]
                y = values[i - 1]
                if counts[row, y]:
                    counts[row, y] += 1
                elif stored[d] < entries:
                    counts[row, y] = 1
                    stored[d] += 1
            row = start[d] + now % power[d]
            most = 0
            for y in range(size):  # ties go to the larger value
                if counts[row, y] and counts[row, y] >= most:
                    most = counts[row, y]
                    guess[d] = y
        run = run + 1 if guess[winner] == value else 0
        correct += run > 0
        longest = max(longest, run)
        for d in range(1, depth + 1):
            if guess[d] == value:
                score[d] += 1
                if score[d] >= score[winner]:
                    winner = d
        before = now
    return correct, longest


@numba.njit(nogil=True, cache=True)
def _lz78y(values, size, depth, entries):
    start, power = _rows(size, depth)
    counts = np.zeros((start[depth + 1], size), np.int32)
    known = np.zeros(start[depth + 1], np.bool_)
    stored, correct, run, longest = 0, 0, 0, 0
    whole = power[depth]
    before = 0
    for i in range(depth):
        before = (before * size + values[i]) % whole
    for i in range(depth + 1, len(values)):
        now = (before * size + values[i - 1]) % whole
        guess, most = -1, 0
        for d in range(depth, 0, -1):
            row = start[d] + before % power[d]
            if not known[row] and stored < entries:
                known[row] = True
                stored += 1
            if known[row]:
                counts[row, values[i - 1]] += 1
        for d in range(depth, 0, -1):
            row = start[d] + now % power[d]
            if known[row]:
                best = size - 1
                for y in range(size - 2, -1, -1):
                    if counts[row, y] > counts[row, best]:
                        best = y
                if counts[row, best] > most:
                    most = counts[row, best]
                    guess = best
        run = run + 1 if guess == values[i] else 0
        correct += run > 0
        longest = max(longest, run)
        before = now
    return correct, longest
