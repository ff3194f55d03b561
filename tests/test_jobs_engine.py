"""The job around the real engine and a small world: the same bytes whatever happens meanwhile."""

import gzip
import io
import os
import resource
import signal
import threading
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest
from django.urls import reverse

import generator
from portal import jobs
from portal.models import Bundle, Extract, Profile
from portal.profiles import document
from tests.laid import lay
from tests.other_figures import drawn
from tests.small import small_profile
from tests.used_cars import used_cars

pytestmark = pytest.mark.django_db(transaction=True)
RECIPE = {"profile": "small", "seed": 7, "formats": ["csv", "sqlite"]}


@pytest.fixture
def make(alice, make_bundle, data, monkeypatch):
    """``make(parents)``: a bundle that was made, or failed."""
    monkeypatch.setattr(jobs, "document", lambda profile: small_profile())

    def make(parents, **fields):
        bundle = make_bundle(alice, recipe=RECIPE | {"rows": {"parent": parents}}, **fields)
        jobs.make_bundle(str(bundle.pk))
        bundle.refresh_from_db()
        return bundle

    return make


def left(data):
    return list((data / "work").iterdir()) + list((data / "bundles").glob("*/*"))


def test_a_table_in_parts_is_published_packed_and_downloaded(
    make, data, client, alice, monkeypatch
):
    parquet = replace(generator.FORMATS["parquet"], longest=40)
    monkeypatch.setitem(generator.FORMATS, "parquet", parquet)
    monkeypatch.setitem(RECIPE, "formats", ["parquet"])
    bundle = make(30)
    parts = [file for file in bundle.files.all() if file.path.startswith("child.parquet/")]
    assert [file.path[14:] for file in parts] == [f"part-{n:05d}.parquet" for n in range(3)]
    assert {file.rows for file in parts} == {20}
    packed = zipfile.ZipFile(data / bundle.path / "deals.zip")
    assert packed.read(parts[1].path) == (data / bundle.path / parts[1].path).read_bytes()
    client.force_login(alice)
    url = reverse("bundle-file", kwargs={"id": bundle.pk, "path": parts[1].path})
    answer = client.get(url)
    assert answer["Content-Disposition"] == "attachment; filename*=UTF-8''part-00001.parquet"


def test_files_of_folders_of_a_format_are_listed_and_downloaded(
    make, data, client, alice, monkeypatch
):
    monkeypatch.setitem(RECIPE, "formats", ["api-json"])
    bundle = make(30)
    assert bundle.error == ""
    rows = {f.path: f.rows for f in bundle.files.all() if f.format == "api-json"}
    assert rows == {"tables/parent.jsonl": 30, "tables/child.jsonl": 60}
    client.force_login(alice)
    url = reverse("bundle-file", kwargs={"id": bundle.pk, "path": "tables/child.jsonl"})
    assert url in client.get(reverse("bundle", args=[bundle.pk])).content.decode()
    answer = client.get(url)
    assert answer["Content-Type"] == "application/x-ndjson"
    assert answer["Content-Disposition"] == "attachment; filename*=UTF-8''child.jsonl"


def test_a_bundle_of_two_tables(make, data):
    bundle = make(30)
    assert bundle.error == ""
    assert bundle.rows == 90
    files = {file.path: file for file in bundle.files.all()}
    assert files["parent.csv"].rows == 30
    assert files["child.csv"].rows == 60
    assert files["bundle.sqlite3"].rows == 90
    assert files["manifest.json"].rows is None
    assert all(
        file.bytes == (data / bundle.path / file.path).stat().st_size for file in files.values()
    )
    done = {table: found[:2] for table, found in bundle.progress["tables"].items()}
    assert done == {"parent": [30, 30], "child": [60, 60]}


def test_one_process_or_two_make_the_same(make, settings):
    settings.SAMPLE_PROCESSES = 1
    alone = make(30)
    settings.SAMPLE_PROCESSES = 2
    assert make(30).receipt == alone.receipt


def test_a_process_killed_while_it_draws_sends_the_run_back(make, data):
    """Its parent notices; the row waits for the next worker."""

    ours = os.getpid()
    children = Path(f"/proc/{ours}/task/{ours}/children")
    others = set(children.read_text().split())

    def kill_one():
        while not (born := set(children.read_text().split()) - others):
            time.sleep(0.005)
        os.kill(int(born.pop()), signal.SIGKILL)

    killer = threading.Thread(target=kill_one)
    killer.start()
    bundle = make(3_000)
    killer.join()
    assert bundle.state == Bundle.State.QUEUED
    assert bundle.attempt == 1
    assert left(data) == []
    jobs.make_bundle(str(bundle.pk))
    bundle.refresh_from_db()
    assert bundle.state == Bundle.State.READY
    assert bundle.receipt == make(3_000).receipt


def test_a_file_that_cannot_be_written_is_one_sentence(make, data, settings):
    """A limit on the size of files stands in for the disk: the system refuses in mid-file."""
    settings.SAMPLE_PROCESSES = 1
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, before[1]))
    try:
        bundle = make(3_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert bundle.state == Bundle.State.FAILED
    assert "nothing half-written was kept" in bundle.error.lower()
    assert left(data) == []


@pytest.fixture
def profile(admin, data):
    """A profile to be fitted from an extract that was inspected."""
    extract = Extract(owner=admin, name="cars", original_name="cars.csv")
    lay(extract, **{"cars.csv": used_cars(800).encode()})
    jobs.inspect_extract(str(extract.pk))
    extract.refresh_from_db()
    assert (extract.state, extract.rows, extract.columns) == ("inspected", 800, 7)
    return Profile.objects.create(name="cars", title="Cars", extract=extract, created_by=admin)


REFUSED = {
    "broken.csv": (b"a,b\n1,2\nsecret,4,5\n", "row 3: 3 fields where the header has 2"),
    "latin.csv": (b"a,b\n1,caf\xe9\n", "row 2 (byte 9) is not UTF-8"),
    "twice.csv": (b"a,b,a\n1,2,3\n", "columns 1 and 3 have the same name"),
    "norows.csv": (b"a,b\n", "has a header and no rows"),
    "bomb.csv.gz": (gzip.compress(b"a,b\n" + b"0,0\n" * 4_000_000), "archive bomb"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_used_is_refused_with_one_sentence(admin, data, name):
    content, words = REFUSED[name]
    extract = Extract(owner=admin, name="cars", original_name=name)
    lay(extract, **{name: content})
    jobs.inspect_extract(str(extract.pk))
    extract.refresh_from_db()
    assert extract.state == Extract.State.REFUSED
    assert words in extract.error
    assert name in extract.error
    assert "secret" not in extract.error
    assert (data / extract.path).exists()
    assert not list((data / "work").iterdir())


def fit(profile):
    jobs.fit_profile(str(profile.pk))
    profile.refresh_from_db()
    return profile


def test_a_fit_ends_with_a_certificate_and_its_extract_is_deleted(profile, data, admin, client):
    extract = data / profile.extract.path
    assert extract.exists()
    assert fit(profile).state == Profile.State.FITTED, profile.error
    assert not extract.exists()
    assert document(profile).schema["cars"].column_names[0] == "brand"
    assert profile.certificate["scores"]["univariate"]["accuracy"] > 0.9
    client.force_login(admin)
    page = client.get(reverse("profile", kwargs={"id": profile.pk})).content.decode()
    for said in ("Column shapes", "Detection, AUC", "Membership inference, AUC", "Identical rows"):
        assert said in page
    kept = client.get(reverse("profile-file", kwargs={"id": profile.pk}))
    assert b"".join(kept.streaming_content) == (data / profile.path).read_bytes()
    assert not list((data / "work").iterdir())


def test_as_many_persons_share_what_is_kept_as_was_asked(profile):
    profile.extract.confirmed = {**profile.extract.inferred, "k": 50}
    profile.extract.save()
    assert fit(profile).state == Profile.State.FITTED, profile.error
    assert document(profile).summary.k == 50


def test_a_cancelled_fit_keeps_its_extract_and_may_be_tried_again(profile, data, monkeypatch):
    told = []

    def cancel_at_once(run, stage, share):
        told.append((stage, share))
        Profile.objects.filter(pk=profile.pk, state="fitting").update(state="cancelling")
        run._asked_to_stop = True

    monkeypatch.setattr(jobs.Run, "tell", cancel_at_once)
    assert fit(profile).state == Profile.State.CANCELLED
    assert told
    assert (data / profile.extract.path).exists()
    assert not list((data / "work").iterdir())
    assert not list(data.glob("profiles/*"))
    monkeypatch.undo()
    assert profile.retry()
    assert fit(profile).state == Profile.State.FITTED


def test_an_extract_of_the_platform_may_calibrate_the_built_in_profile(admin, data, client):
    """The pages ask for days and domains as they do of the built-in profile."""
    rows = drawn(generator.automotive(), {"deal": 500}, seed=1, table="deal")
    content = io.BytesIO()
    pa.csv.write_csv(rows, content)
    extract = Extract(owner=admin, name="ours", original_name="deal.csv")
    lay(extract, **{"deal.csv": content.getvalue()})
    jobs.inspect_extract(str(extract.pk))
    extract.refresh_from_db()
    extract.confirmed = {**extract.inferred, "onto": "automotive"}
    extract.save()
    profile = Profile.objects.create(name="ours", title="Ours", extract=extract, created_by=admin)
    assert fit(profile).state == Profile.State.FITTED, profile.error
    kept = document(profile)
    assert (kept.kind, kept.calibration.rows) == ("calibrated", {"deal": 500})
    client.force_login(admin)
    shown = client.get(reverse("profile", kwargs={"id": profile.pk})).content.decode()
    assert "Calibrated · ours version 1" in shown
    assert profile.submit(admin)
    assert profile.publish(admin)
    page = client.get(reverse("compose"), {"profile": profile.pk}).content.decode()
    assert 'name="from"' in page
