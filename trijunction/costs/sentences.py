"""The answers in words: sentences in which ``{NAME}`` stands for the comparison's quantity of that name."""

from __future__ import annotations

from collections.abc import Mapping

from trijunction.costs.inputs import UNITS
from trijunction.costs.quantity import Quantity

__all__ = ["fpga_sentences", "silicon_sentences"]

_RIVALS = {"lfsr": "shift registers", "xoshiro": "xoshiro"}

Quantities = Mapping[str, Quantity]


def _value(quantities: Quantities, name: str) -> float:
    return quantities[name].value or 0.0


def silicon_sentences(way: str, rival: str, quantities: Quantities) -> list[str]:
    """The break-even first, then what the junctions taken do, then what slow and biased ones ask for."""
    against = _RIVALS[rival]
    first = (
        f"On silicon, to win against {against}, a read of a junction with a bias error of {{junction_bias_error}} must "
    )
    told = [name for name in ("10ns", "1us") if _value(quantities, f"break_even_{name}") > 0]
    if told:
        first += "cost less than " + " and less than ".join(
            f"{{break_even_{name}}} at a dwell time of {{dwell_{name}}}" for name in told
        )
    else:
        first += "cost less than nothing at a dwell time of {dwell_10ns}: it cannot"
    smtj, best = (_value(quantities, f"energy_per_unit_{source}") for source in ("smtj", rival))
    texts = [
        f"{first}.",
        f"With the junctions taken here, {{junction_energy}} and {{junction_dwell}}, a {UNITS[way]} takes "
        f"{{energy_per_unit_smtj}}, {'less' if smtj < best else 'more'} than the {{energy_per_unit_{rival}}} with "
        f"{against}; bits that cost nothing would save {{most_saved}}.",
        "Without bias error a read may cost {break_even_10ns_unbiased} at a dwell time of {dwell_10ns}. So that the "
        "design need not wait, a bit takes {junctions_a_bit} junctions of those taken here.",
        "At a dwell time of {dwell_100ns} a read may cost {break_even_100ns_parallel} with junctions in parallel, "
        "{break_even_100ns_stalled} with a design that waits.",
    ]
    texts.append(
        "By the cited rule the price at a dwell time of {dwell_10ns} becomes {break_even_10ns_at_45nm} at {node_45nm} "
        "and {break_even_10ns_at_7nm} at {node_7nm}, both estimates; published reads take {junction_energy}."
    )
    if "biased_junction" in quantities:
        texts.append(
            "A junction that is biased in place of whitened bits may take {biased_junction} with its conversion, if "
            "all gates besides it were free; one conversion is put at {junction_conversion_energy}."
        )
    return texts


def fpga_sentences(way: str, quantities: Quantities) -> list[str]:
    """Of junctions on pins."""
    if _value(quantities, "break_even_on_pins") > 0:
        return [
            "On an FPGA's pins a read of a junction must cost less than {break_even_on_pins}, besides the {pin_energy} "
            "to bring it there."
        ]
    return [
        "On an FPGA's pins no price of a junction's read is low enough: to bring a bit there takes {pin_energy}, and a "
        f"{UNITS[way]} takes {{energy_per_unit_on_fpga_smtj}} against {{energy_per_unit_on_fpga_lfsr}} with shift "
        "registers."
    ]
