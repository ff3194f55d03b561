"""Formats a bundle can be written in."""

from generator.write.contract import Slices, TableWriter, WholeWriter, Written, storage, written
from generator.write.csv import write_csv, write_csv_gz
from generator.write.jsonl import write_jsonl
from generator.write.parquet import write_parquet
from generator.write.postgres import write_postgres
from generator.write.sqlite import write_sqlite

TABLE_FORMATS: dict[str, TableWriter] = {
    "csv": write_csv,
    "csv.gz": write_csv_gz,
    "parquet": write_parquet,
    "jsonl": write_jsonl,
}
WHOLE_FORMATS: dict[str, WholeWriter] = {"sqlite": write_sqlite, "postgres": write_postgres}

__all__ = [
    "TABLE_FORMATS",
    "WHOLE_FORMATS",
    "Slices",
    "TableWriter",
    "WholeWriter",
    "Written",
    "storage",
    "written",
]
