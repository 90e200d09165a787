"""How the report writes numbers and units: one way for every page, table and plot."""

from __future__ import annotations

import re

__all__ = ["number", "unit"]

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float) -> str:
    """Three significant digits, fewer if they are all: '45,700', '0.0215', '1.25×10⁹', '0.05'.

    A counter below a million has all of its digits.
    """
    if value == 0:
        return "0"
    if isinstance(value, int) and abs(value) < 10**6:
        return f"{value:,}"
    mantissa, _, exponent = f"{value:.2e}".partition("e")
    power = int(exponent)
    if -4 <= power < 6:
        text = f"{float(f'{value:.2e}'):,.{max(0, 2 - power)}f}"
        return text.rstrip("0").rstrip(".") if "." in text and float(f"{value:.1e}") == value else text
    return f"{mantissa}×10{str(power).translate(_SUPERSCRIPT)}"


def unit(name: str) -> str:
    """With the signs that a keyboard lacks: um2 is µm², uW is µW."""
    return re.sub(r"\bum2\b", "µm²", re.sub(r"\bu(?=[AFJWVsm]\b)", "µ", name))
