"""What is known of rows at a moment: a cut through the world is a view of it, not another world.

Makers draw whole courses.  A declaration says from when on a row is known (``born``), which
columns are missing until something has happened (``reveals``), which states it goes through
(``steps``), and how other columns are worked out again (``known``).  So of two cuts of one recipe
the later one is the same world, one further on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.domains.machines import machine
from generator.frame import Coded, Frame

if TYPE_CHECKING:
    from generator.domains.graph import Declaration, Frames

Ints = NDArray[np.int64]
Moments = NDArray[np.datetime64]
Truth = NDArray[np.bool_]


class Stage(NamedTuple):
    """A state that rows ``where`` come to at ``at`` (n,); all rows if ``where`` is None."""

    status: str
    at: Moments
    where: Truth | None = None


class Steps(NamedTuple):
    """The states rows go through: local ``row`` (rows in order, the steps of a row in order of
    time), the moment, the state."""

    row: Ints
    at: Moments
    status: Coded

    @classmethod
    def of(cls, *stages: Stage) -> Steps:
        """Stages in the order in which a row comes to them; none comes before the one before."""
        labels = tuple(dict.fromkeys(stage.status for stage in stages))
        rows, moments, codes = [], [], []
        for stage in stages:
            where = np.ones(len(stage.at), dtype=bool) if stage.where is None else stage.where
            own = np.flatnonzero(where)
            rows.append(own)
            moments.append(stage.at[own].astype("datetime64[ms]").astype(np.int64))
            codes.append(np.full(len(own), labels.index(stage.status), dtype=np.int32))
        turn = np.repeat(np.arange(len(stages)), [len(own) for own in rows])
        row: Ints = np.concatenate(rows)
        order = np.lexsort((turn, row))
        row, at = row[order], _not_before(row[order], np.concatenate(moments)[order])
        code: NDArray[np.int32] = np.concatenate(codes)[order]
        return cls(row, at.view("datetime64[ms]"), Coded(code, labels))

    @classmethod
    def along(
        cls,
        name: str,
        status: Coded,
        *,
        begin: Moments,
        end: Moments,
        at: Mapping[str, Moments] | None = None,
        luck: NDArray[np.float64] | None = None,
        ways: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Steps:
        """The way of the state machine ``name`` to the ``status`` of each row (n,), from ``begin``
        to ``end``: the one that ``ways`` gives for a state, else the shortest.  ``at`` says when
        certain states are come to; the others lie between these, evenly or by ``luck`` in [0, 1)
        (n,).  Moments never run backwards."""
        known, warp = at or {}, np.ones(len(status)) if luck is None else 0.5 + 1.5 * luck
        labels: list[str] = []
        parts = []
        for code, label in enumerate(status.labels):
            rows = np.flatnonzero(status.codes == code)
            if not len(rows):
                continue
            way = (ways or {}).get(label) or machine(name).path(label)
            fixed = {place: known[state][rows] for place, state in enumerate(way) if state in known}
            fixed = {0: begin[rows], len(way) - 1: end[rows]} | fixed
            labels += [state for state in way if state not in labels]
            codes = np.array([labels.index(state) for state in way], dtype=np.int32)
            parts.append((rows, _spaced(fixed, len(way), warp[rows]), codes))
        return cls._joined(parts, tuple(labels))

    @classmethod
    def _joined(
        cls, parts: Sequence[tuple[Ints, Ints, NDArray[np.int32]]], labels: tuple[str, ...]
    ) -> Steps:
        """From (rows, moments (rows, states), codes (states,))."""
        row = [np.repeat(rows, len(codes)) for rows, _, codes in parts]
        turn = [np.tile(np.arange(len(codes)), len(rows)) for rows, _, codes in parts]
        code = [np.tile(codes, len(rows)) for rows, _, codes in parts]
        at = [moments.ravel() for _, moments, _ in parts]
        rows: Ints = np.concatenate([np.zeros(0, np.int64), *row])
        order = np.lexsort((np.concatenate([np.zeros(0, np.int64), *turn]), rows))
        moments = _not_before(rows[order], np.concatenate([np.zeros(0, np.int64), *at])[order])
        codes: NDArray[np.int32] = np.concatenate([np.zeros(0, np.int32), *code])[order]
        return cls(rows[order], moments.view("datetime64[ms]"), Coded(codes, labels))

    @property
    def first(self) -> Truth:
        """Whether a step is the first of its row."""
        first: Truth = np.diff(self.row, prepend=-1) != 0
        return first

    def at_moment(self, rows: int, moment: np.datetime64) -> Coded:
        """The state of each of ``rows`` rows at a moment: the last one until then, and the first
        one before that."""
        done = (self.at <= moment) | self.first
        last = np.zeros(rows, dtype=np.int64)
        np.maximum.at(last, self.row[done], np.flatnonzero(done))
        return Coded(self.status.codes[last], self.status.labels)


def _spaced(fixed: Mapping[int, Moments], states: int, warp: NDArray[np.float64]) -> Ints:
    """Moments (rows, states) through the fixed ones, to the second; the others between them."""
    places = sorted(fixed)
    out = np.zeros((len(warp), states), dtype=np.int64)
    for place in places:
        out[:, place] = fixed[place].astype("datetime64[ms]").astype(np.int64)
    for left, right in pairwise(places):
        for place in range(left + 1, right):
            share = ((place - left) / (right - left)) ** warp
            gap = np.maximum(out[:, right] - out[:, left], 0)
            out[:, place] = out[:, left] + (gap * share).astype(np.int64) // 1000 * 1000
    return out


def _not_before(row: Ints, at: Ints) -> Ints:
    """Moments within a row raised to the one before where they are earlier."""
    if not len(at):
        return at
    first = int(at.min())
    width = int(at.max()) - first + 1
    number = np.cumsum(np.diff(row, prepend=row[0]) != 0)
    if width * (int(number[-1]) + 1) >= 2**62:
        raise ValueError("moments lie too far apart to be put in order")
    raised = np.maximum.accumulate(number * width + (at - first))
    return np.asarray(raised - number * width + first)


def check(one: Declaration) -> None:
    """Raises ValueError for a course that names what the table does not have."""
    if (one.steps is None) != (not one.state):
        raise ValueError(f"{one.name} has a state and no steps, or steps and no state.")
    made = {column for maker in one.makers for column in maker.columns}
    for column in (one.born, one.state, one.actor, *one.reveals.values()):
        if column and column not in made:
            raise ValueError(f"No maker of {one.name} makes {column}, which its course names.")
    for column in one.reveals:
        if not column.startswith("_") and not one.table.column(column).nullable:
            raise ValueError(f"{one.name}.{column} is never missing, so nothing reveals it.")


def seen(
    frames: Frames, frame: Frame, at: np.datetime64, columns: Sequence[str] | None = None
) -> pa.Table:
    """Rows of a frame that are known at the moment ``at``, as they are known then."""
    name = getattr(frame, "name", frame.table.name)
    declaration = frames.platform[name]
    names = list(frame.table.column_names if columns is None else columns)
    changed = _changed(name, declaration, frames, frame, at, names)
    view = frame
    if changed:
        view = Frame(frame.table, start=frame.start, rows=frame.rows)
        for column in names:
            view.set(column, *changed.get(column, (frame[column], frame.missing(column))))
    rows = view.to_arrow(names)
    there = known_by(declaration, frame, at)
    if declaration.by_lot:
        order = frames.by_lot(name)
        return rows.take(order if there is None else order[there[order]])
    return rows if there is None or there.all() else rows.filter(pa.array(there))


def known_by(declaration: Declaration, frame: Frame, at: np.datetime64) -> Truth | None:
    """Whether each row is known at a moment; None where all always are."""
    if not declaration.born:
        return None
    born: Truth = frame[declaration.born] <= at
    never = frame.missing(declaration.born)
    return born & ~never


def _changed(
    name: str,
    declaration: Declaration,
    frames: Frames,
    frame: Frame,
    at: np.datetime64,
    names: Sequence[str],
) -> dict[str, tuple[Any, Truth]]:
    changed: dict[str, tuple[Any, Truth]] = {}
    for column, moment in declaration.reveals.items():
        hidden = (frame[moment] > at) & ~frame.missing(moment)
        if column in names and hidden.any():
            changed[column] = (frame[column], frame.missing(column) | hidden)
    if declaration.state in names:
        status = frames.steps(name).at_moment(frame.rows, at)
        changed[declaration.state] = (status, status.codes < 0)
    if declaration.known is not None:
        for column, values in frames.known(frame, at).items():
            pair = values if isinstance(values, tuple) else (values, np.zeros(frame.rows, bool))
            changed[column] = pair
    return changed
