import re
from dataclasses import replace

import pytest

import generator
from generator.errors import PlanError, RecipeError
from generator.plan import ROWS_LIMIT, plan
from generator.recipe import Recipe
from tests.small import SmallWorld, small_profile


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


class Watched(SmallWorld):
    """Keeps the longest count it had to settle; its shards must not be cut."""

    longest = 0

    def settle(self, recipe):
        self.longest = max(self.longest, *recipe.rows.values())
        return super().settle(recipe)

    def shards(self, plan):
        raise AssertionError("shards were cut")


def test_a_plan_too_large_is_refused_before_it_is_worked_out():
    world = Watched()
    with pytest.raises(PlanError) as refused:
        plan(replace(small_profile(), world=world), Recipe(rows={"parent": 900_000_000}))
    assert refused.value.field == "rows.parent"
    assert refused.value.sentence == (
        "900,000,000 rows of parent come to about 2,700,000,000 rows in all tables, and a bundle "
        "has at most 2,000,000,000; ask for at most 650,000,000."
    )
    assert world.longest <= 20_000


def test_a_plan_a_little_too_large_is_refused_before_its_shards_are_cut():
    with pytest.raises(PlanError, match="ask for at most 650,000,000"):
        plan(replace(small_profile(), world=Watched()), Recipe(rows={"parent": 667_000_000}))


@pytest.mark.parametrize(
    "rows", [{"deal": 10**9}, {"deal": 105_000_000}, {"deal": 10**9, "sales_lead": 10**9}]
)
def test_the_count_that_would_fit_fits(rows):
    platform = generator.automotive()
    with pytest.raises(PlanError, match="rows in all tables") as refused:
        plan(platform, Recipe(rows=rows))
    [most] = re.findall(r"ask for at most ([\d,]+)", refused.value.sentence)
    fits = {name: int(most.replace(",", "")) for name in rows}
    counts, _, _ = platform.world.settle(Recipe(rows=fits))
    assert 0.9 * ROWS_LIMIT < sum(count.rows for count in counts) <= ROWS_LIMIT


def test_a_thousand_million_events_can_be_planned():
    made = plan(generator.automotive(), Recipe(rows={"vehicle_telemetry_event": 10**9}))
    assert made.count("vehicle_telemetry_event") == 10**9
