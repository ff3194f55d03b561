"""The values of columns as sets that can be held against each other: which keys a column holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.fingerprint import fingerprints
from generator.forms import MISSING
from generator.infer.native import as_text
from generator.schema import JOIN

Words = NDArray[np.uint64]

_DENSE = 10  # numbers of a span for each key of it, up to which others fall among them by chance
_NOUGHTS = r"^(-?\d+)\.0+$"  # a whole number as pandas writes one beside missing values


@dataclass(frozen=True)
class Held:
    """Distinct values of a column (or several together), as sorted ``words`` of 64 bits; the rows
    where it is ``filled``, and the ``rows`` of its table."""

    words: Words
    filled: int
    rows: int
    plain: bool
    """Whether the values are near each other, as running numbers are: whatever is small and whole
    may then be one of them."""
    headed: bool
    """Whether nearly all begin alike with letters (“P0001”)."""

    @property
    def sole(self) -> bool:
        """Every row has a value of its own."""
        return self.filled == self.rows == len(self.words)

    def within(self, other: Held) -> float:
        """The share of the distinct values that the other has, too."""
        if not len(self.words) or not len(other.words):
            return 0.0
        at = np.minimum(np.searchsorted(other.words, self.words), len(other.words) - 1)
        return float((other.words[at] == self.words).mean())


class Columns:
    """What the columns of an extract hold, looked at when first asked for."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self._tables = tables
        self._held: dict[tuple[str, str], Held] = {}

    def __getitem__(self, place: tuple[str, str]) -> Held:
        """A table and a column, or several joined."""
        if place not in self._held:
            self._held[place] = _held(self.texts(place[0], place[1].split(JOIN)))
        return self._held[place]

    def whole(self, table: str, column: str) -> Held:
        """A column of numbers as whole ones, however many noughts stand behind their points; as
        empty where one is not whole."""
        place = (table, f"{column}{JOIN}whole")
        if place not in self._held:
            texts = self.texts(table, [column])
            texts = pc.if_else(pc.equal(texts, "nan"), pa.scalar(None, pa.string()), texts)
            whole = _whole(texts)
            self._held[place] = _held(whole if whole.null_count == texts.null_count else whole[:0])
        return self._held[place]

    def rows(self, table: str) -> int:
        return int(self._tables[table].num_rows)

    def texts(self, table: str, columns: Sequence[str]) -> pa.ChunkedArray:
        """The values as texts; null where one is missing."""
        texts = [plain_texts(self._tables[table].column(name)) for name in columns]
        return texts[0] if len(texts) == 1 else pc.binary_join_element_wise(*texts, JOIN)


def plain_texts(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Values as texts without blanks around them; null where one is missing."""
    texts = pc.utf8_trim_whitespace(as_text(values).cast(pa.string()))
    absent = pc.is_in(texts, pa.array(MISSING))
    return pc.if_else(absent, pa.scalar(None, pa.string()), texts)


def _whole(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whole numbers as their digits; null where another is not whole."""
    plain = pc.replace_substring_regex(texts, _NOUGHTS, r"\1")
    none = pa.scalar(None, pa.string())
    return pc.if_else(pc.match_substring_regex(plain, r"^-?\d+$"), plain, none)


def _held(texts: pa.ChunkedArray) -> Held:
    distinct = pc.unique(texts.drop_null())
    found = fingerprints(distinct)
    plain, headed = _look(distinct, found.place, alone=found.alone)
    words: Words = np.unique(found.mixed())
    return Held(words, len(texts) - texts.null_count, len(texts), plain, headed)


def _look(distinct: pa.Array, place: Words, *, alone: bool) -> tuple[bool, bool]:
    if not len(distinct):
        return False, False
    numeric = pc.all(pc.match_substring_regex(distinct, r"^-?\d+$")).as_py()
    if numeric:
        numbers = distinct.cast(pa.float64())
        span = (pc.max(numbers).as_py() - pc.min(numbers).as_py()) + 1
        return bool(span <= _DENSE * len(distinct)), False
    span = int(place.max() - place.min()) + 1 if alone else 1 << 63
    headed = bool(pc.all(pc.match_substring_regex(distinct, r"^\pL")).as_py())
    return span <= _DENSE * len(distinct), headed
