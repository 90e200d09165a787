"""What others have published: figures with their citations, a rule for other nodes, and the user's own device.

The figures are in ``literature.json``, each with the key of its citation, what its range is, and whether it was only
remembered. They are never mixed with what is measured here; where a comparison needs a junction, it is theirs or that
of a device file:

    {"format": "trijunction-device-1", "energy_per_bit_fJ": 5, "dwell_ns": 20, "bias_error": 0.02}

energy of a read with its read-out, mean dwell time of the two states, and ``P(1) - 1/2``. The last two are what
``trijunction entropy TRACE.csv`` measures.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from hwpy.entropy.record import read_record
from trijunction.costs.quantity import Quantity
from trijunction.costs.stage import Result, Stage

__all__ = ["FORMAT", "Device", "area_factor", "energy_factor", "read_device", "stages"]

FORMAT = "trijunction-device-1"
TABLE = Path(__file__).with_suffix(".json")
#: A line of 5 pF at 1.2 V takes C V^2 from the supply with a rising edge, of which a random bit has 1/4.
PIN = 5e-12 * 1.2**2 / 4 * 1e15
#: A junction that current flows through all the time: at 0.05 to 0.2 V, 5 to 10 kohm.
READ_VOLTS, READ_OHMS = (0.1, 0.05, 0.2), (7.5e3, 10e3, 5e3)


@dataclass(frozen=True)
class Device:
    """A user's junction: fJ a read, ns of mean dwell time, and P(1) - 1/2."""

    energy: float
    dwell: float
    bias_error: float


def read_device(path: str | os.PathLike[str]) -> Device:
    """The junction of a device file.

    Raises
    ------
    InputError
        One line with file and line: not JSON, another format, a key missing, unknown or repeated, a bad value.
    """
    record = read_record(path, FORMAT, ["energy_per_bit_fJ", "dwell_ns", "bias_error"])
    energy, dwell, bias = record.values.values()
    if not energy > 0:
        record.fail("energy_per_bit_fJ", f"expected a positive energy in fJ, found {energy!r}")
    if not dwell > 0:
        record.fail("dwell_ns", f"expected a positive time in ns, found {dwell!r}")
    if not abs(bias) < 0.5:
        record.fail("bias_error", f"expected P(1) - 1/2, between -0.5 and 0.5, found {bias!r}")
    return Device(energy, dwell, abs(bias))


def stages(device: Device | None = None) -> list[Stage]:
    """One stage, of the table and the device."""
    parameters = {
        "table": sha256(TABLE.read_bytes()).hexdigest(),
        "device": None if device is None else [device.energy, device.dwell, device.bias_error],
    }
    return [Stage("literature", partial(run, device=device), code=("hwpy.entropy.record",), parameters=parameters)]


def run(results: Mapping[str, Result], folder: Path, *, device: Device | None) -> Result:
    """All figures; those of a device file in the place of the published junction's."""
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    quantities = {name: _quantity(entry) for name, entry in table["quantities"].items()}
    if device is not None:
        own = partial(Quantity, source="cited: device", uncertainty="as given", note="of the user's device file")
        quantities["smtj_energy"] = own(device.energy, "fJ/bit")
        quantities["dwell"] = own(device.dwell, "ns")
        quantities["bias_error"] = own(device.bias_error, "")
    quantities |= {"pin_energy": _pin(), "static_read_power": _static_read()}
    for node in table["scaling"]["nodes"]:
        if node != table["scaling"]["from"]:
            quantities[f"energy_factor_{node}nm"] = energy_factor(node)
            quantities[f"area_factor_{node}nm"] = area_factor(node)
    return Result(quantities, {"citations": table["citations"], "devices": _devices(quantities)})


def energy_factor(node: str) -> Quantity:
    """What an energy at 180 nm is multiplied with: ``a V^2 + b V + c`` of the node over that of 180 nm."""
    scaling = _scaling()
    start = scaling["nodes"][scaling["from"]]
    whole = _polynomial(start["energy"][0], start["supply"])
    end = scaling["nodes"][node]
    factors = [_polynomial(coefficients, end["supply"]) / whole for coefficients in end["energy"]]
    return Quantity(
        factors[0], "", f"cited: {scaling['key']}", min(factors), max(factors), "high-performance to low-power process",
        estimate=True, note=f"energy from {scaling['from']} nm, {start['supply']} V, to {node} nm, {end['supply']} V",
    )  # fmt: skip


def area_factor(node: str) -> Quantity:
    """What an area at 180 nm is multiplied with."""
    scaling = _scaling()
    return Quantity(
        scaling["nodes"][node]["area"], "", f"cited: {scaling['key']}", uncertainty="not known", estimate=True,
        note=f"area from {scaling['from']} nm to {node} nm",
    )  # fmt: skip


def _scaling() -> Any:
    return json.loads(TABLE.read_text(encoding="utf-8"))["scaling"]


def _polynomial(coefficients: list[float], volts: float) -> float:
    a, b, c = coefficients
    return a * volts**2 + b * volts + c


def _quantity(entry: dict[str, Any]) -> Quantity:
    """The key "assumed" is no citation."""
    fields = dict(entry)
    key = fields.pop("key")
    return Quantity(source="computed: literature" if key == "assumed" else f"cited: {key}", **fields)


def _pin() -> Quantity:
    return Quantity(
        PIN, "fJ/bit", "computed: literature", PIN / 2, 2 * PIN, "a factor of two either way, assumed", estimate=True,
        note="to bring a random bit to a chip: C V^2 / 4 of a line of 5 pF at 1.2 V",
    )  # fmt: skip


def _static_read() -> Quantity:
    value, low, high = (1e6 * volts**2 / ohms for volts, ohms in zip(READ_VOLTS, READ_OHMS, strict=True))
    return Quantity(
        value, "uW", "computed: literature", low, high, "0.05 V at 10 kohm to 0.2 V at 5 kohm", estimate=True,
        note="of a junction that is read all the time, by a divider and not by a pre-charge sense amplifier",
    )  # fmt: skip


def _devices(quantities: Mapping[str, Quantity]) -> dict[str, Any]:
    """Points for the maps: the junction that the comparison takes, and the fastest with the cheapest read."""
    points = [("taken here", "dwell", "smtj_energy"), ("fastest, cheapest read", "dwell_fastest", "smtj_energy_p_bit")]
    return {
        "x": [quantities[dwell].value for _, dwell, _ in points],
        "y": [quantities[energy].value for _, _, energy in points],
        "label": [label for label, _, _ in points],
        "x_unit": "ns", "y_unit": "fJ/bit", "source": "cited: see the table of the literature",
    }  # fmt: skip
