"""What people fill in: every problem one sentence on its field, and nothing typed is lost."""

from __future__ import annotations

import json
import shutil
from datetime import date

import pytest
from django.http import QueryDict

import generator
from generator.profile import Profile as Document
from generator.profile import Shard, TableCount
from generator.schema import Column, Kind, Schema, Table
from portal.forms import (
    ComposeForm,
    ConfirmForm,
    as_preset,
    as_recipe,
    command_line,
    safe_file_name,
)
from portal.models import Profile
from portal.presets import PRESETS, preset, spans

pytestmark = pytest.mark.django_db  # a confirmation looks for the sources that are charged

KEY = (Column("key", Kind.INTEGER),)
SCHEMA = Schema(
    (
        Table("shop", KEY, key="key", domain="places", meaning="Where it is sold"),
        Table("deal", KEY, key="key", domain="sales"),
        Table("lead", KEY, key="key", domain="sales"),
    )
)


class Shops:
    """A shop for ten deals, a lead for each deal; at most 1,000 deals."""

    def settle(self, recipe):
        deals = recipe.rows.get("deal", 100)
        if deals > 1000:
            raise generator.PlanError("At most 1,000 deals; ask for fewer.", field="rows.deal")
        shops = recipe.rows.get("shop", -(-deals // 10))
        counts = [
            TableCount("shop", shops, "shop" in recipe.rows, "one for ten deals"),
            TableCount("deal", deals, "deal" in recipe.rows, "as usual"),
            TableCount("lead", deals, "lead" in recipe.rows, "one a deal"),
        ]
        wanted = set(recipe.tables or SCHEMA.names) | {"shop"}
        return tuple(count for count in counts if count.table in wanted), {}, ["Fine."]

    def shards(self, plan):
        return (Shard(0, "all", 0, plan.rows, plan.rows),)

    def open(self, plan):
        raise AssertionError("nothing is drawn for a form")


DOCUMENT = Document("automotive", "1", "Shops", "builtin", SCHEMA, Shops())
ROW = Profile(pk=1, name="automotive", title="Shops", kind="builtin", state="published")
GOOD = (
    "domain=sales&rows.deal=500&seed=7&formats=csv&from=2025-01-01&to=2025-12-31&as_of=2025-12-31"
)


def composed(query, **changes):
    data = QueryDict(query, mutable=True)
    for name, value in changes.items():
        data[{"to": "to", "start": "from"}.get(name, name).replace("__", ".")] = value
    return ComposeForm(data, ROW, DOCUMENT)


def wrong(form):
    """The one sentence of each field that is wrong."""
    assert all(len(said) == 1 for said in form.errors.values())
    return {field: said[0] for field, said in form.errors.items()}


def test_a_good_form_becomes_a_recipe_and_a_plan():
    form = composed(GOOD)
    assert form.errors == {}
    assert form.recipe.rows == {"deal": 500}
    assert form.recipe.tables == ("deal", "lead")
    assert form.plan.rows == 1050


def test_every_domain_is_every_table():
    assert composed(GOOD + "&domain=places").recipe.tables == ()


def test_a_typed_count_brings_its_table_without_its_domain():
    form = composed("rows.deal=30&seed=1&formats=csv")
    assert form.recipe.tables == ("deal",)


def test_what_others_need_is_added_and_said():
    form = composed(GOOD)
    [places, sales] = form.cards()
    assert not places.on
    assert places.some
    assert places.tables[0].added
    assert places.tables[0].why == "one for ten deals"
    assert form.added() == ["shop"]
    assert sales.on
    assert [row.follows for row in sales.tables] == [500, 500]


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("seed", "seven", "whole number"),
        ("seed", "-1", "between"),
        ("rows__deal", "many", "whole number"),
        ("rows__deal", "2,000", "At most 1,000 deals"),
        ("from", "2025-02-30", "not a date"),
        ("to", "2024-12-31", "before it starts"),
        ("as_of", "2024-01-01", "as-of"),
        ("formats", "xlsx", "not a format"),
        ("name", "x" * 101, "100 characters"),
    ],
)
def test_a_problem_is_one_sentence_on_its_field(field, value, word):
    form = composed(GOOD, **{field: value})
    where = field.replace("__", ".")
    assert list(wrong(form)) == [where]
    assert word in wrong(form)[where]
    assert not form.ready


def test_several_problems_are_said_at_once():
    form = composed(GOOD, seed="x", rows__deal="y", start="z")
    assert set(form.errors) == {"seed", "rows.deal", "from"}


def test_a_wrong_seed_does_not_hide_counts_that_contradict():
    assert set(composed(GOOD, seed="x", rows__deal="2000").errors) == {"seed", "rows.deal"}
    assert composed(GOOD, seed="x").plan.rows == 1050


def test_nothing_typed_is_lost():
    form = composed(GOOD, seed="seven", rows__deal="many")
    assert form["seed"].value() == "seven"
    deal = form.cards()[1].tables[0]
    assert 'value="many"' in deal.input()
    assert deal.error == wrong(form)["rows.deal"]


def test_no_domain_and_no_format_are_refused():
    assert set(composed("seed=1").errors) == {"domain", "formats"}


def test_a_table_the_profile_does_not_have_is_not_taken():
    assert composed(GOOD + "&rows.secret=5").recipe.rows == {"deal": 500}


def test_a_bundle_without_a_name_is_named_after_its_rows():
    assert composed(GOOD).title() == "500 deal"
    assert composed(GOOD, name="Mine").title() == "Mine"


def test_a_clone_asks_for_the_same():
    first = composed(GOOD)
    begun = as_recipe(first.recipe.to_dict(), DOCUMENT, name="Again")
    assert ComposeForm(begun, ROW, DOCUMENT).recipe == first.recipe


@pytest.mark.parametrize("one", PRESETS, ids=lambda one: one.id)
def test_a_preset_fills_the_form(one):
    begun = as_preset(one, DOCUMENT, today=date(2026, 11, 24))
    form = ComposeForm(begun, ROW, DOCUMENT)
    days = [form[day].value() for day in ("from", "to", "as_of")]
    assert days == ["2025-01-01", "2025-12-31", "2025-12-31"]
    assert form["formats"].value() == list(one.formats)
    assert int(form["seed"].value()) >= 0
    assert set(form.rows) <= set(SCHEMA.names)


def test_an_unknown_preset_is_the_first():
    assert preset("nonsense") is PRESETS[0]


def test_spans_are_full_months():
    year, twelve, two_years = spans(date(2026, 3, 15))
    assert (year.start, year.stop) == ("2025-01-01", "2025-12-31")
    assert (twelve.start, twelve.stop) == ("2025-03-01", "2026-02-28")
    assert (two_years.start, two_years.stop) == ("2024-03-01", "2026-02-28")


def test_the_command_line_says_the_same_as_the_recipe():
    command = command_line(composed(GOOD).recipe.to_dict(), DOCUMENT).replace(" \\\n ", "")
    assert "--domains sales --rows deal=500 --from 2025-01-01" in command
    assert "--as-of 2025-12-31 --seed 7 --format csv --out bundle" in command


def test_a_part_of_a_domain_needs_the_recipe_as_a_file():
    form = composed("rows.deal=30&seed=1&formats=csv")
    command = command_line(form.recipe.to_dict(), DOCUMENT)
    assert command == "python -m generator sample --recipe recipe.json --out bundle"
    assert json.loads(form.as_json())["tables"] == ["deal"]


# An extract

FOUND = {
    "tables": [
        {
            "name": "cars",
            "key": None,
            "columns": [
                {"name": "id", "kind": "integer", "unique": True},
                {"name": "brand", "kind": "enum", "values": ["Ford", "Kia"], "nullable": True},
                {"name": "mail", "kind": "text", "length": 80, "personal": "email"},
            ],
        }
    ]
}


def sent(changes, tables=()):
    """A confirmation as the page sends it when nothing is changed, with changes."""
    data = QueryDict(mutable=True)
    data["title"] = "UK cars"
    for number, table in enumerate(tables or FOUND["tables"]):
        data[f"{number}-key"] = table["key"] or ""
        data[f"{number}-columns-TOTAL_FORMS"] = str(len(table["columns"]))
        data[f"{number}-columns-INITIAL_FORMS"] = str(len(table["columns"]))
        for at, column in enumerate(table["columns"]):
            data[f"{number}-columns-{at}-kind"] = column["kind"]
            if column.get("personal"):
                data[f"{number}-columns-{at}-personal"] = "on"
    for field, value in dict(changes).items():
        data[field] = value
    return data


def confirmed(changes=(), inferred=FOUND):
    return ConfirmForm(inferred, title="cars", data=sent(changes))


def test_what_is_confirmed_unchanged_is_what_was_inferred():
    form = confirmed()
    assert form.is_valid()
    assert form.confirmed() == FOUND | {"onto": "", "unit": "", "region": ""}


def test_whose_telephone_numbers_are_is_said_by_two_letters():
    form = confirmed({"region": " de "})
    assert form.is_valid()
    again = ConfirmForm(form.confirmed(), title="cars")
    assert form.confirmed()["region"] == again.initial["region"] == "DE"
    wrong = confirmed({"region": "zz"})
    assert not wrong.is_valid()
    assert "“ZZ” is no region of telephone numbers" in str(wrong.errors["region"])


def test_a_confirmation_takes_kinds_keys_and_personal_columns():
    form = confirmed({"0-key": "id", "0-columns-1-kind": "text", "0-columns-0-personal": "on"})
    form.data.pop("0-columns-2-personal")
    assert form.is_valid()
    [table] = form.confirmed()["tables"]
    assert form.cleaned_data["title"] == "UK cars"
    assert table["key"] == "id"
    assert table["columns"][0]["personal"] == "personal"
    assert table["columns"][1] == {"name": "brand", "kind": "text", "nullable": True}
    assert "personal" not in table["columns"][2]


def test_a_confirmation_leaves_columns_out_and_with_them_their_key_and_links():
    parent = {"name": "makes", "key": "make", "columns": [{"name": "make", "kind": "text"}] * 1}
    parent["columns"] = [*parent["columns"], {"name": "n", "kind": "integer"}]
    link = {"column": "brand", "parent": "makes", "parent_column": "make", "kind": "lookup"}
    cars = FOUND["tables"][0] | {"links": [link | {"unique": False}]}
    found = {"tables": [cars, parent | {"links": []}]}
    changes = {"0-columns-2-kind": "left out", "1-columns-0-kind": "left out"}
    form = ConfirmForm(found, title="cars", data=sent(changes, found["tables"]))
    assert form.is_valid(), form.sentences()
    cars, makes = form.confirmed()["tables"]
    assert [column["name"] for column in cars["columns"]] == ["id", "brand"]
    assert cars["links"] == []
    assert makes["key"] is None


def test_something_of_a_table_must_be_left():
    form = confirmed({f"0-columns-{at}-kind": "left out" for at in range(3)})
    assert not form.is_valid()
    assert form.sentences() == ["Nothing of cars is left; keep one of its columns."]


def test_a_column_that_is_not_understood_shows_its_shape_and_cannot_be_the_key():
    odd = {"name": "mix", "kind": "text", "doubt": "“a9”, “9-a”"}
    found = {
        "tables": [{"name": "t", "key": None, "columns": [odd, {"name": "n", "kind": "text"}]}]
    }
    form = ConfirmForm(found, title="t", data=sent({"0-key": "mix"}, found["tables"]))
    assert not form.is_valid()
    assert form.tables[0].columns.forms[0].doubt() == "“a9”, “9-a”"
    form = ConfirmForm(found, title="t", data=sent({"0-columns-0-kind": "enum"}, found["tables"]))
    assert form.is_valid()
    assert "doubt" not in form.confirmed()["tables"][0]["columns"][0]


def test_a_confirmation_leaves_what_was_inferred_alone():
    form = confirmed({"0-columns-1-kind": "text"})
    assert form.is_valid()
    assert form.confirmed()["tables"][0]["columns"][1]["kind"] == "text"
    assert FOUND["tables"][0]["columns"][1]["kind"] == "enum"


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("title", "", "Give the profile a name"),
        ("title", "x" * 101, "100 characters"),
        ("0-key", "nope", "has no column “nope”"),
        ("0-columns-1-kind", "date", "cars.brand was found to be enum; it can be read as enum or"),
        ("0-columns-1-kind", "", "cars.brand was found to be enum"),
        ("0-columns-TOTAL_FORMS", "2", "Some columns did not arrive"),
        ("0-columns-TOTAL_FORMS", "4", "Some columns did not arrive"),
    ],
)
def test_a_wrong_confirmation_is_one_sentence(field, value, word):
    form = confirmed({field: value})
    assert not form.is_valid()
    [said] = form.sentences()
    assert word in said


def test_a_confirmation_without_its_columns_is_none():
    """Unticked boxes are not sent: half a form would make personal columns ordinary ones."""
    form = ConfirmForm(FOUND, title="cars", data=QueryDict("title=UK+cars"))
    assert not form.is_valid()
    assert form.sentences() == [
        "Some columns did not arrive; load the page again and confirm it once more."
    ]


def test_what_was_found_is_said_without_a_value():
    [table] = ConfirmForm(FOUND, title="cars").tables
    said = [column.facts() for column in table.columns]
    assert said == [
        "always filled, every value once",
        "may be missing, 2 categories",
        "always filled, up to 80 characters, looks like mail addresses",
    ]
    assert "Ford" not in " ".join(said)


# Onto the built-in profile


def found_as(name, *, without=0):
    """An extract of the platform's deals, as it is inferred, less a few columns."""
    deal = generator.automotive().schema["deal"]
    columns = (*deal.columns[without:], Column("showroom_mood", Kind.TEXT))
    return Schema((Table(name, columns, key=deal.key if not without else ""),)).to_dict()


def test_calibration_is_offered_where_a_table_matches():
    assert "onto" not in ConfirmForm(FOUND, title="cars").fields
    form = ConfirmForm(found_as("deal"), title="Ours")
    assert [name for name, _ in form.fields["onto"].choices] == ["", "automotive"]
    assert form["onto"].value() == ""
    assert form.matching == ("deal",)
    assert any("deal.showroom_mood" in said for said in form.unused)


def test_what_was_chosen_is_kept_for_the_fit():
    found = found_as("deal")
    [table] = found["tables"]
    data = sent({"onto": "automotive"}, tables=[table])
    form = ConfirmForm(found, title="Ours", data=data)
    assert form.is_valid(), form.sentences()
    assert form.confirmed()["onto"] == "automotive"
    again = ConfirmForm(form.confirmed(), title="Ours")
    assert again["onto"].value() == "automotive"
    data["onto"] = "elsewhere"
    assert not ConfirmForm(found, title="Ours", data=data).is_valid()


def test_nobody_calibrates_what_does_not_match():
    form = confirmed({"onto": "automotive"})
    assert form.is_valid()
    assert form.confirmed()["onto"] == ""


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("cars.csv", "cars.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\data\\my cars (2).csv.gz", "my_cars_2_.csv.gz"),
        ("…", "extract"),
        ("a" * 300 + ".csv", "a" * 80 + ".csv"),
    ],
)
def test_a_file_name_is_made_safe(given, kept):
    assert safe_file_name(given) == kept


def test_a_domain_that_does_not_exist_is_not_everything():
    form = composed("domain=galaxies&seed=7&formats=csv")
    assert not form.ready
    assert "“galaxies”" in wrong(form)["domain"]
    assert "places, sales" in wrong(form)["domain"]


def test_what_the_portal_cannot_make_is_refused_before_it_runs(settings):
    settings.RUN_SECONDS = 0.001
    form = composed("domain=sales&seed=7&formats=csv")
    assert not form.ready
    assert "a run may take" in wrong(form)["__all__"]


def test_what_the_disk_cannot_hold_is_refused_before_it_runs(monkeypatch):
    """The free space is the edge of the process; everything else is as it is."""
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 1))
    form = composed("domain=sales&seed=7&formats=csv")
    assert not form.ready
    assert "1 bytes are free" in wrong(form)["__all__"]


def test_more_than_the_memory_holds_is_refused(monkeypatch, settings):
    settings.SAMPLE_PROCESSES = 2
    needed = composed(GOOD).memory
    monkeypatch.setattr(generator, "free_memory", lambda: needed)
    assert composed(GOOD).errors == {}
    monkeypatch.setattr(generator, "free_memory", lambda: needed - 1)
    [said] = composed(GOOD).sentences()
    assert said.startswith("Making this needs about ")
    assert "of memory" in said
    monkeypatch.setattr(generator, "free_memory", lambda: None)  # a system that does not say
    assert composed(GOOD).errors == {}


MAIL_FOUND = {
    "columns": [
        {
            "table": "cars",
            "column": "mail",
            "word": "email",
            "confidence": 0.99,
            "because": "its name, and values are mail addresses",
            "examples": ["xxx9@xxx.xx"],
        }
    ],
    "together": [{"table": "cars", "columns": ["brand", "id"], "rows": 3, "of": 9}],
}


def test_who_says_that_a_column_is_not_personal_says_why():
    inferred = {**FOUND, "findings": MAIL_FOUND}
    form = confirmed(inferred=inferred)
    form.data.pop("0-columns-2-personal")
    assert not form.is_valid()
    [said] = form.sentences()
    assert said == "cars.mail looks like mail addresses; leave it personal, or say why it is not."
    form = confirmed({"0-columns-2-why": "addresses of our own shops"}, inferred=inferred)
    form.data.pop("0-columns-2-personal")
    assert form.is_valid()
    expected = {"table": "cars", "column": "mail", "personal": False}
    assert form.settled == [expected | {"why": "addresses of our own shops"}]
    assert form.together == MAIL_FOUND["together"]
    assert confirmed(inferred=inferred).is_valid()
