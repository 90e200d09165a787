"""`trijunction build`: place and route a design for a board, and write its bitstream."""

from __future__ import annotations

from typing import Annotated

import typer

from hwpy.formats.errors import quote
from trijunction.commands.options import Entropy, Json, whole
from trijunction.errors import CommandError, checked_parameters

__all__ = ["run"]


def run(
    design: Annotated[str, typer.Argument(metavar="DESIGN", help="ising/array.")],
    instance: Annotated[
        str, typer.Option(metavar="INSTANCE", show_default=False, help="A file or a generator: the couplings.")
    ],
    board: Annotated[str, typer.Option(metavar="BOARD", show_default=False, help="The board's name.")],
    entropy: Annotated[Entropy, typer.Option(help="The source of randomness.")] = Entropy.lfsr,
    pnr_seeds: Annotated[
        int, typer.Option(metavar="N", parser=whole(1, 1000), help="Placements to try; the best is kept.")
    ] = 1,
    fresh_bits: Annotated[
        int, typer.Option(metavar="N", parser=whole(1, 16), help="Random bits of a noise word's magnitude.")
    ] = 4,
    step_bits: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole(0, 16),
            show_default=False,
            help="Random bits of a magnitude of each further level's own; by default all levels compare one.",
        ),
    ] = None,
    split: Annotated[
        int, typer.Option(metavar="N", parser=whole(1, 64), help="Parts that each colour is updated in.")
    ] = 1,
    frequency: Annotated[
        int, typer.Option(metavar="MHZ", parser=whole(1, 1000), help="The clock that the placement aims at.")
    ] = 100,
    json: Json = False,
) -> None:
    """Build a p-bit array for INSTANCE and BOARD: cells, Fmax over the seeds, and the bitstream."""
    if design != "ising/array":
        raise CommandError(f"build: expected the design ising/array, not {quote(design)}")

    from boards.registry import BOARDS
    from hwpy.ising.instances import load

    if board not in BOARDS:
        raise CommandError(f"build: board must be one of {', '.join(BOARDS)}, not {quote(board)}")
    with checked_parameters():
        model = load(instance)

    from boards.array import build_array
    from boards.tools import ToolError
    from trijunction.commands.output import stdout_to_stderr, write_json, write_table

    try:
        with stdout_to_stderr(), checked_parameters():
            record = build_array(
                model,
                board,
                entropy.value,
                seeds=pnr_seeds,
                fresh_bits=fresh_bits,
                step_bits=step_bits,
                split=split,
                frequency_mhz=float(frequency),
            )
    except ToolError as error:
        raise CommandError(f"build: {error}", status=1) from error
    record = {"design": design, "instance": instance, "entropy": entropy.value, **record}
    if json:
        write_json(record)
    else:
        write_table(f"{design} on {board}", [(name, value) for name, value in record.items()])
