"""Drawing one column of rows that know no rows of other tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.fitted.draw import Drawn, Known, draw_absent, drawn_of, features_of, in_order
from generator.fitted.keeping import Keeping
from generator.fitted.leaves import ColumnLeaves, TableLeaves
from generator.fitted.pairs import Pairs
from generator.fitted.parts import part_of
from generator.leaves.decode import decode, made_anew
from generator.schema import Table
from generator.streams import Stream


def tell_part(name: str, leaves: TableLeaves, known: dict[str, Known]) -> None:
    """Let a hidden column that is a part of a moment be known."""
    made = leaves.columns[name].made
    if made is None or made.way != "part":
        return
    of, labels = known[made.of], leaves.columns[made.of].codec.labels
    numbers = np.array([*labels, 0.0])[of.places] if labels else of.numbers
    known[name] = Drawn(of.missing, part_of(made, numbers), np.zeros(0, np.int64))


def draw_column(
    table: Table,
    name: str,
    leaves: ColumnLeaves,
    known: dict[str, Known],
    keeping: Keeping,
    seed: int,
    first: int,
    last: int,
    *,
    anew: bool = True,
    pairs: Pairs | None = None,
    of: int | None = None,
) -> pa.Array:
    """Rows ``first`` to ``last`` (exclusive) of a column as they are written; where they are to be
    made ``anew`` only what is missing, as ``decode`` has it."""
    declared, codec, n = table.column(name), leaves.codec, last - first
    if codec.form == "missing":
        return pa.nulls(n, declared.arrow_type())
    values, absent = draw_known(
        table, name, leaves, known, keeping, seed, first, last, even=anew, pairs=pairs, of=of
    )
    if values is None:
        if not anew:
            return pa.array(absent)
        return made_anew(declared, codec, first, last, Stream(seed, table.name, name), absent)
    return decode(declared, codec, values, absent)


def draw_known(
    table: Table,
    name: str,
    leaves: ColumnLeaves,
    known: dict[str, Known],
    keeping: Keeping,
    seed: int,
    first: int,
    last: int,
    *,
    even: bool = True,
    pairs: Pairs | None = None,
    of: int | None = None,
) -> tuple[NDArray[Any] | None, NDArray[np.int32]]:
    """Codes or numbers of a column that is not all missing, None where they are made anew, and
    which are absent; ``known`` and ``keeping`` are told."""
    codec, n = leaves.codec, last - first
    features = features_of(leaves.predictors, known, n)
    bits = Stream(seed, table.name, f"{name}\x1fmissing").bits(first, last)
    absent = keeping.absent(name, draw_absent(leaves, features, bits, even=even))
    if codec.form == "pattern":
        keeping.tell(name, None, absent, absent)
        return None, absent
    values: NDArray[Any]
    if pairs is not None and name in pairs.rule.columns:
        values = pairs.at(name, np.arange(first, last))
    else:
        words = Stream(seed, table.name, name).bits(first, last)
        if of is not None:
            words, even = in_order(words, first, of), False
        values, absent = keeping.values(name, leaves, features, known, absent, words, even=even)
    keeping.tell(name, codec, values, absent)
    known[name] = drawn_of(codec, values, absent)
    return values, absent
