"""Values as pairs of 64-bit numbers, equal when the values are, neighbours for consecutive keys.

A text is taken apart into a head and the digits it ends with (at most 16).  ``family`` is a hash of
the head and of how many digits follow; ``place`` is a second hash of the same plus the number the
digits say.  So ``DL-0000000041`` and ``DL-0000000042`` share their family and are neighbours, a
run of keys is kept as its two ends, and two different texts are taken for one with a chance of
about n² / 2^129.  The same text has the same pair wherever it stands, beside whatever others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Truth = NDArray[np.bool_]
Rows = NDArray[np.int64]

MOST_DIGITS = 16
RUNS = 8  # runs of consecutive keys of a table up to which a key's row is arithmetic
_GLANCE = 4_096  # rows by which a column is taken for one of runs
_CELLS = 1 << 23  # letters taken apart at a time
_SEEDS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD1B54A32D192ED03))
_TURNS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_SIGN = np.uint64(1 << 63)
_INTEGER = np.uint64(0x1D8E4E27C47D124F)  # the family of all integers


@dataclass(frozen=True)
class Run:
    """Values of one family that are neighbours in order."""

    family: int
    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1

    def spread(self) -> Fingerprints:
        place = np.uint64(self.first) + np.arange(len(self), dtype=np.uint64)
        family = np.broadcast_to(np.uint64(self.family), len(self))
        return Fingerprints(family, place, np.zeros(len(self), dtype=bool), True)


@dataclass(frozen=True)
class Fingerprints:
    """``family`` and ``place`` of each row, shape (rows,); arbitrary where ``missing``.
    ``alone`` is true when all rows that are not missing are of one family."""

    family: Words
    place: Words
    missing: Truth
    alone: bool

    def __len__(self) -> int:
        return len(self.place)

    def take(self, rows: Rows | Truth | slice) -> Fingerprints:
        return Fingerprints(self.family[rows], self.place[rows], self.missing[rows], self.alone)

    def mixed(self) -> Words:
        """Both numbers stirred into one, even over all 64 bits."""
        return _stirred(self.family ^ (self.place * _TURNS[0]))

    @property
    def run(self) -> Run | None:
        """The rows as a run if they are one."""
        if not len(self) or not self.alone or self.missing.any():
            return None
        first, last = int(self.place[0]), int(self.place[-1])
        if last - first != len(self) - 1 or not bool((np.diff(self.place) == 1).all()):
            return None
        return Run(int(self.family[0]), first, last)


def fingerprints(values: pa.ChunkedArray | pa.Array) -> Fingerprints:
    """The pairs of an Arrow column of text or integers; other kinds are read as text."""
    array = _one(values)
    if pa.types.is_dictionary(array.type):
        return _of_codes(array)
    if _runs(array.slice(0, _GLANCE)):
        return _of_runs(array)
    missing = np.asarray(array.is_null())
    there = array.drop_null() if array.null_count else array
    family, place, alone = _of_there(there)
    if not array.null_count:
        return Fingerprints(family, place, missing, alone)
    filled = np.zeros((2, len(array)), dtype=np.uint64)
    filled[:, ~missing] = family, place
    return Fingerprints(filled[0], filled[1], missing, alone)


def _one(values: pa.ChunkedArray | pa.Array) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    if pa.types.is_dictionary(values.type):
        values = values.unify_dictionaries()
    whole = values.combine_chunks()
    return pa.array([], values.type) if isinstance(whole, pa.ChunkedArray) else whole


def _of_codes(array: pa.DictionaryArray) -> Fingerprints:
    labels = fingerprints(array.dictionary)
    codes = np.asarray(array.indices.fill_null(-1))
    filler = np.zeros(1, dtype=np.uint64)
    family, place = (np.append(part, filler)[codes] for part in (labels.family, labels.place))
    return Fingerprints(family, place, codes < 0, labels.alone)


def _runs(array: pa.Array) -> bool:
    """Whether rows mostly repeat the row before (the trip of an event, say)."""
    if len(array) < _GLANCE or not pa.types.is_string(array.type):
        return False
    return 4 * len(pc.run_end_encode(array).values) < len(array)


def _of_runs(array: pa.StringArray) -> Fingerprints:
    """Each run of equal texts is read once."""
    runs = pc.run_end_encode(array)
    lengths = np.diff(np.asarray(runs.run_ends), prepend=0)
    return fingerprints(runs.values).take(np.repeat(np.arange(len(lengths)), lengths))


def _of_there(array: pa.Array) -> tuple[Words, Words, bool]:
    if not len(array):
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.uint64), True
    if pa.types.is_integer(array.type):
        place = np.asarray(array.cast(pa.int64())).view(np.uint64) ^ _SIGN
        return np.broadcast_to(_INTEGER, len(array)), place, True
    offsets, letters = _letters(array)
    widths = np.diff(offsets)
    width = int(widths[0])
    if bool((widths == width).all()) and width:
        even = letters[offsets[0] : offsets[-1]].reshape(-1, width)
        alike = _of_one_shape(even)
        if alike is not None:
            return alike
    return _of_any_shape(offsets, letters, widths)


def _letters(array: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Where each text begins, and the bytes of all."""
    text = array.cast(pa.string())
    _, starts, data = text.buffers()
    offsets = np.frombuffer(starts, dtype=np.int32)[text.offset : text.offset + len(text) + 1]
    letters = np.frombuffer(data, dtype=np.uint8) if data is not None else np.zeros(0, np.uint8)
    return offsets.astype(np.int64), letters


def _of_one_shape(letters: NDArray[np.uint8]) -> tuple[Words, Words, bool] | None:
    """All texts as long as each other, with one head and digits: keys as most tables have them."""
    rows, width = letters.shape
    digits = _trailing(letters[0])
    head = letters[0, : width - digits]
    if not digits or not bool((letters[:, : width - digits] == head).all()):
        return None
    padded = np.full((rows, 16 if digits > 8 else 8), ord("0"), dtype=np.uint8)
    padded[:, padded.shape[1] - digits :] = letters[:, width - digits :]
    words = padded.view("<u8")
    number = np.zeros(rows, dtype=np.uint64)
    for column in words.T:
        said = _number_of(column)
        if said is None:
            return None
        number = number * np.uint64(10**8) + said
    family, base = _heads(head[None, :], np.array([len(head)]), np.array([digits]))
    return np.broadcast_to(family[0], rows), base[0] + number, True


def _trailing(letters: NDArray[np.uint8]) -> int:
    number = 0
    for letter in letters[::-1][:MOST_DIGITS]:
        if not ord("0") <= letter <= ord("9"):
            break
        number += 1
    return number


def _number_of(words: Words) -> Words | None:
    """The numbers that words of eight letters say; None if a letter is no digit.  Rows that
    repeat the row before (the car of an event, say) are read once."""
    starts = np.flatnonzero(words[1:] != words[:-1]) + 1
    if 2 * len(starts) >= len(words):
        return _digits_of(words)
    starts = np.append(0, starts)
    said = _digits_of(words[starts])
    lengths = np.diff(np.append(starts, len(words)))
    return None if said is None else np.repeat(said, lengths)


def _digits_of(words: Words) -> Words | None:
    """Eight ASCII digits a word, in three multiplications (after Mula and Lemire)."""
    high = np.uint64(0xF0F0F0F0F0F0F0F0)
    zeros = np.uint64(0x3030303030303030)
    beyond = (words + np.uint64(0x0606060606060606)) | words
    if not bool(((beyond & high) == zeros).all()):
        return None
    words = words - zeros
    mask = np.uint64(0x000000FF000000FF)
    pairs = words * np.uint64(10) + (words >> np.uint64(8))
    eight = (pairs & mask) * np.uint64(0x000F424000000064)
    eight += ((pairs >> np.uint64(16)) & mask) * np.uint64(0x0000271000000001)
    return eight >> np.uint64(32)


def _of_any_shape(
    offsets: NDArray[np.int64], letters: NDArray[np.uint8], widths: NDArray[np.int64]
) -> tuple[Words, Words, bool]:
    """Texts as long as each other together: no letter is looked at where a text has ended."""
    family = np.empty(len(widths), dtype=np.uint64)
    place = np.empty(len(widths), dtype=np.uint64)
    for width in np.unique(widths).tolist():
        rows = np.flatnonzero(widths == width)
        step = max(1, _CELLS // max(width, 1))
        for at in range(0, len(rows), step):
            some = rows[at : at + step]
            even = letters[offsets[some][:, None] + np.arange(width)]
            family[some], place[some] = _of_even(even)
    return family, place, bool((family == family[0]).all())


def _of_even(letters: NDArray[np.uint8]) -> tuple[Words, Words]:
    """Pairs of texts (rows, width) as long as each other, whatever their heads."""
    rows, width = letters.shape
    family = np.empty(rows, dtype=np.uint64)
    place = np.empty(rows, dtype=np.uint64)
    tail = letters[:, : -MOST_DIGITS - 1 : -1]
    digits = np.logical_and.accumulate(tail - np.uint8(ord("0")) <= 9, axis=1).sum(axis=1)
    for count in np.unique(digits).tolist():
        some = np.flatnonzero(digits == count)
        ends = width - count
        whole = letters if len(some) == rows else letters[some]
        heads = whole[:, :ends]
        heads = heads[:1] if bool((heads == heads[0]).all()) else heads
        shape = np.full(len(heads), ends), np.full(len(heads), count)
        family[some], base = _heads(heads, *shape)
        place[some] = base + _said(whole[:, ends:])
    return family, place


def _said(digits: NDArray[np.uint8]) -> Words:
    """The numbers that rows of at most sixteen digits say."""
    padded = np.full((len(digits), 16), ord("0"), dtype=np.uint8)
    padded[:, 16 - digits.shape[1] :] = digits
    high, low = (_digits_of(np.ascontiguousarray(words)) for words in padded.view("<u8").T)
    assert high is not None  # digits are all there is
    assert low is not None
    said: Words = high * np.uint64(10**8) + low
    return said


def _heads(
    letters: NDArray[np.uint8], widths: NDArray[np.int64], digits: NDArray[np.int64]
) -> tuple[Words, Words]:
    """Two hashes of each row's first ``widths`` letters (zeros beyond) and number of digits."""
    rows, width = letters.shape
    padded = np.zeros((rows, -(-max(width, 1) // 8) * 8), dtype=np.uint8)
    padded[:, :width] = letters
    words = padded.view("<u8")
    held = -(-widths // 8)
    shape = (widths * (MOST_DIGITS + 1) + digits).astype(np.uint64)
    hashes = []
    for seed, turn in zip(_SEEDS, _TURNS, strict=True):
        state = _stirred(shape * turn ^ seed)
        for at in range(words.shape[1]):
            state = np.where(at < held, _stirred((state ^ words[:, at]) * turn + seed), state)
        hashes.append(state)
    return hashes[0], hashes[1]


def _stirred(words: Words) -> Words:
    """The last steps of splitmix64: every bit depends on every other."""
    words = (words ^ (words >> np.uint64(30))) * _TURNS[0]
    words = (words ^ (words >> np.uint64(27))) * _TURNS[1]
    stirred: Words = words ^ (words >> np.uint64(31))
    return stirred


def rows_in(keys: Fingerprints, wanted: Fingerprints) -> Rows | None:
    """The row of ``keys`` that each of ``wanted`` names, -1 for none, by arithmetic; None when
    the keys are no few runs of neighbours (then they have to be looked up)."""
    if not len(keys):
        return np.full(len(wanted), -1, dtype=np.int64)
    if not keys.alone or keys.missing.any():
        return None
    breaks = np.flatnonzero(np.diff(keys.place) != 1) + 1
    edges = [0, *breaks.tolist(), len(keys)]
    if len(edges) > RUNS + 1:
        return None
    rows = np.full(len(wanted), -1, dtype=np.int64)
    able = ~wanted.missing
    if not (wanted.alone and len(wanted) and wanted.family[0] == keys.family[0] and able.all()):
        able &= wanted.family == keys.family[0]
    for first, last in reversed(list(pairwise(edges))):  # the first run wins
        away = wanted.place - keys.place[first]  # wraps to large numbers below
        inside = able & (away < np.uint64(last - first))
        rows = np.where(inside, away.astype(np.int64) + first, rows)
    return rows


@dataclass
class KeySet:
    """All values of a column so far: runs of neighbours by their ends, the others as sorted pairs
    of 64-bit numbers (16 bytes a value), in a few pieces of falling length."""

    runs: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    pieces: list[tuple[Words, Words]] = field(default_factory=list)

    def holds(self, values: Fingerprints) -> Truth:
        """True for values of the set; missing ones are not."""
        held = np.zeros(len(values), dtype=bool)
        for family, runs in self.runs.items():
            of_family = values.family == np.uint64(family)
            for first, last in runs:
                away = values.place - np.uint64(first)
                held |= of_family & (away <= np.uint64(last - first))
        if self.pieces:
            mixed = values.mixed()
            for known, places in self.pieces:
                held |= _among(mixed, values.place, known, places)
        return held & ~values.missing

    def add(self, values: Fingerprints | Run) -> Rows:
        """Take the values in; the rows among them that the set, or an earlier row, held already."""
        run = values if isinstance(values, Run) else values.run
        if run is not None:
            repeats = np.flatnonzero(self.holds(run.spread())) if self._touches(run) else _NONE
            self._add_run(run)
            return repeats
        assert isinstance(values, Fingerprints)  # a run has returned
        there = np.flatnonzero(~values.missing)
        known = there[self.holds(values.take(there))]
        mixed, place = values.mixed()[there], values.place[there]
        order = np.lexsort((there, place, mixed))
        same = (mixed[order][1:] == mixed[order][:-1]) & (place[order][1:] == place[order][:-1])
        twice = there[order[1:][same]]
        fresh = order[np.append(True, ~same)[: len(order)]]
        self._add_piece(mixed[fresh], place[fresh])
        return np.union1d(known, twice)

    def _touches(self, run: Run) -> bool:
        runs = self.runs.get(run.family, ())
        return any(a <= run.last and run.first <= b for a, b in runs) or bool(self.pieces)

    def _add_run(self, run: Run) -> None:
        runs = sorted([*self.runs.get(run.family, ()), (run.first, run.last)])
        joined = [runs[0]]
        for low, high in runs[1:]:
            if low <= joined[-1][1] + 1:
                joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
            else:
                joined.append((low, high))
        self.runs[run.family] = joined

    def _add_piece(self, mixed: Words, place: Words) -> None:
        while self.pieces and len(self.pieces[-1][0]) < 2 * len(mixed):
            known, places = self.pieces.pop()
            mixed, place = np.append(known, mixed), np.append(places, place)
            order = np.lexsort((place, mixed))
            mixed, place = mixed[order], place[order]
        if len(mixed):
            self.pieces.append((mixed, place))


_NONE = np.zeros(0, dtype=np.int64)


def _among(mixed: Words, place: Words, known: Words, places: Words) -> Truth:
    """Whether each pair is one of the sorted pairs."""
    at = np.minimum(np.searchsorted(known, mixed), len(known) - 1)
    inside: Truth = (known[at] == mixed) & (places[at] == place)
    for row in np.flatnonzero((known[at] == mixed) & ~inside):  # two values share 64 bits
        last = np.searchsorted(known, mixed[row], side="right")
        inside[row] = bool((places[at[row] : last] == place[row]).any())
    return inside
