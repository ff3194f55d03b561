"""Which labels the rows of a parent come to at all is drawn with the parent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from generator.fit import fit
from generator.fit.floor import Floor
from generator.fit.linked.kinds import kinds_of, learnable_sets
from generator.schema import Column, Kind, Link, Schema, Table
from tests.rows import drawn

ACCOUNTS, EACH = 300, 12
WAYS = ("cash", "card", "wire")


@pytest.fixture(scope="module")
def extract() -> dict[str, pa.Table]:
    """Accounts pay in cash and by card, in cash and by wire, or in cash alone."""
    rng = np.random.default_rng(2)
    second = rng.choice([0, 1, 2], ACCOUNTS, p=[0.3, 0.4, 0.3])
    of = np.repeat(np.arange(ACCOUNTS), EACH)
    way = np.where(rng.random(len(of)) < 0.6, 0, second[of])
    return {
        "account": pa.table({"id": np.arange(ACCOUNTS), "age": rng.integers(18, 80, ACCOUNTS)}),
        "payment": pa.table({"id": np.arange(len(of)), "account": of, "way": np.array(WAYS)[way]}),
    }


@pytest.fixture(scope="module")
def schema() -> Schema:
    key, whole = Column("id", Kind.INTEGER, unique=True), Kind.INTEGER
    link = Link("account", "account", "id", "parent")
    payment = (key, Column("account", whole), Column("way", Kind.TEXT))
    account = Table("account", (key, Column("age", whole)), "id")
    return Schema((account, Table("payment", payment, "id", (link,))))


def both(rows: pd.DataFrame) -> float:
    """The share of accounts that pay by card and by wire."""
    return float(rows.groupby("account")["way"].agg(lambda way: {"card", "wire"} <= {*way}).mean())


def test_rows_of_a_parent_come_to_the_labels_of_real_ones(extract, schema) -> None:  # type: ignore[no-untyped-def]
    profile = fit(extract, schema, name="bank")
    made = drawn(profile)["payment"]
    assert both(extract["payment"].to_pandas()) == 0
    assert both(made) < 0.03
    real = extract["payment"].to_pandas()
    kinds = [rows.groupby("account")["way"].nunique().mean() for rows in (real, made)]
    assert kinds[1] == pytest.approx(kinds[0], abs=0.05)
    again = drawn(profile, payment=20_000)["payment"]  # more for each than it was learnt from
    assert both(again) < 0.05


def test_sets_are_those_of_columns_of_few_labels(extract, schema) -> None:  # type: ignore[no-untyped-def]
    payment = extract["payment"]
    parents = payment.column("account").to_numpy()
    ((name, sets),) = kinds_of(schema["payment"], payment, parents, ACCOUNTS)
    assert name == "way"
    assert len(set(sets.tolist())) == 3
    few = payment.slice(0, 3 * ACCOUNTS)
    alone = np.tile(np.arange(ACCOUNTS), 3)
    assert list(kinds_of(schema["payment"], few, alone, ACCOUNTS)) == []


def test_a_set_that_few_have_is_told_by_its_size() -> None:
    sets = np.repeat([1, 3, 5, 6, 9, 15], [50, 40, 15, 15, 15, 3])
    told = learnable_sets(sets, Floor(k=20))
    assert told is not None
    codes = told.coded.codes
    rows = np.bincount(codes)
    assert rows.min() >= 20
    assert len({*codes[(sets == 5) | (sets == 6) | (sets == 9)].tolist()}) == 1
    assert learnable_sets(np.repeat([1, 2], [95, 5]), Floor(k=20)) is None
