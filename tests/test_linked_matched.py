"""Rows that look back follow one another as learnt rows do, however long their histories."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from generator.fit import fit
from generator.fit.linked import matched
from generator.fit.linked import tables as linked_tables
from generator.leaves.choice import Choices
from generator.leaves.guide import UNIT
from generator.leaves.quantiles import Curves
from generator.leaves.scale import between
from generator.plan import plan
from generator.recipe import Recipe
from generator.schema import Column, Kind, Link, Schema, Table

PEOPLE, VISITS = 200, 8
SCHEMA = Schema(
    (
        Table("person", (Column("id", Kind.INTEGER),), key="id"),
        Table(
            "visit",
            (
                Column("person_id", Kind.INTEGER),
                Column("what", Kind.TEXT),
                Column("cost", Kind.DECIMAL, scale=2),
            ),
            links=(Link("person_id", "person", "id"),),
        ),
    )
)


def extract():
    """People keep to a habit of their own, which the two rows before tell of only in part."""
    rng = np.random.default_rng(5)
    often = np.repeat(rng.choice([0.03, 0.5, 0.97], PEOPLE), VISITS)
    rare = rng.random(PEOPLE * VISITS) < often
    cost = np.where(rare, rng.gamma(2.0, 40.0, len(rare)), rng.gamma(2.0, 10.0, len(rare)))
    return {
        "person": pa.table({"id": np.arange(PEOPLE)}),
        "visit": pa.table(
            {
                "person_id": np.repeat(np.arange(PEOPLE), VISITS),
                "what": np.where(rare, "ward", "call"),
                "cost": pa.array(cost.round(2)).cast(pa.decimal128(12, 2)),
            }
        ),
    }


def pairs(profile, seed):
    planned = plan(profile, Recipe.from_dict({"seed": seed}))
    drawing = profile.world.open(planned)
    made = {name: part for shard in planned.shards for name, part in drawing.draw(shard)}
    return followed(made["visit"])


def followed(visits):
    rows = visits.to_pandas()
    after = rows.groupby("person_id")["what"].shift(-1)
    return (rows["what"].astype(str) + after.astype(str))[after.notna()].value_counts(
        normalize=True
    )


def apart(one, other):
    return float(one.subtract(other, fill_value=0).abs().sum() / 2)


def test_rows_that_follow_one_another_wrongly_are_mended(monkeypatch):
    """Every cell of one label gives it three times too often; drawn rows tell, and it is mended."""
    learn = linked_tables.learn_column

    def spoilt(lesson, name, *others):
        leaves = learn(lesson, name, *others)
        if name != "what":
            return leaves
        by = np.ones((leaves.tree.cells, 3))
        by[:, 0] = 3.0
        return replace(leaves, leaves=matched._shared(leaves.leaves, by, np.arange(3)))

    monkeypatch.setattr(linked_tables, "learn_column", spoilt)
    monkeypatch.setattr(matched, "DRAWN_ROWS", 2 * PEOPLE * VISITS)
    tables = extract()
    real = followed(tables["visit"])
    off = {}
    for rounds in (0, matched.ROUNDS):
        monkeypatch.setattr(matched, "ROUNDS", rounds)
        off[rounds] = apart(pairs(fit(tables, SCHEMA, name="visits", seed=1), 11), real)
    assert off[0] > 0.1
    assert off[rounds] < 0.04


def test_what_follows_well_stays_as_it_is_learnt(monkeypatch):
    """A round that mends next to nothing is not worth it."""
    monkeypatch.setattr(matched, "BETTER", 1.0)
    monkeypatch.setattr(matched, "DRAWN_ROWS", PEOPLE * VISITS)
    tables = extract()
    profiles = []
    for rounds in (0, 2):
        monkeypatch.setattr(matched, "ROUNDS", rounds)
        profiles.append(fit(tables, SCHEMA, name="visits", seed=1))
    upto = [one.world.tables["visit"].columns["what"].leaves.upto for one in profiles]
    assert (upto[0] == upto[1]).all()


@pytest.mark.parametrize("ratio", [0.25, 1.0, 4.0])
def test_shares_are_weighed_by_cell(ratio):
    leaves = Choices(
        np.array([0, 2, 3]),
        np.array([UNIT // 4, UNIT, UNIT]),
        np.array([0, 1, 1], dtype=np.int32),
    )
    by = np.array([[ratio, 1.0, 1.0], [1.0, 1.0, 1.0]])
    mended = matched._shared(leaves, by, np.array([0, 1, 2]))
    assert mended.ok(2, 2)
    assert mended.upto[0] == pytest.approx(UNIT * ratio / (ratio + 3), abs=1)
    assert (mended.upto[1:] == UNIT).all()


def test_knots_keep_what_they_say_and_stand_wider_where_more_is_due():
    curves = Curves(
        np.array([0, 3]), np.array([0, UNIT // 2, UNIT]), np.array([0.0, UNIT / 2, UNIT])
    )
    scale = between(0.0, 100.0, 0.0)
    mended = matched._stretched(curves, np.array([[3.0, 1.0, 1.0]]), np.array([50.0]), scale)
    assert mended.of_ranks(1)
    assert (mended.value == curves.value).all()
    assert mended.at[1] == pytest.approx(0.75 * UNIT, abs=2)


def test_a_pair_that_few_rows_have_moves_little():
    ratio = matched._ratio(np.array([[1000.0, 1.0]]), np.array([[1001.0, 0.0]]))
    assert 1.0 < ratio[0, 1] <= 1.05
    far = matched._ratio(np.array([[0.0, 5000.0]]), np.array([[5000.0, 0.0]]))
    assert far.min() == 1 / matched.MOST
    assert far.max() == matched.MOST
