"""The plan says beforehand what few dealers cannot show, from the line-up of their makes."""

from __future__ import annotations

import re

import pytest

from generator.__main__ import main
from tests.test_partial_pages import composed
from tests.world import drawn, frame, planned

KINDS = {
    "hybrids": ("power_train_type", "HEV"),
    "plug-in hybrids": ("power_train_type", "PHEV"),
    "electric cars": ("power_train_type", "BEV"),
    "pickups": ("vehicle_category_type", "PICKUP"),
    "coupes": ("vehicle_category_type", "COUPE"),
    "convertibles": ("vehicle_category_type", "CONVERTIBLE"),
}
SHOWN = ("deal", "inventory_vehicle", "vehicle", "vehicle_specification", "dealer")


def told(plan):
    """The sentences about dealers' makes."""
    return [note for note in plan.notes if re.match(r"[\d,]+ dealers? \(", note)]


def absent(notes):
    """Kinds that are said not to be sold new."""
    said = " ".join(note for note in notes if " no new " in note)
    return {name for name in KINDS if re.search(rf"(new|,|or) {name} \(", said)}


@pytest.mark.parametrize("seed", [1, 7, 11])
def test_what_is_said_to_be_missing_is_missing_and_the_makes_are_those_drawn(seed):
    plan = planned({"dealer": 2, "deal": 60}, seed=seed, tables=SHOWN)
    notes = told(plan)
    rows = drawn(plan)
    makes = sorted(set(frame(rows, "dealer").primary_make))
    assert notes[0].startswith(f"2 dealers ({', '.join(makes)}) sell {len(makes)} of ")
    cars = frame(rows, "inventory_vehicle").query("product_state_type == 'NEW'")
    cars = cars.merge(frame(rows, "vehicle"), on="vehicle_key")
    cars = cars.merge(frame(rows, "vehicle_specification"), on="vehicle_specification_key")
    for name in absent(notes):
        column, label = KINDS[name]
        assert not (cars[column] == label).any(), name


def test_one_dealer_of_a_make_without_electric_cars():
    plans = (planned({"dealer": 1, "deal": 20}, seed=seed) for seed in range(40))
    plan = next(plan for plan in plans if "electric cars" in absent(told(plan)))
    [none] = [note for note in told(plan) if " no new " in note]
    assert none.startswith("1 dealer (")
    assert "electric cars (8.9 % of new cars)" in none


def test_many_dealers_are_told_nothing():
    assert told(planned({"dealer": 200})) == []
    assert told(planned({"dealer": 20}))[0].startswith("20 dealers (")


def test_what_is_asked_instead_is_what_is_missed():
    asked = {"electric_share": 0.3}
    plans = (planned({"dealer": 1, "deal": 20}, asked=asked, seed=seed) for seed in range(40))
    notes = next(notes for plan in plans if "electric cars" in absent(notes := told(plan)))
    assert "electric cars (30.0 % of new cars)" in " ".join(notes)


def test_tables_without_cars_have_no_such_note():
    assert told(planned({"payment_method": 20}, tables=("payment_method",))) == []


def test_it_is_said_on_the_command_line_and_in_the_form(capsys):
    assert main(["plan", "--rows", "deal=50"]) == 0
    assert re.search(r"^Note: 2 dealers \(.*of the market\.$", capsys.readouterr().out, re.M)
    form = composed("domain=sales_operations&rows.deal=50&seed=7&formats=csv")
    assert told(form.plan)
