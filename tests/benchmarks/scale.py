"""What a fit takes as tables grow: processor seconds, memory, the profile; how fast it draws.

    python -m tests.benchmarks.scale [--only NAME ...] [--certified]

Tables are made: labels, counts, money with heavy tails and many zeros, round prices, days, all of
them leaning on three hidden numbers.  Each is fitted in a process of its own from a Parquet file,
without the certificate and, where one is asked for, with it in another (``--certified`` for all);
its memory is the peak of the whole process, the reading and Python itself included.  What a process
spends on importing and on reading is told beside the fit.  Drawing is the best of some turns, told
as rows of 15 columns.  Ends with 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import generator
from generator.errors import GeneratorError
from generator.fit.whole import fit

DRAWN = 400_000
TURNS = 4


class Case(NamedTuple):
    """``limits``: figure -> at most; ``drawing``: rows a second at 15 columns, at least;
    ``certified``: processor seconds with the certificate, at most."""

    rows: int
    columns: int
    limits: dict[str, float]
    drawing: float = 0.0
    certified: float = 0.0


CASES = {
    "24k x 15": Case(24_000, 15, {"cpu": 4, "mb": 1000, "profile": 5}, 500_000, 12),
    "1M x 20": Case(1_000_000, 20, {"cpu": 25, "mb": 1000, "profile": 5}, 0, 75),
    "50k x 60": Case(50_000, 60, {"profile": 5}, 0),
    "50k x 200": Case(50_000, 200, {"cpu": 200, "mb": 1074, "profile": 5}, 0),
}


def table(rows: int, columns: int) -> pa.Table:
    """Columns of ten shapes in turn, every ten of them leaning on hidden numbers of their own and
    on those of all."""
    rng = np.random.Generator(np.random.PCG64(rows + columns))
    shared = rng.normal(size=(rows, 2))
    made: dict[str, Any] = {}
    for at in range(columns):
        if at % 10 == 0:
            own = rng.normal(size=rows)
        lean = 0.6 * shared[:, at % 2] + 0.5 * own + 0.6 * rng.normal(size=rows)
        made[f"{SHAPES[at % 10].__name__}_{at}"] = SHAPES[at % 10](lean, rng)
    return pa.table(made)


def kind(lean: np.ndarray, rng: np.random.Generator) -> Any:
    names = np.array(["basic", "plus", "family", "trade", "other"], dtype=object)
    return names[np.searchsorted([-1.0, 0.0, 0.7, 1.5], lean)]


def place(lean: np.ndarray, rng: np.random.Generator) -> Any:
    names = np.array([f"town {at}" for at in range(60)], dtype=object)
    return names[
        np.minimum(np.abs(np.floor(12 * lean + rng.exponential(4, len(lean)))), 59).astype(int)
    ]


def age(lean: np.ndarray, rng: np.random.Generator) -> Any:
    return np.clip(np.rint(44 + 13 * lean), 18, 95).astype(np.int64)


def income(lean: np.ndarray, rng: np.random.Generator) -> Any:
    return np.round(np.exp(10 + 0.7 * lean), 2)


def spent(lean: np.ndarray, rng: np.random.Generator) -> Any:
    return np.where(lean + rng.normal(size=len(lean)) < 0, 0.0, np.round(np.exp(4 + 1.5 * lean), 2))


def day(lean: np.ndarray, rng: np.random.Generator) -> Any:
    days = np.rint(18_000 + 600 * lean + rng.integers(0, 300, len(lean))).astype("datetime64[D]")
    return pa.array(days, pa.date32())


def visits(lean: np.ndarray, rng: np.random.Generator) -> Any:
    return rng.poisson(np.exp(0.5 + 0.6 * lean)).astype(np.int64)


def active(lean: np.ndarray, rng: np.random.Generator) -> Any:
    return lean + rng.normal(size=len(lean)) > 0.5


def price(lean: np.ndarray, rng: np.random.Generator) -> Any:
    return (np.rint(np.exp(3 + 0.6 * lean)) * 1000 - 5 * (rng.random(len(lean)) < 0.6)).astype(
        np.int64
    )


def score(lean: np.ndarray, rng: np.random.Generator) -> Any:
    gone = rng.random(len(lean)) < 0.1
    return pa.array(np.round(100 / (1 + np.exp(-lean)), 3), mask=gone)


SHAPES = (kind, place, age, income, spent, day, visits, active, price, score)


def main() -> int:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--only", nargs="*", choices=list(CASES), default=list(CASES))
    options.add_argument("--certified", action="store_true", help="all with the certificate, too")
    options.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.child:
        path, folder, what = chosen.child
        measured = plain if what == "plain" else certified
        sys.stdout.write(json.dumps(measured(Path(path), Path(folder))))
        return 0
    missed = []
    for name in chosen.only:
        missed += of_case(name, CASES[name], certificate=chosen.certified)
    sys.stdout.write("".join(f"MISSED {what}\n" for what in missed))
    return 1 if missed else 0


def of_case(name: str, case: Case, *, certificate: bool) -> list[str]:
    """Measure and tell a case; what it misses."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.parquet"
        pq.write_table(table(case.rows, case.columns), path)
        found = of_child(path, folder, "plain")
        sys.stdout.write(
            f"{name:<10} fit {found['cpu']:6.1f} CPU-s (imports {found['imports']:.1f}, reading "
            f"{found['reading']:.1f}), {found['mb']:,.0f} MB, profile {found['profile']:.2f} MB, "
            f"drawing {found['drawing'] / 1e3:.0f} krows/s\n"
        )
        sys.stdout.flush()
        missed = [f"{name}: {what}" for what, most in case.limits.items() if found[what] > most]
        missed += [f"{name}: drawing"] if found["drawing"] < case.drawing else []
        if case.certified or certificate:
            whole = of_child(path, folder, "certified")
            sys.stdout.write(
                f"{name:<10} with its certificate {whole['cpu']:.1f} CPU-s "
                f"({whole['cpu'] / found['cpu']:.1f} times), {whole['mb']:,.0f} MB\n"
            )
            sys.stdout.flush()
            if case.certified and whole["cpu"] > case.certified:
                missed.append(f"{name}: certified")
    return missed


def of_child(path: Path, folder: str, what: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.scale", "--child", str(path), folder, what]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    found: dict[str, float] = json.loads(told)
    return found


def fitted(path: Path, learn: Callable[..., generator.Profile]) -> tuple[Any, dict[str, float]]:
    """The profile that ``learn`` makes of a file, with processor seconds and memory."""
    import_late()
    imports = time.process_time()
    raw = generator.read(path)
    schema = generator.infer(raw)
    tables = generator.typed(raw, schema)
    del raw
    start = time.process_time()
    profile = learn(tables, schema, name="made", seed=1)
    cpu = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    return profile, {"imports": imports, "reading": start - imports, "cpu": cpu, "mb": peak}


def import_late() -> None:
    """Import what a fit imports where it first needs it."""
    import pandas  # noqa: F401
    import sklearn.ensemble
    import sklearn.metrics
    import sklearn.tree  # noqa: F401


def certified(path: Path, folder: Path) -> dict[str, float]:
    del folder
    return fitted(path, generator.fit)[1]


def plain(path: Path, folder: Path) -> dict[str, float]:
    profile, found = fitted(path, fit)
    try:
        generator.save_profile(profile, folder / "made.profile")
    except GeneratorError as problem:
        sys.stderr.write(f"{problem.sentence}\n")
        return found | {"profile": float("inf"), "drawing": 0.0}
    columns = len(next(iter(profile.schema)).columns)
    recipe = generator.Recipe.from_dict({"seed": 2, "rows": {path.stem: DRAWN}})
    seconds = min(drawing(profile, generator.plan(profile, recipe)) for _ in range(TURNS))
    return found | {
        "profile": (folder / "made.profile").stat().st_size / 1e6,
        "drawing": DRAWN * columns / 15 / seconds,
    }


def drawing(profile: generator.Profile, plan: generator.Plan) -> float:
    """Processor seconds of drawing all rows."""
    start = time.process_time()
    world = profile.world.open(plan)
    for shard in plan.shards:
        for _ in world.draw(shard):
            pass
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main())
