import pytest

import generator
from generator.errors import RecipeError
from generator.plan import plan
from generator.recipe import FORMATS, Recipe
from tests.small import small_profile


def test_a_plan_has_counts_shards_and_expectations():
    made = plan(small_profile(), Recipe(rows={"parent": 35}, formats=("csv", "sqlite")))
    assert made.rows == 105
    assert made.count("child") == 70
    assert sum(shard.last - shard.first for shard in made.shards) == 35
    assert made.bytes_estimate > 0
    assert made.seconds_estimate > 0


@pytest.mark.parametrize(
    ("recipe", "field"),
    [(Recipe(rows={"parnt": 1}), "rows.parnt"), (Recipe(tables=("parents",)), "tables")],
)
def test_an_unknown_table_is_refused_with_the_nearest_name(recipe, field):
    with pytest.raises(RecipeError, match="did you mean parent") as refused:
        plan(small_profile(), recipe)
    assert refused.value.field == field


def test_the_expected_size_is_within_a_factor_of_two(tmp_path):
    profile = generator.automotive()
    rows = {"deal": 150, "vehicle_telemetry_event": 4_000}
    whole = plan(profile, Recipe(rows=rows, formats=FORMATS))
    made = generator.sample(profile, whole, tmp_path / "b")
    for name in FORMATS:
        expected = plan(profile, Recipe(rows=rows, formats=(name,))).bytes_estimate
        size = sum(file["bytes"] for file in made["files"] if file["format"] == name)
        assert 0.5 < expected / size < 2, name
