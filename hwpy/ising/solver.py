"""Anneals an instance on an emulated p-bit array, at one of three levels of execution."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hwpy.entropy.lfsr import Lfsr
from hwpy.entropy.planes import LfsrPlanes, SmtjPlanes, XoshiroPlanes, lfsr_seeds, pool_register
from hwpy.ising import schedule as schedules
from hwpy.ising.array import PBitArray, PBitArrayParameters, Phase, Target
from hwpy.ising.fast import FastArray, unpack
from hwpy.ising.model import IsingModel

ENTROPY = ("lfsr", "xoshiro", "smtj")
ENGINES = ("golden", "fast", "rtl")
#: Distinct field magnitudes that one array's noise is compared with; weights are rounded to stay below.
MAX_LEVELS = 256
#: Sampled four mean dwell times apart, a fair junction has moved with P = (1 - exp(-8)) / 2.
SMTJ_ESCAPE = (round(65536 * (1 - np.exp(-8)) / 2),) * 2
#: Words of 64 replicas that one thread works on: their state stays in its cache.
BLOCK_WORDS = 8


def array_for(model: IsingModel, entropy: str = "lfsr", **options) -> PBitArrayParameters:
    """The array that `solve` emulates for a model.

    Where the local fields take more than `MAX_LEVELS` magnitudes, its couplings are rounded to the coarsest
    grid that keeps them below; energies are still reckoned with the couplings as given.
    """
    spread = "direct" if entropy == "xoshiro" else "pairs"
    return PBitArrayParameters(_rounded(model), spread=spread, track_best=True, **options)


def _rounded(model: IsingModel) -> IsingModel:
    indptr, _, weights = model.neighbours()
    heights = np.abs(model.field).astype(np.int64)
    np.add.at(heights, np.repeat(np.arange(model.nodes), np.diff(indptr)), np.abs(weights))
    top = int(heights.max(initial=0))
    if top <= MAX_LEVELS:
        return model
    factor = MAX_LEVELS / top
    while True:
        coupling = np.rint(model.coupling * factor).astype(np.int64)
        field = np.rint(model.field * factor).astype(np.int64)
        keep = coupling != 0
        rounded = replace(
            model,
            row=model.row[keep],
            col=model.col[keep],
            coupling=coupling[keep],
            field=field,
            scale=model.scale / factor,
        )
        if len(PBitArrayParameters(rounded, steps=1).levels) <= MAX_LEVELS:
            return rounded
        factor *= 0.8


def entropy_planes(parameters: PBitArrayParameters, entropy: str, seed: int, replicas: range):
    """The entropy of `replicas` of an array, in planes."""
    noise = parameters.noise
    if entropy == "lfsr":
        return LfsrPlanes(noise.pool_width, noise.pools, seed, replicas)
    if entropy == "xoshiro":
        return XoshiroPlanes(noise.entropy_width, seed, replicas)
    if entropy == "smtj":
        return SmtjPlanes(noise.entropy_width, SMTJ_ESCAPE, seed, replicas)
    raise ValueError(f"entropy must be one of {', '.join(ENTROPY)}, not {entropy!r}")


def entropy_stream(parameters: PBitArrayParameters, entropy: str, seed: int, replica: int):
    """The same bits for one replica, a uint8[entropy_width] array a clock."""
    noise = parameters.noise
    if entropy == "lfsr":
        registers = [
            Lfsr(pool_register(noise.pool_width), state)
            for state in lfsr_seeds(noise.pool_width, noise.pools, seed, range(replica, replica + 1))[0]
        ]
        while True:
            yield np.concatenate([_bits(lfsr.words(1)[0], noise.pool_width) for lfsr in registers])
    first = replica - replica % 64
    planes = entropy_planes(parameters, entropy, seed, range(first, replica + 1))
    while True:
        yield unpack(planes.planes[: noise.entropy_width], replica - first + 1)[:, -1].astype(np.uint8)
        planes.step()


def _bits(word: int, width: int) -> NDArray[np.uint8]:
    octets = np.frombuffer(word.to_bytes(-(-width // 8), "little"), np.uint8)
    return np.unpackbits(octets, bitorder="little")[:width]


def solve(
    model: IsingModel,
    *,
    entropy: str = "lfsr",
    engine: str = "fast",
    sweeps: int = 2000,
    replicas: int = 256,
    beta_start: float | None = None,
    beta_end: float | None = None,
    schedule: str = "geometric",
    seed: int = 1,
    fresh_bits: int = 8,
    progress: Callable[[float], None] | None = None,
) -> dict:
    """Anneals `replicas` copies of the array and reports the best state that any of them saw.

    The same arguments give the same states on any engine and any number of cores. `sweeps` is rounded up to
    a whole number of sweeps in each of at most 256 steps of the schedule.

    Returns
    -------
    dict
        `nodes, edges, energy, state` (+-1 in the file's node order), `energies` (the last energy of each
        replica), `flips` (p-bit updates), `seconds`, `flips_per_second`, `sweeps`, `beta_start`, `beta_end`
        and the arguments; `cut` where the model is a Max-Cut problem.
    """
    for name, value, least in (("sweeps", sweeps, 1), ("replicas", replicas, 1)):
        if value < least:
            raise ValueError(f"{name} must be at least {least}, not {value!r}")
    if engine not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, not {engine!r}")
    array = array_for(model, entropy, fresh_bits=fresh_bits, dither_bits=16 - fresh_bits)
    low, high = schedules.default_range(model)
    start = beta_start if beta_start is not None else min(low, beta_end if beta_end is not None else low)
    end = beta_end if beta_end is not None else max(high, start)
    steps, each = schedules.split_sweeps(sweeps, min(array.steps, max(1, (1 << 16) // max(1, len(array.levels)))))
    # The array's couplings are integers: its beta is per LSB.
    betas = [b * array.model.scale for b in schedules.betas(start, end, steps, schedule)]

    began = time.perf_counter()
    if engine == "fast":
        last, state = _fast(array, betas, each, entropy, seed, replicas, progress)
    else:
        last, state = _one_by_one(engine, array, betas, each, entropy, seed, replicas, progress)
    seconds = time.perf_counter() - began
    flips = model.nodes * steps * each * replicas
    return {
        "nodes": model.nodes,
        "edges": len(model.row),
        "energy": float(model.energy(state)),
        "state": state.tolist(),
        "energies": [float(e) for e in last],
        "flips": flips,
        "seconds": seconds,
        "flips_per_second": flips / seconds,
        "entropy": entropy,
        "engine": engine,
        "seed": seed,
        "sweeps": steps * each,
        "replicas": replicas,
        "beta_start": start,
        "beta_end": end,
        "schedule": schedule,
    }


def _fast(array, betas, sweeps, entropy, seed, replicas, progress):
    words = -(-replicas // 64)
    threads = os.cpu_count() or 1
    block = max(1, min(BLOCK_WORDS, -(-words // threads)))
    ranges = [range(64 * w, min(64 * (w + block), replicas)) for w in range(0, words, block)]
    done = [0.0] * len(ranges)
    stop = threading.Event()

    def run(k):
        fast = FastArray(array, entropy_planes(array, entropy, seed, ranges[k]))

        def report(fraction):
            done[k] = fraction
            if stop.is_set():
                raise InterruptedError

        fast.anneal(betas, sweeps, report)
        n = len(ranges[k])
        lane = int(np.argmin(fast.best_energy[:n]))
        state = unpack(fast.best_spins, n)[:, lane]
        return fast.energy[:n].copy(), int(fast.best_energy[lane]), np.where(state, 1, -1).astype(np.int8)

    with ThreadPoolExecutor(threads) as pool:
        jobs = [pool.submit(run, k) for k in range(len(ranges))]
        try:
            pending = set(jobs)
            while pending:
                _, pending = wait(jobs, timeout=0.1)
                if progress is not None:
                    progress(sum(done) / len(done))
        finally:
            stop.set()
        parts = [job.result() for job in jobs]
    best = min(range(len(parts)), key=lambda k: parts[k][1])
    last = _unscaled(array, np.concatenate([part[0] for part in parts]))
    return last, parts[best][2]


def _unscaled(array: PBitArrayParameters, energies: NDArray) -> NDArray:
    return energies * array.model.scale + array.model.offset


def run_golden(array, betas, sweeps, entropy, seed, replica) -> PBitArray:
    """One replica on the golden model, from reset to the first word of its results."""
    golden = PBitArray(array)
    for word in [*array.program(betas, sweeps), (Target.START, 0, 0)]:
        golden.tick(load=word)
    stream = entropy_stream(array, entropy, seed, replica)
    while golden.phase != Phase.READ:
        golden.tick(entropy=next(stream))
    golden.tick()  # looks at the last state
    return golden


def golden_run(array, betas, sweeps, entropy, seed, replica):
    """One replica on the golden model: last energy, best energy (both in LSB) and best state."""
    golden = run_golden(array, betas, sweeps, entropy, seed, replica)
    state = np.where(golden.spins, 1, -1).astype(np.int8)
    best = np.where(golden.best_spins, 1, -1).astype(np.int8)
    return int(array.model.integer_energy(state)), golden.best_energy, best


def _one_by_one(engine, array, betas, sweeps, entropy, seed, replicas, progress):
    if engine == "rtl":
        # The hardware is only reached through the benches, which import this package.
        from importlib import import_module

        run = import_module("sim.ising.run_array").rtl_run
    else:
        run = golden_run
    runs = []
    for r in range(replicas):
        runs.append(run(array, betas, sweeps, entropy, seed, r))
        if progress is not None:
            progress((r + 1) / replicas)
    best = min(range(replicas), key=lambda r: runs[r][1])
    return _unscaled(array, np.array([run[0] for run in runs])), runs[best][2]
