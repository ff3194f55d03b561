"""Lengths of time: 1:23:45 beyond a day, 2 days 03:04:05, PT1H30M, 1h 05m.

A template names the parts in braces: {d}, {h}, {m}, {s} as they are, {hh}, {mm}, {ss} with two
digits, {f3} a fraction; square brackets keep what is left out where its number is nought.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from generator.forms.form import LARGEST, Form

_TOKEN = re.compile(r"\{(w|d|h|hh|m|mm|s|ss|f[1-9])\}")
_SECONDS = {"w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1}
_LONGEST = 120
_CLOCKS = (
    *("{h}:{mm}:{ss}", "{hh}:{mm}:{ss}", "{h}:{mm}", "{hh}:{mm}"),
    *("{d} days {hh}:{mm}:{ss}", "{d} days, {h}:{mm}:{ss}", "{d} days, {hh}:{mm}:{ss}"),
    *("{d} day {hh}:{mm}:{ss}", "{d}d {hh}:{mm}:{ss}", "{d}.{hh}:{mm}:{ss}"),
)
_ISO = (
    *("P[{d}D]", "P[{w}W]", "PT[{h}H][{m}M][{s}S]", "P[{d}D][T][{h}H][{m}M][{s}S]", "PT{s}S"),
    *("PT{h}H{m}M{s}S", "PT{h}H{m}M", "P{d}DT{h}H{m}M{s}S", "P{d}DT{h}H{m}M"),
)
_WORDED = re.compile(r"-?(\d+ ?[A-Za-z]+\.?[, ]*){2,4}")
_PIECE = re.compile(r"(\d+)( ?)([A-Za-z]+\.?)([, ]*)")


@dataclass(frozen=True)
class Duration(Form):
    """A length of time by its template; a “-” before it is one below nought."""

    template: str

    family = "duration"

    def ok(self) -> bool:
        if not isinstance(self.template, str) or len(self.template) > _LONGEST:
            return False
        return _template_ok(self.template)

    def read(self, text: str) -> int | None:
        match = _compiled(self.template).fullmatch(text)
        if match is None:
            return None
        parts = {k: v for k, v in match.groupdict().items() if v and k != "sign"}
        total = sum(_SECONDS[unit] * int(said) for unit, said in parts.items() if unit != "f")
        number = (total * self._ticks + int(parts.get("f", 0))) // self._unit
        number = -number if match["sign"] else number
        return number if abs(number) <= LARGEST and self.write(number) == text else None

    def write(self, number: int) -> str:
        rest = abs(number) * self._unit
        seconds, fraction = divmod(rest, self._ticks)
        parts: dict[str, int | str] = {"f": str(fraction).rjust(len(str(self._ticks)) - 1, "0")}
        for token in _TOKEN.findall(self.template):
            if token[0] != "f":
                parts[token[0]], seconds = divmod(seconds, _SECONDS[token[0]])
        said = re.sub(r"\[([^\]]*)\]", lambda found: self._kept(found[1], parts), self.template)
        told = _TOKEN.sub(lambda token: _told(token[1], parts), said)
        if told in ("P", "PT", ""):
            least = re.findall(r"\[([^\]]*)\]", self.template)[-1]
            told += _TOKEN.sub("0", least)
        return f"-{told}" if number < 0 else told.strip(", ")

    def _kept(self, piece: str, parts: dict[str, int | str]) -> str:
        if piece == "T":
            return piece if any(parts.get(unit) for unit in "hms") else ""
        return piece if parts[_TOKEN.findall(piece)[0]] else ""

    @property
    def _ticks(self) -> int:
        match = re.search(r"\{f(\d)\}", self.template)
        return int(10 ** int(match[1])) if match else 1

    @property
    def _unit(self) -> int:
        """Ticks of a step: the last part that is said."""
        if self._ticks > 1:
            return 1
        return _SECONDS[_TOKEN.findall(self.template)[-1][0]]

    @property
    def title(self) -> str:
        return _TOKEN.sub(lambda token: token[1], self.template).replace("[", "").replace("]", "")

    @property
    def seconds(self) -> float:
        return self._unit / self._ticks


@lru_cache(maxsize=512)
def _template_ok(template: str) -> bool:
    """Its parts from long to short, each once, and whole brackets; kept, as every column is tried
    on the same few templates."""
    units = [token[0] for token in _TOKEN.findall(template)]
    order = [unit for unit in "wdhmsf" if unit in units]
    fraction = "f" not in units or "s" in units
    outside = re.sub(r"\[[^\[\]]*\]", "", template)
    kept = re.findall(r"\[([^\[\]]*)\]", template)
    brackets = not set("[]") & set(outside) and all(map(_bracket_ok, kept))
    return bool(units) and units == order and fraction and brackets


def _bracket_ok(piece: str) -> bool:
    """One part with the signs around it; “T” stands before hours, minutes or seconds."""
    return piece == "T" or len(_TOKEN.findall(piece)) == 1


def _told(token: str, parts: dict[str, int | str]) -> str:
    if token[0] == "f":
        return str(parts["f"])
    return f"{parts[token[0]]:02}" if len(token) == 2 else str(parts[token[0]])


@lru_cache(maxsize=512)
def _compiled(template: str) -> re.Pattern[str]:
    pattern = ""
    for at, piece in enumerate(re.split(r"(\[|\]|\{\w+\})", template)):
        if piece in "[]":
            pattern += {"[": "(?:", "]": ")?", "": ""}[piece]
        elif at % 2:
            token = piece[1:-1]
            digits = (
                rf"\d{{{token[1:]}}}"
                if token[0] == "f"
                else r"\d\d+"
                if len(token) == 2
                else r"\d+"
            )
            pattern += f"(?P<{token[0]}>{digits})"
        else:
            pattern += re.escape(piece)
    return re.compile(f"(?P<sign>-?){pattern}")


def candidates(texts: list[str]) -> Iterator[Duration]:
    """Forms that some of the texts may have."""
    tried: set[str] = set()
    for text in texts[:: max(1, len(texts) // 40)]:
        if len(text) > _LONGEST or not any(sign.isdigit() for sign in text):
            continue
        for template in (*_clocks(text), *_ISO, *_worded(text)):
            if template not in tried:
                form = Duration(template)
                if form.ok() and form.read(text) is not None:
                    tried.add(template)
                    yield form


def _clocks(text: str) -> Iterator[str]:
    fraction = re.search(r":\d\d([.,])(\d{1,9})$", text)
    for template in _CLOCKS:
        if fraction and template.endswith("{ss}"):
            yield f"{template}{fraction[1]}{{f{len(fraction[2])}}}"
        elif not fraction:
            yield template


_UNITS = {
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), "w"),
    **dict.fromkeys(("d", "day", "days", "Tage"), "d"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "H", "std", "Std"), "h"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "M"), "m"),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "S"), "s"),
}


def _worded(text: str) -> Iterator[str]:
    """1h 05m: with and without leading noughts, and with and without parts that are nought."""
    if not _WORDED.fullmatch(text):
        return
    pieces = _PIECE.findall(text.removeprefix("-"))
    if any(word.rstrip(".") not in _UNITS for _, _, word, _ in pieces):
        return
    for wide in (False, True):
        for optional in (False, True):
            said = []
            for at, (_, gap, word, after) in enumerate(pieces):
                unit = _UNITS[word.rstrip(".")]
                part = f"{{{unit * 2 if wide and at and unit in 'hms' else unit}}}{gap}{word}"
                said.append(f"[{part}{after}]" if optional else part + after)
            yield "".join(said)
