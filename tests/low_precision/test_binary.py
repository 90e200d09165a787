"""Binary and ternary weights: their means, and the laws of the junctions that draw them. Level 0.001, fixed seeds."""

import math

import numpy as np
import pytest
from scipy import stats

from hwpy.entropy.fokker_planck import switching_probability
from hwpy.entropy.smtj import SmtjParameters
from hwpy.entropy.spin_dice import SpinDice
from hwpy.low_precision.binary import (
    IdealBits,
    SmtjBits,
    SpinDiceBits,
    binary,
    hard_sigmoid,
    sign,
    ternary,
    ternary_sign,
)

LEVEL = 0.001
WEIGHTS = np.array([-1.5, -1.0, -0.6, -0.1, 0.0, 0.3, 1.0, 2.0])
COUNT = 20_000


def _generator():
    return np.random.default_rng(1)


def _p_value(bits, probability):
    return stats.binomtest(int(np.sum(bits)), np.size(bits), probability).pvalue


def _dice(**changes):
    return SpinDiceBits(_generator(), **changes)


def test_the_deterministic_rules():
    assert hard_sigmoid(WEIGHTS) == pytest.approx([0, 0, 0.2, 0.45, 0.5, 0.65, 1, 1])
    assert sign(WEIGHTS).tolist() == [-1, -1, -1, -1, 1, 1, 1, 1]
    assert ternary_sign(WEIGHTS).tolist() == [-1, -1, -1, 0, 0, 0, 1, 1]
    with pytest.raises(ValueError, match=r"threshold must be 0 or more and below 1, not 1\.0"):
        ternary_sign(WEIGHTS, 1.0)


def test_drawn_weights_have_the_latent_ones_as_mean():
    many = np.repeat(WEIGHTS[:, None], COUNT, axis=1)
    drawn, three = binary(many, IdealBits(_generator())), ternary(many, IdealBits(_generator()))
    assert set(np.unique(drawn)) == {-1, 1}
    for w, two_valued, three_valued in zip(np.clip(WEIGHTS, -1, 1), drawn, three, strict=True):
        assert _p_value(two_valued > 0, (1 + w) / 2) > LEVEL
        assert _p_value(three_valued != 0, abs(w)) > LEVEL
        assert set(np.unique(three_valued)) <= {0, int(np.sign(w))}
    # Power: a latent weight off by 0.1 is told.
    assert _p_value(drawn[3] > 0, 0.5) < LEVEL


def test_the_table_of_switching_probabilities_is_within_0_005_of_the_exact_one():
    dice = _dice()
    for current in np.linspace(0.8, 2.9, 9):
        exact = float(switching_probability(dice.spin, -current, dice.width)[0])
        assert float(dice.switching(current)) == pytest.approx(exact, abs=0.005)


def test_the_driver_comes_nearest_in_current_and_more_bits_come_nearer():
    wanted = np.linspace(0.02, 0.98, 25)
    errors = [
        abs(_dice(driver_bits=bits).switching(_dice(driver_bits=bits).amplitude(wanted)) - wanted).max()
        for bits in (4, 8, 12)
    ]
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 0.002
    assert _dice(driver_bits=4).amplitude(wanted) == pytest.approx(
        np.round(_dice(driver_bits=16).amplitude(wanted) * 5) / 5, abs=1e-4
    )
    assert _dice().amplitude([0.0, 1.0]).tolist() == [0.0, 3.0]


def test_junctions_that_are_not_always_reset_are_the_chain_of_the_spin_dice():
    """Stationary mean and correlation of `hwpy.entropy.spin_dice.SpinDice`, at the amplitude of the driver."""
    dice = _dice(reset=1.1)
    probability = np.full(COUNT, 0.3)
    unit = dice.spin.critical_current
    amplitude = float(dice.amplitude(0.3))
    cycle = SpinDice(dice.spin, dice.width, amplitude * unit, dice.width, 1.1 * unit, 1e-9)
    for _ in range(30):
        before = dice.sample(probability)
    after = dice.sample(probability)
    assert cycle.correlation > 0.05
    assert _p_value(after, cycle.probability_of_1) > LEVEL
    assert np.corrcoef(before, after)[0, 1] == pytest.approx(cycle.correlation, abs=4 / math.sqrt(COUNT))
    # Power: the mean is not that of a junction which is always reset.
    assert _p_value(after, cycle.write_probability) < LEVEL


def test_a_spread_of_critical_currents_makes_each_junction_err_in_its_own_way():
    dice = _dice(spread=0.1)
    runs = np.mean([dice.sample(np.full(500, 0.5)) for _ in range(100)], axis=0)
    assert runs.std() > 3 * math.sqrt(0.25 / 100)


def test_superparamagnetic_junctions_have_the_stationary_state_and_memory_of_the_telegraph():
    probability = np.full(COUNT, 0.8)
    source = SmtjBits(_generator(), period=0.2)
    smtj = SmtjParameters(source.barrier, bias=float(source.bias(0.8)))
    balanced = SmtjParameters(source.barrier)
    assert smtj.probability_of_1 == pytest.approx(0.8)
    for _ in range(30):
        before = source.sample(probability)
    after = source.sample(probability)
    kept = smtj.correlation(0.2 * balanced.dwell_times[0])
    assert _p_value(after, 0.8) > LEVEL
    assert _p_value(after[before], 0.8 + 0.2 * kept) > LEVEL
    assert _p_value(after[~before], 0.8 * (1 - kept)) > LEVEL
    # Power: forgetting as slowly as a balanced junction does is told.
    assert _p_value(after[~before], 0.8 * (1 - balanced.correlation(0.2 * balanced.dwell_times[0]))) < LEVEL


@pytest.mark.parametrize("source", [SmtjBits, SpinDiceBits])
def test_a_source_has_one_junction_for_each_weight(source):
    bits = source(_generator())
    bits.sample(np.full((2, 3), 0.5))
    with pytest.raises(ValueError, match=r"shape \(2, 3\), not \(4,\)"):
        bits.sample(np.full(4, 0.5))


@pytest.mark.parametrize(
    ("source", "changes", "message"),
    [
        (SpinDiceBits, {"driver_bits": 0}, "driver bits must be 1 to 16, not 0"),
        (SpinDiceBits, {"spread": 0.3}, "spread must be 0 or more and below 0.3, not 0.3"),
        (SpinDiceBits, {"highest": 7.0}, "highest current must be above 0 to 6 critical ones, not 7.0"),
        (SmtjBits, {"period": 0.0}, "period must be positive, in dwell times, not 0.0"),
        (SmtjBits, {"barrier": 0.0}, "barrier must be above 0 and below 700 kT, not 0.0"),
    ],
)
def test_bad_parameters_are_refused(source, changes, message):
    with pytest.raises(ValueError, match=message):
        source(_generator(), **changes)
