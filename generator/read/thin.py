"""Of a long table every n-th row, so that what stays has a bounded size.

A fit learns from a sample of a table of millions of rows as well as from all of them: the error of
a share is below a thousandth already.  Rows are taken evenly over the file, which often is in the
order of time, and without a draw: the same file gives the same rows.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

FEWEST = 500_000  # rows that stay of a long table, at least; at most twice as many


class Thin:
    """Takes a table in batches; ``seen`` rows came, of which every ``every``-th is held,
    never more than ``most``."""

    def __init__(self, most: int | None = None) -> None:
        self.seen = 0
        self.every = 1
        self.most = 2 * FEWEST if most is None else most
        self._held: list[pa.RecordBatch] = []
        self._rows = 0

    def take(self, batch: pa.RecordBatch) -> None:
        kept = batch
        if self.every > 1:
            at = np.arange(-self.seen % self.every, batch.num_rows, self.every)
            kept = batch.take(pa.array(at))
        self.seen += batch.num_rows
        self._rows += kept.num_rows
        self._held.append(kept)
        while self._rows > self.most:
            self._halve()

    def _halve(self) -> None:
        """Batch by batch, so that no second copy of all of them is made."""
        begun = 0
        for place, batch in enumerate(self._held):
            at = np.arange(begun % 2, batch.num_rows, 2)
            begun += batch.num_rows
            self._held[place] = batch.take(pa.array(at))
        self.every *= 2
        self._rows = sum(batch.num_rows for batch in self._held)

    def table(self) -> pa.Table:
        return pa.Table.from_batches(self._held)
