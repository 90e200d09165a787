"""The inner loop of `boards.simulation`, compiled: a wheel of time holds the elements to look at in each unit."""

from __future__ import annotations

import numba
import numpy as np

__all__ = ["run_clocks"]


@numba.njit(cache=True)
def _ones(word):
    """Bits that are 1 (Hacker's Delight, 5-1)."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@numba.njit(cache=True)
def _lookup(value, word, fan_in, width, table, leaves):
    """One word of a table's output: halve the table by each input, the highest first."""
    size = 1 << width
    for k in range(size):
        leaves[k] = np.uint64(0) - (table >> np.uint64(k) & np.uint64(1))
    for i in range(width - 1, -1, -1):
        size >>= 1
        chooser = value[fan_in[i], word]
        for k in range(size):
            leaves[k] ^= (leaves[k] ^ leaves[k + size]) & chooser
    return leaves[0]


@numba.njit(cache=True)
def _schedule(element, when, due, wheel, waiting):
    """Look at an element at that time; gives 1, or 0 if it was to be looked at then anyway."""
    if due[element] == when:
        return 0
    due[element] = when
    slot = when % len(waiting)
    wheel[slot, waiting[slot]] = element
    waiting[slot] += 1
    return 1


@numba.njit(cache=True)
def run_clocks(value, given, places, wanted, seen, counts, skip, mask, users, first, logic, registers):
    """All clocks; False if the logic does not settle. Elements are numbered tables first."""
    _, fan_in, width, table, _ = logic
    tables = len(fan_in)
    output = np.concatenate((logic[0], registers[0]))
    delay = np.concatenate((logic[4], registers[4]))
    words = len(mask)
    leaves = np.empty(64, np.uint64)
    before = value.copy()
    loaded = np.empty((len(output) - tables, words), np.uint64)
    # A wheel of time: the elements to look at in each of the coming units.
    slots = delay.max() + 1 if len(delay) else 1
    wheel = np.empty((slots, len(output)), np.int32)
    waiting = np.zeros(slots, np.int64)
    due = np.empty(len(output), np.int64)
    following = np.empty((len(output), words), np.uint64)
    for clock in range(len(given)):
        counting = clock >= skip
        before[:] = value
        due[:] = -1
        left = 0
        if clock == 0:  # No table has looked at its inputs yet.
            for element in range(tables):
                left += _schedule(element, delay[element], due, wheel, waiting)
        for register in range(len(loaded) if clock else 0):
            for word in range(words):
                loaded[register, word] = _lookup(
                    value, word, registers[1][register], registers[2][register], registers[3][register], leaves
                )
            left += _schedule(tables + register, delay[tables + register], due, wheel, waiting)
        for i in range(len(places)):
            wire = places[i]
            changed = False
            for word in range(words):
                change = value[wire, word] ^ given[clock, i, word]
                if change:
                    changed = True
                    value[wire, word] ^= change
                    counts[0, wire] += counting * _ones(change & mask[word])
            if changed:
                for user in users[first[wire] : first[wire + 1]]:
                    left += _schedule(user, delay[user], due, wheel, waiting)
        time = 0
        while left:
            slot = time % slots
            events = waiting[slot]
            waiting[slot] = 0
            left -= events
            for i in range(events):
                element = wheel[slot, i]
                for word in range(words):
                    following[i, word] = (
                        loaded[element - tables, word]
                        if element >= tables
                        else _lookup(value, word, fan_in[element], width[element], table[element], leaves)
                    )
            for i in range(events):
                wire = output[wheel[slot, i]]
                changed = False
                for word in range(words):
                    change = value[wire, word] ^ following[i, word]
                    if change:
                        changed = True
                        value[wire, word] ^= change
                        counts[0, wire] += counting * _ones(change & mask[word])
                if changed:
                    for user in users[first[wire] : first[wire + 1]]:
                        left += _schedule(user, time + delay[user], due, wheel, waiting)
            time += 1
            if time > slots * (tables + 1):
                return False
        if counting:
            for wire in range(len(value)):
                for word in range(words):
                    counts[1, wire] += _ones((value[wire, word] ^ before[wire, word]) & mask[word])
                    counts[2, wire] += _ones(before[wire, word] & mask[word])
        for i in range(len(wanted)):
            seen[clock, i] = value[wanted[i]]
    return True
