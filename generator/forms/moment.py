"""Days, months, moments and times of day, in any usual order, with names, zones and fractions.

A template names the parts in braces: “{DD}/{MM}/{YYYY} {hh}:{mm}”; ``templates`` finds it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from generator.forms.form import Form
from generator.forms.parts import century, clock_parts, day_parts, seconds
from generator.forms.words import MONTHS, NAMES, WEEKDAYS, said

_PARTS = {
    "YYYY": r"(?P<year>\d{4})",
    "YY": r"(?P<short>\d\d)",
    "MM": r"(?P<month>0[1-9]|1[0-2])",
    "M": r"(?P<month>[1-9]|1[0-2])",
    "DD": r"(?P<day>0[1-9]|[12]\d|3[01])",
    "D": r"(?P<day>[1-9]|[12]\d|3[01])",
    "th": r"(?P<nth>st|nd|rd|th)",
    "DDD": r"(?P<of_year>[0-3]\d\d)",
    "Q": r"(?P<quarter>[1-4])",
    "WW": r"(?P<week>[0-5]\d)",
    "E": r"(?P<weekday>[1-7])",
    "hh": r"(?P<hour>[01]\d|2[0-3])",
    "h": r"(?P<hour>\d|1\d|2[0-3])",
    "II": r"(?P<twelve>0[1-9]|1[0-2])",
    "I": r"(?P<twelve>[1-9]|1[0-2])",
    "mm": r"(?P<minute>[0-5]\d)",
    "ss": r"(?P<second>[0-5]\d)",
    "AM": r"(?P<half>AM|PM)",
    "am": r"(?P<half>am|pm)",
    "a.m.": r"(?P<half>a\.m\.|p\.m\.)",
    "A.M.": r"(?P<half>A\.M\.|P\.M\.)",
}
_TOKEN = re.compile(r"\{([^{}]+)\}")
_LONGEST = 200
_DAY = 86_400
_YEARS = {"month": 12, "quarter": 4}  # steps of a year
_LIKELY = {6: 30, 8: 12}  # values that are all days, for digits alone to be more than chance
_ROLE = {
    "YYYY": "y",
    "YY": "y",
    "MM": "m",
    "M": "m",
    "DD": "d",
    "D": "d",
    "DDD": "dm",
    "Q": "m",
    "WW": "dm",
}
_WHOLE = ({*"ymd"}, {*"ym"})  # what a day or a month must say


@dataclass(frozen=True)
class Moment(Form):
    """``template`` names parts in braces and has all other signs as they stand."""

    template: str

    family = "moment"

    def ok(self) -> bool:
        if not isinstance(self.template, str) or len(self.template) > _LONGEST:
            return False
        tokens = _tokens(self.template)
        if any(_part(token) is None for token in tokens) or not _once(tokens):
            return False
        have, named = roles(tokens), set(tokens)
        if "mm" not in named:
            clock = named & {*_HOURS, *_HALVES, "ss"} or _fraction(self.template)
            return have in _WHOLE and not clock
        halves = bool({"II", "I"} & named) == bool(_HALVES & named)
        seconds = "ss" in named or not _fraction(self.template)
        return bool(_HOURS & named) and halves and seconds and have in (_WHOLE[0], set())

    def read(self, text: str) -> int | None:
        match = _compiled(self.template).fullmatch(text)
        if match is None:
            return None
        number = self._counted({k: v for k, v in match.groupdict().items() if v is not None})
        return number if number is not None and self.write(number) == text else None

    def _counted(self, part: dict[str, str]) -> int | None:
        if not self.moment:
            return self._steps(0, part)
        year = int(part["year"]) if "year" in part else century(int(part["short"]))
        if not 1 <= year <= 9999:
            return None
        by = _by(self.template)
        if by == "month":
            return 12 * (year - 1970) + self._month(part) - 1
        if by == "quarter":
            return 4 * (year - 1970) + int(part["quarter"]) - 1
        try:
            day = self._ordinal(year, part) - _EPOCH
        except ValueError:  # the 30th of February
            return None
        return (day + 3) // 7 if by == "week" else self._steps(day, part)

    def _steps(self, day: int, part: dict[str, str]) -> int:
        ticks: int = 10 ** _fraction(self.template)
        total = (day * _DAY + seconds(part)) * ticks + int(part.get("fraction", 0))
        return total // _unit(self.template)

    def _month(self, part: dict[str, str]) -> int:
        if "month" in part:
            return int(part["month"])
        token = next(token for token in _tokens(self.template) if token in MONTHS)
        return NAMES[token].index(part["name"]) + 1

    def _ordinal(self, year: int, part: dict[str, str]) -> int:
        if "of_year" in part:
            return date(year, 1, 1).toordinal() + int(part["of_year"]) - 1
        if "week" in part:
            weekday = int(part.get("weekday", 4))
            return date.fromisocalendar(year, int(part["week"]), weekday).toordinal()
        return date(year, self._month(part), int(part["day"])).toordinal()

    def write(self, number: int) -> str:
        day, rest = self._placed(number)
        second, fraction = divmod(rest, 10 ** _fraction(self.template))
        parts = clock_parts(second) if "{mm}" in self.template else {}
        if self.moment:
            parts |= day_parts(date.fromordinal(day + _EPOCH))
        parts["fraction"] = f"{fraction:0{max(_fraction(self.template), 1)}}"
        return _TOKEN.sub(lambda token: _told(token[1], parts), self.template)

    def _placed(self, number: int) -> tuple[int, int]:
        """The day since 1970, kept within the years 1 to 9999, and ticks since its midnight."""
        by = _by(self.template) if self.moment else "day"
        if by in _YEARS:
            of = _YEARS[by]
            number = min(max(number, of * (1 - 1970)), of * (10_000 - 1970) - 1)
            return date(
                1970 + number // of, number % of * (12 // of) + 1, 1
            ).toordinal() - _EPOCH, 0
        if by == "week":  # its Thursday, which has the week's year
            return 7 * min(max(number, _FIRST // 7 + 1), _LAST // 7 - 1), 0
        of_day = _DAY * 10 ** _fraction(self.template)
        day, rest = divmod(number * _unit(self.template), of_day)
        low, high = (_FIRST, _LAST) if self.moment else (0, 0)
        if low <= day <= high:
            return day, rest
        return (low, 0) if day < low else (high, of_day - _unit(self.template))

    @property
    def title(self) -> str:
        return _TOKEN.sub(lambda token: _shown(token[1]), self.template)

    @property
    def seconds(self) -> float:
        if self.moment and _by(self.template) != "day":
            return _LONG_STEPS[_by(self.template)] * _DAY
        return _unit(self.template) / float(10 ** _fraction(self.template))

    @property
    def moment(self) -> bool:
        return bool(roles(_tokens(self.template)))

    @property
    def digits_only(self) -> bool:
        return _DIGITS.fullmatch(self.template) is not None

    def likely(self, texts: list[str]) -> bool:
        """Digits alone may be days by chance; all of years that people have are not."""
        if not re.fullmatch(r"(\{\w+\})+", self.template) or "{mm}" in self.template:
            return True
        read = [number for number in map(self.read, texts) if number is not None]
        days = (date.fromordinal(self._placed(number)[0] + _EPOCH) for number in read)
        enough = len(read) >= _LIKELY.get(len(texts[0]), 1)
        return enough and all(1900 <= day.year <= 2100 for day in days)


_DIGITS = re.compile(r"(\{(YYYY|YY|MM|DD|hh|mm|ss|f3)\})+")
_EPOCH = date(1970, 1, 1).toordinal()
_FIRST, _LAST = date.min.toordinal() - _EPOCH, date.max.toordinal() - _EPOCH
_HOURS = {"hh", "h", "II", "I"}
_HALVES = {"AM", "am", "a.m.", "A.M."}
_LONG_STEPS = {"week": 7.0, "month": 30.436875, "quarter": 91.310625}  # days


@lru_cache(maxsize=512)
def _tokens(template: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(template))


def _once(tokens: tuple[str, ...]) -> bool:
    """Whether no part stands there twice."""
    groups = [match[1] for t in tokens if (match := re.match(r"\(\?P<(\w+)>", _part(t) or ""))]
    return len(groups) == len(set(groups)) and not {"month", "name"} <= set(groups)


def roles(tokens: tuple[str, ...]) -> set[str]:
    """Which of year, month and day the tokens say."""
    return {role for token in tokens for role in role_of(token)}


def role_of(token: str) -> str:
    return "m" if token in MONTHS else _ROLE.get(token, "")


@lru_cache(maxsize=512)
def _compiled(template: str) -> re.Pattern[str]:
    pieces = _TOKEN.split(template)
    return re.compile(
        "".join((_part(p) or "") if at % 2 else re.escape(p) for at, p in enumerate(pieces))
    )


@lru_cache(maxsize=512)
def _fraction(template: str) -> int:
    """Digits of fractions of a second."""
    match = re.search(r"\{f(\d)\}", template)
    return int(match[1]) if match else 0


@lru_cache(maxsize=512)
def _unit(template: str) -> int:
    """Ticks of one step: a tick is a second, or the last digit of its fraction."""
    if "{ss}" in template:
        return 1
    return 60 if "{mm}" in template else _DAY


@lru_cache(maxsize=512)
def _by(template: str) -> str:
    named = set(_tokens(template))
    if "Q" in named:
        return "quarter"
    if "WW" in named:
        return "day" if "E" in named else "week"
    return "day" if {"DD", "D", "DDD"} & named else "month"


def _told(token: str, parts: dict[str, str]) -> str:
    if token in NAMES:
        return NAMES[token][int(parts["name" if token in MONTHS else "called"])]
    return parts["fraction"] if re.fullmatch(r"f\d", token) else parts[token]


def _shown(token: str) -> str:
    if token in NAMES:
        return said(token)
    if re.fullmatch(r"f\d", token):
        return "f" * int(token[1:])
    return {"II": "hh", "I": "h"}.get(token, token)


@lru_cache(maxsize=512)
def _part(token: str) -> str | None:
    for names, group in ((MONTHS, "name"), (WEEKDAYS, "called")):
        if token in names:
            longest = sorted(NAMES[token], key=len, reverse=True)
            return f"(?P<{group}>{'|'.join(map(re.escape, longest))})"
    if re.fullmatch("f[1-9]", token):
        return rf"(?P<fraction>\d{{{token[1:]}}})"
    return _PARTS.get(token)
