"""The parts of comparison.json that charts are drawn from, as the engine writes them.

A profile's own summary comes in the same shape with ``synthetic`` None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

Shares = Sequence[float]
Labels = Sequence[str]


class SourceEntry(TypedDict, total=False):
    """A publication."""

    title: str
    publisher: str
    year: str
    url: str


class Missing(TypedDict, total=False):
    """Shares of missing values; mean numbers of children."""

    synthetic: float | None
    reference: float | None


class ColumnEntry(TypedDict):
    """One column: shares of ``labels`` (bars, calendar) or between ``edges`` (histogram)."""

    table: str
    column: str
    chart: str
    synthetic: Shares | None
    reference: Shares | None
    title: NotRequired[str]
    kind: NotRequired[str]
    labels: NotRequired[Labels]
    edges: NotRequired[Sequence[float | str]]
    missing: NotRequired[Missing]
    accuracy: NotRequired[float | None]
    ceiling: NotRequired[float | None]
    assumption: NotRequired[bool]
    source: NotRequired[SourceEntry | None]
    reference_label: NotRequired[str | None]


class MonthsEntry(TypedDict):
    """Rows by month of one date column."""

    table: str
    column: str
    months: Labels
    synthetic: Shares | None
    reference: Shares | None
    source: NotRequired[SourceEntry | None]


class ChildrenEntry(TypedDict):
    """Shares of parents by their number of children."""

    parent: str
    child: str
    column: NotRequired[str]
    labels: Labels
    synthetic: Shares | None
    reference: Shares | None
    mean: NotRequired[Missing]


Matrix = Sequence[Sequence[float | None]]


class DependenceEntry(TypedDict):
    """How strongly each two columns of a table depend on each other."""

    columns: Labels
    synthetic: Matrix | None
    measure: NotRequired[str]
    reference: NotRequired[Matrix | None]
    difference: NotRequired[Matrix | None]


class ScoreEntry(TypedDict):
    accuracy: float
    ceiling: float | None


class Comparison(TypedDict, total=False):
    """comparison.json, as far as it is drawn."""

    columns: Sequence[ColumnEntry]
    calendar: Sequence[MonthsEntry]
    children: Sequence[ChildrenEntry]
    dependence: Mapping[str, DependenceEntry]
    scores: Mapping[str, ScoreEntry | None]
    references: Sequence[dict[str, Any]]
