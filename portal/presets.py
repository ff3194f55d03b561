"""Starting points of the compose form, and the spans it offers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NamedTuple


class Preset(NamedTuple):
    id: str
    title: str
    meaning: str
    domains: tuple[str, ...]  # empty for all
    rows: dict[str, int]
    formats: tuple[str, ...]


PRESETS = (
    Preset(
        "sandbox",
        "Developer sandbox",
        "A little of everything, small enough to load anywhere",
        (),
        {"deal": 200, "vehicle_telemetry_event": 5_000},
        ("csv", "sqlite"),
    ),
    Preset(
        "qa",
        "Deals and invoices for QA",
        "2,000 deals with leads, credit, invoices and payments that balance",
        ("sales_operations", "finance", "payment"),
        {"deal": 2_000},
        ("csv", "postgres"),
    ),
    Preset(
        "telemetry",
        "One million telemetry events",
        "Connected cars on the road, in order and physically possible",
        ("telematics_vehicle_events",),
        {"vehicle_telemetry_event": 1_000_000},
        ("parquet",),
    ),
)


def preset(name: str) -> Preset:
    """The preset of that id, or the first one."""
    return next((one for one in PRESETS if one.id == name), PRESETS[0])


class Span(NamedTuple):
    """A period to choose with one click.  Both days belong to it."""

    id: str
    title: str
    start: str
    stop: str


def spans(today: date) -> tuple[Span, ...]:
    """The last full calendar year, the last 12 and the last 24 full months."""
    end = today.replace(day=1) - timedelta(days=1)
    year = today.year - 1
    return (
        Span("year", f"Calendar {year}", f"{year}-01-01", f"{year}-12-31"),
        _months("months-12", "Last 12 months", end, 12),
        _months("months-24", "Last 24 months", end, 24),
    )


def _months(name: str, title: str, end: date, number: int) -> Span:
    month = end.year * 12 + end.month - number
    start = date(month // 12, month % 12 + 1, 1)
    return Span(name, title, start.isoformat(), end.isoformat())


def default_values(chosen: Preset, *, today: date) -> dict[str, Any]:
    """A preset as what the form would hold."""
    span = spans(today)[0]
    return {
        "domains": chosen.domains,
        "rows": {table: f"{rows:,}" for table, rows in chosen.rows.items()},
        "formats": chosen.formats,
        "from": span.start,
        "to": span.stop,
        "as_of": span.stop,
    }
