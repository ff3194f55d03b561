"""Checked shard by shard or whole, the same rows get the same documents."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import generator
from generator.compare import Comparison
from generator.domains.world import spanned
from generator.fingerprint import fingerprints
from generator.schema import Kind
from generator.summary import summarize
from generator.validate import Validation, general_rules
from tests.shards import finely_cut, shards_of, whole_of

PROFILE = generator.automotive()
SCHEMA = PROFILE.schema
ROWS = {"dealer": 5, "deal": 400, "vehicle_telemetry_event": 200_000}


def spoilt(table: str, rows: pa.Table) -> pa.Table:
    """Every column of some rows changed, the same rows wherever they stand."""
    lots = fingerprints(rows.column(SCHEMA[table].key)).mixed()
    for at, column in enumerate(SCHEMA[table].columns):
        chosen = pa.array(lots % np.uint64(97) == at % 97)
        old = rows.column(column.name)
        if pa.types.is_dictionary(old.type):
            old = old.cast(pa.string())
        new = pc.if_else(chosen, other(column, old, key=SCHEMA[table].key), old)
        rows = rows.set_column(rows.column_names.index(column.name), column.name, new)
    return rows


def other(column, old: pa.ChunkedArray, *, key: str):
    """Another value: a key that others have too, a link that leads nowhere, text too long …"""
    match column.kind:
        case Kind.TEXT if column.name.endswith("_key"):
            return pa.scalar("TWICE-0001" if column.name == key else "NOWHERE-0001")
        case Kind.TEXT:
            return pa.scalar("x" * 60)
        case Kind.ENUM:
            return pa.scalar(column.values[-1])
        case Kind.BOOLEAN:
            return pc.invert(old)
        case Kind.DECIMAL:
            return pa.scalar(old.type.precision * 1.0).cast(old.type)
    return pa.scalar(None, old.type)


@pytest.fixture(scope="module")
def plan():
    with pytest.MonkeyPatch.context() as patch:
        return finely_cut(patch, ROWS)


@pytest.fixture(scope="module", params=["as drawn", "spoilt"])
def shards(request, plan):
    return list(shards_of(plan, spoilt if request.param == "spoilt" else None))


def total_of(check, shards):
    """What the shards sum to, each one's part sent between processes."""
    total = None
    for shard, tables in shards:
        total = check.add(total, pickle.loads(pickle.dumps(check.of_shard(tables, shard))))
    return total


def rows_of(plan):
    return {count.table: count.rows for count in plan.counts}


def test_the_plan_cuts_dealers_and_their_telemetry(plan):
    groups = [shard.group for shard in plan.shards if shard.stage == "vehicle_telemetry_event"]
    assert len(set(groups)) > 2
    assert len(groups) > len(set(groups))


def test_rules_say_the_same_of_shards_and_of_whole_tables(plan, shards):
    rules = [*general_rules(SCHEMA, as_of=spanned(plan.recipe).as_of), *PROFILE.rules]
    found = same_of_both(Validation(SCHEMA, rules, rows_of(plan)), shards)
    broken = [rule for rule in found["rules"] if rule["broken"]]
    assert found["ok"] or len(broken) > 150  # drawn rows obey, spoilt ones break most rules


def same_of_both(check, shards):
    whole = whole_of([tables for _, tables in shards])
    found = check.document(total_of(check, shards))
    assert found == check.document(check.add(None, check.of_shard(whole)))
    return found


def test_figures_and_columns_say_the_same_of_shards_and_of_whole_tables(plan, shards):
    found = same_of_both(Comparison(PROFILE, plan, rows_of(plan)), shards)
    assert len(found["references"]) > 50
    assert len(found["columns"]) > 100
    assert found["sampled"]["tables"]["vehicle_telemetry_event"]["rows"] == 200_000


def test_an_extract_says_the_same_of_shards_and_of_whole_tables(plan, shards):
    extract = whole_of([tables for _, tables in shards[:4]])
    fitted = replace(PROFILE, references=(), summary=summarize(extract))
    found = same_of_both(Comparison(fitted, plan, rows_of(plan)), shards)
    assert found["scores"]["univariate"]["accuracy"] > 0.7
    assert any(entry["reference"] for entry in found["children"])


def test_what_shards_send_is_small(plan, shards):
    """So that it can travel between processes, however long the tables are."""
    rules = [*general_rules(SCHEMA), *PROFILE.rules]
    validation = Validation(SCHEMA, rules, rows_of(plan))
    comparison = Comparison(PROFILE, plan, rows_of(plan))
    shard, tables = next(pair for pair in shards if pair[0].stage == "vehicle_telemetry_event")
    assert shard.weight > 5_000
    assert len(pickle.dumps(validation.of_shard(tables))) < 300_000
    assert len(pickle.dumps(comparison.of_shard(tables))) < 1_000_000


def test_a_row_rule_needs_no_other_row_of_its_table(plan, shards):
    """A row's answer stays what it was when other rows of its table are left out."""
    tables = next(tables for shard, tables in shards if shard.stage == "dealers")
    for rule in PROFILE.rules:
        if rule.scope != "row" or not tables.owned(rule.table):
            continue
        others = tables.along([count.table for count in plan.counts])
        answers = rule.obeyed(others)
        kept = np.arange(len(answers)) % 3 != 1
        fewer = thinned(others, rule.table, kept)
        assert rule.obeyed(fewer).tolist() == answers[kept].tolist(), rule.id


def thinned(tables, table: str, kept: np.ndarray):
    """The tables with only the kept own rows of one, all rows of it still there to point at."""
    columns = SCHEMA[table].column_names
    whole = pa.table([tables.arrow(table, name) for name in columns], names=columns)
    own = whole.slice(tables.own(table).start).filter(pa.array(kept))
    others = tables.along([name for name in SCHEMA.names if name != table])
    return generator.Tables(
        SCHEMA,
        {**others._loaders, table: own.select},
        {**others._rows, table: own.num_rows},
        context={**others._context, table: whole.select},
    )
