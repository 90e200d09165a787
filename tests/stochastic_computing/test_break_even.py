"""Equal error and break-even of stochastic and binary neurons."""

import json
from dataclasses import replace

import numpy as np
import pytest

from boards.out_of_context import measure
from hwpy.stochastic_computing.break_even import (
    Unit,
    best,
    binary_error,
    crossing,
    device_energy,
    equal_length,
    sobol_error,
    workload,
)
from hwpy.stochastic_computing.dot_product import DotProductParameters
from rtl.stochastic_computing.dot_product import DotProduct
from rtl.stochastic_computing.or_neuron import OrNeuron
from trijunction.figures.or_break_even import RECORD, pick, units

OR = Unit("OR", 16, 8, 100.0, 0, 0, 0, 8.0, (1e-12, 2e-12, 3e-12))
MAC = Unit("MAC", 16, 8, 200.0, 0, 0, 16, 0.0, (10e-12, 20e-12, 30e-12))
DOT = Unit("dot product", 16, 8, 300.0, 0, 0, 8, 0.0, (50e-12, 60e-12, 70e-12))


def test_a_crossing_is_where_evaluations_cost_the_same():
    units = [OR, MAC, DOT, replace(DOT, name="dot product, constant", lut4=1.0), replace(DOT, bits=4, lut4=1.0)]
    assert best(units, "lut4", 16, 8) is DOT
    assert best(units, "energy", 16, 8) is MAC
    assert best(units, "lut4", 16, 8, constant=True).lut4 == 1
    # A multiplier that is there anyway takes energy, and no table.
    units.append(replace(MAC, name="MAC, DSP", lut4=2.0, dsp=1, energy=(1e-12,) * 3))
    assert (best(units, "lut4", 16, 8).dsp, best(units, "energy", 16, 8).dsp) == (0, 1)
    assert crossing(OR, DOT, "lut4") == [8 * 300 / 100]
    length = 64
    price = device_energy(OR, MAC, length)
    assert length * (np.array(OR.energy) + 8 * price) == pytest.approx(16 * np.array(MAC.energy))
    assert (device_energy(OR, MAC, 1000) < 0).all()


def test_a_cost_that_was_not_estimated_is_refused():
    with pytest.raises(ValueError, match="not 'energy'"):
        Unit("OR", 16, 8, 100.0, 0, 0, 0).costs("energy")


def test_the_binary_error_halves_with_every_bit():
    errors = [binary_error(16, bits) for bits in (6, 7, 8, 9, 10)]
    assert np.divide(errors[:-1], errors[1:]) == pytest.approx(np.full(4, 2), rel=0.08)
    # Not below the rounding of y alone.
    assert errors[2] > 1 / 255 / np.sqrt(12)


@pytest.mark.parametrize("fan_in", [4, 64])
def test_streams_of_the_equal_length_have_the_binary_error(fan_in):
    x, w = workload(fan_in, 1000, seed=5)
    length = round(equal_length(fan_in, 4))
    numbers = np.random.default_rng(2)
    y = 1 - (1 - x * w).prod(axis=1)
    error = np.sqrt(((numbers.binomial(length, y) / length - y) ** 2).mean())
    # 1,000 errors: 2.2 % standard error of their root mean square.
    assert error == pytest.approx(binary_error(fan_in, 4), rel=0.1)


def test_sobol_words_err_less_than_independent_bits_at_small_fan_in():
    x, w = workload(4, 100, seed=1)
    idle = (1 - x * w).prod(axis=1)
    assert sobol_error(4, 256, count=40) < 0.6 * np.sqrt((idle * (1 - idle)).mean() / 256)


def test_the_workload_sums_to_about_one_at_any_fan_in():
    for fan_in in (16, 64, 256):
        x, w = workload(fan_in, 4000, seed=1)
        assert (x * w).sum(axis=1).mean() == pytest.approx(1, abs=0.05)


def test_the_record_is_of_the_hardware_that_is_here():
    found = units(json.loads(RECORD.read_text()), "ice40")
    gates = measure(lambda: OrNeuron(16), "ice40")
    assert pick(found, "OR, junctions", 16, 4).lut4 == gates["lut4"]
    rival = measure(lambda: DotProduct(DotProductParameters(4)), "ice40")
    unit = pick(found, "dot product", 4, 8)
    assert (unit.lut4, unit.ff, unit.clocks) == (rival["lut4"], rival["ff"], 8)
    assert all(min(unit.energy) > 0 for unit in found)


def test_a_stochastic_weight_keeps_a_step_below_its_bound():
    found = units(json.loads(RECORD.read_text()), "ice40")
    assert pick(found, "OR, lfsr", 16, 2).bits == 2
    assert pick(found, "OR, lfsr", 64, 2).bits == 4
