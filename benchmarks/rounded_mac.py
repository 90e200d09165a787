"""Rounded multiply-accumulates a second of one core: the fast MAC against its golden model, QPyTorch and gfloat.

All work on the same matrices of 16-bit numbers ``s[3][12]`` and round and saturate each step to that format. QPyTorch
(PyPI ``qtorch``) and gfloat have no such product: theirs is the loop over steps that their users write, each step one
rounding of all outputs. QPyTorch compiles itself when it is imported (PyPI ``ninja`` and a C++ compiler).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from hwpy.entropy.smtj import SmtjChain
from hwpy.low_precision.entropy import JunctionWords, LfsrWords, WordSource, XoshiroWords
from hwpy.low_precision.fast import mac_matmul, mac_words
from hwpy.low_precision.fixed import FixedFormat
from hwpy.low_precision.mac import MacParameters, mac
from hwpy.low_precision.rounding import Rounding

FORM = FixedFormat(3, 12)
BITS = 12
ROWS, INNER, COLUMNS = 64, 512, 1024
#: Of the slow ones: the first steps only.
STEPS = 16
#: The fastest counts: what else runs on the machine only slows.
REPEATS = 7


def main() -> None:
    """Prints a row for each, in CPU seconds, and the ratio of the fast MAC to the fastest of the others."""
    generator = np.random.default_rng(1)
    # Small enough that few sums saturate.
    x = generator.integers(-4096, 4096, (ROWS, INNER))
    w = generator.integers(-1024, 1024, (INNER, COLUMNS))
    fast: dict[str, float] = {}
    print(f"M MACs/s, one core; {FORM} all, each step rounded, {BITS} random bits if stochastic")
    sources: dict[str, WordSource | None] = {
        "nearest": None,
        "stochastic, a xoshiro a lane": XoshiroWords(COLUMNS, BITS),
        "stochastic, one 32-bit LFSR": LfsrWords(COLUMNS, BITS, 32, shared=True),
        "stochastic, a 32-bit LFSR a lane": LfsrWords(COLUMNS, BITS, 32),
        "stochastic, 12 junctions a lane": JunctionWords(COLUMNS, BITS, SmtjChain.from_statistics(0.5, 0.5)),
    }
    for name, source in sources.items():
        parameters = _parameters(source is not None)
        mac_matmul(parameters, x[:1], w, source)  # compiles
        fast[name] = _report(f"fast, {name}", x.size * COLUMNS, lambda p=parameters, s=source: mac_matmul(p, x, w, s))  # type: ignore[misc]
    once = MacParameters(FORM, FORM, FixedFormat(28, 24), FORM, Rounding("stochastic", BITS))
    _report(
        "fast, rounded once at the end", x.size * COLUMNS, lambda: mac_matmul(once, x, w, XoshiroWords(COLUMNS, BITS))
    )
    x, w = x[:, :STEPS], w[:STEPS]
    others = {f"golden model, {mode}": _golden(x, w, mode) for mode in ("nearest", "stochastic")}
    for mode in ("nearest", "stochastic"):
        for library, run in (("QPyTorch", _qpytorch), ("gfloat", _gfloat)):
            rate = run(x, w, mode)
            if rate:
                others[f"{library}, {mode}"] = rate
    for mode, name in (("nearest", "nearest"), ("stochastic", "stochastic, a xoshiro a lane")):
        for other, rate in others.items():
            if mode in other and "golden" not in other:
                print(f"fast / {other}: {fast[name] / rate:.0f}")


def _parameters(stochastic: bool) -> MacParameters:
    rounding = Rounding("stochastic", BITS) if stochastic else Rounding("nearest")
    return MacParameters(x=FORM, w=FORM, accumulator=FORM, output=FORM, rounding=rounding)


def _report(name: str, count: int, run: Callable[[], Any]) -> float:
    taken = []
    for _ in range(REPEATS):
        began = time.process_time()
        run()
        taken.append(time.process_time() - began)
    rate = count / min(taken) / 1e6
    print(f"  {name:40s} {rate:9.1f}", flush=True)
    return rate


def _golden(x: np.ndarray, w: np.ndarray, mode: str) -> float:
    parameters = _parameters(mode == "stochastic")
    shape = (ROWS, COLUMNS, STEPS)
    xs, ws = np.broadcast_to(x[:, None], shape), np.broadcast_to(w.T, shape)
    words = mac_words(parameters, XoshiroWords(COLUMNS, BITS), ROWS, STEPS, COLUMNS) if parameters.word_bits else None
    return _report(f"golden model, {mode}", xs.size, lambda: mac(parameters, xs, ws, words))


def _qpytorch(x: np.ndarray, w: np.ndarray, mode: str) -> float | None:
    try:
        import torch
        from qtorch.quant import fixed_point_quantize
    except (ImportError, RuntimeError, OSError) as error:
        print(f"  QPyTorch is not here ({str(error).splitlines()[0]}): pip install torch qtorch ninja")
        return None
    torch.set_num_threads(1)
    a, b = torch.tensor(FORM.from_raw(x), dtype=torch.float32), torch.tensor(FORM.from_raw(w), dtype=torch.float32)

    def run() -> torch.Tensor:
        total = torch.zeros(ROWS, COLUMNS)
        for k in range(STEPS):
            total = fixed_point_quantize(total + a[:, k, None] * b[k], FORM.width, FORM.fraction_bits, rounding=mode)
        return total

    rate = _report(f"QPyTorch, {mode}", x.size * COLUMNS, run)
    if mode == "nearest":
        _compare(np.asarray(run(), np.float64), x, w)
    return rate


def _gfloat(x: np.ndarray, w: np.ndarray, mode: str) -> float | None:
    try:
        from gfloat import Domain, FormatInfo, RoundMode, round_ndarray
    except ImportError as error:
        print(f"  gfloat is not here ({error}): pip install gfloat")
        return None
    # Without exponent bits a two's complement of gfloat is fixed point with 1 - bias integer bits.
    form = FormatInfo(
        str(FORM),
        FORM.width,
        FORM.width,
        bias=1 - FORM.integer_bits,
        is_signed=True,
        domain=Domain.Finite,
        has_nz=False,
        num_high_nans=0,
        has_subnormals=True,
        is_twos_complement=True,
    )
    a, b = FORM.from_raw(x), FORM.from_raw(w)
    generator = np.random.default_rng(1)

    def run() -> np.ndarray:
        total = np.zeros((ROWS, COLUMNS))
        for k in range(STEPS):
            exact = total + a[:, k, None] * b[k]
            if mode == "nearest":
                total = round_ndarray(form, exact, sat=True)
            else:
                words = generator.integers(0, 1 << BITS, exact.shape)
                total = round_ndarray(form, exact, RoundMode.StochasticFastest, True, words, BITS)
        return total

    rate = _report(f"gfloat, {mode}", x.size * COLUMNS, run)
    if mode == "nearest":
        _compare(run(), x, w)
    return rate


def _compare(result: np.ndarray, x: np.ndarray, w: np.ndarray) -> None:
    """How many outputs are not the fast MAC's."""
    expected = FORM.from_raw(mac_matmul(_parameters(False), x, w).astype(np.int64))
    print(f"    outputs that differ from the fast MAC's: {np.count_nonzero(result != expected)} of {result.size}")


if __name__ == "__main__":
    main()
