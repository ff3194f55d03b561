"""What a profile learnt from an extract, in plain words, from its own summary: so that whoever
brought the data reads what leaves with the profile, and what does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from generator.compare.digits import percent, three
from generator.schema import Schema, Table
from generator.summary import ColumnSummary, Summary, TableSummary
from generator.summary.bins import OTHER, day

MOST_LABELS = 4
MOST_PAIRS = 5
LEAST_BOND = 0.15  # of Cramér's V that is spoken of


@dataclass(frozen=True)
class Learnt:
    """A table: a sentence about it, one for each column by its name, what goes together."""

    table: str
    says: str
    columns: tuple[tuple[str, str], ...]
    together: tuple[str, ...]


def learnt(schema: Schema, summary: Summary) -> tuple[Learnt, ...]:
    """Table by table, in the order of the schema."""
    return tuple(
        Learnt(
            table.name,
            _table(table, summary),
            tuple(_columns(table, summary.tables[table.name])),
            tuple(_together(summary.tables[table.name])),
        )
        for table in schema
        if table.name in summary.tables
    )


def _table(table: Table, summary: Summary) -> str:
    held = summary.tables[table.name]
    said = [f"{held.rows:,} rows."]
    for one in summary.children:
        if one.parent == table.name:
            said.append(f"A row has {one.mean:.3g} of {one.child} on average.")
    return " ".join(said)


def _columns(table: Table, held: TableSummary) -> Iterator[tuple[str, str]]:
    for column in table.columns:
        entry = held.columns.get(column.name)
        if entry is not None:
            said = _column(entry, held, personal=column.personal or "")
            yield column.name, said


def _column(entry: ColumnSummary, held: TableSummary, *, personal: str) -> str:
    lacking = entry.missing / max(held.rows, 1)
    said = f" {percent(lacking)} are missing." if entry.missing else ""
    if personal:
        return f"Personal: every value is made anew, none was learnt.{said}"
    if entry.role == "key":
        return f"A key or link: numbered anew, no value was learnt.{said}"
    if entry.bins is None:
        return f"Text: its shape alone was learnt, every value is made anew.{said}"
    if entry.bins.edges is None:
        return _labels(entry) + said
    return _ordered(entry) + said


def _labels(entry: ColumnSummary) -> str:
    assert entry.bins is not None
    whole = max(sum(entry.counts[:-1]), 1)
    shares = {
        label: count / whole
        for label, count in zip(entry.bins.labels, entry.counts, strict=False)
        if count
    }
    rare = shares.pop(OTHER, 0.0)
    most = sorted(shares, key=lambda label: -shares[label])[:MOST_LABELS]
    listed = ", ".join(f"{label} ({percent(shares[label])})" for label in most)
    more = len(shares) - len(most)
    said = f"{listed}{f' and {more} more' if more > 0 else ''}."
    return f"{said} Rarer ones, {percent(rare)}, are told together." if rare else said


def _ordered(entry: ColumnSummary) -> str:
    assert entry.bins is not None
    edges = np.asarray(entry.bins.edges, dtype=np.float64)
    below = np.concatenate(([0.0], np.cumsum(np.asarray(entry.counts[:-1], dtype=np.float64))))
    low, middle, high = np.interp((0.25, 0.5, 0.75), below / max(below[-1], 1.0), edges)
    say = day if entry.role == "moment" else three
    if entry.role == "moment":
        return f"Half of the days lie from {say(low)} to {say(high)}, the middle is {say(middle)}."
    mean = "" if entry.mean is None else f"{three(entry.mean)} on average; "
    said = f"{mean}half of the rows lie from {say(low)} to {say(high)}."
    return said[0].upper() + said[1:]


def _together(held: TableSummary) -> Iterator[str]:
    """The strongest bonds, by Cramér's V of the two-way tables."""
    bonds = [(bond(counts), *names) for names, counts in held.pairs.items()]
    for strength, one, other in sorted(bonds, reverse=True)[:MOST_PAIRS]:
        if strength >= LEAST_BOND:
            word = "closely" if strength >= 0.5 else "clearly" if strength >= 0.3 else "loosely"
            yield f"{one} and {other} go together {word}."


def bond(counts: np.ndarray) -> float:
    """Cramér's V of a two-way table of counts: 0 where the columns know nothing of each other,
    1 where one says the other.  Cramér, Mathematical Methods of Statistics, 1946, 21.9."""
    table = np.asarray(counts, dtype=np.float64)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    rows = table.sum()
    if min(table.shape) < 2 or rows <= 0:
        return 0.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / rows
    chi = float(((table - expected) ** 2 / expected).sum())
    return float(np.sqrt(chi / (rows * (min(table.shape) - 1))))
