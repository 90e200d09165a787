"""The report's files, from a record that was never measured: every number is the record's, and says what it is."""

import csv
import io
import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from tests.costs import synthetic, walk
from trijunction.costs import page, tables
from trijunction.costs.notation import number, unit
from trijunction.costs.page import Shown
from trijunction.costs.quantity import Quantity
from trijunction.costs.record import lookup, quantities
from trijunction.costs.report import write
from trijunction.costs.stage import Result


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("costs")
    write(synthetic.record(), made)
    return made


@pytest.fixture(scope="module")
def html(folder):
    return (folder / "report.html").read_text()


@pytest.fixture(scope="module")
def record(folder):
    return json.loads((folder / "report.json").read_text())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (7, "7"), (1240, "1,240"), (999_999, "999,999"), (1_000_000, "1.00×10⁶"), (-3, "-3"), (0.0, "0"),
        (1.0, "1"), (10.0, "10"), (0.05, "0.05"), (20.04, "20.0"), (1000.0, "1,000"),
        (12.345, "12.3"), (123.45, "123"), (999.9, "1,000"), (45678.9, "45,700"), (0.02149, "0.0215"),
        (0.0001, "0.0001"), (0.0001001, "0.000100"), (0.00001234, "1.23×10⁻⁵"), (2.345e9, "2.34×10⁹"),
        (-1.5e-12, "-1.50×10⁻¹²"),
    ],
)  # fmt: skip
def test_a_number_has_three_digits_and_a_counter_all(value, text):
    assert number(value) == text
    assert walk.agrees(text, value)


@pytest.mark.parametrize(("text", "value"), [("12.4", 12.345), ("46,000", 45678.9), ("2.34×10⁸", 2.345e9), ("7", 7.4)])
def test_the_walk_tells_a_wrong_number(text, value):
    assert not walk.agrees(text, value)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("um2", "µm²"), ("uW", "µW"), ("fJ/bit", "fJ/bit"), ("us", "µs"), ("um2 ns/bit", "µm² ns/bit"), ("", "")],
)
def test_units_have_their_signs(name, shown):
    assert unit(name) == shown


def test_every_number_of_the_page_is_the_record_s(html, record):
    assert walk.problems(html, record) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("What randomness costs</h1>", "What 3 ways cost</h1>", "typed by hand: 'What 3 ways cost'"),
        ("in the three ways", "in 3 ways", "typed by hand"),
        ('alt="Energy', 'alt="9 % less energy', "typed by hand: '9 % less"),
        ('<span class="number">98.8</span>', '<span class="number">98.9</span>', "value of '98.9 MHz"),
        ('value="98.76"', 'value="98.8"', "value attribute of"),
        ('<span class="unit">MHz</span>', '<span class="unit">GHz</span>', "unit of '98.8 GHz"),
        ("(95.4 to 101)", "(95.4 to 103)", "range of"),
        (' <span class="range">(95.4 to 101)</span>', "", "range of '98.8 MHz'"),
        (' <span class="estimate">estimate</span>', "", "estimate of"),
        ("spread of 3 placement seeds", "spread of 4 placement seeds", "uncertainty of"),
        ('title="measured: fpga', 'title="seen: fpga', "source of"),
        ('ice40/ising/lfsr/fmax"', 'ice40/ising/lfsr/fmin"', "fmin is no quantity of the record"),
        ("054045", "054046", "is not the record's stages/literature/series/citations"),
        (">abc123-dirty<", ">abc124<", "'abc124' is not the record's git"),
        ('data-name="multiply_45nm"', 'data-name="multiply_28nm"', "names no quantity"),
        ("not known</span>", "5 %</span>", "clock_share: "),
    ],
)
def test_a_number_that_is_not_the_record_s_is_found(html, record, old, new, problem):
    assert old in html
    found = walk.problems(html.replace(old, new, 1), record)
    assert len(found) == 1
    assert problem in found[0]


@pytest.mark.parametrize("pattern", walk.PROSE)
def test_each_exception_of_the_walk_is_needed(html, record, monkeypatch, pattern):
    monkeypatch.setattr(walk, "PROSE", [other for other in walk.PROSE if other != pattern])
    assert walk.problems(html, record)


def test_the_answer_comes_first_and_has_each_way(html):
    answer = re.sub("<.*?>", "", html[html.index("The answer") : html.index("What is missing")])
    said = "An SMTJ bit must cost less than 7.65 fJ/bit (5.1 to 9.2) estimate at 10 ns dwell to win here."
    assert " ".join(answer.split()).count(said) == 3
    for title in tables.WAYS.values():
        assert title in answer


def test_what_is_missing_is_said_with_how_to_get_it(html, folder):
    for text in (html, (folder / "report.md").read_text()):
        assert "OpenSTA is not on PATH: apt-get install opensta" in text
        assert "asic/generator/xoshiro" in text


def test_a_report_of_which_all_is_missing_is_still_a_page(tmp_path):
    record = synthetic.record({name: Result(missing=f"no {name}") for name in synthetic.results()})
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "energy.svg").write_text("of an earlier report")
    write(record, tmp_path)
    html = (tmp_path / "report.html").read_text()
    assert html.count("No answer: the comparison is missing") == 3
    assert html.count("<dt><span data-record=") >= len(synthetic.results())
    assert walk.problems(html, record) == []
    assert not list((tmp_path / "plots").iterdir())
    assert set(page.answers(record).values()) == {"No answer: the comparison is missing."}


def test_the_page_needs_nothing_else(html):
    assert not re.search(r"(src|href)=.?(https?:|//)|@import|url\(", html)
    assert "<script" not in html


def test_images_are_svg_with_words(html, folder):
    names = re.findall(r'<img id="(\w+)" alt="([^"]{40,})" src="data:image/svg\+xml;base64,', html)
    expected = {"energy", *(f"{kind}_{way}" for kind in ("quality", "break_even") for way in tables.WAYS)}
    assert {name for name, _ in names} == expected
    assert {path.name for path in (folder / "plots").iterdir()} == {
        f"{n}.{s}" for n in expected for s in ("svg", "png")
    }
    for name in expected:
        assert ElementTree.parse(folder / "plots" / f"{name}.svg").getroot().tag.endswith("svg")
        assert (folder / "plots" / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_text_of_the_record_is_escaped(html):
    assert "a &lt; b &amp; c, with read-out" in html
    assert "It does &lt;not&gt;." in html


def test_the_same_record_gives_the_same_files(tmp_path):
    few = {name: result for name, result in synthetic.results().items() if "ising" in name}
    once, again = (write(synthetic.record(few), tmp_path / name) for name in ("once", "again"))
    assert len(once) == 4 + 2 * 3
    for one, other in zip(once, again, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_cited_values_share_no_column_with_others(record):
    for table in tables.tables(record).values():
        for column in zip(*(row for group in table.groups for row in group.rows), strict=True):
            cells = [lookup(record, cell.path) for cell in column if isinstance(cell, tables.Ref)]
            assert len({cell["source"].startswith("cited: ") for cell in cells}) <= 1
    cited = [row for group in tables.tables(record)["literature"].groups for row in group.rows]
    assert len(cited) == 2 + 1  # those of the literature, and one that all comparisons share


def test_the_csv_has_a_row_a_quantity(folder, record):
    rows = list(csv.DictReader(io.StringIO((folder / "report.csv").read_text())))
    assert len(rows) == sum(len(part["quantities"]) for part in record["stages"].values())
    for row in rows:
        entry = record["stages"][row["stage"]]["quantities"][row["quantity"]]
        cited = entry["source"].startswith("cited: ")
        shown, empty = (row["cited_value"], row["value"]) if cited else (row["value"], row["cited_value"])
        assert (float(shown) if shown else None) == entry["value"]
        assert empty == ""
        assert [row[name] for name in ("unit", "source", "uncertainty", "note")] == [
            entry[name] for name in ("unit", "source", "uncertainty", "note")
        ]
        assert row["estimate"] == str(entry["estimate"])


def test_the_numbers_of_the_markdown_are_quantities(folder, record):
    """Each cell that starts with a digit is a quantity as it is shown; the rest is the record's text or a name."""
    known = {Shown(found).text for _, _, found in quantities(record)}
    lines = (folder / "report.md").read_text().splitlines()
    cells = [cell.strip() for line in lines if line.startswith("|") for cell in line.strip("|").split("|")]
    numbers = [cell for cell in cells if re.match(r"-?\d", cell)]
    assert len(numbers) > 100
    assert set(numbers) <= known


def test_what_is_shown_of_a_quantity():
    whole = Quantity(2.5, "fJ", "cited: x", 1, 4, "spread", True, "why")
    assert Shown(whole).text == "2.5 fJ (1 to 4, estimate)"
    assert Shown(whole).about == "cited: x; spread; why"
    exact = replace(whole, low=2.5, high=2.5, estimate=False, uncertainty="exact", note="")
    assert (Shown(exact).text, Shown(exact).about) == ("2.5 fJ", "cited: x; exact")
    unknown = Quantity(None, "fJ", "computed: y", note="no junction wins")
    assert (Shown(unknown).text, Shown(unknown).about) == (
        "not known",
        "computed: y; uncertainty not known; no junction wins",
    )
