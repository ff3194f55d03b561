"""What is kept of tables to compare others with: one- and two-way tables, months, children per
parent, moments; no row, and no value that fewer than ``k`` rows hold.

``summarize`` counts whole tables, ``Counting`` those of a run shard by shard, ``Summary`` is the
document.
"""

from generator.summary.bins import Bins
from generator.summary.count import summarize, summarize_frames, tables_of
from generator.summary.counting import Counting, Counts, counted
from generator.summary.document import Children, ColumnSummary, Summary, TableSummary
from generator.summary.said import Forms, as_said, forms_of

__all__ = [
    "Bins",
    "Children",
    "ColumnSummary",
    "Counting",
    "Counts",
    "Forms",
    "Summary",
    "TableSummary",
    "as_said",
    "counted",
    "forms_of",
    "summarize",
    "summarize_frames",
    "tables_of",
]
