"""Finding the template of a day or a moment: a text is cut into digits, words and signs, and what
each of them may be is tried."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from generator.forms.moment import Moment, role_of
from generator.forms.words import NAMES, tokens_of

_COMPACT = {
    6: ("{YYYY}{MM}", "{YY}{MM}{DD}", "{DD}{MM}{YY}"),
    8: ("{YYYY}{MM}{DD}", "{DD}{MM}{YYYY}", "{MM}{DD}{YYYY}"),
    12: ("{YYYY}{MM}{DD}{hh}{mm}",),
    14: ("{YYYY}{MM}{DD}{hh}{mm}{ss}",),
    17: ("{YYYY}{MM}{DD}{hh}{mm}{ss}{f3}",),
    20: ("{YYYY}{MM}{DD}{hh}{mm}{ss}{f6}",),
    23: ("{YYYY}{MM}{DD}{hh}{mm}{ss}{f9}",),
}
_CLOCK = re.compile(
    r"(?:(?<![\d.,:])|(?<=\d{4}:))(?P<h>\d{1,2}):(?P<m>\d\d)(:(?P<s>\d\d)((?P<point>[.,])(?P<f>\d{1,9}))?)?"
    r"(?P<gap> ?)(?P<half>AM|PM|am|pm|a\.m\.|p\.m\.|A\.M\.|P\.M\.)?(?![\d:])"
)
_HOLE = "\0"  # where the clock stood
_ZONE = re.compile(_HOLE + r" ?(Z|[A-Z]{3,4}|[+-]\d\d(:?\d\d)?( \([A-Z]+\))?)$")  # it may say
_RUN = re.compile(r"\d+|[^\W\d_]+|.", re.DOTALL)
_LITERAL = ("T", "W", "Q", "Z", "UTC", "GMT", "at", "of", "de", "den", "le", "del", "h", "KW")
_DIGITS = {4: ("YYYY",), 3: ("DDD",), 2: ("DD", "D", "MM", "M", "YY"), 1: ("D", "M", "Q")}
_WHOLE = ({*"ymd"}, {*"ym"})
_LONGEST = 100


def candidates(texts: list[str]) -> Iterator[Moment]:
    """Forms that some of the texts may have, the likelier first."""
    tried: set[str] = set()
    for text in texts[:: max(1, len(texts) // 40)]:
        if len(text) > _LONGEST or not any(sign.isdigit() for sign in text):
            continue
        for template in _templates(text):
            if template not in tried:
                tried.add(template)
                form = Moment(template)
                if form.ok() and form.read(text) is not None:
                    yield form


def _templates(text: str) -> Iterator[str]:
    if text.isdecimal() and text.isascii():
        yield from _COMPACT.get(len(text), ())
        return
    if "{" in text or "}" in text or _HOLE in text:
        return
    clock = _CLOCK.search(text)
    if clock is None:
        yield from _day_templates(text)
        return
    rest = text[: clock.start()] + _HOLE + text[clock.end() :]
    alone = not any(sign.isdigit() for sign in _ZONE.sub(_HOLE, rest))
    for time in _clock_templates(clock):
        days = [rest] if alone else _day_templates(rest, american="AM" in time.upper())
        for template in days:
            yield template.replace(_HOLE, time)


def _clock_templates(clock: re.Match[str]) -> Iterator[str]:
    half = clock["half"]
    wide, narrow = ("{II}", "{I}") if half else ("{hh}", "{h}")
    rest = ":{mm}"
    if clock["s"]:
        rest += ":{ss}"
    if clock["f"]:
        rest += f"{clock['point']}{{f{len(clock['f'])}}}"
    rest += clock["gap"]
    if half:
        rest += "{" + half.replace("p", "a").replace("P", "A") + "}"
    for hour in (wide, narrow) if len(clock["h"]) == 2 else (narrow,):
        yield hour + rest


def _day_templates(text: str, *, american: bool = False) -> list[str]:
    """Templates of a day that stands in the text, the likeliest first."""
    zone = _ZONE.search(text)
    tail = zone[0] if zone else ""
    choices: list[tuple[str, ...]] = []
    open_ = 0
    for run in _RUN.findall(text[: len(text) - len(tail)]):
        options = _options(run, choices)
        if not options:
            return []
        open_ += len(options) > 1 or options[0].startswith("{")
        choices.append(options)
    if not 0 < open_ <= 6:
        return [] if open_ else [text]
    found = []
    for parts in product(*choices):
        tokens = [part[1:-1] for part in parts if part.startswith("{")]
        roles = [role for token in tokens for role in role_of(token)]
        if _day_for_year(tokens):
            continue
        if len(roles) == len(set(roles)) and set(roles) in _WHOLE:
            found.append("".join(parts) + tail)
    return sorted(found, key=lambda one: _rank(one, american=american))


def _day_for_year(tokens: list[str]) -> bool:
    """“04 Mar” is rather the 4th of March than March 2004."""
    return len(tokens) == 2 and tokens[0] == "YY"


def _options(run: str, before: list[tuple[str, ...]]) -> tuple[str, ...]:
    if run.isdecimal() and run.isascii():
        if before and before[-1] == ("Q",):
            return ("{Q}",) if len(run) == 1 else ()
        if before and before[-1] in (("W",), ("KW",)):
            return ("{WW}",) if len(run) == 2 else ()
        if len(run) == 1 and any(option == ("{WW}",) for option in before):
            return ("{E}",)
        return tuple(f"{{{one}}}" for one in _DIGITS.get(len(run), ()))
    if run.isalpha():
        if run in ("st", "nd", "rd", "th") and before and before[-1][0].startswith("{D"):
            return ("{th}",)
        names = tuple(f"{{{token}}}" for token in tokens_of(run))
        zone = run.isupper() and len(run) in (3, 4) and (_HOLE,) in before
        return names or ((run,) if run in _LITERAL or zone else ())
    return (run,) if not run.isdecimal() else ()


def _rank(template: str, *, american: bool) -> tuple[int, ...]:
    """Likelier orders first: years at an end, days before months unless the clock has halves;
    padded before bare; English before other languages."""
    order = re.findall(r"\{([^{}]+)\}", template)
    day = next((at for at, token in enumerate(order) if token in ("DD", "D")), -1)
    month = next((at for at, token in enumerate(order) if token in ("MM", "M")), -1)
    year_first = bool(order) and order[0].startswith("YYYY")
    early_day = 0 <= day < month
    swapped = early_day if year_first or american else not early_day and month >= 0
    short_first = bool(order) and order[0] == "YY"
    bare = sum(token in ("D", "M") for token in order)
    mixed = sum(token in ("DD", "MM") for token in order) * bare
    foreign = sum("-en-" not in token for token in order if token in NAMES)
    untitled = sum(token.endswith("4-title") or "en-4" in token for token in order)
    return short_first, swapped, foreign, untitled, mixed, bare
