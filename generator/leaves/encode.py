"""Choosing the codec of a column of an extract, and applying it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.forms import MISSING, Form, Mixed, Moment, form_of, public_word
from generator.frame import scaled_of
from generator.holders import EACH_ROW, Holders
from generator.leaves.codec import LONGEST_LABEL, MOST_WORDS, TEXT, Codec, Encoded
from generator.leaves.decode import made_anew
from generator.leaves.far import far_days
from generator.leaves.long import Long, long_of
from generator.leaves.pattern import shape_of, shapes_of
from generator.leaves.places import places_of
from generator.leaves.rare import instead_of
from generator.leaves.scale import Scale, between, scale_of, stretches
from generator.leaves.years import years_of
from generator.schema import Column, Kind
from generator.streams import Stream

if TYPE_CHECKING:
    import pandas as pd

FEW_VALUES = 256  # a numeric column of at most so many values, all common, is learnt by value
MOST_LABELS = 5000
MOST_PLACES = 6  # decimal places that floats are looked at in
_DAY_MS = 86_400_000
_TEXT_COLUMN = Column("code", Kind.TEXT)
_TIME_STEPS = (86_400, 3600, 1800, 900, 300, 60, 30, 15, 1, 0.1, 0.01, 0.001, 1e-4, 1e-5, 1e-6)
_WHOLE_STEPS = (1000, 500, 100, 50, 25, 24, 20, 12, 10, 6, 5, 4, 3, 2)
_LOOKED_AT = 1000  # values by which most steps are ruled out


def encode(
    column: Column,
    values: pa.ChunkedArray,
    *,
    k: int,
    stream: Stream,
    holders: Holders = EACH_ROW,
) -> tuple[Codec, Encoded]:
    """Choose a codec for a column of an extract and apply it.  Labels and atoms are shared by at
    least ``k`` of the ``holders`` of its rows; ``stream`` orders rows of one value."""
    missing = np.array(values.is_null())
    if missing.all():
        return Codec("missing"), _coded(missing)
    if column.personal:
        return _encode_personal(column, values, missing, k, holders)
    if column.kind in TEXT:
        return _encode_text(column, values, missing, k, stream, holders)
    if column.kind is Kind.BOOLEAN:
        truth = np.asarray(values.fill_null(False)).astype(np.int64)
        return _by_value(np.where(truth, 1.0, 0.0), missing)
    if column.unique and column.kind is Kind.INTEGER:
        return Codec("pattern"), _coded(missing)
    if column.kind is Kind.INTEGER:
        if (told := _digits(column, values, missing, k, holders)) is not None:
            return _encode_told(column, told, k, stream, holders)
        if long := long_of(whole_numbers(values)[~missing]):
            return _encode_long(column, values, missing, k, stream, long, holders)
    numbers = numbers_of(column, values)
    missing |= ~np.isfinite(numbers)
    if missing.all():
        return Codec("missing"), _coded(missing)
    distinct, place = np.unique(numbers[~missing], return_inverse=True)
    shared = holders.at(~missing).number(place, len(distinct))
    if len(distinct) <= FEW_VALUES and shared.min() >= k:
        return _by_value(numbers, missing)
    return _encode_numbers(column, _Told(numbers, missing.astype(np.int64)), k, stream, holders)


def as_number(
    column: Column,
    codec: Codec,
    coded: Encoded,
    *,
    k: int,
    stream: Stream,
    holders: Holders = EACH_ROW,
) -> tuple[Codec, Encoded]:
    """A column of numbers that was learnt value by value, on a scale instead."""
    labels = np.array(codec.labels, dtype=np.float64)
    numbers = labels[np.maximum(coded.codes, 0)]
    return _encode_numbers(column, _Told(numbers, coded.absent), k, stream, holders)


def _coded(missing: NDArray[np.bool_], codes: NDArray[np.int64] | None = None) -> Encoded:
    n = len(missing)
    codes = np.full(n, -1, dtype=np.int64) if codes is None else codes
    return Encoded(codes, np.zeros(n), missing.astype(np.int64))


@dataclass(frozen=True)
class _Told:
    """A column as numbers (n,): steps of its ``form``, where it is written in one; ``absent`` as in
    ``Encoded``, ``words`` what stands there instead; ``long`` how larger numbers are told."""

    numbers: NDArray[np.float64]
    absent: NDArray[np.integer[Any]]
    form: Form | None = None
    words: tuple[Any, ...] = ()
    long: Long | None = None

    @property
    def present(self) -> NDArray[np.float64]:
        present: NDArray[np.float64] = self.numbers[self.absent == 0]
        return present


def _encode_text(
    column: Column,
    values: pa.ChunkedArray,
    missing: NDArray[np.bool_],
    k: int,
    stream: Stream,
    holders: Holders,
) -> tuple[Codec, Encoded]:
    import pandas as pd

    texts = _objects(values)
    told = None if column.unique else _told(column, texts, missing, k, holders)
    if told is not None:
        return _encode_told(column, told, k, stream, holders)
    places, distinct = pd.factorize(texts)
    rows = np.bincount(places[places >= 0], minlength=len(distinct))
    shared = holders.number(places, len(distinct)) >= k
    common = distinct[shared].tolist()
    covered = rows[shared].sum() / max(rows.sum(), 1)
    many = len(common) > MOST_LABELS or max(map(len, common), default=0) > LONGEST_LABEL
    if column.unique or not len(common) or many or covered < 0.5:
        return _codes(texts[~missing], k, holders.at(~missing)), _coded(missing)
    labels = tuple(sorted(str(label) for label in common))
    codes = pd.Index(labels).get_indexer(pd.Index(texts.where(~missing, None))).astype(np.int64)
    codes[missing] = -1
    rare = ~missing & (codes < 0)
    if not column.values and holders.count(rare) >= k:  # no closed list says what may stand there
        further = _instead(labels, texts[rare], k, stream, holders.at(rare))
        order = np.argsort(stream.uniform(0, len(codes))[rare], kind="stable")
        places = pd.Index([*labels, *further]).drop_duplicates().get_indexer(pd.Index(further))
        lots = np.empty(len(order), dtype=np.int64)
        lots[order] = np.arange(len(order)) % max(len(further), 1)
        codes[rare] = places[lots] if len(further) else -1
        labels = tuple(dict.fromkeys((*labels, *further)))
    return Codec("labels", labels=labels), _coded(missing, codes)


def _instead(
    labels: tuple[str, ...], rare: pd.Series[Any], k: int, stream: Stream, holders: Holders
) -> list[str]:
    """Labels for rows whose own is rare, each in the place of ``k`` persons' at least."""

    def invented(most: int) -> list[str]:
        absent = np.zeros(most, dtype=np.int32)
        made = made_anew(_TEXT_COLUMN, _codes(rare, k, holders), 0, most, stream, absent)
        texts: list[str] = made.to_pylist()
        return texts

    most = max(1, len(rare) // k) if holders.of is None else 1
    return instead_of(labels, rare.unique().tolist(), most, invented)


def _codes(texts: pd.Series[Any], k: int, holders: Holders) -> Codec:
    distinct, theirs = _distinct(texts, holders)
    found = shapes_of(distinct, k, theirs)
    first, *others = found.patterns
    weights = found.weights if others else ()
    return Codec("pattern", pattern=first, shapes=tuple(others), weights=weights)


def _distinct(texts: pd.Series[Any], holders: Holders) -> tuple[list[str], Holders]:
    """The distinct texts in their order, and who holds the first row of each."""
    first = ~texts.duplicated().to_numpy()
    return texts[first].tolist(), holders.at(first)


def _encode_personal(
    column: Column,
    values: pa.ChunkedArray,
    missing: NDArray[np.bool_],
    k: int,
    holders: Holders,
) -> tuple[Codec, Encoded]:
    """A shape to make new values by, and which rows are missing; nothing is learnt of the rest."""
    told = None
    if column.kind in TEXT:
        texts = _objects(values)
        told = None if column.unique else _told(column, texts, missing, k, holders)
        if told is None:
            distinct, theirs = _distinct(texts[~missing], holders.at(~missing))
            shape = shape_of(distinct, column.personal or "", k, theirs)
            return Codec("pattern", pattern=shape), _coded(missing)
    elif column.unique and column.kind is Kind.INTEGER:
        return Codec("pattern"), _coded(missing)
    else:
        numbers = numbers_of(column, values)
        missing = missing | ~np.isfinite(numbers)
        told = _Told(numbers, missing.astype(np.int64))
    if not len(told.present):
        return Codec("missing"), _coded(missing)
    line = _line(column, told.form, told.present, k, holders.at(told.absent == 0))
    codec = Codec("pattern", scale=line, written=told.form, long=told.long, words=told.words)
    return codec, Encoded(_coded(missing).codes, np.zeros(len(missing)), told.absent)


def _objects(values: pa.ChunkedArray) -> pd.Series[Any]:
    import pandas as pd  # most of a second that planning need not wait for

    return pd.Series(values.to_pandas().astype(object))


def _line(
    column: Column, form: Form | None, numbers: NDArray[np.float64], k: int, holders: Holders
) -> Scale:
    """A straight line between round bounds, all numbers of as many digits as most have; of days a
    line that is straight within years that ``k`` persons share."""
    if column.kind is Kind.BOOLEAN:
        return between(0.0, 1.0, 0.0)
    grid, _ = _grid(column, form, numbers)
    if of_day := _of_day(column, form):
        edges, shares = years_of(numbers / of_day, k, holders)
        return stretches(edges * of_day, shares, grid)
    digits = np.floor(np.log10(np.maximum(np.abs(numbers), 1e-6)))
    magnitudes, rows = np.unique(digits, return_counts=True)
    low = 10.0 ** float(magnitudes[rows.argmax()])
    if column.kind is Kind.FLOAT:
        return between(low, 10 * low, grid)
    low = max(low, 1.0)
    return between(low, max(low, 10 * low - grid), grid)


def _told(
    column: Column,
    texts: pd.Series[Any],
    missing: NDArray[np.bool_],
    k: int,
    holders: Holders,
) -> _Told | None:
    """Text as numbers, where nearly all of it says days, moments or numbers in a form.  Odd cells
    that ``k`` persons share, or that everybody writes, are words; rarer ones are missing."""
    import pandas as pd

    places, distinct = pd.factorize(texts)
    absent = (missing | pd.Index(distinct).isin(MISSING)[places]).astype(np.int64)
    rows = np.bincount(places[absent == 0], minlength=len(distinct))
    reading = form_of([str(text) for text in distinct[rows > 0]])
    if reading is None:
        return None
    shared = holders.number(np.where(absent == 0, places, -1), len(distinct))
    count = dict(zip(distinct.tolist(), shared.tolist(), strict=True))
    odd = {text: count[text] for text in reading.odd}
    words = [text for text in odd if odd[text] >= k or public_word(text)][:MOST_WORDS]
    if not column.nullable and (absent.any() or len(words) < len(odd)):
        return None
    strange = {text: words.index(text) + 2 if text in words else 1 for text in odd}
    instead = np.array([strange.get(text, 0) for text in distinct], dtype=np.int64)
    absent = np.where(absent == 0, instead[places], absent)
    whole = np.array([reading.said.get(text, 0) for text in distinct], dtype=np.int64)[places]
    long = long_of(whole[absent == 0])
    numbers = whole.astype(np.float64)
    if long is not None:
        numbers[absent == 0] = long.steps(whole[absent == 0])
    told = _Told(numbers, absent, reading.form, tuple(words), long)
    return _without_far(column, told, k, holders)


def _without_far(column: Column, told: _Told, k: int, holders: Holders) -> _Told:
    """Days beyond the reach of all others as words."""
    of_day = _of_day(column, told.form)
    if not of_day or told.long is not None:
        return told
    far, first, last = far_days(told.present, of_day, k, holders.at(told.absent == 0))
    far = far[: MOST_WORDS - len(told.words)]
    absent = told.absent.copy()
    for at, number in enumerate(far, len(told.words) + 2):
        absent[(told.absent == 0) & (told.numbers == number)] = at
    return replace(
        told,
        numbers=np.clip(told.numbers, first, last),  # a stray day would draw others after it
        absent=absent,
        words=(*told.words, *_said(column, told.form, far)),
    )


def _said(column: Column, form: Form | None, numbers: list[float]) -> list[Any]:
    """Numbers as the words of a codec."""
    if form is None:
        return numbers
    texts = [form.write(round(number)) for number in numbers]
    return texts if column.kind in TEXT else [int(text) for text in texts]


def _digits(
    column: Column,
    values: pa.ChunkedArray,
    missing: NDArray[np.bool_],
    k: int,
    holders: Holders,
) -> _Told | None:
    """Whole numbers that are days or months written without signs: 20240131, 202401."""
    whole = whole_numbers(values)
    present = whole[~missing]
    digits = len(str(present.max()))
    if digits not in (6, 8, 12, 14) or len(str(present.min())) < digits or present.min() < 0:
        return None
    distinct = np.unique(present)
    reading = form_of(distinct.astype(str).tolist())
    if reading is None or reading.odd or not isinstance(reading.form, Moment):
        return None
    said = np.array([reading.said[str(number)] for number in distinct.tolist()], np.float64)
    numbers = np.zeros(len(whole))
    numbers[~missing] = said[np.searchsorted(distinct, present)]
    told = _Told(numbers, missing.astype(np.int64), reading.form)
    return _without_far(column, told, k, holders)


def _by_value(numbers: NDArray[np.float64], missing: NDArray[np.bool_]) -> tuple[Codec, Encoded]:
    """Each value is a label."""
    distinct = np.unique(numbers[~missing])
    codes = np.searchsorted(distinct, numbers).astype(np.int64)
    codes[missing] = -1
    return Codec("labels", labels=tuple(distinct.tolist())), _coded(missing, codes)


def _encode_told(
    column: Column, told: _Told, k: int, stream: Stream, holders: Holders
) -> tuple[Codec, Encoded]:
    if not len(told.present):
        return Codec("missing"), _coded(told.absent > 0)
    return _encode_numbers(column, told, k, stream, holders)


def _encode_long(
    column: Column,
    values: pa.ChunkedArray,
    missing: NDArray[np.bool_],
    k: int,
    stream: Stream,
    long: Long,
    holders: Holders,
) -> tuple[Codec, Encoded]:
    """Whole numbers beyond what floats hold: by value where most rows have a common one, as the
    keys of another table have, else as steps from an origin."""
    whole = whole_numbers(values)
    distinct, place, counts = np.unique(whole[~missing], return_inverse=True, return_counts=True)
    shared = holders.at(~missing).number(place, len(distinct)) >= k
    common = distinct[shared]
    if len(common) <= MOST_LABELS and counts[shared].sum() >= 0.5 * counts.sum():
        at = np.minimum(np.searchsorted(common, whole), len(common) - 1)
        codes = np.where((common[at] == whole) & ~missing, at, -1).astype(np.int64)
        return Codec("labels", labels=tuple(common.tolist())), _coded(missing, codes)
    steps = np.zeros(len(whole))
    steps[~missing] = long.steps(whole[~missing])
    told = _Told(steps, missing.astype(np.int64), long=long)
    return _encode_numbers(column, told, k, stream, holders)


def _encode_numbers(
    column: Column, told: _Told, k: int, stream: Stream, holders: Holders
) -> tuple[Codec, Encoded]:
    if told.form is None:
        told = _without_far(column, told, k, holders)
    present, gone = told.present, told.absent > 0
    grid, offset = _grid(column, told.form, present) if told.long is None else (1.0, 0.0)
    scale, ranked = scale_of(
        present,
        k=k,
        grid=grid,
        offset=offset,
        jitter=stream.uniform(0, len(gone))[~gone],
        endings=_endings_of(column, told.form, grid),
        holders=holders.at(~gone),
    )
    filled = np.where(gone, np.median(present), told.numbers)
    coded = Encoded(np.full(len(gone), -1, dtype=np.int64), filled, told.absent, ranked)
    codec = Codec("number", scale=scale, written=told.form, long=told.long, words=told.words)
    return codec, coded


def day_steps(column: Column, codec: Codec) -> float:
    """Steps of a day of a column with this codec, where it counts days or moments; else 0."""
    return 0.0 if codec.form != "number" else _of_day(column, codec.written)


def moment_steps(column: Column, codec: Codec) -> float:
    """As ``day_steps``, of moments that are learnt one by one too."""
    told = codec.form == "labels" and not isinstance(codec.labels[0], str)
    return _of_day(column, codec.written) if told else day_steps(column, codec)


def _of_day(column: Column, form: Form | None) -> float:
    """Steps of a day, of what counts days or moments; 0 of what does not."""
    if form is not None:
        return 86_400 / form.seconds if form.moment else 0.0
    return {Kind.DATE: 1.0, Kind.TIMESTAMP: float(_DAY_MS)}.get(column.kind, 0.0)


def _grid(column: Column, form: Form | None, values: NDArray[np.float64]) -> tuple[float, float]:
    """The widest step that all values lie apart, and where it begins: powers of ten, fives, dozens,
    midnights, ten o'clock, minutes."""
    if column.kind is Kind.FLOAT:
        places = places_of(values, MOST_PLACES)
        return (0.0 if places is None else float(10.0**-places)), 0.0
    second = 0.0
    if form is not None:
        second = 1 / form.seconds if form.seconds else 0.0
    elif column.kind in (Kind.DATE, Kind.TIMESTAMP):
        second = 1000.0 if column.kind is Kind.TIMESTAMP else 1 / 86_400
    steps = [round(second * step) for step in _TIME_STEPS] if second else list(_WHOLE_STEPS)
    if isinstance(form, Mixed):
        steps = []
    least = values.min()
    some = values[:_LOOKED_AT] - least
    steps = [step for step in steps if step > 1 and not np.any(some % step)]
    grid = float(next((step for step in steps if not np.any((values - least) % step)), 1))
    return grid, float(least % grid)


def _endings_of(column: Column, form: Form | None, grid: float) -> tuple[tuple[float, int], ...]:
    """Habits to look for in how values end: which of several forms, weekdays, hours of a week or
    a day, last digits."""
    if isinstance(form, Mixed):
        return ((1.0, len(form.forms)),)
    of_day = _of_day(column, form)
    if of_day < 1:
        return ((grid, 100), (grid, 10))
    if grid >= of_day:
        return ((of_day, 7),) if grid == of_day else ()
    hour = of_day / 24
    return ((hour, 168), (hour, 24)) if hour >= 1 else ()


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
