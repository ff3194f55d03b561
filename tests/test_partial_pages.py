"""Keys only and increments in the portal: typed, refused on their field, said before the run, made
by the job, listed, downloaded, typed again."""

from __future__ import annotations

import json
import zipfile

import pytest
from django.http import QueryDict
from django.urls import reverse

import generator
from portal import jobs
from portal.forms import ComposeForm, as_recipe
from portal.increments import increments_of
from portal.models import Profile
from tests.test_forms import DOCUMENT

ROW = Profile(pk=1, name="automotive", title="Automotive", kind="builtin", state="published")
SPAN = "seed=7&formats=csv&from=2025-01-01&to=2025-12-31"
PAYMENTS = f"domain=payment&rows.payment=50&{SPAN}"
DAYS = ("2025-07-01", "2025-11-20")


def composed(query, document=None):
    return ComposeForm(QueryDict(query), ROW, document or generator.automotive())


def test_keys_only_is_said_before_the_run_and_kept_in_the_recipe():
    whole, alone = composed(PAYMENTS), composed(f"{PAYMENTS}&keys_only=on")
    assert whole.takes_keys_only
    assert "invoice" in whole.added()
    assert alone.ready, alone.errors
    assert alone.added() == []
    assert any(note.startswith("Keys only: ") and "invoice" in note for note in alone.plan.notes)
    assert alone.recipe.references == "keys"
    assert "--keys-only" in alone.as_command()
    assert "--keys-only" not in whole.as_command()


def test_increments_are_days_between_commas_or_spaces():
    form = composed(f"{PAYMENTS}&as_of=2025-05-10&increments= {DAYS[0]},, {DAYS[1]} ")
    assert form.ready, form.errors
    assert [str(day) for day in form.recipe.increments] == list(DAYS)
    assert f"--increment {DAYS[1]}" in form.as_command()
    [note] = [note for note in form.plan.notes if note.startswith("Increments")]
    assert "2025-05-10" in note
    assert f"{DAYS[0]} and {DAYS[1]}" in note


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ("increments=soon", "increments", "is not a date"),
        (f"increments={DAYS[0]}", "increments", "follow the as-of date"),
        ("as_of=2025-05-10&increments=2026-01-31", "increments", "lies after the span"),
        ("as_of=2025-05-10&increments=2025-06-01&formats=sqlite", "formats", "one table each"),
        (
            "as_of=2025-05-10&increments=2025-06-01&scenarios.charged_back_payment=1",
            "increments",
            "scenarios or increments",
        ),
    ],
)
def test_what_cannot_be_is_said_on_its_field(typed, field, words):
    form = composed(f"{PAYMENTS}&{typed}")
    assert not form.ready
    assert words in " ".join(form.errors[field])
    assert field in {one.html_name for one in form.lone_fields()}


def test_a_recipe_is_typed_again():
    begun = as_recipe(
        {"increments": list(DAYS), "references": "keys"}, generator.automotive(), name="again"
    )
    assert begun["increments"] == ", ".join(DAYS)
    assert begun["keys_only"]
    plain = as_recipe({}, generator.automotive(), name="again")
    assert not {"increments", "keys_only"} & set(plain)


def test_what_brings_nothing_along_does_not_ask():
    assert not composed("domain=sales&seed=7&formats=csv", DOCUMENT).takes_keys_only


def test_a_change_in_two_formats_counts_once():
    files = [
        {"path": f"increments/x/deal.{what}{end}", "table": "deal", "change": what, "rows": rows}
        for what, rows in (("insert", 5), ("update", 2))
        for end in (".csv", ".parquet")
    ]
    [one] = increments_of({"increments": [{"as_of": "2025-07-01", "files": files}]})
    assert (one.insert, one.update, one.delete, one.tables) == (5, 2, 0, 1)


@pytest.mark.django_db(transaction=True)
def test_from_the_form_through_the_job_to_the_download(client, alice, automotive, data):
    client.force_login(alice)
    typed = QueryDict(f"{PAYMENTS}&as_of=2025-05-10&increments={','.join(DAYS)}&keys_only=on")
    answer = client.post(
        reverse("compose"), {**typed.dict(), "profile": automotive.pk, "do": "make"}
    )
    assert answer.status_code == 302, answer.content.decode()
    bundle = alice.bundles.get()
    jobs.make_bundle(str(bundle.pk))
    bundle.refresh_from_db()
    assert bundle.error == ""

    said = " ".join(client.get(answer.url).content.decode().split())
    assert "keys only" in said
    assert "Keys only: " in said
    assert 'id="increments"' in said
    manifest = json.loads((data / bundle.path / "manifest.json").read_text())
    assert "invoice" not in manifest["rows"]
    assert [entry["as_of"] for entry in manifest["increments"]] == list(DAYS)
    first = f"increments/{DAYS[0]}/payment.insert.csv"
    assert first in said
    [file] = bundle.files.filter(path=first)
    assert file.rows > 0
    url = reverse("bundle-file", kwargs={"id": bundle.pk, "path": first})
    whole = b"".join(client.get(url).streaming_content)
    assert whole.count(b"\n") == file.rows + 1
    [packed] = bundle.files.filter(format="zip")
    with zipfile.ZipFile(data / bundle.path / packed.path) as files:
        assert files.read(first) == whole
