"""How good each way's results are with each source, against the knob that costs energy, and what faults it bears.

Stages ``quality/WAY/SOURCE``; `trijunction.costs.quality.measure` says what they give.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from trijunction.costs.stage import Result, Stage

__all__ = ["SOURCES", "WAYS", "run", "stages"]

WAYS = ("ising", "stochastic_computing", "low_precision")
SOURCES = ("lfsr", "xoshiro", "smtj")
#: Trainings that were run before, which low precision takes over.
RECORD = Path(__file__).parents[2] / "figures" / "low_precision_training.csv"


def stages() -> list[Stage]:
    """One for each way and source."""
    record = hashlib.sha256(RECORD.read_bytes()).hexdigest()
    return [
        Stage(
            f"quality/{way}/{source}",
            partial(run, way=way, source=source),
            code=("trijunction.costs.quality", f"hwpy.{way}", "hwpy.entropy"),
            parameters={"way": way, "source": source, "record": record if way == "low_precision" else ""},
        )
        for way in WAYS
        for source in SOURCES
    ]


def run(results: Mapping[str, Result], folder: Path, *, way: str, source: str) -> Result:
    """The stage of a way and a source."""
    # Here, for it takes seconds, and the stages are listed at every start.
    from trijunction.costs.quality.measure import measure

    return measure(way, source)
