"""A stage of the report: a function of other stages' results and of source text, so that its own can be kept."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trijunction.costs.quantity import Quantity

__all__ = ["Result", "Stage", "source_digest"]

_NAME = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)*")
#: Of the results that are kept; another number makes all stages anew.
_FORMAT = 1


@dataclass(frozen=True)
class Result:
    """What a stage found.

    ``series`` are for plots: lists, and what they are. ``tools`` are names and versions. ``files`` are names of files
    in the stage's folder that are kept beside the report. ``missing``, if it is not empty, says why the stage could
    not run and how to get what it needs; such a stage is tried again next time.
    """

    quantities: Mapping[str, Quantity] = field(default_factory=dict)
    series: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tools: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    missing: str = ""

    def to_dict(self) -> dict[str, Any]:
        """All fields, as JSON has them. Raises ValueError for a number that JSON does not have, such as NaN."""
        record = {
            "quantities": {name: quantity.to_dict() for name, quantity in self.quantities.items()},
            "series": {name: dict(series) for name, series in self.series.items()},
            "tools": dict(self.tools),
            "files": list(self.files),
            "missing": self.missing,
        }
        return json.loads(json.dumps(record, default=_plain, allow_nan=False))

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Result:
        """The result of such a record."""
        quantities = {name: Quantity.from_dict(quantity) for name, quantity in record["quantities"].items()}
        return cls(**{**record, "quantities": quantities, "files": tuple(record["files"])})


def _plain(value: Any) -> Any:
    """NumPy's numbers and arrays as JSON has them."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a result must be of what JSON has, not {value!r}")


@dataclass(frozen=True)
class Stage:
    """A named step. ``run(results, folder)`` gets the results of what it ``needs`` and a folder of its own, empty.

    It runs in a process of its own, what it prints goes to ``log.txt`` in that folder, and an exception is its failure.
    ``run`` is a function of a module or a `functools.partial` of one, for the process finds it by name; what the
    partial binds and ``name`` does not tell belongs into ``parameters`` too.

    The result is kept, and taken again while nothing that it depends on has changed: ``parameters`` (of what JSON has),
    the source text of ``code`` (packages or modules such as "rtl.ising"; the module of ``run`` always counts), the
    versions of the Python packages, and the results of what it needs. Other tools and files go into ``parameters``,
    as a version or a digest.
    """

    name: str
    run: Callable[[Mapping[str, Result], Path], Result]
    needs: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"name must be words of a-z, 0-9 and _ with / between, not {self.name!r}")

    def key(self, needed: Mapping[str, Result], versions: Mapping[str, str], digest: Callable[[str], str]) -> str:
        """The digest of all that the result depends on; ``digest`` is `source_digest`, or the same with a memory."""
        function = getattr(self.run, "func", self.run)
        code = sorted({*self.code, function.__module__})
        parts = {
            "format": _FORMAT,
            "name": self.name,
            "function": function.__qualname__,
            "parameters": dict(self.parameters),
            "code": {name: digest(name) for name in code},
            "versions": dict(versions),
            "needs": {name: needed[name].to_dict() for name in self.needs},
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True, allow_nan=False).encode()).hexdigest()


def source_digest(name: str) -> str:
    """The digest of the source of a module, or of all files of a package. Raises ValueError if there is none."""
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None:
        raise ValueError(f"code must name a module or package, not {name!r}")
    file = Path(spec.origin)
    package = spec.submodule_search_locations is not None
    files = sorted(path for path in file.parent.rglob("*") if "__pycache__" not in path.parts) if package else [file]
    digest = hashlib.sha256()
    for path in files:
        if path.is_file():
            digest.update(f"{path.relative_to(file.parent)}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
