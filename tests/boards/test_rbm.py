"""The restricted Boltzmann machine as it is built, through its pins."""

import numpy as np
import pytest

from boards.rbm import RbmTop, build_rbm
from hwpy.entropy.smtj_bank import SmtjBankParameters
from hwpy.ising.rbm import Rbm, RbmParameters, Target
from hwpy.ising.rbm_fast import FastRbm
from hwpy.ising.rbm_words import BankWords
from tests.serial_host import through_the_pins

P = RbmParameters(3, 2)
WEIGHTS = np.random.default_rng(1).integers(-60, 60, (4, 3))
IMAGE, SHIFT = [0, 1, 0], 7


def run(top, program, drive=None):
    """The weights after a program."""
    code_bits = 3 + P.address_bits + 16
    codes = [int(t) | address << 3 | data << 3 + P.address_bits for t, address, data in program]
    sent = np.array(through_the_pins(top, codes, code_bits, WEIGHTS.size, drive), np.uint16)
    return sent.astype(np.int16).reshape(WEIGHTS.shape)


def test_it_learns_on_its_bank_as_the_fast_engine():
    bank, chances = SmtjBankParameters(P.entropy_width), [(0.4 + k / 50, 0.45) for k in range(16)]
    fast = FastRbm(P, BankWords(bank, chances, 5))
    fast.train([IMAGE], SHIFT)
    program = [(Target.JUNCTION, *code) for code in bank.program(chances)]
    program += [*P.load_visible(IMAGE), P.train(SHIFT), (Target.READ, 0, 0)]
    assert (run(RbmTop(P, "bank", 5), program) == fast.weights).all()
    assert fast.weights.any()


def test_each_pin_is_its_bit_of_a_word():
    """Junctions that do not move: their states are the golden model's word in every clock."""
    word = 0b1011_0010_0110_1101
    program = [*P.load_weights(WEIGHTS), *P.load_visible(IMAGE), P.train(SHIFT)]
    golden = Rbm(P)
    for load in program:
        golden.tick(load=load)
    while not golden.load_ready:
        golden.tick(entropy=word)
    top = RbmTop(P, "smtj")

    async def junctions(ctx):
        ctx.set(top.smtj, word)

    assert (run(top, [*program, (Target.READ, 0, 0)], junctions) == golden.weights).all()
    assert (golden.weights != WEIGHTS).any()


def test_what_cannot_be_built_is_said_in_one_line(tmp_path):
    with pytest.raises(ValueError, match="entropy must be one of bank, smtj, not 'dice'"):
        build_rbm(P, "ulx3s-85f", "dice", tmp_path)
    with pytest.raises(ValueError, match="has 56 free pins, and this machine needs 64 for its junctions and 7"):
        build_rbm(RbmParameters(3, 2, lanes=8), "ulx3s-85f", "smtj", tmp_path)
    assert not list(tmp_path.iterdir())
