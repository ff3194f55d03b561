"""Columns of drawn rows as the numbers they say, and back."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.fitted.draw import Floats
from generator.forms import Form, Mixed, form_of
from generator.leaves.codec import TEXT, Codec
from generator.leaves.decode import decode
from generator.leaves.encode import moment_steps, numbers_of
from generator.schema import Column

KEPT = -1  # as ``absent``: what says no number and stays as it is


@dataclass(frozen=True)
class Said:
    """A column as numbers in steps, of which ``day`` are a day (0: it tells no moments)."""

    column: Column
    codec: Codec  # one of numbers, whatever the column is learnt as
    day: float
    low: float
    high: float

    @classmethod
    def of(cls, column: Column, codec: Codec) -> Said | None:
        """None for a column that says no numbers."""
        if codec.form not in ("labels", "number") or codec.long is not None or column.personal:
            return None
        labels, form = codec.labels, codec.written
        if labels and isinstance(labels[0], str):
            reading = form_of([label for label in labels if label not in codec.words])
            if reading is None:
                return None
            form = reading.form
            values = [one for label in labels if (one := form.read(label)) is not None]
        else:
            values = [*labels] if labels else [*codec.scale.knots.value] if codec.scale else []
        if not values:
            return None
        plain = replace(codec, form="number", labels=(), written=form)
        low, high = float(min(values)), float(max(values))
        return cls(column, plain, moment_steps(column, plain), low, high)

    def read(self, array: pa.Array | pa.ChunkedArray) -> tuple[Floats, NDArray[np.int32]]:
        """The numbers (n,) and, as in ``decode``, which of them are absent; KEPT where the cell
        says none."""
        if self.codec.written is not None:
            return self._texts(array, self.codec.written)
        chunked = pa.chunked_array([array]) if isinstance(array, pa.Array) else array
        numbers = numbers_of(self.column, chunked)
        absent = np.asarray(chunked.is_null()).astype(np.int32)
        for at, word in enumerate(self.codec.words):
            absent[(absent == 0) & (numbers == word)] = 2 + at
        return numbers, absent

    def _texts(self, array: pa.Array, form: Form) -> tuple[Floats, NDArray[np.int32]]:
        coded = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
        if not pa.types.is_dictionary(coded.type):
            coded = coded.cast(pa.string()).dictionary_encode()
        told = [form.read(text) for text in coded.dictionary.cast(pa.string()).to_pylist()]
        numbers = np.array([0.0 if one is None else float(one) for one in told] or [0.0])
        absent = np.array([KEPT if one is None else 0 for one in told] or [0], dtype=np.int32)
        gone = np.asarray(coded.is_null())
        at = np.asarray(coded.indices.fill_null(0)).astype(np.int64)
        return numbers[at], np.where(gone, 1, absent[at]).astype(np.int32)

    def write(
        self,
        numbers: Floats,
        absent: NDArray[np.int32],
        was: pa.Array | pa.ChunkedArray,
    ) -> pa.Array:
        """The column of other numbers; ``was`` is what it was read from."""
        written = decode(self.column, self.codec, numbers, np.where(absent == KEPT, 1, absent))
        kept = absent == KEPT
        if not kept.any():
            return written
        plain = was.combine_chunks() if isinstance(was, pa.ChunkedArray) else was
        kind = pa.string() if self.column.kind in TEXT else plain.type
        return pc.if_else(pa.array(kept), plain.cast(kind), written.cast(kind))

    def steps_of(self, days: NDArray[np.int64]) -> Floats:
        """Whole steps of so many days (n,); of what tells months the nearest."""
        one = len(self.codec.written.forms) if isinstance(self.codec.written, Mixed) else 1
        steps: Floats = np.rint(days * self.day / one) * one
        return steps

    def day_of(self, numbers: Floats) -> Floats:
        """The day, from 1970 on, that moments (n,) lie in."""
        days: Floats = np.floor(numbers / self.day + 1e-9)
        return days
