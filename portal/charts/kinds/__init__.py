"""Every kind of chart, one a file.

A kind is a module with ``GALLERY`` (where it stands) and ``charts(comparison)`` (what it makes of a
comparison.json, or of a profile's own summary in that shape).  A file in this folder is a kind by
being there; nothing lists it.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from portal.charts.chart import Chart
from portal.charts.documents import Comparison
from portal.charts.gallery import Gallery


class Kind(Protocol):
    """What a module of this folder offers."""

    GALLERY: Gallery

    def charts(self, comparison: Comparison) -> Iterable[Chart]: ...


def every() -> tuple[Kind, ...]:
    return _kinds(tuple(__path__))


@cache
def _kinds(folders: tuple[str, ...]) -> tuple[Kind, ...]:
    names = sorted(module.name for module in pkgutil.iter_modules(folders))
    return tuple(cast(Kind, import_module(f"{__name__}.{name}")) for name in names)
