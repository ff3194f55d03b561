"""Numbers as people read them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

import generator

register = template.Library()

NONE = "–"
_SIZES = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))
_SHORT = ((10**9, "bn"), (10**6, "M"), (10**4, "k"))


@register.filter
def count(value: Any) -> str:
    """1021304 is 1,021,304."""
    return NONE if value in (None, "") else f"{int(value):,}"


@register.filter
def brief(value: Any) -> str:
    """1021304 is 1.02 M; below ten thousand every digit counts."""
    if value in (None, ""):
        return NONE
    for unit, word in _SHORT:
        if abs(value) >= unit:
            scale = unit if word != "k" else 1000
            return f"{value / scale:.3g} {word}" if value / scale < 1000 else f"{value:,}"
    return f"{value:,}"


@register.filter
def size(value: Any) -> str:
    """Bytes in powers of ten, three digits."""
    if value in (None, ""):
        return NONE
    for unit, word in _SIZES:
        if value >= unit:
            return f"{_three(value / unit)} {word}"
    return f"{int(value)} bytes"


def _three(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


@register.filter
def duration(seconds: Any) -> str:
    """14 s, 2 min 5 s, 1 h 3 min."""
    if seconds in (None, ""):
        return NONE
    if seconds < 1:
        return "under 1 s"
    if seconds < 10:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    hours, rest = divmod(whole // 60, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


@register.filter
def about(seconds: Any) -> str:
    """An estimate: ~ 14 s; nobody waits for less than two seconds."""
    if seconds is None:
        return NONE
    return "< 2 s" if seconds < 2 else f"~ {duration(round(seconds))}"


@register.filter
def ago(moment: datetime | None) -> str:
    """just now, 3 min ago, yesterday, else the day."""
    if moment is None:
        return NONE
    passed = timezone.now() - moment
    minutes = int(passed.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 24 * 60:
        return f"{minutes // 60} h ago"
    return "yesterday" if passed.days == 1 else day(moment)


@register.filter
def day(value: Any) -> str:
    """2025-01-31 or a date is 31 Jan 2025."""
    if not value:
        return NONE
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return f"{value.day} {value:%b %Y}"


@register.filter
def span(recipe: dict[str, Any]) -> str:
    """The span of a recipe: 1 Jan – 31 Dec 2025."""
    start, stop = recipe.get("from"), recipe.get("to")
    if not (start and stop):
        return "dates as learned"
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(stop)
    opening = f"{first.day} {first:%b}" if first.year == last.year else day(first)
    return f"{opening} – {day(last)}"


@register.filter
def percent(share: Any) -> str:
    """.748 is 74.8 %; small shares keep two digits that mean something."""
    if share is None:
        return NONE
    value = 100 * float(share)
    return f"{value:.2g} %" if 0 < abs(value) < 0.95 else f"{value:.1f} %"


@register.filter
def points(gap: Any) -> str:
    """A gap between shares: .003 is 0.3 points."""
    return NONE if gap is None else f"{100 * abs(float(gap)):.1f} points"


@register.filter
def score(value: Any) -> str:
    """0.993; 1 stays 1."""
    if value is None:
        return NONE
    return f"{float(value):.3f}".replace("1.000", "1")


@register.filter
def short_hash(value: Any) -> str:
    text = str(value or "")
    return f"{text[:4]}…{text[-4:]}" if len(text) > 12 else text or NONE


@register.filter
def figure(value: Any, reference: dict[str, Any]) -> str:
    """A figure of a reference (its target or what was reached) in the reference's unit."""
    if value is None:
        return NONE
    if isinstance(value, dict):
        return ", ".join(f"{label} {percent(part)}" for label, part in value.items())
    if reference.get("kind") == "share":
        return percent(value)
    if reference.get("kind") == "spearman":
        return f"{value:.2f}".replace("-", "−")
    unit = reference.get("unit") or ""
    if unit == "APR":
        return f"{100 * value:.2f} %"
    if of_hundred(unit):
        return percent(value)
    number = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{number} {unit}".strip()


def of_hundred(unit: str) -> bool:
    """Whether numbers of this unit are read as per cent."""
    return unit == "APR" or unit.startswith("share of ")


@register.filter
def cited(source: Any) -> SafeString:
    """A source as a link: NADA 2025.  A mapping with title, publisher, year and url."""
    said = " ".join(filter(None, (source.get("publisher") or source["title"], source.get("year"))))
    if not source.get("url"):
        return escape(said)
    return format_html('<a href="{}" rel="noreferrer">{}</a>', source["url"], said)


@register.filter
def words(name: Any) -> str:
    """sales_operations is Sales operations."""
    return str(name or "").replace("_", " ").strip().capitalize()


@register.filter
def personal(word: Any) -> str:
    """A class of personal data: dob is dates of birth."""
    return generator.personal_in_words(str(word))


@register.filter
def breakable(name: Any) -> SafeString:
    """A long name that may be broken after a dot or an underscore."""
    parts = re.split(r"(?<=[._])", str(name))
    return format_html_join(mark_safe("<wbr>"), "{}", ((part,) for part in parts))


@register.filter
def cells(rows: Iterable[Sequence[Any]]) -> SafeString:
    """Rows of a table, a name and then numbers.  A page has ten thousands of them: as loops of a
    template they took most of its time."""
    begun = ("<tr><td>" + '</td><td class="n">'.join(map(escape, row)) for row in rows)
    return mark_safe("</td></tr>".join([*begun, ""]))  # noqa: S308 - every cell is escaped


@register.filter
def sort_of(profile: Any) -> str:
    """built-in, fitted, or calibrated: fitted onto the built-in one."""
    calibrated = profile.facts.get("kind") == "calibrated"
    return "calibrated" if calibrated else str(profile.get_kind_display())


@register.filter
def item(mapping: Any, key: Any) -> Any:
    """A mapping's entry by a key that is a variable."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.filter
def moment(at: Any) -> str:
    """A moment or a day as machines read it."""
    return str(at.isoformat())


@register.filter
def clock(at: datetime) -> str:
    """The hour of a moment by its own clocks: 14:05 EST."""
    return f"{at:%H:%M %Z}"


@register.filter
def utc(entry: Any) -> str:
    """The moment of an entry in UTC: 19:05 UTC, with its day where that is another one."""
    day_too = f"{entry.at.day} {entry.at:%b} " if entry.at.date() != entry.local.date() else ""
    return f"{day_too}{entry.at:%H:%M} UTC"


@register.filter
def local_day(entry: Any) -> str:
    """The day of an entry of a life, by the clocks of its place where it has an hour."""
    at = entry.local or entry.at
    return f"{at.day} {at:%b}"


@register.filter
def dollars(amount: Any) -> str:
    """1234.5 is $1,234.50; below nothing it is -$5.00."""
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"


@register.filter
def detail(value: Any, name: str) -> str:
    """A detail of an act, as the page of the audit trail shows it."""
    if name == "bytes":
        return size(value)
    if name == "sha256":
        hashes = value if isinstance(value, list) else [value]
        return ", ".join(short_hash(one) for one in hashes)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return f"{value:,}" if isinstance(value, int) else str(value)
