"""A dimod binary quadratic model as JSON: `json.dump(bqm.to_serializable(), file)`, schemas 2 and 3.

Errors give the line on which the key stands: the array itself may be all of the file's only line.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

import numpy as np

from hwpy.formats.errors import quote
from hwpy.formats.source import Source
from hwpy.ising.formats.pairs import LARGEST_VALUE
from hwpy.ising.model import LARGEST_NODES, IsingModel

__all__ = ["parse"]


class _Constant(Exception):
    """NaN or Infinity, which Python's JSON reader takes and JSON does not have."""


class _Repeated(Exception):
    """A key given twice."""


def _constant(name: str) -> NoReturn:
    raise _Constant(name)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _Repeated(next(key for k, key in enumerate(keys) if key in keys[:k]))
    return result


class _Document:
    """The top-level object, with the checks of its members."""

    def __init__(self, source: Source) -> None:
        self.source = source
        try:
            self.members = json.loads(source.text, parse_constant=_constant, object_pairs_hook=_object)
        except json.JSONDecodeError as error:
            found = source.text[error.pos : error.pos + 1]
            where = quote(found) if found else "the end of the file"
            source.fail(error.lineno, f"expected JSON, found {where} in column {error.colno}: {error.msg}")
        except _Constant as error:
            source.fail(self._line_of(str(error)), f"expected a finite number, found {error}")
        except _Repeated as error:
            source.fail(
                self._line_of(f'"{error}"', last=True),
                f"expected each key once, found {quote(str(error))} again",
            )
        except RecursionError:
            source.fail(1, "expected a binary quadratic model, found brackets nested too deep")
        except ValueError:  # thousands of digits
            source.fail(1, "expected JSON, found an integer that is too long")
        if not isinstance(self.members, dict):
            source.fail(1, f"expected a JSON object, found {_kind(self.members)}")

    def _line_of(self, text: str, last: bool = False) -> int:
        at = self.source.text.rfind(text) if last else self.source.text.find(text)
        return 1 + self.source.text.count("\n", 0, max(0, at))

    def fail(self, key: str, what: str) -> NoReturn:
        self.source.fail(self._line_of(f'"{key}"'), f"{what} in {quote(key)}")

    def get(self, key: str, kind: type) -> Any:
        if key not in self.members:
            self.source.fail(1, f"expected a dimod binary quadratic model, found no {quote(key)}")
        value = self.members[key]
        if type(value) is not kind:
            self.fail(key, f"expected {_KINDS[kind]}, found {_kind(value)}")
        return value

    def number(self, key: str) -> float:
        value = self.members.get(key, 0.0)
        self._check_numbers(key, [value], {int, float}, "a number")
        return float(value)

    def numbers(self, key: str) -> np.ndarray:
        """A list of finite numbers: float64[...]."""
        values = self.get(key, list)
        self._check_numbers(key, values, {int, float}, "numbers")
        return np.array(values, dtype=np.float64)

    def indices(self, key: str, nodes: int) -> np.ndarray:
        """A list of variable numbers: int64[...]."""
        values = self.get(key, list)
        self._check_numbers(key, values, {int}, "integers")
        array = np.array(values, dtype=np.int64)
        bad = (array < 0) | (array >= nodes)
        if bad.any():
            self.fail(key, f"expected variable numbers from 0 to {nodes - 1}, found {array[bad][0]}")
        return array

    def _check_numbers(self, key: str, values: list[Any], kinds: set[type], what: str) -> None:
        if not set(map(type, values)) <= kinds:
            value = next(value for value in values if type(value) not in kinds)
            self.fail(key, f"expected {what}, found {_kind(value)}")
        # In Python, since an integer need not fit any NumPy type; 1e400 has become infinity.
        if values and not -LARGEST_VALUE <= min(values) <= max(values) <= LARGEST_VALUE:
            value = next(value for value in values if not abs(value) <= LARGEST_VALUE)
            self.fail(key, f"expected {what} of at most {LARGEST_VALUE:.0e}, found {quote(value)}")


_KINDS = {dict: "an object", list: "an array", str: "a string", bool: "true or false"}


def _kind(value: Any) -> str:
    """What `value` is, for a message."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, (dict, list)):
        return _KINDS[type(value)]
    return quote(value)


def _label(document: _Document, value: Any) -> Any:
    """A label as dimod reads it: arrays become tuples."""
    if isinstance(value, list):
        return tuple(_label(document, part) for part in value)
    if value is None or isinstance(value, (bool, dict)):
        document.fail("variable_labels", f"expected strings and numbers, found {_kind(value)}")
    return value


def _labels(document: _Document, nodes: int) -> tuple[Any, ...] | None:
    values = document.get("variable_labels", list)
    if len(values) != nodes:
        document.fail("variable_labels", f"expected {nodes} labels, found {len(values)}")
    labels = tuple(_label(document, value) for value in values)
    if len(set(labels)) < nodes:
        seen: set[Any] = set()
        again = next(label for label in labels if label in seen or seen.add(label))  # type: ignore[func-returns-value]
        document.fail("variable_labels", f"expected each label once, found {quote(again)} again")
    return None if labels == tuple(range(nodes)) else labels


def parse(source: Source) -> IsingModel:
    """The model of a serialised binary quadratic model, SPIN or BINARY, with its variables' labels."""
    document = _Document(source)
    version = document.members.get("version", {})
    schema = version.get("bqm_schema") if isinstance(version, dict) else None
    if not (isinstance(schema, str) and schema.startswith(("2.", "3."))):
        line = document._line_of('"bqm_schema"' if schema is not None else '"version"')
        source.fail(line, f"expected a dimod binary quadratic model of bqm_schema 2 or 3, found {_kind(schema)}")
    if document.get("use_bytes", bool):
        document.fail("use_bytes", "expected false, found true")
    vartype = document.get("variable_type", str)
    if vartype not in ("SPIN", "BINARY"):
        document.fail("variable_type", f"expected 'SPIN' or 'BINARY', found {quote(vartype)}")
    linear = document.numbers("linear_biases")
    nodes = len(linear)
    if not 1 <= nodes <= LARGEST_NODES:
        document.fail("linear_biases", f"expected 1 to {LARGEST_NODES} variables, found {nodes}")
    head, tail = document.indices("quadratic_head", nodes), document.indices("quadratic_tail", nodes)
    quadratic = document.numbers("quadratic_biases")
    for key, array in (("quadratic_tail", tail), ("quadratic_biases", quadratic)):
        if len(array) != len(head):
            document.fail(key, f"expected {len(head)} entries as in 'quadratic_head', found {len(array)}")
    for key, count in (("num_variables", nodes), ("num_interactions", len(head))):
        stated = document.members.get(key, count)
        if type(stated) is not int or stated != count:
            document.fail(key, f"expected {count}, found {_kind(stated)}")
    if (head == tail).any():
        variable = int(head[head == tail][0])
        document.fail("quadratic_head", f"expected two different variables, found {variable} twice: a self-loop")
    pairs = set(zip(np.minimum(head, tail).tolist(), np.maximum(head, tail).tolist(), strict=True))
    if len(pairs) < len(head):
        document.fail("quadratic_head", f"expected each pair once, found {len(head) - len(pairs)} repeated")
    labels, offset = _labels(document, nodes), document.number("offset")
    if vartype == "BINARY":
        return IsingModel.from_qubo(nodes, head, tail, quadratic, linear, offset, labels=labels)
    # dimod's energy has plus signs, the model's minus signs.
    return IsingModel.from_real(nodes, head, tail, -quadratic, -linear, offset, labels=labels)
