"""The platform's API as JSON Lines: valid, whole, the same whoever writes it."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import generator
from generator.errors import RecipeError
from generator.plan import plan
from generator.recipe import Recipe
from generator.sample import sample
from generator.schema import Kind
from generator.write import api_json
from generator.write.api.homes import fits, homes
from generator.write.api.leaf import Leaf, leaf
from generator.write.api.shape import Aggregate, Array, Node, Object, aggregates, read
from tests.small import small_profile
from tests.tight import NAMES, REQUIRED, faults, property_at

PLATFORM = generator.automotive()
TABLES = {table.name: table for table in PLATFORM.schema}
BY_NAME = {one.name: one for one in aggregates()}
ROWS = {"deal": 20, "dealer": 2, "vehicle_telemetry_event": 1500, "vehicle_transfer_order": 2}


def made(out: Path, workers: int = 1, **fields: Any) -> dict[str, Any]:
    recipe = Recipe.from_dict(
        {"rows": ROWS, "from": "2025-01-01", "to": "2025-12-31", "seed": 3} | fields
    )
    return sample(PLATFORM, plan(PLATFORM, recipe), out, workers=workers)


def lines(bundle: Path, name: str) -> list[dict[str, Any]]:
    return _lines(bundle / name, (bundle / name).stat().st_mtime_ns)


@lru_cache(maxsize=40)
def _lines(path: Path, changed: int) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]


def bytes_of(bundle: Path) -> dict[str, bytes]:
    return {
        path.relative_to(bundle).as_posix(): path.read_bytes()
        for path in sorted((bundle / "api").iterdir())
    }


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """All tables, and their rows beside them to count by."""
    out = tmp_path_factory.mktemp("api") / "b"
    made(out, formats=["parquet", "api-json"])
    return out


def keys_of(bundle: Path, table: str) -> list[str]:
    path = bundle / f"{table}.parquet"
    return pq.read_table(path, columns=[TABLES[table].key]).column(0).to_pylist()


# What a shape says, walked through.


def walk(node: Node, table: str | None, path: str) -> Iterator[tuple[str, str | None, Node]]:
    """(path of the property, table of its frame, node), arrays looked through."""
    if isinstance(node, Array):
        for item in node.items:
            yield from walk(item, table, path)
        return
    yield path, table, node
    if isinstance(node, Object):
        if node.each:
            table = node.each.table
        elif node.at and table:
            link = TABLES[table].link(node.at)
            table = link.parent if link else None
        for key, inner in node.properties.items():
            yield from walk(inner, table, f"{path}.{key}" if path else key)


def places(table: str) -> set[tuple[str, str]]:
    """Where keys of a table stand as the key of an object that has its rows: file, property."""
    found = set()
    key = TABLES[table].key
    for one in aggregates():
        for path, over, node in walk(one.shape, one.table, ""):
            if not isinstance(node, Object):
                continue
            each = node.each
            if (each.counted and each.table == table) if each else (not path and over == table):
                inside = walk(Object(node.properties), table, path)
                name = next(where for where, _, inner in inside if _is(inner, key))
                found.add((one.name, name))
        for alias, each in one.joined.items():
            if each.table == table:
                name = next(n for n, x in one.shape.properties.items() if _is(x, f"{alias}.{key}"))
                found.add((one.name, name))
    return found


def _linked(table: str | None, column: str) -> str | None:
    link = TABLES[table].link(column) if table else None
    return link.parent if link else None


def _is(node: Node, path: str | None) -> bool:
    return isinstance(node, Leaf) and node.pieces == ("", path, "")


def values_at(value: Any, steps: list[str]) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from values_at(item, steps)
    elif not steps:
        yield value
    elif steps[0] in value:
        yield from values_at(value[steps[0]], steps[1:])


def carried(bundle: Path, table: str) -> Counter[str]:
    """How often each key of a table is that of an object, or of a row on its own."""
    found: Counter[str] = Counter()
    known = set(keys_of(bundle, table))
    for name, path in places(table):
        for line in lines(bundle, f"api/{name}.jsonl"):
            found.update(key for key in values_at(line, path.split(".")) if key in known)
    rest = bundle / "tables" / f"{table}.jsonl"
    if rest.exists():
        found.update(line[TABLES[table].key] for line in lines(bundle, f"tables/{table}.jsonl"))
    return found


# What is written.


@pytest.mark.parametrize("name", NAMES)
def test_every_line_is_valid_in_the_tight_form(name, bundle):
    assert lines(bundle, f"api/{name}.jsonl")
    for line in lines(bundle, f"api/{name}.jsonl"):
        assert not faults(name, line)[:3]


def test_the_aggregates_are_the_platforms_files(bundle):
    assert {path.stem for path in (bundle / "api").iterdir()} == set(NAMES) == set(BY_NAME)
    assert not (bundle / "tables").exists()


@pytest.mark.parametrize("table", TABLES)
def test_every_row_is_in_one_aggregate(table, bundle):
    assert keys_of(bundle, table)
    assert carried(bundle, table) == Counter(keys_of(bundle, table))


def test_every_table_has_a_home():
    assert set(homes(aggregates(), TABLES)) == set(TABLES)


def test_incentives_of_deals_without_an_invoice_are_with_their_deals(bundle, tmp_path):
    """Deals that are reversed before they are billed, which so few deals have none of."""
    held = {name: pq.read_table(bundle / f"{name}.parquet") for name in TABLES}
    bills = held["invoice"]
    held["invoice"] = bills.filter(pc.is_null(bills["deal_key"]))
    paths = ("api/retail_delivery_report.jsonl", "tables/deal_incentive.jsonl")
    files = [file for file in api_json.nested(TABLES) if file.path in paths]
    counts = [
        file.fill(lambda name: [held[name].select], tmp_path / "x", lambda *_: None).rows
        for file in files
    ]
    assert counts[0]["deal_incentive"] == held["deal_incentive"].num_rows > 5
    assert counts[1]["deal_incentive"] == 0


def test_a_row_that_is_dropped_or_written_twice_is_found(bundle, tmp_path):
    folder = tmp_path / "b"
    (folder / "api").mkdir(parents=True)
    (folder / "payment_event.parquet").symlink_to(bundle / "payment_event.parquet")
    text = (bundle / "api/payment_event.jsonl").read_text("utf-8").splitlines(keepends=True)
    for changed in (text[1:], [*text, text[0]]):
        (folder / "api/payment_event.jsonl").write_text("".join(changed), "utf-8")
        assert carried(folder, "payment_event") != Counter(keys_of(folder, "payment_event"))


def test_the_manifest_says_what_each_file_holds(bundle):
    manifest = json.loads((bundle / "manifest.json").read_text())
    held: Counter[str] = Counter()
    for file in manifest["files"]:
        if file["format"] == "api-json":
            assert file["rows"] == len(lines(bundle, file["path"]))
            held.update(file["holds"])
        else:
            assert "holds" not in file
    for table, rows in manifest["rows"].items():
        assert held[table] == rows


def test_bytes_do_not_depend_on_workers_or_on_how_much_is_written_at_once(
    bundle, tmp_path, monkeypatch
):
    made(tmp_path / "two", workers=2, formats=["api-json"])
    assert bytes_of(tmp_path / "two") == bytes_of(bundle)
    few = tuple(replace(one, rows=101) for one in aggregates())
    monkeypatch.setattr(api_json, "aggregates", lambda: few)
    monkeypatch.setattr(api_json, "_ROWS", 1_009)
    made(tmp_path / "few", formats=["api-json"])
    assert bytes_of(tmp_path / "few") == bytes_of(bundle)


def test_objects_nest_under_their_own(bundle):
    for line in lines(bundle, "api/journal_entry_transaction.jsonl"):
        cents = {"DEBIT": 0, "CREDIT": 0}
        for entry in line["journal_entries"]:
            assert entry["financial_transaction_key"] == line["journal_entry_transaction_key"]
            amount = entry["amount"]["amount"]["amount"]
            cents[entry["journal_type"]] += int(amount.replace(".", ""))
        assert cents["DEBIT"] == cents["CREDIT"] > 0
    for line in lines(bundle, "api/invoice.jsonl"):
        assert {item["invoice_id"] for item in line["invoice_items"]} == {line["invoice_id"]}


def test_withholdings_are_below_zero_in_the_api(bundle):
    signs = Counter(
        (item["payer_type"], item["amount"]["amount"]["amount"].startswith("-"))
        for line in lines(bundle, "api/payroll_stub.jsonl")
        for item in line["payroll_items"]
    )
    assert signs["EMPLOYEE", True]
    assert signs["EMPLOYER", False]
    assert not signs["EMPLOYER", True]


def test_a_period_ends_when_its_last_day_is_over(bundle):
    table = pq.read_table(bundle / "payroll_stub.parquet").to_pylist()
    ends = {row["pay_stub_key"]: row["pay_period_end_date"] for row in table}
    for line in lines(bundle, "api/payroll_stub.jsonl"):
        day = ends[line["pay_stub_key"]] + timedelta(days=1)
        assert line["pay_period"]["complete_date_time"] == f"{day}T00:00:00.000Z"


def test_scenarios_and_messes_leave_lines_valid_and_rows_whole(tmp_path):
    names = ("longest_names", "unicode_names", "customer_erased")
    asked = {
        "rows": ROWS | {"dealer": 1, "vehicle_transfer_order": 0, "org_profile": 40},  # no makers
        "scenarios": dict.fromkeys(names, 1),
        "messy": {mess.name: 0.3 for mess in PLATFORM.messes},
    }
    valid_and_whole(tmp_path / "b", **asked)


def thinned(line: dict[str, Any]) -> dict[str, Any]:
    """A company with some of the ten thousand cars that companies make."""
    companies = [
        {**one, "identifiers": one["identifiers"][::15]} if "identifiers" in one else one
        for one in line.get("org_profiles", ())
    ]
    return {**line, "org_profiles": companies} if companies else line


def test_a_world_that_is_cut_is_valid_and_whole(tmp_path):
    few = {"deal": 8, "dealer": 1, "vehicle_telemetry_event": 200}
    valid_and_whole(tmp_path / "b", rows=few, as_of="2025-07-20", seed=5)


def valid_and_whole(out: Path, **asked: Any) -> None:
    made(out, **asked, formats=["parquet", "api-json"])
    for name in NAMES:
        for line in lines(out, f"api/{name}.jsonl"):
            assert not faults(name, thinned(line))[:3]
    assert not (out / "tables").exists()
    for table in TABLES:
        assert carried(out, table) == Counter(keys_of(out, table))


@pytest.mark.parametrize(
    ("domain", "few"),
    [
        ("payment", {"payment": 60}),
        ("sales_operations", {"deal": 15}),
        ("service", {"repair_order": 40}),
    ],
)
def test_a_domain_alone_with_keys_only_is_valid_and_whole(domain, few, tmp_path):
    of_domain = [table.name for table in PLATFORM.schema if table.domain == domain]
    out = tmp_path / "b"
    asked = {"rows": few, "tables": of_domain, "references": "keys"}
    made(out, **asked, formats=["parquet", "api-json"])
    for path in (out / "api").iterdir():
        for line in lines(out, f"api/{path.name}"):
            assert not faults(path.stem, line)[:3]
    for table in of_domain:
        found, keys = carried_in(out, table), keys_of(out, table)
        assert set(found) == set(keys)


def carried_in(bundle: Path, table: str) -> Counter[str]:
    """As ``carried``, where aggregates may be away."""
    for name, _ in places(table):
        (bundle / "api" / f"{name}.jsonl").touch()
    return carried(bundle, table)


def test_increments_are_refused_in_a_sentence():
    recipe = Recipe.from_dict(
        {"from": "2025-01-01", "to": "2025-12-31", "as_of": "2025-05-31", "formats": ["api-json"]}
        | {"increments": ["2025-06-30"]}
    )
    with pytest.raises(RecipeError, match="Increments are files of one table each") as refused:
        plan(PLATFORM, recipe)
    assert "api-json" not in refused.value.sentence.partition("choose from")[2]


def test_tables_of_another_schema_stand_as_they_are(tmp_path):
    profile = small_profile()
    sample(profile, plan(profile, Recipe(formats=("api-json", "jsonl"))), tmp_path / "b")
    assert not (tmp_path / "b" / "api").exists()
    for name in ("parent", "child"):
        rows = (tmp_path / "b" / "tables" / f"{name}.jsonl").read_bytes()
        assert rows == (tmp_path / "b" / f"{name}.jsonl").read_bytes()


# What shapes say, held against the platform's schemas without a row.


def test_every_shape_is_made_of_columns_that_are_there():
    for one in aggregates():
        assert fits(one, TABLES), one.name


@pytest.mark.parametrize("name", NAMES)
def test_a_shape_has_the_properties_words_and_lengths_of_the_schema(name):
    for path, table, node in walk(BY_NAME[name].shape, BY_NAME[name].table, ""):
        if not path:
            continue
        there = property_at(name, path)
        assert there is not None, f"{path} is no property"
        if isinstance(node, bool):
            assert there["type"] == "boolean", path
        elif isinstance(node, Leaf) and table:
            for fault in _leaf_faults(node, BY_NAME[name], table, there):
                raise AssertionError(f"{path}: {fault}")


def test_what_is_one_object_and_no_array_is_one_row():
    for one in aggregates():
        for node in _outside_arrays(one.shape):
            if node.each:
                link = TABLES[node.each.table].link(node.each.by)
                own = node.each.by == TABLES[node.each.table].key
                assert own or (link is not None and link.unique)


def _outside_arrays(node: Node) -> Iterator[Object]:
    if isinstance(node, Array):
        for item in node.items:
            for inner in item.properties.values() if isinstance(item, Object) else ():
                yield from _outside_arrays(inner)
    elif isinstance(node, Object):
        yield node
        for inner in node.properties.values():
            yield from _outside_arrays(inner)


def _leaf_faults(
    leaf: Leaf | None, one: Aggregate, table: str, there: dict[str, Any]
) -> Iterator[str]:
    while leaf:
        words = {change.name: change for change in leaf.changes}
        allowed, most = there.get("enum"), there.get("maxLength")
        if len(leaf.pieces) == 1 and allowed and leaf.pieces[0] not in allowed:
            yield f"{leaf.pieces[0]} is no word"
        if leaf.pieces[0] == leaf.pieces[-1] == "" and len(leaf.pieces) == 3:
            column = _column(leaf.pieces[1], one, table)
            if "words" in words:
                said = set(words["words"].words.values())
                if allowed and not said <= set(allowed):
                    yield f"{said - set(allowed)} are no words"
            elif allowed and column is not None:
                # The states of a history are those of the state machine, which rules check.
                if not set(column.values) <= set(allowed) or (
                    not column.values and column.name != "transition_to"
                ):
                    yield f"{column.name} may be {sorted(set(column.values) - set(allowed))}"
            elif most and column is not None and column.kind is Kind.TEXT:
                key = column.name.endswith("_key")  # at most 40 letters, whatever is nested
                if not key and "cut" not in words and not (column.length or most + 1) <= most:
                    yield f"{column.name} may be longer than {most}"
            if there.get("type") in ("integer", "number") and "number" not in words:
                yield "a number is wanted"
        leaf = leaf.otherwise


def _column(path: str, one: Aggregate, table: str) -> Any:
    for step in path.split(".")[:-1]:
        table = one.joined[step].table if step in one.joined else _linked(table, step) or ""
        if not table:
            return None
    return TABLES[table].column(path.rsplit(".", 1)[-1])


@pytest.mark.parametrize(
    "text", ["", "a b", "{a b}", "name | shout", "name | cut", "name | cut 5 6"]
)
def test_a_leaf_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match=r"is no (path|change)"):
        leaf(text, {})


def test_rows_that_are_not_named_well_are_refused():
    with pytest.raises(ValueError, match="names no rows"):
        read("x", 'table = "t"\n[shape]\na = [{ _each = "rows of t" }]', {"objects": {}})


# That the checks see what is wrong.


@cache
def one_of(bundle: Path, name: str) -> dict[str, Any]:
    return lines(bundle, f"api/{name}.jsonl")[0]


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_property_is_found(name, bundle):
    for key in REQUIRED[name].split():
        line = {k: v for k, v in one_of(bundle, name).items() if k != key}
        assert f"{name}.{key} is missing" in faults(name, line)


@pytest.mark.parametrize(
    ("name", "path", "value", "words"),
    [
        ("payment", "payment_status_type", "settled", "none of its words"),
        ("payment", "colour", "red", "is no property"),
        ("payment", "target_amount.amount.amount", 12.5, "not a string"),
        ("payment", "context", None, "not a string"),
        ("payment", "payment_key", "P", "1 letters long"),
        ("payment", "occurrence_date_time", "2025-02-30T00:00:00Z", "no date-time"),
        ("party", "org_indicator", "true", "not a boolean"),
        ("vehicle", "production_date", "31.12.2025", "no date"),
        ("vehicle", "vin", "1FTFW1E50RFA1234", "16 letters long"),
        ("vehicle", "fuel_types", [], "has 0 items"),
        ("retail_delivery_report", "sale_date", "2025-01-01T00:00:00Z", "no date"),
    ],
)
def test_what_is_wrong_in_a_line_is_found(name, path, value, words, bundle):
    line = copy.deepcopy(one_of(bundle, name))
    *way, last = path.split(".")
    place = line
    for step in way:
        place = place[step]
    place[last] = value
    [fault] = faults(name, line)
    assert words in fault
