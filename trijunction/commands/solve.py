"""`trijunction solve`: anneal an instance on an emulated p-bit array."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any

import typer

from trijunction.commands.options import Entropy, Json, positive, whole
from trijunction.errors import CommandError, checked_parameters

__all__ = ["run"]


class _Engine(str, Enum):
    golden = "golden"
    fast = "fast"
    rtl = "rtl"


class _Schedule(str, Enum):
    linear = "linear"
    geometric = "geometric"


class _Format(str, Enum):
    rudy = "rudy"
    qubo = "qubo"
    bqm = "bqm"
    edges = "edges"


def run(
    instance: Annotated[str, typer.Argument(metavar="INSTANCE", help="A file, or a generator such as torus:50x40:1.")],
    format: Annotated[
        _Format | None, typer.Option(help="The file's format.", show_default="told from the file")
    ] = None,
    entropy: Annotated[Entropy, typer.Option(help="The source of randomness.")] = Entropy.lfsr,
    engine: Annotated[
        _Engine, typer.Option(help="NumPy, bit-sliced or hardware in simulation: the same bits.")
    ] = _Engine.fast,
    sweeps: Annotated[int, typer.Option(metavar="N", parser=whole(1, 10**9), help="Updates of each spin.")] = 2000,
    replicas: Annotated[int, typer.Option(metavar="N", parser=whole(1, 10**6), help="Independent runs.")] = 256,
    beta_start: Annotated[
        float | None,
        typer.Option(
            metavar="BETA", parser=positive, help="First inverse temperature.", show_default="from the couplings"
        ),
    ] = None,
    beta_end: Annotated[
        float | None,
        typer.Option(
            metavar="BETA", parser=positive, help="Last inverse temperature.", show_default="from the couplings"
        ),
    ] = None,
    schedule: Annotated[
        _Schedule, typer.Option(help="Equal differences or equal ratios of beta.")
    ] = _Schedule.geometric,
    seed: Annotated[int, typer.Option(metavar="N", parser=whole(0, 2**63 - 1), help="Same seed, same result.")] = 1,
    json: Json = False,
) -> None:
    """Anneal INSTANCE, and show the best state that any replica saw."""
    from hwpy.ising.instances import load
    from trijunction.commands.output import progress_bar, write_json, write_table

    if beta_start is not None and beta_end is not None and beta_end < beta_start:
        raise CommandError(f"solve: --beta-end {beta_end!r} is below --beta-start {beta_start!r}")
    with checked_parameters():
        model = load(instance, format.value if format else None)

    # Not before the instance is known to be good: this brings in the compiler.
    from hwpy.ising.solver import solve

    with progress_bar("Annealing") as progress, checked_parameters():
        result = solve(
            model,
            entropy=entropy.value,
            engine=engine.value,
            sweeps=sweeps,
            replicas=replicas,
            beta_start=beta_start,
            beta_end=beta_end,
            schedule=schedule.value,
            seed=seed,
            progress=progress,
        )
    record: dict[str, Any] = {"instance": instance, **result}
    if model.max_cut:
        record["cut"] = model.cut_value(result["state"])
    if model.ground_energy is not None:
        record["ground_energy"] = model.ground_energy
    if model.labels is not None:
        record["labels"] = model.labels
    if json:
        write_json(record)
    else:
        write_table(f"{instance}: {model.nodes} nodes, {model.edges} edges", _rows(record))


def _rows(record: dict[str, Any]) -> list[tuple[str, str]]:
    """The table: what fits a line of it, best first."""
    energies = record["energies"]
    rows = [("energy", f"{record['energy']:g}")]
    if "ground_energy" in record:
        rows.append(("ground-state energy", f"{record['ground_energy']:g}"))
    if "cut" in record:
        rows.append(("cut", f"{record['cut']}"))
    rows += [
        ("last energies", f"{min(energies):g} to {max(energies):g} in {len(energies)} replicas"),
        ("flips", f"{record['flips']:,}"),
        ("seconds", f"{record['seconds']:.3g}"),
        ("flips per second", f"{record['flips_per_second']:.3g}"),
        ("entropy, engine, seed", f"{record['entropy']}, {record['engine']}, {record['seed']}"),
    ]
    return rows
