"""A record of the report's shape whose figures were never measured."""

from __future__ import annotations

import itertools

import numpy as np

from trijunction.costs.quantity import Quantity
from trijunction.costs.record import assemble
from trijunction.costs.runner import Done
from trijunction.costs.stage import Result, Stage
from trijunction.costs.tables import SOURCES, WAYS

UNITS = {"ising": "flip", "stochastic_computing": "synapse-bit", "low_precision": "rounded MAC"}


def _unused(needed, folder):
    raise AssertionError


def _fpga(stage, way, scale):
    unit = UNITS[way]
    measured = {"source": f"measured: {stage}", "uncertainty": "exact count"}
    return Result(
        {
            "lut4": Quantity(1234 * scale, "", **measured),
            "ff": Quantity(507, "", **measured),
            "fmax": Quantity(98.76, "MHz", f"measured: {stage}", 95.4, 101.2, "spread of 3 placement seeds"),
            "throughput": Quantity(2.345e9 / scale, f"{unit}/s", f"computed: {stage}"),
            "energy_per_unit": Quantity(
                0.04321, f"nJ/{unit}", f"computed: {stage}", 0.031, 0.072, "spread of four measures", True,
                "iCE40 only: from activity, by 2 published currents",
            ),
        }
    )  # fmt: skip


def _asic(stage, way, scale):
    unit = UNITS[way]
    return Result(
        {
            "area": Quantity(45678.9 * scale, "um2", f"measured: {stage}", uncertainty="exact count"),
            "energy_per_unit": Quantity(123.4 * scale, f"fJ/{unit}", f"measured: {stage}", 120, 400, "95 % interval"),
            "energy_per_unit_default": Quantity(234.5 * scale, f"fJ/{unit}", f"measured: {stage}"),
            "leakage_power": Quantity(0.0321, "uW", f"measured: {stage}"),
            "clock_share": Quantity(None, "%", f"measured: {stage}", note="the clock's power was 0 of 0 W"),
        },
        tools={"OpenSTA": "2.3.3"},
        files=("power.rpt",),
    )


def _quality(stage, source):
    x = [1, 2, 4, 8, 16]
    band = {"x_label": "fresh bits", "y_label": "total variation", "x_unit": "", "y_unit": "", "source": stage}
    y = 0.5 / np.array(x) * (1 + list(SOURCES).index(source))
    series = {"quality": {"x": x, "y": y, "low": y * 0.8, "high": y * 1.2, **band}}
    if source == "smtj":
        fault = {"x": [0, 0.01, 0.05, 0.1], "y": [0.1, None, 0.3, 0.6], **band, "x_label": "bias error"}
        series |= {"bias_error": fault, "read_interval": {**fault, "x_label": "interval", "x_unit": "dwell times"}}
    return Result(series=series)


LITERATURE = Result(
    {
        "smtj_bit_with_readout": Quantity(
            20.0, "fJ/bit", "cited: vodenicarevic2018", 2, 20, "spread of two papers", note="a < b & c, with read-out"
        ),
        "multiply_45nm": Quantity(3.1, "pJ", "cited: horowitz2014", estimate=True),
    },
    {"citations": {"vodenicarevic2018": "Vodenicarevic et al., Phys. Rev. Applied 8, 054045 (2017)"}},
)


def _comparison(stage):
    quantities = {
        f"energy_equal_quality_{source}": Quantity(10.5 * k + 1, "fJ/flip", f"computed: {stage}", k, 99, "range")
        for k, source in enumerate(SOURCES)
    }
    quantities["node_energy_smtj"] = Quantity(2, "fJ/bit", "cited: horowitz2014")
    quantities["dwell"] = Quantity(10, "ns", f"computed: {stage}")
    quantities["break_even_dwell"] = Quantity(7.65, "fJ/bit", f"computed: {stage}", 5.1, 9.2, "all ranges", True)
    texts = ["An SMTJ bit must cost less than {break_even_dwell} at {dwell} dwell to win here.", "It does <not>."]
    return Result(quantities, {"statements": {"text": texts}})


def _sensitivity(stage):
    dwell, energy = np.geomspace(1, 1e4, 30), np.geomspace(0.01, 1e3, 25)
    axes = {"x_label": "dwell time", "y_label": "energy", "x_unit": "ns", "y_unit": "fJ/bit", "source": stage}
    series = {"devices": {"x": [10], "y": [2], "label": ["Singh"], **axes}}
    for case, bias in itertools.product(("asic", "fpga_pins"), (0, 0.01, 0.1)):
        even = 20 * (1 - 5 * bias) / (1 + dwell / 300)
        line = {"x": dwell, "y": np.where(dwell > 5000, np.nan, even), "low": even / 2, "high": even * 2}
        line["y"] = [None if np.isnan(y) else y for y in line["y"]]
        series[f"break_even_{case}_bias_{bias:g}"] = {**line, **axes}
        field = {"x": dwell, "y": energy, "z": (1 + energy[:, None]) / (1 + even)}
        series[f"map_{case}_bias_{bias:g}"] = {**field, **axes}
    return Result(series=series)


def results():
    """A result for each stage of the report."""
    found = {}
    for way, (scale, source) in itertools.product(WAYS, enumerate(SOURCES, 1)):
        for family in ("ice40", "ecp5"):
            found[f"fpga/{family}/{way}/{source}"] = _fpga(f"fpga/{family}/{way}/{source}", way, scale)
        found[f"asic/{way}/{source}"] = _asic(f"asic/{way}/{source}", way, scale)
        found[f"quality/{way}/{source}"] = _quality(f"quality/{way}/{source}", source)
    found["asic/generator/lfsr"] = Result({"energy_per_bit": Quantity(55.5, "fJ/bit", "measured: asic/generator/lfsr")})
    found["asic/generator/xoshiro"] = Result(missing="OpenSTA is not on PATH: apt-get install opensta (2.3 or newer)")
    found["asic/core/ising"] = Result({"area": Quantity(777.0, "um2", "measured: asic/core/ising")})
    found["literature"] = LITERATURE
    for way in WAYS:
        found[f"comparison/{way}"] = _comparison(f"comparison/{way}")
        found[f"sensitivity/{way}"] = _sensitivity(f"sensitivity/{way}")
    return found


def record(found=None):
    """The record of such results."""
    found = results() if found is None else found
    stages = [Stage(name, _unused, parameters={"seed": 1}) for name in found]
    done = {name: Done(result, "0" * 64, 1.5, 1.25, kept=False) for name, result in found.items()}
    return assemble(stages, done, "abc123-dirty")
