"""Lists that others only look up: learnt in groups that many point at, never row by row."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from generator.fit import fit
from generator.fit.linked import bonds_of, keyed
from generator.fit.linked.lists import FEWEST, grouped, pointing_at, tree_of
from generator.fitted import GROUP, load_profile, save_profile
from generator.fitted.drawing import _of_few
from generator.plan import plan
from generator.recipe import Recipe
from generator.schema import Column, Kind, Link, Schema, Table

PLACES, PEOPLE = 40, 1500


@pytest.fixture(scope="module")
def schema():
    key = Column("id", Kind.INTEGER, unique=True)
    place = Table("place", (key, Column("size", Kind.INTEGER), Column("rent", Kind.FLOAT)), "id")
    person = Table(
        "person",
        (key, Column("place_id", Kind.INTEGER), Column("income", Kind.INTEGER)),
        "id",
        (Link("place_id", "place", "id"),),
    )
    visit = Table(
        "visit",
        (key, Column("person_id", Kind.INTEGER), Column("cost", Kind.INTEGER)),
        "id",
        (Link("person_id", "person", "id", kind="parent"),),
    )
    return Schema((place, person, visit))


@pytest.fixture(scope="module")
def rows():
    """A town of 300,000 where a third of all live, and rents and incomes that follow the size."""
    at = np.arange(PLACES)
    size = 1000 + 137 * at
    size[0] = 300_000
    draw = np.random.default_rng(3)
    of = np.where(draw.random(PEOPLE) < 1 / 3, 0, draw.integers(0, PLACES, PEOPLE))
    income = (20_000 + size[of] / 10 + draw.integers(0, 900, PEOPLE)).astype(int)
    return {
        "place": pa.table({"id": at, "size": size, "rent": np.round(size / 100.0, 1)}),
        "person": pa.table({"id": np.arange(PEOPLE), "place_id": of, "income": income}),
        "visit": pa.table(
            {
                "id": np.arange(2 * PEOPLE),
                "person_id": np.repeat(np.arange(PEOPLE), 2),
                "cost": draw.integers(1, 400, 2 * PEOPLE),
            }
        ),
    }


@pytest.fixture(scope="module")
def profile(schema, rows):
    return fit(rows, schema, name="places", seed=1)


def test_groups_are_of_three_rows_that_many_point_at():
    draw = np.random.default_rng(1)
    features, pointed = draw.normal(size=(200, 3)), draw.integers(0, 30, 200).astype(float)
    groups = grouped(features, pointed, 20)
    assert np.bincount(groups).min() >= FEWEST
    assert np.bincount(groups, np.maximum(pointed, 1)).min() >= 20
    assert np.bincount(grouped(features, 0 * pointed, 20)).min() >= 20  # nobody points at them


def test_a_tree_of_groups_has_a_cell_for_each():
    for size in (1, 2, 7, 64):
        numbers = np.arange(size, dtype=np.float32)[:, None]
        assert tree_of(size).apply(numbers).tolist() == list(range(size))


def test_a_town_where_many_live_is_there_and_as_many_live_there(profile, rows):
    planned = plan(profile, Recipe.from_dict({"seed": 5}))
    drawing = profile.world.open(planned)
    made = {name: part for shard in planned.shards for name, part in drawing.draw(shard)}
    joined = (
        made["person"]
        .to_pandas()
        .merge(made["place"].to_pandas(), left_on="place_id", right_on="id")
    )
    large = joined["size"] > 50_000
    assert 0.2 < large.mean() < 0.5
    assert joined["income"][large].mean() > 2 * joined["income"][~large].mean()
    assert not set(made["place"]["size"].to_pylist()) & {300_000}  # nobody's own row is kept


def test_the_file_keeps_lists(profile, tmp_path):
    save_profile(profile, tmp_path / "p.profile")
    assert GROUP in load_profile(tmp_path / "p.profile").world.tables["place"].columns


def test_people_are_no_list(schema, rows):
    found, typed = keyed(schema, rows)
    bonds = bonds_of(found, typed)
    assert [bond.table for bond in pointing_at(found, bonds, "place", {})] == ["person"]
    assert not pointing_at(found, bonds, "person", {})
    columns = tuple(replace(c, personal="name") for c in found["place"].columns)
    people = replace(found["place"], columns=columns)
    marked = Schema((people, *(table for table in found if table.name != "place")))
    assert not pointing_at(marked, bonds, "place", {})


def test_a_value_of_five_rows_of_a_list_is_not_told(schema, rows):
    """A group of few rows with one value has no deviation; its mean would be that value."""
    planted = 271_828
    size = rows["place"]["size"].to_numpy().copy()
    size[7:12] = planted
    places = rows["place"].set_column(1, "size", pa.array(size))
    profile = fit({**rows, "place": places}, schema, name="places", seed=1)
    for seed in range(3):
        planned = plan(profile, Recipe.from_dict({"seed": seed}))
        drawing = profile.world.open(planned)
        for shard in planned.shards:
            for name, part in drawing.draw(shard):
                if name == "place":
                    drawn = part["size"].to_numpy()
                    assert planted not in drawn
                    assert len(np.unique(drawn)) > PLACES / 2


def test_few_children_are_never_more_than_any_had():
    counts = np.array([1, 2, 1, 0, 2, 1, 1])
    assert _of_few(counts, 9).sum() == 9
    assert _of_few(counts, 9).max() == 2
    assert _of_few(counts, 7).sum() == 7
    assert (_of_few(counts, 7) > 0).tolist() == (counts > 0).tolist()
    assert _of_few(counts, 20) is None


def listed(schema, regions, pointed):
    """Places of some regions, each pointed at so often by people who visit once."""
    columns = (schema["place"].columns[0], Column("region", Kind.TEXT))
    person = replace(schema["person"], columns=schema["person"].columns[:2])
    visit = replace(schema["visit"], columns=schema["visit"].columns[:2])
    of = np.repeat(np.arange(len(regions)), pointed)
    rows = {
        "place": pa.table({"id": np.arange(len(regions)), "region": regions}),
        "person": pa.table({"id": np.arange(len(of)), "place_id": of}),
        "visit": pa.table({"id": np.arange(len(of)), "person_id": np.arange(len(of))}),
    }
    return Schema((replace(schema["place"], columns=columns), person, visit)), rows


def drawn_of(profile, seed=5):
    drawing = profile.world.open(planned := plan(profile, Recipe.from_dict({"seed": seed})))
    return {name: part for shard in planned.shards for name, part in drawing.draw(shard)}


def test_a_label_of_a_list_is_one_of_three_rows_that_many_point_at(schema):
    regions = [*["north", "south", "east"] * 8, "moon", "moon", *["mars"] * 3, *["sea"] * 3]
    pointed = [*[9] * 24, 80, 80, *[5] * 3, *[30] * 3]
    schema, rows = listed(schema, regions, pointed)
    made = drawn_of(fit(rows, schema, name="places", seed=1))["place"]["region"].to_pylist()
    assert {"north", "south", "east", "sea"} <= set(made)
    assert not {"moon", "mars"} & set(made)  # of two rows; of three that fifteen point at
    assert 5 <= made.count("north") <= 11


def test_rows_that_nobody_points_at_stay_so(schema):
    schema, rows = listed(schema, ["here"] * 80, [*[0] * 50, *[12] * 29, 400])
    person = drawn_of(fit(rows, schema, name="places", seed=1))["person"]["place_id"]
    had = np.bincount(person.to_numpy(), minlength=80)
    assert (had == 0).sum() == pytest.approx(50, abs=4)
    assert had.max() > 150


def test_numbers_of_a_list_stand_where_the_extracts_do(profile, rows):
    """Of sizes that grow evenly but for one of 300,000, which stretched them all."""
    size = np.sort(drawn_of(profile)["place"]["size"].to_numpy())
    real = np.sort(rows["place"]["size"].to_numpy())
    assert np.abs(size - real)[4:36].max() < 900
    assert size[-1] > 50_000
