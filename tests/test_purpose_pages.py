"""Scenarios and messes in the portal: typed, refused on their field, made again, and listed."""

from __future__ import annotations

import json

import pytest
from django.http import QueryDict
from django.urls import reverse

import generator
from portal.forms import ComposeForm, as_recipe, command_line
from portal.models import Profile
from tests.test_forms import DOCUMENT

ROW = Profile(pk=1, name="automotive", title="Automotive", kind="builtin", state="published")
GOOD = "domain=sales_operations&rows.deal=500&seed=7&formats=csv&from=2025-01-01&to=2025-12-31"


def composed(query, document=None):
    return ComposeForm(QueryDict(query), ROW, document or generator.automotive())


def test_what_is_typed_is_in_the_recipe_and_on_the_command_line():
    form = composed(f"{GOOD}&scenarios.negative_equity_trade=4&messy.name_typos=2 %25")
    assert form.ready, form.errors
    assert form.recipe.scenarios == {"negative_equity_trade": 4}
    assert form.recipe.messy == {"name_typos": 0.02}
    assert "--scenario negative_equity_trade=4" in form.as_command()
    assert "--messy name_typos=0.02" in form.as_command()


def test_a_recipe_is_typed_again():
    asked = {"scenarios": {"recall_wave": 3, "of_another_profile": 2}, "messy": {"blanks": 0.1}}
    begun = as_recipe(asked | {"seed": 1}, generator.automotive(), name="again")
    assert begun["scenarios.recall_wave"] == "3"
    assert not {"scenarios.of_another_profile", "messy.blanks"} & set(begun)
    assert "--scenario recall_wave=3" in command_line(asked, generator.automotive())


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ("scenarios.recall_wave=some", "scenarios.recall_wave", "must be a whole number"),
        ("scenarios.deal_reversed=400", "scenarios.deal_reversed", "have room for 24"),
        ("scenarios.leap_day_leads=1", "scenarios.leap_day_leads", "no 29th of February"),
        ("messy.late_arrival=2", "messy.late_arrival", "from 0 to 1"),
        ("messy.name_typos=1 %25&as_of=2025-06-30", "as_of", "the whole span"),
    ],
)
def test_what_cannot_be_is_said_on_its_field(typed, field, words):
    domains = "".join(f"&domain={name}" for name in generator.automotive().schema.domains)
    form = composed(f"{GOOD}{domains}&{typed}")
    assert not form.ready
    assert words in " ".join(form.errors[field])
    assert field in {one.html_name for one in form.lone_fields()}


def test_a_profile_without_them_offers_none():
    form = composed("domain=sales&seed=7&formats=csv&scenarios.recall_wave=3", DOCUMENT)
    assert not form.offered_scenarios()
    assert not form.offered_messes()
    assert form.recipe.scenarios == {}


SCENARIO = {
    "name": "deal_reversed",
    "title": "Deal reversed after funding",
    "meaning": "A funded deal is reversed.",
    "asked": 1,
    "breaks": ["R065"],
    "rows": [
        {"table": "deal", "key": "DL-7", "of": "DL-7", "done": "reversed", "breaks": ["R065"]},
        {"table": "invoice", "key": "IN-9", "of": "DL-7", "done": "stands", "breaks": []},
    ],
}
MESS = {
    "name": "name_typos",
    "title": "Typos in names",
    "meaning": "A letter is swapped.",
    "table": "party",
    "rate": 0.02,
    "of": 1095,
    "rows": 22,
    "breaks": [],
    "tips": [],
    "listed": [{"table": "party", "breaks": [], "keys": ["PA-1"]}],
}
RULE = {
    "id": "R065",
    "table": "deal",
    "text": "Live deals have an invoice.",
    "group": "Deals",
    "level": "error",
    "rows": 50,
    "broken": 1,
    "examples": [],
    "checked": True,
    "on_purpose": 1,
    "as_asked": True,
    "reason": "Broken on purpose: 1 row, as asked.",
}


def kept(data, bundle, **documents):
    for name, document in documents.items():
        (data / bundle.path / f"{name}.json").write_text(json.dumps(document))


@pytest.fixture
def staged(ready, data):
    ready.recipe = ready.recipe | {"scenarios": {"deal_reversed": 1}, "messy": {"name_typos": 0.02}}
    ready.save()
    kept(data, ready, manifest={"scenarios": [SCENARIO], "messy": [MESS]})
    return ready


def page(client, alice, bundle):
    client.force_login(alice)
    answer = client.get(reverse("bundle", kwargs={"id": bundle.pk}))
    return " ".join(answer.content.decode().split())


@pytest.mark.django_db
def test_the_page_lists_what_was_done_on_purpose(client, alice, staged, data):
    held = {"ok": True, "passed": 1, "total": 1, "rules": [RULE], "groups": []}
    kept(data, staged, validation=held)
    said = page(client, alice, staged)
    assert "Deal reversed after funding" in said
    assert "DL-7" in said
    assert "with DL-7" in said  # the invoice
    assert "22 of 1,095 rows of party" in said
    assert "Broken on purpose: 1 row, as asked." in said
    assert "What is broken" not in said


@pytest.mark.django_db
def test_the_page_says_when_other_rows_break(client, alice, staged, data):
    told = "To be broken on purpose: 1 row; 2 rows more broke it."
    stray = RULE | {"as_asked": False, "reason": told, "broken": 3}
    kept(data, staged, validation={"ok": False, "passed": 0, "total": 1, "rules": [stray]})
    said = page(client, alice, staged)
    assert "What is broken" in said
    assert told in said


@pytest.mark.django_db
def test_a_bundle_without_them_says_nothing_of_them(client, alice, ready):
    assert "On purpose" not in page(client, alice, ready)
