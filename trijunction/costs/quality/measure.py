"""How good each way's results are with each source, against the knob that costs energy, and what faults it bears.

A module a way. Each measures on real input, with intervals:

quality
    The way's figure of merit against its knob.
work_at_equal_quality
    Units of work until the quality is that of the reference, xoshiro128++: what the energy of a unit is multiplied
    with for energy at equal quality.
work_as_built
    Units of work of a run of the reference with the knob as built.

And of a junction, whose reads may come too soon and be biased: the work against either fault, and

read_interval
    The dwell times between two reads that suffice, the shortest tried from which on all are good.
bias_tolerance
    The largest P(1) - 1/2 tried up to which all are good.

*Good* is: no more than 15 % more work, at 95 % confidence, and (Ising) a mean energy within 0.5 %. The range is that
between the last value that is good and the first that is not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from trijunction.costs.quality import ising, low_precision, stochastic_computing
from trijunction.costs.quality.source import INDEPENDENT, Band, Estimate, Source
from trijunction.costs.quantity import Quantity
from trijunction.costs.stage import Result

__all__ = ["BIASES", "INTERVALS", "WAYS", "bearable", "measure"]

WAYS: dict[str, ModuleType] = {
    "ising": ising,
    "stochastic_computing": stochastic_computing,
    "low_precision": low_precision,
}
UNITS = {"ising": "flip", "stochastic_computing": "synapse-bit", "low_precision": "rounded MAC"}
#: Faults tried: dwell times between reads, and P(1) - 1/2.
INTERVALS = (0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 4.0)
BIASES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2)
MOST_WORK, MOST_ERROR = 1.15, 0.005

_INTERVAL = "95 % interval"
_BRACKET = "between the last value tried that is good and the first that is not"


def measure(way: str, source: str) -> Result:
    """What the stage of a way and a source gives."""
    stage = f"measured: quality/{way}/{source}"
    quantities, series = _quality(way, source, stage)
    extra = {"ising": _sampling, "stochastic_computing": _accuracy, "low_precision": _training}[way]
    more, lines = extra(source, stage)
    quantities |= more
    series |= lines
    if source == "smtj":
        more, lines = _faults(way, stage)
        quantities |= more
        series |= lines
    return Result(quantities, series)


def _quality(way: str, source: str, stage: str) -> tuple[dict[str, Quantity], dict[str, Any]]:
    module, unit = WAYS[way], UNITS[way]
    (knob, knob_unit), (figure, figure_unit) = module.KNOB, module.FIGURE
    about = {"x_label": knob, "x_unit": knob_unit, "y_label": figure, "y_unit": figure_unit}
    work, reference = module.work(Source(source)), module.work(Source("xoshiro"))
    quantities = {
        "work_at_equal_quality": _quantity(work, f"{unit}s", stage, note=f"until {module.QUALITY}"),
        "work_as_built": Quantity(module.built(), f"{unit}s", stage, uncertainty="exact count"),
        "knob_as_built": Quantity(module.BUILT, knob_unit, stage, uncertainty="exact count", note=knob),
        "work_ratio": _quantity(_ratio(work, reference), "", stage, note="work at equal quality over xoshiro128++'s"),
    }
    return quantities, {"quality": module.curve(Source(source)).series(**about, source=stage, band=_INTERVAL)}


def _sampling(source: str, stage: str) -> tuple[dict[str, Quantity], dict[str, Any]]:
    error, ratio = ising.sampling(Source(source))
    return {
        "mean_energy_error": _quantity(_percent(error), "%", stage, note="against 16 independent bits an update"),
        "variance_ratio": _quantity(ratio, "", stage, note="of the energy, against 16 independent bits an update"),
    }, {}


def _accuracy(source: str, stage: str) -> tuple[dict[str, Quantity], dict[str, Any]]:
    band = stochastic_computing.accuracy(Source(source))
    about = {"x_label": "length N of the streams", "x_unit": "bit", "y_label": "digits right", "y_unit": "%"}
    built = band.y[stochastic_computing.LENGTHS.index(stochastic_computing.BUILT)]
    note = f"digits right at N = {stochastic_computing.BUILT}, a mean over seeds; the interval is that of the images"
    return {"accuracy": _quantity(built, "%", stage, note=note)}, {
        "accuracy": band.series(**about, source=stage, band=_INTERVAL)
    }


def _training(source: str, stage: str) -> tuple[dict[str, Quantity], dict[str, Any]]:
    place = {"lfsr": "registers", "xoshiro": "random_bits", "smtj": "junctions"}[source]
    label, unit = {
        "lfsr": ("width of the one register", "bit"),
        "xoshiro": ("random bits of a rounding, 0: to nearest", "bit"),
        "smtj": ("dwell times between two reads", ""),
    }[source]
    built = low_precision.curve(Source(source)).y[low_precision.BITS.index(low_precision.BUILT)]
    ulp = "units of the last place"
    note = "of rounding to nearest, which takes no random bits; repeating it gives the same error again"
    about = {"x_label": label, "x_unit": unit, "y_label": "digits right after training", "y_unit": "%"}
    return {
        "error": _quantity(built, ulp, stage, note=f"RMS error of a dot product at r = {low_precision.BUILT}"),
        "error_to_nearest": Quantity(low_precision.nearest(), ulp, stage, uncertainty="exact", note=note),
    }, {"training": low_precision.training()[place].series(**about, source=stage, band=_INTERVAL)}


def _faults(way: str, stage: str) -> tuple[dict[str, Quantity], dict[str, Any]]:
    """What junctions that are read too soon, or are biased, do to the work and (Ising) to the mean energy."""
    module, reference = WAYS[way], WAYS[way].work(Source("xoshiro"))
    quantities, series = {}, {}
    for name, label, values, make in (
        ("read_interval", "dwell times between two reads", INTERVALS, lambda x: Source("smtj", interval=x)),
        ("bias_tolerance", "P(1) - 1/2", BIASES, lambda x: Source("smtj", INDEPENDENT, x)),
    ):
        about = {"x_label": label, "x_unit": "", "source": stage, "band": _INTERVAL}
        ratios = [_ratio(module.work(make(x)), reference) for x in values]
        good = [ratio.high <= MOST_WORK for ratio in ratios]
        series[name] = Band(list(values), ratios).series(**about, y_label="work at equal quality, ratio", y_unit="")
        if way == "ising":
            errors = [ising.sampling(make(x))[0] for x in values]
            within = [max(-error.low, error.high) <= MOST_ERROR for error in errors]
            line = Band(list(values), [_percent(error) for error in errors])
            series[f"{name}_sampling"] = line.series(**about, y_label="error of the mean energy", y_unit="%")
            quantities[f"{name}_search"] = bearable(values, good, name == "read_interval", stage)
            good = [a and b for a, b in zip(good, within, strict=True)]
        quantities[name] = bearable(values, good, name == "read_interval", stage)
    return quantities, series


def bearable(values: Sequence[float], good: Sequence[bool], from_above: bool, stage: str) -> Quantity:
    """The last of rising values, coming from the harmless end, up to which all are good, and the first that is not.

    ``from_above``: large values are harmless (reads far apart), else small ones (bias).
    """
    order = list(zip(values, good, strict=True))[:: -1 if from_above else 1]
    last = None
    for value, fine in order:
        if not fine:
            break
        last = value
    else:
        return Quantity(last, "", stage, uncertainty="not known", note="all values tried are good")
    if last is None:
        return Quantity(None, "", stage, note="no value tried is good")
    return Quantity(last, "", stage, min(last, value), max(last, value), _BRACKET)


def _quantity(estimate: Estimate, unit: str, stage: str, note: str) -> Quantity:
    value, low, high = estimate
    if not math.isfinite(value):
        return Quantity(None, unit, stage, note=f"not reached: {note}")
    if not math.isfinite(high):
        return Quantity(value, unit, stage, uncertainty=f"95 % interval from {low:.3g}, open above", note=note)
    return Quantity(value, unit, stage, low, high, _INTERVAL, note=note)


def _map(estimate: Estimate, of: Callable[[float], float]) -> Estimate:
    return Estimate(*(of(part) for part in estimate))


def _percent(estimate: Estimate) -> Estimate:
    return _map(estimate, lambda part: 100 * part)


def _ratio(work: Estimate, reference: Estimate) -> Estimate:
    """The interval is the work's alone: the reference is common to all."""
    return _map(work, lambda part: part / reference.value)
