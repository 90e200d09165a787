"""Heun's scheme for the stochastic equation of `hwpy.entropy.macrospin`, in its units, compiled.

``noise`` is the standard deviation of each component of the thermal field, held over a ``step``.
"""

import math

import numpy as np
from numba import njit

__all__ = ["passages", "relax"]


@njit(inline="always", cache=True)
def _torque(x, y, z, wx, wy, wz, damping, field, current):
    """The right-hand side: ``-m x b - alpha m x (m x b)``, in which the torque is ``alpha i m x z`` added to b."""
    bx, by, bz = wx + damping * current * y, wy - damping * current * x, wz + z + field
    cx, cy, cz = y * bz - z * by, z * bx - x * bz, x * by - y * bx
    return (
        -cx - damping * (y * cz - z * cy),
        -cy - damping * (z * cx - x * cz),
        -cz - damping * (x * cy - y * cx),
    )


@njit(inline="always", cache=True)
def _heun(x, y, z, step, damping, noise, field, current, generator):
    """One step: the thermal field is held over it and seen by predictor and corrector alike; back to length 1."""
    wx = noise * generator.standard_normal()
    wy = noise * generator.standard_normal()
    wz = noise * generator.standard_normal()
    fx, fy, fz = _torque(x, y, z, wx, wy, wz, damping, field, current)
    px, py, pz = x + step * fx, y + step * fy, z + step * fz
    gx, gy, gz = _torque(px, py, pz, wx, wy, wz, damping, field, current)
    x, y, z = x + step * (fx + gx) / 2, y + step * (fy + gy) / 2, z + step * (fz + gz) / 2
    length = math.sqrt(x * x + y * y + z * z)
    return x / length, y / length, z / length


@njit(cache=True)
def relax(spins, steps, step, damping, noise, field, current, generator):
    """``steps`` steps of each of ``spins``, shape (spins, 3), in place."""
    for k in range(len(spins)):
        x, y, z = spins[k]
        for _ in range(steps):
            x, y, z = _heun(x, y, z, step, damping, noise, field, current, generator)
        spins[k] = x, y, z


@njit(cache=True)
def passages(count, stop, step, damping, noise, field, current, generator):
    """Steps from m_z = 1 until m_z is not above ``stop``, shape (count,)."""
    taken = np.empty(count, dtype=np.int64)
    for k in range(count):
        x, y, z = 0.0, 0.0, 1.0
        n = 0
        while z > stop:
            x, y, z = _heun(x, y, z, step, damping, noise, field, current, generator)
            n += 1
        taken[k] = n
    return taken
