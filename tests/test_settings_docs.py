"""Code and documentation say the same about every setting."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.private_files import keep_private
from portal.settings import SETTINGS, _broker, _database, _kept_secret, _private, setting

ROW = re.compile(r"^\| `(\w+)` \| (?:`([^`]*)`)? ?\| (.+) \|$", re.MULTILINE)
LONG = "0123456789abcdef" * 2
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
        environment = os.environ | {"PORTAL_DATA": str(tmp_path), "SECRET_KEY": LONG, name: text}
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


@pytest.mark.parametrize("key", ["x", "x" * 50, "0123456789" * 3])
def test_a_key_that_can_be_guessed_is_refused_without_being_repeated(monkeypatch, tmp_path, key):
    monkeypatch.setenv("SECRET_KEY", key)
    with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY has .* at least 32") as raised:
        _kept_secret(tmp_path, embedded=True)
    assert key == "x" or key not in str(raised.value)


def test_a_long_key_is_taken(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", LONG)
    assert _kept_secret(tmp_path, embedded=True) == LONG


# The data folder


@pytest.mark.parametrize("there", [[], ["lost+found"], ["portal.sqlite3", "notes.txt"]])
def test_a_data_folder_that_others_can_read_is_closed(tmp_path, there):
    for name in there:
        (tmp_path / name).touch()
    tmp_path.chmod(0o755)
    assert _private(tmp_path) == tmp_path
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_a_folder_with_other_things_is_neither_used_nor_closed(tmp_path):
    (tmp_path / "letters").touch()
    tmp_path.chmod(0o755)
    with pytest.raises(ImproperlyConfigured, match=r"not the portal's; close it \(chmod 700"):
        _private(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    tmp_path.chmod(0o700)
    assert _private(tmp_path) == tmp_path


def test_a_folder_of_somebody_else_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(ImproperlyConfigured, match=r"belongs to somebody else \(user \d+\)"):
        _private(tmp_path)


def test_files_of_before_and_from_now_on_are_private(tmp_path):
    before = tmp_path / "bundles" / "one" / "deal.csv"
    before.parent.mkdir(parents=True)
    before.write_text("id")
    (tmp_path / "link").symlink_to("/etc/passwd")
    before.chmod(0o644)
    mask = os.umask(0o022)
    try:
        keep_private(tmp_path)
        (tmp_path / "after").touch()
    finally:
        os.umask(mask)
    modes = {path.name: stat.S_IMODE(path.lstat().st_mode) for path in tmp_path.rglob("*")}
    assert modes.pop("link") == 0o777
    assert modes == {"bundles": 0o700, "one": 0o700, "deal.csv": 0o600, "after": 0o600}
