"""Rows that stand in the order of their moments in the extract stand so when they are drawn, and
keys count them so: a later order has a higher number."""

import json
import zipfile

import numpy as np
import pyarrow as pa
import pytest

import generator
from generator.errors import RequestError
from generator.fit import fit
from generator.fitted import save_profile, world
from generator.schema import Column, Kind, Link, Schema, Table
from tests.crafted import DOCUMENT, packed
from tests.rows import drawn

ROWS = 900
WHOLE, MOMENT = Kind.INTEGER, Kind.TIMESTAMP


def extract(rng, order):
    """Orders of people, with lines, in the ``order`` that is given."""
    stamps = np.sort(rng.integers(0, 10**7, ROWS)) * 1_000
    person = rng.integers(0, 150, ROWS)
    lines = np.repeat(np.arange(ROWS), rng.integers(1, 4, ROWS))
    return {
        "person": pa.table({"person": np.arange(150) + 1, "age": rng.integers(18, 80, 150)}),
        "order": pa.table(
            {
                "order": np.arange(ROWS) + 5_001,
                "person": person + 1,
                "at": pa.array(stamps[order]).cast(pa.timestamp("ms")),
                "amount": rng.integers(1, 500, ROWS),
            }
        ),
        "line": pa.table(
            {
                "line": np.arange(len(lines)) + 1,
                "order": lines + 5_001,
                "pieces": rng.integers(1, 9, len(lines)),
            }
        ),
    }


def schema(linked=True):
    order = (
        Column("order", WHOLE, unique=True),
        Column("person", WHOLE),
        Column("at", MOMENT),
        Column("amount", WHOLE),
    )
    if not linked:
        return Schema((Table("order", order, "order"),))
    person = (Column("person", WHOLE, unique=True), Column("age", WHOLE))
    line = (Column("line", WHOLE, unique=True), Column("order", WHOLE), Column("pieces", WHOLE))
    return Schema(
        (
            Table("person", person, "person"),
            Table("order", order, "order", (Link("person", "person", "person", "parent"),)),
            Table("line", line, "line", (Link("order", "order", "order", "parent"),)),
        )
    )


def learnt(linked, order=None):
    rng = np.random.default_rng(4)
    made = extract(rng, np.arange(ROWS) if order is None else order)
    return fit({name: made[name] for name in schema(linked).names}, schema(linked), name="orders")


@pytest.fixture(scope="module")
def alone():
    return learnt(linked=False)


@pytest.fixture(scope="module")
def family():
    return learnt(linked=True)


@pytest.mark.parametrize("rows", [7, ROWS, 4_000])
def test_rows_of_one_table_stand_in_their_order_across_blocks(alone, monkeypatch, rows):
    whole = drawn(alone, order=rows)["order"]
    monkeypatch.setattr(world, "_block_rows", lambda leaves: 64)
    assert drawn(alone, order=rows)["order"]["at"].tolist() == whole["at"].tolist()
    assert whole["at"].is_monotonic_increasing
    assert whole["order"].tolist() == list(range(1, rows + 1))


def test_the_moments_are_spread_as_they_were(alone):
    real = extract(np.random.default_rng(4), np.arange(ROWS))["order"]["at"].to_pandas()
    made = drawn(alone)["order"]["at"].dt.tz_localize(None)
    parts = np.arange(0.05, 1, 0.05)
    apart = (made.quantile(parts) - real.quantile(parts)).abs().max()
    assert apart < 0.02 * (real.max() - real.min())


def test_orders_and_their_lines_of_linked_tables_do_so_too(family, tmp_path):
    save_profile(family, tmp_path / "orders.profile")
    for profile in (family, generator.load_profile(tmp_path / "orders.profile")):
        made = drawn(profile)
        order, line = made["order"], made["line"]
        assert order["at"].is_monotonic_increasing
        assert order["order"].tolist() == list(range(1, len(order) + 1))
        assert not order["person"].is_monotonic_increasing
        assert line["order"].is_monotonic_increasing
        assert line["line"].is_monotonic_increasing
        assert set(line["order"]) <= set(order["order"])
        assert line["order"].nunique() > 0.9 * len(order)


@pytest.mark.parametrize("linked", [False, True])
def test_rows_in_no_order_follow_nothing(linked):
    """Two rows that changed places are enough."""
    order = np.arange(ROWS)
    order[[400, 500]] = order[[500, 400]]
    profile = learnt(linked, order)
    assert profile.world.tables["order"].follows == ""
    assert not drawn(profile)["order"]["at"].is_monotonic_increasing


@pytest.mark.parametrize("name", ["amount", "nothing", 7, "order"])
def test_a_profile_that_follows_what_is_no_moment_is_refused(alone, tmp_path, name):
    path = tmp_path / "orders.profile"
    save_profile(alone, path)
    with zipfile.ZipFile(path) as file:
        entries = {entry: file.read(entry) for entry in file.namelist()}
    document = json.loads(entries[DOCUMENT])
    assert document["tables"]["order"]["follows"] == "at"
    document["tables"]["order"]["follows"] = name
    path.write_bytes(packed({**entries, DOCUMENT: json.dumps(document).encode()}))
    with pytest.raises(RequestError):
        generator.load_profile(path)


def test_the_moments_follow_the_seed(alone):
    first, other = (drawn(alone, seed)["order"]["at"] for seed in (3, 4))
    assert (first != other).mean() > 0.9


def staff(rows=600):
    at = np.sort(np.random.default_rng(2).integers(0, 10**9, rows))
    return {"staff": np.arange(rows) + 1, "at": pa.array(at).cast(pa.timestamp("ms"))}


STAFF = (Column("staff", WHOLE, unique=True), Column("at", MOMENT))


def test_links_in_a_circle_lead_to_rows_that_are_in_order():
    """A team's lead is of staff that is drawn after it."""
    people = pa.table({**staff(), "team": np.arange(600) // 10 + 1})
    teams = pa.table({"team": np.arange(60) + 1, "lead": np.arange(60) * 10 + 1})
    team = (Column("team", WHOLE, unique=True), Column("lead", WHOLE))
    circle = Schema(
        (
            Table("team", team, "team", (Link("lead", "staff", "staff"),)),
            Table(
                "staff",
                (*STAFF, Column("team", WHOLE)),
                "staff",
                (Link("team", "team", "team", "parent"),),
            ),
        )
    )
    made = drawn(fit({"team": teams, "staff": people}, circle, name="circle"))
    assert made["staff"]["at"].is_monotonic_increasing
    assert set(made["team"]["lead"]) <= set(made["staff"]["staff"])
    assert set(made["staff"]["team"]) <= set(made["team"]["team"])


@pytest.mark.parametrize("under", [False, True])
def test_who_leads_to_earlier_rows_comes_after_them(under):
    """A boss has a smaller number, though rows would stand in the order of days, their own or
    those of their parents."""
    boss = pa.array([None, *(number // 5 + 1 for number in range(599))], pa.int64())
    mine = staff()
    tables = {"staff": pa.table({**mine, "boss": boss})}
    columns = (*STAFF, Column("boss", WHOLE, nullable=True))
    links = (Link("boss", "staff", "staff"),)
    parents = []
    if under:
        tables["staff"] = pa.table(
            {"staff": mine["staff"], "shop": np.arange(600) // 3 + 1, "boss": boss}
        )
        tables["shop"] = pa.table({"shop": np.arange(200) + 1, "at": mine["at"].slice(0, 200)})
        columns = (STAFF[0], Column("shop", WHOLE), columns[-1])
        links = (Link("shop", "shop", "shop", "parent"), *links)
        shop = (Column("shop", WHOLE, unique=True), Column("at", MOMENT))
        parents = [Table("shop", shop, "shop")]
    schema = Schema((*parents, Table("staff", columns, "staff", links)))
    profile = fit(tables, schema, name="staff")
    assert profile.world.tables["staff"].follows == ""
    made = drawn(profile)["staff"]
    led = made[made["boss"].notna()]
    assert len(led) > 500
    assert (led["boss"] < led["staff"]).all()
