"""`trijunction verilog`: a block as plain Verilog, for people who do not use Amaranth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trijunction.commands.options import Json, Parameters
from trijunction.errors import CommandError
from trijunction.whole_file import whole_file

__all__ = ["run"]


def run(
    block: Annotated[str, typer.Argument(metavar="BLOCK", help="ROOM/BLOCK, such as ising/pbit.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", show_default=False, help="Where to.")],
    param: Parameters = None,
    json: Json = False,
) -> None:
    """Write a block as Verilog."""
    from rtl.verilog import VerilogError, to_verilog
    from trijunction.blocks import make, parse
    from trijunction.commands.output import stdout_to_stderr, write_json, write_table

    name = block.rpartition("/")[2]
    parameters = parse(param or [])
    design = make(block, parameters)
    try:
        with stdout_to_stderr():
            text = to_verilog(design, name)
    except VerilogError as error:
        raise CommandError(f"verilog: {error}", status=1) from error
    _write(output, text)
    record = {"block": block, "parameters": parameters, "module": name, "file": str(output)}
    if json:
        write_json(record)
    else:
        write_table(str(output), [("block", block), ("module", name), ("lines", text.count("\n"))])


def _write(path: Path, text: str) -> None:
    try:
        with whole_file(path) as unfinished:
            Path(unfinished).write_text(text)
    except OSError as error:
        raise CommandError(f"verilog: {path} cannot be written: {error.strerror}") from error
