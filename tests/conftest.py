"""The cast: alice owns, bob and charlie must see nothing of hers, admin brings extracts and
decides."""

from __future__ import annotations

import hashlib
import json
import subprocess
from typing import Any

import pytest
from django.conf import settings

from tests.portal_process import until


def pytest_configure() -> None:
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    # A file, as in production: the runs' threads and the live server open connections of their own.
    settings.DATABASES["default"]["TEST"]["NAME"] = settings.PORTAL_DATA / "test.sqlite3"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def data(tmp_path, settings):
    """A fresh data folder."""
    settings.PORTAL_DATA = tmp_path / "data"
    settings.FILE_UPLOAD_TEMP_DIR = settings.PORTAL_DATA / "work"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir(parents=True)
    return settings.PORTAL_DATA


@pytest.fixture
def alice(django_user_model):
    return django_user_model.objects.create_user("alice", password="alice-pw")


@pytest.fixture
def bob(django_user_model):
    return django_user_model.objects.create_user("bob", password="bob-pw")


@pytest.fixture
def charlie(django_user_model):
    return django_user_model.objects.create_user("charlie", password="charlie-pw")


@pytest.fixture
def admin(django_user_model):
    return django_user_model.objects.create_superuser("admin", password="admin-pw")


@pytest.fixture
def automotive(db):
    from portal.models import Profile

    return Profile.objects.create(
        name="automotive",
        title="Automotive retail",
        kind=Profile.Kind.BUILTIN,
        state=Profile.State.PUBLISHED,
        hash="0" * 64,
    )


@pytest.fixture
def make_bundle(automotive):
    """``make_bundle(alice, state="ready", rows=…)``"""
    from portal.models import Bundle

    def make(owner: Any, **fields: Any) -> Bundle:
        defaults = {"name": "Deals", "profile": automotive, "recipe": {"seed": 7}}
        return Bundle.objects.create(owner=owner, **(defaults | fields))

    return make


@pytest.fixture(scope="session")
def _valkey():
    """A real broker where the settings expect the embedded one."""
    from portal.supervisor import broker_answers, broker_command

    settings.BROKER_FOLDER.mkdir(parents=True, exist_ok=True)
    log = (settings.BROKER_FOLDER / "log").open("wb")
    process = subprocess.Popen(broker_command(), stdout=log, stderr=log)
    try:
        until(broker_answers, seconds=10, what="an answer of the broker")
        yield process
    finally:
        process.kill()
        process.wait()
        log.close()


@pytest.fixture
def valkey(_valkey):
    """A running broker with nothing in it."""
    from portal import broker

    with broker.connection() as connection:
        connection.flushall()
        yield connection


@pytest.fixture(scope="session")
def lived(tmp_path_factory):
    """The folder of a small bundle of all tables, in every format that lives are found in."""
    import generator
    from generator.sample import sample  # the files alone: nothing is checked

    folder = tmp_path_factory.mktemp("lived") / "bundle"
    recipe = generator.Recipe.from_dict(
        {
            "rows": {"dealer": 1, "deal": 25, "vehicle_telemetry_event": 1000},
            "formats": ["parquet", "csv", "csv.gz", "jsonl", "sqlite"],
        }
    )
    profile = generator.automotive()
    sample(profile, generator.plan(profile, recipe), folder)
    return folder


@pytest.fixture
def ready(alice, make_bundle, data):
    """Alice's finished bundle of one table of 1,000 bytes, its manifest and a ZIP."""
    from portal.models import BundleFile

    bundle = make_bundle(alice, state="ready", path="bundles/one/x", rows=100, bytes=1_000)
    contents = {
        "deal.csv": bytes(range(250)) * 4,
        "manifest.json": json.dumps({"files": []}).encode(),
        "deals.zip": b"PK",
    }
    folder = data / bundle.path
    folder.mkdir(parents=True)
    for position, (name, content) in enumerate(contents.items()):
        (folder / name).write_bytes(content)
        BundleFile.objects.create(
            bundle=bundle,
            path=name,
            table="deal" if name == "deal.csv" else "",
            format=name.rsplit(".")[-1],
            rows=100 if name == "deal.csv" else None,
            bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            position=position,
        )
    return bundle
