"""The FPGA stages: what they say of the smallest design, cells as the packer counts them, and a user's own currents."""

import json

import pytest

from boards.activity import simulate
from boards.energy import ICE40UP5K
from boards.out_of_context import ScanWrapper
from boards.place_route import route
from boards.synthesis import synthesise
from hwpy.formats.errors import InputError
from trijunction.costs import fpga
from trijunction.costs.currents import Current, read_currents
from trijunction.costs.designs import SOURCES, TOP, WAYS, Design

SMALL = {"instance": "torus:4x4:1"}
MEASURED = {"amperes": 2e-3, "volts": 1.2, "hertz": 12e6}


@pytest.fixture
def unrouted(monkeypatch):
    """Stages that synthesise only."""
    monkeypatch.setattr(fpga, "_fmax", lambda *arguments: (None, "not placed and routed here"))


def test_a_stage_gives_cells_clock_and_an_estimate_of_the_energy(tmp_path):
    found = fpga.measure("ice40", "ising/smtj", SMALL, None, {}, tmp_path).quantities
    design = Design("ising", "smtj", **SMALL)
    bits = len(design.work.places)
    # 16 spins, two flops a pin, and the outcomes of 8 words at two levels, at least.
    assert found["ff"].value >= 16 + 2 * bits + 16
    assert (found["bram"].value, found["dsp"].value) == (0, 0)
    assert found["random_bits_per_unit"].value == bits / 8
    rate = 8e6 * found["fmax"].value
    assert 20 < found["fmax"].value < 400
    assert found["throughput"].value == pytest.approx(rate)
    assert found["lut_seconds_per_unit"].value == pytest.approx(1e9 * found["cells"].value / rate)
    energy = found["energy_per_unit"]
    assert energy.estimate
    assert energy.unit == "fJ/flip"
    assert energy.low < energy.value < energy.high
    assert all(quantity.origin == "fpga/ice40/ising/smtj" for quantity in found.values())


def test_a_current_of_the_users_own_takes_the_place_of_the_estimate(unrouted, tmp_path):
    current = Current(**MEASURED, idle_amperes=0.5e-3)
    found = fpga.measure("ice40", "ising/lfsr", SMALL, current, {}, tmp_path).quantities
    # 1.5 mA at 1.2 V is 150 pJ in each clock of 12 MHz, of eight flips.
    assert found["energy_per_unit"].value == pytest.approx(150e3 / 8)
    assert not found["energy_per_unit"].estimate
    assert found["throughput"].value is None
    assert found["throughput"].note == found["fmax"].note == "not placed and routed here"


def test_what_does_not_fit_says_so(monkeypatch, tmp_path):
    from dataclasses import replace

    from boards.place_route import DEVICES

    tiny = replace(DEVICES["ice40-hx8k-ct256"], arguments=("--lp384", "--package", "qn32"))
    monkeypatch.setitem(fpga.FAMILIES, "ice40", tiny)
    found = fpga.measure("ice40", "ising/xoshiro", SMALL, None, {}, tmp_path).quantities
    assert found["fmax"].value is None
    assert "not placed and routed" in found["fmax"].note
    assert found["cells"].value > 384


def test_logic_cells_are_those_of_the_packer(tmp_path):
    netlist = synthesise(Design("ising", "lfsr", **SMALL).rtlil("ice40", ScanWrapper), TOP, "ice40", tmp_path)
    packed = route(netlist, fpga.FAMILIES["ice40"], tmp_path).cells
    # The packer adds cells that bring a carry in or out, and saves some where a carry's own sum is behind it.
    assert fpga.logic_cells(netlist) == pytest.approx(packed, rel=0.04)


PORTS = "input clk, input [3:0] a, output reg q"


@pytest.mark.parametrize(
    ("target", "text", "cells"),
    [
        ("ice40", f"module top({PORTS}); always @(posedge clk) q <= &a; endmodule", 1),
        # The register's data goes elsewhere too: it has a cell of its own.
        ("ice40", f"module top({PORTS}, output y); assign y = &a; always @(posedge clk) q <= y; endmodule", 2),
        ("ecp5", f"module top({PORTS}, output y); assign y = &a; always @(posedge clk) q <= y; endmodule", 1),
    ],
)
def test_logic_cells_of_a_table_and_a_register(target, text, cells, tmp_path):
    assert fpga.logic_cells(synthesise(text, "top", target, tmp_path)) == cells


def test_a_carry_pair_of_ecp5_takes_two_cells(tmp_path):
    adder = "module top(input [7:0] a, b, output [7:0] y); assign y = a + b; endmodule"
    netlist = synthesise(adder, "top", "ecp5", tmp_path)
    # Eight places of a chain and no table, two places in each.
    assert (netlist.area.lut4, netlist.area.carry) == (0, 4)
    assert fpga.logic_cells(netlist) == 8


def test_the_estimate_is_of_a_unit_of_work(unrouted, tmp_path):
    found = fpga.measure("ice40", "ising/smtj", SMALL, None, {}, tmp_path).quantities["energy_per_unit"]
    design = Design("ising", "smtj", **SMALL)
    netlist = synthesise(design.rtlil("ice40"), TOP, "ice40", tmp_path)
    activity, _ = simulate(netlist, design.workload(design.clocks(500), 2), skip=design.work.warm_up)
    # Eight flips a clock; another stretch of the work, so nearly the same.
    joules = [8 * 1e-15 * energy for energy in (found.low, found.high)]
    estimates = ICE40UP5K.energy(activity)
    assert joules == pytest.approx([min(estimates), max(estimates)], rel=0.1)


def test_there_is_a_stage_for_each_design_and_family():
    stages = {stage.name: stage for stage in fpga.stages()}
    assert set(stages) == {
        f"fpga/{family}/{way}/{source}" for family in ("ice40", "ecp5") for way in WAYS for source in SOURCES
    }
    others = {stage.name: stage for stage in fpga.stages({"ising/lfsr": Current(**MEASURED)})}
    changed = [name for name in stages if stages[name].parameters != others[name].parameters]
    assert changed == ["fpga/ice40/ising/lfsr"]


def test_currents_are_read(tmp_path):
    path = tmp_path / "currents.json"
    path.write_text(json.dumps({"ising/lfsr": MEASURED, "low_precision/smtj": {**MEASURED, "idle_amperes": 1e-3}}))
    assert read_currents(path) == {
        "ising/lfsr": Current(2e-3, 1.2, 12e6),
        "low_precision/smtj": Current(2e-3, 1.2, 12e6, 1e-3),
    }
    assert read_currents(path)["low_precision/smtj"].joules == pytest.approx(100e-12)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{\n\n,", ":3: expected JSON, "),
        ("[]", "expected an object with a design in each member"),
        ('{"ising": {}}', "expected designs of ising/lfsr, .*, found 'ising'"),
        ('{"ising/lfsr": 3}', "ising/lfsr: expected an object with amperes, volts, hertz"),
        ('{"ising/lfsr": {"amperes": 1, "volts": 1}}', "ising/lfsr: expected hertz"),
        ('{"ising/lfsr": {"watts": 1}}', "found 'watts'"),
        ('{"ising/lfsr": {"amperes": 0, "volts": 1, "hertz": 1}}', "amperes to be a number, positive, found 0"),
        ('{"ising/lfsr": {"amperes": true, "volts": 1, "hertz": 1}}', "amperes to be a number, positive"),
        ('{"ising/lfsr": {"amperes": NaN, "volts": 1, "hertz": 1}}', "amperes to be a number, positive, found nan"),
        ('{"ising/lfsr": {"amperes": 1, "volts": 1, "hertz": 1, "idle_amperes": 2}}', "idle_amperes below amperes"),
        ('{"ising/lfsr": {}, "ising/lfsr": {}}', "each name once, found 'ising/lfsr' again"),
    ],
)
def test_bad_currents_are_refused_in_one_line(text, message, tmp_path):
    path = tmp_path / "currents.json"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as refused:
        read_currents(path)
    assert str(refused.value).startswith(str(path))
    assert "\n" not in str(refused.value)


def test_currents_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_currents(tmp_path / "none.json")
