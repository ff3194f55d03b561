"""Rows are asked for of several tables of an odd linked set at once: links stay whole, keys of
several columns come once, and tables that nobody asked anything of are as they were."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from generator.errors import RequestError
from generator.fit import fit
from generator.schema import Column, Kind, Link, Schema, Table
from tests.rows import drawn, drawn_of

CUSTOMERS, ORDERS, THINGS, TAGS, STAFF = 300, 1200, 80, 25, 160
WHOLE, TEXT = Kind.INTEGER, Kind.TEXT


def _extract() -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(7)
    customers = pd.DataFrame({"customer": np.arange(CUSTOMERS)})
    customers["region"] = rng.choice(["north", "south", "west"], CUSTOMERS, p=[0.5, 0.4, 0.1])
    customers["firm"] = rng.choice(["yes", "no"], CUSTOMERS, p=[0.3, 0.7])
    whose = np.sort(rng.integers(0, CUSTOMERS, ORDERS))
    place = np.arange(ORDERS) - np.searchsorted(whose, whose)
    firm = (customers.firm == "yes").to_numpy()[whose]
    orders = pd.DataFrame({"order": np.arange(ORDERS), "customer": whose})
    days = np.datetime64("2024-01-01") + 20 * place + rng.integers(1, 20, ORDERS)
    orders["day"] = days.astype(object)
    orders["amount"] = np.where(firm, 300, 40) + rng.integers(0, 80, ORDERS)
    lines = rng.integers(1, 4, ORDERS)
    items = pd.DataFrame({"order": np.repeat(orders.order, lines)})
    items["line"] = np.concatenate([np.arange(1, n + 1) for n in lines])
    items["thing"] = (rng.random(len(items)) ** 2 * THINGS).astype(int)
    items["number"] = rng.integers(1, 5, len(items))
    things = pd.DataFrame({"thing": np.arange(THINGS), "sort": rng.choice(list("abc"), THINGS)})
    tags = pd.DataFrame({"tag": np.arange(TAGS), "theme": rng.choice(["x", "y"], TAGS)})
    both = np.sort(rng.choice(THINGS * TAGS, 500, replace=False))
    tagged = pd.DataFrame({"thing": both // TAGS, "tag": both % TAGS})
    tagged["weight"] = rng.integers(1, 6, 500)
    staff = pd.DataFrame({"person": np.arange(STAFF)})
    boss = [None, *(int(rng.integers(0, max(1, n // 3))) for n in range(1, STAFF))]
    staff["boss"] = pd.array(boss, "Int64")
    staff["grade"] = np.where(np.arange(STAFF) < 30, "head", rng.choice(["new", "old"], STAFF))
    return {
        "customers": customers,
        "orders": orders,
        "items": items,
        "things": things,
        "tags": tags,
        "tagged": tagged,
        "staff": staff,
    }


def _table(name, key, links=(), together=(), **kinds):
    columns = (Column(c, k, nullable=c == "boss", unique=c == key) for c, k in kinds.items())
    led = tuple(Link(c, parent, c2, kind) for c, parent, c2, kind in links)
    return Table(name, tuple(columns), key, led, together=together)


@pytest.fixture(scope="module")
def profile():
    parent, lookup = "parent", "lookup"
    schema = Schema(
        (
            _table("customers", "customer", customer=WHOLE, region=TEXT, firm=TEXT),
            _table(
                "orders",
                "order",
                (("customer", "customers", "customer", parent),),
                order=WHOLE,
                customer=WHOLE,
                day=Kind.DATE,
                amount=WHOLE,
            ),
            _table("things", "thing", thing=WHOLE, sort=TEXT),
            _table(
                "items",
                None,
                (("order", "orders", "order", parent), ("thing", "things", "thing", lookup)),
                order=WHOLE,
                line=WHOLE,
                thing=WHOLE,
                number=WHOLE,
            ),
            _table("tags", "tag", tag=WHOLE, theme=TEXT),
            _table(
                "tagged",
                None,
                (("thing", "things", "thing", parent), ("tag", "tags", "tag", lookup)),
                thing=WHOLE,
                tag=WHOLE,
                weight=WHOLE,
            ),
            _table(
                "staff",
                "person",
                (("boss", "staff", "person", lookup),),
                person=WHOLE,
                boss=WHOLE,
                grade=TEXT,
            ),
        )
    )
    extract = {n: pa.Table.from_pandas(f, preserve_index=False) for n, f in _extract().items()}
    return fit(extract, schema, name="odd")


ASKED = {
    "seed": 3,
    "rows": {name: len(rows) for name, rows in _extract().items()},
    "where": {
        "orders": {"amount < 100": 500, "day > '2024-03-01'": 260},
        "items": {"number == 4": 900},
        "tagged": {"weight > 3": 320},
        "staff": {"grade == 'new'": 90},
    },
    "shares": {"customers.firm": {"yes": 0.55}, "things.sort": {"a": 0.6}},
}


def test_several_tables_are_asked_at_once(profile):
    made = drawn_of(profile, ASKED)
    assert {name: len(rows) for name, rows in made.items()} == ASKED["rows"]
    orders, late = made["orders"], pd.to_datetime(made["orders"].day) > "2024-03-01"
    assert (orders.amount < 100).sum() == 500
    assert (late & (orders.amount >= 100)).sum() == 260
    assert (made["items"].number == 4).sum() == 900
    assert (made["tagged"].weight > 3).sum() == 320
    assert (made["staff"].grade == "new").sum() == 90
    assert (made["customers"].firm == "yes").sum() == 165
    assert (made["things"].sort == "a").sum() == 48


def test_links_are_whole_and_keys_of_several_columns_come_once(profile):
    made = drawn_of(profile, ASKED)
    for table in profile.schema:
        for link in table.links:
            leads = made[table.name][link.column].dropna()
            assert leads.isin(made[link.parent][link.parent_columns[0]]).all(), link.path
    assert not made["items"].duplicated(["order", "line"]).any()
    assert not made["tagged"].duplicated(["thing", "tag"]).any()
    assert made["tags"].equals(drawn(profile, **ASKED["rows"])["tags"])  # nothing was asked of it
    assert all(made[name].equals(rows) for name, rows in drawn_of(profile, ASKED).items())


def test_no_two_rows_join_the_same_rows_however_few_there_are(profile):
    for tags, rows in ((1, 70), (9, 500)):
        plain = drawn(profile, tagged=rows, tags=tags, things=THINGS)["tagged"]
        count = int((plain.weight > 3).sum() * 1.4)
        asked = {"tagged": {"weight > 3": count}}
        counts = {"tagged": rows, "tags": tags, "things": THINGS}
        made = drawn_of(profile, {"seed": 3, "rows": counts, "where": asked})["tagged"]
        assert (made.weight > 3).sum() == count
        for one in (plain, made):
            assert len(one) == rows
            assert not one.duplicated(["thing", "tag"]).any()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"where": {"items": {"order.amount > 9": 5}}}, "ask it of orders"),
        ({"where": {"orders": {"customer.firm == 'yes'": 5}}}, "ask it of customers"),
    ],
)
def test_a_refusal_says_what_to_ask_instead(profile, asked, said):
    with pytest.raises(RequestError) as refused:
        drawn_of(profile, asked | {"rows": ASKED["rows"]})
    assert said in refused.value.sentence
    assert refused.value.sentence.endswith(".")


def test_shares_of_two_columns_of_a_linked_table_are_met_together(profile):
    shares = {"customers.firm": {"yes": 0.5}, "customers.region": {"west": 0.4, "north": 0.3}}
    where = {"customers": {"region == 'south' and firm == 'no'": 31}}
    made = drawn_of(profile, ASKED | {"shares": shares, "where": where})
    customers = made["customers"]
    assert (customers.firm == "yes").sum() == 150
    assert (customers.region == "west").sum() == 120
    assert (customers.region == "north").sum() == 90
    assert ((customers.region == "south") & (customers.firm == "no")).sum() == 31
    assert len(made["orders"]) == ORDERS
