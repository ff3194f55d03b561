"""Fits of linked tables: *berka* and six sets of packages, beside real halves and SDV's HMA.

    make bench-fit          or: python -m tests.benchmarks.linked [--only NAME ...]
        [--seeds N] [--python PYTHON] [--data FOLDER] [--peers]

Of each set half of the families are learnt, as many drawn and held against the other half; ``real``
is the learnt half itself held against the other.  Figures are means over the seeds; formulas in
docs/comparison.md.  ``tests.benchmarks.relational`` holds *berka* against its targets.  With
``--peers`` HMA runs on one seed where ``make bench-peers`` has installed it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

import generator
from generator.compare.certificate import certify
from generator.fit import fit, linked_halves
from generator.fit.linked import keyed
from generator.schema import Schema
from generator.summary import tables_of
from tests.benchmarks.fidelity import peers
from tests.benchmarks.fidelity.peers import NotRun
from tests.benchmarks.relational import drawn, figures

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "var" / "bench"
BERKA = ROOT.parent / "shared" / "data" / "berka"
SETS = ("berka", "players", "wages", "visits", "pupils", "years", "flights")
HEADS = ("joined rows", "siblings", "children per parent, KS", "parents and aggregates, AUC")
SHORT = ("joined", "siblings", "count KS", "AUC", "orphans", "cpu")
MOST_TABLES = 5  # that SDV's HMA takes
Sides = dict[str, pa.Table]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--only", nargs="*", choices=SETS, default=list(SETS))
    options.add_argument("--seeds", type=int, default=5)
    options.add_argument("--python", type=Path, default=FOLDER / "v" / "bin" / "python")
    options.add_argument("--data", type=Path, default=FOLDER / "linked")
    options.add_argument("--peers", action="store_true")
    asked = options.parse_args()
    script = Path(__file__).parent / "fidelity" / "export_linked.py"
    subprocess.run([asked.python, script, asked.data], check=True)
    sys.stdout.write(f"{'':16}{''.join(f'{head:>10}' for head in SHORT)}\n")
    for name in asked.only:
        folder = BERKA if name == "berka" else asked.data / name
        schema, rows = _read(folder)
        runs = [_run(schema, rows, seed) for seed in range(1, asked.seeds + 1)]
        for at, side in enumerate(("real", "fit")):
            _say(name, side, np.mean([run[at] for run in runs], axis=0))
        if asked.peers:
            try:
                _say(name, "hma", _peer(folder, schema, rows))
            except NotRun as why:
                sys.stdout.write(f"{name:8} {'hma':7} not run: {why}\n")
    return 0


def _say(name: str, side: str, found: Any) -> None:
    sys.stdout.write(f"{name:8} {side:7}{''.join(f'{value:>10.4g}' for value in found)}\n")
    sys.stdout.flush()


def _read(folder: Path) -> tuple[Schema, Sides]:
    raw = {name: rows for name, rows in generator.read(folder).items() if name.upper() != "README"}
    schema = generator.infer(raw, folder / "metadata.json")
    return keyed(schema, generator.typed(raw, schema))


def _run(schema: Schema, rows: Sides, seed: int) -> tuple[list[float], list[float]]:
    """The figures of the real half and of a fit."""
    first, second = linked_halves(schema, rows, seed=seed, most=1 << 30)
    start = time.process_time()
    made = drawn(fit(first, schema, name="linked", seed=seed), {"seed": seed + 100})
    spent = time.process_time() - start
    fitted, real = _figures(schema, first, made, second)
    return [*real, 0.0], [*fitted, spent]


def _figures(
    schema: Schema, first: Sides, made: Sides, second: Sides
) -> tuple[list[float], list[float]]:
    scores = certify(*(tables_of(schema, one) for one in (first, made, second)), seed=1)
    found = figures(scores, schema, first, made, second)
    heads = (*HEADS, "orphans")
    return [found[head][0] for head in heads], [found[head][1] for head in heads]


def _peer(folder: Path, schema: Schema, rows: Sides) -> list[float]:
    """The figures of SDV's HMA on the first seed.  Raises NotRun where it gives no rows."""
    if len(schema.names) > MOST_TABLES:
        raise NotRun(f"it takes {MOST_TABLES} tables, here are {len(schema.names)}")
    python = FOLDER / "peers" / "bin" / "python"
    if not python.is_file():
        raise NotRun("its environment is not there; `make bench-peers` makes it")
    first, second = linked_halves(schema, rows, seed=1, most=1 << 30)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as work:
        learnt, made = Path(work) / "learnt", Path(work) / "made"
        learnt.mkdir()
        for name, table in first.items():
            pyarrow.csv.write_csv(table, learnt / f"{name}.csv")
        (learnt / "links.json").write_text(json.dumps(_links(schema)))
        peers.run(python, "hma", learnt, made, 1)
        read = generator.typed(generator.read(made), schema)
    spent = time.perf_counter() - start
    return [*_figures(schema, first, read, second)[0], spent]


def _links(schema: Schema) -> Mapping[str, Any]:
    return {
        "keys": {table.name: table.key for table in schema if table.key},
        "links": [
            [table.name, link.column, link.parent] for table in schema for link in table.links
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
