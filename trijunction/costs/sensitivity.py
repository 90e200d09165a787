"""Where junctions win: maps over dwell time and energy of a read, for several bias errors; and whether statements hold.

Stages ``sensitivity/WAY``. Series, for each CASE of `trijunction.costs.inputs.CASES` and bias error B of `BIASES`:

break_even_CASE_bias_B
    The price of a read at which junctions are even with the best generator (fJ/bit) against the mean dwell time (ns);
    ``low`` and ``high`` are the worst cases over all inputs' ranges, null is: no price is low enough.
map_CASE_bias_B
    ``z``, rows by ``y``: energy of a unit of work with junctions over that with the best generator; below 1 they win.
devices
    Published junctions, or the user's.

**Do the statements hold?** A break-even with its range makes two claims: a read that costs less than ``low`` wins, and
one that costs more than ``high`` loses. Devices and inputs are drawn over the whole map and all ranges, their energy is
reckoned directly, and the claims that are wrong are counted (`violations`).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trijunction.costs.break_even import Bounds, Inputs, bounds, break_even, energy
from trijunction.costs.inputs import CASES, UNITS, WORST, Results, Unknown, known, needs, span
from trijunction.costs.quantity import Quantity
from trijunction.costs.stage import Result, Stage

__all__ = ["BIASES", "DWELLS", "PRICES", "border", "stages", "sweep", "violations"]

BIASES = (0.0, 0.01, 0.05, 0.1)
DWELLS = np.logspace(0, 4, 41)
PRICES = np.logspace(-1, 4, 51)
DRAWS = 4000
_CODE = ("trijunction.costs.break_even", "trijunction.costs.inputs")
_AXES = {"x_label": "mean dwell time", "x_unit": "ns", "y_unit": "fJ/bit"}
_WHERE = {
    "asic": "on silicon, amplifiers fired by the clock",
    "asic_static_read": "on silicon, junctions read all the time and synchronised",
    "fpga_pins": "on an FPGA's pins",
}

Array = NDArray[np.float64]


def stages() -> list[Stage]:
    """One a way."""
    return [
        Stage(f"sensitivity/{way}", partial(sweep, way=way), needs=needs(way), code=_CODE, parameters={"way": way})
        for way in UNITS
    ]


def sweep(results: Results, folder: Path, *, way: str) -> Result:
    """The stage of a way; cases of which something is missing are left out, and all of them make it missing."""
    quantities: dict[str, Quantity] = {}
    series: dict[str, Any] = {}
    texts: list[str] = []
    missing: list[str] = []
    for case in CASES:
        try:
            inputs = known(results, way, case).bounds
            price = span(results, "literature", "smtj_energy")
            bias = span(results, "literature", "bias_error")[0]
        except Unknown as error:
            missing.append(f"{case}: {error}")
            continue
        series |= _lines(inputs, way, case)
        more, said = _region(inputs, way, case, price[0], bias)
        quantities |= more
        texts += said
    if not series:
        return Result(missing="; ".join(missing))
    literature = results["literature"]
    quantities["device_energy"] = literature.quantities["smtj_energy"]
    quantities["device_bias_error"] = literature.quantities["bias_error"]
    series["devices"] = literature.series["devices"]
    return Result(quantities, {**series, "statements": {"text": texts}})


def border(known: Bounds, dwell: Array, bias: float) -> tuple[Array, Array, Array]:
    """The break-even of a read, and its range, at each dwell time; not positive where junctions never win."""

    def of(inputs: Inputs, strategy: str) -> Array:
        return break_even(inputs, dwell, bias, strategy)

    return bounds(of, known, np.maximum)


def violations(known: Bounds, draws: int, seed: int = 1) -> int:
    """Of drawn devices and inputs, how many are on the wrong side of a break-even's range."""
    generator = np.random.default_rng(seed)
    wrong = 0
    for bias in BIASES:
        dwell = 10 ** generator.uniform(np.log10(DWELLS[0]), np.log10(DWELLS[-1]), draws // len(BIASES))
        price = 10 ** generator.uniform(np.log10(PRICES[0]), np.log10(PRICES[-1]), len(dwell))
        _, low, high = border(known, dwell, bias)
        for k in range(len(dwell)):
            drawn = known.sample(generator)
            wins = energy(drawn, price[k], dwell[k], bias) < drawn.rival
            wrong += bool((price[k] < low[k] and not wins) or (price[k] > high[k] and wins))
    return wrong


def _lines(known: Bounds, way: str, case: str) -> dict[str, Any]:
    series = {}
    source = f"computed: sensitivity/{way}"
    for bias in BIASES:
        value, low, high = (np.where(line > 0, line, np.nan) for line in border(known, DWELLS, bias))
        series[f"break_even_{case}_bias_{bias:g}"] = {
            "x": DWELLS.tolist(), "y": _nulls(value), "low": _nulls(low), "high": _nulls(high), **_AXES,
            "y_label": "break-even price of a read", "source": source, "band": WORST,
        }  # fmt: skip
        ratio = energy(known.nominal, PRICES[:, None], DWELLS[None, :], bias) / known.nominal.rival
        series[f"map_{case}_bias_{bias:g}"] = {
            "x": DWELLS.tolist(), "y": PRICES.tolist(), "z": ratio.tolist(), **_AXES,
            "y_label": "energy of a read", "source": source,
        }  # fmt: skip
    return series


def _nulls(line: Array) -> list[float | None]:
    return [float(y) if np.isfinite(y) else None for y in line]


def _region(known: Bounds, way: str, case: str, price: float, bias: float) -> tuple[dict[str, Quantity], list[str]]:
    """Up to which dwell time a read of this price wins, surely and at best; and the count of claims that hold."""
    computed = partial(Quantity, source=f"computed: sensitivity/{way}")
    value, low, high = border(known, DWELLS, bias)
    ends = [_up_to(line > price) for line in (value, low, high)]
    held = 100 * (1 - violations(known, DRAWS) / DRAWS)
    where = _WHERE[case]
    drawn = f"of {DRAWS:,} devices and inputs drawn over the map and all ranges"
    note = "claims of the break-even's range that hold when the energy is reckoned directly"
    found = {f"holds_{case}": computed(held, "%", uncertainty=drawn, note=note)}
    if ends[2] is None:
        text = f"{where}: a read of {{device_energy}} never wins, with a bias error of {{device_bias_error}}"
    else:
        name = f"dwell_won_{case}"
        found[name], text = _won(ends, computed), f"{where}: a read of {{device_energy}} wins up to a dwell time of "
        text += f"{{{name}}}, with a bias error of {{device_bias_error}}"
        if ends[0] is None:
            text = text.replace("wins up to", "wins, at best, up to")
    return found, [f"{text[0].upper()}{text[1:]}; of claims like this {{holds_{case}}} hold over the sweep."]


def _won(ends: list[float | None], computed: Any) -> Quantity:
    """The dwell time up to which a read wins: as best known, at worst, at best; None: at none."""
    value, low, high = ends
    note = "the longest dwell time tried up to which a read of the price taken wins"
    if high == DWELLS[-1]:
        note += "; at best, at all that were tried"
    if value is None or low is None:
        note += "; at worst, at none"
    if value is None:
        return computed(high, "ns", uncertainty="as best known, at none", note=note)
    return computed(value, "ns", low=DWELLS[0] if low is None else low, high=high, uncertainty=WORST, note=note)


def _up_to(wins: NDArray[np.bool_]) -> float | None:
    """The last dwell time before the first loss."""
    lost = np.flatnonzero(~wins)
    if len(lost) == 0:
        return float(DWELLS[-1])
    return float(DWELLS[lost[0] - 1]) if lost[0] else None
