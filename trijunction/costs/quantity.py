"""A number of the report, with all that is needed to judge it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

__all__ = ["Quantity"]

_SOURCE = re.compile(r"(measured|computed|cited): \S.*")


@dataclass(frozen=True)
class Quantity:
    """A value, its unit, where it comes from and how well it is known.

    ``value`` is None where it is not known; ``note`` then says why. ``source`` is "measured: STAGE", "computed: STAGE"
    or "cited: KEY". ``low`` and ``high`` bound the value, both or neither, and ``uncertainty`` says what they are, as
    "95 % interval" or "spread of 3 placement seeds"; without them it says "exact count", "not known" and such.
    An ``estimate`` is shown with that word. Raises ValueError for a quantity that does not say these things.
    """

    value: float | None
    unit: str
    source: str
    low: float | None = None
    high: float | None = None
    uncertainty: str = ""
    estimate: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        for name in ("value", "low", "high"):
            number = getattr(self, name)
            if number is None:
                continue
            # NumPy's numbers become Python's, which JSON has; a counter stays an integer.
            number = number.item() if hasattr(number, "item") else number
            if isinstance(number, bool) or not isinstance(number, (int, float)) or not math.isfinite(number):
                raise ValueError(f"{name} must be a finite number or None, not {number!r}")
            object.__setattr__(self, name, number)
        if not _SOURCE.fullmatch(self.source):
            raise ValueError(f"source must be 'measured: ', 'computed: ' or 'cited: ' and a name, not {self.source!r}")
        if self.value is None and not self.note:
            raise ValueError("a value that is not known needs a note that says why")
        if (self.low is None) != (self.high is None):
            raise ValueError(f"low and high must be given both or neither, not {self.low!r} and {self.high!r}")
        if self.low is not None and self.high is not None:
            if self.value is None or not self.low <= self.value <= self.high:
                raise ValueError(f"value must be from {self.low!r} to {self.high!r}, not {self.value!r}")
            if not self.uncertainty:
                raise ValueError("uncertainty must say what low and high are")

    @property
    def cited(self) -> bool:
        """Whether it comes from the literature: such a value is never shown in one column with others."""
        return self.source.startswith("cited: ")

    @property
    def origin(self) -> str:
        """The stage or the citation that it comes from."""
        return self.source.partition(": ")[2]

    def to_dict(self) -> dict[str, Any]:
        """All fields, as JSON has them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Quantity:
        """The quantity of such a record. Raises ValueError for other fields."""
        known = {field.name for field in fields(cls)}
        if set(record) != known:
            raise ValueError(f"a quantity must have {', '.join(sorted(known))}, not {', '.join(sorted(record))}")
        return cls(**record)
