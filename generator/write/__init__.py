"""Formats a bundle can be written in; to add one, write its file and name it here."""

from generator.write import api_json, csv, csv_gz, jsonl, mysql, parquet, postgres, sqlite
from generator.write.disk import disk_errors
from generator.write.format import FileFormat, Format, Frame, NestedFormat, Slices, TextFormat
from generator.write.wanted import Wanted

FORMATS: dict[str, Format] = {
    module.FORMAT.name: module.FORMAT
    for module in (csv, csv_gz, parquet, jsonl, sqlite, postgres, mysql, api_json)
}
"""By name, in the order in which they are offered."""

__all__ = [
    "FORMATS",
    "FileFormat",
    "Format",
    "Frame",
    "NestedFormat",
    "Slices",
    "TextFormat",
    "Wanted",
    "disk_errors",
]
