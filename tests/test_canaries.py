"""No value of a person stays behind: from upload to bundle on a real portal, then every byte of its
data folder, database, broker, temporary folder and logs is looked at."""

import base64
import gzip
import json
import re
import signal
import zipfile
from uuid import UUID

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

# What each step sends, as a browser would: the pages' own fields, with changes.
CLIENT = """
import json
from pathlib import Path
from django.contrib.auth import get_user_model
from django.test import Client
from tests.canaries import fields
user, _ = get_user_model().objects.get_or_create(
    username="keeper", defaults={"is_staff": True, "is_superuser": True}
)
client = Client(SERVER_NAME="localhost")
client.force_login(user)
"""
UPLOAD = """
with open({path!r}, "rb") as file:
    answer = client.post("/profiles/new/", {{"file": file, "name": {name!r}}})
print(answer.get("Location") or answer.content.decode()[:2000])
"""
SEND = """
filled = fields(client.get({page!r}).content.decode())
answer = client.post({address!r}, filled | json.loads({changes!r}))
if {then!r}:
    client.post(answer["Location"] + {then!r})
print(answer.status_code, answer.get("Location") or answer.content.decode()[:20000])
"""
KEEP = """
for number, address in enumerate(json.loads({addresses!r})):
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    content = b"".join(answer) if answer.streaming else answer.content
    Path({folder!r}, f"{{number}}.page").write_bytes(content)
"""
BUNDLE = """
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
with transaction.atomic():
    bundle = Bundle.objects.create(
        owner=user, name="Visits", profile=profile, recipe=recipe.to_dict(), plan=plan
    )
    jobs.enqueue(bundle)
print(bundle.pk.hex)
"""
DECLARED = {
    "resources": [
        {
            "name": "visits",
            "schema": {
                "fields": [
                    {"name": "name", "type": "string", "personal": "name"},
                    {"name": "mail", "type": "string", "personal": "email"},
                    {"name": "vin", "type": "string", "personal": "vin"},
                    {"name": "phone", "type": "string", "personal": "phone"},
                    {
                        "name": "place",
                        "type": "string",
                        "constraints": {"enum": ["Springfield", "Riverside", "Fairview"]},
                    },
                    {
                        "name": "amount",
                        "type": "integer",
                        "constraints": {"minimum": 0, "maximum": 4000},
                    },
                    {"name": "note", "type": "string", "personal": "free_text"},
                ]
            },
        }
    ]
}


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


def keys_of(folder):
    """The key of tokens, outside of the data and inside of what is searched."""
    (folder / "keys").mkdir()
    (folder / "keys" / "key").touch(mode=0o600)
    (folder / "keys" / "key").write_text(f"canaries {'5a' * 32}")


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    folder = tmp_path_factory.mktemp("canaries")
    (folder / "temporary").mkdir()
    settings = {
        "TMPDIR": str(folder / "temporary"),
        "DEMO": "0",
        "TOKEN_KEY_FILE": str(folder / "keys" / "key"),
    }
    keys_of(folder)
    portal = PortalProcess(folder / "data", **settings).start()
    yield portal
    if portal.process.poll() is None:
        portal.stop()


class Keeper:
    """An administrator of the portal who brings the same extract again and again."""

    def __init__(self, portal, source):
        self._portal, self._source = portal, source

    def does(self, code, **told):
        return self._portal.shell(CLIENT + code.format(**told))

    def uploads(self, name):
        """The address of the extract, once it was looked at."""
        address = self.does(UPLOAD, path=str(self._source), name=name)
        self.waits("extract", "inspected")
        return address

    def sends(self, page, address="", status=302, then="", **changes):
        """Fill in the page and send it; ``then`` is sent to at once where it leads."""
        said = self.does(
            SEND, page=page, address=address or page, then=then, changes=json.dumps(changes)
        )
        assert said.startswith(str(status)), said
        return said.partition(" ")[2]

    def waits(self, table, *states):
        def there():
            row = self.last(table)
            return row if row["state"] in states else None

        return until(there, seconds=120, what=f"{table} {states}, not {tuple(self.last(table))}")

    def last(self, table):
        return self._portal.query(
            f"SELECT id, state, error FROM portal_{table} ORDER BY created_at DESC"
        )[0]

    def keeps(self, folder, *addresses):
        folder.mkdir()
        self.does(KEEP, addresses=json.dumps(addresses), folder=str(folder))


@pytest.fixture(scope="module")
def searched(portal, tmp_path_factory):
    """The folder of a portal through which the extract went in every way, and the name of the
    folder in it that has the masked copy."""
    source = tmp_path_factory.mktemp("source") / "visits.parquet"
    pq.write_table(visits(), source)
    keeper, folder = Keeper(portal, source), portal.folder.parent
    first = keeper.uploads("Visits")
    copy = keeper.sends(first, f"{first}copy/")
    masked = keeper.waits("bundle", "ready")["id"]
    profile = keeper.sends(first)
    keeper.waits("profile", "fitted")
    bundle = keeper.does(BUNDLE.replace("{", "{{").replace("}", "}}"))
    portal.wait_state(bundle, "ready")

    budget = {"epsilon": "5", "source": "Visits", "declared": json.dumps(DECLARED), "unit": ""}
    private = keeper.sends(keeper.uploads("Private"), **budget)
    keeper.waits("profile", "fitted")
    cancelled = keeper.sends(keeper.uploads("Cancelled"), then="cancel/")
    keeper.waits("profile", "cancelled")
    wrong = keeper.uploads("Wrong")
    keeper.sends(wrong, status=422, **{"0-columns-0-kind": "never"})
    (folder / "keys" / "key").chmod(0o644)  # a key that others can read is not used
    failed = keeper.sends(wrong)
    keeper.waits("profile", "failed")
    gone = keeper.uploads("Gone")
    keeper.sends(gone, f"{gone}discard/")
    keeper.sends(profile, f"{profile}retire/")

    shown = f"/bundles/{UUID(bundle)}/"
    keeper.keeps(
        folder / "pages",
        *(first, wrong, gone, profile, private, cancelled, failed, shown, "/profiles/", "/"),
        *(f"{profile}comparison.html", f"{shown}comparison.html", f"{profile}file"),
        *(f"{profile}figures/", f"{shown}figures/", f"{profile}dictionary/"),
        *("/trail/", "/trail/trail.csv", "/trail/trail.jsonl"),
    )
    (folder / "pages" / "copy").mkdir()
    keeper.keeps(folder / "pages" / "copy" / masked, copy, f"{copy}comparison.html")
    portal.process.send_signal(signal.SIGINT)
    printed = portal.process.communicate(timeout=30)
    (folder / "printed").write_text(portal.line + "".join(printed))
    return folder, masked


def test_nothing_of_a_person_stays_behind(searched):
    folder, masked = searched
    planted = [value for values in PLANTED.values() for value in values] + ["Quillfeather"]
    copied = (masked, str(UUID(masked)))  # it has real rows, with tokens for what is personal
    free = {*PLANTED["place"], *PLANTED["amount"]}
    behind = [
        one
        for one in found(folder, planted)
        if not (one.split("”")[0].lstrip("“") in free and any(name in one for name in copied))
    ]
    assert behind == []


def test_it_was_all_there(searched):
    folder, _ = searched
    names = {path.name for path in folder.rglob("*") if path.is_file()}
    assert {"visits.csv", "visits.csv.gz", "bundle.sqlite3", "postgres.sql", "key"} <= names
    profiles = [path.name for path in folder.rglob("*.profile")]
    assert {one.split("-")[0] for one in profiles} == {"visits", "private"}
    assert found(folder, PLANTED["amount"])  # in the masked copy, whose numbers are not personal
    trail = (folder / "pages" / "17.page").read_text()
    assert {"fitted", "cancelled", "failed", "deleted", "retired"} <= {*re.findall(r"\w+", trail)}


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
