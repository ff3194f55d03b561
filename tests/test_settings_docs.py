"""Code and documentation say the same about every setting."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.settings import SETTINGS, _broker, _database, setting

ROW = re.compile(r"^\| `(\w+)` \| (?:`([^`]*)`)? ?\| (.+) \|$", re.MULTILINE)
SOURCES = Path(__file__).parent.parent / "portal"


def as_shown(default):
    return {True: "yes", False: "no"}[default] if isinstance(default, bool) else str(default)


def test_the_documentation_lists_every_setting():
    text = (SOURCES.parent / "docs" / "settings.md").read_text("utf-8")
    assert ROW.findall(text) == [(row.name, as_shown(row.default), row.help) for row in SETTINGS]


def test_nothing_else_is_read_from_the_environment():
    reads = {
        (path.name, name)
        for path in SOURCES.rglob("*.py")
        for name in re.findall(r"environ(?:\.get\(|\[)\"?(\w+)", path.read_text("utf-8"))
    }
    assert reads == {("settings.py", "name")}


def test_a_setting_is_read_like_its_default(monkeypatch):
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("HTTPS", "Yes")
    assert setting("PORT") == 9000
    assert setting("HTTPS") is True
    monkeypatch.setenv("PORT", "")
    assert setting("PORT") == 8000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "web"),
        ("PORT", "0"),
        ("PORT", "99999"),
        ("PORT", "-1"),
        ("LOGIN_TRIES", "0"),
        ("HTTPS", "perhaps"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(monkeypatch, name, text):
    monkeypatch.setenv(name, text)
    with pytest.raises(ImproperlyConfigured, match=f"{name} is “{text}”"):
        setting(name)


@pytest.mark.parametrize(
    "address", ["foo", "mysql://host/name", "postgres://user:secret@host:port/name", "://"]
)
def test_a_database_that_is_none_is_one_sentence_without_its_password(address):
    with pytest.raises(ImproperlyConfigured, match=r"DATABASE_URL.*postgres://") as raised:
        _database(address)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "address", ["foo", "http://host", "redis://:secret@host:port/0", "redis://host:99999", "unix:"]
)
def test_a_broker_that_is_none_is_one_sentence_without_its_password(address):
    with pytest.raises(ImproperlyConfigured, match=r"REDIS_URL.*redis://") as raised:
        _broker(address)
    assert "secret" not in str(raised.value)


def test_addresses_of_every_kind_are_taken():
    assert _database("postgresql://user@/name?host=/run/pg")["NAME"] == "name"
    for address in ("redis://host", "rediss://:pw@host:6380/1", "unix:///run/valkey.sock"):
        assert _broker(address) == address


def test_what_cannot_be_read_stops_the_start_without_a_traceback(tmp_path):
    for name, text in (("PORT", "99999"), ("DATABASE_URL", "foo"), ("REDIS_URL", "foo")):
        environment = os.environ | {"PORTAL_DATA": str(tmp_path), "SECRET_KEY": "x", name: text}
        ended = subprocess.run(
            [sys.executable, "manage.py", "up"],
            cwd=SOURCES.parent,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 1
        assert ended.stderr.startswith(f"The portal cannot start: {name} is ")
        assert ended.stderr.count("\n") == 1
