"""The report's tables, of paths into the record: a cell is a quantity, a text of the record, or a label."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields

from trijunction.costs.notation import unit
from trijunction.costs.quantity import Quantity
from trijunction.costs.record import Record, quantities, quantity

__all__ = ["SOURCES", "WAYS", "Group", "Name", "Ref", "Table", "Text", "as_csv", "statements", "tables"]

WAYS = {
    "ising": "Ising: p-bits",
    "stochastic_computing": "Stochastic computing: OR neurons",
    "low_precision": "Low precision: rounded multiply-accumulates",
}
_SHORT = {way: title.partition(":")[0] for way, title in WAYS.items()}
SOURCES = {"lfsr": "LFSR", "xoshiro": "xoshiro", "smtj": "SMTJ"}
_GENERATORS = {**SOURCES, "lfsr_two_taps": "LFSR of two taps"}
FAMILIES = {"ice40": "iCE40", "ecp5": "ECP5"}
#: Labels that are not the quantity's name with spaces.
LABELS = {
    "lut4": "LUT4",
    "carry": "carry cells",
    "ff": "registers",
    "bram": "block RAMs",
    "dsp": "DSP blocks",
    "fmax": "Fmax",
    "lut_seconds_per_unit": "LUT-seconds a unit of work",
    "energy_per_unit": "energy a unit of work",
    "energy_per_unit_default": "energy a unit of work, by default activity",
    "biased_junction": "what a biased junction may take",
    "most_saved": "saved if bits cost nothing",
    "junction_bias_error": "bias error of the junctions taken",
    "energy_core_per_unit": "energy of the core a unit of work",
    "energy_generator_per_unit": "energy of the generator a unit of work",
    "energy_generator_per_bit": "energy of the generator a bit",
    "energy_per_bit": "energy a bit",
    "area_per_bit": "area a bit",
    "random_bits_per_unit": "random bits a unit of work",
    "units_per_clock": "units of work a clock",
    "leakage_power": "leakage",
    "clock_share": "share of the clock",
    "sum_of_parts": "sum of parts, of the whole",
}


#: What stands in other names for a part of them.
PHRASES = {
    "energy per unit": "energy a unit of work",
    "break even": "break-even of a read,",
    "fpga": "FPGA",
    ", on": " on",
}


@dataclass(frozen=True)
class Ref:
    """A quantity of the record."""

    path: str


@dataclass(frozen=True)
class Text:
    """A text of the record, word for word."""

    path: str


@dataclass(frozen=True)
class Name:
    """A quantity's name, which is shown in words."""

    name: str

    def __str__(self) -> str:
        words = self.name.replace("_", " ")
        for name, phrase in PHRASES.items():
            words = words.replace(name, phrase)
        words = LABELS.get(self.name, words)
        return unit(re.sub(r"\b(\d+)(?=(nm|ns|us)\b)", r"\1 ", words))


Cell = Ref | Text | Name | str


@dataclass(frozen=True)
class Group:
    """Rows under one label; the first cell of each is its label."""

    label: str
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Table:
    """A table with its caption; ``notes`` are those of its quantities, each once."""

    caption: str
    columns: Sequence[str]
    groups: Sequence[Group]
    notes: Sequence[Text] = field(default=())


def tables(record: Record) -> dict[str, Table]:
    """All tables that have rows, by name."""
    made = {
        "comparison": _comparison(record),
        "break_even": _rest(record),
        "asic": _designs(record, "asic", "On silicon: mapped to standard cells"),
        "generators": _parts(record, "asic/generator", _GENERATORS, "The generators alone, on silicon"),
        "cores": _parts(record, "asic/core", _SHORT, "The cores alone, on silicon"),
        **{
            f"fpga_{family}": _designs(record, f"fpga/{family}", f"On {name}: placed and routed")
            for family, name in FAMILIES.items()
        },
        "literature": _literature(record),
        "stages": _stages(record),
    }
    return {name: table for name, table in made.items() if table.groups}


def _table(record: Record, caption: str, columns: Sequence[str], groups: Iterable[Group]) -> Table:
    """The table without empty groups, with its quantities' notes. Cited values stay among their own kind."""
    kept = [group for group in groups if group.rows]
    notes: dict[str, Text] = {}
    for group in kept:
        for cell in (cell for row in group.rows for cell in row if isinstance(cell, Ref)):
            notes.setdefault(quantity(record, cell.path).note, Text(f"{cell.path}/note"))
    notes.pop("", None)
    return Table(caption, columns, kept, list(notes.values()))


def _ref(record: Record, stage: str, name: str) -> Cell:
    """The quantity if it was measured or computed; a cited one is in the table of the literature alone."""
    found = record["stages"].get(stage, {}).get("quantities", {}).get(name)
    if found is None:
        return ""
    return "cited, see below" if Quantity.from_dict(found).cited else Ref(f"stages/{stage}/{name}")


def _names(record: Record, stages: Iterable[str]) -> list[str]:
    """Names of the quantities of some stages, in their order, without the times that a stage took."""
    names = {name: None for stage in stages for name in record["stages"].get(stage, {}).get("quantities", {})}
    return [name for name in names if name not in ("seconds", "processor_seconds")]


def _split(name: str) -> tuple[str, str] | None:
    """Row and source of a quantity of the comparison such as 'energy_smtj'."""
    row, _, source = name.rpartition("_")
    return (row, source) if row and source in SOURCES else None


def _comparison(record: Record) -> Table:
    groups = []
    for way, title in WAYS.items():
        stage = f"comparison/{way}"
        rows = dict.fromkeys(found[0] for name in _names(record, [stage]) if (found := _split(name)))
        groups.append(
            Group(title, [(Name(row), *(_ref(record, stage, f"{row}_{source}") for source in SOURCES)) for row in rows])
        )
    return _table(record, "The three sources compared", ("", *SOURCES.values()), groups)


def _rest(record: Record) -> Table:
    """What the comparison says of no single source: a column a way."""
    stages = [f"comparison/{way}" for way in WAYS]
    names = [name for name in _names(record, stages) if not _split(name) and not name.startswith(("dwell_", "node_"))]
    rows = [(Name(name), *(_ref(record, stage, name) for stage in stages)) for name in names]
    groups = [Group("", [row for row in rows if any(isinstance(cell, Ref) for cell in row)])]
    return _table(
        record,
        "What a junction's bit may cost, and what it takes",
        ("", *_SHORT.values()),
        groups,
    )


def _designs(record: Record, prefix: str, caption: str) -> Table:
    """A group a way, a column a source."""
    groups = []
    for way, title in WAYS.items():
        stages = [f"{prefix}/{way}/{source}" for source in SOURCES]
        names = _names(record, stages)
        groups.append(Group(title, [(Name(name), *(_ref(record, stage, name) for stage in stages)) for name in names]))
    return _table(record, caption, ("", *SOURCES.values()), groups)


def _parts(record: Record, prefix: str, names: Mapping[str, str], caption: str) -> Table:
    """A column for each of those stages that there is."""
    found = [name for name in names if f"{prefix}/{name}" in record["stages"]]
    stages = [f"{prefix}/{name}" for name in found]
    rows = [(Name(name), *(_ref(record, stage, name) for stage in stages)) for name in _names(record, stages)]
    return _table(record, caption, ("", *(names[name] for name in found)), [Group("", rows)])


def _literature(record: Record) -> Table:
    """All cited quantities of all stages, each once."""
    citations = record["stages"].get("literature", {}).get("series", {}).get("citations", {})
    rows: dict[Quantity, tuple[Cell, ...]] = {}
    for stage, name, found in sorted(quantities(record), key=lambda each: each[0] != "literature"):
        if found.cited and found not in rows:
            path = f"stages/{stage}/{name}"
            at = f"stages/literature/series/citations/{found.origin}" if found.origin in citations else f"{path}/source"
            rows[found] = (Name(name), Ref(path), Text(f"{path}/uncertainty"), Text(f"{path}/note"), Text(at))
    columns = ("", "value", "what the range is", "note", "citation")
    return Table("Cited, not measured here", columns, [Group("", list(rows.values()))] if rows else [])


def _stages(record: Record) -> Table:
    rows = [
        (Text(path), Ref(f"{path}/seconds"), Ref(f"{path}/processor_seconds"))
        for path in (f"stages/{name}" for name in record["stages"])
    ]
    return Table("Stages and what they took", ("stage", "time", "on the processor"), [Group("", rows)])


def statements(record: Record, stage: str) -> list[str]:
    """The sentences of a stage; {NAME} in them stands for its quantity of that name."""
    return list(record["stages"].get(stage, {}).get("series", {}).get("statements", {}).get("text", ()))


def as_csv(record: Record) -> str:
    """A row a quantity; cited values have a column of their own."""
    text = io.StringIO()
    rest = [one.name for one in fields(Quantity)][1:]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("stage", "quantity", "value", "cited_value", *rest))
    for stage, name, found in quantities(record):
        value, *others = astuple(found)
        writer.writerow((stage, name, *((None, value) if found.cited else (value, None)), *others))
    return text.getvalue()


def missing(record: Record) -> Mapping[str, Text]:
    """Stages that could not run, and where it says why."""
    return {name: Text(f"stages/{name}/missing") for name, part in record["stages"].items() if part["missing"]}
