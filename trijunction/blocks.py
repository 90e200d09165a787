"""The blocks that commands make by name, from parameters as text: `measure ising/pbit --param weights=1,-1`."""

from __future__ import annotations

import gc
import math
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from hwpy.formats.errors import quote
from hwpy.low_precision.rounding import MODES
from trijunction.errors import CommandError, checked_parameters

__all__ = ["Block", "Parameter", "blocks", "make", "parse"]

_REQUIRED = object()


@dataclass(frozen=True)
class Parameter:
    """One parameter of a block: what it means, and how text, or a value as JSON has it, becomes its value."""

    doc: str
    convert: Callable[[Any], Any]
    expected: str
    required: bool = False


@dataclass(frozen=True)
class Block:
    """A block: what it is, its parameters, and a function of their values that gives the component."""

    doc: str
    parameters: Mapping[str, Parameter]
    factory: Callable[..., Any]


def parse(assignments: Sequence[str]) -> dict[str, str]:
    """`["width=8", "form=galois"]` as a dictionary. Raises CommandError for what is not NAME=VALUE, or comes twice."""
    found: dict[str, str] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals or not name.isidentifier() or not text:
            raise CommandError(f"Parameter must be NAME=VALUE, not {quote(assignment)}")
        if name in found:
            raise CommandError(f"Parameter {quote(name)} is given twice")
        found[name] = text
    return found


def make(name: str, params: Sequence[str] | Mapping[str, Any]) -> Any:
    """The Amaranth component of a block from NAME=VALUE texts, or from names and values.

    Raises CommandError, one line, for an unknown block or parameter, one left out, and a bad value.
    """
    known = blocks()
    if name not in known:
        raise CommandError(f"Block must be one of {', '.join(known)}, not {quote(name)}")
    block = known[name]
    given = params if isinstance(params, Mapping) else parse(params)
    for parameter in given:
        if parameter not in block.parameters:
            names = f"expected one of {', '.join(block.parameters)}" if block.parameters else "it has none"
            raise CommandError(f"{name} has no parameter {quote(parameter)}: {names}")
    for parameter, about in block.parameters.items():
        if about.required and parameter not in given:
            raise CommandError(f"{name} needs the parameter {parameter}: --param {parameter}=VALUE, {about.expected}")
    values = {}
    for parameter, value in given.items():
        about = block.parameters[parameter]
        try:
            values[parameter] = about.convert(value)
        except (TypeError, ValueError, OverflowError):
            raise CommandError(f"{name}: {parameter} must be {about.expected}, not {quote(str(value))}") from None
    with checked_parameters():
        try:
            return block.factory(**values)
        except (TypeError, ValueError) as error:
            _drop(error)
            raise


def _drop(error: Exception) -> None:
    """Let go of the component that refused its parameters, without Amaranth's warning that it was never built."""
    from amaranth.hdl import UnusedElaboratable

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnusedElaboratable)
        traceback.clear_frames(error.__traceback__)
        gc.collect()  # it refers to itself


@cache
def blocks() -> dict[str, Block]:
    """Every block by its name ROOM/BLOCK."""
    noise = {
        "fresh_bits": _integer("random bits of a noise word's magnitude (default 8)"),
        "dither_bits": _integer("further bits of the thresholds, from a Weyl sequence (default 8)"),
        "step_bits": _integer("random bits of each further level's own magnitude (default: one magnitude for all)"),
        "spread": _choice(
            "random bits shared by XORs of pairs, or one for each bit (default pairs)", "pairs", "direct"
        ),
    }
    dropping = {
        "rounding": _choice("how bits are dropped (default nearest)", *MODES),
        "random_bits": _integer("bits of a random word, if it is stochastic (default 0)"),
    }
    rounded = {
        "x": _format("of x (default s[0][7])"),
        "w": _format("of w (default s[0][7])"),
        "accumulator": _format("of the total (default s[7][8])"),
        "output": _format("of a sum (default the accumulator's)"),
        **dropping,
        "eager": _boolean("random bits are added with the sum, not after it (default false)"),
    }
    return {
        "entropy/lfsr": Block(
            "Linear feedback shift register that gives `leap` new bits a clock.",
            {
                "width": _integer("bits of state", required=True),
                "leap": _integer("new bits a clock (default 1)"),
                "form": _choice("how the register is wired (default fibonacci)", "fibonacci", "galois"),
                "taps": _integers("delays of the recurrence (default: maximal length)"),
                "seed": _integer("the state after reset (default 1)"),
            },
            _lfsr,
        ),
        "entropy/xoshiro": Block(
            "xoshiro128++, the reference: 32 bits a clock.",
            {"seed": _integer("64 bits from which the state is made (default 1)")},
            _xoshiro,
        ),
        "entropy/smtj": Block(
            "Superparamagnetic junctions emulated in gates; needs 16 random bits a junction and sample.",
            {
                "count": _integer("junctions", required=True),
                "initial": _integer("their states at reset (default 0)"),
            },
            _direct("rtl.entropy.smtj", "SmtjEmulator"),
        ),
        "entropy/smtj_pins": Block(
            "Superparamagnetic junctions outside the chip, one pin each.",
            {"count": _integer("pins", required=True)},
            _direct("rtl.entropy.smtj", "SmtjPins"),
        ),
        "entropy/xor_streams": Block(
            "Exclusive or of several streams, to whiten them.",
            {
                "width": _integer("bits of each stream", required=True),
                "count": _integer("streams", required=True),
            },
            _direct("rtl.entropy.whitening", "XorStreams"),
        ),
        "entropy/von_neumann": Block(
            "Pairs of bits to at most one unbiased bit.", {}, _direct("rtl.entropy.whitening", "VonNeumann")
        ),
        "entropy/smtj_bank": Block(
            "A bank of emulated junctions, one visited a clock, each with its escape probabilities in block RAM.",
            {"count": _integer("junctions, 2 to 4096", required=True)},
            _from_parameters("entropy.smtj_bank", "SmtjBank"),
        ),
        "entropy/bias_feedback": Block(
            "Feedback that holds P(1) of a source of bits at a set point while it drifts.",
            {
                "code_bits": _integer("bits of the bias code (default 12)"),
                "gain": _integer("the code moves by 2^-gain for an error of 1 in one bit (default 4)"),
                "rising": _boolean("P(1) rises with the code (default true)"),
            },
            _from_parameters("entropy.bias_feedback", "BiasFeedback"),
        ),
        "entropy/health": Block(
            "Health tests of NIST SP 800-90B on line: nothing passes in an alarm.",
            {
                "width": _integer("lanes, each tested by itself (default 1)"),
                "entropy": _number("min-entropy claimed for each bit (default 1)"),
                "false_alarm": _number("false-alarm rate for the cutoffs (default 2^-20)"),
                "window": _integer("window of the adaptive proportion test (default 1024)"),
                "lags": _integer("longest period that is found (default 4)"),
                "startup": _integer("words tested before any is let through (default 1024)"),
                "timeout": _integer("clocks of silence that are an alarm (default 65536)"),
            },
            _from_parameters("entropy.health", "Health"),
        ),
        "ising/junction_emulator": Block(
            "A network of coupled junctions emulated in gates, a table of escape probabilities for each.",
            {
                "neighbours": Parameter(
                    "those of each junction, such as 1;0,2;1 for a chain of three",
                    _to_neighbours,
                    "integers with commas between them, and a semicolon between junctions",
                    required=True,
                )
            },
            _from_parameters("ising.junction_emulator", "JunctionEmulator"),
        ),
        "ising/pbit": Block(
            "A p-bit with weights fixed when it is made.",
            {
                "weights": _integers("one non-zero weight a neighbour", required=True),
                "bias": _integer("the local field (default 0)"),
                "levels": _integers("magnitudes of the field that the noise knows (default: those it can take)"),
            },
            _from_parameters("ising.pbit", "PBit"),
        ),
        "ising/noise": Block(
            "The noise words of the p-bits that update in one clock.",
            {
                "units": _integer("words a clock", required=True),
                "levels": _integers("magnitudes of the field, ascending", required=True),
                **noise,
                "dither_delays": _integer("length of the dither's delay line (default 64)"),
            },
            _from_parameters("ising.noise", "Noise"),
        ),
        "ising/array": Block(
            "An array of p-bits that anneals one instance.",
            {
                "instance": Parameter(
                    "a file, or a generator such as torus:8x8:1", _text, "a file or a generator", required=True
                ),
                **noise,
                "steps": _integer("entries of the schedule's table (default 256)"),
                "loadable": _boolean("spins can be set at run time (default false)"),
                "clampable": _boolean("spins can be held at run time (default false)"),
                "track_best": _boolean("the best state and its energy are kept (default false)"),
                "count_flips": _boolean("changes of spins are counted (default false)"),
                "split": _integer("parts that each colour is updated in (default 1)"),
            },
            _array,
        ),
        "ising/rbm": Block(
            "A restricted Boltzmann machine that samples and learns.",
            {
                "visible": _integer("visible units", required=True),
                "hidden": _integer("hidden units", required=True),
                "weight": _format("of the weights (default s[2][5])"),
                "rate_fraction": _integer("the least learning rate is 2^-rate_fraction (default 13)"),
                "rounding": _choice("how an update is rounded (default stochastic)", *MODES),
                "random_bits": _integer("bits of a rounding's random word (default 8)"),
                "lanes": _integer("weights updated in a clock (default 2)"),
            },
            _rbm,
        ),
        "low_precision/mac": Block(
            "Multiply and accumulate, a product a clock, rounded at each step or at the end of a sum.",
            rounded,
            _mac("mac", "Mac"),
        ),
        "low_precision/dot": Block(
            "Dot products, several products a clock, accumulated as one.",
            {"lanes": _integer("products a clock", required=True), **rounded},
            _mac("dot", "Dot"),
        ),
        "low_precision/systolic": Block(
            "Weight-stationary systolic array with a random word for each row.",
            {
                "rows": _integer("numbers of a sample", required=True),
                "columns": _integer("sums of a sample", required=True),
                **rounded,
            },
            _mac("systolic", "Systolic"),
        ),
        "stochastic_computing/generator": Block(
            "A bank of stochastic number generators on one random word, or one each.",
            {
                "width": _integer("bits of a code", required=True),
                "count": _integer("streams (default 1)"),
                "method": _choice("how a bit is made (default comparator)", "comparator", "weighted"),
                "fresh": _boolean("a random word for each stream (default false)"),
                "rotations": _integers("places by which each stream rotates the word (default none)"),
                "delays": _integers("age in words of each stream's word (default 0)"),
            },
            _from_parameters("stochastic_computing.generator", "Generator"),
        ),
        "stochastic_computing/sobol": Block(
            "Sobol words in Gray-code order.",
            {
                "width": _integer("bits of a word", required=True),
                "dimensions": _integer("words a payload (default 1)"),
            },
            _from_parameters("stochastic_computing.sequences", "Sobol"),
        ),
        "stochastic_computing/counter": Block(
            "Bitstreams back to binary: ones added up over N transfers.",
            {
                "inputs": _integer("bits a transfer, on each rail (default 1)"),
                "length": _integer("transfers N of a total (default 256)"),
                "encoding": _choice("what a total is (default unipolar)", "unipolar", "bipolar", "two-rail"),
                "approximate": _boolean("approximate parallel counter (default false)"),
            },
            _from_parameters("stochastic_computing.counter", "Counter"),
        ),
        "stochastic_computing/gate": Block(
            "A gate as arithmetic on bitstreams.",
            {
                "kind": _choice("which", "not", "and", "or", "xor", "xnor", "mux", "divide", required=True),
                "inputs": _integer("of and, or, xor (default 2)"),
            },
            _from_parameters("stochastic_computing.gates", "Gate"),
        ),
        "stochastic_computing/feedback": Block(
            "Division or square root by feedback.",
            {
                "width": _integer("bits of the counter (default 8)"),
                "kind": _choice("which (default divide)", "divide", "square root"),
            },
            _from_parameters("stochastic_computing.feedback", "Feedback"),
        ),
        "stochastic_computing/fsm": Block(
            "tanh or ReLU by a saturating counter.",
            {
                "states": _integer("states, even (default 8)"),
                "kind": _choice("which (default tanh)", "tanh", "relu"),
            },
            _from_parameters("stochastic_computing.fsm", "Fsm"),
        ),
        "stochastic_computing/decorrelator": Block(
            "Isolator or shuffle buffer.",
            {
                "depth": _integer("bits kept (default 1)"),
                "kind": _choice("which (default isolator)", "isolator", "shuffle"),
            },
            _from_parameters("stochastic_computing.decorrelator", "Decorrelator"),
        ),
        "stochastic_computing/image_filter": Block(
            "Edges, blur or median of correlated pixel streams.",
            {"kind": _choice("which", "roberts", "gaussian", "median", required=True)},
            _from_parameters("stochastic_computing.image_filters", "WindowFilter"),
        ),
        "low_precision/rounding": Block(
            "Rounding of fixed-point numbers to fewer bits, between streams, a random word for each.",
            {
                "input": _format("of the input, such as s[7][24]", required=True),
                "output": _format("of no more fraction bits, such as s[7][8]", required=True),
                **dropping,
            },
            lambda **parameters: _parsed("rounding", "RoundingStream", "RoundingUnitParameters", parameters),
        ),
        "low_precision/float_rounding": Block(
            "Rounding of a wide significand to a floating-point format, between streams, a random word for each.",
            {
                "significand_bits": _integer("of the unsigned input", required=True),
                "exponent_bits": _integer("of its signed exponent", required=True),
                "output": _format("of the result, such as e4m3", required=True),
                **dropping,
            },
            lambda **given: _parsed("float_rounding", "FloatRoundingStream", "FloatRoundingParameters", given),
        ),
        "low_precision/float_mac": Block(
            "Multiply and accumulate in floating point, a product a clock, each sum rounded.",
            {
                "x": _format("of x (default e5m2)"),
                "w": _format("of w (default e5m2)"),
                "accumulator": _format("of the total and the output (default e6m5)"),
                **dropping,
                "eager": _boolean("random bits are added before normalisation, not after it (default false)"),
                "sums": _integer("sums that take turns, and clocks of a step, 1 to 4 (default 1)"),
                "saturate": _boolean("finite sums beyond the format stay finite (default true)"),
            },
            lambda **parameters: _parsed("float_mac", "FloatMac", "FloatMacParameters", parameters),
        ),
        "low_precision/xnor_popcount": Block(
            "A layer of binary or ternary neurons: XNOR, count of ones, threshold; weights loaded as a stream.",
            {
                "inputs": _integer("bits of an input", required=True),
                "neurons": _integer("neurons", required=True),
                "output": _choice("what a neuron gives (default sign)", "sign", "count"),
                "ternary": _boolean("whether weights may be 0 (default false)"),
            },
            _from_parameters("low_precision.xnor_popcount", "XnorPopcount"),
        ),
        "stochastic_computing/or_neuron": Block(
            "The gates of an OR neuron alone, for weights that come as bits.",
            {"inputs": _integer("synapses", required=True)},
            _direct("rtl.stochastic_computing.or_neuron", "OrNeuron"),
        ),
        "stochastic_computing/or_layer": Block(
            "A layer of OR neurons whose weights are loaded; random words shared by the neurons.",
            {
                "inputs": _integer("synapses of a neuron", required=True),
                "neurons": _integer("neurons", required=True),
                "weight_bits": _integer("bits of a weight (default 8)"),
                "signed": _boolean("whether weights have a sign, and neurons two rails (default false)"),
            },
            _or_layer,
        ),
    }


def _lfsr(seed: int = 1, **parameters: Any) -> Any:
    from hwpy.entropy.lfsr import LfsrParameters
    from rtl.entropy.lfsr import Lfsr

    return Lfsr(LfsrParameters(**parameters), seed)


def _xoshiro(seed: int = 1) -> Any:
    from hwpy.entropy.xoshiro import seed_state
    from rtl.entropy.xoshiro import Xoshiro

    return Xoshiro(seed_state(seed))


def _array(instance: str, **parameters: Any) -> Any:
    from hwpy.ising.instances import load

    return _from_parameters("ising.array", "PBitArray")(model=load(instance), **parameters)


def _rbm(**parameters: Any) -> Any:
    from hwpy.ising.rbm_parameters import RbmParameters
    from rtl.ising.rbm import Rbm

    return Rbm(RbmParameters.parse(**parameters))


def _or_layer(signed: bool = False, **parameters: Any) -> Any:
    from hwpy.stochastic_computing.or_layer import OrLayerParameters
    from rtl.stochastic_computing.or_neuron import LoadedOrLayer

    return LoadedOrLayer(OrLayerParameters(**parameters), signed)


def _parsed(module: str, name: str, kind: str, parameters: dict[str, Any]) -> Any:
    """A component of `rtl.low_precision` from names of formats."""
    made = getattr(import_module(f"hwpy.low_precision.{module}"), kind).parse(**parameters)
    return getattr(import_module(f"rtl.low_precision.{module}"), name)(made)


def _mac(block: str, name: str) -> Callable[..., Any]:
    """A component with a multiply-accumulate unit's parameters besides its own."""

    def factory(**parameters: Any) -> Any:
        from hwpy.low_precision.mac import MacParameters

        own = {key: parameters.pop(key) for key in ("lanes", "rows", "columns") if key in parameters}
        mac = MacParameters.parse(**parameters)
        component = getattr(import_module(f"rtl.low_precision.{block}"), name)
        if not own:
            return component(mac)
        return component(getattr(import_module(f"hwpy.low_precision.{block}"), f"{name}Parameters")(mac=mac, **own))

    return factory


def _direct(module: str, name: str) -> Callable[..., Any]:
    """A component that takes its parameters one by one."""
    return lambda **parameters: getattr(import_module(module), name)(**parameters)


def _from_parameters(module: str, name: str) -> Callable[..., Any]:
    """A component of `rtl` that is made from its class of parameters in `hwpy`."""

    def factory(**parameters: Any) -> Any:
        kind = getattr(import_module(f"hwpy.{module}"), f"{name}Parameters")
        return getattr(import_module(f"rtl.{module}"), name)(kind(**parameters))

    return factory


def _integer(doc: str, required: bool = False) -> Parameter:
    return Parameter(doc, _to_integer, "an integer", required)


def _integers(doc: str, required: bool = False) -> Parameter:
    return Parameter(doc, _to_integers, "integers with commas between them", required)


def _number(doc: str) -> Parameter:
    return Parameter(doc, _to_number, "a number")


def _boolean(doc: str) -> Parameter:
    return Parameter(doc, _to_boolean, "true or false")


def _choice(doc: str, *values: str, required: bool = False) -> Parameter:
    def convert(value: Any) -> str:
        if value not in values:
            raise ValueError(value)
        return str(value)

    return Parameter(doc, convert, " or ".join(values), required)


def _format(doc: str, required: bool = False) -> Parameter:
    return Parameter(f"format {doc}", _text, "a format such as s[3][12]", required)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _to_integer(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not (math.isfinite(value) and value.is_integer())):
        raise ValueError(value)
    return int(value, 0) if isinstance(value, str) else int(value)


def _to_integers(value: Any) -> tuple[int, ...]:
    if isinstance(value, str):
        value = [part for part in value.strip("[]()").split(",") if part.strip()]
    elif not isinstance(value, (list, tuple)):
        value = [value]
    if not value:
        raise ValueError(value)
    return tuple(_to_integer(part.strip() if isinstance(part, str) else part) for part in value)


def _to_number(value: Any) -> float:
    if isinstance(value, bool):
        raise ValueError(value)
    return float(value)


def _to_neighbours(value: Any) -> tuple[tuple[int, ...], ...]:
    rows = value.split(";") if isinstance(value, str) else value
    return tuple(_to_integers(row) if row else () for row in rows)


def _to_boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value not in ("true", "false"):
        raise ValueError(value)
    return value == "true"
