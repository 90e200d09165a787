"""The report's record: every stage's quantities with what they depend on. Pages, tables and plots show nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from trijunction.costs.quantity import Quantity
from trijunction.costs.runner import Done, package_versions
from trijunction.costs.stage import Stage

__all__ = ["SCHEMA", "Record", "assemble", "lookup", "quantities", "quantity"]

#: The version of the record's form.
SCHEMA = 1

Record = Mapping[str, Any]


def assemble(stages: Sequence[Stage], done: Mapping[str, Done], revision: str | None) -> dict[str, Any]:
    """The record of stages that are done, in their order; ``revision`` is that of the source text.

    A stage's record is its result's with its needs, code, parameters and key; its times are among its quantities. The
    stage "report" stands for the report itself. A record of the same results is the same.
    """
    by_name = {stage.name: stage for stage in stages}
    parts = {}
    for name, one in done.items():
        stage, result = by_name[name], one.result.to_dict()
        result["quantities"] |= _times(f"measured: {name}", one.seconds, one.processor_seconds)
        parts[name] = {
            **result,
            "needs": list(stage.needs),
            "code": list(stage.code),
            "parameters": dict(stage.parameters),
            "key": one.key,
        }
    count = Quantity(len(done), "", "computed: report", uncertainty="exact count")
    total = (round(sum(getattr(one, time) for one in done.values()), 1) for time in ("seconds", "processor_seconds"))
    parts["report"] = {
        "quantities": {"stages": count.to_dict(), **_times("computed: report", *total)},
        "series": {}, "tools": {}, "files": [], "missing": "", "needs": [], "code": [], "parameters": {}, "key": "",
    }  # fmt: skip
    return {
        "schema": SCHEMA,
        "trijunction": version("trijunction"),
        "git": revision,
        "versions": package_versions(),
        "stages": parts,
    }


def _times(source: str, seconds: float, processor_seconds: float) -> dict[str, Any]:
    """What a stage took, as quantities."""
    times = {"seconds": seconds, "processor_seconds": processor_seconds}
    uncertainty = "one run, with others beside it"
    return {name: Quantity(time, "s", source, uncertainty=uncertainty).to_dict() for name, time in times.items()}


def lookup(record: Record, path: str) -> Any:
    """What is at a path: "versions/numpy", "stages/literature/missing", or a quantity, "stages/asic/ising/lfsr/area".

    A stage's own path gives its name. Raises KeyError where there is nothing.
    """
    rest = path.removeprefix("stages/")
    if rest == path:
        found: Any = record
    elif rest in record["stages"]:
        return rest
    else:
        # A stage's name has slashes too, but none is the beginning of another with a slash.
        stage = next((name for name in record["stages"] if rest.startswith(f"{name}/")), "")
        found, rest = record["stages"][stage], rest.removeprefix(f"{stage}/")
        if rest.partition("/")[0] in found["quantities"]:
            found = found["quantities"]
    for word in rest.split("/"):
        found = found[int(word)] if isinstance(found, list) else found[word]
    return found


def quantity(record: Record, path: str) -> Quantity:
    """The quantity at a path. Raises KeyError if there is none."""
    found = lookup(record, path)
    if not isinstance(found, Mapping) or "value" not in found:
        raise KeyError(path)
    return Quantity.from_dict(found)


def quantities(record: Record) -> Iterator[tuple[str, str, Quantity]]:
    """All quantities with their stage's name and their own."""
    for stage, part in record["stages"].items():
        for name, found in part["quantities"].items():
            yield stage, name, Quantity.from_dict(found)
