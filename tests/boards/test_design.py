"""Whole designs on boards: pins where they belong, a bitstream, a clock that timing allows."""

import re
from pathlib import Path

import pytest
from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from boards.clock import pll_below
from boards.design import build
from boards.registry import BOARDS, board


class Blinker(wiring.Component):
    """A 24-bit counter whose top bit, mixed with four noise pins, drives an LED."""

    noise: In(4)
    led: Out(1)

    def elaborate(self, platform):
        """Counter, synchronised noise."""
        m = Module()
        count, noise = Signal(24), Signal(4)
        m.d.sync += [count.eq(count + 1), noise.eq(self.noise)]
        m.d.comb += self.led.eq(count[-1] ^ noise.xor())
        return m


# Where each bitstream starts. iCE40: Project IceStorm's format description; ECP5: Lattice TN1260.
PREAMBLE = {"ice40-hx8k-breakout": b"\x7e\xaa\x99\x7e", "ulx3s-85f": b"\xff\xff\xbd\xb3"}


@pytest.mark.parametrize("name", BOARDS)
def test_a_design_becomes_a_bitstream_with_its_figures(tmp_path: Path, name: str):
    pins = {"led": "led_0"}
    result = build(Blinker(), name, tmp_path, pins=pins, entropy_ports=["noise"], seeds=2)
    assert PREAMBLE[name] in Path(result["bitstream"]).read_bytes()[:256]
    assert result["ff"] >= 28
    assert result["cells"] >= 28
    fmax = result["fmax_mhz"]
    assert 80 < fmax["min"] <= fmax["median"] <= fmax["max"] < 500
    assert result["clock_mhz"] == {"ice40-hx8k-breakout": 12, "ulx3s-85f": 25}[name]
    assert result["timing_met"]


def test_pins_are_where_the_board_has_them(tmp_path: Path):
    """HX8K breakout board guide (Lattice EB85): 12 MHz on J3, D2 on C3; B11 is the first unused header pin."""
    build(Blinker(), "ice40-hx8k-breakout", tmp_path, pins={"led": "led_0"}, entropy_ports=["noise"])
    log = (tmp_path / "top-seed1.nextpnr.log").read_text()
    placed = dict(re.findall(r"constrained '(\S+)' to bel '(\S+)'", log))
    assert set(placed) == {"clk", "led", *(f"noise[{bit}]" for bit in range(4))}
    assert len(set(placed.values())) == 6
    pcf = (tmp_path / "top-seed1.pcf").read_text()
    assert "set_io clk J3\n" in pcf
    assert "set_io led C3\n" in pcf
    assert "set_io noise[0] B11\n" in pcf


def test_the_pll_runs_as_fast_as_timing_allows(tmp_path: Path):
    result = build(Blinker(), "ice40-hx8k-breakout", tmp_path, pins={"led": "led_0"}, pll=True)
    assert result["timing_met"]
    assert 60 < result["clock_mhz"] <= result["fmax_mhz"]["max"]


@pytest.mark.parametrize(("target", "reference"), [("ice40", 12.0), ("ecp5", 25.0)])
@pytest.mark.parametrize("limit", [35.8, 87.0, 100.0, 161.3])
def test_pll_settings_obey_the_data_sheets(target: str, reference: float, limit: float):
    pll = pll_below(target, reference, limit)
    p = pll.parameters
    if target == "ice40":
        detector = reference / (p["DIVR"] + 1)
        oscillator = detector * (p["DIVF"] + 1)
        output = oscillator / 2 ** p["DIVQ"]
        assert 10 <= detector <= 133
        assert 533 <= oscillator <= 1066
    else:
        output = reference / p["CLKI_DIV"] * p["CLKFB_DIV"]
        assert reference / p["CLKI_DIV"] >= 3.125
        assert 400 <= output * p["CLKOP_DIV"] <= 800
    assert output == pytest.approx(pll.mhz)
    assert 0.93 * limit < output <= limit


def test_the_frequency_of_icepll_for_60_mhz():
    """``icepll -i 12 -o 60`` prints DIVR 0, DIVF 79, DIVQ 4, FILTER_RANGE 1."""
    pll = pll_below("ice40", 12.0, 60.0)
    assert pll.mhz == 60
    assert [pll.parameters[key] for key in ("DIVR", "DIVF", "DIVQ", "FILTER_RANGE")] == [0, 79, 4, 1]


@pytest.mark.parametrize("name", BOARDS)
def test_free_pins_are_used_by_nothing_else(name: str):
    on = board(name)
    assert len(on.free_pins) == len(set(on.free_pins)) >= 40
    assert not set(on.free_pins) & set(on.pins.values())
    assert on.pin("uart_0_tx") == {"ice40-hx8k-breakout": "B12", "ulx3s-85f": "L4"}[name]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"pins": {"lamp": "led_0"}}, "No port 'lamp'"),
        ({"pins": {"led": "led_99"}}, "no pin 'led_99'"),
        ({"entropy_ports": ["led"]}, "No input port 'led'"),
        ({"pins": {"led": "led_0", "noise[0]": "C3"}}, "C3 is given to more than one port"),
        ({"seeds": 0}, "not 0"),
    ],
)
def test_a_bad_request_is_one_line_before_any_tool_runs(tmp_path: Path, arguments: dict, message: str):
    blinker = Blinker()
    blinker._MustUse__silence = True  # Amaranth warns of a component that is never elaborated
    with pytest.raises(ValueError, match=message) as error:
        build(blinker, "ice40-hx8k-breakout", tmp_path, **arguments)
    assert "\n" not in str(error.value)
    assert not list(tmp_path.iterdir())


class Wide(wiring.Component):
    """More inputs than the board has free pins."""

    d: In(200)

    def elaborate(self, platform):
        """Nothing is built."""
        raise AssertionError


def test_more_ports_than_pins_is_one_line(tmp_path: Path):
    wide = Wide()
    wide._MustUse__silence = True
    with pytest.raises(ValueError, match=r"Ports have 200 bits without a pin, ulx3s-85f has \d+ free pins"):
        build(wide, "ulx3s-85f", tmp_path)


def test_an_unknown_board_names_those_there_are():
    with pytest.raises(ValueError, match=r"ice40-hx8k-breakout.*'basys3'"):
        board("basys3")
