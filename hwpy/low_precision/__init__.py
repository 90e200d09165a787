"""Arithmetic of few bits: number formats, rounding, and what is computed with them."""

from hwpy.low_precision.formats import quantize

__all__ = ["quantize"]
