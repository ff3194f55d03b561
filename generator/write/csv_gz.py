"""CSV, gzipped: one member a part, one for the header; every gunzip puts them together.

libdeflate gives the same bytes on every processor.  A member has no name and no time in it, so
equal rows give equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from generator.schema import Table
from generator.write import csv
from generator.write.format import Frame, TextFormat, text_size

_LEVEL = 1  # 56.9 MB of 252 MB of telemetry; 6 gives 49.3 MB and takes 3.5 times as long


def part(table: Table, rows: pa.Table) -> Iterator[bytes]:
    yield _member(b"".join(lines.to_pybytes() for lines in csv.part(table, rows)))


def frame(tables: Sequence[Table]) -> Frame:
    return Frame(_member(csv.frame(tables).before))


def _member(content: bytes) -> bytes:
    import deflate

    return bytes(deflate.gzip_compress(content, _LEVEL))


FORMAT = TextFormat(
    name="csv.gz",
    title="CSV, gzipped",
    hint="a quarter of the size",
    ending=".csv.gz",
    media="application/gzip",
    size=lambda column: 0.19 * text_size(column),
    seconds=0.1,
    packed=True,
    part=part,
    frame=frame,
    read=csv.read,
    find=csv.find,
)
