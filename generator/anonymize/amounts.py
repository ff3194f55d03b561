"""Numbers and answers that are somebody's own: others of as many digits, on the same step; yes or
no by chance.  Of the values themselves nothing is left but how long they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from generator.anonymize.column import Column, distinct, with_tokens, with_values
from generator.anonymize.key import Key
from generator.anonymize.layout import shaped
from generator.forms import form_of

_PLAIN = re.compile(r"(-?)(\d+)(\.\d*)?((?:[eE][+-]?\d+)?)")
_LONGEST = 19  # digits of a number of 64 bits, whose first must be below 9


def with_numbers(table: pa.Table, one: Column, key: Key, *, formed: bool) -> pa.Table:
    """The table with other numbers in a column; ``formed`` where its text says them in a form."""
    texts = distinct({one.table: table}, one)
    pairs = _of_form(texts, key) if formed else _plain(texts, key)
    return with_tokens(table, one.name, dict(pairs))


def with_answers(table: pa.Table, one: Column, key: Key, persons: pa.ChunkedArray) -> pa.Table:
    """The table with an answer for each person by chance, of those that the column has."""
    old = table.column(one.name)
    known = sorted(distinct({one.table: table}, one)) or [""]
    whose = pc.fill_null(persons.cast(pa.string()), "").to_pylist()
    chance = key.numbers("answer", [f"{one.table}.{one.name}\0{who}" for who in whose])
    texts = old.cast(pa.string())
    drawn = pa.array([known[number % len(known)] for number in chance], pa.string())
    said = pc.is_in(texts, pa.array(known, pa.string()))
    return with_values(table, one.name, pc.if_else(said, drawn, texts))


def _of_form(texts: Sequence[str], key: Key) -> Iterator[tuple[str, str]]:
    reading = form_of(texts)
    said = {} if reading is None else dict(reading.said)
    numbers = [*said.values()]
    others = _others([str(abs(number)) for number in numbers], key)
    for text, number, other in zip(said, numbers, others, strict=True):
        assert reading is not None
        yield text, reading.form.write(int(other) * (-1 if number < 0 else 1))
    odd = [text for text in texts if text not in said]
    yield from _shaped(odd, key)


def _plain(texts: Sequence[str], key: Key) -> Iterator[tuple[str, str]]:
    parts = {text: match for text in texts if (match := _PLAIN.fullmatch(text.strip()))}
    wholes = [match[2] + (match[3] or "").removeprefix(".") for match in parts.values()]
    others = _others(wholes, key)
    for (text, match), other in zip(parts.items(), others, strict=True):
        point = len(match[2])
        told = f".{other[point:]}" if match[3] else ""
        yield text, f"{match[1]}{other[:point]}{told}{match[4]}"
    yield from _shaped([text for text in texts if text not in parts], key)


def _shaped(texts: Sequence[str], key: Key) -> Iterator[tuple[str, str]]:
    """What says no number: letters for letters, digits for digits."""
    chances = key.numbers("amount", texts)
    yield from ((text, shaped(one, text)) for text, one in zip(texts, chances, strict=True))


def _others(wholes: Sequence[str], key: Key) -> list[str]:
    """Digits for digits; noughts in front and behind stay, which say how exact a number is."""
    cores = [whole.strip("0") for whole in wholes]
    chances = key.numbers("amount", cores)
    return [
        whole if not core else whole.replace(core, _other(core, chance, len(whole)), 1)
        for whole, core, chance in zip(wholes, cores, chances, strict=True)
    ]


def _other(core: str, chance: int, size: int) -> str:
    made = []
    last = len(core) - 1
    for at in range(len(core)):
        most = 8 if at == 0 and size >= _LONGEST else 9
        least = int(at in (0, last))
        chance, rest = divmod(chance, most - least + 1)
        made.append(rest + least)
    if "".join(map(str, made)) == core:
        made[0] = made[0] % 8 + 1
    return "".join(map(str, made))
