"""Cited figures, the rule for other nodes, and device files."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from hwpy.formats.errors import InputError
from trijunction.costs.literature import TABLE, Device, area_factor, energy_factor, read_device, run, stages

FOLDER = Path()
GOOD = {"format": "trijunction-device-1", "energy_per_bit_fJ": 5, "dwell_ns": 20, "bias_error": -0.02}


def test_every_figure_is_cited_and_every_citation_is_of_a_figure() -> None:
    found = run({}, FOLDER, device=None)
    cited = {quantity.origin for quantity in found.quantities.values() if quantity.cited}
    assert cited <= set(found.series["citations"])
    # The survey is what the project follows; "device" is for a device file.
    assert set(found.series["citations"]) - cited == {"daniels2023", "device"}
    assert all(quantity.uncertainty or quantity.value is None for quantity in found.quantities.values())


def test_what_is_only_remembered_says_so() -> None:
    citations = json.loads(TABLE.read_text())["citations"]
    for key in ("horowitz2014", "shafiee2016", "vodenicarevic2017"):
        assert "from memory" in citations[key]


def test_the_rule_for_other_nodes_by_hand() -> None:
    start = 24.64 * 1.8 - 17.98
    assert energy_factor("7").value == pytest.approx((0.1776 * 0.49 - 0.09097 * 0.7 + 0.02447) / start)
    assert energy_factor("45").value == pytest.approx((1.018 - 0.3107 + 0.1539) / start)
    assert energy_factor("180").value == 1
    assert energy_factor("7").estimate
    assert area_factor("7").value == 0.0032


def test_the_pin_and_the_static_read_by_hand() -> None:
    found = run({}, FOLDER, device=None).quantities
    # 5 pF at 1.2 V takes 7.2 pJ with a rising edge, of which a bit has a quarter.
    assert found["pin_energy"].value == pytest.approx(1800)
    assert found["static_read_power"].value == pytest.approx(1e6 * 0.01 / 7500)


def test_a_device_file_takes_the_place_of_the_published_junction(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(GOOD))
    device = read_device(path)
    assert device == Device(5, 20, 0.02)
    (stage,) = stages(device)
    found = stage.run({}, FOLDER).quantities
    assert [found[name].value for name in ("smtj_energy", "dwell", "bias_error")] == [5, 20, 0.02]
    assert {found[name].source for name in ("smtj_energy", "dwell", "bias_error")} == {"cited: device"}
    (other,) = stages()
    assert stage.parameters != other.parameters


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"energy_per_bit_fJ": 0}, "expected a positive energy in fJ, found 0.0"),
        ({"dwell_ns": -1}, "expected a positive time in ns, found -1.0"),
        ({"bias_error": 0.5}, "expected P(1) - 1/2, between -0.5 and 0.5, found 0.5"),
        ({"bias_error": "small"}, "expected a number of at most 1e300 in 'bias_error', found 'small'"),
        ({"format": "trijunction-junction-1"}, "expected 'trijunction-device-1' in 'format'"),
        ({"colour": 1}, "found the unknown key 'colour'"),
    ],
)
def test_a_bad_device_file_is_one_line(tmp_path: Path, change: dict[str, object], expected: str) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({**GOOD, **change}, indent=1))
    with pytest.raises(InputError) as error:
        read_device(path)
    assert expected in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_device_of_an_infinite_dwell_time_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({**GOOD, "dwell_ns": math.inf}))
    with pytest.raises(InputError, match="finite number, found Infinity"):
        read_device(path)
