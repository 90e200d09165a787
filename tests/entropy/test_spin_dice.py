"""Spin dice: closed forms against the Fokker-Planck equation, the cycle against its Markov chain.

That equation is itself held against Heun's scheme in test_macrospin.py. Statistical tests: level 0.001, fixed seeds.
"""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from hwpy.entropy.fokker_planck import switching_probability
from hwpy.entropy.macrospin import Macrospin
from hwpy.entropy.spin_dice import SpinDice, current_for, drive_probability, sensitivity, thermal_probability

SPIN = Macrospin(barrier=60, damping=0.02, anisotropy_field=0.3)
#: Seconds in which the angle grows, over i - 1.
DRIVE_TIME = SPIN.time_unit / SPIN.damping


def _exact(i, width):
    return float(switching_probability(SPIN, -i, width)[0])


def test_finer_cells_and_steps_change_the_exact_value_by_less_than_a_thousandth():
    for i in (0.8, 1.5, 3.0):
        coarse, fine = (float(switching_probability(SPIN, -i, 10 * DRIVE_TIME / i, cells=n)[0]) for n in (1000, 2000))
        assert coarse == pytest.approx(fine, abs=1e-3)
        quick = float(switching_probability(SPIN, -i, 10 * DRIVE_TIME / i, steps=2000)[0])
        assert coarse == pytest.approx(quick, abs=1e-4)


@pytest.mark.parametrize("i", [0.3, 0.4, 0.5, 0.6, 0.7])
def test_thermal_activation_is_within_2_5_over_the_barrier_that_is_left(i):
    left = SPIN.barrier * (1 - i) ** 2
    rate = SPIN.brown_rates(-i)[0]
    # The saddle is at m_z = i, and AP is reached well below it.
    assert 1 / SPIN.passage_time(i - 0.6, -i) == pytest.approx(rate, rel=2.5 / left)
    assert thermal_probability(SPIN, i * SPIN.critical_current, 0.7 / rate) == pytest.approx(-math.expm1(-0.7))


@pytest.mark.parametrize("i", [0.5, 0.55, 0.6])
def test_weak_pulses_switch_at_the_exact_escape_rate(i):
    rate = 1 / SPIN.passage_time(i - 0.6, -i)
    for share in (0.1, 0.7, 2.0):
        assert _exact(i, share / rate) == pytest.approx(-math.expm1(-share), rel=0.02)


@pytest.mark.parametrize("barrier", [30.0, 60.0, 90.0])
@pytest.mark.parametrize("above", [4.01, 8.0, 16.0])
def test_the_drive_form_is_within_0_06_of_the_exact_value(barrier, above):
    spin = Macrospin(barrier, damping=0.02)
    i = 1 + above / math.sqrt(barrier)
    for t in np.linspace(0.5, 6, 12) / (i - 1) * spin.time_unit / spin.damping:
        exact = float(switching_probability(spin, -i, t)[0])
        assert drive_probability(spin, i * spin.critical_current, t) == pytest.approx(exact, abs=0.06)


def test_the_threshold_of_linear_growth_misses_by_more_than_the_matched_one():
    """Angle pi / 2 against the matched angle, at the pulses where the exact value is a half."""
    for i in (1.6, 2.0):
        t = 0.5 * DRIVE_TIME
        while _exact(i, t) < 0.5:
            t *= 1.1
        grown = (i * math.exp(2 * (i - 1) * t / DRIVE_TIME) - 1) / (i - 1)
        linear = math.exp(-SPIN.barrier * math.pi**2 / 4 / grown)
        exact, matched = _exact(i, t), drive_probability(SPIN, i * SPIN.critical_current, t)
        assert abs(linear - exact) > 0.1 > abs(matched - exact)


@pytest.mark.parametrize("i", [1.2, 2.0, 5.0])
def test_the_matched_angle_is_where_the_linear_law_meets_the_equator(i):
    """Time from a small angle to the equator by integrating ``d theta / ds = sin theta (i - cos theta)``."""
    small = 1e-4
    time = integrate.quad(
        lambda u: math.exp(u) / (math.sin(math.exp(u)) * (i - math.cos(math.exp(u)))),
        math.log(small),
        math.log(math.pi / 2),
    )[0]
    grown = (small * math.exp((i - 1) * time)) ** 2
    assert (2**i * (i - 1) / i) ** (2 / (i + 1)) == pytest.approx(grown, rel=1e-5)


def test_the_probability_grows_with_current_and_width():
    grid = np.array([[_exact(i, t * DRIVE_TIME) for i in (0.9, 1.2, 1.6)] for t in (4, 8)])
    assert (np.diff(grid, axis=0) > 0).all()
    assert (np.diff(grid, axis=1) > 0).all()


@pytest.mark.parametrize(("probability", "width"), [(0.5, 5e-9), (0.1, 2e-9), (0.9, 50e-9)])
def test_the_current_for_a_probability_gives_it(probability, width):
    current = current_for(SPIN, probability, width)
    assert _exact(current / SPIN.critical_current, width) == pytest.approx(probability, abs=1e-3)


def test_the_sensitivity_is_the_slope():
    width = 5e-9
    low, high = (current_for(SPIN, p, width) for p in (0.48, 0.52))
    middle = current_for(SPIN, 0.5, width)
    assert sensitivity(SPIN, middle, width) == pytest.approx(0.04 / (high - low), rel=0.02)


def _dice(**changes):
    current = current_for(SPIN, 0.5, 5e-9)
    parts = {
        "write_width": 5e-9,
        "write_current": current,
        "reset_width": 5e-9,
        "reset_current": 1.1 * current,
        "read_width": 2e-9,
    }
    return SpinDice(SPIN, **{**parts, **changes})


def test_bits_are_the_markov_chain_of_reset_and_write():
    dice = _dice()
    assert 0.5 < dice.reset_probability < 0.95
    generator = np.random.default_rng(1)
    u = generator.random((200_000, 2))
    bits = np.empty(len(u), dtype=np.uint8)
    state = 0
    for k, (reset, write) in enumerate(u):
        if state and reset < dice.reset_probability:
            state = 0
        if not state and write < dice.write_probability:
            state = 1
        bits[k] = state
    after_0, after_1 = (bits[1:][bits[:-1] == s] for s in (0, 1))
    # P(1 | 1) - P(1 | 0) is the correlation, and P(1 | 0) is the write's.
    assert stats.binomtest(int(after_0.sum()), len(after_0), dice.write_probability).pvalue > 5e-4
    assert stats.binomtest(int(after_1.sum()), len(after_1), dice.write_probability + dice.correlation).pvalue > 5e-4
    assert stats.binomtest(int(after_1.sum()), len(after_1), dice.write_probability).pvalue < 5e-4
    stationary = dice.probability_of_1
    assert stationary == pytest.approx(
        stationary * (dice.write_probability + dice.correlation) + (1 - stationary) * dice.write_probability
    )


def test_rate_and_energy_are_those_of_the_cycle():
    dice = _dice(reset_current=4 * SPIN.critical_current, read_energy=1e-15)
    assert dice.reset_probability > 0.9999
    assert dice.probability_of_1 == pytest.approx(0.5, abs=1e-3)
    assert dice.bits_per_second == pytest.approx(1 / 12e-9)
    pulses = 5e-9 * (dice.write_current**2 * 5e3 + dice.reset_current**2 * 7.5e3)
    assert dice.energy == pytest.approx(pulses + 1e-15, rel=1e-3)


def test_bad_values_are_refused():
    with pytest.raises(ValueError, match="spin dice write_width must be positive, in SI units, not 0"):
        _dice(write_width=0)
    with pytest.raises(ValueError, match="spin dice read_energy must not be negative, in joules, not -1"):
        _dice(read_energy=-1)
    with pytest.raises(ValueError, match=r"spin dice current must be at least 1\.516 critical ones for this form"):
        drive_probability(SPIN, SPIN.critical_current, 1e-9)
    with pytest.raises(ValueError, match=r"spin dice probability must be 0\.001 to 0\.999, not 1"):
        current_for(SPIN, 1, 1e-9)
    with pytest.raises(ValueError, match=r"spin dice width must be longer for probability 0\.5, not 1e-14"):
        current_for(SPIN, 0.5, 1e-14)
