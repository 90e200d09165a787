"""`trijunction measure`: the area, and with `--route` the speed, of one block out of context."""

from __future__ import annotations

from typing import Annotated

import typer

from trijunction.commands.options import Json, Parameters, Target
from trijunction.errors import CommandError

__all__ = ["run"]


def run(
    block: Annotated[str, typer.Argument(metavar="BLOCK", help="ROOM/BLOCK, such as ising/pbit.")],
    target: Annotated[Target, typer.Option(help="The FPGA family.", show_default=False)],
    param: Parameters = None,
    route: Annotated[bool, typer.Option("--route", help="Place and route too, for the Fmax.")] = False,
    json: Json = False,
) -> None:
    """Synthesise one block alone and count its cells."""
    from boards.out_of_context import measure
    from boards.tools import ToolError
    from trijunction.blocks import make, parse
    from trijunction.commands.output import stdout_to_stderr, write_json, write_table

    parameters = parse(param or [])
    try:
        with stdout_to_stderr():
            record = measure(lambda: make(block, parameters), target.value, route=route)
    except ToolError as error:
        raise CommandError(f"measure: {error}", status=1) from error
    record = {"block": block, "parameters": parameters, **record}
    if json:
        write_json(record)
    else:
        write_table(f"{block} on {target.value}", [(name, value) for name, value in record.items()])
