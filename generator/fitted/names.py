"""What the columns of a fitted table may be learnt from, by name: their codecs."""

from __future__ import annotations

from collections.abc import Mapping

from generator.fitted.leaves import MARK, PACE, PLACE, TableLeaves, Tie
from generator.leaves.codec import Codec

MOST_BACK = 8  # rows before a row that its columns may look at; a fit takes two
NUMBER = Codec("number")
_TOLD = ("labels", "number")


class Names:
    """Codecs of what is known when the columns of ``table`` are drawn."""

    def __init__(self, tables: Mapping[str, TableLeaves], table: str) -> None:
        self._tables, self._table = tables, table
        self.leaves = tables[table]
        self.earlier: dict[str, Codec] = {}
        self.reached: set[str] = set()  # links whose rows are known

    def codec(self, name: str) -> Codec | None:
        """Of an earlier column, of a parent's row or of rows before; None where it is unknown."""
        if name in self.earlier:
            return self.earlier[name]
        if name.startswith(MARK):
            return self._state(name)
        path, _, rest = name.partition(MARK)
        if path not in self.reached or not rest:
            return None
        parent = next(tie.parent for tie in self.leaves.ties if tie.path == path)
        return _of_whole(self._tables, parent, rest)

    def _state(self, name: str) -> Codec | None:
        if self.leaves.born is None:
            return None
        if name == PLACE:
            return NUMBER
        if name == PACE:
            paced = (c.made is not None and c.made.paces for c in self.leaves.columns.values())
            return NUMBER if any(paced) else None
        _, what, column = (*name.split(MARK, 2), "")[:3]
        if what == "again":
            label, _, column = column.partition(MARK)
            codec = self.earlier.get(label)
            told = label in self.leaves.columns and label not in self._asked()
            if codec is None or codec.form != "labels" or not told:
                return None
        own = self.leaves.columns.get(column)
        if own is None or own.codec.form not in _TOLD or column in self._asked():
            return None
        if what == "again":
            return own.codec
        if what == "mean":
            return NUMBER if own.codec.form == "number" else None
        back = what.removeprefix("before")
        known = what.startswith("before") and back.isdecimal() and 1 <= int(back) <= MOST_BACK
        return own.codec if known else None

    def _asked(self) -> set[str]:
        """Columns that are drawn before all others, for all rows at once."""
        return {tie.chosen for tie in self.leaves.ties if tie.way == "lookup"}


def _of_whole(tables: Mapping[str, TableLeaves], table: str, name: str) -> Codec | None:
    """The codec of a column of a table that is drawn, or of a row its links lead to."""
    leaves = tables[table]
    if name in leaves.columns:
        codec = leaves.columns[name].codec
        return codec if codec.form in _TOLD else None
    path, _, rest = name.partition(MARK)
    tie = _known(leaves, path)
    return _of_whole(tables, tie.parent, rest) if tie is not None and rest else None


def _known(leaves: TableLeaves, path: str) -> Tie | None:
    return next((t for t in leaves.ties if t.path == path and t.way in ("born", "lookup")), None)


def group_ok(tables: Mapping[str, TableLeaves], table: str, path: str) -> bool:
    """Whether a path of links leads from a table to numbers of rows."""
    head, _, rest = path.partition(MARK)
    tie = _known(tables[table], head)
    return tie is not None and (not rest or group_ok(tables, tie.parent, rest))
