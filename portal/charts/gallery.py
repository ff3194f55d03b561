"""A place on the page for charts, and those that stand there now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.charts.chart import Chart


@dataclass(frozen=True)
class Gallery:
    """``says`` stands beside the title; ``alone`` instead of it on the page of a profile, where
    the reference is shown alone.  ``beside`` is beside the downloads, else below them; ``order``
    is that of the page."""

    id: str
    title: str
    says: str = ""
    alone: str = ""
    order: int = 100
    beside: bool = False
    shown: int = 3  # charts before "show more"
    by_table: bool = False  # one fold a table, all charts of it shown
    folded: bool = False  # behind its title


@dataclass(frozen=True)
class Section:
    """A gallery with its charts, best order first."""

    gallery: Gallery
    charts: Sequence[Chart]

    @property
    def tables(self) -> list[str]:
        return list(dict.fromkeys(chart.table for chart in self.charts))

    @property
    def drawn(self) -> set[str]:
        """``synthetic``, ``reference`` or both: what the key of the colours explains."""
        return set().union(*(chart.drawn for chart in self.charts))

    @property
    def says(self) -> str:
        return self.gallery.says if "synthetic" in self.drawn else self.gallery.alone
