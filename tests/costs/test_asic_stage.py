"""The standard-cell stages on the smallest designs: real work, OpenSTA's own words, and parts that add up."""

import re
import shutil

import pytest

from boards.asic import simulate, synthesise
from boards.liberty import find_library, read_library
from boards.tools import ToolError
from tests.costs.test_designs import CHECKS, LANES, small
from trijunction.costs import asic
from trijunction.costs.designs import SOURCES, TOP, WAYS

SMALL = {"instance": "torus:4x4:1"}


@pytest.fixture
def cells():
    """Skip where there are no standard cells or no OpenSTA."""
    try:
        find_library()
    except ToolError as error:
        pytest.skip(str(error))
    if shutil.which("sta") is None:
        pytest.skip("OpenSTA is not on this machine")


def opensta_watts(report):
    """Internal and switching power of the whole, as OpenSTA wrote them."""
    total = re.search(r"^Total\s+(\S+)\s+(\S+)", report.read_text(), re.MULTILINE)
    return float(total[1]) + float(total[2])


@pytest.mark.parametrize("way", WAYS)
def test_the_cells_do_what_the_golden_model_does(way, cells, tmp_path):
    design = small(way, "lfsr")
    netlist = synthesise(design.rtlil(), TOP, read_library(), tmp_path)
    clocks = 5 + 2 * design.work.period if way != "ising" else 5 * design.work.warm_up
    stimulus = design.workload(clocks, LANES)
    _, seen = simulate(netlist, stimulus, skip=design.work.warm_up)
    CHECKS[way](design, seen, stimulus, clocks)


def test_parts_add_up_to_the_whole_and_follow_from_opensta(cells, tmp_path):
    core = asic.measure_core("ising", SMALL, None, {}, tmp_path)
    results = {"asic/core/ising": core}
    found = {
        source: asic.measure_design(f"ising/{source}", SMALL, None, results, tmp_path / source)
        for source in ("lfsr", "smtj")
    }
    for source, result in found.items():
        quantities = result.quantities
        assert quantities["sum_of_parts"].value == pytest.approx(100, abs=10)
        assert all((tmp_path / source / name).is_file() for name in result.files)
        energy = quantities["energy_whole_per_unit"]
        # Beyond what OpenSTA counts there are the clock's net and the inputs' pins, which have no driver.
        watts = opensta_watts(tmp_path / source / "design-simulated.power.txt")
        assert 1 <= 1e-15 * energy.value * 8 * 100e6 / watts < 1.4
        assert energy.low < energy.value < energy.high
        # Eight flips in a clock.
        assert quantities["throughput"].value == pytest.approx(8e6 * quantities["fmax"].value)
        area = quantities["area_per_throughput"].value * 1e-9 * quantities["throughput"].value
        assert area == pytest.approx(quantities["area"].value)
        # Activity matters.
        assert abs(quantities["energy_per_unit_default"].value / energy.value - 1) > 0.2
        # One core for both.
        total = quantities["energy_per_unit"]
        for name in ("low", "value", "high"):
            parts = [quantities[f"energy_{part}_per_unit"] for part in ("core", "generator")]
            assert getattr(total, name) == pytest.approx(sum(getattr(part, name) for part in parts))
        assert quantities["energy_core_per_unit"] == core.quantities["energy_per_unit"]
        assert quantities["area"].value == pytest.approx(quantities["area_whole"].value, rel=0.05)
    # Two flops a pin take less than the shift register with its exclusive ors.
    smtj, lfsr = (found[source].quantities["energy_generator_per_bit"].value for source in ("smtj", "lfsr"))
    assert 0 < smtj < lfsr


def test_a_generator_gives_all_its_bits_in_each_clock(cells, tmp_path):
    found = asic.measure_generator("lfsr", None, {}, tmp_path).quantities
    # 139 flip-flops, of which OpenSTA's report has the power of 128 bits a clock.
    assert found["registers"].value == 139
    watts = opensta_watts(tmp_path / "generator-simulated.power.txt")
    assert 1 <= 1e-15 * found["energy_per_bit"].value * 128 * 100e6 / watts < 1.4


def test_what_is_absent_is_named_with_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    asic.sta.version.cache_clear()
    missing = asic.measure_generator("lfsr", None, {}, tmp_path).missing
    assert "apt install opensta" in missing
    asic.sta.version.cache_clear()
    # The others wait for it and say the same.
    core = asic.measure_core("ising", SMALL, None, {}, tmp_path)
    design = asic.measure_design("ising/lfsr", SMALL, None, {"asic/core/ising": core}, tmp_path)
    assert design.missing == core.missing == missing
    assert not design.quantities
    assert [stage.parameters["opensta"] for stage in asic.stages()[:1]] == [""]


def test_there_is_a_stage_for_each_design_and_it_needs_its_core():
    stages = {stage.name: stage.needs for stage in asic.stages()}
    assert {f"asic/{way}/{source}" for way in WAYS for source in SOURCES} <= set(stages)
    assert stages["asic/ising/xoshiro"] == ("asic/core/ising",)
