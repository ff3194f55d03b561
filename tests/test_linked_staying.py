"""Rows that lead where the row before them under their parent does: a customer keeps to a shop."""

from __future__ import annotations

import json
import zipfile
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from generator.errors import RequestError
from generator.fit import fit
from generator.fitted import load_profile, save_profile
from generator.profile import Profile
from generator.schema import Column, Kind, Link, Schema, Table
from tests.crafted import DOCUMENT, packed
from tests.rows import drawn

CUSTOMERS, SHOPS, ROWS = 400, 40, 3_000
STAYING = 0.8


def extract(staying: float) -> dict[str, pa.Table]:
    """Visits of customers, each to the shop of the one before or to any."""
    rng = np.random.default_rng(4)
    of = np.sort(rng.integers(0, CUSTOMERS, ROWS))
    shop = rng.integers(0, SHOPS, ROWS)
    stays = np.append(False, (of[1:] == of[:-1]) & (rng.random(ROWS - 1) < staying))
    for at in np.flatnonzero(stays):
        shop[at] = shop[at - 1]
    size = rng.choice(["small", "large"], SHOPS)
    spent = np.where(size[shop] == "large", 100, 20) + rng.integers(0, 10, ROWS)
    return {
        "customer": pa.table({"id": np.arange(CUSTOMERS), "age": rng.integers(18, 80, CUSTOMERS)}),
        "shop": pa.table({"id": np.arange(SHOPS), "size": size}),
        "visit": pa.table({"id": np.arange(ROWS), "customer": of, "shop": shop, "spent": spent}),
    }


def learnt(staying: float) -> Profile:
    whole, key = Kind.INTEGER, Column("id", Kind.INTEGER, unique=True)
    links = (Link("customer", "customer", "id", "parent"), Link("shop", "shop", "id", "lookup"))
    visit = (key, Column("customer", whole), Column("shop", whole), Column("spent", whole))
    schema = Schema(
        (
            Table("customer", (key, Column("age", whole)), "id"),
            Table("shop", (key, Column("size", Kind.TEXT)), "id"),
            Table("visit", visit, "id", links),
        )
    )
    return fit(extract(staying), schema, name="visits")


@pytest.fixture(scope="module")
def profile() -> Profile:
    return learnt(STAYING)


def kept(rows: pd.DataFrame) -> float:
    """The share of visits that go where the customer's visit before went."""
    of, shop = (rows[name].to_numpy() for name in ("customer", "shop"))
    return float((shop[1:] == shop[:-1])[of[1:] == of[:-1]].mean())


def test_customers_keep_to_a_shop_as_long_as_real_ones(profile: Profile) -> None:
    made = drawn(profile)
    assert kept(made["visit"]) == pytest.approx(
        kept(extract(STAYING)["visit"].to_pandas()), abs=0.04
    )
    assert made["visit"]["shop"].nunique() > 0.9 * SHOPS


def test_what_depends_on_the_shop_follows_where_a_customer_stays(profile: Profile) -> None:
    made = drawn(profile)
    size = made["visit"]["shop"].map(made["shop"].set_index("id")["size"])
    assert ((size == "large") == (made["visit"]["spent"] > 60)).mean() > 0.98


def test_chance_is_no_staying() -> None:
    assert [tie.stays for tie in learnt(0.0).world.tables["visit"].ties] == [0.0, 0.0]


def test_the_share_survives_the_file_and_a_wrong_one_is_refused(
    profile: Profile, tmp_path: Any
) -> None:
    path = tmp_path / "visits.profile"
    save_profile(profile, path)
    assert drawn(load_profile(path))["visit"].equals(drawn(profile)["visit"])
    with zipfile.ZipFile(path) as zipped:
        entries = {name: zipped.read(name) for name in zipped.namelist()}
    for wrong in (1.5, -0.1, 1, "much", None):
        document = json.loads(entries[DOCUMENT])
        tie = next(t for t in document["tables"]["visit"]["links"] if t["way"] == "lookup")
        assert tie["stays"] == pytest.approx(STAYING, abs=0.05)
        tie["stays"] = wrong
        path.write_bytes(packed(entries | {DOCUMENT: json.dumps(document).encode()}))
        with pytest.raises(RequestError):
            load_profile(path)
