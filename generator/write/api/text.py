"""The JSON of a frame's rows in the shape of an aggregate, a column at a time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.schema import Column, Kind
from generator.write.api.frame import Frame
from generator.write.api.leaf import Change, Leaf
from generator.write.api.shape import Array, Each, Node, Object
from generator.write.jsonl import escaped
from generator.write.text import as_text

_MIDNIGHT = "T00:00:00.000Z"

Text: TypeAlias = "pa.Array | str | None"
"""JSON of each row, missing where the property is absent; one constant; or absent in all rows."""


class Lines:
    """Writes lines; ``carried`` counts the rows that were nested, by their table."""

    def __init__(self) -> None:
        self.carried: Counter[str] = Counter()

    def of(self, frame: Frame, shape: Object) -> pa.Array:
        """A line a row; every row has something in it."""
        whole = self._text(frame, shape)
        assert isinstance(whole, pa.Array)
        return _joined([whole, "\n"])

    def _text(self, frame: Frame, node: Node) -> Text:
        if isinstance(node, bool):
            return "true" if node else "false"
        if isinstance(node, Leaf):
            return _leaf_text(frame, node)
        if isinstance(node, Array):
            return self._array(frame, node)
        return self._object(frame, node)

    def _array(self, frame: Frame, node: Array) -> Text:
        items = [self._text(frame, item) for item in node.items]
        inside = _listed([item for item in items if item is not None])
        if inside is None or isinstance(inside, str):
            return None if inside is None else f"[{inside}]"
        return pc.binary_join_element_wise("[", inside, "]", "")

    def _object(self, frame: Frame, node: Object) -> Text:
        """An object; of ``_each``, the objects of the rows beneath with commas between."""
        if node.when:
            plain, mask = replace(node, when=()), frame.passing(node.when)
            if mask is None:
                return self._object(frame, plain)
            return _some(frame, mask, lambda part: self._object(part, plain))
        if node.each:
            return self._beneath(frame, node.each, replace(node, each=None))
        if node.at:
            there = frame.follow(node.at)
            if there is None:
                return None
            found = there.keys.is_valid()
            plain = replace(node, at="")
            return _some(there, found, lambda part: self._object(part, plain))
        if node.needs and frame.cell(node.needs) is None:
            return None
        texts = {name: self._text(frame, one) for name, one in node.properties.items()}
        whole = _braced({name: text for name, text in texts.items() if text is not None})
        return _where_there(frame, node.needs, whole) if node.needs else whole

    def _beneath(self, frame: Frame, each: Each, shape: Object) -> Text:
        found = rows_beneath(frame, each)
        if found is None:
            return None
        child, row = found
        if each.counted:
            self.carried[each.table] += len(child)
        text = self._text(child, shape)
        if text is None or not len(child):
            return None
        if isinstance(text, str):
            text = pa.repeat(text, len(child))
        if text.null_count:  # rows that have no object
            row, text = row[np.asarray(text.is_valid())], text.drop_null()
        counts = np.bincount(row, minlength=len(frame))
        ends = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        lists = pa.ListArray.from_arrays(pa.array(ends), text)
        return pc.if_else(pa.array(counts > 0), pc.binary_join(lists, ","), None)


def rows_beneath(frame: Frame, each: Each) -> tuple[Frame, NDArray[np.int64]] | None:
    """The rows that lie under those of ``frame``, in the order of those, and the number of the
    row each lies under; None where a table is not in the bundle."""
    store = frame.store
    if each.table not in store or (each.via and each.via not in store):
        return None
    over = frame.cell(each.of)[1] if each.of else frame.keys  # type: ignore[index]
    if not each.by:
        return _shared(frame, each)
    if each.via:
        key = store.tables[each.via].key or ""
        between = store.where(each.via, each.up, over.unique(), [key, each.up])
        rows = store.where(each.table, each.by, between.column(key).combine_chunks())
        at = pc.index_in(rows.column(each.by), between.column(key).combine_chunks())
        held = between.column(each.up).take(at)
    else:
        rows = store.where(each.table, each.by, over.unique())
        held = rows.column(each.by)
    child = Frame(store, each.table, rows.append_column("\0over", held))
    if (mask := child.kept(each)) is not None:
        child = child.only(mask)
    row = np.asarray(pc.index_in(child.rows.column("\0over").combine_chunks(), over))
    order = np.argsort(row, kind="stable")
    sorted_rows = child.rows.drop_columns("\0over").take(order)
    return Frame(store, each.table, sorted_rows), row[order]


def _shared(frame: Frame, each: Each) -> tuple[Frame, NDArray[np.int64]]:
    """All rows, under the first row of the frame's table where that is in the frame."""
    store, table = frame.store, frame.table
    first = store.first(table.name, [table.key or ""]).column(0).combine_chunks()
    at = np.flatnonzero(np.asarray(pc.is_in(frame.keys, first)))
    rows = store.all(each.table) if len(at) else store.none(each.table)
    child = Frame(store, each.table, rows)
    if (mask := child.kept(each)) is not None:
        child = child.only(mask)
    return child, np.full(len(child), at[0] if len(at) else 0, np.int64)


def _some(frame: Frame, mask: pa.Array, make: Callable[[Frame], Text]) -> Text:
    """What ``make`` gives for some rows, missing in the others."""
    mask = mask.fill_null(False)
    if not pc.any(mask).as_py():
        return None
    if pc.all(mask).as_py():
        return make(frame)
    text = make(frame.only(mask))
    if text is None or isinstance(text, str):
        return text and pc.if_else(mask, text, pa.scalar(None, pa.string()))
    chosen = np.asarray(mask)
    return text.take(pa.array(np.cumsum(chosen) - 1, mask=~chosen))


def _where_there(frame: Frame, path: str, text: Text) -> Text:
    cell = frame.cell(path)
    if cell is None or text is None:
        return None
    there = cell[1].is_valid()
    return pc.if_else(there, text, pa.scalar(None, pa.string())) if cell[1].null_count else text


def _braced(texts: Mapping[str, pa.Array | str]) -> Text:
    """``{"a":…,"b":…}``; missing where nothing but constants would be in it."""
    made = [text for text in texts.values() if not isinstance(text, str)]
    if not made:
        return _constant_object(texts) if texts else None
    pieces: list[pa.Array | str] = []
    for name, text in texts.items():
        start = f",{json.dumps(name)}:"
        if isinstance(text, str) or not text.null_count:
            pieces += [start, text]
        else:
            pieces.append(pc.binary_join_element_wise(start, text, ""))
    if isinstance(pieces[0], str):  # the first property is always there
        whole = _joined(["{" + pieces[0][1:], *pieces[1:], "}"])
    else:
        whole = _joined(["{", pc.utf8_slice_codeunits(_joined(pieces), 1), "}"])
    if any(not text.null_count for text in made):
        return whole
    there = reduce(pc.or_, (text.is_valid() for text in made))
    return pc.if_else(there, whole, pa.scalar(None, pa.string()))


def _constant_object(texts: Mapping[str, pa.Array | str]) -> str:
    return "{" + ",".join(f"{json.dumps(name)}:{text}" for name, text in texts.items()) + "}"


def _joined(pieces: Sequence[pa.Array | str]) -> pa.Array:
    """Texts one behind the other; constants side by side become one, what is missing goes."""
    merged: list[pa.Array | str] = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    return pc.binary_join_element_wise(*merged, "", null_handling="replace", null_replacement="")


def _listed(items: Sequence[pa.Array | str]) -> Text:
    """The items of an array with commas between, without those that are missing."""
    if all(isinstance(item, str) for item in items):
        return ",".join(item for item in items if isinstance(item, str)) if items else None
    if len(items) == 1:
        return items[0]
    pieces: list[pa.Array | str] = []
    for item in items:
        if isinstance(item, str):
            pieces.append("," + item)
        else:
            pieces.append(pc.binary_join_element_wise(",", item, ""))
    text = pc.utf8_slice_codeunits(_joined(pieces), 1)
    if any(isinstance(item, str) or not item.null_count for item in items):
        return text
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _leaf_text(frame: Frame, leaf: Leaf) -> Text:
    text = _own_text(frame, leaf)
    if leaf.otherwise is None or isinstance(text, str):
        return text
    other = _leaf_text(frame, leaf.otherwise)
    return other if text is None else text if other is None else pc.coalesce(text, other)


def _own_text(frame: Frame, leaf: Leaf) -> Text:
    if len(leaf.pieces) == 1:
        return json.dumps(leaf.pieces[0], ensure_ascii=False)
    quoted, pieces = True, []
    for number, piece in enumerate(leaf.pieces):
        if number % 2 == 0:
            pieces.append(piece)
            continue
        cell = frame.cell(piece)
        if cell is None:
            return None
        text, bare = _changed(*cell, leaf.changes)
        quoted = quoted and not bare
        pieces.append(text)
    mark = '"' if quoted else ""
    used = [mark + pieces[0], *pieces[1:-1], pieces[-1] + mark]
    merged = [piece for piece in used if not isinstance(piece, str) or piece]
    return pc.binary_join_element_wise(*merged, "")  # missing where one is


def _changed(column: Column, values: pa.Array, changes: Sequence[Change]) -> tuple[pa.Array, bool]:
    """The text of a column with its changes, and whether it stands without quotes."""
    if any(change.name == "after" for change in changes):
        values = pc.add(values.cast(pa.int32()), pa.scalar(1, pa.int32())).cast(pa.date32())
    text = as_text(column, values)
    bare = column.kind is Kind.BOOLEAN and not changes
    if column.kind in (Kind.TEXT, Kind.ENUM):
        if len(text) and pc.min(pc.binary_length(text)).as_py() == 0:
            text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
        for change in changes:
            text = _CHANGES[change.name](text, change)
        return escaped(text), bare
    for change in changes:
        bare = bare or change.name == "number"
        text = _CHANGES[change.name](text, change)
    return text, bare


def _words(text: pa.Array, change: Change) -> pa.Array:
    words = change.words or {}
    at = pc.index_in(text, pa.array(list(words), pa.string()))
    return pa.array(list(words.values()), pa.string()).take(at)


def _minus(text: pa.Array, _: Change) -> pa.Array:
    """The number below zero; zero stays what it is, and what is below zero comes above it."""
    below = pc.starts_with(text, "-")
    other = pc.if_else(
        below, pc.utf8_slice_codeunits(text, 1), pc.binary_join_element_wise("-", text, "")
    )
    return pc.if_else(pc.match_substring_regex(text, "[1-9]"), other, text)


_CHANGES: Mapping[str, Callable[[pa.Array, Change], pa.Array]] = {
    "number": lambda text, _: text,
    "text": lambda text, _: text,
    "moment": lambda text, _: pc.binary_join_element_wise(text, _MIDNIGHT, ""),
    "after": lambda text, _: pc.binary_join_element_wise(text, _MIDNIGHT, ""),  # the day after
    "day": lambda text, _: pc.utf8_slice_codeunits(text, 0, 10),
    "cut": lambda text, change: pc.utf8_slice_codeunits(text, 0, change.most),
    "least": lambda text, change: pc.if_else(
        pc.less(pc.utf8_length(text), change.most), pa.scalar(None, pa.string()), text
    ),
    "words": _words,
    "minus": _minus,
}
