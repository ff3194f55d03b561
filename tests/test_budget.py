"""Private fits in the portal: the budget is entered, charged by source, and shown."""

import io
import json

import pyarrow.csv
import pytest
from django.db import transaction
from django.urls import reverse

from generator.private import fit as private_fit
from portal import budget, jobs
from portal.forms.confirm_column import LEFT_OUT
from portal.models import Extract, Profile, Source, Spending
from portal.profiles import document as opened
from tests import test_private_onto as leads
from tests.canaries import fields
from tests.laid import lay
from tests.private_tables import Seeded, document, people
from tests.test_pages import text

pytestmark = pytest.mark.django_db(transaction=True)
COLUMNS = ("make", "age", "member")
ROWS = 400


def declared():
    said = document()
    schema = said["resources"][0]["schema"]
    schema["fields"] = [f for f in schema["fields"] if f["name"] in COLUMNS]
    del schema["primaryKey"]
    return said


def inspected(admin, name, rows):
    file = io.BytesIO()
    pyarrow.csv.write_csv(rows, file)
    extract = Extract.objects.create(owner=admin, name=name, original_name=f"{name}.csv")
    lay(extract, **{f"{name}.csv": file.getvalue()})
    jobs.inspect_extract(str(extract.pk))
    extract.refresh_from_db()
    return extract


@pytest.fixture
def extract(admin, data):
    return inspected(admin, "people", people(ROWS).select(COLUMNS))


def sent(**changes):
    kinds = {"0-columns-0-kind": "text", "0-columns-1-kind": "integer"}
    form = {
        "title": "People",
        "0-key": "",
        "0-columns-TOTAL_FORMS": 3,
        "0-columns-INITIAL_FORMS": 3,
        **kinds,
        "0-columns-2-kind": "boolean",
        "epsilon": "3",
        "delta": "1e-9",
        "source": "Crew",
        "declared": json.dumps(declared()),
    }
    return {**form, **changes}


def confirm(client, extract, **changes):
    return client.post(reverse("extract", kwargs={"id": extract.pk}), sent(**changes))


def test_a_budget_is_entered_fitted_with_and_shown(client, admin, extract, monkeypatch):
    monkeypatch.setattr(private_fit, "OpenDP", lambda: Seeded(1))
    client.force_login(admin)
    page = text(client.get(reverse("extract", kwargs={"id": extract.pk})))
    assert "Differential privacy" in page
    assert confirm(client, extract).status_code == 302
    profile = Profile.objects.get()
    jobs.fit_profile(str(profile.pk))
    profile.refresh_from_db()
    assert (profile.state, profile.error) == ("fitted", "")
    assert opened(profile).ledger["epsilon"] == 3
    assert profile.facts["private"]["neighbours"] == "add or remove one row"
    assert profile.facts["rows"] == opened(profile).summary.tables["people"].rows
    assert budget.spent("Crew") == 3
    told = text(client.get(reverse("profile", kwargs={"id": profile.pk})))
    assert "neighbours: add or remove one row" in told
    assert "Source: Crew" in told
    assert "held against real rows" in told
    assert "rows, as the noise has it" in told
    for measured in ("Smallest group", "a trial on half", "Measured on a trial"):
        assert measured not in told


def calibrating(client, extract, declared, **changes):
    """The page as it is filled in, sent to calibrate the built-in profile with epsilon 10."""
    url = reverse("extract", kwargs={"id": extract.pk})
    form = fields(text(client.get(url)))
    asked = {"epsilon": "10", "delta": "1e-9", "source": "Leads", "onto": "automotive"}
    return client.post(url, {**form, **asked, "declared": json.dumps(declared), **changes})


def test_a_private_fit_is_brought_onto_the_platform_s_tables(client, admin, data, monkeypatch):
    monkeypatch.setattr(private_fit, "OpenDP", lambda: Seeded(1))
    client.force_login(admin)
    extract = inspected(admin, "sales_lead", leads.leads())
    assert calibrating(client, extract, leads.document()).status_code == 302
    profile = Profile.objects.get()
    jobs.fit_profile(str(profile.pk))
    profile.refresh_from_db()
    assert (profile.state, profile.error) == ("fitted", "")
    made = opened(profile)
    assert made.calibration.base == "automotive"
    assert made.ledger["epsilon"] == 10
    assert profile.facts["rows"] == made.calibration.rows["sales_lead"]
    assert b"canary" not in (data / profile.path).read_bytes()
    told = text(client.get(reverse("profile", kwargs={"id": profile.pk})))
    assert "were counted on rows drawn from a fit with differential privacy" in told
    assert "Source: Leads" in told


def test_what_calibrates_nothing_is_said_before_anything_is_spent(client, admin, data):
    client.force_login(admin)
    extract = inspected(admin, "sales_lead", leads.leads())
    declared = leads.document()
    fields = declared["resources"][0]["schema"]["fields"]
    left_out = {f"0-columns-{at}-kind": LEFT_OUT for at in range(2, len(fields))}
    del fields[2:]
    answer = calibrating(client, extract, declared, **left_out)
    assert answer.status_code == 422
    assert "has the name and half of the" in text(answer)
    assert not Spending.objects.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"epsilon": "much"}, "Write epsilon as a number, such as 1 or 0.5."),
        ({"delta": "little"}, "Write delta as a number, such as 1e-9."),
        ({"epsilon": "0"}, "Epsilon is 0; it must lie between"),
        ({"declared": "{"}, "The declaration is not JSON"),
        ({"declared": ""}, "it has no resources"),
        ({"source": ""}, "Name the source of the data"),
        ({"0-columns-1-kind": LEFT_OUT}, "The column people.age must be declared and in"),
        ({"epsilon": "11"}, "have spent epsilon 0 of 10; at most 10 is left"),
    ],
)
def test_what_does_not_fit_is_said_on_the_page(client, admin, extract, changes, said):
    client.force_login(admin)
    answer = confirm(client, extract, **changes)
    assert answer.status_code == 422
    assert said in text(answer)
    assert not Spending.objects.exists()


def charged(admin, name, epsilon, state="fitted", source="Crew"):
    profile = Profile.objects.create(name=name, title=name, state=state)
    with transaction.atomic():
        asked = {"epsilon": epsilon, "delta": 1e-9, "unit": "row", "source": source}
        budget.charge(admin, profile, asked)
    return profile


def test_fits_of_one_source_add_up_to_the_limit(admin, settings):
    settings.EPSILON_LIMIT = 4
    first = charged(admin, "first", 3.0)
    charged(admin, "other", 3.0, source="Others")
    with pytest.raises(budget.Spent, match="have spent epsilon 3 of 4; at most 1 is left"):
        charged(admin, "second", 1.5)
    charged(admin, "third", 1.0)
    assert budget.spent("Crew") == 4
    first.delete()
    assert budget.spent("Crew") == 4, "what was given away stays spent"
    assert Source.objects.count() == 2


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_fit_of_which_nothing_was_kept_does_not_count(admin, settings, state):
    settings.EPSILON_LIMIT = 4
    profile = charged(admin, "first", 3.0)
    Profile.objects.filter(pk=profile.pk).update(state=state)
    assert budget.spent("Crew") == 0
    charged(admin, "second", 3.0)
    with transaction.atomic():
        assert "at most 1 is left" in budget.charge_again(profile)
