"""Cells of a Liberty library of round numbers, against their functions written out."""

from pathlib import Path

import pytest

from boards import liberty
from boards.liberty import find_library, read_library
from boards.tools import ToolError

ROUND = Path(__file__).with_name("round.lib")

LOGIC = {
    ("INV", "Y"): lambda a: not a,
    ("BUF", "Y"): lambda a: a,
    ("NAND", "Y"): lambda a, b: not (a and b),
    ("NOR", "Y"): lambda a, b: not (a or b),
    ("AOI", "Y"): lambda a, b, c: not ((a and b) or c),
    ("MUX", "Y"): lambda a, b, s: a if s else b,
    ("ADD", "CO"): lambda a, b, c: a + b + c >= 2,
    ("ADD", "S"): lambda a, b, c: (a + b + c) % 2,
    ("FLOP", "Q"): lambda d, now: d,
    ("FLOPN", "Q"): lambda d, now: d,
    ("FLOPN", "QN"): lambda d, now: not d,
    # The complement of what was taken while enabled.
    ("FLOPE", "QN"): lambda d, e, now: not d if e else now,
}


def table(function, inputs: int) -> int:
    """The function's truth table, its first input the lowest bit of the index."""
    return sum(bool(function(*(code >> i & 1 for i in range(inputs)))) << code for code in range(1 << inputs))


def test_tables_are_the_functions():
    cells = read_library(ROUND).cells
    assert {(name, pin) for name, cell in cells.items() for pin in cell.tables} == LOGIC.keys()
    for (name, pin), function in LOGIC.items():
        inputs = function.__code__.co_argcount
        assert len(cells[name].inputs) + (cells[name].clock is not None) == inputs
        assert cells[name].tables[pin] == table(function, inputs), (name, pin)


def test_registers_have_a_clock_and_units_are_si():
    library = read_library(ROUND)
    assert {name for name, cell in library.cells.items() if cell.clock == "C"} == {"FLOP", "FLOPN", "FLOPE"}
    assert (library.name, library.voltage) == ("round", 2.0)
    assert library.cells["FLOP"].capacitance == pytest.approx({"C": 50e-15, "D": 10e-15})
    assert library.cells["MUX"].area == 4


def test_cells_of_unknown_behaviour_are_left_out():
    # An asynchronous clear and a latch.
    assert not {"FLOPR", "LATCH"} & read_library(ROUND).cells.keys()


def test_the_library_is_the_argument_then_the_environment_then_debian(tmp_path, monkeypatch):
    monkeypatch.setattr(liberty, "_DEBIAN", tmp_path / "debian.lib")
    monkeypatch.delenv("TRIJUNCTION_LIBERTY", raising=False)
    with pytest.raises(ToolError, match=r"set TRIJUNCTION_LIBERTY, or on Debian: apt install qflow-tech-osu018"):
        find_library()
    (tmp_path / "debian.lib").touch()
    assert find_library() == tmp_path / "debian.lib"
    monkeypatch.setenv("TRIJUNCTION_LIBERTY", str(ROUND))
    assert find_library() == ROUND
    with pytest.raises(ToolError, match=r"no Liberty file absent\.lib"):
        find_library("absent.lib")


def test_another_file_is_refused(tmp_path):
    (tmp_path / "a.lib").write_text("library(a) { time_unit : 1ns; }")
    with pytest.raises(ToolError, match=r"a\.lib: not a Liberty library with a nom_voltage"):
        read_library(tmp_path / "a.lib")
