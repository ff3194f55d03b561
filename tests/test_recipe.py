from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import RecipeError
from generator.recipe import Recipe
from generator.write import FORMATS


def test_a_recipe_survives_json():
    document = {
        "profile": "automotive",
        "seed": 7,
        "tables": ["deal"],
        "rows": {"deal": 500},
        "from": "2025-01-01",
        "to": "2025-12-31",
        "as_of": "2025-12-31",
        "formats": ["csv", "sqlite"],
    }
    recipe = Recipe.from_dict(document)
    assert recipe.to_dict() == document
    assert Recipe.from_dict(recipe.to_dict()) == recipe


def test_the_as_of_day_follows_the_end_of_the_span():
    assert Recipe.from_dict({"to": "2025-06-30"}).as_of == date(2025, 6, 30)


@pytest.mark.parametrize(
    ("document", "field", "words"),
    [
        ({"seed": "seven"}, "seed", "“seven”; it must be a whole number"),
        ({"seed": -1}, "seed", "between 0"),
        ({"seed": True}, "seed", "whole number"),
        ({"rows": {"deal": "many"}}, "rows.deal", "row count of deal is “many”"),
        ({"rows": {"deal": -5}}, "rows.deal", "between 0"),
        ({"rows": [1]}, "rows", "must map table names"),
        ({"from": "2025-13-01"}, "from", "is not a date"),
        ({"from": "01/02/2025"}, "from", "year-month-day"),
        ({"from": "2025-02-01", "to": "2025-01-01"}, "to", "ends on 2025-01-01 before it starts"),
        ({"from": "2025-02-01", "to": "2025-03-01", "as_of": "2024-01-01"}, "as_of", "as-of date"),
        ({"formats": ["xls"]}, "formats", "“xls” is not a format; choose from csv"),
        ({"colour": "red"}, "colour", "no field “colour”; it may have as_of"),
        ({"row": {"deal": 5}}, "row", "no field “row”; did you mean rows."),
        ({"seed": None}, "seed", "The seed is “null”"),
        ({"seed": 10**5000}, "seed", "The seed is a very long number; it must lie between"),
        ({"rows": {"deal": 2000000000}}, "rows.deal", "deal is 2,000,000,000; it must lie"),
        ({"seed": 1.5}, "seed", "“1.5”; it must be a whole number"),
        ({"rows": {"deal": "1_0"}}, "rows.deal", "“1_0”; it must be a whole number"),
        ({"rows": {"deal": "1,2,3"}}, "rows.deal", "“1,2,3”; it must be a whole number"),
        ({"rows": {"deal": "٣"}}, "rows.deal", "“٣”; it must be a whole number"),
        ({"rows": {"deal": "５０"}}, "rows.deal", "“５０”; it must be a whole number"),
        ({"rows": {"deal": [5]}}, "rows.deal", "“[5]”; it must be a whole number"),
        ({"rows": None}, "rows", "“rows” is “null”; it must map table names"),
        ({"rows": ""}, "rows", "“rows” is “”; it must map"),
        ({"tables": 5}, "tables", "“tables” is “5”; it must be a list of table names"),
        ({"tables": True}, "tables", "“tables” is “true”"),
        ({"tables": {"deal": 1}}, "tables", "must be a list"),
        ({"tables": [5]}, "tables", "must be a list"),
        ({"formats": 5}, "formats", "“formats” is “5”; it must be a list of formats"),
        ({"formats": True}, "formats", "“formats” is “true”"),
        ({"formats": {"csv": 1}}, "formats", "must be a list"),
        ({"formats": ""}, "formats", "“” is not a format"),
        ({"profile": ""}, "profile", "The profile is “”"),
        ({"profile": []}, "profile", "The profile is “[]”"),
        ({"from": "２０２５-01-01"}, "from", "is not a date"),
    ],
)
def test_bad_fields_are_refused_with_a_sentence(document, field, words):
    with pytest.raises(RecipeError) as refused:
        Recipe.from_dict(document)
    assert refused.value.field == field
    assert words in refused.value.sentence


@pytest.mark.parametrize(
    "document",
    [
        {"seed": "x" * 5000},
        {"profile": ["x"] * 5000},
        {"tables": "x" * 5000},
        {"rows": "x" * 5000},
        {"rows": {"x" * 5000: "many"}},
        {"rows": {"deal": "x\n" * 5000}},
        {"from": "x" * 5000},
        {"formats": ["x" * 5000]},
        {"x" * 5000: 1},
    ],
)
def test_a_long_value_is_quoted_in_part_on_one_line(document):
    with pytest.raises(RecipeError) as refused:
        Recipe.from_dict(document)
    assert "…" in refused.value.sentence
    assert len(refused.value.sentence) < 250
    assert refused.value.sentence.isprintable()


def test_numbers_may_have_thousands_commas():
    assert Recipe.from_dict({"rows": {"deal": "1,000,000"}}).rows == {"deal": 1_000_000}


@given(st.sets(st.sampled_from(list(FORMATS)), min_size=1))
def test_formats_come_in_one_order(names):
    assert Recipe.from_dict({"formats": list(names)}).formats == tuple(
        name for name in FORMATS if name in names
    )
