"""A Liberty library rewritten so that OpenSTA 2.0 counts the power inside cells right, and the check that says so.

For a change of an output, Liberty gives the energy inside the cell for each input that causes it, once for a rise and
once for a fall. OpenSTA 2.0.17 adds up rise and fall for every single change, and weighs the inputs by weights that do
not add up to 1: 1/2 each where it does not understand the function, three halves for a multiplexer or a full adder. A
clock pin's energy is added up likewise. Later versions take the mean of rise and fall, and weights that add up to 1.
The rewritten library has, for every pin with n such groups, energies divided by 2 n and the condition "always": the
mean over rise and fall and over the inputs that can cause the change.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

__all__ = ["CHECK", "mended"]

_TOKEN = re.compile(r"/\*.*?\*/|\"[^\"]*\"|(\w+)\s*\(([^()]*)\)\s*\{|\}", re.DOTALL)
_WHEN = re.compile(r"\bwhen\s*:\s*\"[^\"]*\"\s*;")
_SUPPLY = re.compile(r"\brelated_pg_pin\s*:\s*\"?(\w+)")
_VALUES = re.compile(r"\bvalues\s*\([^()]*\)")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def mended(text: str) -> str:
    """The library with the energies inside cells averaged as the module says."""
    spans = _internal_power(text)
    groups = [(start, end, (pin, (_SUPPLY.findall(text[start:end]) or [""])[0])) for start, end, pin in spans]
    count = Counter(key for *_, key in groups)
    pieces, at = [], 0
    for start, end, key in groups:
        pieces += [text[at:start], _averaged(text[start:end], 2 * count[key])]
        at = end
    return "".join([*pieces, text[at:]])


def _internal_power(text: str) -> list[tuple[int, int, int]]:
    """Start and end of each internal_power group, and where the group around it, its pin, starts."""
    found, stack = [], []
    for token in _TOKEN.finditer(text):
        if token[1]:
            stack.append((token[1], token.start()))
        elif token[0] == "}" and stack:
            name, start = stack.pop()
            if name == "internal_power":
                found.append((start, token.end(), stack[-1][1]))
    return found


def _averaged(group: str, divisor: int) -> str:
    def divided(values: re.Match) -> str:
        return _NUMBER.sub(lambda number: f"{float(number[0]) / divisor:.9g}", values[0])

    group = _VALUES.sub(divided, _WHEN.sub("", group))
    return group.replace("{", '{ when : "1";', 1)


@dataclass(frozen=True)
class _Check:
    """A netlist whose internal power is computed by hand: W of the registers, and of the logic."""

    library: str
    verilog: str
    script: tuple[str, ...]
    internal: tuple[float, float]


def _flat(name: str, energy: float) -> str:
    return f'{name}(two) {{ values("{energy},{energy}","{energy},{energy}"); }}'


def _arc(pin: str, sense: str, rise: float, fall: float, kind: str = "combinational") -> str:
    delays = " ".join(_flat(each, 0.1) for each in ("cell_rise", "rise_transition", "cell_fall", "fall_transition"))
    return f"""timing() {{ related_pin : "{pin}"; timing_type : {kind}; timing_sense : {sense}; {delays} }}
      internal_power() {{ related_pin : "{pin}"; {_flat("rise_power", rise)} {_flat("fall_power", fall)} }}"""


def _input(name: str, rise: float = 0.0, fall: float = 0.0, rest: str = "") -> str:
    tables = " ".join(
        f'{each}_power(one) {{ values("{energy},{energy}"); }}' for each, energy in (("rise", rise), ("fall", fall))
    )
    inside = f"internal_power() {{ {tables} }}" if rise or fall else ""
    return f"pin({name}) {{ direction : input; capacitance : 0.01; {rest} {inside} }}"


_AXES = 'index_1("0,1"); index_2("0,1");'
_THRESHOLDS = " ".join(
    f"{name}_{edge} : {level};"
    for edge in ("rise", "fall")
    for name, level in (
        ("input_threshold_pct", 50),
        ("output_threshold_pct", 50),
        ("slew_lower_threshold_pct", 20),
        ("slew_upper_threshold_pct", 80),
    )
)
_LIMITS = f"{_flat('rise_constraint', 0.1)} {_flat('fall_constraint', 0.1)}"
_SETUP = f'timing() {{ related_pin : "C"; timing_type : setup_rising; {_LIMITS} }}'

#: 10 ns clock. The register toggles every clock (7 and 11 pJ for Q, 0.3 and 0.5 for its clock, 0.2 and 0.4 for its
#: data); so does the multiplexer (three causes, 2 and 6 pJ), and the inverter every second clock (1 and 3 pJ).
CHECK = _Check(
    library=f"""library(check) {{
  delay_model : table_lookup; time_unit : "1ns"; voltage_unit : "1V"; current_unit : "1uA";
  pulling_resistance_unit : "1kohm"; leakage_power_unit : "1nW"; capacitive_load_unit (1,pf);
  {_THRESHOLDS}
  nom_process : 1; nom_voltage : 2; nom_temperature : 25;
  operating_conditions(typical) {{ process : 1; voltage : 2; temperature : 25; }}
  default_operating_conditions : typical;
  lu_table_template(two) {{ variable_1 : total_output_net_capacitance; variable_2 : input_net_transition; {_AXES} }}
  power_lut_template(two) {{ variable_1 : total_output_net_capacitance; variable_2 : input_transition_time; {_AXES} }}
  power_lut_template(one) {{ variable_1 : input_transition_time; index_1("0,1"); }}
  cell(FLOP) {{ area : 1; ff(IQ,IQN) {{ next_state : "D"; clocked_on : "C"; }}
    {_input("C", 0.3, 0.5, "clock : true;")} {_input("D", 0.2, 0.4, _SETUP)}
    pin(Q) {{ direction : output; function : "IQ"; {_arc("C", "non_unate", 7, 11, "rising_edge")} }} }}
  cell(CHOOSE) {{ area : 1; {_input("A")} {_input("B")} {_input("S")}
    pin(Y) {{ direction : output; function : "(S A)+(!S B)";
      {_arc("A", "positive_unate", 2, 6)} {_arc("B", "positive_unate", 2, 6)} {_arc("S", "non_unate", 2, 6)} }} }}
  cell(INVERT) {{ area : 1; {_input("A")}
    pin(Y) {{ direction : output; function : "!A"; {_arc("A", "negative_unate", 1, 3)} }} }}
}}
""",
    verilog="""module check(clk);
  input clk;
  wire q, m, d;
  FLOP f (.C(clk), .D(d), .Q(q));
  CHOOSE c (.A(q), .B(d), .S(q), .Y(m));
  INVERT i (.A(q), .Y(d));
endmodule
""",
    script=(
        "read_liberty check.lib",
        "read_verilog check.v",
        "link_design check",
        "create_clock -name clk -period 10 [get_ports clk]",
        *(f"sta::set_power_pin_activity [get_pins {pin}] 1 0.5" for pin in ("f/Q", "c/A", "c/S", "c/Y", "i/A")),
        *(f"sta::set_power_pin_activity [get_pins {pin}] 0.5 0.5" for pin in ("f/D", "c/B", "i/Y")),
    ),
    internal=(1e8 * 1e-12 * (9 + 2 * 0.4 + 0.5 * 0.3), 1e8 * 1e-12 * (4 + 0.5 * 2)),
)
