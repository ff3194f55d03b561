"""Statements that must hold, checked where rows are drawn: vectorised, with their scope.

``row``    a row's answer follows from the row and the rows its links lead to
``shard``  also from its siblings and children: a shard holds all of a range of dealers, and the
           telemetry of a car is never cut
``whole``  the statement is about all rows together (a share, a rank, a number used once); each
           shard gives a small sketch, and the sketches add up
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from generator.fingerprint import Fingerprints, KeySet
from generator.sketch import EXAMPLES, Cells, Verdict
from generator.tables import Tables

Truth = NDArray[np.bool_]
Check = Callable[[Tables], Truth]
"""One truth value for each row of the rule's table, context rows too: True where the row obeys."""

Scope = Literal["row", "shard", "whole"]

FEW = 30  # rows under which a correlation or a mean says nothing


def added(total: Any, part: Any) -> Any:
    return part if total is None else total + part


@dataclass(frozen=True)
class Whole:
    """A statement about all rows: ``sketch`` looks at the own rows of a shard, ``add`` takes what
    there is so far (None before the first shard) and the next shard's, in their order, and
    ``verdict`` says which rows break the statement.  A statement about a ``target`` of the profile
    can be made ``about`` another value of it."""

    sketch: Callable[[Tables], Any]
    verdict: Callable[[Any], Verdict]
    add: Callable[[Any, Any], Any] = added
    target: str = ""
    about: Callable[[float], Whole] | None = None


@dataclass(frozen=True)
class Rule:
    """``id`` is the platform's (R001 …) with a suffix where one statement needs several checks.

    ``needs`` are the other tables the check reads; if one of them is not in the bundle the rule is
    reported as not checked.  ``group`` is the heading it is shown under.  ``level`` is "error"
    (must hold) or "warning".
    """

    id: str
    table: str
    text: str
    check: Check | Whole
    needs: tuple[str, ...] = ()
    group: str = ""
    level: str = "error"
    scope: Scope = "row"

    def __post_init__(self) -> None:
        if (self.scope == "whole") != isinstance(self.check, Whole):
            raise ValueError(f"{self.id}: a rule of scope “whole”, and no other, has a Whole")

    def under(self, asked: Mapping[str, float]) -> Rule:
        """This rule where these targets of the profile are asked to be others."""
        check = self.check
        if not isinstance(check, Whole) or check.about is None or check.target not in asked:
            return self
        value = asked[check.target]
        text = f"{self.text} (asked for here: {value * 100:.4g} %)"
        return replace(self, check=check.about(value), text=text)

    def obeyed(self, tables: Tables) -> Truth:
        """What the check of a row or shard rule says about the own rows."""
        if isinstance(self.check, Whole):
            raise TypeError(f"{self.id} says nothing about single rows")
        answered = np.asarray(self.check(tables), dtype=bool)
        rows = tables.rows(self.table)
        if answered.shape != (rows,):
            raise ValueError(
                f"{self.id} answers for {answered.shape} rows of {self.table}, which has {rows}"
            )
        return answered[tables.own(self.table)]

    def verdict(self, tables: Tables) -> Verdict:
        """The rule checked on whole tables."""
        if isinstance(self.check, Whole):
            return self.check.verdict(self.check.add(None, self.check.sketch(tables)))
        broken = np.flatnonzero(~self.obeyed(tables))
        return Verdict(len(broken), tuple(broken[:EXAMPLES].tolist()))


def share_of(
    table: str,
    said: Check,
    figure: Callable[[], float],
    *,
    target: str = "",
    among: Check | None = None,
    points: float = 0.02,
) -> Whole:
    """``said`` is true of about a share of the rows (of those ``among`` is true of) that
    ``figure`` gives: within ``points``, or within three standard deviations of as many coins; else
    the rows of the side there is too much of break the statement.  ``target`` is the profile's
    target that the figure is, if it is one."""

    def sketch(tables: Tables) -> Cells:
        codes = said(tables).astype(np.int8)
        if among is not None:
            codes[~among(tables)] = -1
        return Cells.of(codes[tables.own(table)])

    def verdict(total: Cells) -> Verdict:
        rows, true = total.counted, total.count(True)
        if not rows:
            return Verdict(0)
        share = figure()
        most = max(points, 3 * float(np.sqrt(share * (1 - share) / rows)))
        if abs(true / rows - share) <= most + 1e-9:
            return Verdict(0)
        return total.verdict(lambda holds: holds == (true / rows > share))

    def about(value: float) -> Whole:
        return share_of(table, said, lambda: value, target=target, among=among, points=points)

    return Whole(sketch, verdict, target=target, about=about if target else None)


def no_repeats(table: str, values: Callable[[Tables], Fingerprints]) -> Whole:
    """No row says what an earlier one says; missing values say nothing.  Holds 16 bytes a row."""

    def sketch(tables: Tables) -> Fingerprints:
        return values(tables).take(tables.own(table))

    def add(total: tuple[KeySet, Cells] | None, part: Fingerprints) -> tuple[KeySet, Cells]:
        held, repeats = total or (KeySet(), Cells(0))
        again = np.zeros(len(part), dtype=bool)
        again[held.add(part)] = True
        return held, repeats + Cells.of(again)

    def verdict(total: tuple[KeySet, Cells]) -> Verdict:
        return total[1].verdict(bool)

    return Whole(sketch, verdict, add)
