"""How the values of one column become codes or numbers to learn from, and come back.

``labels``   few distinct values: text, truth, numbers of which each is common
``number``   numbers, days and moments, as ranks on the column's own scale
``pattern``  identifiers, free text and personal values: made anew, never replayed
``missing``  nothing but missing values
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import gcd
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.frame import scaled_of
from generator.leaves.long import Long, long_of
from generator.leaves.packed import LARGEST
from generator.leaves.pattern import pattern_of, shape_of
from generator.leaves.scale import Ranked, Scale, between, scale_of
from generator.leaves.writing import MISSING, Writing, writing_of
from generator.schema import Column, Kind
from generator.streams import Stream

if TYPE_CHECKING:
    import pandas as pd

FEW_VALUES = 256  # a numeric column of at most so many values, all common, is learnt by value
MOST_LABELS = 5000
LONGEST_LABEL = 4000  # letters; longer text is nothing to learn by value
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896  # 0001-01-01 and 9999-12-31
_DAY_MS = 86_400_000
_MOST = 999_999_999_999_999_872.0  # the largest float64 of 18 digits


@dataclass(frozen=True)
class Codec:
    """``labels`` are the stored values of a "labels" codec (text, or numbers in the memory form
    of the kind); ``scale`` is that of a "number" codec, or the straight line personal numbers and
    days are made anew on, ``writing`` how text says its numbers; ``pattern`` the template of a
    pattern: one entry a position, the characters it may have; ``long`` how whole numbers that no
    float holds are told."""

    form: str
    labels: tuple[Any, ...] = ()
    scale: Scale | None = None
    pattern: tuple[str, ...] = ()
    writing: Writing | None = None
    long: Long | None = None

    @property
    def bytes(self) -> int:
        """What one value takes in memory, about and at most."""
        if self.form == "pattern":
            return 16 + 8 * len(self.pattern)
        texts = [label for label in self.labels if isinstance(label, str)]
        return 16 + max(map(len, texts), default=0)

    def ok(self, column: Column) -> bool:
        """True when rows of ``column`` can be drawn with it."""
        text = column.kind in (Kind.TEXT, Kind.ENUM)
        if self.writing is not None and not self.writing.ok():
            return False
        if self.long is not None and not (column.kind is Kind.INTEGER and self.long.ok()):
            return False
        match self.form:
            case "missing":
                return True
            case "pattern":
                return self._pattern_ok(column, text=text)
            case "labels":
                fits = _label_ok if text else _number_ok
                return bool(self.labels) and all(fits(label) for label in self.labels)
            case "number":
                written = text == (self.writing is not None)
                return written and self.scale is not None and self.scale.ok()
        return False

    def _pattern_ok(self, column: Column, *, text: bool) -> bool:
        if self.scale is not None:
            written = text == (self.writing is not None)
            return bool(column.personal) and written and not self.pattern and self.scale.ok()
        if not text:
            return column.kind is Kind.INTEGER and not self.pattern
        signs = all(isinstance(e, str) and 0 < len(e) <= LONGEST_LABEL for e in self.pattern)
        return signs and 0 < len(self.pattern) <= LONGEST_LABEL


def _label_ok(label: Any) -> bool:
    return isinstance(label, str) and len(label) <= LONGEST_LABEL


def _number_ok(label: Any) -> bool:
    return type(label) in (int, float) and abs(label) <= LARGEST


@dataclass(frozen=True)
class Encoded:
    """A column as it is learnt: codes (n,) for "labels" (-1: missing or rare), numbers (n,) and
    where the present ones stand on the scale for "number", and which rows are missing."""

    codes: NDArray[np.int64]
    numbers: NDArray[np.float64]
    missing: NDArray[np.bool_]
    ranked: Ranked | None = None


def encode(
    column: Column, values: pa.ChunkedArray, *, k: int, stream: Stream
) -> tuple[Codec, Encoded]:
    """Choose a codec for a column of an extract and apply it.  Labels and atoms have at least
    ``k`` rows; ``stream`` orders rows of one value."""
    missing = np.array(values.is_null())
    if missing.all():
        return Codec("missing"), _coded(len(missing), missing)
    if column.personal:
        return _encode_personal(column, values, missing, k)
    if column.kind in (Kind.TEXT, Kind.ENUM):
        return _encode_text(column, values, missing, k, stream)
    if column.kind is Kind.BOOLEAN:
        truth = np.asarray(values.fill_null(False)).astype(np.int64)
        return _by_value(np.where(truth, 1.0, 0.0), missing)
    if column.unique and column.kind is Kind.INTEGER:
        return Codec("pattern"), _coded(len(missing), missing)
    if column.kind is Kind.INTEGER and (long := long_of(whole_numbers(values)[~missing])):
        return _encode_long(column, values, missing, k, stream, long)
    numbers = numbers_of(column, values)
    missing |= ~np.isfinite(numbers)
    if missing.all():
        return Codec("missing"), _coded(len(missing), missing)
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
) -> Encoded:
    return Encoded(
        np.full(n, -1, dtype=np.int64) if codes is None else codes,
        np.zeros(n) if numbers is None else numbers,
        missing,
        ranked,
    )


def _encode_text(
    column: Column,
    values: pa.ChunkedArray,
    missing: NDArray[np.bool_],
    k: int,
    stream: Stream,
) -> tuple[Codec, Encoded]:
    import pandas as pd

    texts = _objects(values)
    written = None if column.unique else _written(column, texts, missing)
    if written is not None:
        writing, numbers, absent = written
        codec, coded = _encode_numbers(column, numbers, absent, k, stream, writing)
        return codec, coded
    counts = texts.value_counts()
    common = counts[counts >= k]
    covered = common.sum() / max(counts.sum(), 1)
    many = len(common) > MOST_LABELS or max(map(len, common.index), default=0) > LONGEST_LABEL
    if column.unique or not len(common) or many or covered < 0.5:
        signs = pattern_of(texts[~missing].tolist(), k)
        return Codec("pattern", pattern=signs), _coded(len(missing), missing)
    labels = tuple(sorted(str(label) for label in common.index))
    codes = pd.Index(labels).get_indexer(pd.Index(texts.where(~missing, None))).astype(np.int64)
    codes[missing] = -1
    return Codec("labels", labels=labels), _coded(len(missing), missing, codes)


def _encode_personal(
    column: Column, values: pa.ChunkedArray, missing: NDArray[np.bool_], k: int
) -> tuple[Codec, Encoded]:
    """A shape to make new values by, and which rows are missing; nothing is learnt of the rest."""
    writing = None
    if column.kind in (Kind.TEXT, Kind.ENUM):
        texts = _objects(values)
        written = None if column.unique else _written(column, texts, missing)
        if written is None:
            shape = shape_of(set(texts[~missing].tolist()), column.personal or "", k)
            return Codec("pattern", pattern=shape), _coded(len(missing), missing)
        writing, numbers, missing = written
    elif column.unique and column.kind is Kind.INTEGER:
        return Codec("pattern"), _coded(len(missing), missing)
    else:
        numbers = numbers_of(column, values)
        missing = missing | ~np.isfinite(numbers)
    if missing.all():
        return Codec("missing"), _coded(len(missing), missing)
    line = _line(column, writing, numbers[~missing], k)
    return Codec("pattern", scale=line, writing=writing), _coded(len(missing), missing)


def _objects(values: pa.ChunkedArray) -> pd.Series[Any]:
    import pandas as pd  # most of a second that planning need not wait for

    return pd.Series(values.to_pandas().astype(object))


_CENTURY = (-7_305.0, 10_957.0)  # 1950 to 2000, where no decade is common


def _line(column: Column, writing: Writing | None, numbers: NDArray[np.float64], k: int) -> Scale:
    """A straight line between round bounds: the first and last decade that ``k`` rows lie in, or
    all numbers of as many digits as most have."""
    if column.kind is Kind.BOOLEAN:
        return between(0.0, 1.0, 0.0)
    grid = _grid(column, numbers) if writing is None else writing.step
    if column.kind in (Kind.DATE, Kind.TIMESTAMP) or (writing is not None and writing.dated):
        day = 86_400.0 if writing else float(_DAY_MS if column.kind is Kind.TIMESTAMP else 1)
        low, high = _decades(numbers / day, k)
        return between(low * day, high * day - grid, grid)
    digits = np.floor(np.log10(np.maximum(np.abs(numbers), 1e-6)))
    magnitudes, rows = np.unique(digits, return_counts=True)
    low = 10.0 ** float(magnitudes[rows.argmax()])
    if column.kind is Kind.FLOAT:
        return between(low, 10 * low, grid)
    low = max(low, 1.0)
    return between(low, max(low, 10 * low - grid), grid)


def _decades(days: NDArray[np.float64], k: int) -> tuple[float, float]:
    """First day of the first decade that ``k`` rows lie in, and of the decade after the last."""
    years = np.floor(days).astype(np.int64).astype("datetime64[D]").astype("datetime64[Y]")
    decades, rows = np.unique(years.astype(np.int64) // 10 + 197, return_counts=True)
    common = decades[rows >= k]
    if not len(common):
        return _CENTURY
    edges = (np.array([common[0], common[-1] + 1]) * 10 - 1970).astype("datetime64[Y]")
    low, high = edges.astype("datetime64[D]").astype(np.int64).tolist()
    return float(low), float(high)


def _written(
    column: Column, texts: pd.Series[Any], missing: NDArray[np.bool_]
) -> tuple[Writing, NDArray[np.float64], NDArray[np.bool_]] | None:
    """Text as numbers, where all of it says days, moments or numbers in one way of writing."""
    absent = missing | texts.isin(MISSING).to_numpy()
    if not column.nullable and absent.any():
        return None
    reading = writing_of([str(text) for text in texts[~absent].unique()])
    if reading is None:
        return None
    writing, said = reading
    numbers = np.asarray(texts.map(said).fillna(0.0), dtype=np.float64)
    return writing, numbers, absent


def _by_value(numbers: NDArray[np.float64], missing: NDArray[np.bool_]) -> tuple[Codec, Encoded]:
    """Each value is a label."""
    distinct = np.unique(numbers[~missing])
    codes = np.searchsorted(distinct, numbers).astype(np.int64)
    codes[missing] = -1
    return Codec("labels", labels=tuple(distinct.tolist())), _coded(len(missing), missing, codes)


def _encode_long(
    column: Column,
    values: pa.ChunkedArray,
    missing: NDArray[np.bool_],
    k: int,
    stream: Stream,
    long: Long,
) -> tuple[Codec, Encoded]:
    """Whole numbers beyond what floats hold: by value where most rows have a common one, as the
    keys of another table have, else as steps from an origin."""
    whole = whole_numbers(values)
    distinct, counts = np.unique(whole[~missing], return_counts=True)
    common = distinct[counts >= k]
    if len(common) <= MOST_LABELS and counts[counts >= k].sum() >= 0.5 * counts.sum():
        at = np.minimum(np.searchsorted(common, whole), len(common) - 1)
        codes = np.where((common[at] == whole) & ~missing, at, -1).astype(np.int64)
        return Codec("labels", labels=tuple(common.tolist())), _coded(len(missing), missing, codes)
    steps = np.zeros(len(whole))
    steps[~missing] = long.steps(whole[~missing])
    codec, coded = _encode_numbers(column, steps, missing, k, stream)
    return replace(codec, long=long), coded


def _encode_numbers(
    column: Column,
    numbers: NDArray[np.float64],
    missing: NDArray[np.bool_],
    k: int,
    stream: Stream,
    writing: Writing | None = None,
) -> tuple[Codec, Encoded]:
    present = numbers[~missing]
    grid = _grid(column, present) if writing is None else writing.step
    scale, ranked = scale_of(
        present,
        k=k,
        grid=grid,
        jitter=stream.uniform(0, len(numbers))[~missing],
        endings=_endings_of(column, writing, grid),
    )
    filled = np.where(missing, np.median(present), numbers)
    coded = _coded(len(missing), missing, None, filled, ranked)
    return Codec("number", scale=scale, writing=writing), coded


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


def _endings_of(
    column: Column, writing: Writing | None, grid: float
) -> tuple[tuple[float, int], ...]:
    """Habits to look for in how values end: weekdays, hours of a week or a day, last digits."""
    if column.kind is Kind.DATE:
        return ((1.0, 7),)
    if column.kind is Kind.TIMESTAMP:
        return ((3_600_000.0, 168), (3_600_000.0, 24))
    if writing is not None and writing.dated:
        return ((86_400.0, 7),) if grid == 86_400 else ((3_600.0, 168), (3_600.0, 24))
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
            return np.asarray(values.cast(pa.float64(), safe=False).fill_null(0.0))


def whole_numbers(values: pa.ChunkedArray) -> NDArray[np.int64]:
    """Whole numbers as they are, 0 where one is missing."""
    return np.asarray(values.cast(pa.int64()).fill_null(0)).astype(np.int64)


def decode(
    column: Column, codec: Codec, drawn: NDArray[Any], missing: NDArray[np.bool_]
) -> pa.Array:
    """Drawn codes or numbers (n,) as an Arrow array of the column's type."""
    if codec.form == "missing":
        return pa.nulls(len(drawn), column.arrow_type())
    if codec.form == "labels" and column.kind in (Kind.TEXT, Kind.ENUM):
        codes = pa.array(drawn.astype(np.int32), mask=missing)
        return pa.DictionaryArray.from_arrays(codes, pa.array(codec.labels, pa.string()))
    if codec.form == "labels" and column.kind is Kind.INTEGER and _exact(codec.labels):
        whole = np.array(codec.labels, dtype=np.int64)[drawn.astype(np.int64)]
        return pa.array(whole, mask=missing)
    if codec.form == "labels":
        numbers = np.array(codec.labels, dtype=np.float64)[drawn.astype(np.int64)]
    else:
        numbers = drawn
    if codec.writing is not None:
        return _texts(codec.writing, numbers, missing)
    if codec.long is not None:
        return pa.array(codec.long.told(numbers), mask=missing)
    return _arrow(column, codec, numbers, missing)


def _exact(labels: tuple[Any, ...]) -> bool:
    return all(type(label) is int and abs(label) < 1 << 63 for label in labels)


def _texts(writing: Writing, numbers: NDArray[np.float64], missing: NDArray[np.bool_]) -> pa.Array:
    distinct, codes = np.unique(numbers, return_inverse=True)
    labels = pa.array([writing.write(number) for number in distinct.tolist()], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=missing), labels)


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
            days = np.rint(np.clip(numbers, _FIRST_DAY, _LAST_DAY)).astype(np.int64)
            return arrow_column(column, days.view("datetime64[D]"), mask)
        case Kind.TIMESTAMP:
            edges = (_FIRST_DAY * _DAY_MS, (_LAST_DAY + 1) * _DAY_MS - 1)
            moments = np.rint(np.clip(numbers, *edges)).astype(np.int64)
            return arrow_column(column, moments.view("datetime64[ms]"), mask)
        case _:
            whole = np.rint(np.clip(numbers, -_MOST, _MOST)).astype(np.int64)
            return arrow_column(column, whole, mask)


def _rounded(codec: Codec, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Floats on a grid of decimals without what binary fractions leave over."""
    grid = 0.0 if codec.scale is None else codec.scale.grid
    return np.round(numbers, int(round(-np.log10(grid)))) if 0 < grid < 1 else numbers


def made_anew(column: Column, codec: Codec, first: int, last: int, stream: Stream) -> pa.Array:
    """New values of a pattern for the rows ``first`` to ``last`` (exclusive): the last positions
    count the rows through in a scattered order, so that values of a unique column differ."""
    rows = np.arange(first, last)
    if codec.scale is not None:
        ranks = (stream.bits(first, last) >> np.uint64(32)).astype(np.float64)
        return decode(column, codec, codec.scale.values(ranks), np.zeros(len(rows), dtype=bool))
    if column.kind is Kind.INTEGER:
        return pa.array(rows + 1)
    words = stream.bits(first, last)
    offset = int(stream.bits(0, 1)[0] >> np.uint64(40))
    signs = np.empty((len(rows), len(codec.pattern)), dtype="U1")
    for at, (start, stop, room) in enumerate(_chunks(codec.pattern)):
        number = (rows * _step(room) + offset) % room if not at else _mixed(words, at) % room
        for place in range(stop - 1, start - 1, -1):
            number, digit = np.divmod(number, len(codec.pattern[place]))
            signs[:, place] = np.array(list(codec.pattern[place]))[digit]
    texts = signs.view(f"U{signs.shape[1]}").ravel().tolist()
    if column.unique:
        room = _chunks(codec.pattern)[0][2]
        rounds = (rows // room).tolist()
        texts = [f"{text}-{n}" if n else text for text, n in zip(texts, rounds, strict=True)]
    return pa.array(texts, pa.string())


def _chunks(pattern: tuple[str, ...]) -> list[tuple[int, int, int]]:
    """Stretches of positions from the last backwards, (start, stop, room), each with at most
    2**40 values."""
    stretches, stop, room = [], len(pattern), 1
    for place in range(len(pattern) - 1, -1, -1):
        if room * len(pattern[place]) > 1 << 40:
            stretches.append((place + 1, stop, room))
            stop, room = place + 1, 1
        room *= len(pattern[place])
    return [*stretches, (0, stop, room)]


def _step(room: int) -> int:
    """About 0.618 of ``room`` (at most 2**20, so that products of row numbers fit), coprime."""
    step = max(1, min(int(room * 0.618), 1_048_573))
    while gcd(step, room) > 1:
        step -= 1
    return step


def _mixed(words: NDArray[np.uint64], at: int) -> NDArray[np.int64]:
    """Other numbers for each stretch of positions, in 0 to 2**62."""
    odd = np.uint64((0x9E3779B97F4A7C15 * (2 * at - 1)) % (1 << 64) | 1)
    mixed: NDArray[np.int64] = ((words * odd) >> np.uint64(2)).astype(np.int64)
    return mixed
