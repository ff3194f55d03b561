"""The life of a car and of a customer, out of a bundle's own files."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

import generator
from generator.__main__ import main
from generator.bundle import look_into
from generator.domains import PLATFORM
from generator.domains.stories import stories
from generator.schema import Link
from generator.stories import Sentence, read_story, untold
from generator.write import FORMATS, Wanted

SEARCHED = [name for name, way in FORMATS.items() if way.find]


def rows_of(folder, table):
    return pq.read_table(folder / f"{table}.parquet").to_pylist()


@pytest.fixture(scope="module")
def sold(lived):
    """A deal that was delivered, with a trade-in if there is one."""
    done = [row for row in rows_of(lived, "deal") if row["delivery_date_time"] and row["lead_key"]]
    return max(done, key=lambda row: row["trade_in_allowance"])


def test_a_customer_is_told_from_birth_to_the_deal_and_on(lived, sold):
    told = generator.life(lived, "customer", sold["customer_key"])
    party = {row["party_key"]: row for row in rows_of(lived, "party")}
    [own] = [r for r in rows_of(lived, "customer") if r["customer_key"] == sold["customer_key"]]
    assert told.name == party[own["party_key"]]["full_name"]
    assert told.entries[0].says == "Born"
    assert told.entries[0].at == party[own["party_key"]]["birth_date"]
    by_table = {}
    for entry in told.entries:
        by_table.setdefault(entry.table, []).append(entry)
    assert {"party_address", "sales_lead", "deal", "invoice", "payment"} <= by_table.keys()
    paid = [r for r in rows_of(lived, "payment") if r["payer_party_key"] == own["party_key"]]
    assert {r["payment_key"] for r in paid} <= {e.key for e in by_table["payment"]}
    [signed] = [e for e in by_table["deal"] if e.key == sold["deal_key"] and "Signs" in e.says]
    assert signed.money == sold["total_amount"]
    assert isinstance(signed.money, Decimal)
    assert signed.at == sold["contract_date_time"]
    assert f"${sold['sale_price']:,.2f}".removesuffix(".00") in signed.says


def test_a_car_is_told_with_its_owners_and_by_its_number(lived, sold):
    stays = {row["inventory_vehicle_key"]: row for row in rows_of(lived, "inventory_vehicle")}
    key = stays[sold["inventory_vehicle_key"]]["vehicle_key"]
    told = generator.life(lived, "vehicle", key)
    [car] = [row for row in rows_of(lived, "vehicle") if row["vehicle_key"] == key]
    assert car["vin"] in told.name
    assert generator.life(lived, "vehicle", car["vin"]) == told
    assert car["production_date"] in {e.at for e in told.entries if e.table == "vehicle"}
    others = {other.key for entry in told.entries for other in entry.others}
    assert sold["customer_key"] in others
    assert {"deal", "inventory_vehicle", "garage_item", "warranty"} <= {
        e.table for e in told.entries
    }


def test_local_hours_are_those_of_the_place(lived, sold):
    [state] = [
        r["state"] for r in rows_of(lived, "dealer") if r["dealer_key"] == sold["dealer_key"]
    ]
    told = generator.life(lived, "customer", sold["customer_key"])
    entry = next(e for e in told.entries if e.table == "deal")
    assert entry.local == entry.at
    assert entry.local.tzinfo.key == stories(PLATFORM).clocks[state]


def test_every_state_has_clocks(lived):
    assert {r["state"] for r in rows_of(lived, "dealer")} <= stories(PLATFORM).clocks.keys()


def test_what_lies_ahead_is_marked(lived):
    owned = {row["vehicle_key"] for row in rows_of(lived, "garage_item")}
    for row in rows_of(lived, "warranty"):
        if row["vehicle_key"] in owned and row["warranty_expiration_date"] > date(2026, 6, 1):
            told = generator.life(lived, "vehicle", row["vehicle_key"])
            assert told.entries[-1].ahead
            assert not told.entries[0].ahead
            return
    pytest.fail("no warranty reaches beyond the span")


def test_miles_are_told_month_by_month(lived):
    events = rows_of(lived, "vehicle_telemetry_event")
    key = events[0]["vehicle_key"]
    own = [row for row in events if row["vehicle_key"] == key]
    months = {f"{row['occurrence_date_time']:%Y-%m}" for row in own}
    told = [
        entry
        for entry in generator.life(lived, "vehicle", key).entries
        if entry.table == "vehicle_telemetry_event"
    ]
    assert [entry.key for entry in told] == sorted(months)
    assert f"to {max(row['odometer'] for row in own):,.0f} miles" in told[-1].says


@pytest.mark.parametrize("format", SEARCHED)
def test_a_life_is_the_same_in_every_format(lived, sold, tmp_path, format):  # noqa: A002
    alone = tmp_path / "alone"
    shutil.copytree(lived, alone)
    manifest = json.loads((alone / "manifest.json").read_text())
    manifest["files"] = [
        entry for entry in manifest["files"] if entry["format"] in (format, "json", "md")
    ]
    (alone / "manifest.json").write_text(json.dumps(manifest))
    told = generator.life(lived, "customer", sold["customer_key"])
    assert generator.life(alone, "customer", sold["customer_key"]) == told
    assert generator.suggested_lives(alone) == generator.suggested_lives(lived)
    found = generator.search_lives(alone, "customer", told.name[1:-1].upper())
    assert sold["customer_key"] in {one.key for one in found}


def test_suggestions_are_lives_that_are_there(lived):
    suggested = generator.suggested_lives(lived)
    assert {"vehicle", "customer"} <= {one.life for one in suggested}
    for one in suggested:
        assert generator.life(lived, one.life, one.key).name == one.name


@pytest.mark.parametrize(
    ("kind", "key", "said"),
    [
        ("vehicle", "VE-9999999999", "has no car “VE-9999999999”"),
        ("customer", "", "has no customer “”"),
        ("spaceship", "1", "no lives of “spaceship”"),
    ],
)
def test_who_is_not_there_is_said_in_a_sentence(lived, kind, key, said):
    with pytest.raises(generator.RequestError, match=said):
        generator.life(lived, kind, key)


def test_a_bundle_without_the_table_says_so(tmp_path):
    recipe = generator.Recipe.from_dict({"tables": ["geographic_boundary"]})
    profile = generator.automotive()
    generator.sample(profile, generator.plan(profile, recipe), tmp_path / "small")
    with pytest.raises(generator.RequestError, match="tells of no car"):
        generator.life(tmp_path / "small", "vehicle", "VE-0000000000")
    assert generator.suggested_lives(tmp_path / "small") == ()
    assert generator.kinds_of_lives(tmp_path / "small") == {}


def test_the_command_line_tells_it(lived, sold, capsys):
    assert main(["life", str(lived), "--customer", sold["customer_key"]]) == 0
    said = capsys.readouterr().out
    assert "Born" in said
    assert sold["deal_key"] in said
    assert main(["life", str(lived), "--customer", sold["customer_key"], "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["key"] == sold["customer_key"]
    assert all(set(entry) >= {"at", "says", "table", "key"} for entry in document["entries"])
    assert main(["life", str(lived), "--vehicle", "nothing"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["life", str(lived)]) == 0
    assert "--vehicle" in capsys.readouterr().out


def test_stories_speak_of_what_their_tables_have():
    """Columns, links and routes are there; no table that belongs to a life is left without one."""
    schema, told = PLATFORM.schema, stories(PLATFORM)

    def column(table, path):
        head, dot, rest = path.partition(".")
        assert head in schema[table].column_names, (table, path)
        if dot:
            link = schema[table].link(head)
            assert isinstance(link, Link), (table, path)
            column(link.parent, rest)

    for name, story in told.of.items():
        for one in story.told:
            for path in one.paths:
                column(name, path)
        for path in (*story.others, *story.search, *filter(None, [story.place])):
            column(name, path)
        for life, routes in story.routes.items():
            assert life in told.lives
            for route in routes:
                if route.startswith("<"):
                    other, _, path = route[1:].partition(".")
                    column(other, path)
                else:
                    path, mark, other = route.partition(">")
                    column(name, path)
                    assert not mark or other in schema, (name, route)
    for table in schema:
        if any(link.parent in told.lives for link in table.links):
            assert told.of[table.name].routes or not told.of[table.name].told


def test_a_table_without_a_story_is_told_in_general_words():
    table = PLATFORM.schema["vehicle_alert"]
    story = untold(table, ("vehicle",))
    assert story.routes == {"vehicle": ("vehicle_key",)}
    assert story.told[0].at == "created_date_time"
    assert story.told[0].says.said({}.get) == table.meaning


def test_a_sentence_leaves_out_what_is_missing():
    says = Sentence.read("sold[ to {who}] for {price:$}{new?, new|} at {rate:%}")
    values = {"who": None, "price": Decimal("1234.50"), "new": True, "rate": Decimal("0.0614")}
    assert says.said(values.get) == "Sold for $1,234.50, new at 6.14 %"
    assert "to Ann" in says.said({**values, "who": "Ann"}.get)
    assert says.paths == ("who", "price", "new", "rate")


@pytest.mark.parametrize("text", ["{a", "a]", "{a:loud}", "{A}"])
def test_a_sentence_that_cannot_be_read_is_refused(text):
    with pytest.raises(ValueError, match=r"bracket|said"):
        Sentence.read(text)


def test_a_story_with_an_unknown_word_is_refused():
    with pytest.raises(ValueError, match="tale"):
        read_story("deal", {"tale": 1}, ("vehicle",))


def by_key(row):
    return row["payment_key"]


@pytest.mark.parametrize("format", SEARCHED)
def test_find_gives_the_wanted_rows_only(lived, format):  # noqa: A002 - the word
    bundle = look_into(lived)
    table, way = bundle.schema["payment"], FORMATS[format]
    path = lived / way.file_of("payment")
    columns = ["payment_key", "amount", "occurrence_date_time", "settled_date_time"]
    every = [
        r
        for part in way.find(path, table, columns, Wanted("payment_key"))
        for r in part.to_pylist()
    ]
    rows = sorted(rows_of(lived, "payment"), key=by_key)
    expected = [{name: row[name] for name in columns} for row in rows]
    assert sorted(every, key=by_key) == expected
    assert isinstance(every[0]["occurrence_date_time"], datetime)
    some = tuple(row["payment_key"] for row in expected[3:9])
    found = [
        r
        for part in way.find(path, table, columns, Wanted("payment_key", some))
        for r in part.to_pylist()
    ]
    assert sorted(found, key=by_key) == expected[3:9]
    part = Wanted("payment_key", part="py-000000000")
    found = [r for some in way.find(path, table, columns, part) for r in some.to_pylist()]
    assert sorted(found, key=by_key) == expected[:10]


def test_the_command_line_tells_a_life_without_waiting_for_pandas(lived):
    """It would take half of the time; pyarrow imports it for arrays and zones, unless asked not."""
    code = (
        "import sys; from generator.__main__ import main; "
        f"assert main(['life', {str(lived)!r}, '--customer', {customer_of(lived)!r}]) == 0; "
        "sys.exit('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Born" in done.stdout


def customer_of(folder):
    return next(
        found.key for found in generator.suggested_lives(folder) if found.life == "customer"
    )
