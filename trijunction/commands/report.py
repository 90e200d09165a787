"""`trijunction report`: what LFSR, xoshiro and SMTJ cost in each of the three ways, measured, on one page."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trijunction.commands.options import Json
from trijunction.errors import CommandError

if TYPE_CHECKING:
    from trijunction.costs.runner import Done

__all__ = ["run"]


def run(
    out: Annotated[
        str, typer.Option("--out", metavar="DIR", help="Where the page goes, and each stage's result.")
    ] = "build/costs",
    device: Annotated[
        str | None, typer.Option(metavar="FILE.json", help="Your junction: energy a bit, dwell time, bias error.")
    ] = None,
    liberty: Annotated[
        str | None, typer.Option(metavar="FILE.lib", help="Your standard cells.", show_default="OSU 180 nm")
    ] = None,
    currents: Annotated[
        str | None, typer.Option(metavar="FILE.json", help="Currents that you measured on an iCE40.")
    ] = None,
    json: Json = False,
) -> None:
    """Measure area, energy and quality of each source in each way, and write the page, its record, tables and plots.

    It takes some minutes; results of stages are kept in DIR, so an interrupted run goes on where it was, and later
    ones make anew only what changed.
    """
    try:
        import jinja2  # noqa: F401
        import matplotlib  # noqa: F401
        import scipy  # noqa: F401
    except ImportError as error:
        raise CommandError(f"report: needs {error.name}: pip install 'trijunction[report]'") from None

    from trijunction.commands.output import write_json
    from trijunction.costs.record import assemble
    from trijunction.costs.report import write
    from trijunction.costs.runner import StageError, run_stages
    from trijunction.costs.stages import stages
    from trijunction.demo import revision

    folder = Path(out)
    with _written(out):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    wanted = stages(device=device, liberty=liberty, currents=currents)
    try:
        with _told(len(wanted)) as watch:
            done = run_stages(wanted, folder / "stages", watch)
    except StageError as error:
        raise CommandError(f"report: {error}", status=1) from error
    record = assemble(wanted, done, revision())
    with _written(out):
        files = write(record, folder)
    if json:
        write_json(record)
    else:
        _show(record, done, files)


@contextmanager
def _written(out: str) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise CommandError(f"report: --out {out} is not a folder") from None
    except OSError as error:
        raise CommandError(f"report: --out {out} cannot be written: {error.strerror}") from error


@contextmanager
def _told(total: int) -> Iterator[Callable[[Mapping[str, Done], Sequence[str]], None]]:
    """A line on stderr for each stage that was made, and on a terminal a bar with what runs."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    columns = (MofNCompleteColumn(), BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    told: set[str] = set()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=total)

        def watch(done: Mapping[str, Done], running: Sequence[str]) -> None:
            for name in done.keys() - told:
                told.add(name)
                if not done[name].kept:
                    ended = "missing" if done[name].result.missing else f"{done[name].seconds:g} s"
                    console.print(f"stage {len(done)} of {total}: {name}, {ended}")
            progress.update(task, completed=len(done), description=", ".join(running))

        yield watch


def _show(record: Mapping[str, Any], done: Mapping[str, Done], files: Sequence[Path]) -> None:
    """The answers, what is missing, and where the page is."""
    from trijunction.costs.page import answers
    from trijunction.costs.tables import missing

    for way, answer in answers(record).items():
        print(f"{way}. {answer}")
    for name in missing(record):
        print(f"Missing, {name}: {record['stages'][name]['missing']}")
    print(f"{len(done)} stages, of which {sum(one.kept for one in done.values())} were kept from earlier")
    print(f"Page and record: {', '.join(str(file) for file in files if file.parent.name != 'plots')}")
