"""The model of `trijunction.costs.break_even`, by hand and by enumeration."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from trijunction.costs.break_even import STRATEGIES, Bounds, Inputs, bounds, break_even, clocks_a_read, energy, fold

#: As `round_numbers`: 50 fJ of a bit to spare.
INPUTS = Inputs(
    rival=300, gates=200, idle=21, joined=30, level=5, spare=0, bits=2, clock=10, interval=1, tolerance=0.02
)  # fmt: skip


@pytest.mark.parametrize(
    ("dwell", "bias", "strategy", "expected"),
    [
        # Read in every clock: (300 - 200) / 2.
        (10, 0.0, "parallel", 50),
        (10, 0.0, "stalled", 50),
        # Every 4 clocks: two levels of 5 a bit, or 3 clocks of 21.
        (40, 0.0, "parallel", (100 - 2 * 2 * 5) / 2),
        (40, 0.0, "stalled", (100 - 3 * 21) / 2),
        # Two reads a bit, joined for 2 x 30; each may then come twice as often, every 2 clocks.
        (40, 0.05, "parallel", (100 - 2 * 30 - 2 * 2 * 5) / 4),
        (40, 0.05, "stalled", (100 - 2 * 30 - 21) / 4),
        # Three reads a bit (0.1 gives 0.02 with two, 0.15 gives 0.045 and 0.0135): none is cheap enough.
        (10, 0.15, "best", (100 - 2 * 2 * 30) / 6),
    ],
)
def test_break_even_is_what_is_reckoned_by_hand(dwell: float, bias: float, strategy: str, expected: float) -> None:
    assert break_even(INPUTS, dwell, bias, strategy) == pytest.approx(expected)


def test_the_better_strategy_is_taken() -> None:
    assert break_even(INPUTS, 40, 0.0) == pytest.approx(40)
    slow = replace(INPUTS, level=40)
    assert break_even(slow, 40, 0.0) == pytest.approx(18.5)


def test_static_power_and_wire_come_off_the_price() -> None:
    inputs = replace(INPUTS, static=0.5, wire=7)
    assert break_even(inputs, 40, 0.0, "parallel") == pytest.approx(40 - 7 - 0.5 * 40)
    # Of a junction that is faster than the clock it is the power of a clock.
    assert break_even(inputs, 1, 0.0) == pytest.approx(50 - 7 - 0.5 * 10)


@pytest.mark.parametrize("strategy", [*STRATEGIES, "best"])
@pytest.mark.parametrize("bias", [0.0, 0.05, 0.1])
def test_at_the_break_even_both_take_the_same(strategy: str, bias: float) -> None:
    inputs = replace(INPUTS, rival=900, spare=1.5, static=0.01, wire=3)
    dwell = np.logspace(0, 3, 13)
    price = break_even(inputs, dwell, bias, strategy)
    assert energy(inputs, price, dwell, bias, strategy) == pytest.approx(inputs.rival)
    assert np.all(energy(inputs, 0.9 * price, dwell, bias, strategy)[price > 0] < inputs.rival)


@pytest.mark.parametrize("bias", [0.0, 0.01, 0.03, 0.1, 0.2, 0.3])
def test_fold_is_the_fewest_by_enumeration(bias: float) -> None:
    """Of all outcomes of k biased bits."""

    def after(k: int) -> float:
        odd = sum(
            np.prod([0.5 + bias if bit else 0.5 - bias for bit in bits])
            for bits in product((0, 1), repeat=k)
            if sum(bits) % 2
        )
        return abs(odd - 0.5)

    assert fold(INPUTS, bias) == next(k for k in range(1, 9) if after(k) <= INPUTS.tolerance + 1e-12)


def test_a_bias_of_a_half_is_refused() -> None:
    with pytest.raises(ValueError, match=r"bias error must be from 0 to below 0\.5, not 0\.5"):
        fold(INPUTS, 0.5)


def test_clocks_between_two_reads() -> None:
    assert clocks_a_read(INPUTS, [1, 10, 10.1, 40, 1000], 0.0).tolist() == [1, 1, 2, 4, 100]


def test_bounds_are_the_extremes_of_all_corners() -> None:
    groups = (
        ({"rival": 280.0, "gates": 190.0}, {"rival": 320.0, "gates": 210.0}),
        ({"interval": 0.5}, {"interval": 2.0}),
    )
    known = Bounds(INPUTS, groups)
    value, low, high = bounds(lambda inputs, each: break_even(inputs, 20, 0.0, each), known, np.maximum)
    # Every 1, 2 and 4 clocks; nominal 2.
    assert value == pytest.approx((100 - 2 * 5) / 2)
    assert low == pytest.approx((90 - 2 * 2 * 5) / 2)
    assert high == pytest.approx(110 / 2)


def test_samples_lie_between_the_alternatives_and_groups_go_together() -> None:
    known = Bounds(INPUTS, (({"rival": 280.0, "gates": 190.0}, {"rival": 320.0, "gates": 210.0}),))
    drawn = [known.sample(np.random.default_rng(seed)) for seed in range(20)]
    assert all(280 <= inputs.rival <= 320 for inputs in drawn)
    assert all(inputs.rival - 280 == pytest.approx(2 * (inputs.gates - 190)) for inputs in drawn)
    assert len({inputs.rival for inputs in drawn}) == 20
