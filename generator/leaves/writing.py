"""Text that is a day, a moment or a number in a way of writing of its own, and back again.

A column written "31/12/2024" or "1.234,50" stays text, and is learnt as the numbers it says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from generator.stop import asking

# Words that stand for a missing value where the rest of a column is no plain text.
MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "?", "-")

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = (
    *("DD/MM/YYYY", "MM/DD/YYYY", "D/M/YYYY", "M/D/YYYY", "DD.MM.YYYY", "D.M.YYYY"),
    *("DD-MM-YYYY", "MM-DD-YYYY", "YYYY/MM/DD", "YYYY.MM.DD", "DD Mon YYYY", "DD-Mon-YYYY"),
    *("Mon DD, YYYY", "DD/MM/YY", "MM/DD/YY"),
)
_TIMES = ("", " hh:mm", " hh:mm:ss")
_CLOCKS = ("hh:mm", "hh:mm:ss")  # times of any day, kept as seconds of the first
_FORMS = (*(day + time for time in _TIMES for day in _DAYS), *_CLOCKS)
_PARTS = {
    "YYYY": r"(?P<year>[12]\d{3})",
    "YY": r"(?P<short>\d\d)",
    "Mon": f"(?P<name>{'|'.join(_MONTHS)})",
    "MM": r"(?P<month>0[1-9]|1[0-2])",
    "DD": r"(?P<day>0[1-9]|[12]\d|3[01])",
    "M": r"(?P<month>[1-9]|1[0-2])",
    "D": r"(?P<day>[1-9]|[12]\d|3[01])",
    "hh": r"(?P<hour>[01]\d|2[0-3])",
    "mm": r"(?P<minute>[0-5]\d)",
    "ss": r"(?P<second>[0-5]\d)",
}
_TOKEN = re.compile("YYYY|YY|Mon|MM|DD|M|D|hh|mm|ss")
_COMMA = re.compile(r"-?(0|[1-9]\d{0,11}),(\d{1,6})")
_GROUPED = re.compile(r"-?[1-9]\d{0,2}((?P<mark>[.,' ])\d{3})*(?P<point>[.,])(\d{1,6})")
_SIGNS = ((",", (".", " ", "'", "")), (".", (",", " ", "'")))  # points, marks that go with them
MOST_DIGITS = 6  # after the point
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = -62_135_596_800, 253_402_300_799  # seconds of the years 1 to 9999


@dataclass(frozen=True)
class Writing:
    """``form`` is a form of days and moments ("DD/MM/YYYY hh:mm"), or "number": ``digits`` after
    the ``point``, thousands kept apart by ``mark``."""

    form: str
    digits: int = 0
    point: str = ""
    mark: str = ""

    def ok(self) -> bool:
        """True for a way of writing that ``writing_of`` may find."""
        if self.form != "number":
            return self.form in _FORMS and (self.digits, self.point, self.mark) == (0, "", "")
        marks = dict(_SIGNS).get(self.point, ())
        return type(self.digits) is int and 0 < self.digits <= MOST_DIGITS and self.mark in marks

    @property
    def step(self) -> float:
        """The grid of the numbers: seconds, minutes, days (in seconds), or the last digit."""
        if self.form == "number":
            return 1.0
        return 1.0 if "ss" in self.form else 60.0 if "mm" in self.form else 86_400.0

    @property
    def dated(self) -> bool:
        return self.form != "number"

    def write(self, number: float) -> str:
        """The text of a number: seconds since 1970, or units of the last digit."""
        if self.form == "number":
            return self._number(round(number))
        if self.form in _CLOCKS:
            return self._moment(round(min(max(number, 0), 86_400 - self.step)))
        return self._moment(round(min(max(number, _FIRST), _LAST)))

    def _moment(self, seconds: int) -> str:
        at = _EPOCH + timedelta(seconds=seconds)
        said = {
            "YYYY": f"{at.year:04}",
            "YY": f"{at.year % 100:02}",
            "Mon": _MONTHS[at.month - 1],
            "MM": f"{at.month:02}",
            "DD": f"{at.day:02}",
            "M": str(at.month),
            "D": str(at.day),
            "hh": f"{at.hour:02}",
            "mm": f"{at.minute:02}",
            "ss": f"{at.second:02}",
        }
        return _TOKEN.sub(lambda token: said[token.group()], self.form)

    def _number(self, value: int) -> str:
        whole, part = divmod(abs(value), 10**self.digits)
        grouped = f"{whole:,}".replace(",", self.mark)
        return f"{'-' if value < 0 else ''}{grouped}{self.point}{part:0{self.digits}}"


def writing_of(texts: list[str]) -> tuple[Writing, dict[str, float]] | None:
    """The one way of writing of all ``texts`` (distinct, none missing) and what each says."""
    if not texts or not all(any(sign.isdigit() for sign in text[:32]) for text in texts[:50]):
        return None
    for writing in _candidates(texts[0]):
        said = _read_all(texts, writing)
        if said is not None:
            return writing, said
    return None


def _candidates(text: str) -> Iterator[Writing]:
    for form in _FORMS:
        if _pattern(form).fullmatch(text):
            yield Writing(form)
    grouped = _GROUPED.fullmatch(text)
    if _COMMA.fullmatch(text) or grouped:
        for point, marks in _SIGNS:
            for mark in marks:
                for digits in range(1, MOST_DIGITS + 1):
                    yield Writing("number", digits, point, mark)


def _read_all(texts: list[str], writing: Writing) -> dict[str, float] | None:
    """What each text says; None as soon as one is not written this way."""
    read = _number_reader(writing) if writing.form == "number" else _moment_reader(writing.form)
    said: dict[str, float] = {}
    for text in asking(texts):
        value = read(text)
        if value is None or writing.write(value) != text:
            return None
        said[text] = value
    return said


def _pattern(form: str) -> re.Pattern[str]:
    return re.compile(_TOKEN.sub(lambda token: _PARTS[token.group()], re.escape(form)))


def _moment_reader(form: str) -> Callable[[str], float | None]:
    pattern = _pattern(form)

    def read(text: str) -> float | None:
        match = pattern.fullmatch(text)
        if match is None:
            return None
        part = {name: value for name, value in match.groupdict().items() if value is not None}
        hour, minute, second = (int(part.get(name, 0)) for name in ("hour", "minute", "second"))
        if "day" not in part:
            return 3600.0 * hour + 60.0 * minute + second
        year = int(part["year"]) if "year" in part else _century(int(part["short"]))
        month = _MONTHS.index(part["name"]) + 1 if "name" in part else int(part["month"])
        try:
            at = datetime(year, month, int(part["day"]), hour, minute, second, tzinfo=UTC)
        except ValueError:  # the 30th of February
            return None
        return (at - _EPOCH).total_seconds()

    return read


def _century(short: int) -> int:
    """As POSIX reads years of two digits."""
    return short + (1900 if short >= 69 else 2000)


def _number_reader(writing: Writing) -> Callable[[str], float | None]:
    def read(text: str) -> float | None:
        plain = text.replace(writing.mark, "") if writing.mark else text
        whole, point, part = plain.rpartition(writing.point)
        digits = f"{whole}{part}".removeprefix("-")
        if not point or len(part) != writing.digits or not digits.isdecimal() or len(digits) > 15:
            return None
        return float(f"{'-' if plain.startswith('-') else ''}{digits}")

    return read
