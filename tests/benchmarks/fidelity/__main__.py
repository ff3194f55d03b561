"""Fidelity, usefulness and privacy of a fit on many tables, beside real rows and CART.

    make bench-fit          or: python -m tests.benchmarks.fidelity [--only NAME ...]
        [--rows N] [--seeds N] [--python PYTHON] [--data FOLDER]

Each table is cut into halves; one is learnt, as many rows are drawn and held against the other.
``real`` is the learnt half itself held against the unseen one: the ceiling.  ``cart 5`` and
``cart 50`` are a sequential CART with leaves of so many rows (``cart.py``).  Peers of other
packages (``peers.py``) run with ``--peers`` where ``make bench-peers`` has installed them.
Figures are means over the seeds.  Ends with 1 where the engine misses a target.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

import generator
from generator.fit.whole import fit
from generator.schema import Schema
from tests.benchmarks.fidelity import cart, peers
from tests.benchmarks.fidelity.scores import scored
from tests.benchmarks.fidelity.tables import SOURCES, Halves, Source, exported, halves

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "var" / "bench"
HEADS = ("accuracy", "c2st", "dcr", "member", "outliers", "copies", "off", "of", "learning", "cpu")
Maker = Callable[[pd.DataFrame, int, Source], pd.DataFrame]


def engine(rows: pd.DataFrame, seed: int, source: Source) -> pd.DataFrame:
    """As many rows of a profile fitted from a bare CSV."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "extract.csv"
        rows.to_csv(path, index=False)
        raw = generator.read(path)
        schema = _confirmed(generator.infer(raw), source.plain)
        profile = fit(generator.typed(raw, schema), schema, name="bench", seed=seed)
        recipe = generator.Recipe.from_dict({"seed": seed + 1, "formats": ["csv"]})
        drawing = profile.world.open(plan := generator.plan(profile, recipe))
        parts = [part for shard in plan.shards for _, part in drawing.draw(shard)]
        made = Path(folder) / "made.csv"
        pyarrow.csv.write_csv(pa.concat_tables(parts), made)
        return pd.read_csv(made, low_memory=False)[list(rows.columns)]


MAKERS: dict[str, Maker] = {
    "real": lambda rows, _, __: rows,
    "fit": engine,
    "cart 5": lambda rows, seed, _: cart.drawn(rows, leaf=5, seed=seed),
    "cart 50": lambda rows, seed, _: cart.drawn(rows, leaf=50, seed=seed),
}


def _confirmed(schema: Schema, plain: Collection[str]) -> Schema:
    """The schema with columns of these names as nobody's own."""
    tables = (
        replace(
            table,
            columns=tuple(
                replace(column, personal=None) if column.name in plain else column
                for column in table.columns
            ),
        )
        for table in schema
    )
    return replace(schema, tables=tuple(tables))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--only", nargs="*", choices=sorted(SOURCES))
    options.add_argument("--rows", type=int, default=8_000, help="of a half, at most")
    options.add_argument("--seeds", type=int, default=5)
    options.add_argument("--python", type=Path, default=FOLDER / "v" / "bin" / "python")
    options.add_argument("--data", type=Path, default=FOLDER / "tables")
    options.add_argument("--makers", nargs="*", default=list(MAKERS), choices=list(MAKERS))
    options.add_argument("--peers", action="store_true")
    chosen = options.parse_args()
    exported(chosen.python, chosen.data)
    sys.stdout.write(f"{'':21}{''.join(f'{head:>10}' for head in HEADS)}\n")
    missed = []
    for name in chosen.only or SOURCES:
        found = {}
        for maker in chosen.makers:
            found[maker] = _mean(
                [
                    _figures(
                        name, halves(name, chosen.data, most=chosen.rows, seed=seed), maker, seed
                    )
                    for seed in range(1, chosen.seeds + 1)
                ]
            )
            said = "".join(f"{found[maker][head]:>10.4g}" for head in HEADS)
            sys.stdout.write(f"{name:12} {maker:8}{said}\n")
            sys.stdout.flush()
        missed += [f"{name}: {what}" for what in misses(found)]
        if chosen.peers:
            _beside(name, chosen.data, chosen.rows)
    if not chosen.peers:
        sys.stdout.write(f"{', '.join(peers.NAMES.values())}: not run, nobody asked (--peers)\n")
    sys.stdout.write("".join(f"MISSED {what}\n" for what in missed))
    return 1 if missed else 0


def _beside(name: str, data: Path, rows: int) -> None:
    """A line for each peer on one seed: its figures, or why there are none."""
    sides = halves(name, data, most=rows, seed=1)
    for peer in peers.NAMES:
        start = time.perf_counter()
        try:
            made = peers.drawn(peer, sides.learnt, 1, python=FOLDER / "peers" / "bin" / "python")
        except peers.NotRun as why:
            sys.stdout.write(f"{name:12} {peer:8} not run: {why}\n")
            continue
        figures = scored(made, sides, SOURCES[name].target, 1)
        figures["cpu"] = time.perf_counter() - start
        said = "".join(f"{figures[head]:>10.4g}" for head in HEADS)
        sys.stdout.write(f"{name:12} {peer:8}{said}\n")


def misses(found: dict[str, dict[str, float]]) -> list[str]:
    """Which targets the engine misses on one table."""
    if not {"real", "fit", "cart 5", "cart 50"} <= set(found):
        return []
    made, real, near, far = (found[maker] for maker in ("fit", "real", "cart 5", "cart 50"))
    targets = {
        "accuracy": made["accuracy"] >= near["accuracy"] - 0.003,
        "c2st": made["c2st"] <= max(far["c2st"], 0.52),
        "dcr": not made["dcr"] > far["dcr"] + 0.01,
        "member": made["member"] <= 0.55 and made["outliers"] <= 0.60,
        "copies": made["copies"] <= real["copies_unseen"] + 0.001,
        "moments": made["off"] == 0,
        "learning": made["learning"] >= min(near["learning"], real["learning"] - 0.01),
    }
    return [what for what, met in targets.items() if not met]


def _figures(name: str, sides: Halves, maker: str, seed: int) -> dict[str, float]:
    start = time.process_time()
    made = MAKERS[maker](sides.learnt, seed, SOURCES[name])
    spent = time.process_time() - start
    figures = scored(made, sides, SOURCES[name].target, seed) | {"cpu": spent}
    if maker == "real":
        known = set(map(tuple, sides.learnt.astype(str).to_numpy()))
        unseen = map(tuple, sides.unseen.astype(str).to_numpy())
        figures["copies_unseen"] = float(np.mean([row in known for row in unseen]))
        figures["copies"] = figures["copies_unseen"]
    return figures


def _mean(runs: list[dict[str, float]]) -> dict[str, float]:
    return {head: float(np.mean([run[head] for run in runs])) for head in runs[0]}


if __name__ == "__main__":
    sys.exit(main())
