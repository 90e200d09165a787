"""The rounding units in hardware: fixed point proved for all inputs by SAT; both compared with their golden models."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.rounding_proof import CLAIMS, STOCHASTIC, Claim
from boards.proof import Refuted, prove
from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.rounding import MODES, Rounding, RoundingUnitParameters, round_raw
from sim.low_precision import bench_float_rounding, bench_rounding
from sim.together import run_together

WIDE, SHORT = FixedFormat(7, 24), FixedFormat(7, 8)
BITS = {mode: (4, 8, 16) if mode == "stochastic" else (4,) if mode in STOCHASTIC else (0,) for mode in MODES}
WORKING = [RoundingUnitParameters(WIDE, SHORT, Rounding(mode, bits)) for mode in MODES for bits in BITS[mode]]
PARTS = [(bench.__name__, case) for bench in (bench_rounding, bench_float_rounding) for case in bench.CASES]


def name(parameters):
    return f"{parameters.input} {parameters.output} {parameters.rounding.mode} {parameters.rounding.random_bits}"


@pytest.mark.parametrize("parameters", WORKING, ids=name)
def test_at_working_widths_every_number_and_word_is_rounded_by_the_definition(parameters):
    prove(Claim(parameters, *CLAIMS[: 3 if parameters.rounding.mode == "stochastic" else 2]))


@st.composite
def parameters(draw):
    width, fraction = draw(st.integers(2, 12)), draw(st.integers(0, 11))
    fraction = min(fraction, width - 1)
    kept = draw(st.integers(0, fraction))
    output = FixedFormat(draw(st.integers(0 if kept else 1, 12)), kept)
    shift = fraction - kept
    modes = [mode for mode in MODES if shift or mode not in STOCHASTIC]
    mode = draw(st.sampled_from(modes))
    bits = draw(st.integers(1, shift)) if mode in STOCHASTIC else 0
    return RoundingUnitParameters(FixedFormat(width - 1 - fraction, fraction), output, Rounding(mode, bits))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(parameters())
def test_of_random_formats_too(parameters):
    prove(Claim(parameters, *CLAIMS[:2]))


class Other(Claim):
    """A claim about a unit that is another one."""

    def __init__(self, parameters, other, claim):
        super().__init__(parameters, claim)
        self.other = other

    def _unit(self, m, value, word):
        claimed, self.parameters = self.parameters, self.other
        unit = super()._unit(m, value, word)
        self.parameters = claimed
        return unit


@pytest.mark.parametrize(
    ("claimed", "other", "claim"),
    [
        (Rounding("stochastic", 8), Rounding("stochastic-fast", 8), CLAIMS[0]),
        (Rounding("nearest"), Rounding("floor"), CLAIMS[0]),
        (Rounding("stochastic-fast", 4), Rounding("stochastic-fast", 4), CLAIMS[2]),
        (Rounding("stochastic-naive", 4), Rounding("stochastic-naive", 4), CLAIMS[2]),
    ],
)
def test_what_is_false_is_refuted_by_inputs_that_show_it(claimed, other, claim):
    claimed, other = (RoundingUnitParameters(WIDE, SHORT, rounding) for rounding in (claimed, other))
    with pytest.raises(Refuted) as error:
        prove(Other(claimed, other, claim))
    value, word = error.value.inputs["value"], error.value.inputs.get("word")
    result = round_raw(other, value, word)
    if claim == CLAIMS[0]:
        assert result != round_raw(claimed, value, word)
    else:
        kept = value >> 16
        mirrored = round_raw(other, ((2 * kept + 1) << 16) - value, word ^ 15)
        assert result[0] + mirrored[0] != 2 * kept + 1


def test_hardware_is_golden_in_icarus(icarus):
    run_together(PARTS, icarus)


@pytest.mark.verilator
def test_hardware_is_golden_in_verilator(verilator):
    run_together(PARTS[:1], verilator)


def test_what_is_no_unit_is_refused():
    with pytest.raises(ValueError, match=r"from s\[3\]\[4\] to s\[3\]\[5\]"):
        RoundingUnitParameters(FixedFormat(3, 4), FixedFormat(3, 5), Rounding("floor"))
    with pytest.raises(ValueError, match=r"drops 3 bits .* not 4"):
        RoundingUnitParameters(FixedFormat(3, 4), FixedFormat(3, 1), Rounding("stochastic", 4))
