"""Health tests: cutoffs as published, laws by enumeration, false alarms, faults in their bounds, hardware as the model.

Statistical tests have fixed seeds and a level of 0.001; each has a twin that shows it can fail.
"""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hwpy.entropy.health import BitTests, Health, HealthParameters, proportion_cutoff, repetition_cutoff
from hwpy.entropy.health_bounds import (
    detection_bound,
    proportion_failures,
    proportion_law,
    repetition_law,
    repetition_rate,
)
from hwpy.entropy.health_fast import FastBitTests
from sim.entropy import bench_health
from sim.runner import BenchFailed, simulate

LEVEL = 0.001
FAIR = (0.5, 0.5)
DEFAULT = HealthParameters()


@pytest.mark.parametrize(
    ("entropy", "log_alpha", "published"),
    [
        (2, -20, 11),  # SP 800-90B, 4.4.1
        (0.5, -40, 81),  # Arm CryptoCell-312 run-time library, CC_CONFIG_TRNG90B_REPETITION_COUNTER_CUTOFF
        (1, -30, 31),  # jitterentropy: 30 repetitions after the first
    ],
)
def test_repetition_cutoffs_are_the_published_ones(entropy, log_alpha, published):
    assert repetition_cutoff(entropy, 2.0**log_alpha) == published


@pytest.mark.parametrize(
    ("entropy", "log_alpha", "critbinom"),
    [
        (0.5, -40, 823),  # Arm CryptoCell-312, CC_CONFIG_TRNG90B_ADAPTIVE_PROPORTION_CUTOFF
        (0.77, -39, 708),  # ChromiumOS cr50, fips_rand.h
        (0.77, -30, 694),  # ChromiumOS cr50, fips_rand.h
    ],
)
def test_proportion_cutoffs_are_one_more_than_the_published_critbinom(entropy, log_alpha, critbinom):
    assert proportion_cutoff(entropy, 2.0**log_alpha) == critbinom + 1


def test_proportion_cutoffs_of_the_corrected_formula_are_those_of_jitterentropy():
    """Linux, crypto/jitterentropy.c: C = 2 + CRITBINOM(W - 1, ...), since the first bit counts for certain."""
    published = [325, 422, 459, 477, 488, 494, 499, 502, 505, 507, 508, 509, 510, 511, 512]
    assert [proportion_cutoff(1 / k, 2.0**-30, 511) + 1 for k in range(1, 16)] == published


@given(st.floats(0.01, 1), st.floats(1e-12, 0.4), st.integers(2, 1024))
def test_proportion_cutoff_is_the_smallest_with_the_tail_of_the_binomial(entropy, alpha, window):
    found = proportion_cutoff(entropy, alpha, window)
    assert stats.binom.sf(found - 1, window, 2**-entropy) <= alpha * (1 + 1e-9)
    assert stats.binom.sf(found - 2, window, 2**-entropy) > alpha * (1 - 1e-9)


# Laws, by all sequences of bits.

CUTOFFS = {"false_alarm": 0.06, "window": 9, "lags": 3}
SMALL = HealthParameters(**CUTOFFS)


def _failures(bits, parameters=SMALL):
    """Bits at which the golden tester fails: of the repetition count, and of the proportion test."""
    tester = BitTests(parameters)
    found = [], []
    for i, bit in enumerate(bits):
        tester.step(bit)
        for which, failed in zip(found, (tester.repetition, tester.proportion), strict=True):
            if failed:
                which.append(i)
    return found


def _probability(bits, escapes, first=None):
    p = escapes[1 - bits[0]] / sum(escapes) if first is None else float(bits[0] == first)
    for old, new in itertools.pairwise(bits):
        p *= escapes[old] if old != new else 1 - escapes[old]
    return p


@pytest.mark.parametrize("escapes", [FAIR, (0.3, 0.7), (0.1, 0.45)])
def test_the_laws_of_both_tests_are_those_of_all_sequences(escapes):
    window = SMALL.window
    assert (SMALL.repetition_cutoff, SMALL.proportion_cutoff) == (6, 8)
    repetition, proportion = np.zeros(window + 1), np.zeros((2, window + 1))
    for bits in itertools.product((0, 1), repeat=window):
        repeated, biased = _failures(bits)
        if repeated:
            repetition[repeated[0] + 1 :] += _probability(bits, escapes)
        if biased:
            proportion[bits[0], biased[0] + 1 :] += _probability(bits, escapes, bits[0])
    np.testing.assert_allclose(repetition_law(SMALL.repetition_cutoff, escapes, window), repetition)
    np.testing.assert_allclose(proportion_law(SMALL.proportion_cutoff, window, escapes), proportion)


@pytest.mark.parametrize("escapes", [FAIR, (0.3, 0.7), (0.1, 0.45)])
def test_the_rate_of_repetition_failures_is_that_of_all_sequences(escapes):
    """At the last of 11 bits a run of 6 is complete, in the stationary chain; the first 5 are what was before."""
    cutoff, length = SMALL.repetition_cutoff, 11
    failing = sum(
        _probability(bits, escapes)
        for bits in itertools.product((0, 1), repeat=length)
        if len(set(bits[-cutoff:])) == 1 and bits[-cutoff - 1] != bits[-1]
    )
    assert repetition_rate(cutoff, escapes) == pytest.approx(failing)


@pytest.mark.parametrize("lag", [1, 2, 3])
def test_xors_of_fair_bits_at_any_lag_are_fair_and_independent(lag):
    """A bijection: all sequences of 10 bits give all sequences, each once."""
    found = {
        tuple(bit ^ (bits[i - lag] if i >= lag else 0) for i, bit in enumerate(bits))
        for bits in itertools.product((0, 1), repeat=10)
    }
    assert len(found) == 1 << 10


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.floats(0.02, 0.98), st.floats(0.02, 0.98), st.lists(st.integers(0, 300), min_size=1))
def test_fast_testers_are_the_golden_ones(seed, from_0, from_1, parts):
    numbers = np.random.default_rng(seed)
    bits = _junction((from_0, from_1), sum(parts), numbers)
    fast = FastBitTests(SMALL)
    for part in np.split(bits, np.cumsum(parts)[:-1]):
        fast.feed(part)
    for lag in range(SMALL.lags + 1):
        before = np.concatenate([np.zeros(lag, np.uint8), bits])[: len(bits)]
        golden = _failures((bits ^ before if lag else bits).tolist())
        assert [fast.repetition[lag], fast.proportion[lag]] == [len(failures) for failures in golden]
        first = [failures[0] if failures else -1 for failures in golden]
        assert [fast.first_repetition[lag], fast.first_proportion[lag]] == first


def _junction(escapes, count, numbers):
    """Bits of a two-state chain in its stationary state."""
    state = int(numbers.random() < escapes[0] / sum(escapes))
    if sum(escapes) == 1:
        return (numbers.random(count) < escapes[0]).astype(np.uint8)
    dwells = np.stack([numbers.geometric(escapes[s], count + 1) for s in (state, 1 - state)], axis=1).ravel()
    dwells = dwells[: int(np.searchsorted(np.cumsum(dwells), count)) + 1]
    return np.repeat(np.arange(len(dwells)) % 2 ^ state, dwells)[:count].astype(np.uint8)


# False alarms.


def _poisson_p_value(count, mean):
    return min(1.0, 2 * min(stats.poisson.cdf(count, mean), stats.poisson.sf(count - 1, mean)))


@pytest.mark.parametrize("log_alpha", [-16, -8])
def test_false_alarms_of_fair_bits_come_at_the_exact_rate_at_every_lag(log_alpha):
    """8 million bits, each count at level 0.001 / 10; the whole of it with 1e9 bits: `python -m benchmarks health`."""
    parameters = HealthParameters(false_alarm=2.0**log_alpha)
    bits = 1 << 23
    fast = FastBitTests(parameters)
    fast.feed(np.random.default_rng(31).integers(0, 2, bits, dtype=np.uint8))
    repetitions = bits * repetition_rate(parameters.repetition_cutoff, FAIR)
    proportions = bits // parameters.window * proportion_failures(parameters.proportion_cutoff, parameters.window, FAIR)
    for lag in range(parameters.lags + 1):
        assert _poisson_p_value(fast.repetition[lag], repetitions) > LEVEL / 10
        assert _poisson_p_value(fast.proportion[lag], proportions) > LEVEL / 10
    # Power: cutoffs one higher would halve the repetitions, which is told apart.
    assert _poisson_p_value(fast.repetition[0], repetitions / 2) < LEVEL / 10


def test_the_standards_cutoff_can_exceed_the_stated_rate():
    """4.4.2 counts the window's first bit as random though it always counts: 1 % of alpha, and one more mends it."""
    alpha = 2.0**-20
    assert alpha < proportion_failures(DEFAULT.proportion_cutoff, 1024, FAIR) < 1.02 * alpha
    assert proportion_failures(DEFAULT.proportion_cutoff + 1, 1024, FAIR) < alpha


@pytest.mark.parametrize("escape", [0.3, 0.7])
def test_a_junction_that_is_as_good_as_claimed_keeps_the_false_alarm_rate(escape):
    """Correlated bits: given the one before, each has the claimed min-entropy and no more."""
    parameters = HealthParameters(entropy=-math.log2(0.7))
    chain = (escape, escape)
    assert repetition_rate(parameters.repetition_cutoff, chain) < parameters.false_alarm
    assert proportion_failures(parameters.proportion_cutoff, parameters.window, chain) < parameters.false_alarm


# Faults.


def _run(health, words, **inputs):
    """Word by word until the words end; gives what is let through, and the number of the word with the alarm."""
    through, alarm = [], None
    for i, word in enumerate(words):
        assert health.input_ready(True)
        health.tick(word=word, ready=True, **inputs)
        if health.valid:
            through.append(health.payload)
            assert not health.alarm
        if health.alarm and alarm is None:
            alarm = i
    return through, alarm


def _fair(count, seed):
    return np.random.default_rng(seed).integers(0, 2, count).tolist()


@pytest.mark.parametrize("pattern", ["0", "1", "01", "011", "0010", "0111"])
@pytest.mark.parametrize("onset", [1500, 1777])
def test_no_bit_of_a_stuck_or_oscillating_source_is_let_through(pattern, onset):
    good = _fair(onset, seed=onset)
    bad = [int(bit) for bit in pattern] * 50
    through, alarm = _run(Health(DEFAULT), good + bad)
    period = len(pattern) if pattern not in ("0", "1") else 0
    assert alarm is not None
    assert alarm < onset + period + DEFAULT.repetition_cutoff
    # The good bits after the start-up, but for those still held back; none of the bad.
    assert through == good[DEFAULT.startup : alarm - DEFAULT.held]
    assert alarm - DEFAULT.held <= onset


def test_power_periods_up_to_the_lags_only_are_found():
    """The approved tests alone find no balanced pattern."""
    for lags, pattern in ((0, [0, 1]), (1, [0, 0, 1, 1])):
        _, alarm = _run(Health(HealthParameters(lags=lags)), pattern * 1000)
        assert alarm is None
        _, alarm = _run(Health(HealthParameters(lags=len(pattern))), pattern * 1000)
        assert alarm is not None


@pytest.mark.parametrize("probability", [0.6, 0.7, 0.8, 0.9, 0.95, 0.99])
def test_a_bias_is_found_within_its_bound(probability):
    """400 faults at any place of the window; each misses its bound with a chance of 2^-20, so level 4e-4."""
    numbers = np.random.default_rng(int(100 * probability))
    escapes = (probability, 1 - probability)
    bound = detection_bound(DEFAULT, escapes)
    times = []
    for _ in range(400):
        fast, onset = None, int(numbers.integers(1024, 2048))
        while fast is None or fast.repetition.any() or fast.proportion.any():  # no false alarm before
            fast = FastBitTests(HealthParameters(lags=0))
            fast.feed(numbers.integers(0, 2, onset, dtype=np.uint8))
        fast.feed(_junction(escapes, int(bound), numbers))
        found = [first for first in (fast.first_repetition[0], fast.first_proportion[0]) if first >= 0]
        assert found
        times.append(min(found) - onset + 1)
    assert max(times) <= bound
    # The bound is not idle: half of it would be too short for a chance of 2^-20, as one of 2^-3 is for 400 faults.
    assert detection_bound(DEFAULT, escapes, miss=2.0**-3) < bound


def test_a_fair_source_passes_for_as_long_as_the_false_alarm_rate_says():
    through, alarm = _run(Health(DEFAULT), _fair(20_000, seed=5))
    assert alarm is None
    assert through == _fair(20_000, seed=5)[DEFAULT.startup : -DEFAULT.held - 1 + 1]


def test_times_to_find_a_bias_have_the_exact_laws():
    """3,000 biased sources from the start of a window, chi-square at level 0.001 for each test; power: another bias."""
    numbers = np.random.default_rng(41)
    escapes = (0.8, 0.2)
    firsts = []
    for _ in range(3000):
        fast = FastBitTests(HealthParameters(lags=0))
        fast.feed(_junction(escapes, 1024, numbers))
        firsts.append((fast.first_repetition[0], fast.first_proportion[0]))
    repetition, proportion = np.array(firsts).T
    for found, law in (
        (repetition, lambda e: repetition_law(DEFAULT.repetition_cutoff, e, 1024)),
        (proportion, lambda e: np.array(e)[::-1] @ proportion_law(DEFAULT.proportion_cutoff, 1024, e)),
    ):
        edges = np.quantile(found[found >= 0], [0.2, 0.4, 0.6, 0.8]).astype(int)
        observed = [(found == -1).sum(), *np.histogram(found[found >= 0], [0, *(edges + 1), 1024])[0]]

        def p_value(e, law=law, edges=edges, observed=observed):
            cdf = law(e)[[0, *(edges + 1), 1024]]
            expected = 3000 * np.array([1 - cdf[-1], *np.diff(cdf)])
            return stats.chisquare(observed, expected).pvalue

        assert p_value(escapes) > LEVEL
        assert p_value((0.78, 0.22)) < LEVEL


def test_a_dead_source_is_found_by_its_silence_and_only_while_it_is_asked():
    parameters = HealthParameters(timeout=50, startup=0)
    health = Health(parameters)
    words = _fair(100, seed=6)
    _run(health, words)
    for _ in range(200):
        health.tick(ready=False)  # a word waits for the consumer
    assert not health.alarm
    for clock in range(50):
        assert not health.alarm, clock
        health.tick(ready=True)
    assert health.silence
    assert not health.valid


def test_nothing_is_let_through_in_an_alarm_nor_after_a_clear_before_the_start_up_has_passed():
    health = Health(DEFAULT)
    _run(health, [0] * 30)
    assert health.repetition
    good = _fair(3000, seed=7)
    through, _ = _run(health, good)
    assert not through
    health.tick(clear=True)
    assert not health.alarm
    through, alarm = _run(health, good)
    assert alarm is None
    assert through == good[DEFAULT.startup : len(good) - DEFAULT.held]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"width": 0}, "health test width must be at least 1, not 0"),
        ({"entropy": 0}, "claimed min-entropy must be above 0 to 1 a bit, not 0"),
        ({"entropy": 1.5}, "claimed min-entropy must be above 0 to 1 a bit, not 1.5"),
        ({"false_alarm": 0}, "false-alarm rate must be above 0 and below 0.5, not 0"),
        ({"entropy": 0.01}, "a claim of 0.01 a bit with false alarms of .* lets every window of 1024 pass"),
    ],
)
def test_bad_parameters_are_refused_with_their_value(arguments, message):
    with pytest.raises(ValueError, match=message):
        HealthParameters(**arguments)


def test_hardware_is_golden_in_icarus(icarus):
    for case in bench_health.CASES:
        simulate(bench_health.make(case), bench_health.__name__, case, simulator=icarus)


@pytest.mark.verilator
def test_hardware_is_golden_in_verilator(verilator):
    case = bench_health.CASES[0]
    simulate(bench_health.make(case), bench_health.__name__, case, simulator=verilator)


@pytest.mark.parametrize("test", ["_repetition", "_proportion"])
def test_the_bench_fails_on_hardware_without_one_of_the_tests(icarus, monkeypatch, test):
    from amaranth.hdl import Const

    import rtl.entropy.health as hardware

    monkeypatch.setattr(hardware.Health, test, lambda *arguments: Const(0))
    case = bench_health.CASES[0]
    with pytest.raises(BenchFailed, match="ports_are_golden_every_clock"):
        simulate(bench_health.make(case), bench_health.__name__, case, simulator=icarus)


def test_the_bench_fails_on_hardware_with_another_timeout(icarus):
    case = bench_health.CASES[0]
    with pytest.raises(BenchFailed, match="ports_are_golden_every_clock"):
        simulate(bench_health.make({**case, "timeout": 13}), bench_health.__name__, case, simulator=icarus)
