"""Every function of the bricks: mean and variance of golden streams from reset, against theory for independent bits.

A run is ``LENGTH`` clocks from reset with input bits and random words of its own. Over the runs the mean is held to the
theory by the normal law and the variance by chi-square, two-sided, at `FAMILY` divided by the number of tests
(Bonferroni). Of what is counted the mean is that of a total divided by ``LENGTH``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwpy.stochastic_computing import apc_neuron, counter, decorrelator, feedback, fsm, gates, generator
from hwpy.stochastic_computing.encoding import chain_variance
from hwpy.stochastic_computing.or_layer import OrLayer, OrLayerParameters

LENGTH = 256
FAMILY = 0.01

Random = np.random.Generator
Sample = Callable[[Random], float]


@dataclass(frozen=True)
class Function:
    """A function at one point: what it is meant to give, theory of the mean of a run, and a run of the golden model."""

    name: str
    meant: float
    mean: float
    variance: float
    sample: Sample

    def estimates(self, runs: int, seed: int = 1) -> NDArray[np.float64]:
        """The means of so many runs."""
        random = np.random.default_rng(seed)
        return np.array([self.sample(random) for _ in range(runs)])


def p_values(estimates: NDArray[np.float64], mean: float, variance: float) -> tuple[float, float]:
    """Two-sided, of the mean and of the variance."""
    from scipy import stats

    runs = len(estimates)
    z = (estimates.mean() - mean) / (variance / runs) ** 0.5
    tail = stats.chi2(runs).cdf(((estimates - mean) ** 2).sum() / variance)
    return float(2 * stats.norm.sf(abs(z))), float(2 * min(tail, 1 - tail))


def _bits(random: Random, p: ArrayLike) -> NDArray[np.int64]:
    """Independent bits (inputs, LENGTH)."""
    return (random.random((len(np.atleast_1d(p)), LENGTH)) < np.atleast_1d(p)[:, None]).astype(np.int64)


def _gates() -> Iterator[Function]:
    points = {
        "not": ([0.3], 0, 0.7),
        "and": ([0.6, 0.5], 0, 0.3),
        "or": ([0.3, 0.4], 0, 0.58),
        "or, 16 inputs": ([0.05] * 16, 0, 1 - 0.95**16),
        "xor": ([0.3, 0.4], 0, 0.46),
        "xnor, bipolar product": ([0.8, 0.3], 0, 0.38),
        "mux, scaled sum": ([0.2, 0.9, 0.5], 0, 0.55),
        "xor, SCC 1: subtract": ([0.3, 0.8], 1, 0.5),
        "or, SCC 1: max": ([0.3, 0.8], 1, 0.8),
        "and, SCC 1: min": ([0.3, 0.8], 1, 0.3),
        "or, SCC -1: saturated sum": ([0.3, 0.4], -1, 0.7),
        "divide, SCC 1": ([0.3, 0.6], 1, 0.5),
        "divide, independent": ([0.3, 0.6], 0, 0.5),
    }
    for name, (p, scc, meant) in points.items():
        kind = name.partition(",")[0]
        mean, variance = gates.expectation(kind, p, scc), gates.standard_error(kind, p, LENGTH, scc) ** 2
        if kind == "divide":
            # States: the last output, 0 at reset.
            stay = 1 - p[1]
            ones = p[1] * mean
            matrix = np.array([[1 - ones, ones], [1 - ones - stay, ones + stay]])
            mean, variance = chain_variance(matrix, [0, 1], LENGTH, matrix[0])
        yield Function(name, meant, mean, variance, partial(_gate, gates.GateParameters(kind, len(p)), p, scc))


def _gate(parameters: gates.GateParameters, p: list[float], scc: int, random: Random) -> float:
    numbers = random.random((len(p), LENGTH))
    if scc:
        numbers[1] = numbers[0] if scc == 1 else 1 - numbers[0]
    return float(gates.Gate(parameters).run((numbers < np.array(p)[:, None]).astype(np.int64)).mean())


def _feedback() -> Iterator[Function]:
    for kind, x, z, meant in (
        ("divide", 0.3, 0.6, 0.5),
        ("divide", 0.1, 0.4, 0.25),
        ("square root", 0.3, 1.0, 0.3**0.5),
    ):
        for width in (4, 6, 8):
            parameters = feedback.FeedbackParameters(width, kind)
            matrix, output = feedback.chain(parameters, x, z)
            # A state has the output of the clock before.
            mean, variance = chain_variance(matrix, output, LENGTH, matrix[2 << (width - 1)])
            name = f"{kind} by feedback, {x:g}" + (f" / {z:g}" if kind == "divide" else "") + f", {width} bits"
            yield Function(name, meant, mean, variance, partial(_fed_back, parameters, x, z))


def _fed_back(parameters: feedback.FeedbackParameters, x: float, z: float, random: Random) -> float:
    model = feedback.Feedback(parameters)
    inputs = _bits(random, [x, z][: parameters.inputs])
    packed = inputs[0] + 2 * inputs[-1] * (parameters.inputs == 2)
    words = random.integers(0, 1 << parameters.width, LENGTH)
    return sum(model.step(int(a), int(w)) for a, w in zip(packed, words, strict=True)) / LENGTH


def _state_machines() -> Iterator[Function]:
    for kind in ("tanh", "relu"):
        for x in (-0.2, 0.0, 0.4):
            parameters = fsm.FsmParameters(8, kind)
            p = (1 + x) / 2
            initial = np.zeros(4 * parameters.states)
            initial[2 * parameters.states : 2 * parameters.states + 2] = 1 - p, p
            mean, variance = chain_variance(*fsm.chain(parameters, x), LENGTH, initial)
            meant = (1 + (np.tanh(4 * x) if kind == "tanh" else max(x, 0.0))) / 2
            yield Function(f"{kind}, 8 states, x = {x:g}", meant, mean, variance, partial(_saturating, parameters, p))


def _saturating(parameters: fsm.FsmParameters, p: float, random: Random) -> float:
    return float(fsm.Fsm(parameters).run(_bits(random, p)[0]).mean())


def _apc_neurons() -> Iterator[Function]:
    for approximate in (False, True):
        for total in (0.0, 2.0):
            parameters = apc_neuron.ApcNeuronParameters(16, approximate=approximate)
            # Weights that are 1 leave the inputs as the products.
            p = np.full(16, (1 + total / 16) / 2)
            matrix, output = apc_neuron.chain(parameters, p)
            mean, variance = chain_variance(matrix, output, LENGTH, np.eye(len(matrix))[len(matrix) // 2])
            name = f"APC neuron, {'approximate' if approximate else 'exact'}, sum {total:g} of 16"
            yield Function(name, (1 + np.tanh(total)) / 2, mean, variance, partial(_apc_neuron, parameters, p))


def _apc_neuron(parameters: apc_neuron.ApcNeuronParameters, p: NDArray[np.float64], random: Random) -> float:
    neuron, ones = apc_neuron.ApcNeuron(parameters), 0
    weights = np.ones(len(p), np.int64)
    for products in _bits(random, p).T:
        ones += neuron.y
        neuron.step(products, weights)
    return ones / LENGTH


def _decorrelators() -> Iterator[Function]:
    for kind in ("isolator", "shuffle"):
        for depth in (4, 16):
            parameters = decorrelator.DecorrelatorParameters(depth, kind)
            moments = decorrelator.moments(parameters, 0.2, LENGTH)
            yield Function(f"{kind} of {depth}, 0.2", 0.2, *moments, partial(_decorrelated, parameters, 0.2))


def _decorrelated(parameters: decorrelator.DecorrelatorParameters, p: float, random: Random) -> float:
    words = random.integers(0, parameters.depth, LENGTH)
    return float(decorrelator.Decorrelator(parameters).run(_bits(random, p)[0], words).mean())


def _counters() -> Iterator[Function]:
    for inputs, encoding, approximate in (
        (1, "unipolar", False),
        (1, "bipolar", False),
        (1, "two-rail", False),
        (16, "unipolar", False),
        (16, "unipolar", True),
        (16, "bipolar", True),
        (16, "two-rail", True),
    ):
        parameters = counter.CounterParameters(inputs, LENGTH, encoding, approximate)
        shape = (2, inputs) if encoding == "two-rail" else (inputs,)
        p = np.linspace(0.1, 0.8, int(np.prod(shape))).reshape(shape)
        mean, variance = counter.moments(parameters, p)
        exact, _ = counter.moments(counter.CounterParameters(inputs, LENGTH, encoding), p)
        name = f"{'approximate ' if approximate else ''}counter, {inputs} inputs, {encoding}"
        sample = partial(_counted, parameters, p)
        yield Function(name, exact / LENGTH, mean / LENGTH, variance / LENGTH**2, sample)


def _counted(parameters: counter.CounterParameters, p: NDArray[np.float64], random: Random) -> float:
    return counter.Counter(parameters).total(random.random((*p.shape, LENGTH)) < p[..., None]) / LENGTH


def _generators() -> Iterator[Function]:
    for method in ("comparator", "weighted"):
        parameters = generator.GeneratorParameters(8, method=method)
        variance = 100 / 256 * 156 / 256 / LENGTH
        yield Function(
            f"generator, {method}, 100 / 256", 100 / 256, 100 / 256, variance, partial(_generated, parameters)
        )
    shape = OrLayerParameters(16, 1)
    layer, x = OrLayer(shape, [[20, -40] * 8]), np.full(16, 0.5)
    plus, minus = (float(rail[0]) for rail in layer.expectation(x))
    y = plus * (1 - minus)
    yield Function("OR neuron, two rails, 16 inputs", y, y, y * (1 - y) / LENGTH, partial(_or_neuron, layer, x))


def _generated(parameters: generator.GeneratorParameters, random: Random) -> float:
    return float(generator.Generator(parameters).streams(random.integers(0, 256, LENGTH), [100]).mean())


def _or_neuron(layer: OrLayer, x: NDArray[np.float64], random: Random) -> float:
    plus, minus = layer.run(_bits(random, x).T, random.integers(0, 256, (LENGTH, len(x))))
    return float((plus & 1 - minus).mean())


def functions() -> list[Function]:
    """All of them."""
    kinds = (_generators, _gates, _feedback, _state_machines, _apc_neurons, _decorrelators, _counters)
    return [function for kind in kinds for function in kind()]


def level(rows: list[Function]) -> float:
    """Of one test of two a row."""
    return FAMILY / (2 * len(rows))


@dataclass(frozen=True)
class Settling:
    """A feedback element far from where it settles."""

    kind: str
    width: int
    x: float
    z: float = 1.0

    @property
    def closed(self) -> float:
        """The time constant by the slope of the mean at the equilibrium, in clocks."""
        return 2**self.width / (self.z if self.kind == "divide" else 2 * self.x**0.5)

    @property
    def by_eigenvalue(self) -> float:
        """By the chain's second eigenvalue."""
        return feedback.time_constant(feedback.FeedbackParameters(self.width, self.kind), self.x, self.z)

    def clocks(self, off: float = 0.01) -> int:
        """After which the expected output stays within ``off`` of its last value."""
        parameters = feedback.FeedbackParameters(self.width, self.kind)
        matrix, output = feedback.chain(parameters, self.x, self.z)
        last, _ = chain_variance(matrix, output, 1)
        state, clock, outside = matrix[2 << (self.width - 1)], 0, 0
        while clock < 20 * self.closed:
            clock += 1
            if abs(state @ output - last) > off:
                outside = clock
            state = state @ matrix
        return outside

    def measured(self, runs: int, seed: int = 1) -> tuple[float, float]:
        """From golden runs, with its standard error: what is left to settle in two stretches, one after the other.

        A stretch is a time constant by `closed` long, and what is left falls by ``exp(-stretch / tau)`` in it. Division
        is linear and is watched from reset, the root from a time constant on, when its slope is that at the end.
        """
        parameters = feedback.FeedbackParameters(self.width, self.kind)
        stretch = round(self.closed)
        start = 0 if self.kind == "divide" else stretch
        random = np.random.default_rng(seed)
        sums = np.zeros((runs, 2))
        for run in range(runs):
            model = feedback.Feedback(parameters)
            inputs = (random.random((start + 2 * stretch, 2)) < [self.x, self.z]) @ [1, parameters.inputs == 2 and 2]
            words = random.integers(0, 1 << self.width, start + 2 * stretch).tolist()
            codes = []
            for bits, word in zip(inputs.tolist(), words, strict=True):
                codes.append(model.code)
                model.step(bits, word)
            sums[run] = np.reshape(codes[start:], (2, stretch)).sum(axis=1)
        matrix, _ = feedback.chain(parameters, self.x, self.z)
        left = sums / stretch - chain_variance(matrix, np.arange(len(matrix)) // 2, 1)[0]
        first, second = left.mean(axis=0)
        fall = np.log(first / second)
        error = (left[:, 0] / first - left[:, 1] / second).std() / runs**0.5
        return float(stretch / fall), float(stretch / fall**2 * error)


SETTLING = tuple(
    Settling(kind, width, x, z)
    for kind, x, z in (
        ("divide", 0.1, 0.8),
        ("divide", 0.1, 0.4),
        ("square root", 0.04, 1.0),
        ("square root", 0.64, 1.0),
    )
    for width in (4, 6, 8)
)


def main(runs: int = 1000) -> None:
    """Print both tables."""
    rows = functions()
    print(f"\nfunctions of independent bits from reset, N = {LENGTH}, {runs} runs of the golden model")
    print(f"each of {2 * len(rows)} tests at level {level(rows):.1e}: together {FAMILY:g}")
    print(f"{'':44s}    meant   theory: mean    s.e.   measured: mean    s.e.   p: mean  variance")
    for row in rows:
        found = row.estimates(runs)
        p = p_values(found, row.mean, row.variance)
        verdict = "" if min(p) > level(rows) else "  REFUSED"
        print(
            f"{row.name:44s} {row.meant:8.4f}   {row.mean:12.4f} {row.variance**0.5:7.4f} "
            f"{found.mean():16.4f} {((found - row.mean) ** 2).mean() ** 0.5:7.4f}   {p[0]:7.3f}  {p[1]:8.3f}{verdict}",
            flush=True,
        )
    print(
        "\nsettling of feedback from half of the range: time constant in clocks, and clocks to within 0.01 of the mean"
    )
    print("                                     closed form   eigenvalue   measured (s.e.)   within 0.01")
    for case in SETTLING:
        tau, error = case.measured(1000)
        what = f"{case.kind} {case.x:g}" + (f" / {case.z:g}" if case.kind == "divide" else "")
        print(
            f"  {what:20s} {case.width} bits {case.closed:18.1f} {case.by_eigenvalue:12.1f} "
            f"{tau:10.1f} ({error:.1f}) {case.clocks():13d}",
            flush=True,
        )


if __name__ == "__main__":
    main()
