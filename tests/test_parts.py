"""Parts: the catalogue, its prices, what is ordered, issued and on the shelves."""

from __future__ import annotations

import numpy as np
import pytest

from generator.domains.parts.families import ANY_MAKE, entries, families, fewest, most
from generator.domains.parts.part_numbers import part_number
from generator.errors import PlanError
from generator.leaves.figures import figures
from tests.world import frame, planned, small_world


@pytest.fixture(scope="module")
def world():
    return small_world()[1]


@pytest.fixture(scope="module")
def parts(world):
    return frame(world, "part_master")


def test_no_two_parts_of_a_maker_have_one_number():
    maker = {**figures()["manufacturer"], ANY_MAKE: figures()["parts_supplier"]}
    every = [(maker[one.make], part_number(one, maker[one.make])) for one in entries(())]
    assert len(every) > 5_000
    assert len(set(every)) == len(every)


def test_a_catalogue_of_the_fewest_has_every_family(parts):
    small = parts.head(fewest())
    assert {name.split(" - ")[0] for name in small.part_name} >= {f.name for f in families()}


def test_dealers_find_their_makes_first(world, parts):
    made = set(frame(world, "dealer").primary_make)
    named = parts.part_name.str.extract(r" - (.+?)(?: [A-Z])?$")[0].dropna()
    assert set(named.head(150 * len(made))) == made


def test_dearer_parts_are_listed_dearer_with_less_on_top(parts):
    by_cost = parts.sort_values("dealer_cost")
    assert (np.diff(by_cost.list_price) >= 0).all()
    markup = parts.list_price / parts.dealer_cost
    assert markup[parts.dealer_cost < 5].mean() > 2.4
    assert markup[parts.dealer_cost > 400].mean() < 1.65


def test_a_number_that_was_replaced_leads_to_the_same_part(parts):
    old = parts[parts.superseded_by_part_master_key.notna()]
    new = parts.set_index("part_master_key").loc[old.superseded_by_part_master_key]
    assert len(old) > 10
    assert (old.part_name.to_numpy() == new.part_name.to_numpy()).all()
    assert (old.part_number.to_numpy() != new.part_number.to_numpy()).all()


def test_prices_rise_to_the_list_price(world, parts):
    prices = frame(world, "price_list_item")
    steps = prices.groupby("part_master_key").price_amount.apply(lambda p: (np.diff(p) >= 0).all())
    assert steps.all()
    last = prices.groupby("part_master_key").price_amount.last()
    assert (last == parts.set_index("part_master_key").list_price).all()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"part_master": 20}, "The catalogue of parts has"),
        ({"part_master": 200, "price_list_item": 900}, "A part has 1 to 4 prices over time"),
        ({"part_master": most() + 1}, "Ask for at most"),
    ],
)
def test_what_cannot_be_is_refused(rows, said):
    with pytest.raises(PlanError, match=said):
        planned(rows)
