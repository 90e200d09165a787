"""Health tests: every port in every clock, with good bits, faults of each kind, clears, and stalls on both sides."""

import random

import cocotb
from cocotb.triggers import FallingEdge, ReadOnly

from hwpy.entropy import health as golden
from sim.runner import bench_parameters
from sim.streams import STALLS, Monitor, Sink, Source, pattern, start_clock

# Small windows and frequent alarms, so that every test fails often; the last case is the default block.
CASES: tuple[dict, ...] = (
    {"false_alarm": 0.01, "window": 32, "startup": 40, "lags": 3, "timeout": 12},
    {"width": 3, "false_alarm": 0.001, "entropy": 0.8, "window": 50, "startup": 0, "lags": 0, "timeout": 7},
    {"width": 2, "false_alarm": 2**-12, "window": 100, "startup": 100, "lags": 2, "timeout": 20},
    {},
)


def make(case):
    """The block of one case."""
    from rtl.entropy.health import Health

    return Health(golden.HealthParameters(**case))


def words(parameters, numbers, count):
    """Fair words, with stretches in which one lane sticks, repeats a pattern, or is biased."""
    found: list[int] = []
    while len(found) < count:
        lane = numbers.randrange(parameters.width)
        repeated = [numbers.getrandbits(1) for _ in range(numbers.randint(1, parameters.lags + 2))]
        bias = numbers.choice((0.7, 0.9))
        kind = numbers.choice(("fair", "pattern", "biased"))
        for i in range(numbers.randint(1, parameters.window + parameters.startup + 2 * parameters.held)):
            bit = {"fair": numbers.getrandbits(1), "pattern": repeated[i % len(repeated)]}.get(
                kind, int(numbers.random() < bias)
            )
            found.append(numbers.getrandbits(parameters.width) & ~(1 << lane) | bit << lane)
    return found


@cocotb.test()
@cocotb.parametrize(
    stalls=[*(("never", output) for output in STALLS), *((source, "random") for source in STALLS)],
)
async def ports_are_golden_every_clock(dut, stalls):
    parameters = golden.HealthParameters(**bench_parameters())
    numbers = random.Random(f"{parameters} {stalls}")
    model = golden.Health(parameters)
    clocks = min(6 * (parameters.startup + parameters.window), 3000)
    dut.clear.value = 0
    await start_clock(dut)
    source = Source(dut, "input", words(parameters, numbers, clocks), _silences(stalls[0], parameters, numbers))
    sink = Sink(dut, "stream", pattern(stalls[1], seed=8))
    Monitor(dut, "stream")
    for clock in range(clocks):
        await FallingEdge(dut.clk)
        clear = numbers.random() < 0.05
        dut.clear.value = int(clear)
        await ReadOnly()
        where = f"clock {clock}"
        ready = bool(sink.ready.value)
        assert bool(sink.valid.value) == model.valid, where
        assert int(sink.payload.value) == model.payload, where
        assert bool(source.ready.value) == model.input_ready(ready), where
        for name in ("alarm", "repetition", "proportion", "silence"):
            assert bool(getattr(dut, name).value) == getattr(model, name), f"{where}: {name}"
        assert not (dut.alarm.value and sink.valid.value), where
        model.tick(word=int(source.payload.value) if source.valid.value else None, ready=ready, clear=clear)


def _silences(name, parameters, numbers):
    """A stall pattern, broken now and then by about as many stalls as the timeout has clocks."""
    for go in pattern(name, seed=9):
        if numbers.random() < 0.01 and parameters.timeout < 100:
            yield from [0] * numbers.randint(parameters.timeout - 2, parameters.timeout + 2)
        yield go
