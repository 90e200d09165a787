"""On-line health tests of NIST SP 800-90B (2018), section 4.4: parameters, cutoffs and golden model.

Each bit of the source's words, its lane, has testers of its own, since one dead junction among many shows in no test of
whole words. A tester runs the two approved tests on a sequence of bits:

- repetition count (4.4.1): C = 1 + ceil(-log2(alpha) / H) equal bits in a row are an alarm;
- adaptive proportion (4.4.2), window W = 1024 for binary sources: C = 1 + CRITBINOM(W, 2^-H, 1 - alpha) bits equal to
  the window's first, it included, are an alarm.

A source that gives 0101... passes both. So each lane has further testers (allowed by 4.5) on x[t] xor x[t - k] for
lags k from 1: a pattern of period k is constant there. Given the past, that bit is x[t] up to a known inversion, so its
min-entropy is the bit's own and the same cutoffs keep the same false-alarm rate.

What is let through is held back by ``held`` samples, the longest time in which a repetition count at any lag finds a
constant. The start-up test (4.3) takes `startup` samples, none of which is let through.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from functools import cached_property

__all__ = ["BitTests", "Health", "HealthParameters", "proportion_cutoff", "repetition_cutoff"]


def repetition_cutoff(entropy: float, false_alarm: float) -> int:
    """1 + ceil(-log2(alpha) / H)."""
    return 1 + math.ceil(-math.log2(false_alarm) / entropy)


def proportion_cutoff(entropy: float, false_alarm: float, window: int = 1024) -> int:
    """1 + CRITBINOM(W, 2^-H, 1 - alpha): one more than the least k with P(Binomial(W, 2^-H) > k) <= alpha."""
    p = 2.0**-entropy
    tail, k = 0.0, window
    while True:
        # From the far end of the tail, where the terms are smallest.
        log_term = math.lgamma(window + 1) - math.lgamma(k + 1) - math.lgamma(window - k + 1)
        tail += math.exp(log_term + k * math.log(p) + (window - k) * math.log1p(-p))
        if tail > false_alarm:
            return k + 1
        k -= 1


@dataclass(frozen=True)
class HealthParameters:
    """Health tests of a source.

    Parameters
    ----------
    width
        Lanes: bits of the source's words, each tested by itself.
    entropy
        H, the min-entropy that is claimed for each bit, above 0 to 1.
    false_alarm
        alpha for which the cutoffs are computed; the standard recommends 2^-40 to 2^-20.
    window
        W of the adaptive proportion test; the standard has 1024 for bits.
    lags
        Largest lag k of the tests on x[t] xor x[t - k], the longest period that is found; 0 for none.
    startup
        Words that are tested before any is let through; the standard asks for 1024 at least.
    timeout
        Clocks without a word from the source, while it is asked for one, that are an alarm.

    Raises
    ------
    ValueError
        On a value out of range, or a claim so low that no window can fail.
    """

    width: int = 1
    entropy: float = 1.0
    false_alarm: float = 2.0**-20
    window: int = 1024
    lags: int = 4
    startup: int = 1024
    timeout: int = 1 << 16

    def __post_init__(self) -> None:
        for name, least in (("width", 1), ("window", 2), ("lags", 0), ("startup", 0), ("timeout", 1)):
            value = operator.index(getattr(self, name))
            object.__setattr__(self, name, value)
            if value < least:
                raise ValueError(f"health test {name} must be at least {least}, not {value!r}")
        if not 0 < self.entropy <= 1:
            raise ValueError(f"claimed min-entropy must be above 0 to 1 a bit, not {self.entropy!r}")
        if not 0 < self.false_alarm < 0.5:
            raise ValueError(f"false-alarm rate must be above 0 and below 0.5, not {self.false_alarm!r}")
        if self.proportion_cutoff > self.window:
            raise ValueError(
                f"a claim of {self.entropy!r} a bit with false alarms of {self.false_alarm!r} "
                f"lets every window of {self.window} pass"
            )

    @cached_property
    def repetition_cutoff(self) -> int:
        """Equal bits in a row that are an alarm."""
        return repetition_cutoff(self.entropy, self.false_alarm)

    @cached_property
    def proportion_cutoff(self) -> int:
        """Bits equal to the first of a window, it included, that are an alarm."""
        return proportion_cutoff(self.entropy, self.false_alarm, self.window)

    @property
    def held(self) -> int:
        """Words accepted after one before it is let through."""
        return self.repetition_cutoff - 1 + self.lags


class BitTests:
    """Both tests on one sequence of bits, which go on after they have failed.

    Attributes
    ----------
    repetition, proportion
        Whether the last bit made the count reach its cutoff.
    """

    def __init__(self, parameters: HealthParameters):
        self.parameters = parameters
        self.repetition = self.proportion = False
        self._last: int | None = None
        self._run = 0
        self._first = 0
        self._count = 0
        self._place = 0

    def step(self, bit: int) -> None:
        """One bit."""
        self._run = self._run + 1 if bit == self._last else 1
        self._last = bit
        self.repetition = self._run == self.parameters.repetition_cutoff
        if self._place == 0:
            self._first, self._count = bit, 0
        self._count += bit == self._first
        self.proportion = bit == self._first and self._count == self.parameters.proportion_cutoff
        self._place = (self._place + 1) % self.parameters.window


class Health:
    """Golden model, one clock a call of `tick`.

    Attributes
    ----------
    valid, payload
        Of the output stream.
    repetition, proportion, silence
        Why there is an alarm.
    """

    def __init__(self, parameters: HealthParameters):
        self.parameters = parameters
        self.valid = False
        self.payload = 0
        self._accepted = self._silent = 0
        self._testers: list[list[BitTests]] = []
        # The last words accepted, newest first.
        self._line = [0] * parameters.held
        self._restart()

    @property
    def alarm(self) -> bool:
        """Whether nothing is let through until `clear`."""
        return self.repetition or self.proportion or self.silence

    def input_ready(self, ready: bool) -> bool:
        """Of the input stream, given the output's ``ready``."""
        return not self.valid or ready

    def tick(self, *, word: int | None = None, ready: bool = False, clear: bool = False) -> None:
        """One clock edge: what the input stream offers (None where ``valid`` is low), and the other inputs."""
        input_ready = self.input_ready(ready)
        if self.valid and ready:
            self.valid = False
        if self.alarm:
            if clear:
                self._restart()
            if word is not None:
                self._line = [word, *self._line[:-1]]
        elif input_ready and word is None:
            self._silent += 1
            self.silence = self._silent == self.parameters.timeout
        elif input_ready:
            assert word is not None
            self._silent = 0
            self._accept(word)

    def _accept(self, word: int) -> None:
        for k, testers in enumerate(self._testers):
            sequence = word ^ self._line[k - 1] if k else word
            for lane, tester in enumerate(testers):
                tester.step(sequence >> lane & 1)
        every = [tester for testers in self._testers for tester in testers]
        self.repetition = any(tester.repetition for tester in every)
        self.proportion = any(tester.proportion for tester in every)
        if not self.alarm and self._accepted >= self.parameters.startup + self.parameters.held:
            self.valid, self.payload = True, self._line[-1]
        self._line = [word, *self._line[:-1]]
        self._accepted += 1

    def _restart(self) -> None:
        p = self.parameters
        self.repetition = self.proportion = self.silence = False
        self._accepted = self._silent = 0
        self._testers = [[BitTests(p) for _ in range(p.width)] for _ in range(p.lags + 1)]
