"""Whose a row is: suggested on the page where an extract is confirmed, and told to the fit."""

import pytest
from django.http import QueryDict

import generator
from generator.personal import Finding, Findings, likely_units
from portal.certificate_page import lines
from portal.confirmed import unit_of
from portal.forms.confirm import ConfirmForm
from portal.forms.unit import faults
from tests.shop import shop_schema

pytestmark = pytest.mark.django_db  # the page offers the sources that have a budget


@pytest.fixture(scope="module")
def inferred():
    return {**shop_schema().to_dict(), "findings": Findings().to_dict()}


def form_of(inferred, **asked):
    data = QueryDict(mutable=True)
    data.update({"title": "Shop", **asked})
    form = ConfirmForm(inferred, title="Shop", data=data if asked else None)
    form.full_clean()
    return form


def test_a_key_of_people_is_suggested_first(inferred):
    field = form_of(inferred).fields["unit"]
    assert field.initial == "customer.customer"
    labels = [label for _, label in field.choices]
    assert labels[0] == "each row is somebody else's"
    assert labels[1].startswith("customer.customer: the key of customer")
    assert ("movement.amount", "movement.amount") in field.choices


def test_a_key_of_people_stays_first_where_more_than_one_thing_speaks_for_it():
    number = {"name": "customer_id", "kind": "integer"}
    columns = [number, {"name": "first", "kind": "text"}, {"name": "mail", "kind": "text"}]
    link = {"column": "customer_id", "parent": "people", "parent_column": "customer_id"}
    visits = {"name": "visits", "columns": [number], "links": [link]}
    people = {"name": "people", "columns": columns, "key": "customer_id"}
    schema = generator.Schema.from_dict({"tables": [people, visits]})
    said = (("first", "name"), ("mail", "email"))
    found = Findings(tuple(Finding("people", name, word, 0.9, "") for name, word in said))
    first, *others = likely_units(schema, found)
    assert first.column == "people.customer_id"
    assert first.why == "the key of people, whose rows are people"
    assert len({one.column for one in others} - {first.column}) == len(others)


def test_columns_of_one_table_are_suggested_by_name_and_by_what_they_hold():
    schema = generator.Schema.from_dict(
        {
            "tables": [
                {
                    "name": "calls",
                    "columns": [
                        {"name": "client_no", "kind": "text"},
                        {"name": "iban", "kind": "text"},
                        {"name": "minutes", "kind": "integer"},
                    ],
                }
            ]
        }
    )
    found = Findings((Finding("calls", "iban", "bank_account", 0.99, "check digits"),))
    assert [one.column for one in likely_units(schema, found)] == ["calls.client_no", "calls.iban"]
    assert likely_units(schema, Findings())[0].why == "its name is of people"


def test_the_unit_goes_into_the_fit_by_the_new_name_of_its_table(inferred):
    assert form_of(inferred, unit="customer.customer").cleaned_data["unit"]
    told = {"tables": [{"name": "people", "was": "customer"}], "unit": "customer.customer"}
    assert unit_of(told) == "people.customer"
    assert unit_of({"tables": []}) == ""


def test_how_many_persons_must_share_goes_into_the_fit(inferred):
    assert form_of(inferred).initial["least"] == generator.K
    asked = form_of(inferred, unit="customer.customer", least="50")
    assert asked._least == 50
    again = form_of({**inferred, "k": 50})
    assert again.initial["least"] == 50


@pytest.mark.parametrize("least", ["9", "10001", "ten", "-1"])
def test_fewer_than_ten_persons_are_refused(inferred, least):
    form = form_of(inferred, least=least)
    assert "a whole number from 10 to 10,000" in form.errors["least"][0]


def test_calibrating_counts_as_many_rows_as_it_does(inferred):
    said = [*faults("", [], least=50, onto="automotive")]
    assert said
    assert "20 rows" in said[0]
    assert not [*faults("", [], least=generator.K, onto="automotive")]


def test_what_is_no_column_is_refused(inferred):
    form = form_of(inferred, unit="customer.shoe_size")
    assert "no column of the extract" in form.errors["unit"][0]


def test_the_certificate_shows_whose_the_rows_were():
    (line,) = lines({"unit": "a.b", "persons": 1200, "k": 20, "rows_alone": ["districts"]})
    assert (line.title, line.value) == ("Persons", "1,200")
    assert "districts" in line.beside
