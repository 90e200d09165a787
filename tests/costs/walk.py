"""Walks the report's page and says which of its numbers are not the record's. Knows the page's form, not its code."""

from __future__ import annotations

import re
from html.parser import HTMLParser

#: Names with digits that the page's own words may have. Any other digit outside a claim is typed by hand.
PROSE = (r"xoshiro128\+\+", r"\biCE40\b", r"\bECP5\b")

_NUMBER = r"-?\d[\d,]*(?:\.\d+)?(?:×10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?"
_QUANTITY = re.compile(rf"({_NUMBER}|not known)(?: (.*?))??(?: \(({_NUMBER}) to ({_NUMBER})\))?( estimate)?")
_PLAIN = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_CLAIMS = ("data-quantity", "data-record", "data-key", "data-name")
_VOID = ("meta", "link", "img", "br")
_SIGNS = {"um2": "µm²", "uW": "µW", "uA": "µA", "us": "µs"}


def problems(html: str, record: dict) -> list[str]:
    """What is wrong with the numbers of a page that should be of this record; empty if nothing is."""
    walker = _Walker(record)
    walker.feed(html)
    walker.close()
    if not walker.quantities:
        walker.found.append("there is no quantity on the page")
    return walker.found


def agrees(text: str, value: float) -> bool:
    """Whether a written number is the value, rounded to the digits that are written."""
    mantissa, _, power = text.replace(",", "").partition("×10")
    scale = 10.0 ** int(power.translate(_PLAIN)) if power else 1.0
    digits = len(mantissa.partition(".")[2])
    enough = "." in mantissa or len(mantissa.lstrip("-0")) >= 3 or float(mantissa) * scale == value
    return enough and abs(float(mantissa) * scale - value) <= 0.501 * scale * max(10.0**-digits, _step(mantissa))


def _step(mantissa: str) -> float:
    """The weight of the third digit: '45,700' is rounded to hundreds."""
    whole = mantissa.lstrip("-").partition(".")[0]
    return 10.0 ** max(0, len(whole) - 3) if "." not in mantissa else 0.0


class _Walker(HTMLParser):
    def __init__(self, record: dict) -> None:
        super().__init__()
        self.record, self.found, self.quantities = record, [], 0
        self.open: list[tuple[str, dict]] = []
        self.said = ""

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if "alt" in given:
            self._prose(given["alt"])
        if tag in _VOID:
            return
        self.open.append((tag, given))
        if any(name in given for name in _CLAIMS):
            self.said = ""

    def handle_endtag(self, tag):
        opened, given = self.open.pop()
        if opened != tag:
            self.found.append(f"<{opened}> is closed by </{tag}>")
        text = " ".join(self.said.split())
        if "data-quantity" in given:
            self.quantities += 1
            self._quantity(text, given)
        elif "data-record" in given and text != " ".join(str(self._at(given["data-record"])).split()):
            self.found.append(f"{text!r} is not the record's {given['data-record']}")
        elif "data-key" in given and (
            self._at(given["data-key"]) is None or not given["data-key"].endswith(f"/{text}")
        ):
            self.found.append(f"{text!r} is not the record's {given['data-key']}")
        elif "data-name" in given and not any(given["data-name"] in part["quantities"] or self._row(given["data-name"])
                                              for part in self.record["stages"].values()):  # fmt: skip
            self.found.append(f"{text!r} names no quantity")

    def handle_data(self, data):
        if any(name in given for _, given in self.open for name in _CLAIMS):
            self.said += data
        elif not any(tag in ("style", "script") for tag, _ in self.open):
            self._prose(data)

    def _prose(self, text):
        for pattern in PROSE:
            text = re.sub(pattern, "", text)
        if re.search(r"\d", text):
            self.found.append(f"typed by hand: {' '.join(text.split())!r}")

    def _row(self, name):
        """A row of the comparison: its quantities are named by row and source."""
        return any(f"{name}_lfsr" in part["quantities"] or f"{name}_smtj" in part["quantities"]
                   for part in self.record["stages"].values())  # fmt: skip

    def _at(self, path):
        """The record's entry at a path; stages have names with slashes, and a quantity's path leaves a word out."""
        if path.startswith("stages/"):
            for name, part in self.record["stages"].items():
                if path == f"stages/{name}":
                    return name
                if path.startswith(f"stages/{name}/"):
                    found, rest = part, path[len(f"stages/{name}/") :]
                    found = part["quantities"] if rest.split("/")[0] in part["quantities"] else part
                    break
            else:
                return None
        else:
            found, rest = self.record, path
        for word in rest.split("/"):
            try:
                found = found[int(word)] if isinstance(found, list) else found[word]
            except (LookupError, ValueError):
                return None
        return found

    def _quantity(self, text, given):
        path = given["data-quantity"]
        found = self._at(path)
        if not isinstance(found, dict) or not {"value", "unit", "source", "uncertainty"} <= set(found):
            self.found.append(f"{path} is no quantity of the record")
            return
        parts = _QUANTITY.fullmatch(text)
        if not parts:
            self.found.append(f"{path}: {text!r} is not a value with unit and range")
            return
        value, unit, low, high, estimate = parts.groups()
        right = {
            "source": found["source"] and found["source"] in given["title"],
            "uncertainty": (found["uncertainty"] or "uncertainty not known") in given["title"],
            "estimate": bool(estimate) == found["estimate"],
        }
        if found["value"] is None:
            right["value"] = value == "not known" and "value" not in given
        else:
            signed = "".join(_SIGNS.get(word, word) for word in re.split(r"([/ ])", found["unit"]))
            right["value"] = value != "not known" and agrees(value, found["value"])
            right["value attribute"] = float(given.get("value", "nan")) == found["value"]
            right["unit"] = (unit or "") == signed
        if found["low"] is None or found["low"] == found["high"]:
            right["range"] = low is None
        else:
            right["range"] = low is not None and agrees(low, found["low"]) and agrees(high, found["high"])
        self.found += [f"{path}: {what} of {text!r} is not the record's" for what, good in right.items() if not good]
