"""A disk without room: signing in and deleting work all the same."""

import contextlib
import os
import re
import subprocess
from collections import namedtuple

import pytest
from django.db import OperationalError

from portal import reserve
from portal.models import Bundle
from portal.removal import delete_bundle
from tests.browser import Browser
from tests.portal_process import PortalProcess, until

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def disk(monkeypatch):
    """``disk(free)`` says how much is free."""

    def say(free):
        monkeypatch.setattr(reserve.shutil, "disk_usage", lambda path: Usage(10**9, 0, free))

    return say


def test_a_reserve_is_kept_while_there_is_room_and_given_up_when_there_is_none(data, disk):
    kept = data / "reserve"
    disk(2 * reserve.SIZE)
    reserve.fill()
    assert not kept.exists()
    disk(3 * reserve.SIZE)
    reserve.fill()
    assert kept.stat().st_size == reserve.SIZE
    assert kept.stat().st_blocks * 512 >= reserve.SIZE
    reserve.relieve()
    assert kept.exists()
    disk(reserve.LITTLE - 1)
    reserve.relieve()
    reserve.relieve()
    assert not kept.exists()


def test_every_request_looks_first(client, data, disk):
    disk(3 * reserve.SIZE)
    reserve.fill()
    disk(0)
    client.get("/accounts/login/")
    assert not (data / "reserve").exists()


@pytest.mark.django_db
def test_a_full_database_is_one_sentence(client, alice, monkeypatch):
    def full(*_, **__):
        cause = Exception("database or disk is full")
        cause.sqlite_errorname = "SQLITE_FULL"
        raise OperationalError("database or disk is full") from cause

    client.force_login(alice)
    monkeypatch.setattr("portal.access.visible_bundles", full)
    response = client.get("/")
    assert response.status_code == 507
    assert "Delete bundles that nobody needs" in response.content.decode()


@pytest.mark.django_db
def test_files_go_before_the_row(ready, data, monkeypatch):
    """A row that cannot be written leaves the files deleted; deleting again ends it."""

    def full(*_, **__):
        raise OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(Bundle, "delete", full)
        with pytest.raises(OperationalError):
            delete_bundle(ready, by=ready.owner)
    assert not list((data / "bundles" / str(ready.pk)).glob("*"))
    assert delete_bundle(ready, by=ready.owner)


# A real disk


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 64 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", "size=64m", "tmpfs"]
    mounted = subprocess.run(["mount", *options, folder], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("only root may mount a file system")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder):
    """To the last byte."""
    with (folder / "filler").open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))
    assert os.statvfs(folder).f_bavail == 0


BUNDLE = """
from django.contrib.auth import get_user_model
from portal.models import Bundle, Profile
from portal.private_files import private_files
owner = get_user_model().objects.get(username="developer")
bundle = Bundle.objects.create(owner=owner, name="Small", recipe={}, state="ready",
    profile=Profile.objects.get())
Bundle.objects.filter(pk=bundle.pk).update(path=f"bundles/{bundle.pk}/x")
private_files().save(f"bundles/{bundle.pk}/x/deal.csv", [b"id"])
print(bundle.pk)
"""


@pytest.mark.services
def test_on_a_disk_full_to_the_last_byte_people_sign_in_and_delete(small_disk):
    """The bundle is too small to make room itself."""
    portal = PortalProcess(small_disk / "data").start()
    try:
        key = portal.shell(BUNDLE)
        fill(small_disk)
        browser = Browser(portal)
        password = re.search(r"developer / (\S+)", portal.line).group(1)
        browser.get("/accounts/login/")
        form = {"username": "developer", "password": password}
        assert browser.post("/accounts/login/", **form) == (200, "/")
        assert browser.post(f"/bundles/{key}/delete/") == (200, "/")
        assert "Small" not in browser.get("/").replace("“Small” was deleted", "")
        assert not portal.query("SELECT * FROM portal_bundle WHERE name = 'Small'")
        assert not list((portal.folder / "bundles" / key).glob("*"))
        (small_disk / "filler").unlink()
        kept = portal.folder / "reserve"
        until(lambda: kept.exists() and kept.stat().st_size == reserve.SIZE, what="a reserve")
        portal.wait_healthy()
    finally:
        portal.stop()
