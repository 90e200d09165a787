"""The junction in SI units: its rates against the equation, its file against bad ones."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwpy.entropy.junction import BOLTZMANN, FORMAT, JunctionParameters
from hwpy.formats.errors import InputError

junctions = st.builds(
    JunctionParameters,
    barrier=st.floats(0.1, 20),
    temperature=st.floats(200, 400),
    attempt_rate=st.floats(1e6, 1e12),
    critical_current=st.floats(1e-7, 1e-3),
    balance_current=st.floats(-1e-8, 1e-8),
    balance_field=st.floats(-0.05, 0.05),
)


@given(junctions, st.floats(-0.9, 0.9), st.floats(-0.9, 0.9), st.floats(200, 1000))
def test_rates_are_those_of_the_equation(junction, bias, tilt, temperature):
    current = junction.balance_current + bias * junction.critical_current
    field = junction.balance_field + tilt * junction.anisotropy_field
    energy = junction.barrier * BOLTZMANN * junction.temperature
    for state, rate in enumerate(junction.escape_rates(current, temperature, field)):
        sign = (-1) ** state
        exponent = -energy / (BOLTZMANN * temperature) * (1 + sign * tilt) ** 2 * (1 + sign * bias)
        assert math.log(rate) == pytest.approx(math.log(junction.attempt_rate) + exponent, abs=1e-9)


@given(junctions, st.floats(-0.9, 0.9), st.floats(-0.9, 0.9))
def test_the_emulated_junction_has_the_same_rates(junction, bias, tilt):
    applied = {
        "current": junction.balance_current + bias * junction.critical_current,
        "field": junction.balance_field + tilt * junction.anisotropy_field,
    }
    np.testing.assert_allclose(junction.smtj(**applied).escape_rates, junction.escape_rates(**applied), rtol=1e-9)
    assert junction.smtj(**applied).probability_of_1 == pytest.approx(float(junction.probability_of_1(**applied)))


def test_without_field_it_is_equation_1_with_the_barrier_put_back():
    junction = JunctionParameters(barrier=10, critical_current=4e-6, balance_current=1e-6)
    smtj = junction.smtj(current=2e-6)
    assert (smtj.barrier, smtj.bias) == pytest.approx((10, 0.25))


def test_a_positive_current_or_field_holds_p():
    junction = JunctionParameters(barrier=10)
    assert junction.probability_of_1(1e-7) < 0.5 < junction.probability_of_1(-1e-7)
    assert junction.probability_of_1(field=1e-3) < 0.5 < junction.probability_of_1(field=-1e-3)


def test_the_logarithm_of_a_dwell_time_goes_as_the_inverse_of_temperature():
    junction = JunctionParameters(barrier=12)
    inverse = np.linspace(1 / 400, 1 / 250, 7)
    dwell, _ = junction.dwell_times(temperature=1 / inverse)
    slope, intercept = np.polyfit(inverse, np.log(dwell), 1)
    assert slope == pytest.approx(12 * 300)
    assert intercept == pytest.approx(-math.log(1e9))


@given(st.floats(1e-9, 1e3), st.floats(1e-9, 1e3), st.floats(-3e-6, 3e-6), st.floats(-0.05, 0.05))
def test_measured_dwell_times_come_back(dwell_p, dwell_ap, current, field):
    junction = JunctionParameters.from_dwell_times(dwell_p, dwell_ap, 1e9, current, field, balance_field=0.01)
    np.testing.assert_allclose(junction.dwell_times(current, field=field), (dwell_p, dwell_ap), rtol=1e-6)


def test_a_higher_attempt_rate_makes_the_inferred_barrier_higher_by_its_logarithm():
    low, high = (JunctionParameters.from_dwell_times(1e-3, 2e-4, rate) for rate in (1e9, 1e10))
    assert high.barrier - low.barrier == pytest.approx(math.log(10))


def test_currents_come_as_arrays_of_any_shape():
    rates = JunctionParameters(barrier=10).escape_rates(np.zeros((2, 3)), np.array([300.0, 310.0, 320.0]))
    assert [rate.shape for rate in rates] == [(2, 3), (2, 3)]


@given(junctions)
def test_a_file_gives_back_the_same_numbers(tmp_path_factory, junction):
    path = tmp_path_factory.mktemp("junction") / "device.json"
    junction.save(path)
    assert JunctionParameters.load(path) == junction


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("barrier", -1.0, "junction barrier must be 0 to 700 kT, not -1.0"),
        ("barrier", math.nan, "junction barrier must be 0 to 700 kT, not nan"),
        ("temperature", 0.0, "junction temperature must be positive, in kelvin, not 0.0"),
        ("attempt_rate", math.inf, "junction attempt_rate must be positive, in hertz, not inf"),
        ("critical_current", 0, "junction critical_current must be positive, in ampere, not 0"),
        ("balance_current", math.nan, "junction balance_current must be finite, in ampere, not nan"),
        ("resistance_ap", 5e3, "junction resistance_ap must be more than resistance_p, in ohm, not 5000.0"),
        ("anisotropy_field", -0.1, "junction anisotropy_field must be positive, in tesla, not -0.1"),
    ],
)
def test_a_bad_value_is_quoted(name, value, message):
    with pytest.raises(ValueError, match=message):
        replace(JunctionParameters(barrier=10), **{name: value})


@pytest.mark.parametrize("value", [True, "10", None])
def test_what_is_not_a_number_is_refused(value):
    with pytest.raises(TypeError, match="junction barrier must be a number"):
        JunctionParameters(barrier=value)


@pytest.mark.parametrize(
    ("applied", "message"),
    [
        ({"current": 6e-6}, "junction current must be within 5e-06 A of the balance 0.0, not 6e-06"),
        ({"field": 0.2}, "junction field must be within 0.1 T of the balance 0.0, not 0.2"),
        ({"temperature": 0}, "junction temperature must be positive, in kelvin, not 0"),
        ({"current": math.nan}, "junction current must be within"),
    ],
)
def test_what_takes_the_barrier_away_is_refused(applied, message):
    with pytest.raises(ValueError, match=message):
        JunctionParameters(barrier=10).escape_rates(**applied)


@pytest.mark.parametrize("dwell", [1e-10, 0.0, -1.0, math.nan, math.inf])
def test_a_dwell_time_shorter_than_an_attempt_is_refused(dwell):
    with pytest.raises(ValueError, match="junction dwell_ap must be at least an attempt"):
        JunctionParameters.from_dwell_times(1e-3, dwell)


GOOD = {
    "format": FORMAT,
    "barrier": 10.0,
    "temperature": 300.0,
    "attempt_rate": 1e9,
    "critical_current": 5e-6,
    "balance_current": 0.0,
    "resistance_p": 5e3,
    "resistance_ap": 1e4,
    "anisotropy_field": 0.1,
    "balance_field": 0.0,
}
TEXT = json.dumps(GOOD, indent=1)

BAD = {
    "negative barrier": ('"barrier": 10.0', '"barrier": -3', 3, "junction barrier must be 0 to 700 kT, not -3.0"),
    "zero temperature": (
        '"temperature": 300.0',
        '"temperature": 0',
        4,
        "temperature must be positive, in kelvin, not 0.0",
    ),
    "nan": ("300.0", "NaN", 4, "expected a finite number, found NaN"),
    "overflow": ("300.0", "1e999", 4, "expected a number of at most 1e300 in 'temperature', found inf"),
    "huge integer": ("300.0", "1" * 400, 4, "expected a number of at most 1e300 in 'temperature', found 1111"),
    "text": ("300.0", '"hot"', 4, "expected a number of at most 1e300 in 'temperature', found 'hot'"),
    "true": ("300.0", "true", 4, "expected a number of at most 1e300 in 'temperature', found True"),
    "missing": (' "barrier": 10.0,\n', "", 1, "expected the key 'barrier', found no such key"),
    "unknown": ('"barrier"', '"barier"', 3, "found the unknown key 'barier'"),
    "twice": ('"temperature"', '"barrier"', 4, "expected each key once, found 'barrier' again"),
    "other format": (
        FORMAT,
        "somebody-else-2",
        2,
        "expected 'trijunction-junction-1' in 'format', found 'somebody-else-2'",
    ),
    "no format": (
        f' "format": "{FORMAT}",\n',
        "",
        1,
        "expected 'trijunction-junction-1' in 'format', found no such key",
    ),
    "no JSON": ("10.0,", "10.0", 4, "expected JSON, found '\"' in column 2"),
    "cut short": (TEXT[-30:], "", 10, "expected JSON"),
    "an array": (TEXT, "[1]", 1, "expected a JSON object, found [1]"),
    "nested": (TEXT, "[" * 100_000, 1, "expected"),
    "empty": (TEXT, "", 1, "found an empty file"),
    "resistances exchanged": (
        '"resistance_ap": 10000.0',
        '"resistance_ap": 10',
        9,
        "more than resistance_p, in ohm, not 10.0",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_line_with_file_and_line(tmp_path, name):
    old, new, line, message = BAD[name]
    assert old in TEXT
    path = tmp_path / "device.json"
    path.write_text(TEXT.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        JunctionParameters.load(path)
    text = str(caught.value)
    assert text.startswith(f"{path}:{line}: ")
    assert message in text
    assert "\n" not in text


def test_a_file_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(InputError, match="found no file of this name"):
        JunctionParameters.load(tmp_path / "nothing.json")
