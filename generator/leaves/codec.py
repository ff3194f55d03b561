"""How the values of one column become codes or numbers to learn from, and come back.

``labels``   few distinct values: text, truth, numbers of which each is common
``number``   numbers, days and moments, as ranks on the column's own scale
``pattern``  identifiers, free text and personal values: made anew, never replayed
``missing``  nothing but missing values
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.forms import Form
from generator.leaves.long import Long
from generator.leaves.packed import LARGEST
from generator.leaves.scale import Ranked, Scale
from generator.schema import Column, Kind

LONGEST_LABEL = 4000  # letters; longer text is nothing to learn by value
MOST_WORDS = 100
TEXT = (Kind.TEXT, Kind.ENUM)


@dataclass(frozen=True)
class Codec:
    """``labels`` are the stored values of a "labels" codec (text, or numbers in the memory form
    of the kind); ``scale`` is that of a "number" codec, or the straight line personal numbers and
    days are made anew on, ``written`` how the column writes its numbers; ``pattern`` the template
    of a pattern: one entry a position, the characters it may have; ``shapes`` are further ones and
    ``weights`` how often each of them all comes; ``long`` how whole numbers that
    no float holds are told; ``words`` what stands where a number should (“unknown”, 9999-12-31):
    which rows have one is learnt as absence is."""

    form: str
    labels: tuple[Any, ...] = ()
    scale: Scale | None = None
    pattern: tuple[str, ...] = ()
    written: Form | None = None
    long: Long | None = None
    words: tuple[Any, ...] = ()
    shapes: tuple[tuple[str, ...], ...] = ()
    weights: tuple[int, ...] = ()

    @property
    def bytes(self) -> int:
        """What one value takes in memory, about and at most."""
        if self.form == "pattern":
            return 16 + 8 * max(map(len, (self.pattern, *self.shapes)))
        texts = [label for label in self.labels if isinstance(label, str)]
        return 16 + max(map(len, texts), default=0)

    def ok(self, column: Column) -> bool:
        """True when rows of ``column`` can be drawn with it."""
        text = column.kind in TEXT
        if self.written is not None and not self.written.ok():
            return False
        if self.long is not None and not (self._whole(column) and self.long.ok()):
            return False
        fits = _label_ok if text else _number_ok
        if len(self.words) > MOST_WORDS or not all(fits(word) for word in self.words):
            return False
        match self.form:
            case "missing":
                return True
            case "pattern":
                return self._pattern_ok(column, text=text)
            case "labels":
                return bool(self.labels) and all(fits(label) for label in self.labels)
            case "number":
                return self._told(column) and self.scale is not None and self.scale.ok()
        return False

    def _whole(self, column: Column) -> bool:
        return column.kind is Kind.INTEGER or self.written is not None

    def _told(self, column: Column) -> bool:
        """Text says its numbers in a form; whole numbers may (20240131)."""
        if column.kind is Kind.INTEGER:
            return self.written is None or self.written.digits_only
        return (column.kind in TEXT) == (self.written is not None)

    def _pattern_ok(self, column: Column, *, text: bool) -> bool:
        if self.scale is not None:
            told = self._told(column)
            return bool(column.personal) and told and not self.pattern and self.scale.ok()
        if not text:
            return column.kind is Kind.INTEGER and not self.pattern
        weights = all(type(w) is int and 0 < w < 1 << 31 for w in self.weights)
        told = len(self.weights) == (1 + len(self.shapes) if self.shapes else 0)
        few = len(self.shapes) <= MOST_WORDS
        return weights and told and few and all(map(_signs_ok, (self.pattern, *self.shapes)))


def _signs_ok(pattern: tuple[str, ...]) -> bool:
    signs = all(isinstance(e, str) and 0 < len(e) <= LONGEST_LABEL for e in pattern)
    return signs and 0 < len(pattern) <= LONGEST_LABEL


def _label_ok(label: Any) -> bool:
    return isinstance(label, str) and len(label) <= LONGEST_LABEL


def _number_ok(label: Any) -> bool:
    return type(label) in (int, float) and abs(label) <= LARGEST


@dataclass(frozen=True)
class Encoded:
    """A column as it is learnt: codes (n,) for "labels" (-1: missing or rare), numbers (n,) and
    where the present ones stand on the scale for "number"; ``absent`` (n,) is 0 where there is a
    value, 1 where it is missing, and from 2 on says which of the codec's words stands there."""

    codes: NDArray[np.integer[Any]]
    numbers: NDArray[np.float64]
    absent: NDArray[np.integer[Any]]
    ranked: Ranked | None = None
    missing: NDArray[np.bool_] = field(init=False)  # words count: no value to learn

    def __post_init__(self) -> None:
        kept = {
            "codes": slim(self.codes, np.int32),
            "numbers": slim(self.numbers, np.float64),
            "absent": slim(self.absent, np.int8),
            "missing": slim(self.absent > 0, np.bool_),
        }
        for name, values in kept.items():
            object.__setattr__(self, name, values)


def _alike(values: NDArray[Any]) -> bool:
    """Whether values (n,), n > 0, are all the same."""
    return bool((values == values[0]).all())


def slim(values: NDArray[Any], kind: Any) -> NDArray[Any]:
    """Values (n,) in a kind that holds them; of one value throughout, kept once: a million rows of
    many columns are in memory together."""
    values = np.asarray(values)
    if len(values) and values[0] == values[-1] and (not any(values.strides) or _alike(values)):
        return np.broadcast_to(values[:1].astype(kind), values.shape)
    return values.astype(kind, copy=False)
