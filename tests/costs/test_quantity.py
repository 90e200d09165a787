"""A quantity refuses to be less than a value with its source and what is known of it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from trijunction.costs.quantity import Quantity

AREA = Quantity(1240.0, "um2", "measured: asic/ising/lfsr", uncertainty="exact count")


@pytest.mark.parametrize(
    "quantity",
    [
        AREA,
        Quantity(2, "fJ/bit", "cited: singh2024", 1, 20, "spread of the papers", True, "with read-out"),
        Quantity(None, "MHz", "measured: asic/ising/lfsr", note="OpenSTA is not there"),
    ],
)
def test_it_goes_through_json_unchanged(quantity):
    assert Quantity.from_dict(json.loads(json.dumps(quantity.to_dict()))) == quantity


def test_numpy_s_numbers_become_python_s():
    quantity = Quantity(np.int64(3), "", "computed: x", np.float32(2.5), np.float64(4), "range")
    assert json.dumps(quantity.to_dict()).startswith('{"value": 3, "unit": "", "source": "computed: x", "low": 2.5')


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": float("nan")}, "value must be a finite number or None, not nan"),
        ({"value": float("inf")}, "not inf"),
        ({"value": True}, "not True"),
        ({"value": "3"}, "not '3'"),
        ({"source": "asic/ising/lfsr"}, "source must be .*, not 'asic/ising/lfsr'"),
        ({"source": "cited: "}, "not 'cited: '"),
        ({"source": "guessed: me"}, "not 'guessed: me'"),
        ({"value": None}, "needs a note"),
        ({"low": 1.0}, "both or neither, not 1.0 and None"),
        ({"low": 1241, "high": 1250}, "must be from 1241 to 1250, not 1240.0"),
        ({"low": 1000, "high": 1500, "uncertainty": ""}, "must say what low and high are"),
    ],
)
def test_what_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(AREA, **change)


def test_a_record_of_other_fields_is_refused():
    with pytest.raises(ValueError, match=r"a quantity must have estimate, high, .*, not unit, value"):
        Quantity.from_dict({"value": 1, "unit": ""})


def test_origin():
    assert (AREA.origin, AREA.cited) == ("asic/ising/lfsr", False)
    assert replace(AREA, source="cited: singh2024").cited
