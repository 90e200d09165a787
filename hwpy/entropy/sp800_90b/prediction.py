"""From how well a predictor did to min-entropy: what sections 6.3.7 to 6.3.10 of SP 800-90B have in common."""

from __future__ import annotations

import math

from hwpy.entropy.sp800_90b.bounds import TooShortError, upper_bound

__all__ = ["entropy_of_predictions"]


def entropy_of_predictions(correct: int, longest_run: int, predictions: int, values: int) -> float:
    """Bits per sample that a predictor leaves, by its overall success and by its longest run of successes.

    Parameters
    ----------
    correct, longest_run, predictions
        Predictions that came true, the most of them in a row, and all of them.
    values
        Size of the alphabet: no predictor is credited with less than a guess.
    """
    if predictions < 2:
        raise TooShortError(f"a predictor needs 2 predictions, not {predictions!r}")
    if correct:
        overall = upper_bound(correct / predictions, predictions)
    else:
        overall = 1 - 0.01 ** (1 / predictions)
    floor = max(overall, 1 / values)
    # The local bound grows with the run: where even the floor makes such a run likely enough, it cannot be above.
    if _log_no_run(floor, longest_run + 1, predictions) <= math.log(0.99):
        return -math.log2(floor) + 0.0
    low, high = floor, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if _log_no_run(middle, longest_run + 1, predictions) > math.log(0.99):
            low = middle
        else:
            high = middle
    return -math.log2(low) + 0.0


def _log_no_run(p: float, run: int, trials: int) -> float:
    """Log probability of no run of ``run`` successes of probability p in so many trials (Feller, section XIII.7).

    ``(1 - p x) / ((r + 1 - r x) q) x^-(n + 1)``, x being the root next to 1 of ``1 - x + q p^r x^(r + 1)``.
    """
    if p >= 1:
        return -math.inf
    q = 1 - p
    x = 1.0
    for _ in range(100):
        # q p^r x^(r+1), by logarithms: the powers alone overflow for long runs.
        exponent = math.log(q) + run * math.log(p) + (run + 1) * math.log(x)
        new = 1 + math.exp(min(exponent, 700.0))
        if not new < 1 / p:  # the other root: such runs are certain
            return -math.inf
        if abs(new - x) < 1e-15:
            break
        x = new
    denominator = (run + 1 - run * x) * q
    if denominator <= 0:
        return -math.inf
    return math.log((1 - p * x) / denominator) - (trials + 1) * math.log(x)
