"""From drawn codes and numbers back to the values of a column."""

from __future__ import annotations

from math import gcd
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.frame import arrow_column
from generator.leaves.codec import TEXT, Codec
from generator.schema import Column, Kind
from generator.streams import Stream

_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896  # 0001-01-01 and 9999-12-31
_DAY_MS = 86_400_000
_FURTHEST = float(1 << 62)
_MOST = 999_999_999_999_999_872.0  # the largest float64 of 18 digits


def decode(
    column: Column, codec: Codec, drawn: NDArray[Any], absent: NDArray[np.int32]
) -> pa.Array:
    """Drawn codes or numbers (n,) as an Arrow array of the column's type.  ``absent`` (n,) is 1
    where a value is missing, from 2 on the number of a word that stands in its place, else 0."""
    missing = absent == 1
    if codec.form == "missing":
        return pa.nulls(len(drawn), column.arrow_type())
    if codec.form == "labels" and column.kind in TEXT:
        codes = pa.array(drawn.astype(np.int32), mask=missing)
        return pa.DictionaryArray.from_arrays(codes, pa.array(codec.labels, pa.string()))
    if codec.form == "labels" and column.kind is Kind.INTEGER and _exact(codec.labels):
        whole = np.array(codec.labels, dtype=np.int64)[drawn.astype(np.int64)]
        return pa.array(whole, mask=missing)
    if codec.form == "labels":
        numbers = np.array(codec.labels, dtype=np.float64)[drawn.astype(np.int64)]
    else:
        numbers = drawn
    if codec.written is not None:
        texts = _texts(codec, numbers, absent)
        return texts if column.kind in TEXT else texts.cast(pa.string()).cast(pa.int64())
    if codec.long is not None:
        return pa.array(codec.long.told(numbers), mask=missing)
    if codec.words:
        numbers = np.where(absent > 1, np.array([0.0, 0.0, *codec.words])[absent], numbers)
    return _arrow(column, codec, numbers, missing)


def _exact(labels: tuple[Any, ...]) -> bool:
    return all(type(label) is int and abs(label) < 1 << 63 for label in labels)


def _texts(codec: Codec, numbers: NDArray[np.float64], absent: NDArray[np.int32]) -> pa.Array:
    """Each distinct number is written once; words stand after them."""
    assert codec.written is not None
    distinct, codes = np.unique(numbers, return_inverse=True)
    if codec.long is None:
        whole = np.rint(np.clip(distinct, -_FURTHEST, _FURTHEST)).astype(np.int64)
    else:
        whole = codec.long.told(distinct)
    labels = [codec.written.write(number) for number in whole.tolist()] + list(
        map(_word, codec.words)
    )
    codes = np.where(absent > 1, len(distinct) + absent - 2, codes)
    coded = pa.array(codes.astype(np.int32), mask=absent == 1)
    return pa.DictionaryArray.from_arrays(coded, pa.array(labels, pa.string()))


def _word(word: Any) -> str:
    """Of numbers in a form (20240131) the word is a number, too."""
    return word if isinstance(word, str) else str(int(word))


def _arrow(
    column: Column, codec: Codec, numbers: NDArray[np.float64], missing: NDArray[np.bool_]
) -> pa.Array:
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


def made_anew(
    column: Column,
    codec: Codec,
    first: int,
    last: int,
    stream: Stream,
    absent: NDArray[np.int32],
) -> pa.Array:
    """New values of a pattern for the rows ``first`` to ``last`` (exclusive), ``absent`` as in
    ``decode``: the last positions count the rows through in a scattered order, so that values of a
    unique column differ."""
    rows = np.arange(first, last)
    if codec.scale is not None:
        ranks = (stream.bits(first, last) >> np.uint64(32)).astype(np.float64)
        return decode(column, codec, codec.scale.values(ranks), absent)
    made = (
        pa.array(rows + 1) if column.kind is Kind.INTEGER else _spelt(column, codec, rows, stream)
    )
    if not absent.any():
        return made
    return pc.if_else(pa.array(absent > 0), pa.scalar(None, made.type), made)


def _spelt(column: Column, codec: Codec, rows: NDArray[np.int64], stream: Stream) -> pa.Array:
    """Codes in the shapes of the column, each shape with its share of the rows."""
    first, last = int(rows[0]), int(rows[-1]) + 1
    words = stream.bits(first, last)
    offset = int(stream.bits(0, 1)[0] >> np.uint64(40))
    upto = np.cumsum(codec.weights or (1,))
    lots = (_mixed(words, 1 << 20) >> 31) % upto[-1]
    shape = np.searchsorted(upto, lots, side="right")
    patterns = (codec.pattern, *codec.shapes)
    if column.unique:
        shape = _with_room(shape, rows, patterns, codec.weights or (1,))
    texts = np.empty(len(rows), dtype=object)
    for at, pattern in enumerate(patterns):
        mine = np.flatnonzero(shape == at)
        texts[mine] = _codes(pattern, rows[mine], words[mine], offset, unique=column.unique)
    return pa.array(texts, pa.string())


def _codes(
    pattern: tuple[str, ...],
    rows: NDArray[np.int64],
    words: NDArray[np.uint64],
    offset: int,
    *,
    unique: bool,
) -> list[str]:
    signs = np.empty((len(rows), len(pattern)), dtype="U1")
    for at, (start, stop, room) in enumerate(_chunks(pattern)):
        number = (rows * _step(room) + offset) % room if not at else _mixed(words, at) % room
        for place in range(stop - 1, start - 1, -1):
            number, digit = np.divmod(number, len(pattern[place]))
            signs[:, place] = np.array(list(pattern[place]))[digit]
    texts: list[str] = signs.view(f"U{signs.shape[1]}").ravel().tolist()
    room = _chunks(pattern)[0][2]
    if unique and len(rows) and int(rows[-1]) >= room:
        rounds = (rows // room).tolist()
        return [_counted_on(text, pattern, n) for text, n in zip(texts, rounds, strict=True)]
    return texts


def _with_room(
    shape: NDArray[np.int64],
    rows: NDArray[np.int64],
    patterns: tuple[tuple[str, ...], ...],
    weights: tuple[int, ...],
) -> NDArray[np.int64]:
    """A row beyond what its shape has room for takes the commonest shape that has, else the one
    with most."""
    rooms = np.array([_room(pattern) for pattern in patterns])
    beyond = rows >= rooms[shape]
    instead = np.full(len(rows), rooms.argmax())
    for at in np.argsort(weights, kind="stable"):
        instead[rows < rooms[at]] = at
    chosen: NDArray[np.int64] = np.where(beyond, instead, shape)
    return chosen


def _room(pattern: tuple[str, ...]) -> int:
    """Codes of a shape, with those that its fixed digits count on to."""
    fixed = "".join(signs for signs in pattern if len(signs) == 1 and signs.isdecimal())
    rounds: int = 10 ** len(fixed) - int(fixed or 0)
    return min(_chunks(pattern)[0][2] * rounds, 1 << 62)


def _counted_on(text: str, pattern: tuple[str, ...], rounds: int) -> str:
    """The text once all of its shape are used up: digits that stood fixed count on, the last of
    them first; where they end, there is one digit more."""
    signs = list(text)
    for place in range(len(pattern) - 1, -1, -1):
        if rounds and len(pattern[place]) == 1 and pattern[place].isdecimal():
            rounds, digit = divmod(rounds + int(pattern[place]), 10)
            signs[place] = str(digit)
    if rounds:
        last = next((at for at, sign in enumerate(signs) if sign.isdecimal()), len(signs))
        signs.insert(last, str(rounds))
    return "".join(signs)


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
