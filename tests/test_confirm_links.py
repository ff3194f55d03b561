"""Names, keys and links on the confirm page: what is chosen goes into the fit, what is wrong is
one sentence."""

import io

import pyarrow as pa
import pytest
from django.http import QueryDict
from django.urls import reverse
from pyarrow import parquet

import generator
from portal import broker
from portal.forms import ConfirmForm
from portal.forms.confirm_column import AS_FOUND
from portal.jobs import _inspect
from portal.models import Extract
from tests.laid import lay
from tests.test_infer_links import some, table

pytestmark = pytest.mark.django_db  # the form asks what a source has spent

ORDERS = {
    "name": "orders",
    "key": "order_id",
    "columns": [
        {"name": "order_id", "kind": "integer", "unique": True},
        {"name": "customer_id", "kind": "integer"},
        {"name": "day", "kind": "date"},
        {"name": "note", "kind": "text", "nullable": True},
    ],
    "links": [
        {
            "column": "customer_id",
            "parent": "customers",
            "parent_column": "customer_id",
            "kind": "parent",
            "unique": False,
            "reason": "Sure: they agree.",
        }
    ],
}
CUSTOMERS = {
    "name": "customers",
    "key": "customer_id",
    "columns": [
        {"name": "customer_id", "kind": "integer", "unique": True},
        {"name": "city", "kind": "enum"},
        {"name": "boss", "kind": "integer", "nullable": True},
    ],
    "links": [],
}
VISITS = {
    "name": "visits",
    "key": None,
    "together": ["dealer", "day"],
    "columns": [{"name": "dealer", "kind": "enum"}, {"name": "day", "kind": "date"}],
    "links": [],
}
NOTES = {
    "name": "notes",
    "key": None,
    "columns": [
        {"name": "dealer", "kind": "enum"},
        {"name": "day", "kind": "date"},
        {"name": "a", "kind": "enum"},
        {"name": "b", "kind": "date"},
    ],
    "links": [
        {
            "column": "dealer",
            "parent": "visits",
            "parent_column": "dealer",
            "kind": "parent",
            "unique": False,
            "further": [["day", "day"]],
        }
    ],
}
FOUND = {
    "tables": [ORDERS, CUSTOMERS, VISITS, NOTES],
    "sole": {
        "orders": ["order_id"],
        "customers": ["customer_id", "city"],
        "visits": [],
        "notes": [],
    },
}


def sent(changes=()):
    """What the page sends when nothing is changed, with changes."""
    data = QueryDict(mutable=True)
    form = ConfirmForm(FOUND, title="cars")
    data["title"] = "cars"
    for shown in form.tables:
        for field in [*shown, *(one for column in shown.columns for one in column)]:
            value = field.value()
            data.setlist(field.html_name, value if isinstance(value, list) else [value or ""])
            if value is False:
                data.pop(field.html_name)
        for name, value in shown.columns.management_form.initial.items():
            data[f"{shown.columns.prefix}-{name}"] = str(value)
    for name, value in dict(changes).items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def confirmed(changes=()):
    form = ConfirmForm(FOUND, title="cars", data=sent(changes))
    assert form.is_valid(), form.sentences()
    return {table["name"]: table for table in form.confirmed()["tables"]}


def links(told):
    return {
        f"{name}.{', '.join([link['column'], *(own for own, _ in link.get('further', ()))])}": (
            link["parent"]
        )
        for name, one in told.items()
        for link in one["links"]
    }


def test_what_is_confirmed_unchanged_is_what_was_found():
    form = ConfirmForm(FOUND, title="cars", data=sent())
    assert form.is_valid(), form.sentences()
    assert form.confirmed()["tables"] == FOUND["tables"]
    generator.Schema.from_dict(form.confirmed())


def test_links_are_added_changed_and_taken_away():
    told = confirmed({"1-columns-2-leads": "customers", "0-columns-1-leads": ""})
    assert links(told) == {"customers.boss": "customers", "notes.dealer, day": "visits"}
    assert told["customers"]["links"][0]["kind"] == "lookup"
    told = confirmed({"0-columns-1-leads": "orders", "3-kept": []})
    assert links(told) == {"orders.customer_id": "orders"}


def test_columns_that_lead_to_a_key_of_several_lead_together():
    told = confirmed({"3-kept": [], "3-columns-2-leads": "visits", "3-columns-3-leads": "visits"})
    assert links(told)["notes.a, b"] == "visits"
    assert told["notes"]["links"][0]["further"] == [("b", "day")]
    generator.Schema.from_dict({"tables": list(told.values())})


def test_a_table_gets_another_name_and_links_follow():
    told = confirmed({"1-name": "people"})
    assert told["people"]["was"] == "customers"
    assert links(told)["orders.customer_id"] == "people"


def test_a_key_is_of_one_column_several_or_none():
    told = confirmed({"2-key": "", "2-key_2": "", "3-kept": []})
    assert (told["visits"]["key"], told["visits"].get("together")) == (None, None)
    told = confirmed({"0-key": "order_id", "0-key_2": "day"})
    assert (told["orders"]["key"], told["orders"]["together"]) == (None, ["order_id", "day"])


WRONG = {
    ("1-name", "a/b"): "customers cannot be called “a/b”",
    ("1-name", "Orders"): "Two tables would be called",
    ("0-key", "note"): "orders.note may be missing",
    ("0-key", "day"): "orders.day is date, and a key is a whole number or a text",
    ("0-key", "customer_id"): "orders.customer_id has values that come twice",
    ("0-key_2", "order_id"): "The key of orders names a column twice",
    ("0-columns-2-leads", "nobody"): "orders.day cannot lead to “nobody”",
    ("0-columns-2-leads", "customers"): "orders.day is date and the key of customers integer",
    ("0-columns-2-leads", "visits"): "The key of visits is dealer and day: let 2 columns of",
    ("0-columns-2-leads", "notes"): "orders.day cannot lead to notes, which has no key",
    ("0-columns-0-leads", "orders"): "orders.order_id is the key of its table",
}


@pytest.mark.parametrize("change", WRONG)
def test_a_wrong_choice_is_one_sentence(change):
    form = ConfirmForm(FOUND, title="cars", data=sent([change]))
    assert not form.is_valid()
    [said] = form.sentences()
    assert WRONG[change] in said


def test_a_column_that_is_left_out_takes_its_links_along():
    told = confirmed({"0-columns-1-kind": "left out", "3-columns-1-kind": "left out"})
    assert links(told) == {}


def written(rows):
    sink = io.BytesIO()
    parquet.write_table(rows, sink)
    return sink.getvalue()


@pytest.fixture
def extract(admin, data, monkeypatch):
    """Two tables, one with values within values, inspected."""
    monkeypatch.setattr(broker, "push", lambda row: None)
    extract = Extract(owner=admin, name="shop", original_name="shop.zip", state="uploaded")
    people = table(person_no=range(60), city=some("ABC", 60))
    people = people.append_column("parts", pa.array([[1]] * 60))
    sold = table(sale_id=range(90), person_no=some(range(60), 90))
    lay(extract, **{"p.parquet": written(people), "sold.parquet": written(sold)})
    extract.take(claim="me")
    return extract


class Quiet:
    claim = "me"

    def __init__(self, folder):
        self.folder = folder

    def cancelled(self):
        return False


def test_nested_values_are_named_on_the_page_and_left_out(extract, client, admin, tmp_path):
    _inspect(extract, Quiet(tmp_path))
    extract.refresh_from_db()
    assert extract.state == "inspected"
    client.force_login(admin)
    page = client.get(reverse("extract", kwargs={"id": extract.pk})).content.decode()
    assert "nothing can be learnt of it" in page
    form = ConfirmForm(extract.inferred, title="x")
    assert form.tables[0].columns.forms[2]["kind"].value() == "left out"
    assert form.tables[1].columns.forms[1]["leads"].value() == AS_FOUND
    assert extract.inferred["sole"] == {"p": ["person_no"], "sold": ["sale_id"]}


def test_the_first_row_is_said_and_the_file_read_again(extract, client, admin):
    Extract.objects.update(state="refused", error="say --header no")
    client.force_login(admin)
    page = client.get(reverse("extract", kwargs={"id": extract.pk})).content.decode()
    assert "number the columns" in page
    client.post(reverse("extract-again", kwargs={"id": extract.pk}), {"header": "no"})
    extract.refresh_from_db()
    assert (extract.state, extract.header, extract.error) == ("uploaded", False, "")
    Extract.objects.update(state="confirmed")
    client.post(reverse("extract-again", kwargs={"id": extract.pk}), {"header": "yes"})
    extract.refresh_from_db()
    assert (extract.state, extract.header) == ("confirmed", False)


def test_changed_links_are_held_against_the_values():
    raw = {
        "people": table(no=range(5, 65), city=some("ABC", 60)),
        "sold": table(sale=range(900, 990), who=[*range(5, 65), *range(5, 35)]),
    }
    schema = generator.infer(raw)
    people, sold = schema.tables

    def settled(**changes):
        from dataclasses import replace

        changed = schema.changed(replace(people, key=changes.pop("key", "no")))
        return generator.settled(raw, changed.changed(replace(sold, **changes)))

    link = generator.Link("who", "people", "no", "parent")
    assert not settled(links=(link,))["sold"].links[0].unique
    with pytest.raises(generator.RequestError, match=r"sold\.sale cannot lead to people: 0 %"):
        settled(links=(generator.Link("sale", "people", "no", "parent"),))
    with pytest.raises(generator.RequestError, match=r"people\.city cannot be the key"):
        settled(key="city")
