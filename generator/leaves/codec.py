"""How the values of one column become codes or numbers to learn from, and come back.

``labels``   few distinct values: text, truth, numbers of which each is common
``number``   numbers, days and moments, as ranks on the column's own scale
``pattern``  identifiers and free text: made anew by their pattern, never replayed
``missing``  nothing but missing values
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from generator.frame import scaled_of
from generator.leaves.scale import Ranked, Scale, scale_of
from generator.schema import Column, Kind
from generator.streams import Stream

FEW_VALUES = 256  # a numeric column of at most so many values, all common, is learnt by value
MOST_LABELS = 5000


@dataclass(frozen=True)
class Codec:
    """``labels`` are the stored values of a "labels" codec (text, or numbers in the memory form
    of the kind); ``scale`` is that of a "number" codec; ``pattern`` the template of a pattern:
    one entry a position, the characters it may have."""

    form: str
    labels: tuple[Any, ...] = ()
    scale: Scale | None = None
    pattern: tuple[str, ...] = ()


@dataclass(frozen=True)
class Coded:
    """A column as it is learnt: codes (n,) for "labels" (-1: missing or rare), numbers (n,) and
    where the present ones stand on the scale for "number", and which rows are missing."""

    codes: NDArray[np.int64]
    numbers: NDArray[np.float64]
    missing: NDArray[np.bool_]
    ranked: Ranked | None = None


def encode(
    column: Column, values: pa.ChunkedArray, *, k: int, stream: Stream
) -> tuple[Codec, Coded]:
    """Choose a codec for a column of an extract and apply it.  Labels and atoms have at least
    ``k`` rows; ``stream`` orders rows of one value."""
    missing = np.asarray(values.is_null())
    if missing.all():
        return Codec("missing"), _coded(len(missing), missing)
    if column.kind in (Kind.TEXT, Kind.ENUM):
        return _encode_text(column, values, missing, k)
    if column.kind is Kind.BOOLEAN:
        truth = np.asarray(values.fill_null(False)).astype(np.int64)
        return _by_value(np.where(truth, 1.0, 0.0), missing)
    if column.unique and column.kind is Kind.INTEGER:
        return Codec("pattern"), _coded(len(missing), missing)
    numbers = numbers_of(column, values)
    counts = np.unique(numbers[~missing], return_counts=True)[1]
    if len(counts) <= FEW_VALUES and counts.min() >= k:
        return _by_value(numbers, missing)
    return _encode_numbers(column, numbers, missing, k, stream)


def _coded(
    n: int,
    missing: NDArray[np.bool_],
    codes: NDArray[np.int64] | None = None,
    numbers: NDArray[np.float64] | None = None,
    ranked: Ranked | None = None,
) -> Coded:
    return Coded(
        np.full(n, -1, dtype=np.int64) if codes is None else codes,
        np.zeros(n) if numbers is None else numbers,
        missing,
        ranked,
    )


def _encode_text(
    column: Column, values: pa.ChunkedArray, missing: NDArray[np.bool_], k: int
) -> tuple[Codec, Coded]:
    texts = pd.Series(values.to_pandas().astype(object))
    counts = texts.value_counts()
    common = counts[counts >= k]
    covered = common.sum() / max(counts.sum(), 1)
    if column.unique or not len(common) or len(common) > MOST_LABELS or covered < 0.5:
        return Codec("pattern", pattern=_pattern(texts[~missing])), _coded(len(missing), missing)
    labels = tuple(sorted(str(label) for label in common.index))
    codes = pd.Index(labels).get_indexer(texts.where(~missing, None)).astype(np.int64)
    codes[missing] = -1
    return Codec("labels", labels=labels), _coded(len(missing), missing, codes)


def _by_value(numbers: NDArray[np.float64], missing: NDArray[np.bool_]) -> tuple[Codec, Coded]:
    """Each value is a label."""
    distinct = np.unique(numbers[~missing])
    codes = np.searchsorted(distinct, numbers).astype(np.int64)
    codes[missing] = -1
    return Codec("labels", labels=tuple(distinct.tolist())), _coded(len(missing), missing, codes)


def _encode_numbers(
    column: Column,
    numbers: NDArray[np.float64],
    missing: NDArray[np.bool_],
    k: int,
    stream: Stream,
) -> tuple[Codec, Coded]:
    present = numbers[~missing]
    scale, ranked = scale_of(
        present,
        k=k,
        grid=_grid(column, present),
        jitter=stream.uniform(0, len(numbers))[~missing],
        endings=_endings_of(column, present),
    )
    filled = np.where(missing, np.median(present), numbers)
    return Codec("number", scale=scale), _coded(len(missing), missing, None, filled, ranked)


_MOMENT_STEPS = (86_400_000, 3_600_000, 60_000, 1000)
_WHOLE_STEPS = (1000, 500, 100, 50, 10, 5)


def _grid(column: Column, values: NDArray[np.float64]) -> float:
    """The widest step all values are multiples of: powers of ten, fives, midnights, minutes."""
    if column.kind is Kind.FLOAT:
        for digits in range(7):
            if np.allclose(np.round(values, digits), values, rtol=0, atol=1e-9):
                return float(10.0**-digits)
        return 0.0
    steps = _MOMENT_STEPS if column.kind is Kind.TIMESTAMP else _WHOLE_STEPS
    if column.kind is Kind.DATE:
        return 1.0
    return float(next((step for step in steps if not np.any(values % step)), 1))


def _endings_of(column: Column, values: NDArray[np.float64]) -> tuple[tuple[float, int], ...]:
    """Habits to look for in how values end: weekdays, hours of a week or a day, last digits."""
    if column.kind is Kind.DATE:
        return ((1.0, 7),)
    if column.kind is Kind.TIMESTAMP:
        return ((3_600_000.0, 168), (3_600_000.0, 24))
    grid = _grid(column, values)
    return ((grid, 100), (grid, 10))


def numbers_of(column: Column, values: pa.ChunkedArray) -> NDArray[np.float64]:
    """Values as floats in the memory form of the kind (scaled decimals, days, milliseconds)."""
    match column.kind:
        case Kind.DECIMAL:
            return scaled_of(values.cast(column.arrow_type())).astype(np.float64)
        case Kind.DATE:
            return np.asarray(values.cast(pa.int32()).fill_null(0)).astype(np.float64)
        case Kind.TIMESTAMP:
            stamps = values.cast(column.arrow_type()).cast(pa.int64()).fill_null(0)
            return np.asarray(stamps).astype(np.float64)
        case _:
            return np.asarray(values.cast(pa.float64()).fill_null(0.0))


def _pattern(texts: pd.Series) -> tuple[str, ...]:
    """Characters that may stand at each position of a value of the usual length.  A position
    keeps a character only if (nearly) all values have it there; else it is open to its class."""
    usual = Counter(texts.str.len()).most_common(1)[0][0]
    sample = texts[texts.str.len() == usual].head(5000).tolist()
    found = []
    for place in range(min(int(usual), 64)):
        here = Counter(text[place] for text in sample)
        first, count = here.most_common(1)[0]
        if count >= 0.98 * len(sample) and len(sample) >= 10:
            found.append(first)
        elif all(sign.isdigit() for sign in here):
            found.append("0123456789")
        elif all(sign.isupper() for sign in here if sign.isalpha()):
            found.append("ABCDEFGHJKLMNPRSTUVWXYZ")
        else:
            found.append("abcdefghijklmnopqrstuvwxyz")
    return tuple(found) or ("0123456789",)


def decode(
    column: Column, codec: Codec, drawn: NDArray[Any], missing: NDArray[np.bool_]
) -> pa.Array:
    """Drawn codes or numbers (n,) as an Arrow array of the column's type."""
    if codec.form == "missing":
        return pa.nulls(len(drawn), column.arrow_type())
    if codec.form == "labels" and column.kind in (Kind.TEXT, Kind.ENUM):
        codes = pa.array(drawn.astype(np.int32), mask=missing)
        return pa.DictionaryArray.from_arrays(codes, pa.array(codec.labels, pa.string()))
    if codec.form == "labels":
        numbers = np.array(codec.labels, dtype=np.float64)[drawn.astype(np.int64)]
    else:
        numbers = drawn
    return _arrow(column, codec, numbers, missing)


def _arrow(
    column: Column, codec: Codec, numbers: NDArray[np.float64], missing: NDArray[np.bool_]
) -> pa.Array:
    from generator.frame import arrow_column

    mask = missing if missing.any() else None
    match column.kind:
        case Kind.BOOLEAN:
            return pa.array(numbers > 0.5, mask=mask)
        case Kind.FLOAT:
            return pa.array(_rounded(codec, numbers), mask=mask)
        case Kind.DATE:
            days = np.rint(numbers).astype(np.int64).view("datetime64[D]")
            return arrow_column(column, days, mask)
        case Kind.TIMESTAMP:
            return arrow_column(
                column, np.rint(numbers).astype(np.int64).view("datetime64[ms]"), mask
            )
        case _:
            return arrow_column(column, np.rint(numbers).astype(np.int64), mask)


def _rounded(codec: Codec, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Floats on a grid of decimals without what binary fractions leave over."""
    grid = 0.0 if codec.scale is None else codec.scale.grid
    return np.round(numbers, int(round(-np.log10(grid)))) if 0 < grid < 1 else numbers


def made_anew(column: Column, codec: Codec, rows: NDArray[np.int64], offset: int) -> pa.Array:
    """New values of a pattern for row numbers (n,), all different while the pattern has room."""
    if column.kind is Kind.INTEGER:
        return pa.array(rows + 1)
    sizes = [len(signs) for signs in codec.pattern]
    room = 1
    for size in sizes:
        room = min(room * size, 1 << 62)
    step = next(s for s in (2_654_435_761, 40_503, 7, 1) if np.gcd(s, room) == 1)
    number = [(int(row) * step + offset) % room for row in rows]
    texts = []
    for value, row in zip(number, rows.tolist(), strict=True):
        rest, signs = value, []
        for signs_here in reversed(codec.pattern):
            rest, at = divmod(rest, len(signs_here))
            signs.append(signs_here[at])
        tail = f"-{row // room}" if row >= room else ""
        texts.append("".join(reversed(signs)) + tail)
    return pa.array(texts, pa.string())
