"""A masked copy from the page where an extract is confirmed: a bundle with its download page."""

import io
import re
import stat
from datetime import date

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pytest
from django.urls import reverse

import generator
from generator.anonymize.fiction import slots
from portal import broker, jobs
from portal.models import Bundle, Extract, Profile
from portal.private_files import private_files
from portal.token_register import token_register
from tests.canaries import fields

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 60
PEOPLE = pa.table(
    {
        "person_id": [f"P{n:03}" for n in range(ROWS)],
        "email": [f"someone{n}@mail.example" for n in range(ROWS)],
        "paid": [f"{n}.50" for n in range(ROWS)],
    }
)


@pytest.fixture
def extract(client, admin, data, monkeypatch):
    """An upload of an administrator's that was looked at."""
    monkeypatch.setattr(broker, "push", lambda row: None)
    client.force_login(admin)
    return uploaded(client, PEOPLE)


def uploaded(client, table):
    file = io.BytesIO()
    arrow_csv.write_csv(table, file)
    file.name, _ = "people.csv", file.seek(0)
    client.post(reverse("upload"), {"file": file, "name": "People"})
    extract = Extract.objects.latest("created_at")
    jobs.inspect_extract(str(extract.pk))
    extract.refresh_from_db()
    assert extract.state == "inspected", extract.error
    return extract


def test_a_copy_is_a_bundle_with_its_download_page(extract, client, alice):
    page = client.get(reverse("extract", args=[extract.pk])).content.decode()
    answer = client.post(reverse("extract-copy", args=[extract.pk]), fields(page))
    bundle = Bundle.objects.get()
    assert answer["Location"] == reverse("bundle", args=[bundle.pk])
    jobs.make_bundle(str(bundle.pk))
    bundle.refresh_from_db()
    assert bundle.state == "ready", bundle.error
    names = {file.path for file in bundle.files.all()}
    assert names >= {"people.csv", "people.parquet", "bundle.sqlite3", "postgres.sql", "mysql.sql"}
    assert names >= {"dictionary.md", "diagram.svg", "datapackage.json", "manifest.json"}
    with private_files().open(f"{bundle.path}/people.csv") as file:
        content = file.read()
    assert b"someone" not in content
    assert content.count(b"@example.") == ROWS
    page = client.get(reverse("bundle", args=[bundle.pk])).content.decode()
    assert "people.csv" in page
    assert "somebody&#x27;s real row" in page
    for drawn in ("same seed, same bytes", "The recipe makes them again", "Against the reference"):
        assert drawn not in page
    assert reverse("compose") + "?bundle=" not in page
    page = client.get(reverse("bundle-dictionary", args=[bundle.pk])).content.decode()
    assert 'id="people"' in page
    assert "email" in page
    profile = Profile.objects.get(kind="masked")
    assert client.get(reverse("profile", args=[profile.pk])).status_code == 404
    assert "masked copy" not in client.get(reverse("profiles")).content.decode()
    client.force_login(alice)
    assert client.get(reverse("bundle", args=[bundle.pk])).status_code == 404


def test_days_move_by_person_and_numbers_are_of_the_region(client, admin, data, monkeypatch):
    monkeypatch.setattr(broker, "push", lambda row: None)
    client.force_login(admin)
    days = [f"2025-{1 + n % 12:02}-{1 + n // 20:02}" for n in range(240)]
    numbers = [f"030 90{n % 60:04}" for n in range(240)]
    visits = pa.table(
        {"owner_no": [f"P{n % 60:03}" for n in range(240)], "seen": days, "phone": numbers}
    )
    extract = uploaded(client, visits)
    page = client.get(reverse("extract", args=[extract.pk])).content.decode()
    said = {"unit": "people.owner_no", "region": "de", "0-columns-2-personal": "phone"}
    client.post(reverse("extract-copy", args=[extract.pk]), fields(page) | said)
    bundle = Bundle.objects.get()
    jobs.make_bundle(str(bundle.pk))
    bundle.refresh_from_db()
    assert bundle.state == "ready", bundle.error
    with private_files().open(f"{bundle.path}/people.csv") as file:
        made = arrow_csv.read_csv(io.BytesIO(file.read()))
    moved = [
        (new - date.fromisoformat(old)).days
        for new, old in zip(made["seen"].to_pylist(), days, strict=True)
    ]
    assert all(moved)
    assert moved[:60] == moved[60:120] == moved[120:180]
    assert len({*moved}) > 20
    plain = [str(one).replace(" ", "").lstrip("0") for one in made["phone"].to_pylist()]
    assert {*plain} <= {*slots(49)}


def copied(client, numbers):
    """Tokens of telephone numbers in a copy of an upload of their own."""
    rows = {"person_id": [f"P{n:03}" for n in range(len(numbers))], "phone": numbers}
    extract = uploaded(client, pa.table(rows))
    page = client.get(reverse("extract", args=[extract.pk])).content.decode()
    assert f"{len(numbers)} values for 45,100 tokens (kept for fiction under +1)" in page
    client.post(reverse("extract-copy", args=[extract.pk]), fields(page))
    bundle = Bundle.objects.latest("created_at")
    jobs.make_bundle(str(bundle.pk))
    bundle.refresh_from_db()
    assert bundle.state == "ready", bundle.error
    with private_files().open(f"{bundle.path}/people.csv") as file:
        made = arrow_csv.read_csv(io.BytesIO(file.read()))
    return dict(zip(numbers, made["phone"].to_pylist(), strict=True))


def test_numbers_kept_for_fiction_are_given_once_over_all_uploads(
    client, admin, data, monkeypatch, settings, tmp_path
):
    settings.TOKEN_REGISTER_FILE = tmp_path / "home" / "register"
    monkeypatch.setattr(broker, "push", lambda row: None)
    client.force_login(admin)
    numbers = [f"+1 212 736 {n:04}" for n in range(1000, 1150)]
    first = copied(client, numbers[60:])
    second = copied(client, numbers)
    assert {number: second[number] for number in first} == first
    assert len({*second.values()}) == len(numbers)
    assert stat.S_IMODE(settings.TOKEN_REGISTER_FILE.stat().st_mode) == 0o600
    kept = settings.TOKEN_REGISTER_FILE.read_text()
    assert "736" not in re.sub(r'"[0-9a-f]{32}": \d+', "", kept)
    assert kept.count(": ") == 1 + len(numbers)


def test_too_few_tokens_are_said_before_the_run(client, admin, data, monkeypatch):
    monkeypatch.setattr(broker, "push", lambda row: None)
    client.force_login(admin)
    numbers = [f"+46 70 {n // 1000:03} {n % 1000:03}" for n in range(0, 400_000, 1000)]
    extract = uploaded(client, pa.table({"phone": numbers}))
    page = client.get(reverse("extract", args=[extract.pk])).content.decode()
    assert "400 values for 220 tokens (kept for fiction under +46); too few" in page


def test_two_runs_give_numbers_one_after_the_other(settings, tmp_path):
    settings.TOKEN_REGISTER_FILE = tmp_path / "register"
    with token_register(lambda: False) as register:
        register.of("phone")["a" * 32] = 7
        with pytest.raises(generator.Cancelled), token_register(lambda: True):
            raise AssertionError("both hold it")
    with token_register(lambda: False) as register:
        assert register.of("phone") == {"a" * 32: 7}


def test_numbers_of_a_run_that_failed_are_not_kept(settings, tmp_path):
    settings.TOKEN_REGISTER_FILE = tmp_path / "register"
    with pytest.raises(ZeroDivisionError), token_register(lambda: False) as register:
        register.of("phone")["a" * 32] = 1 // 0
    with token_register(lambda: False) as register:
        assert not register.of("phone")


def test_a_register_that_cannot_be_kept_is_one_sentence(settings, tmp_path):
    (tmp_path / "file").touch()
    settings.TOKEN_REGISTER_FILE = tmp_path / "file" / "register"
    said = pytest.raises(generator.StorageError, match="set TOKEN_REGISTER_FILE to a file")
    with said, token_register(lambda: False):
        pass


def test_a_profile_can_be_fitted_beside_it(extract, client):
    page = client.get(reverse("extract", args=[extract.pk])).content.decode()
    client.post(reverse("extract-copy", args=[extract.pk]), fields(page))
    client.post(reverse("extract", args=[extract.pk]), fields(page))
    assert Profile.objects.filter(kind="fitted", state="fitting").count() == 1


def test_a_copy_whose_extract_is_gone_says_so(extract, client):
    page = client.get(reverse("extract", args=[extract.pk])).content.decode()
    client.post(reverse("extract-copy", args=[extract.pk]), fields(page))
    Extract.objects.update(path="")
    bundle = Bundle.objects.get()
    jobs.make_bundle(str(bundle.pk))
    bundle.refresh_from_db()
    assert bundle.state == "failed"
    assert "upload it again" in bundle.error
