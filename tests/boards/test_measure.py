"""One block out of context: its own cells, and an Fmax that follows its depth."""

import pytest
from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from boards.out_of_context import measure


class WideXor(wiring.Component):
    """Parity of 400 bits through one register: more ports than any package has pins."""

    a: In(400)
    y: Out(1)

    def elaborate(self, platform):
        """One level of logic, one register."""
        m = Module()
        m.d.sync += self.y.eq(self.a.xor())
        return m


class Chain(wiring.Component):
    """A register that goes through ``depth`` multiplexed inverters on its way back to itself."""

    def __init__(self, depth):
        self.depth = depth
        super().__init__({"choose": In(4 * depth), "y": Out(1)})

    def elaborate(self, platform):
        """Four steps of a parity and majority chain to a LUT4 or more."""
        m = Module()
        value = self.y
        for step in range(self.depth):
            p, q, r, s = self.choose[4 * step : 4 * step + 4]
            following = Signal(name=f"step_{step}")
            m.d.comb += following.eq((value & (p ^ q)) ^ (r | (value & s)))
            value = following
        m.d.sync += self.y.eq(value)
        return m


def test_a_block_with_more_ports_than_pins_is_measured_without_its_wrapper():
    result = measure(WideXor, "ice40", route=True)
    assert result["ff"] == 1
    # A tree of 400 inputs has 133 LUT4 at least: each takes four signals and gives one.
    assert 133 <= result["lut4"] <= 150
    assert 100 < result["fmax_mhz"] < 500


def test_fmax_falls_with_depth_and_is_the_median_over_the_seeds():
    shallow = measure(lambda: Chain(2), "ice40", route=True)
    deep = measure(lambda: Chain(20), "ice40", route=True, seeds=3)
    assert 20 < deep["fmax_mhz"] < shallow["fmax_mhz"] / 2 < 400
    assert deep["fmax_mhz"] == sorted(deep["fmax_mhz_seeds"])[1]
    assert len(set(deep["fmax_mhz_seeds"])) > 1


def test_without_routing_there_is_no_fmax():
    result = measure(lambda: Chain(2), "ice40")
    assert result["fmax_mhz"] is None
    assert result["ff"] == 1


def test_the_same_seeds_give_the_same_result():
    assert measure(lambda: Chain(3), "ecp5", route=True) == measure(lambda: Chain(3), "ecp5", route=True)


def test_no_seed_is_refused():
    with pytest.raises(ValueError, match="not 0"):
        measure(WideXor, "ice40", route=True, seeds=0)
