"""A host at the pins of `boards.serial_host`, in Amaranth's simulator."""

from amaranth.sim import Simulator

__all__ = ["through_the_pins"]


def through_the_pins(top, codes, bits, words, drive=None):
    """The 16-bit result words of a run: load words of ``bits`` bits go in, and the results come out, bit by bit."""
    result = []

    async def strobe(ctx, pin):
        for level in (1, 0):
            ctx.set(pin, level)
            await ctx.tick().repeat(4)

    async def host(ctx):
        for code in codes:
            while not ctx.get(top.load_ready):
                await ctx.tick()
            for k in range(bits):
                ctx.set(top.load_bit, code >> k & 1)
                await strobe(ctx, top.load_shift)
            await strobe(ctx, top.load_go)
        for _ in range(words):
            received = []
            for _ in range(16):
                while not ctx.get(top.result_valid):
                    await ctx.tick()
                received.append(ctx.get(top.result_bit))
                await strobe(ctx, top.result_next)
            result.append(sum(bit << k for k, bit in enumerate(received)))
        await ctx.tick().repeat(4)
        assert ctx.get(top.load_ready)
        assert not ctx.get(top.result_valid)

    simulator = Simulator(top)
    simulator.add_clock(1e-8)
    simulator.add_testbench(host)
    if drive is not None:
        simulator.add_testbench(drive, background=True)
    simulator.run()
    return result
