"""Fitting ukcars and adult from a bare CSV: time, size, speed and fidelity beside the targets.

    python -m tests.benchmarks.fit [--data FOLDER] [--only ukcars|adult]

Each data set is fitted by the command people give; as many rows are drawn and compared with the
half the fit has not seen.  SDMetrics' pair trends are held against their target with real edges:
with each side's own, one outlier of a single row decides them (docs/comparison.md).  Ends with 1
when a target is missed, 2 when the data is not there.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import generator

DATA = Path(__file__).parents[3] / "shared" / "data"
SPEED_ROWS = 500_000


class Target(NamedTuple):
    name: str
    reached: float
    low: float
    high: float
    ceiling: float | None = None

    @property
    def met(self) -> bool:
        return self.low <= self.reached <= self.high


LIMITS: dict[str, dict[str, Any]] = {
    "adult": {
        "target": "income",
        "below_ceiling": 0.002,
        "shapes": 0.993,
        "pairs": 0.985,
        "learning_gap": 0.01,
    },
    "ukcars": {
        "target": "price",
        "below_ceiling": 0.008,
        "shapes": 0.99,
        "pairs": 0.93,
        "learning_least": 0.90,
    },
}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--data", type=Path, default=DATA)
    options.add_argument("--only", choices=sorted(LIMITS))
    chosen = options.parse_args()
    names = [chosen.only] if chosen.only else sorted(LIMITS)
    missing = [name for name in names if not (chosen.data / name / "train.csv").is_file()]
    if missing:
        sys.stderr.write(
            f"There is no {missing[0]}/train.csv in “{chosen.data}”; name the folder of the public "
            "data sets with --data.\n"
        )
        return 2
    met = [measure(name, chosen.data / name) for name in names]
    return 0 if all(met) else 1


def measure(name: str, data: Path) -> bool:
    limits = LIMITS[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.profile"
        seconds, peak = fitted(data / "train.csv", path)
        profile = generator.load_profile(path)
        out = Path(folder) / "out"
        recipe = generator.Recipe.from_dict({"seed": 1, "formats": ["parquet"]})
        generator.sample(profile, generator.plan(profile, recipe), out)
        scores = generator.compare_paths(
            data / "train.csv", out, holdout=data / "holdout.csv", target=limits["target"]
        )["scores"]
        size = path.stat().st_size
    targets = [*costs(seconds, peak, size), *speed(profile), *fidelity(scores, limits)]
    sys.stdout.write(f"{name}\n")
    for target in targets:
        sys.stdout.write(f"  {said(target)}\n")
    for way, score, ceiling in untargeted(scores):
        sys.stdout.write(f"  {way:<34} {score:10.4f}   ceiling {ceiling:.4f}\n")
    return all(target.met for target in targets)


def said(target: Target) -> str:
    bound = f"≤ {target.high:g}" if target.low == float("-inf") else f"≥ {target.low:g}"
    if float("-inf") < target.low and target.high < float("inf"):
        bound = f"{target.low:g} to {target.high:g}"
    ceiling = "" if target.ceiling is None else f"   ceiling {target.ceiling:.4f}"
    verdict = "met" if target.met else "MISSED"
    return f"{target.name:<34} {target.reached:10.4f}   target {bound:<14} {verdict}{ceiling}"


def most(name: str, reached: float, high: float) -> Target:
    return Target(name, reached, float("-inf"), high)


def least(name: str, reached: float, low: float, ceiling: float | None = None) -> Target:
    return Target(name, reached, low, float("inf"), ceiling)


def fitted(extract: Path, profile: Path) -> tuple[float, float]:
    """Wall seconds and peak memory (MB) of the command in a process of its own."""
    command = [sys.executable, "-m", "generator", "fit", str(extract), "--out", str(profile)]
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def costs(seconds: float, peak: float, size: int) -> Iterator[Target]:
    yield most("fit with certificate, s", seconds, 60)
    yield most("peak memory, MB", peak, 1024)
    yield most("profile, MB", size / 1e6, 5)


def speed(profile: generator.Profile) -> Iterator[Target]:
    """Drawing alone, without writing files; the best of three, as others may use the machine."""
    (table,) = profile.schema.tables
    recipe = generator.Recipe.from_dict({"seed": 2, "rows": {table.name: SPEED_ROWS}})
    plan = generator.plan(profile, recipe)
    seconds = min(_drawing(profile, plan) for _ in range(3))
    cells = SPEED_ROWS * len(table.columns) / seconds / 1e6
    yield least("drawing, Mcells/s/core", cells, 5)
    yield least("drawing, krows/s/core at 15 columns", cells / 15 * 1e3, 300)


def _drawing(profile: generator.Profile, plan: generator.Plan) -> float:
    """Processor seconds."""
    start = time.process_time()
    drawing = profile.world.open(plan)
    for shard in plan.shards:
        for _ in drawing.draw(shard):
            pass
    return time.process_time() - start


def fidelity(scores: dict[str, Any], limits: dict[str, Any]) -> Iterator[Target]:
    pairs = scores["bivariate"]
    floor = pairs["ceiling"] - limits["below_ceiling"]
    yield least("accuracy of pairs", pairs["accuracy"], floor, pairs["ceiling"])
    made = scores["sdmetrics"]
    ceiling = made["ceiling"]
    for name, key in (("shapes", "column_shapes"), ("pairs", "column_pair_trends_capped")):
        yield least(f"SDMetrics {key}", made[key], limits[name], ceiling[key])
    detected = scores["detection"]
    yield most("detection, AUC", detected["auc"], 0.55)
    (copied,) = scores["copies"].values()
    yield Target("DCR share", copied["dcr_share"], 0.48, 0.55, 0.5)
    yield most("identical to a learnt row", copied["ims"], copied["ims_holdout"] + 0.001)
    useful = scores["usefulness"]
    if "learning_gap" in limits:
        gap = useful["real"] - useful["synthetic"]
        yield most(f"{useful['measure']} lost in predicting", gap, limits["learning_gap"])
    else:
        low = limits["learning_least"]
        yield least(f"{useful['measure']} of {useful['target']}", useful["synthetic"], low)


def untargeted(scores: dict[str, Any]) -> Iterator[tuple[str, float, float]]:
    for way in ("univariate", "trivariate"):
        yield f"accuracy, {way}", scores[way]["accuracy"], scores[way]["ceiling"]
    made = scores["sdmetrics"]
    for key in ("", "_all_pairs", "_shared_edges", "_exchanged"):
        name = f"column_pair_trends{key}"
        yield name, made[name], made["ceiling"][name]
    yield "detection, AUC, real rows", scores["detection"]["auc"], scores["detection"]["real"]
    useful = scores["usefulness"]
    yield f"predicting {useful['target']}", useful["synthetic"], useful["real"]


if __name__ == "__main__":
    sys.exit(main())
