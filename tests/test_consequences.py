"""Rows that follow wholly from rows of other tables: estimated, drawn whole, whatever the cut."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import generator
from generator.commands.sample import sample
from generator.domains import PLATFORM, profile_of
from generator.domains import world as worlds
from generator.domains.columns import integer, text
from generator.domains.consequences import Caused
from generator.domains.counts import Noun, consequence, each
from generator.domains.graph import (
    Declaration,
    Platform,
    derived,
    drawn,
    keyed,
    keyed_by_cause,
)
from generator.schema import Link, Table
from generator.summary import tables_of
from generator.validate import validate
from tests.world import drawn as rows_of

STEP = Table(
    "deal_step",
    domain="sales_operations",
    meaning="A step of a deal or a lead",
    key="deal_step_key",
    columns=(
        text("deal_step_key", 50, unique=True),
        text("deal_key", 50, nullable=True),
        text("lead_key", 50, nullable=True),
        integer("score", "0..99"),
    ),
    links=(
        Link("deal_key", "deal", "deal_key", "parent"),
        Link("lead_key", "sales_lead", "lead_key", "parent"),
    ),
)
NOTE = Table(
    "step_note",
    domain="sales_operations",
    meaning="A note of a step",
    key="step_note_key",
    columns=(
        text("step_note_key", 50, unique=True),
        text("deal_step_key", 50),
        integer("lot", "0..999999"),
    ),
    links=(Link("deal_step_key", "deal_step", "deal_step_key", "parent"),),
)


def steps_follow(frames):
    frame = frames["deal"]
    deals = (np.arange(frame.rows) + frame.start) % 3
    leads = np.flatnonzero(frames["sales_lead"]["converted_indicator"])
    return (Caused.several_of("deal", deals), Caused.one_of("sales_lead", leads))


def links_of(draw, table, which):
    of = draw["_cause_table"] == which
    rows = np.where(of, draw["_cause"], 0) + draw.frames[table].start
    return draw.key(table, rows), ~of


@derived("deal_key", "lead_key")
def step_links(draw):
    return {"deal_key": links_of(draw, "deal", 0), "lead_key": links_of(draw, "sales_lead", 1)}


@drawn("score")
def step_score(draw):
    return {"score": np.floor(draw.u("score") * 100).astype(np.int64)}


@derived("deal_step_key", "lot")
def note_columns(draw):
    keys = draw.frames["deal_step"]["deal_step_key"]
    pairs = draw.u("lot", each=2).reshape(-1, 2)
    return {
        "deal_step_key": keys[draw["_cause"]],
        "lot": np.floor(pairs.sum(axis=1) * 499_999).astype(np.int64),
    }


DEAL_STEP = Declaration(
    STEP,
    prefix="DS",
    count=consequence(
        Noun("deal step", "deal steps"),
        "deal",
        "sales_lead",
        typical=lambda given: given["deal"] * 1.5,
        why="one for most deals and for each lead that was won",
    ),
    makers=(keyed_by_cause(STEP), step_links, step_score),
    follows=steps_follow,
)
STEP_NOTE = Declaration(
    NOTE,
    prefix="SN",
    count=consequence(
        Noun("step note", "step notes"),
        "deal_step",
        typical=lambda given: given["deal_step"],
        why="two for every other step",
        instead="deal",
    ),
    makers=(keyed_by_cause(NOTE), note_columns),
    follows=lambda frames: (Caused.several_of("deal_step", frames["deal_step"]["_line"] % 2 * 2),),
)
PROFILE = profile_of(
    Platform(
        tuple(
            replace(domain, tables=(*domain.tables, DEAL_STEP, STEP_NOTE))
            if domain.name == "sales_operations"
            else domain
            for domain in PLATFORM.domains
        )
    )
)
RECIPE = {"rows": {"deal": 300, "dealer": 6}, "tables": ["step_note"], "seed": 3}


def planned(**changes):
    return generator.plan(PROFILE, generator.Recipe.from_dict(RECIPE | changes))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    out = tmp_path_factory.mktemp("follows") / "bundle"
    manifest = sample(PROFILE, planned(formats=["parquet", "postgres"]), out, workers=2)
    return out, manifest


def test_their_number_is_an_estimate():
    counts = {count.table: count for count in planned().counts}
    assert (counts["deal_step"].rows, counts["deal_step"].estimated) == (450, True)
    assert not counts["deal"].estimated
    assert "step_note" not in planned().exact


def test_nobody_can_ask_for_a_number_of_them():
    with pytest.raises(generator.PlanError) as refused:
        planned(rows={"deal": 300, "step_note": 7})
    assert refused.value.field == "rows.step_note"
    assert refused.value.sentence == (
        "Step notes follow from deals and cannot be asked for by number; ask for deals (deal) "
        "instead."
    )


def test_the_manifest_says_how_many_came(bundle):
    out, manifest = bundle
    rows = parquet.read_table(out / "deal_step.parquet")
    assert manifest["rows"]["deal_step"] == rows.num_rows > 300
    assert manifest["rows"]["deal"] == 300
    listed = {file["path"]: file["rows"] for file in manifest["files"]}
    assert listed["deal_step.parquet"] == rows.num_rows


def test_their_keys_come_of_their_causes(bundle):
    rows = parquet.read_table(bundle[0] / "deal_step.parquet").to_pylist()
    for row in rows:
        line = row["deal_step_key"][-5:] if row["deal_key"] else ""  # a lead has one at most
        assert row["deal_step_key"] == f"DS-{row['deal_key'] or row['lead_key']}{line}"
    notes = parquet.read_table(bundle[0] / "step_note.parquet").to_pylist()
    assert {note["step_note_key"][-5:] for note in notes} == {"-0001", "-0002"}
    assert all(note["deal_step_key"] in note["step_note_key"] for note in notes)


def test_links_between_them_are_followed(bundle):
    report = json.loads((bundle[0] / "validation.json").read_text("utf-8"))
    assert report["ok"]
    assert report["links"]["orphans"] == 0


def test_a_link_that_leads_nowhere_is_found():
    rows = rows_of(planned(), PROFILE)
    notes = rows["step_note"]
    keys = notes.column("deal_step_key").to_pylist()
    keys[0] = "DS-nowhere"
    rows["step_note"] = notes.set_column(1, notes.schema.field(1), pa.array(keys))
    report = validate(PROFILE.schema, PROFILE.rules, tables_of(PROFILE.schema, rows))
    assert report["links"]["orphans"] == 1


def test_random_numbers_are_theirs_however_dealers_are_cut(monkeypatch):
    """Who wins leans on the dealers of a shard; the numbers of a row that is there do not."""

    def numbers():
        rows = rows_of(planned(), PROFILE)
        return (
            dict(zip(*(column.to_pylist() for column in table.columns), strict=True))
            for table in (
                rows["deal_step"].select(["deal_step_key", "score"]),
                rows["step_note"].select(["step_note_key", "lot"]),
            )
        )

    whole = list(numbers())
    monkeypatch.setattr(worlds, "SHARD_ROWS", 500)
    assert len(planned().shards) > 3
    for one, other in zip(whole, numbers(), strict=True):
        both = one.keys() & other.keys()
        assert len(both) > 200
        assert {key: one[key] for key in both} == {key: other[key] for key in both}
    scores = np.array(list(whole[0].values()))
    assert 44 < scores.mean() < 56
    assert len(set(scores.tolist())) > 90


def test_one_line_is_one_row():
    caused = Caused.several_of("deal", np.array([2, 0, 3]))
    assert caused.row.tolist() == [0, 0, 2, 2, 2]
    assert caused.line.tolist() == [1, 2, 1, 2, 3]


def test_a_count_of_consequences_says_what_follows():
    with pytest.raises(ValueError, match="says what follows, not both"):
        Platform(
            tuple(
                replace(domain, tables=(*domain.tables, replace(DEAL_STEP, follows=None)))
                if domain.name == "sales_operations"
                else domain
                for domain in PLATFORM.domains
            )
        )


# Further rows of a table


@derived("deal_key", "lead_key")
def counted_links(draw):
    """Steps of the dealer's deals in turn."""
    deals = draw.frames["deal"]
    row = np.minimum(np.arange(draw.n), deals.rows - 1) + deals.start
    none = np.zeros(draw.n, dtype=bool)
    return {
        "deal_key": (draw.key("deal", row), none),
        "lead_key": (np.zeros(draw.n, dtype="S1"), ~none),
    }


@derived("deal_key", "lead_key", "score")
def more_columns(draw):
    none = np.zeros(draw.n, dtype=bool)
    rows = draw["_cause"] + draw.frames["deal"].start
    return {
        "deal_key": (draw.key("deal", rows), none),
        "lead_key": (np.zeros(draw.n, dtype="S1"), ~none),
        "score": np.full(draw.n, 99),
    }


def every_second_deal(frames):
    frame = frames["deal"]
    odd = (np.arange(frame.rows) + frame.start) % 2
    return (Caused.one_of("deal", np.flatnonzero(odd)),)


COUNTED = replace(
    DEAL_STEP,
    follows=None,
    makers=(keyed(STEP), counted_links, step_score),
    count=replace(
        each(
            "deal",
            Noun("deal step", "deal steps"),
            most=3,
            rule="A deal has at most 3 steps",
            typical=lambda given: given["deal"],
            why="one a deal",
        ),
        more=lambda given: 0 if given["marketing_campaign"] == 0 else given["deal"] / 2,
        without=("marketing_campaign",),
        without_rule="An exact number of steps is settled where there are no campaigns",
    ),
    also=replace(
        DEAL_STEP, makers=(keyed_by_cause(STEP, also=True), more_columns), follows=every_second_deal
    ),
)
BOTH = profile_of(
    Platform(
        tuple(
            replace(domain, tables=(*domain.tables, COUNTED))
            if domain.name == "sales_operations"
            else domain
            for domain in PLATFORM.domains
        )
    )
)


def both(**changes):
    return generator.plan(BOTH, generator.Recipe.from_dict(RECIPE | {"tables": []} | changes))


def test_further_rows_are_estimated_unless_a_number_is_asked():
    count = next(one for one in both().counts if one.table == "deal_step")
    assert (count.rows, count.estimated) == (450, True)
    asked = both(rows={"deal": 300, "dealer": 6, "deal_step": 320})
    assert asked.exact["deal_step"] == 320
    assert asked.count("marketing_campaign") == 0
    with pytest.raises(generator.PlanError) as refused:
        both(rows={"deal": 300, "deal_step": 320, "marketing_campaign": 5})
    assert "settled where there are no campaigns" in refused.value.sentence


def test_further_rows_stand_beside_the_counted_ones():
    plan = both()
    rows = rows_of(plan, BOTH)["deal_step"]
    keys = rows["deal_step_key"].to_pylist()
    assert rows.num_rows == 450
    assert sum(key.startswith("DS-DL-") for key in keys) == 150
    report = validate(BOTH.schema, (), tables_of(BOTH.schema, rows_of(plan, BOTH)))
    assert report["links"]["orphans"] == 0
    assert report["ok"]
