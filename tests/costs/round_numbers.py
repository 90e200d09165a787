"""Results of other stages in round numbers, so that break-evens can be reckoned by hand.

A flip takes 200 fJ in the core and 100 with shift registers, 400 with xoshiro; it takes 2 random bits, so a bit of the
registers takes 50. The clock is 10 ns. A synchroniser takes 60 a bit, so a flip-flop 30, and a gate 60 - 30
of a register of two taps whose bit takes 60. Waiting takes a tenth of 200 and 1 of leakage, 21.
"""

from __future__ import annotations

from typing import Any

from trijunction.costs.inputs import SOURCES, needs
from trijunction.costs.quantity import Quantity
from trijunction.costs.stage import Result

GENERATORS = {"lfsr": 100.0, "xoshiro": 400.0, "smtj": 120.0}


def quantity(value: float, low: float | None = None, high: float | None = None) -> Quantity:
    """Of no unit; with a range or without."""
    return Quantity(value, "", "measured: round/numbers", low, high, "range" if low is not None else "exact")


def results(way: str = "ising", **changes: Quantity) -> dict[str, Result]:
    """All that a way needs; ``changes`` replace quantities of that name wherever they are."""
    line = {"x": [128.0, 256.0, 512.0], "y": [95.0, 96.0, 97.0], "low": [94.0, 95.0, 96.0], "high": [96.0, 97.0, 98.0]}
    made = {}
    for source in SOURCES:
        made[f"asic/{way}/{source}"] = {
            "energy_core_per_unit": quantity(200, 180, 200),
            "energy_generator_per_unit": quantity(GENERATORS[source]),
            "energy_generator_per_bit": quantity(GENERATORS[source] / 2),
            "clock_share": quantity(10), "leakage_power": quantity(1000), "throughput": quantity(1e9),
            "fmax": quantity(100), "area": quantity(1000), "area_generator": quantity(100),
            "area_per_throughput": quantity(5), "random_bits_per_unit": quantity(2), "units_per_clock": quantity(10),
        }  # fmt: skip
        made[f"fpga/ice40/{way}/{source}"] = {
            "energy_per_unit": quantity(8000 + 10 * GENERATORS[source], 4000, 16000),
            "fmax": quantity(50), "ff": quantity(100), "units_per_clock": quantity(10),
            "random_bits_per_unit": quantity(2),
        }  # fmt: skip
        made[f"quality/{way}/{source}"] = {
            "work_ratio": quantity(1.02, 0.97, 1.07), "work_at_equal_quality": quantity(1000, 900, 1100),
            "work_as_built": quantity(500), "knob_as_built": quantity(256), "error": quantity(12, 11, 13),
            "read_interval": quantity(1), "bias_tolerance": quantity(0.02),
        }  # fmt: skip
    made["asic/generator/lfsr_two_taps"] = {"energy_per_bit": quantity(60)}
    made["literature"] = {
        "smtj_energy": quantity(20, 2, 20), "dwell": quantity(10, 5, 10), "bias_error": quantity(0.05, 0, 0.1),
        "pin_energy": quantity(1800, 900, 3600), "static_read_power": quantity(1), "conversion_energy": quantity(390),
        "energy_factor_45nm": quantity(0.03, 0.02, 0.04), "energy_factor_7nm": quantity(0.002, 0.001, 0.003),
    }  # fmt: skip
    assert set(made) == set(needs(way))
    return {
        stage: Result({name: changes.get(name, found) for name, found in quantities.items()}, _series(stage, line))
        for stage, quantities in made.items()
    }


def _series(stage: str, line: dict[str, Any]) -> dict[str, Any]:
    if stage == "literature":
        return {"devices": {"x": [10.0], "y": [20.0], "label": ["one"]}}
    return {"accuracy": line} if stage.startswith("quality") else {}
