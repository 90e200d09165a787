"""Proof of a property of a combinational circuit for all of its inputs, by the SAT solver in Yosys.

The property is a circuit itself: a component with one output ``wrong``, that has the circuit under test inside and
raises ``wrong`` for inputs that break what is claimed.
"""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from amaranth.hdl import Shape

from boards import tools
from boards.synthesis import component_rtlil

__all__ = ["Refuted", "prove"]

_SCRIPT = (
    "read_rtlil top.il; hierarchy -top top; proc; flatten; opt; techmap; opt; "
    "tee -q -o proof.txt sat -prove wrong 0 -set-def-inputs -show-inputs"
)


class Refuted(AssertionError):
    """The claim is false. ``inputs`` has for each input, by name, the value that breaks it."""

    def __init__(self, inputs: dict[str, int]):
        super().__init__(f"refuted by {', '.join(f'{name} = {value}' for name, value in inputs.items())}")
        self.inputs = inputs


def prove(component: Any) -> None:
    """Return if ``wrong`` of a combinational component is 0 for every input.

    Raises
    ------
    Refuted
        With inputs for which it is 1.
    boards.tools.ToolError
        If Yosys fails or says neither.
    """
    with TemporaryDirectory(prefix="trijunction-") as scratch:
        folder = Path(scratch)
        (folder / "top.il").write_text(component_rtlil(component))
        tools.run("yosys", ["-q", "-p", _SCRIPT], folder, ["proof.txt"])
        said = (folder / "proof.txt").read_text()
    if "no model found: SUCCESS!" in said:
        return
    if "model found: FAIL!" not in said:
        raise tools.ToolError(f"yosys: the proof ended with {said.strip().splitlines()[-1]!r}")
    found = re.findall(r"^ +\\(\w+) +\S+ +\S+ +([01]+) *$", said, re.M)
    raise Refuted({name: _number(bits, component.signature.members[name]) for name, bits in found if name != "wrong"})


def _number(bits: str, member: Any) -> int:
    value = int(bits, 2)
    is_signed = Shape.cast(member.shape).signed
    return value - (1 << len(bits)) if is_signed and bits[0] == "1" else value
