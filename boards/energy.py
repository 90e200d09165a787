"""Dynamic energy of an iCE40 netlist from its activity: an estimate, never a measurement.

The model: a flip-flop that is clocked, and a wire that changes, each take a fixed energy. Both are calibrated on the
one published table of currents of an iCE40UP5K (tinyVision.ai, *iCE40 Power Testing*, core at 1.219 V, 12 MHz,
Joulescope JS110, https://github.com/tinyvision-ai-inc/ice40_power):

- a counter of 28 bits and one of 224, read as one counter whose upper bits never change: the difference is 196 clocked
  flip-flops (an upper bound, if it was eight counters).
- two 8-bit counters, by 3 and by 5, and their product in look-up tables, less the design without them. `calibrate`
  makes it again: 207 tables here, 208 logic cells there.
- the same with the product in a DSP block, which takes what is left over.

Which changes matter is not known, so there are four measures, each with its own coefficient (`MEASURES`): wires or the
inputs that they reach, with glitches or without. All give the published multiplier the same energy; their spread
elsewhere is the error that the choice makes. Not in it: other placements, the part-to-part spread, temperature.
Neither is what the chip takes whatever is on it: 86 uA standing, and 43 uA a MHz for the clock, 52 pJ a cycle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from boards.activity import Activity, simulate
from boards.synthesis import synthesise

__all__ = ["ICE40UP5K", "MEASURES", "Coefficients", "calibrate"]

MEASURES = ("nets", "pins", "settled_nets", "settled_pins")

_VOLTS, _HERTZ = 1.219, 12e6
#: Core currents in A: `name: (with, without)`.
_MEASURED = {"registers": (641.3e-6, 613.5e-6), "logic": (996e-6, 645e-6), "dsp": (882e-6, 645e-6)}
_REGISTERS = 224 - 28
_COUNTER = "module top(input clk, output y); reg [23:0] f = 0; always @(posedge clk) f <= f + 1; {rest} endmodule"
_FACTORS = "reg [7:0] a = 0, b = 0; always @(posedge clk) begin a <= a + 3; b <= b + 5; end "
_CLOCKS = 1 << 12


@dataclass(frozen=True)
class Coefficients:
    """Joules for a clocked flip-flop, for a change by each of `MEASURES`, and for a product in a DSP block."""

    clocked: float
    change: Mapping[str, float]
    dsp: float

    def energy(self, activity: Activity) -> tuple[float, ...]:
        """Joules of a clock with that activity, by each of `MEASURES`: an estimate and its spread."""
        return tuple(self.clocked * activity.clocked + self.change[name] * getattr(activity, name) for name in MEASURES)


def calibrate() -> Coefficients:
    """The coefficients, from the published currents and the activity of their designs; takes some 15 s."""
    joules = {name: (high - low) * _VOLTS / _HERTZ for name, (high, low) in _MEASURED.items()}
    clocked = joules["registers"] / _REGISTERS
    # The flow with the size that was published: 180 cells for counters and product.
    alone = _activity(_COUNTER.format(rest="assign y = f[23];"))
    product = "wire [15:0] r = a * b; assign y = f[23] | &a | &b | &r;"
    logic = _activity(_COUNTER.format(rest=_FACTORS + product)) - alone
    change = {name: (joules["logic"] - clocked * logic.clocked) / getattr(logic, name) for name in MEASURES}
    # Around the DSP block: the counters, and its outputs as a port.
    source = _COUNTER.replace("input clk,", "input clk, input [15:0] r,")
    clock = np.arange(_CLOCKS)
    numbers = (3 * clock % 256) * (5 * clock % 256)
    r = (numbers[:, None, None] >> np.arange(16) & 1).astype(np.uint8)
    around = _activity(source.format(rest=_FACTORS + "assign y = f[23] | &a | &b | &r;"), r) - alone
    rest = Coefficients(clocked, change, 0.0).energy(around)
    return Coefficients(clocked, change, joules["dsp"] - sum(rest) / len(rest))


def _activity(verilog: str, r: np.ndarray | None = None) -> Activity:
    stimulus = {"clk": np.zeros((_CLOCKS, 1, 1))} if r is None else {"r": r}
    with TemporaryDirectory(prefix="trijunction-") as folder:
        return simulate(synthesise(verilog, "top", "ice40", Path(folder)), stimulus)[0]


#: As `calibrate` gives it with Yosys 0.70.
ICE40UP5K = Coefficients(
    clocked=14.41e-15,
    change={"nets": 370.9e-15, "pins": 140.3e-15, "settled_nets": 644.3e-15, "settled_pins": 183.2e-15},
    dsp=18.01e-12,
)
