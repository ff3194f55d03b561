"""One chart: a figure with what belongs around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from portal.charts.documents import Shares, SourceEntry
from portal.templatetags.say import percent

Figure = dict[str, Any]  # a figure, trace or layout as plotly reads it
Row = tuple[str, *tuple[Any, ...]]


class Unit(NamedTuple):
    """What the numbers of a chart are: in words, in its table, and for plotly."""

    name: str
    say: Callable[[Any], str]
    tick: str
    hover: str


SHARE = Unit("share of rows", percent, ".0%", ":.1%")


class Compared(NamedTuple):
    """The same bins twice: of the synthetic rows and of the reference; None where one has none."""

    synthetic: Shares | None
    reference: Shares | None

    def named(self) -> Iterator[tuple[str, Shares]]:
        """(``synthetic`` or ``reference``, its numbers) of what is there, in that order."""
        for name, numbers in zip(self._fields, self, strict=True):
            if numbers is not None:
                yield name, numbers

    def each(self, change: Callable[[Shares], Shares]) -> Compared:
        """Both changed in the same way."""
        return Compared(*(None if numbers is None else change(numbers) for numbers in self))

    @property
    def both(self) -> bool:
        return self.synthetic is not None and self.reference is not None

    def gap(self) -> float:
        """Half the sum of the differences of the shares; 0 where nothing is compared."""
        if self.synthetic is None or self.reference is None:
            return 0.0
        pairs = zip(self.synthetic, self.reference, strict=False)
        return sum(abs(here - there) for here, there in pairs) / 2


@dataclass(frozen=True)
class Chart:
    """``rows`` are the figure's numbers as a table, ``headings`` its head.  ``rank`` puts the
    charts of one gallery in order, smallest first."""

    id: str
    title: str
    figure: Figure
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    unit: Unit = SHARE
    table: str = ""
    column: str = ""
    compared: bool = False
    accuracy: float | None = None
    ceiling: float | None = None
    assumption: bool = False
    source: SourceEntry = field(default_factory=SourceEntry)
    unreferenced: str = ""  # said where there is no reference
    note: str = ""
    look: str = ""  # a class of the style sheet: tall, month
    rank: tuple[float, ...] = ()

    @property
    def drawn(self) -> set[str]:
        """Which of ``synthetic`` and ``reference`` the figure shows."""
        return {trace.get("name", "") for trace in self.figure["data"]}

    @property
    def said(self) -> list[list[str]]:
        """The numbers as the page writes them."""
        return [[row[0], *map(self.unit.say, row[1:])] for row in self.rows]


def numbers(
    labels: Sequence[str], compared: Compared, *, first: str = "Value"
) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """``headings`` and ``rows`` of labels with their numbers, for what is there."""
    there = dict(compared.named())
    headings = (first, *(name.capitalize() for name in there))
    return headings, tuple(zip(labels, *there.values(), strict=False))


def source_of(entry: Mapping[str, Any]) -> SourceEntry:
    """The publication behind an entry's reference, or what the reference is called."""
    if entry.get("source"):
        return cast(SourceEntry, entry["source"])
    label = entry.get("reference_label")
    return SourceEntry(title=str(label)) if label else SourceEntry()
