"""Keys and links over shards that do not see each other's rows."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.rules import Rule, Whole, no_repeats, share_of
from generator.schema import Column, Kind, Link, Schema, Table
from generator.tables import Tables
from generator.validate import Validation, general_rules

NODE = Table(
    "node",
    (
        Column("k", Kind.TEXT, length=20),
        Column("up", Kind.TEXT, nullable=True, length=20),
        Column("code", Kind.TEXT, nullable=True, unique=True, length=20),
    ),
    key="k",
    links=(Link("up", "node", "k"),),
)
LEAF = Table(
    "leaf",
    (Column("n", Kind.TEXT, nullable=True, length=20),),
    links=(Link("n", "node", "k", "parent"),),
)
SCHEMA = Schema((NODE, LEAF))


def node(keys, ups=None, codes=None):
    texts = {"k": keys, "up": ups or [None] * len(keys), "code": codes or [None] * len(keys)}
    return "node", pa.table({name: pa.array(values, pa.string()) for name, values in texts.items()})


def leaf(parents):
    return "leaf", pa.table({"n": pa.array(parents, pa.string())})


def document(*shards, rules=()):
    """Validation of shards of one table each, none of which sees another's rows."""
    rows = {"node": 0, "leaf": 0}
    for name, table in shards:
        rows[name] += table.num_rows
    check = Validation(SCHEMA, [*general_rules(SCHEMA), *rules], rows)
    total = None
    for name, table in shards:
        part = Tables(SCHEMA, {name: table.select}, {name: table.num_rows})
        total = check.add(total, check.of_shard(part))
    return check.document(total)


def broken(found):
    return {
        (rule["id"], rule["table"]): (rule["broken"], rule["examples"], rule["reason"])
        for rule in found["rules"]
        if rule["broken"]
    }


def test_links_lead_to_rows_of_other_shards():
    found = document(node(["a1", "a2"]), node(["b", "a3"]), leaf(["a3", "b", None, "a1"]))
    assert broken(found) == {}
    assert found["links"] == {"checked": 3, "orphans": 0}


def test_what_leads_nowhere_is_counted_with_its_first_rows():
    found = document(
        node(["a1", "a2"]), leaf(["a1", "x", "a2"]), leaf(["a9", None, "x", "a1", "x", "x", "x"])
    )
    expected = (6, [1, 3, 5, 7, 8], "n: 6 rows.")
    assert broken(found) == {("R007", "leaf"): expected}
    assert found["links"] == {"checked": 9, "orphans": 6}


def test_a_link_may_lead_to_a_row_of_a_later_shard():
    shards = (node(["a1", "a2"], ["b1", "b9"]), leaf(["b1", "b2"]), node(["b1"], ["a2"]))
    found = document(*shards)
    assert broken(found) == {
        ("R007", "node"): (1, [1], "up: 1 row."),
        ("R007", "leaf"): (1, [1], "n: 1 row."),
    }
    assert found["links"] == {"checked": 5, "orphans": 2}


def test_a_document_can_be_asked_for_twice():
    check = Validation(SCHEMA, general_rules(SCHEMA), {"node": 2, "leaf": 0})
    name, table = node(["a1", "a2"], ["x", None])
    total = check.add(None, check.of_shard(Tables(SCHEMA, {name: table.select}, {name: 2})))
    assert check.document(total) == check.document(total)


def test_a_key_given_before_is_the_one_that_breaks():
    found = document(
        node(["a1", "a2", None]),
        node(["a2", "a3", "a2"], codes=["x", None, None]),
        node(["b"], codes=["x"]),
    )
    assert broken(found) == {
        ("R001", "node"): (3, [2, 3, 5], "k: 3 rows."),
        ("R009", "node"): (1, [6], "code: 1 row."),
    }


def test_what_is_said_of_all_rows_adds_up():
    once = no_repeats("node", lambda tables: tables.fingerprints("node", "up"))
    few = share_of("node", lambda tables: tables.missing("node", "up"), lambda: 0.1, points=0.0)
    rules = [
        Rule("R1", "node", "Given once.", once, scope="whole"),
        Rule("R2", "node", "Few are missing.", few, level="warning", scope="whole"),
    ]
    ups = ["a1", None, "a2"], ["a2", None, "a1"]
    shards = (node(["a1", "a2", "a3"], ups[0]), leaf(["a1"]), node(["a4", "a5", "a6"], ups[1]))
    found = document(*shards, rules=rules)
    assert broken(found)["R1", "node"] == (2, [3, 5], "")
    many = document(*shards, *(node([f"b{n}"] * 1, [None]) for n in range(40)), rules=rules)
    assert broken(many)["R2", "node"] == (42, [1, 4, 6, 7, 8], "")
    assert not many["ok"]
    assert many["rules"][-1]["rows"] == 46


def test_no_shards_at_all():
    check = Validation(SCHEMA, general_rules(SCHEMA), {"node": 0})
    found = check.document(None)
    assert found["ok"]
    assert {rule["reason"] for rule in found["rules"] if not rule["checked"]} == {
        "Not checked: the data has no leaf."
    }


@given(st.data())
def test_cut_as_you_like(data):
    """Any cut of the same rows says the same; links lead forwards and backwards."""
    key = st.sampled_from([*"abc", *(f"k{number}" for number in range(9)), None])
    keys = data.draw(st.lists(key, max_size=12))
    ups = data.draw(st.lists(key, min_size=len(keys), max_size=len(keys)))
    cut = data.draw(st.integers(0, len(keys)))
    whole = document(node(keys, ups), leaf(ups))
    parts = document(node(keys[:cut], ups[:cut]), node(keys[cut:], ups[cut:]), leaf(ups))
    assert whole == parts


def test_a_rule_about_all_rows_says_so():
    whole = no_repeats("node", lambda tables: tables.fingerprints("node", "code"))
    assert Rule("R1", "node", "…", whole, scope="whole").scope == "whole"
    with pytest.raises(ValueError, match="R1: a rule of scope"):
        Rule("R1", "node", "…", whole)
    with pytest.raises(ValueError, match="R1: a rule of scope"):
        Rule("R1", "node", "…", lambda tables: np.ones(1, dtype=bool), scope="whole")
    with pytest.raises(TypeError, match="R1 says nothing about single rows"):
        Rule("R1", "node", "…", whole, scope="whole").obeyed(Tables(SCHEMA, {}, {}))


def test_a_share_among_some_rows():
    name, table = node(list("abcdefgh"), codes=["x", "x", "y", None, "y", "y", "y", "y"])

    def said(*labels):
        return lambda tables: tables.is_one_of("node", "code", *labels)

    def verdict(share, points=0.1):
        check = share_of("node", said("x"), lambda: share, among=said("x", "y"), points=points)
        assert isinstance(check, Whole)
        return check.verdict(check.sketch(Tables(SCHEMA, {name: table.select}, {name: 8})))

    assert verdict(2 / 7) == (0, ())
    assert verdict(0.99) == (5, (2, 4, 5, 6, 7))  # too many are no x
    assert verdict(0.01) == (2, (0, 1))  # too many are
