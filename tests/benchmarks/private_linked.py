"""Private fits of linked tables: berka, where the unit is an account with all rows beneath it.

    python -m tests.benchmarks.private_linked [--data FOLDER] [--epsilon 1,3,10] [--seed N]

Half of the accounts are learnt and held against the other half; what the learnt half itself reaches
stands beside each figure (formulas: docs/comparison.md).  Tables that hang on no account alone
(clients, districts) are left away.  Of an account as many rows are looked at as LOOKED says.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa

import generator
from generator.compare.certificate import certify
from generator.fit import linked_halves
from generator.private import Budget, OpenDP, declared_from
from generator.private.fit import fit_private
from generator.summary import tables_of
from tests.benchmarks.relational import DATA, drawn
from tests.private_tables import Seeded

DELTA = 1e-9
MOST = {"trans": 200, "order": 5, "loan": 1, "disp": 2, "card": 1}
LOOKED = {"trans": 20, "order": 2, "disp": 1}
LEFT_OUT = ("disp.client_id", "order.bank_to", "trans.bank")
KEYS = {"account": "account_id", "disp": "disp_id"}
LINKS = {
    "trans": ("account_id", "account"),
    "order": ("account_id", "account"),
    "loan": ("account_id", "account"),
    "disp": ("account_id", "account"),
    "card": ("disp_id", "disp"),
}
UNIQUE = ("trans_id", "order_id", "loan_id", "card_id")
DAYS = ("1993-01-01", "1998-12-31")
NUMBERS = {
    "account.district_id": ("integer", 1, 77, 1),
    "trans.amount": ("number", 0, 90_000, 0.1),
    "trans.balance": ("number", -40_000, 200_000, 0.1),
    "order.amount": ("number", 0, 15_000, 0.1),
    "loan.amount": ("integer", 0, 600_000, 1),
    "loan.duration": ("integer", 12, 60, 12),
    "loan.payments": ("number", 0, 10_000, 0.1),
}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--data", type=Path, default=DATA)
    options.add_argument("--epsilon", default="1,3,10")
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    if not asked.data.is_dir():
        print(f"There is no {asked.data}.")
        return 2
    raw = generator.read(asked.data, left_out=LEFT_OUT)
    raw = {name: raw[name] for name in ("account", *MOST)}
    declared = declared_from({"resources": [resource(name, raw[name]) for name in raw]})
    typed = generator.typed(raw, declared.schema)
    first, second = linked_halves(declared.schema, typed, seed=asked.seed, most=1 << 30)
    said("the other half itself", scores(declared, first, second, second, asked.seed), 0.0)
    for epsilon, noise in (
        (10.0, Seeded(0, 0.0)),
        *((float(one), OpenDP()) for one in asked.epsilon.split(",")),
    ):
        start = time.process_time()
        budget = Budget(epsilon, DELTA, "account.account_id")
        profile = fit_private(first, declared, budget, name="berka", seed=asked.seed, noise=noise)
        spent = time.process_time() - start
        made = drawn(profile, {"seed": asked.seed + 100})
        title = "without noise" if isinstance(noise, Seeded) else f"epsilon {epsilon:g}"
        said(title, scores(declared, first, made, second, asked.seed), spent)
    return 0


def resource(name: str, table: pa.Table) -> dict[str, Any]:
    """What a bank knows of its tables: keys, days, bounds, the words of its codes."""
    fields = []
    for column in table.column_names:
        field: dict[str, Any] = {"name": column, "type": "integer", "constraints": {}}
        if f"{name}.{column}" in NUMBERS:
            kind, low, high, step = NUMBERS[f"{name}.{column}"]
            field |= {"type": kind, "step": step}
            field["constraints"] = {"minimum": low, "maximum": high}
        elif column in UNIQUE:
            field["constraints"] = {"unique": True, "required": True}
        elif column in ("date", "issued"):
            field["type"] = "date"
            field["constraints"] = {"minimum": DAYS[0], "maximum": DAYS[1]}
        elif not column.endswith("_id"):
            words = sorted({one for one in table[column].to_pylist() if one})
            field |= {"type": "string", "constraints": {"enum": words}}
        fields.append(field)
    schema: dict[str, Any] = {"fields": fields}
    if name in KEYS:
        schema["primaryKey"] = KEYS[name]
    if name in LINKS:
        own, parent = LINKS[name]
        there = {"resource": parent, "fields": KEYS[parent]}
        schema["foreignKeys"] = [{"fields": own, "reference": there}]
    bounds = {"most": MOST[name], "looked": LOOKED.get(name, MOST[name])} if name in MOST else {}
    return {"name": name, "schema": schema, **bounds}


def scores(declared, first, made, second, seed: int) -> dict[str, Any]:
    sides = [tables_of(declared.schema, one) for one in (first, made, second)]
    return certify(*sides, seed=seed)


def said(title: str, told: dict[str, Any], spent: float) -> None:
    parts = [
        f"{name} {told[way]['accuracy']:.3f}"
        for way, name in (("univariate", "columns"), ("bivariate", "pairs"))
    ]
    links = told["links"]
    parts += [f"{name} {links[name]['score']:.3f}" for name in ("joins", "siblings")]
    parts.append(f"children per parent, KS {1 - links['cardinality']['score']:.3f}")
    print(f"{title}: {', '.join(parts)}, {spent:.0f} CPU-s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
