"""No value of a person stays behind: from upload to bundle on a real portal, then every byte of its
data folder, database, broker, temporary folder and logs is looked at."""

import base64
import gzip
import json
import signal
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.canaries import found
from tests.extracts import random
from tests.portal_process import PortalProcess, until

ROWS = 240
WORD = "Quillfeather Zürn"
PLANTED = {
    "name": [WORD, "Marrowgate Vexbury"],
    "mail": ["quillfeather.zurn@thistle-mail.com", "vexbury77@thistle-mail.com"],
    "vin": ["1HGCM82633A004352", "WBA3A5C51CF256651"],
    "phone": ["+1 415 867 5309", "+1 415 867 4321"],
    "place": ["Grumbleton-on-Sea", "Snorkwhistle"],
    "amount": ["98765431", "87654329"],
    "note": ["brought by Quillfeather Zürn", "call vexbury77@thistle-mail.com"],
}

BEGIN = """
from django.contrib.auth import get_user_model
from django.test import Client
admin = get_user_model().objects.create_superuser("keeper", "k@example.com", "x")
client = Client(SERVER_NAME="localhost")
client.force_login(admin)
with open({path!r}, "rb") as file:
    answer = client.post("/profiles/new/", {{"file": file, "name": "Visits"}})
print(answer.get("Location") or answer.content.decode()[:2000])
"""
CONFIRM = """
from django.contrib.auth import get_user_model
from django.test import Client
from tests.canaries import fields
client = Client(SERVER_NAME="localhost")
client.force_login(get_user_model().objects.get(username="keeper"))
answer = client.post({address!r}, fields(client.get({address!r}).content.decode()))
print(answer.status_code, answer.get("Location", ""))
"""
BUNDLE = """
from django.contrib.auth import get_user_model
from django.db import transaction
import generator
from portal import jobs
from portal.models import Bundle, Profile
from portal.plans import plan_document
from portal.profiles import document
profile = Profile.objects.get(title="Visits")
Profile.objects.filter(pk=profile.pk).update(state="published")
profile.refresh_from_db()
formats = ["csv", "csv.gz", "parquet", "jsonl", "sqlite"]
recipe = generator.Recipe.from_dict({"profile": profile.name, "seed": 3, "formats": formats})
plan = plan_document(generator.plan(document(profile), recipe))
owner = get_user_model().objects.get(username="keeper")
with transaction.atomic():
    bundle = Bundle.objects.create(
        owner=owner, name="Visits", profile=profile, recipe=recipe.to_dict(), plan=plan
    )
    jobs.enqueue(bundle)
print(bundle.pk.hex)
"""


def visits():
    rng = random(8)
    firsts, lasts = ["Mary", "John", "Linda", "David"], ["Smith", "Lee", "Young", "Miller"]
    rows = {
        "name": [f"{rng.choice(firsts)} {rng.choice(lasts)}" for _ in range(ROWS)],
        "mail": [f"person{n}@mail.example" for n in range(ROWS)],
        "vin": [f"1HGCM82633A{n:06}" for n in range(ROWS)],
        "phone": [f"+1 212 736 {n:04}" for n in range(1000, 1000 + ROWS)],
        "place": rng.choice(["Springfield", "Riverside", "Fairview"], ROWS).tolist(),
        "amount": [str(n) for n in rng.integers(10, 4_000, ROWS)],
        "note": [f"looked at the brakes, took {n} minutes" for n in rng.integers(5, 99, ROWS)],
    }
    for name, values in PLANTED.items():
        for at, value in enumerate(values):
            rows[name][at + 3] = value
    return pa.table(rows)


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    folder = tmp_path_factory.mktemp("canaries")
    (folder / "temporary").mkdir()
    settings = {"TMPDIR": str(folder / "temporary"), "DEMO": "0", "TOKEN_KEY_FILE": ""}
    portal = PortalProcess(folder / "data", **settings).start()
    yield portal
    if portal.process.poll() is None:
        portal.stop()


def state(portal, table):
    rows = portal.query(f"SELECT state, error FROM portal_{table} ORDER BY created_at DESC")
    return tuple(rows[0]) if rows else ("", "")


def test_nothing_of_a_person_stays_behind(portal, tmp_path):
    source = tmp_path / "visits.parquet"
    pq.write_table(visits(), source)
    address = portal.shell(BEGIN.format(path=str(source)))
    until(lambda: state(portal, "extract")[0] == "inspected", what=state(portal, "extract"))
    assert portal.shell(CONFIRM.format(address=address)).startswith("302 /profiles/")
    fitted = ("review", "fitted", "published", "failed")
    until(lambda: state(portal, "profile")[0] in fitted, seconds=120, what="a fit")
    assert state(portal, "profile") != ("failed", ""), state(portal, "profile")
    bundle = portal.shell(BUNDLE)
    portal.wait_state(bundle, "ready")
    portal.process.send_signal(signal.SIGINT)
    printed = portal.process.communicate(timeout=30)
    folder = portal.folder.parent
    (folder / "printed").write_text(portal.line + "".join(printed))
    planted = [value for values in PLANTED.values() for value in values] + ["Quillfeather"]
    assert found(folder, planted) == []
    assert any(path.name == "visits.csv" for path in folder.rglob("*.csv"))  # it was all there


@pytest.mark.parametrize(
    "hide",
    [
        lambda text: text.encode("utf-16-le"),
        lambda text: json.dumps({"a": text}).encode(),
        lambda text: gzip.compress(b"before " + text.encode()),
        lambda text: base64.b64encode(b"x" + text.encode() + b" and more"),
        lambda text: base64.b64encode(b"xy" + text.encode() + b" and more"),
    ],
)
def test_the_search_finds_what_is_hidden(hide, tmp_path):
    (tmp_path / "file").write_bytes(hide(WORD))
    assert found(tmp_path, [WORD])
    assert not found(tmp_path, ["somebody else"])


def test_the_search_looks_into_archives_and_parquet(tmp_path):
    table = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"a": [WORD] * 50}), table, compression="zstd")
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(table, "deep/rows.parquet")
    table.unlink()
    said = found(tmp_path, [WORD])
    assert any("all.zip: deep/rows.parquet: a (UTF-8)" in one for one in said)
