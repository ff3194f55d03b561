"""Keys and links are found by their values and their names, and each says why."""

import json
import random
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from generator.infer import infer, typed
from generator.infer.likeness import leads_to, names_key
from generator.read import read
from tests.test_compare import DATA

FAULTS = Path(__file__).parent / "faults"
LOT = random.Random(11)


def table(**columns):
    texts = {
        name: ["" if value is None else str(value) for value in values]
        for name, values in columns.items()
    }
    return pa.table(texts)


def links(schema):
    return {
        f"{t.name}.{link.said}": f"{link.parent}.{', '.join(link.parent_columns)}"
        for t in schema
        for link in t.links
    }


def some(values, rows):
    return [LOT.choice(values) for _ in range(rows)]


CUSTOMERS = table(customer_id=range(1, 201), age=some(range(18, 80), 200))


@pytest.mark.parametrize(
    ("column", "key", "of", "least", "most"),
    [
        ("customer_id", "customer_id", "customers", 1, 1),
        ("customerId", "id", "Customers", 1, 1),
        ("billing_address_id", "id", "address", 0.7, 0.9),
        ("cust_no", "id", "customer", 0.5, 0.7),
        ("customer", "id", "dim_customer", 0.7, 0.9),
        ("category_id", "id", "categories", 1, 1),
        ("id", "id", "customers", 0, 0),
        ("age", "id", "customers", 0, 0),
        ("order", "id", "customers", 0, 0),
    ],
)
def test_a_name_speaks_for_a_link(column, key, of, least, most):
    assert least <= leads_to(column, key, of) <= most


def test_a_name_speaks_for_a_key():
    named = [names_key(name, "orders") for name in ("order_id", "id", "shop_id", "code", "total")]
    assert named == [3, 3, 2, 1, 0]


def test_a_link_is_found_and_says_why():
    orders = table(order_id=range(1, 501), customer_id=some(range(1, 201), 500))
    schema = infer({"customers": CUSTOMERS, "orders": orders})
    assert (schema["customers"].key, schema["orders"].key) == ("customer_id", "order_id")
    assert links(schema) == {"orders.customer_id": "customers.customer_id"}
    link = schema["orders"].links[0]
    assert link.reason == "Sure: every value is a key of customers, and the names agree."
    assert schema["orders"].reason.startswith("Every row has a value of its own")
    assert not link.unique


def test_small_whole_numbers_are_no_links():
    """They all lie among running keys, by chance."""
    orders = table(
        order_id=range(1, 501),
        quantity=some(range(1, 9), 500),
        customer=some(range(1, 9), 500),
        rank=range(1, 501),
    )
    assert links(infer({"customers": CUSTOMERS, "orders": orders})) == {}


def test_codes_lead_to_the_table_that_has_them_whatever_their_name():
    parts = table(part=[f"P{at:04}" for at in range(300)], weight=some(range(9, 99), 300))
    sold = table(sale_no=range(1, 801), what=some([f"P{at:04}" for at in range(300)], 800))
    schema = infer({"parts": parts, "sold": sold})
    assert links(schema) == {"sold.what": "parts.part"}
    assert "the names say nothing" in schema["sold"].links[0].reason


def test_several_links_to_one_parent_and_one_within_a_table():
    teams = table(id=range(1, 31), city=some("ABC", 30))
    games = table(
        game_id=range(1, 301),
        home_team_id=some(range(1, 31), 300),
        guest_team_id=some(range(1, 31), 300),
    )
    staff = table(
        staff_id=range(1, 101), manager_id=[None, *some(range(1, 20), 99)], age=some("123", 100)
    )
    schema = infer({"games": games, "staff": staff, "teams": teams})
    assert links(schema) == {
        "games.home_team_id": "teams.id",
        "games.guest_team_id": "teams.id",
        "staff.manager_id": "staff.staff_id",
    }
    assert schema["staff"].links[0].kind == "lookup"


def test_a_key_that_is_a_link_leads_to_the_table_it_is_called_after():
    details = table(customer_id=range(1, 201), bio=some("xyz", 200))
    for names in (("a_details", "customers"), ("customers", "z_details")):
        held = dict.fromkeys(names, details) | {"customers": CUSTOMERS}
        schema = infer({name: held[name] for name in names})
        detailed = next(name for name in names if name != "customers")
        assert links(schema) == {f"{detailed}.customer_id": "customers.customer_id"}
        assert schema[detailed].links[0].unique


def test_one_to_one_is_said_where_chance_would_have_repeated():
    owners = [str(at) for at in range(1, 201)]
    LOT.shuffle(owners)
    cards = table(card_id=range(500, 680), customer_id=owners[:180])
    few = table(gift_id=range(7), customer_id=owners[:7])
    schema = infer({"cards": cards, "customers": CUSTOMERS, "gifts": few})
    assert [schema[name].links[0].unique for name in ("cards", "gifts")] == [True, False]


def test_a_link_that_pandas_wrote_with_points_is_of_whole_numbers():
    values = [f"{at}.0" if at % 7 else None for at in some(range(1, 201), 400)]
    orders = table(order_id=range(1, 401), customer_id=values)
    raw = {"customers": CUSTOMERS, "orders": orders}
    schema = infer(raw)
    assert links(schema) == {"orders.customer_id": "customers.customer_id"}
    assert schema["orders"].column("customer_id").kind == "integer"
    found = typed(raw, schema)["orders"]["customer_id"]
    assert found.type == pa.int64()
    assert found.null_count == sum(value is None for value in values)
    floats = pa.table({"customer_id": pa.array([1.0, None, 5.0] * 50), "sum": [1.5, 2.5, 3.5] * 50})
    schema = infer({"customers": CUSTOMERS, "t": floats})
    assert schema["t"].column("customer_id").kind == "integer"
    assert typed({"customers": CUSTOMERS, "t": floats}, schema)["t"]["customer_id"][2].as_py() == 5


def test_some_values_that_are_no_keys_are_said():
    values = [*some(range(1, 201), 400), 999]
    orders = table(order_id=range(1, 402), customer_id=values)
    schema = infer({"customers": CUSTOMERS, "orders": orders})
    assert schema["orders"].links[0].reason.startswith("Perhaps: 99 % of the values")


def test_days_of_dealers_are_a_key_together_and_pointed_at_together():
    days = [str(date(2024, 1, 1) + timedelta(days=at)) for at in range(60)]
    visits = table(
        dealer=[f"D{at:02}" for at in range(20) for _ in days],
        day=days * 20,
        guests=some(range(40), 1200),
    )
    notes = table(
        note=[f"N-{at}" for at in range(500)],
        day=some(days, 500),
        dealer=some([f"D{at:02}" for at in range(20)], 500),
    )
    schema = infer({"notes": notes, "visits": visits})
    assert schema["visits"].together == ("dealer", "day")
    assert schema["visits"].reason == "No two rows have the same dealer and day."
    assert links(schema) == {"notes.dealer, day": "visits.dealer, day"}


def test_two_wide_columns_that_differ_by_chance_are_no_key():
    readings = table(a=some(range(10**6), 300), b=some(range(10**6), 300), c=some("xy", 300))
    found = infer({"readings": readings})["readings"]
    assert (found.key, found.together) == (None, ())


def test_where_several_pairs_differ_none_is_the_key():
    rows = {f"c{m}": [at % m for at in range(120)] for m in (11, 13, 16, 17)}
    assert infer({"t": table(**rows)})["t"].together == ()


def test_what_was_not_understood_is_never_a_key():
    odd = ["".join(LOT.sample("abc 12.;:ÄÖß-/()", LOT.randrange(3, 13))) for _ in range(300)]
    odd = list(dict.fromkeys(odd))
    found = infer({"odd": table(odd_id=odd, n=some("xy", len(odd)))})["odd"]
    assert found.column("odd_id").doubt
    assert (found.key, found.together) == (None, ())


def test_a_short_table_of_labels_has_its_key():
    kinds = table(code=["A", "B", "C", "D"], meaning=["one", "two", "three", "four"])
    sold = table(sale_id=range(1, 301), code=some("ABCD", 300))
    schema = infer({"kinds": kinds, "sold": sold})
    assert schema["kinds"].key == "code"
    assert schema["kinds"].column("code").kind == "text"


BERKA = {
    "account.district_id": "district.district_id",
    "card.disp_id": "disp.disp_id",
    "client.district_id": "district.district_id",
    "disp.account_id": "account.account_id",
    "disp.client_id": "client.client_id",
    "loan.account_id": "account.account_id",
    "order.account_id": "account.account_id",
    "trans.account_id": "account.account_id",
}


@pytest.mark.skipif(not (DATA / "berka").exists(), reason="the public tables are not here")
@pytest.mark.parametrize("told", [True, False])
def test_a_bank_of_eight_tables_is_found_as_its_metadata_says(told):
    raw = read(DATA / "berka")
    schema = infer(raw, DATA / "berka" / "metadata.json" if told else None)
    assert links(schema) == BERKA
    assert all(t.key == f"{t.name}_id" for t in schema)
    sole = {f"{t.name}.{link.said}" for t in schema for link in t.links if link.unique}
    assert sole == {"card.disp_id", "disp.client_id", "loan.account_id"}


@pytest.mark.parametrize("told", [True, False])
def test_the_link_of_two_tables_is_found(told):
    folder = FAULTS / "two-tables"
    schema = infer(read(folder), folder / "metadata.json" if told else None)
    assert links(schema) == {"child.pid": "parent.pid"}
    assert [t.key for t in schema] == ["cid", "pid"]


def test_metadata_may_name_keys_and_links_of_several_columns(tmp_path):
    raw = {
        "visits": table(dealer="AAB", day="121", guests="567"),
        "notes": table(at="AB", on="21", said="xy"),
    }
    sdv = {
        "tables": {"visits": {"primary_key": ["dealer", "day"]}, "notes": {}},
        "relationships": [
            {
                "parent_table_name": "visits",
                "parent_primary_key": ["dealer", "day"],
                "child_table_name": "notes",
                "child_foreign_key": ["at", "on"],
            }
        ],
    }
    foreign = {"fields": ["at", "on"], "reference": {"resource": "visits"}}
    foreign["reference"]["fields"] = ["dealer", "day"]
    package = {
        "resources": [
            {"name": "visits", "schema": {"primaryKey": ["dealer", "day"]}},
            {"name": "notes", "schema": {"foreignKeys": [foreign]}},
        ]
    }
    for document in (sdv, package):
        path = tmp_path / "metadata.json"
        path.write_text(json.dumps(document))
        schema = infer(raw, path)
        assert schema["visits"].key_columns == ("dealer", "day")
        assert links(schema) == {"notes.at, on": "visits.dealer, day"}
