"""The maps, and whether statements hold over the sweep."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.costs.round_numbers import quantity, results
from trijunction.costs import sensitivity
from trijunction.costs.inputs import CASES, known
from trijunction.costs.sensitivity import BIASES, DWELLS, PRICES, border, sweep, violations


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sensitivity, "DRAWS", 200)


#: With ranges wherever there are some.
RANGES = {
    "read_interval": quantity(1, 0.5, 1),
    "bias_tolerance": quantity(0.02, 0.02, 0.03),
    "static_read_power": quantity(1, 0.2, 5),
    "energy_generator_per_unit": quantity(100, 80, 110),
}


@pytest.mark.parametrize("case", CASES)
def test_no_claim_of_a_range_is_wrong_over_the_sweep(case: str) -> None:
    assert violations(known(results(**RANGES), "ising", case).bounds, draws=400) == 0


def test_a_border_without_its_range_is_found_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wrong twin: claims from the nominal inputs alone."""
    bounds = known(results(**RANGES), "ising", "asic").bounds

    def nominal(known, dwell, bias):  # type: ignore[no-untyped-def]
        value, _, _ = border(known, dwell, bias)
        return value, value, value

    monkeypatch.setattr(sensitivity, "border", nominal)
    assert violations(bounds, draws=400) > 3


def test_map_and_line_agree_and_are_right_at_a_point() -> None:
    found = sweep(results(), Path(), way="ising")
    for case in ("asic", "asic_static_read"):
        for bias in BIASES:
            line = found.series[f"break_even_{case}_bias_{bias:g}"]
            ratio = np.array(found.series[f"map_{case}_bias_{bias:g}"]["z"])
            assert ratio.shape == (len(PRICES), len(DWELLS))
            price = np.array([np.nan if y is None else y for y in line["y"]])
            wins = PRICES[:, None] < np.where(np.isnan(price), 0, price)
            assert np.array_equal(ratio < 1, wins)
    # At 10 ns unbiased a read of 10 fJ: (200 + 2 * 10) / 300.
    at = np.array(found.series["map_asic_bias_0"]["z"])[np.argmin(abs(PRICES - 10)), np.argmin(abs(DWELLS - 10))]
    assert at == pytest.approx(220 / 300)
    assert found.series["break_even_asic_bias_0"]["y"][0] == pytest.approx(50)
    # On pins no price wins: the line has no point.
    assert found.series["break_even_fpga_pins_bias_0"]["y"] == [None] * len(DWELLS)


def test_the_region_where_a_read_wins_is_by_hand() -> None:
    found = sweep(results(bias_error=quantity(0), smtj_energy=quantity(25)), Path(), way="ising")
    # Read every 3 clocks by a design that waits, a read may cost (100 - 2 * 21) / 2 = 29, every 4 clocks 18.5; in
    # parallel, two levels take 60 of 50. So 25 wins up to 30 ns, and 25.1 is the last time tried.
    assert found.quantities["dwell_won_asic"].value == pytest.approx(10**1.4)
    assert found.quantities["holds_asic"].value == 100
    assert "never wins" in found.series["statements"]["text"][2]


def test_a_case_that_cannot_be_reckoned_is_left_out() -> None:
    parts = results()
    del parts["asic/generator/lfsr_two_taps"].quantities["energy_per_bit"]  # type: ignore[attr-defined]
    found = sweep(parts, Path(), way="ising")
    assert "map_fpga_pins_bias_0" in found.series
    assert "map_asic_bias_0" not in found.series
