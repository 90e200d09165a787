"""The command line: `trijunction COMMAND ...`.

Exit status: 0 done, 1 a check or a tool failed, 2 bad input or usage, 130 interrupted. Bad input is one line on
standard error. Commands import what they need when they run, so that `--help` is quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from trijunction.commands import build, dot, entropy, infer, measure, ode, report, round, sim, solve, train, verilog
from trijunction.errors import CommandError, InputError

__all__ = ["app", "main"]

app = typer.Typer(
    name="trijunction",
    help="Probabilistic computing with magnetic tunnel junctions: solve, simulate, measure, build.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (solve, entropy, train, infer, round, dot, ode, sim, measure, build, verilog, report):
    app.command(
        name=command.__name__.rpartition(".")[2],
        context_settings=getattr(command, "CONTEXT", None),
    )(command.run)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"trijunction {version('trijunction')}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it.")] = False,
) -> None:
    pass


def _complain(message: str) -> None:
    print(f"trijunction: {message}", file=sys.stderr)


def _one_line(message: str) -> str:
    return " ".join(message.split())


# Typer brings its own copy of click, or, before 0.20, the package: this is the ClickException it raises.
_ClickException: type[Exception] = next(cls for cls in typer.BadParameter.__mro__ if cls.__name__ == "ClickException")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line, that of the process by default. Returns the exit status."""
    command = typer.main.get_command(app)
    try:
        status = command.main(
            args=None if arguments is None else list(arguments), prog_name="trijunction", standalone_mode=False
        )
        sys.stdout.flush()
    except InputError as error:
        print(error, file=sys.stderr)  # FILE:LINE first, as compilers do: editors find the place
        return 2
    except CommandError as error:
        # A failed tool's last words may be worth several lines; bad input never is.
        _complain(_one_line(str(error)) if error.status == 2 else str(error))
        return error.status
    except (KeyboardInterrupt, typer.Abort):
        _complain("interrupted")
        return 130
    except BrokenPipeError:
        # The reader went away, as in `trijunction ... | head`. Python would complain at exit once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except _ClickException as error:
        context = getattr(error, "ctx", None)
        if type(error).__name__ == "NoArgsIsHelpError":
            print(context.get_help() if context else "", file=sys.stderr)
        else:
            # Some versions of Typer put pydantic's words before a converter's own.
            message = _one_line(error.format_message()).replace("Value error, ", "")  # type: ignore[attr-defined]
            where = context.command_path.removeprefix("trijunction").strip() if context else ""
            _complain(f"{where}: {message}" if where else message)
        return 2
    if status == 130:  # how some versions of Typer report ^C
        _complain("interrupted")
    return status if isinstance(status, int) else 0
