"""Rows where something holds, and other shares, in the compose form of a fitted profile."""

from __future__ import annotations

import shlex

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string

import generator
from generator.fit import fit
from portal.forms import ComposeForm, as_recipe
from portal.models import Profile
from tests.extracts import cars, ready

GOOD = "domain={domain}&seed=7&formats=csv"
ROW = Profile(pk=1, name="cars", title="Cars", kind="fitted", state="published")


@pytest.fixture(scope="module")
def document():
    tables, schema = ready(cars(400))
    return fit(tables, schema, name="cars")


@pytest.fixture
def composed(document):
    good = GOOD.format(domain=document.schema.domains[0])
    return lambda typed: ComposeForm(QueryDict(f"{good}&{typed}"), ROW, document)


def line(section, number, *values):
    parts = {"where": ("table", "text", "rows"), "shares": ("column", "label", "share")}[section]
    query = QueryDict(mutable=True)
    for part, value in zip(parts, values, strict=True):
        query[f"{section}.{number}.{part}"] = value
    return query.urlencode()


def test_lines_are_in_the_recipe_the_plan_and_the_command(composed):
    form = composed(f"rows.cars=900&{line('where', 0, 'cars', 'price < 12000', '1,00')}")
    assert "must be a whole number" in " ".join(form.errors["where.0.rows"])
    form = composed(f"rows.cars=900&{line('where', 2, 'cars', 'price < 12000', '100')}")
    assert form.ready, form.errors
    assert form.recipe.where == {"cars": {"price < 12000": 100}}
    assert any("“price < 12000” holds in" in note for note in form.plan.notes)
    assert shlex.quote("cars: price < 12000=100") in form.as_command()
    form = composed(line("shares", 0, "cars.make", "kia", "40"))
    assert form.recipe.shares == {"cars.make": {"kia": 0.4}}
    assert shlex.quote("cars.make: kia=0.4") in form.as_command()


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        (line("where", 1, "cars", "price < 12000", ""), "where.1.rows", "how many rows"),
        (line("where", 0, "", "price < 12000", "5"), "where.0.table", "Choose the table"),
        (line("where", 0, "cars", "pric < 5", "5"), "where.0.text", "pric"),
        (line("where", 0, "cars", "price < 0", "5"), "where.0.text", "no row that was tried"),
        (line("shares", 0, "cars.make", "kia", "140"), "shares.0.share", "from 0 to 1"),
        (line("shares", 3, "cars.make", "lada", "50"), "shares.3.label", "no row that was tried"),
        (
            "&".join(line("where", at, "cars", "price < 9000", "5") for at in (0, 1)),
            "where.1.text",
            "another line",
        ),
    ],
)
def test_what_cannot_be_is_said_in_its_line(composed, typed, field, said):
    form = composed(typed)
    assert not form.ready
    assert said in " ".join(form.errors[field])
    assert field in {one.html_name for one in form.lone_fields()}
    assert said in render_to_string("bundles/_where.html", {"form": form})


def test_a_recipe_is_typed_again_line_by_line(composed, document):
    recipe = {
        "where": {"cars": {"price < 12000": 1000, "price > 30000": 5}},
        "shares": {"cars.make": {"kia": 0.125}},
    }
    begun = as_recipe(recipe, document, name="again")
    assert begun["where.1.text"] == "price > 30000"
    assert begun["shares.0.share"] == "12.5"
    typed = "&".join(f"{name}={value}" for name, value in begun.items() if "." in name)
    assert composed(typed).lines.where["cars"]["price < 12000"] == "1,000"
    page = render_to_string("bundles/_where.html", {"form": composed(typed)})
    assert "<details" in page
    assert " open" in page


def test_the_built_in_profile_offers_none():
    automotive = generator.automotive()
    row = Profile(pk=2, name="automotive", title="A", kind="builtin", state="published")
    query = f"domain=core&seed=7&formats=csv&{line('where', 0, 'deal', 'x > 1', '5')}"
    form = ComposeForm(QueryDict(query), row, automotive)
    assert not form.where_lines()
    assert not form.lines


def test_another_span_is_typed_planned_and_typed_again(composed, document):
    form = composed("from=2030-01-01&to=2030-12-31")
    assert form.ready, form.errors
    assert any("move into 2030-01-01 to 2030-12-31" in note for note in form.plan.notes)
    assert "--from 2030-01-01" in form.as_command()
    page = render_to_string("bundles/_step_span.html", {"form": form})
    assert 'value="2030-01-01"' in page
    assert " open" in page
    form = composed("from=2030-01-01&to=2030-12-31&moves=cars.price")
    assert "no column of moments" in " ".join(form.errors["moves"])
    assert {"from", "to", "moves"} <= {one.html_name for one in form.lone_fields()}
    begun = as_recipe({"from": "2030-01-01", "moves": ["cars.a", "cars.b"]}, document, name="x")
    assert begun["moves"] == "cars.a, cars.b"
