"""A table whose key is two columns, and that others lead to by both."""

import json
import zipfile

import numpy as np
import pyarrow as pa
import pytest

import generator
from generator.compare.aggregates import with_aggregates
from generator.compare.rows import rows_of
from generator.errors import RequestError
from generator.fit import fit
from generator.fitted import save_profile
from generator.schema import Column, Kind, Link, Schema, Table
from generator.summary import summarize, tables_of
from tests.crafted import DOCUMENT, packed
from tests.rows import drawn

REGIONS, STORES = 16, 15
KEY = ["region", "number"]


def extract(seed=1):
    """Each region has stores of its own numbers; each has some sales."""
    rng = np.random.default_rng(seed)
    region = np.repeat(np.arange(REGIONS), STORES)
    number = np.tile(np.arange(STORES), REGIONS)
    at = rng.integers(0, len(region), 3_000)
    return {
        "store": pa.table(
            {"region": region, "number": number, "size": rng.integers(1, 4, len(region))}
        ),
        "sale": pa.table(
            {
                "sale": np.arange(3_000),
                "region": region[at],
                "number": number[at],
                "amount": rng.integers(1, 500, 3_000),
            }
        ),
    }


def schema():
    whole = Kind.INTEGER
    link = Link("region", "store", "region", "parent", further=(("number", "number"),))
    store = (Column("region", whole), Column("number", whole), Column("size", whole))
    sale = (
        Column("sale", whole, unique=True),
        Column("region", whole),
        Column("number", whole),
        Column("amount", whole),
    )
    return Schema(
        (Table("store", store, None, together=tuple(KEY)), Table("sale", sale, "sale", (link,))),
    )


@pytest.fixture(scope="module")
def profile():
    return fit(extract(), schema(), name="stores")


@pytest.mark.parametrize("rows", [{}, {"store": 37, "sale": 900}])
def test_the_key_stays_one_and_children_find_their_parents(profile, tmp_path, rows):
    save_profile(profile, tmp_path / "stores.profile")
    for one in (profile, generator.load_profile(tmp_path / "stores.profile")):
        made = drawn(one, **rows)
        assert len(made["store"]) == rows.get("store", REGIONS * STORES)
        assert not made["store"].duplicated(KEY).any()
        joined = made["sale"].merge(made["store"], on=KEY)
        assert len(joined) == len(made["sale"]) == rows.get("sale", 3_000)


def test_children_are_spread_as_they_were(profile):
    real = extract()["sale"].to_pandas().groupby(KEY).size()
    made = drawn(profile)["sale"].groupby(KEY).size()
    assert abs(made.std() - real.std()) < 1.0
    assert len(made) == len(real)


def test_more_rows_than_keys_are_refused(profile):
    with pytest.raises(RequestError, match=r"number and region.*at most 240"):
        drawn(profile, store=400)


def test_a_column_of_numbers_that_has_no_grid_cannot_be_dealt_out(profile, tmp_path):
    path = tmp_path / "x.profile"
    save_profile(profile, path)
    with zipfile.ZipFile(path) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    document = json.loads(entries[DOCUMENT])
    (rule,) = document["tables"]["store"]["rules"]
    columns = {one["column"]: one for one in document["tables"]["store"]["columns"]}
    assert columns[rule["other"]]["form"] == "number"
    columns[rule["other"]]["scale"]["grid"] = 0.0
    path.write_bytes(packed({**entries, DOCUMENT: json.dumps(document).encode()}))
    with pytest.raises(RequestError):
        generator.load_profile(path)


def test_what_leads_to_a_parent_tells_nothing_of_a_row():
    """The two columns are the parent's: a store that was learnt is no copied sale."""
    tables = tables_of(schema(), extract())
    summary = summarize(tables)
    roles = {name: one.role for name, one in summary.tables["sale"].columns.items()}
    assert set(rows_of(tables, "sale", roles, name="real").columns) == {"amount"}
    side = with_aggregates(tables, "store", summary, name="real")
    of_children = [name for name in side.columns if name.startswith("sale by")]
    assert not [name for name in of_children if name.endswith(("region", "number"))]
    assert [name for name in of_children if name.endswith("mean amount")]


def means(add):
    """The mean amount of each store's sales: all say the same, and those of later stores more by
    ``add``."""
    made = extract()
    store, at = made["store"].slice(0, 100), np.arange(3_000) % 100
    amount = np.where(at % 2, 0.1, 123.4) + np.where(at < 50, 0, add)
    sale = made["sale"].select(["sale"])
    for name in KEY:
        sale = sale.append_column(name, store[name].combine_chunks().take(pa.array(at)))
    sale = sale.append_column("amount", pa.array(amount))
    own = schema()["sale"]
    columns = (*own.columns[:3], Column("amount", Kind.FLOAT))
    table = Table("sale", columns, "sale", own.links)
    held = tables_of(Schema((schema()["store"], table)), {"store": store, "sale": sale})
    side = with_aggregates(held, "store", summarize(held), name="real")
    (found,) = (v for name, v in side.columns.items() if name.endswith("mean amount"))
    return found[:50]


def test_a_mean_does_not_tell_what_other_parents_children_say():
    """Digits beyond those that say something would tell a classifier which side a row is of."""
    assert len(np.unique(means(0))) == 2
    assert (means(0) == means(777)).all()
