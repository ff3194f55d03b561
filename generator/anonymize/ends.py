"""Columns that hold the last signs of another (the last four of a card): those of its token."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from generator.anonymize.column import Column

_LONGEST = 6  # signs
_ALIKE = 0.95  # of the rows that have both
_CLASSES = {"card_number", "ssn_tax_id", "bank_account", "vin", "phone"}
_SIGNS = r"[^0-9A-Za-z]"


def ends_of(columns: list[Column], before: pa.Table) -> Iterator[tuple[Column, Column]]:
    """Of one table: pairs of a short column and the column whose last signs it holds."""
    mine = [one for one in columns if one.word in _CLASSES]
    for short in mine:
        signs = _bare(before.column(short.name))
        size = pc.max(pc.utf8_length(signs)).as_py() or 0
        if not 0 < size <= _LONGEST:
            continue
        for whole in mine:
            if whole.word == short.word and whole is not short:
                last = pc.utf8_slice_codeunits(_bare(before.column(whole.name)), -size)
                both = pc.mean(pc.equal(signs, last).cast(pa.int8())).as_py()
                if both is not None and both >= _ALIKE:
                    yield short, whole
                    break


def last_signs(short: pa.ChunkedArray, token: pa.ChunkedArray) -> pa.ChunkedArray:
    """The last signs of the tokens, where the short column has a value."""
    size = pc.max(pc.utf8_length(_bare(short))).as_py() or 0
    last = pc.utf8_slice_codeunits(_bare(token), -size)
    old = short.cast(pa.string())
    empty = pc.or_kleene(pc.is_null(last), pc.equal(pc.fill_null(old, ""), ""))
    return pc.if_else(empty, old, last)


def _bare(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.replace_substring_regex(values.cast(pa.string()), _SIGNS, "")
