"""A restricted Boltzmann machine whose every random bit is from one bank of emulated junctions."""

from amaranth.hdl import Module, ResetInserter, Signal, unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hwpy.entropy.smtj_bank import SmtjBankParameters
from hwpy.ising.rbm_parameters import ROW_BITS, RbmParameters, Target
from rtl.entropy.smtj_bank import EmulatedSmtjBank
from rtl.entropy.source import EntropySource
from rtl.ising.rbm import Rbm, load_layout

__all__ = ["RbmOnBank"]


class RbmOnBank(wiring.Component):
    """`Rbm` and a bank of as many junctions as a word has bits, of which one is visited in a clock.

    The bank stands still until the machine first learns or samples: load its codes before.

    Parameters
    ----------
    parameters
        Of the machine.
    inner
        What the bank draws from, see `EmulatedSmtjBank`.

    Attributes
    ----------
    load, result
        As those of `Rbm`.
    """

    def __init__(self, parameters: RbmParameters, inner: EntropySource):
        self._bank = EmulatedSmtjBank(SmtjBankParameters(parameters.entropy_width), inner)
        self._rbm = Rbm(parameters)
        super().__init__(
            {
                "load": In(stream.Signature(load_layout(parameters))),
                "result": Out(stream.Signature(unsigned(ROW_BITS))),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.rbm = rbm = self._rbm
        awake = Signal()
        bank = self._bank
        m.submodules.bank = ResetInserter(~awake)(bank)
        wiring.connect(m, bank.stream, rbm.entropy)
        wiring.connect(m, wiring.flipped(self.result), rbm.result)
        wiring.connect(m, wiring.flipped(self.load), rbm.load)
        load = self.load.payload
        m.d.comb += [
            bank.load.valid.eq(self.load.valid & self.load.ready & (load.target == Target.JUNCTION)),
            bank.load.payload.address.eq(load.address),
            bank.load.payload.code.eq(load.data),
        ]
        with m.If(self.load.valid & ((load.target == Target.TRAIN) | (load.target == Target.SAMPLE))):
            m.d.sync += awake.eq(1)
        return m
