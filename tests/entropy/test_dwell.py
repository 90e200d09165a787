"""Dwell fits against telegraph processes of known rates: estimates, coverage, and what a naive count gets wrong."""

import math

import numpy as np
import pytest

from hwpy.entropy.dwell import _Pairs, exponential_mean, fit

TRUE = (1.0, 2.5)


def telegraph(rng, times, dwell=TRUE):
    """Exact states of a stationary process at ascending times: exponential dwells one after the other."""
    count = int(times[-1] / sum(dwell) * 1.5) + 100
    lengths = np.empty(2 * count)
    start = int(rng.random() < dwell[1] / sum(dwell))
    lengths[0::2] = rng.exponential(dwell[start], count)
    lengths[1::2] = rng.exponential(dwell[1 - start], count)
    ends = np.cumsum(lengths)
    assert ends[-1] > times[-1]
    return (np.searchsorted(ends, times, side="right") + start) % 2


def test_exponential_mean_is_garwoods():
    """10 events: the 95 % limits of a Poisson mean, from the tables, are 4.795 and 18.39."""
    estimate, low, high = exponential_mean(10.0, 10)
    assert estimate == 1
    assert low == pytest.approx(10 / 18.39, rel=1e-3)
    assert high == pytest.approx(10 / 4.795, rel=1e-3)
    with pytest.raises(ValueError, match=r"not 0\.0 and 3"):
        exponential_mean(0.0, 3)


@pytest.mark.parametrize("mean_events", [3, 10, 100])
def test_exponential_mean_covers(mean_events):
    """With a time fixed beforehand the last dwell is cut off; the interval covers in at least 95 % of recordings."""
    covered, weight = 0.0, math.exp(-mean_events)  # exactly, by the Poisson law of the number of ends
    for events in range(4 * mean_events + 20):
        if events:
            _, low, high = exponential_mean(mean_events, events)
            covered += weight * (low <= 1 <= high)
        else:
            covered += weight * (mean_events < -math.log(0.025))  # no end: the limit is one-sided
        weight *= mean_events / (events + 1)
    assert 0.95 <= covered < 0.99  # more than 95 % for few events, whose number is whole


@pytest.mark.parametrize("period", [0.02, 0.3, 1.0, 2.0])
def test_even_sampling_is_the_inverted_chain(period):
    """The fit is the closed form: the logarithm of the eigenvalue of the chain of the samples."""
    states = telegraph(np.random.default_rng(2), np.arange(40_000) * period)
    first, moved = states[:-1], states[1:] != states[:-1]
    p01, p10 = moved[first == 0].mean(), moved[first == 1].mean()
    rate = -math.log(1 - p01 - p10) / period
    found = fit(states, period)
    assert found.p[0] == pytest.approx((p01 + p10) / p01 / rate, rel=1e-6)
    assert found.ap[0] == pytest.approx((p01 + p10) / p10 / rate, rel=1e-6)


@pytest.mark.parametrize("even", [True, False])
@pytest.mark.parametrize("period", [0.02, 0.7])
def test_intervals_cover(period, even):
    """500 recordings: coverage of 95 % has standard error 0.01; the bound is at 3.5 of them."""
    rng = np.random.default_rng(3)
    count = 1000 if period < 0.1 else 600
    held = np.zeros(2)
    for _ in range(500):
        times = np.arange(count) * period if even else np.cumsum(rng.exponential(period, count))
        found = fit(telegraph(rng, times), period if even else times)
        held += [low <= true <= high for true, (_, low, high) in zip(TRUE, (found.p, found.ap), strict=True)]
    assert (held / 500 > 0.95 - 0.035).all()
    assert (held / 500 < 0.99).all()


def test_estimates_are_unbiased_where_a_naive_count_is_not():
    """Power: counting the switchings that are seen, at one sample a dwell, is off by 40 %; the fit is not."""
    times = np.arange(200_000) * 1.0
    states = telegraph(np.random.default_rng(4), times)
    found = fit(states, 1.0)
    for state, true, (estimate, low, high) in ((0, TRUE[0], found.p), (1, TRUE[1], found.ap)):
        assert low < true < high
        assert high / low < 1.05
        naive = np.sum(states[:-1] == state) / np.sum((states[:-1] == state) & (states[1:] != state))
        assert naive > 1.4 * true
        assert estimate == pytest.approx(true, rel=0.03)


@pytest.mark.parametrize("even", [True, False])
def test_derivatives_of_the_likelihood(even):
    rng = np.random.default_rng(8)
    times = np.arange(3000) * 0.8 if even else np.cumsum(rng.exponential(0.8, 3000))
    pairs = _Pairs.of(telegraph(rng, times).astype(np.int8), np.diff(times))
    logs, steps = pairs.maximise(np.zeros(2)), 1e-5 * np.eye(2)

    def likelihood(at):
        return pairs.likelihood(pairs.probabilities(at))

    away = logs + np.array([0.1, -0.2])
    numeric = [(likelihood(away + step) - likelihood(away - step)) / 2e-5 for step in steps]
    assert pairs.score(away)[0] == pytest.approx(numeric, rel=1e-5)
    assert pairs.score(logs)[0] == pytest.approx([0, 0], abs=1e-3)
    hessian = [(pairs.score(logs + step)[0] - pairs.score(logs - step)[0]) / 2e-5 for step in steps]
    # At the maximum of the saturated model, the even one, the expected information is the observed one.
    assert pairs.score(logs)[1] == pytest.approx(-np.array(hessian), rel=1e-4 if even else 0.1)


def test_scale_and_jitter_do_not_matter():
    rng = np.random.default_rng(5)
    times = np.arange(5000) * 0.1
    states = telegraph(rng, times)
    plain = fit(states, 0.1)
    jittered = fit(states, times + rng.uniform(-1e-9, 1e-9, len(times)))
    assert jittered.p == pytest.approx(plain.p, rel=1e-4)
    for scale in (1e-12, 1e9):
        scaled = fit(states, times * scale)
        assert scaled.ap == pytest.approx([value * scale for value in plain.ap], rel=1e-6)


def test_gaps_in_a_recording():
    """Half of the samples lost at random, and a long pause: the times say so, and the fit stays right."""
    rng = np.random.default_rng(6)
    times = np.concatenate([np.arange(20_000) * 0.2, 1e5 + np.arange(20_000) * 0.2])
    times = times[rng.random(len(times)) < 0.5]
    found = fit(telegraph(rng, times), times)
    assert found.p[1] < TRUE[0] < found.p[2]
    assert found.ap[1] < TRUE[1] < found.ap[2]
    as_if_even = fit(telegraph(rng, times), 0.2)
    assert as_if_even.ap[2] < TRUE[1]  # power: without the times it is wrong


def test_what_cannot_be_told():
    rng = np.random.default_rng(7)
    fast = fit(rng.integers(0, 2, 10_000), 1.0)
    assert fast.p is None
    assert fast.ap is None
    assert "faster than the sampling" in fast.note
    alternating = fit(np.arange(1000) % 2, 1.0)
    assert alternating.p is None
    once = fit([0] * 60 + [1] * 60, 1.0)
    assert once.p[0] == 60
    assert once.ap is None
    assert "never ends" in once.note
    stuck = fit([1] * 100, 1.0)
    assert stuck.p is None
    assert stuck.ap is None


def test_bad_arguments():
    with pytest.raises(ValueError, match="at least 2 samples"):
        fit([1])
    with pytest.raises(ValueError, match="a time for each of 3 samples, not 2"):
        fit([0, 1, 0], [0.0, 1.0])
    with pytest.raises(ValueError, match="ascend"):
        fit([0, 1, 0], [0.0, 1.0, 1.0])
