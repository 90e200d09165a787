"""PLL settings: the highest output frequency that is not above a limit.

Limits are those of the data sheets, in MHz. Lattice iCE40 LP/HX: phase detector 10 to 133, oscillator 533 to 1066,
output 16 to 275. Lattice ECP5: phase detector 3.125 to 400, oscillator 400 to 800, output up to 400. The loop
filter setting for iCE40 is that of Project IceStorm's icepll.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Pll:
    """One PLL: output frequency in MHz, primitive, its parameters and the names of its ports."""

    mhz: float
    primitive: str
    parameters: dict[str, Any]
    input_port: str
    output_port: str
    feedback_port: str | None = None


def pll_below(target: str, input_mhz: float, limit_mhz: float) -> Pll:
    """The PLL setting with the highest output in MHz up to ``limit_mhz``; ValueError if there is none."""
    settings = {"ice40": _ice40, "ecp5": _ecp5}[target](input_mhz)
    fitting = [setting for setting in settings if setting.mhz <= limit_mhz]
    if not fitting:
        raise ValueError(f"No PLL setting turns {input_mhz:g} MHz into at most {limit_mhz:g} MHz")
    return max(fitting, key=lambda setting: setting.mhz)


def _ice40(input_mhz: float) -> list[Pll]:
    found = []
    for divr in range(16):
        detector = input_mhz / (divr + 1)
        if not 10 <= detector <= 133:
            continue
        filter_range = 1 + sum(detector >= edge for edge in (17, 26, 44, 66, 101))
        for divf in range(128):
            oscillator = detector * (divf + 1)
            if not 533 <= oscillator <= 1066:
                continue
            for divq in range(1, 7):
                parameters = {
                    "FEEDBACK_PATH": "SIMPLE",
                    "DIVR": divr,
                    "DIVF": divf,
                    "DIVQ": divq,
                    "FILTER_RANGE": filter_range,
                }
                mhz = oscillator / (1 << divq)
                if 16 <= mhz <= 275:
                    found.append(Pll(mhz, "SB_PLL40_CORE", parameters, "REFERENCECLK", "PLLOUTGLOBAL"))
    return found


def _ecp5(input_mhz: float) -> list[Pll]:
    found = []
    for clki_div in range(1, 129):
        detector = input_mhz / clki_div
        if not 3.125 <= detector <= 400:
            continue
        for clkfb_div in range(1, 81):
            mhz = detector * clkfb_div
            if not 10 <= mhz <= 400:
                continue
            # Feedback is from CLKOP: its divider leaves the output alone and puts the oscillator mid-range.
            clkop_div = round(600 / mhz)
            if not (1 <= clkop_div <= 128 and 400 <= mhz * clkop_div <= 800):
                continue
            parameters = {
                "CLKI_DIV": clki_div,
                "CLKFB_DIV": clkfb_div,
                "CLKOP_DIV": clkop_div,
                "CLKOP_ENABLE": "ENABLED",
                "CLKOP_CPHASE": clkop_div // 2,
                "FEEDBK_PATH": "CLKOP",
                "PLLRST_ENA": "DISABLED",
                "INTFB_WAKE": "DISABLED",
                "STDBY_ENABLE": "DISABLED",
                "DPHASE_SOURCE": "DISABLED",
            }
            found.append(Pll(mhz, "EHXPLLL", parameters, "CLKI", "CLKOP", "CLKFB"))
    return found
