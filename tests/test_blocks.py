"""Blocks by name: what makes one, and what is wrong with what does not."""

import pytest

from trijunction.blocks import blocks, make
from trijunction.errors import CommandError

GOOD = {
    "entropy/lfsr": ["width=89", "leap=89", "form=galois", "seed=0x1234"],
    "entropy/xoshiro": ["seed=7"],
    "entropy/smtj": ["count=4"],
    "entropy/smtj_pins": ["count=4"],
    "entropy/xor_streams": ["width=8", "count=2"],
    "entropy/von_neumann": [],
    "entropy/smtj_bank": ["count=5"],
    "entropy/bias_feedback": ["code_bits=10", "gain=3", "rising=false"],
    "entropy/health": ["width=2", "entropy=0.8", "lags=2"],
    "ising/junction_emulator": ["neighbours=1;0,2;1"],
    "stochastic_computing/generator": ["width=6", "count=3", "rotations=0,1,2", "method=weighted"],
    "stochastic_computing/sobol": ["width=5", "dimensions=2"],
    "stochastic_computing/counter": ["inputs=4", "length=64", "encoding=two-rail"],
    "stochastic_computing/gate": ["kind=mux"],
    "stochastic_computing/feedback": ["kind=square root"],
    "stochastic_computing/fsm": ["kind=relu", "states=16"],
    "stochastic_computing/decorrelator": ["kind=shuffle", "depth=4"],
    "stochastic_computing/image_filter": ["kind=median"],
    "stochastic_computing/or_neuron": ["inputs=5"],
    "stochastic_computing/or_layer": ["inputs=4", "neurons=2", "weight_bits=6"],
    "low_precision/rounding": ["input=s[7][24]", "output=s[7][8]", "rounding=stochastic", "random_bits=4"],
    "low_precision/float_rounding": ["significand_bits=8", "exponent_bits=6", "output=e4m3"],
    "low_precision/float_mac": ["rounding=stochastic", "random_bits=4", "eager=true", "sums=2"],
    "low_precision/xnor_popcount": ["inputs=7", "neurons=2", "output=count", "ternary=true"],
    "low_precision/mac": ["accumulator=s[1][8]", "rounding=stochastic", "random_bits=4", "eager=true"],
    "low_precision/dot": ["lanes=4", "x=s[3][4]", "accumulator=s[5][11]", "output=s[5][4]"],
    "low_precision/systolic": ["rows=2", "columns=3", "rounding=stochastic-fast", "random_bits=3"],
    "ising/pbit": ["weights=1,-1,2", "bias=-1"],
    "ising/noise": ["units=4", "levels=2,4", "fresh_bits=4", "step_bits=2", "spread=direct"],
    "ising/rbm": ["visible=6", "hidden=4", "weight=s[1][6]", "rounding=stochastic-fast", "random_bits=7"],
    "ising/array": ["instance=torus:4x4:1", "fresh_bits=4", "track_best=true"],
}


def rtlil(component, target=None):
    """Elaborated, so that Amaranth does not complain of a component that never was."""
    from boards.synthesis import component_rtlil

    return component_rtlil(component, "block", target)


@pytest.mark.parametrize("name", blocks())
def test_every_block_is_made_from_text(name):
    assert "module \\block" in rtlil(make(name, GOOD[name]))


def test_every_parameter_is_explained():
    for name, block in blocks().items():
        assert block.doc.endswith("."), name
        for parameter, about in block.parameters.items():
            assert about.doc, f"{name} {parameter}"


def made(name, params):
    """A component that need not be built."""
    component = make(name, params)
    component._MustUse__silence = True  # Amaranth warns of a component that is never elaborated
    return component


def test_values_arrive():
    assert made("ising/pbit", GOOD["ising/pbit"]).parameters.weights == (1, -1, 2)
    lfsr = made("entropy/lfsr", GOOD["entropy/lfsr"])
    assert (lfsr.parameters.form, lfsr.seed) == ("galois", 0x1234)
    assert made("ising/array", GOOD["ising/array"]).parameters.track_best


def test_values_may_be_those_of_json():
    pbit = made("ising/pbit", {"weights": [1, -1], "bias": 2})
    assert (pbit.parameters.weights, pbit.parameters.bias) == ((1, -1), 2)
    assert made("ising/pbit", {"weights": 3}).parameters.weights == (3,)


@pytest.mark.parametrize(("target", "cell"), [("ice40", "SB_LUT4"), ("ecp5", "LUT4"), (None, None)])
def test_a_family_gets_its_own_cells(target, cell):
    text = rtlil(make("ising/pbit", ["weights=1,1,-1,1"]), target)
    assert ("LUT4" in text) == (cell is not None)
    if cell:
        assert f"cell \\{cell} " in text


@pytest.mark.parametrize(
    ("name", "params", "message"),
    [
        ("ising/nothing", [], "Block must be one of entropy/lfsr, .*not 'ising/nothing'"),
        ("entropy/lfsr", ["depth=3"], "entropy/lfsr has no parameter 'depth': expected one of width, leap"),
        ("entropy/von_neumann", ["depth=3"], "has no parameter 'depth': it has none"),
        ("entropy/lfsr", [], "entropy/lfsr needs the parameter width: --param width=VALUE, an integer"),
        ("entropy/lfsr", ["width"], "Parameter must be NAME=VALUE, not 'width'"),
        ("entropy/lfsr", ["width="], "Parameter must be NAME=VALUE, not 'width='"),
        ("entropy/lfsr", ["width=8", "width=9"], "Parameter 'width' is given twice"),
        ("entropy/lfsr", ["width=wide"], "entropy/lfsr: width must be an integer, not 'wide'"),
        ("entropy/lfsr", ["width=2.5"], "width must be an integer, not '2.5'"),
        ("entropy/lfsr", ["width=8", "form=ring"], "form must be fibonacci or galois, not 'ring'"),
        ("entropy/lfsr", ["width=8", "leap=9"], "LFSR leap must be 1 to the width 8, not 9"),
        ("entropy/lfsr", ["width=8", "seed=0"], "LFSR seed must be 1 to"),
        ("ising/pbit", ["weights=1,x"], "weights must be integers with commas between them, not '1,x'"),
        ("ising/pbit", ["weights=1,0"], "p-bit weights must not be zero"),
        ("ising/array", ["instance=torus:4:1"], "Instance 'torus:4:1': expected torus:ROWSxCOLUMNS:SEED"),
        ("ising/array", ["instance=torus:4x4:1", "loadable=yes"], "loadable must be true or false, not 'yes'"),
        ("ising/array", {"instance": 3}, "instance must be a file or a generator, not '3'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(name, params, message):
    with pytest.raises(CommandError, match=message) as error:
        make(name, params)
    assert "\n" not in str(error.value)
    assert error.value.status == 2
