"""Keeping rows under one parent apart: a row that says what another says is drawn again, and at
last gets the nearest value that is free."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.errors import RunError
from generator.fitted.draw import Ints
from generator.fitted.leaves import ColumnLeaves, TableLeaves
from generator.fitted.meeting import Turn
from generator.found import Once
from generator.schema import Table

TURNS = 24  # in which rows are drawn again
EACH = 4  # times a row in each of them
_ADDRESSES = 24  # bits of a row's number in the stream of what is drawn again


class Apart:
    """Keeps the rows of a lot to one rule; ``under`` says of which parent each of them is."""

    def __init__(
        self, rule: Once, table: Table, leaves: TableLeaves, seed: int, under: Ints
    ) -> None:
        self._rule, self._table, self._seed, self._under = rule, table, seed, under
        self._names = (*rule.needs, rule.gives)
        self._gives: ColumnLeaves = leaves.columns[rule.gives]
        self._tried = 0
        self._said: set[bytes] = set()

    def at_once(self, drawer: Any, rows: Ints, view: Any) -> None:
        """Keep all rows of a lot apart, which know nothing of each other."""
        self._keep(drawer, rows, view, 0, None, rows)

    def at_place(self, drawer: Any, rows: Ints, view: Any, place: int, state: Any) -> None:
        """Keep rows apart from those before them under their parents."""
        twice = np.zeros(len(rows), dtype=bool)
        for back in range(1, place + 1):
            alike = np.ones(len(rows), dtype=bool)
            for name in self._names:
                values = drawer.values[name]
                alike &= values[rows - back] == values[rows]
            twice |= alike
        if twice.any():
            before = (rows[twice][:, None] - np.arange(1, place + 1)).ravel()
            self._keep(drawer, rows, view, place, state, np.concatenate([before, rows]))

    def forget(self) -> None:
        """Nobody has said anything yet."""
        self._said.clear()

    def note(self, drawer: Any, rows: Ints) -> None:
        """What rows say that are apart, for ``free`` of others."""
        self._said.update(self._of(drawer, rows).tolist())

    def free(
        self, drawer: Any, rows: Ints, values: Mapping[str, NDArray[Any]]
    ) -> NDArray[np.bool_]:
        """Whether rows (n,) may say other ``values`` (n,), all of them together: what they say
        themselves, or what nobody does that was noted."""
        old, new = self._of(drawer, rows), self._keys(self._under[rows], values)
        nobody = [one not in self._said for one in new.tolist()]
        first = np.zeros(len(rows), dtype=bool)
        first[np.unique(new, return_index=True)[1]] = True
        free: NDArray[np.bool_] = first & (np.array(nobody, dtype=bool) | (old == new))
        return free

    def leave(self, drawer: Any, rows: Ints) -> None:
        """Rows are about to say something else."""
        self._said.difference_update(self._of(drawer, rows).tolist())

    def _keep(
        self, drawer: Any, rows: Ints, view: Any, place: int, state: Any, among: Ints
    ) -> None:
        twice = self._twice(drawer, rows, among)
        for _ in range(TURNS):
            if not len(twice):
                return
            at = np.repeat(twice, EACH)
            turn = self._again(drawer, rows, at, view, place, state, {})
            taken = self._free(drawer, rows, at, turn, among)
            if len(taken):
                drawer.accept(rows, at[taken], view, turn, taken)
                twice = self._twice(drawer, rows, among)
        free = [self._move(drawer, int(rows[one]), among) for one in twice.tolist()]  # a handful
        if free:
            values = drawer.values[self._rule.gives]
            given = {n: drawer.values[n][rows[twice]] for n in self._rule.needs}
            given |= {self._rule.gives: np.array(free, dtype=values.dtype)}
            turn = self._again(drawer, rows, twice, view, place, state, given)
            drawer.accept(rows, twice, view, turn, np.arange(len(twice)))

    def _again(
        self,
        drawer: Any,
        rows: Ints,
        at: Ints,
        view: Any,
        place: int,
        state: Any,
        given: dict[str, NDArray[Any]],
    ) -> Turn:
        first = (1 << 62) + (drawer.first << _ADDRESSES) + self._tried
        turn = Turn(self._seed, self._table.name, first, len(at), given=given)
        self._tried += len(at)
        drawer.again(rows, at, view, place, state, turn, ())
        return turn

    def _keys(self, under: Ints, values: Mapping[str, NDArray[Any]]) -> NDArray[np.void]:
        """What the rule says of rows (n,): two are alike that are not apart."""
        told = [under.astype(np.float64), *(values[n].astype(np.float64) for n in self._names)]
        keys = np.ascontiguousarray(np.column_stack(told) + 0.0)
        return keys.view(np.dtype((np.void, keys.dtype.itemsize * keys.shape[1]))).ravel()

    def _of(self, drawer: Any, rows: Ints) -> NDArray[np.void]:
        return self._keys(self._under[rows], {n: drawer.values[n][rows] for n in self._names})

    def _twice(self, drawer: Any, rows: Ints, among: Ints) -> Ints:
        """Which of the rows, the last of ``among``, say what one before them says."""
        _, first = np.unique(self._of(drawer, among), return_index=True)
        alone = np.zeros(len(among), dtype=bool)
        alone[first] = True
        return np.flatnonzero(~alone[len(among) - len(rows) :])

    def _free(self, drawer: Any, rows: Ints, at: Ints, turn: Turn, among: Ints) -> Ints:
        """Which rows drawn again say what nobody says, each row once."""
        new = self._keys(self._under[rows[at]], turn.values)
        free = ~np.isin(new, self._of(drawer, among))
        once = np.zeros(len(at), dtype=bool)
        once[np.unique(new, return_index=True)[1]] = True
        use = np.flatnonzero(free & once)
        _, mine = np.unique(at[use], return_index=True)
        found: Ints = use[np.sort(mine)]
        return found

    def _move(self, drawer: Any, row: int, among: Ints) -> Any:
        """Take a free value for a row: of labels one by chance, of numbers the next."""
        same = among[self._under[among] == self._under[row]]
        for name in self._rule.needs:
            same = same[drawer.values[name][same] == drawer.values[name][row]]
        values, codec = drawer.values[self._rule.gives], self._gives.codec
        taken, now = set(values[same].tolist()), values[row].item()
        if codec.form == "labels":
            free = [code for code in range(len(codec.labels)) if code not in taken]
        else:
            assert codec.scale is not None
            steps = (now + step * codec.scale.grid for step in range(len(taken) + 2))
            free = [next(value for value in steps if value not in taken)]
        if not free:
            raise RunError(
                f"{self._table.name}: more rows are to be under one row of its parent than "
                f"{self._rule.gives} has values, and none may come twice; ask for fewer rows of "
                f"{self._table.name}."
            )
        values[row] = free[row * 7919 % len(free)]
        return values[row]
