"""Energy at equal quality, quality at equal energy and the break-even, from results in round numbers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.costs.round_numbers import quantity, results
from trijunction.costs.comparison import compare, stages
from trijunction.costs.inputs import Unknown, known, needs
from trijunction.costs.stage import Result

FOLDER = Path()


def test_inputs_are_those_of_the_stages() -> None:
    found = known(results(), "ising", "asic")
    inputs = found.bounds.nominal
    assert found.rival == "lfsr"
    assert (inputs.rival, inputs.gates, inputs.bits, inputs.clock) == (300, 200, 2, 10)
    assert (inputs.idle, inputs.joined, inputs.level, inputs.spare) == (21, 30, 30, 0)
    static = known(results(), "ising", "asic_static_read").bounds.nominal
    # With synchronisers: 60 a bit.
    assert (static.gates, static.rival, static.spare, static.static) == (320, 300, 60, 1)


def test_a_source_that_needs_more_work_is_charged_for_it() -> None:
    inputs = known(results(work_ratio=quantity(1.5, 1.4, 1.6)), "ising", "asic").bounds.nominal
    assert (inputs.rival, inputs.gates) == (450, 300)


def test_break_even_by_hand() -> None:
    found = compare(results(), FOLDER, way="ising").quantities
    # Two reads a bit: (100 - 2 * 30) / 4. Low: 0 gates saved and 30 a gate; high: nothing for the gate.
    assert found["break_even_10ns"].value == pytest.approx(10)
    assert found["break_even_10ns"].high == pytest.approx(25)
    assert found["break_even_10ns_unbiased"].value == pytest.approx(50)
    # 100 ns / 2 is 5 clocks, 3 levels of 30 a read: (100 - 60 - 2 * 2 * 90) / 4, below nothing.
    assert found["break_even_100ns"].value == 0
    assert found["break_even_10ns_at_7nm"].value == pytest.approx(10 * 0.002)
    assert found["most_saved"].value == pytest.approx(100 / 3)


def test_energies_by_hand() -> None:
    found = compare(results(), FOLDER, way="ising").quantities
    assert found["energy_per_unit_lfsr"].value == 300
    # Core, four reads of 20 a flip, and two gates.
    assert found["energy_per_unit_smtj"].value == pytest.approx(200 + 4 * 20 + 2 * 30)
    assert found["energy_at_equal_quality_lfsr"].value == pytest.approx(300 * 1000 * 1e-6)
    assert found["energy_at_equal_quality_lfsr"].low == pytest.approx(280 * 900 * 1e-6)
    # A flip at 7 nm: all but the reads is scaled.
    assert found["energy_per_unit_at_7nm_smtj"].value == pytest.approx(80 + 260 * 0.002)
    # One junction a bit and clock, two joined: a synchroniser's area more.
    assert found["area_at_equal_throughput_smtj"].value == pytest.approx(5 * 1100 / 1000)
    assert found["area_at_equal_throughput_xoshiro"].value == 5


def test_quality_at_equal_energy_by_hand() -> None:
    ising = compare(results(), FOLDER, way="ising").quantities
    # The best generator's energy gives what it was asked for; twice the price gives half the anneals.
    assert ising["quality_at_equal_energy_lfsr"].value == pytest.approx(99)
    assert ising["quality_at_equal_energy_xoshiro"].value == pytest.approx(90)
    digits = compare(results("stochastic_computing"), FOLDER, way="stochastic_computing").quantities
    # 1,000 synapse-bits are twice the built 500, so N = 512; half of it is 256.
    assert digits["quality_at_equal_energy_lfsr"].value == pytest.approx(97)
    assert digits["quality_at_equal_energy_xoshiro"].value == pytest.approx(96)
    sums = compare(results("low_precision"), FOLDER, way="low_precision").quantities
    # Of 1,000 rounded MACs two sums are averaged.
    assert sums["quality_at_equal_energy_lfsr"].value == pytest.approx(12 / 2**0.5)
    assert sums["quality_at_equal_energy_xoshiro"].value == pytest.approx(12)


def test_junctions_on_pins_do_not_win() -> None:
    found = compare(results(), FOLDER, way="ising")
    assert found.quantities["break_even_on_pins"].value == 0
    assert found.quantities["energy_per_unit_on_fpga_smtj"].estimate
    # 8,000 + 1,200, then two bits of two reads of 1,820, and a flip-flop pair to join them.
    assert found.quantities["energy_per_unit_on_fpga_smtj"].value == pytest.approx(9200 + 4 * 1820 + 2 * 28.82)


@pytest.mark.parametrize("way", ["ising", "stochastic_computing", "low_precision"])
def test_sentences_name_quantities_and_type_no_digits(way: str) -> None:
    found = compare(results(way), FOLDER, way=way)
    texts = found.series["statements"]["text"]
    assert len(texts) >= 4
    for text in texts:
        names = re.findall(r"\{(\w+)\}", text)
        assert names
        assert set(names) <= set(found.quantities)
        assert not re.search(r"\d", re.sub(r"\{\w+\}", "", text))


def test_what_is_missing_is_said_and_the_rest_is_compared() -> None:
    parts = results()
    parts["asic/ising/lfsr"] = Result(missing="opensta is not on PATH: apt install opensta")
    found = compare(parts, FOLDER, way="ising")
    assert not found.missing
    assert "energy_per_unit_on_fpga_lfsr" in found.quantities
    assert "break_even_10ns" not in found.quantities
    assert any("opensta is not on PATH" in text for text in found.series["statements"]["text"])
    parts["fpga/ice40/ising/smtj"] = Result(missing="no yosys")
    assert "no yosys" in compare(parts, FOLDER, way="ising").missing


def test_an_unknown_figure_is_named() -> None:
    parts = results()
    parts["literature"] = Result()
    with pytest.raises(Unknown, match=r"not reckoned for want of literature: it has no pin_energy"):
        known(parts, "ising", "fpga_pins")


def test_stages_need_what_they_take() -> None:
    assert {stage.name: stage.needs for stage in stages()} == {
        f"comparison/{way}": needs(way) for way in ("ising", "stochastic_computing", "low_precision")
    }
