"""`trijunction ode`: solve a differential equation in fixed point with each rounding, and compare with float64."""

from __future__ import annotations

from dataclasses import asdict
from enum import Enum
from typing import Annotated

import typer

from trijunction.commands.options import Json, positive, whole
from trijunction.errors import CommandError, checked_parameters

__all__ = ["run"]

_MOST_STEPS = 10**6


class _Engine(str, Enum):
    golden = "golden"
    rtl = "rtl"


class _System(str, Enum):
    regular = "regular"
    fast = "fast"
    oscillator = "oscillator"
    lorenz = "lorenz"


def run(
    system: Annotated[
        _System, typer.Argument(help="Izhikevich's regular or fast spiking neuron, or a test system.")
    ] = _System.regular,
    time: Annotated[
        float | None,
        typer.Option(
            metavar="T", parser=positive, help="Milliseconds of a neuron, else seconds.", show_default="500, 8 or 10"
        ),
    ] = None,
    current: Annotated[float, typer.Option(metavar="I", parser=positive, help="Into a neuron.")] = 10.0,
    format: Annotated[
        str | None, typer.Option(metavar="FORMAT", help="Of the variables, such as s[7][8].", show_default="16 bits")
    ] = None,
    bits: Annotated[int, typer.Option(metavar="N", parser=whole(1, 30), help="Random bits of a rounding.")] = 16,
    runs: Annotated[int, typer.Option(metavar="N", parser=whole(1, 1000), help="With other random bits each.")] = 16,
    engine: Annotated[_Engine, typer.Option(help="NumPy, or hardware in simulation: the same bits.")] = _Engine.golden,
    seed: Annotated[int, typer.Option(metavar="N", parser=whole(0, 2**63 - 1), help="Same seed, same result.")] = 1,
    json: Json = False,
) -> None:
    """Solve SYSTEM by the multiply-accumulate unit with each rounding, and by float32: errors against float64."""
    from hwpy.low_precision.fixed import FixedFormat
    from hwpy.low_precision.ode import izhikevich, lorenz, oscillator
    from hwpy.low_precision.ode_error import ARITHMETICS, compare
    from trijunction.commands.output import progress_bar, write_json

    with checked_parameters():
        form = FixedFormat.parse(format) if format else None
        if system in (_System.regular, _System.fast):
            ode = izhikevich(system.value, current, form)
        else:
            ode = oscillator(form) if system is _System.oscillator else lorenz(form)
    end = time or {_System.oscillator: 8.0, _System.lorenz: 10.0}.get(system, 500.0)
    steps = round(end / ode.step)
    if not 1 <= steps <= _MOST_STEPS:
        raise CommandError(f"ode: time must be 1 to {_MOST_STEPS} steps of {ode.step}, not {end!r}")
    hardware = None
    with progress_bar("Solving") as progress, checked_parameters():
        if engine is _Engine.rtl:
            from sim.low_precision.run_ode import HardwareSolve

            hardware = HardwareSolve()
        errors = []
        for error in compare(ode, steps, runs, bits, seed, *([hardware] if hardware else [])):
            errors.append(error)
            if progress:
                progress(len(errors) / len(ARITHMETICS))
    clocks = hardware.clocks if hardware else None
    if json:
        parameters = {"system": system.value, "format": str(ode.form), "step": ode.step, "steps": steps}
        given = {"bits": bits, "runs": runs, "seed": seed, "engine": engine.value, "clocks": clocks}
        write_json(parameters | given | {"errors": [asdict(e) for e in errors]})
        return
    of_hardware = f", {clocks} clocks of hardware in all" if hardware else ""
    print(f"{system.value}, {ode.form}, {steps} steps of {ode.step:g}, {runs} runs, {bits} random bits{of_hardware}")
    if ode.reset:
        print("arithmetic   spikes   lag of the last spike, ms        rms of all lags, ms")
        for e in errors:
            lags = (
                "-" if e.lag_mean is None else f"{e.lag_mean:+8.3f} (deviation {e.lag_deviation:.3f})   {e.lag_rms:.3f}"
            )
            print(f"{e.arithmetic:10s}   {e.spikes:6.1f}   {lags}")
        return
    print(f"arithmetic   rms error   of the mean of runs   followed until   mean {ode.names[-1]} of the second half")
    for e in errors:
        print(f"{e.arithmetic:10s}   {e.rms:9.2e}   {e.rms_of_mean:19.2e}   {e.followed:14.3f}   {e.mean_last:8.4f}")
