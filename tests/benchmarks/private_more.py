"""Private fits of further tables, so that what helps one table is seen on others as well.

    python -m tests.benchmarks.private_more FILE.csv:TARGET ... [--epsilon 1,3] [--seeds 2]
        [--rows 50000] [--noise opendp|seeded]

Protocol: as `tests.benchmarks.private`, of any table: at most so many rows, four fifths to learn
from, delta 1e-9, one row more or less.  Numbers are declared by their least and greatest value and
labels by what there is, as somebody would who knows the field; texts of more than 500 values and
columns of one value are left out.  Errors of three columns are the mean of 200 sets of them,
numbers in twentieths of their rows; the score of TARGET is the AUC (of two labels), the share of
rows told (of more) or R2 (of numbers) of gradient boosting that learns drawn rows and is tested on
rows that were held back; `real` is what learning the real rows gives.
"""

from __future__ import annotations

import argparse
import time
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

import generator
from generator.private import Budget, OpenDP, declared_from
from generator.private.fit import fit_private
from tests.benchmarks.private import DELTA
from tests.private_tables import Seeded

MOST_LABELS, MOST_SETS, BINS = 500, 200, 20


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("tables", nargs="+")
    parser.add_argument("--epsilon", default="1,3")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--noise", choices=("opendp", "seeded"), default="opendp")
    options = parser.parse_args()
    for asked in options.tables:
        path, _, target = asked.partition(":")
        table = read(Path(path), options.rows)
        print(f"{Path(path).stem}: {len(table)} rows, {len(table.columns)} columns", flush=True)
        for epsilon in map(float, options.epsilon.split(",")):
            told = [run(table, target, epsilon, at, options.noise) for at in range(options.seeds)]
            mean = {name: np.mean([one[name] for one in told]) for name in told[0]}
            said = ", ".join(f"{name} {value:.4f}" for name, value in mean.items())
            print(f"  epsilon {epsilon:g}: {said}", flush=True)


def read(path: Path, most: int) -> pd.DataFrame:
    table = pd.read_csv(path)
    table = table.sample(min(most, len(table)), random_state=0).reset_index(drop=True)
    for name in list(table.columns):
        values = table[name]
        text = not pd.api.types.is_numeric_dtype(values) or values.dtype == bool
        if text:
            table[name] = values.astype(str).where(values.notna(), None)
        if values.nunique() < 2 or (text and values.nunique() > MOST_LABELS):
            table = table.drop(columns=name)
    return table


def declared(table: pd.DataFrame) -> generator.Declared:
    fields = []
    for name in table.columns:
        values = table[name].dropna()
        said = {"required": bool(table[name].notna().all())}
        if pd.api.types.is_numeric_dtype(values):
            whole = bool((values % 1 == 0).all())
            kind = "integer" if whole else "number"
            least, most = (float(values.min()), float(values.max()))
            ends = (int(least), int(most)) if whole else (least, most)
            fields.append(
                {
                    "name": name,
                    "type": kind,
                    "constraints": said | {"minimum": ends[0], "maximum": ends[1]},
                }
            )
        else:
            labels = sorted(values.unique())
            fields.append({"name": name, "type": "string", "constraints": said | {"enum": labels}})
    return declared_from({"resources": [{"name": "t", "schema": {"fields": fields}}]})


def run(table: pd.DataFrame, target: str, epsilon: float, seed: int, noise: str):
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(table))
    cut = len(table) * 4 // 5
    learnt, held = table.iloc[order[:cut]], table.iloc[order[cut:]]
    texts = {
        name: [None if pd.isna(one) else str(one) for one in learnt[name]] for name in table.columns
    }
    start = time.process_time()
    profile = fit_private(
        {"t": pa.table(texts)},
        declared(table),
        Budget(epsilon, DELTA),
        name="t",
        seed=seed,
        noise=OpenDP() if noise == "opendp" else Seeded(seed),
    )
    seconds = time.process_time() - start
    plan = generator.plan(profile, generator.Recipe.from_dict({"rows": {"t": cut}, "seed": seed}))
    drawing = profile.world.open(plan)
    made = pa.concat_tables(t for shard in plan.shards for _, t in drawing.draw(shard)).to_pandas()
    told = {"w3": error(table, learnt, made)}
    if target:
        told |= {"score": score(table, target, made, held)}
        told |= {"real": score(table, target, learnt, held)}
    return told | {"cpu": seconds}


def codes(table: pd.DataFrame, rows: pd.DataFrame) -> dict[str, np.ndarray]:
    found = {}
    for name in table.columns:
        if pd.api.types.is_numeric_dtype(table[name]):
            edges = np.unique(np.nanquantile(table[name], np.linspace(0, 1, BINS + 1)[1:-1]))
            values = pd.to_numeric(rows[name]).to_numpy(dtype=float)
            place = np.searchsorted(edges, values, side="left")
            found[name] = np.where(np.isnan(values), len(edges) + 1, place)
        else:
            labels = pd.Index(sorted(table[name].dropna().unique()))
            found[name] = labels.get_indexer(rows[name].astype(object)) + 1
    return found


def error(table: pd.DataFrame, learnt: pd.DataFrame, made: pd.DataFrame) -> float:
    real, drawn = codes(table, learnt), codes(table, made)
    sizes = {name: int(max(real[name].max(), drawn[name].max())) + 1 for name in real}
    sets = list(combinations(real, 3))
    if len(sets) > MOST_SETS:
        picked = np.random.Generator(np.random.PCG64(0)).choice(len(sets), MOST_SETS, False)
        sets = [sets[at] for at in picked]
    apart = []
    for one in sets:
        shape = [sizes[name] for name in one]
        shares = [
            np.bincount(
                np.ravel_multi_index([rows[name] for name in one], shape), minlength=np.prod(shape)
            )
            / len(rows[one[0]])
            for rows in (real, drawn)
        ]
        apart.append(0.5 * np.abs(shares[0] - shares[1]).sum())
    return float(np.mean(apart))


def score(table: pd.DataFrame, target: str, made: pd.DataFrame, held: pd.DataFrame) -> float:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.metrics import roc_auc_score

    others = [name for name in table.columns if name != target]
    sides = []
    for rows in (made, held):
        known = codes(table, rows)
        columns = [
            pd.to_numeric(rows[name]).to_numpy(dtype=float)
            if pd.api.types.is_numeric_dtype(table[name])
            else known[name]
            for name in others
        ]
        sides.append((np.stack(columns, axis=1).astype(float), rows[target], known[target]))
    (x, y, codes_), (held_x, held_y, held_codes) = sides
    kinds = table[target].nunique()
    if kinds > 2 and pd.api.types.is_numeric_dtype(table[target]):
        there = pd.notna(y)
        model = HistGradientBoostingRegressor(random_state=0).fit(
            x[there], pd.to_numeric(y[there]).to_numpy(dtype=float)
        )
        real = pd.notna(held_y)
        return float(model.score(held_x[real], pd.to_numeric(held_y[real]).to_numpy(dtype=float)))
    model = HistGradientBoostingClassifier(random_state=0).fit(x, codes_)
    if kinds == 2:
        return float(roc_auc_score(held_codes, model.predict_proba(held_x)[:, 1]))
    return float(model.score(held_x, held_codes))


if __name__ == "__main__":
    main()
