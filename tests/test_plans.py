"""Plans that the form of a bundle asks for again come from memory, and are those of the engine."""

from dataclasses import replace

import pytest
from django.urls import reverse

import generator
from generator.recipe import Recipe
from portal.plans import _planned, planned
from tests.small import small_profile
from tests.test_pages import DEALS


@pytest.fixture
def asked(monkeypatch):
    """The recipes that the engine was asked about."""
    asked, plan = [], generator.plan

    def noted(profile, recipe):
        asked.append(recipe)
        return plan(profile, recipe)

    _planned.cache_clear()
    monkeypatch.setattr(generator, "plan", noted)
    yield asked
    _planned.cache_clear()


def test_a_plan_that_was_asked_for_a_moment_ago_comes_from_memory(asked):
    profile = small_profile()
    first = planned(profile, Recipe.from_dict({"seed": 7}))
    assert planned(small_profile(), Recipe.from_dict({"seed": 7})) is first
    assert len(asked) == 1
    assert first == generator.plan(profile, Recipe.from_dict({"seed": 7}))


def test_another_recipe_or_profile_has_a_plan_of_its_own(asked):
    profile = replace(small_profile(), hash="a")
    planned(profile, Recipe.from_dict({"seed": 7}))
    assert planned(profile, Recipe.from_dict({"seed": 8})).recipe.seed == 8
    planned(replace(profile, hash="b"), Recipe.from_dict({"seed": 7}))
    planned(replace(profile, version="2"), Recipe.from_dict({"seed": 7}))
    assert len(asked) == 4


def test_what_is_refused_is_refused_again(asked):
    recipe = Recipe.from_dict({"rows": {"nothing": 3}})
    for _ in range(2):
        with pytest.raises(generator.RequestError, match="nothing"):
            planned(small_profile(), recipe)
    assert len(asked) == 2


@pytest.mark.django_db
def test_a_word_that_changes_nothing_of_it_costs_no_plan(asked, client, alice, automotive):
    client.force_login(alice)
    for name in ("Deals", "Deals of May"):
        answer = client.post(reverse("compose-plan"), {**DEALS, "name": name})
        assert answer.status_code == 200
    assert len(asked) == 1
