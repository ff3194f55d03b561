"""Extracts are encrypted at rest: as they come in, under keys that can be changed, and decrypted
only into files that nobody can name and that go with the process."""

from __future__ import annotations

import hashlib
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import UploadedFile

import generator
from portal.extract_files import opened
from portal.extract_key import extract_keys
from portal.incoming import SealedUploads
from portal.models import Extract
from portal.sealed import (
    HEADER,
    SEGMENT,
    WHOLE,
    Sealer,
    SealKey,
    seal,
    sealed_size,
    unsealed,
)
from portal.settings import _extract_key
from tests.laid import content_of, lay

KEY, OTHER = SealKey(b"k" * 32), SealKey(b"o" * 32)
SECRET = b"Bartholomew Quackenbush "


def content(size):
    return (SECRET * (size // len(SECRET) + 1))[:size]


SIZES = [0, 1, 100, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, 2 * SEGMENT + 5]


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_is_opened_again_and_nothing_is_read_without_the_key(tmp_path, size):
    path = tmp_path / "sealed"
    assert seal(path, [content(size)[:7], content(size)[7:]], KEY) == size
    assert b"".join(unsealed(path, [OTHER, KEY])) == content(size)
    assert path.stat().st_size == sealed_size(size)
    assert SECRET not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(generator.StorageError, match="a key this portal does not have"):
        list(unsealed(path, [OTHER]))


def test_the_same_content_is_sealed_differently_each_time(tmp_path):
    for name in ("a", "b"):
        seal(tmp_path / name, [content(100)], KEY)
    assert (tmp_path / "a").read_bytes()[HEADER:] != (tmp_path / "b").read_bytes()[HEADER:]


def cut_off(sealed):
    return sealed[:-1]


def without_last_segment(sealed):
    return sealed[: HEADER + 2 * WHOLE]


def header_only(sealed):
    return sealed[:HEADER]


def swapped(sealed):
    one, two = sealed[HEADER : HEADER + WHOLE], sealed[HEADER + WHOLE : HEADER + 2 * WHOLE]
    return sealed[:HEADER] + two + one + sealed[HEADER + 2 * WHOLE :]


def flipped(sealed):
    return sealed[:-5] + bytes([sealed[-5] ^ 1]) + sealed[-4:]


def other_salt(sealed):
    return sealed[: HEADER - 1] + bytes([sealed[HEADER - 1] ^ 1]) + sealed[HEADER:]


def longer(sealed):
    return sealed + b"\0" * 40


@pytest.mark.parametrize(
    "tamper", [cut_off, without_last_segment, header_only, swapped, flipped, other_salt, longer]
)
def test_whatever_is_done_to_a_sealed_file_shows(tmp_path, tamper):
    path = tmp_path / "sealed"
    seal(path, [content(2 * SEGMENT + 99)], KEY)
    path.write_bytes(tamper(path.read_bytes()))
    with pytest.raises(generator.StorageError, match="damaged, or not what was uploaded"):
        list(unsealed(path, [KEY]))


@pytest.mark.parametrize("bad", [b"", b"price\n1\n", b"PGSEAL1\0short"])
def test_a_file_that_was_never_sealed_is_refused(tmp_path, bad):
    path = tmp_path / "plain"
    path.write_bytes(bad)
    with pytest.raises(generator.StorageError, match="damaged"):
        list(unsealed(path, [KEY]))


def test_a_sealed_file_goes_on_after_a_break(tmp_path):
    """What was not written whole does not count, and is written again."""
    path = tmp_path / "sealed"
    whole = content(3 * SEGMENT + 10)
    first = Sealer(path, KEY, fresh=True)
    assert first.append([whole[: SEGMENT + 5]], last=False) == SEGMENT
    assert first.done == SEGMENT
    with path.open("ab") as file:
        file.write(b"half a segment")
    again = Sealer(path, KEY, fresh=False)
    assert again.done == SEGMENT
    assert again.append([whole[SEGMENT : 2 * SEGMENT]], last=False) == SEGMENT
    again.append([whole[2 * SEGMENT :]], last=True)
    assert b"".join(unsealed(path, [KEY])) == whole


def test_an_upload_is_sealed_as_it_comes_in(data):
    """Of the chunks only one that may be the last is not on the disk yet."""
    whole = content(2 * SEGMENT + 100)
    handler = SealedUploads()
    handler.new_file("file", "cars.csv", "text/csv", None)
    for at in range(0, len(whole), 300_000):
        handler.receive_data_chunk(whole[at : at + 300_000], at)
        assert not [p for p in data.rglob("*") if p.is_file() and SECRET in p.read_bytes()]
    file = handler.file_complete(len(whole))
    assert isinstance(file, UploadedFile)
    assert file.sha256 == hashlib.sha256(whole).hexdigest()
    assert content_of(file.path) == whole
    file.close()
    assert not list((data / "work").iterdir())


@pytest.fixture
def extract(admin, data):
    extract = Extract(owner=admin, name="cars", original_name="cars.csv")
    lay(extract, **{"cars.csv": content(SEGMENT + 9), "b.csv": b"a\n1\n"})
    return extract


@pytest.mark.django_db
def test_what_is_decrypted_has_no_name(extract, data):
    folder = data / "work" / "run-x"
    folder.mkdir()
    with opened(extract, folder, cancelled=lambda: False) as path:
        assert sorted(file.name for file in path.iterdir()) == ["b.csv", "cars.csv"]
        assert (path / "cars.csv").read_bytes() == content(SEGMENT + 9)
        assert all(file.is_symlink() for file in path.iterdir())
        plain = [p for p in data.rglob("*") if p.is_file() and not p.is_symlink()]
        assert not [file for file in plain if SECRET in file.read_bytes()]
    assert not (path / "cars.csv").exists()


@pytest.mark.django_db
def test_opening_is_cancelled_between_segments(extract, data):
    folder = data / "work" / "run-x"
    folder.mkdir()
    with (
        pytest.raises(generator.Cancelled),
        opened(extract, folder, cancelled=lambda: True),
    ):
        pass


KILLED = """
import sys, time
from pathlib import Path
from portal.extract_files import _plain
folder = Path(sys.argv[1])
with _plain(folder, "cars.csv") as file:
    file.write(b"Bartholomew Quackenbush " * 100)
    file.flush()
    print((folder / "cars.csv").stat().st_size, flush=True)
    time.sleep(60)
"""


def test_a_killed_worker_leaves_nothing_decrypted(tmp_path):
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings"}
    code = f"import django; django.setup()\n{KILLED}"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], env=env, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "2400\n"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    [link] = tmp_path.iterdir()
    assert link.is_symlink()
    assert not link.exists()


def test_keys_are_of_the_environment_or_made_once_outside_the_data(settings, tmp_path):
    settings.EXTRACT_KEY = f"{'ab' * 32}, {'cd' * 32}"
    assert [key.secret for key in extract_keys()] == [b"\xab" * 32, b"\xcd" * 32]
    settings.EXTRACT_KEY = ""
    settings.EXTRACT_KEY_FILE = tmp_path / "home" / "extract.key"
    first = extract_keys()
    assert extract_keys() == first
    assert stat.S_IMODE(settings.EXTRACT_KEY_FILE.stat().st_mode) == 0o600
    settings.EXTRACT_KEY_FILE.chmod(0o644)
    with pytest.raises(generator.StorageError, match="can be read by others"):
        extract_keys()


def test_a_key_that_is_none_stops_the_start_without_being_repeated():
    with pytest.raises(ImproperlyConfigured) as raised:
        _extract_key(f"{'ab' * 32},c0ffee")
    assert "64 hexadecimal digits" in str(raised.value)
    assert "c0ffee" not in str(raised.value)
    assert _extract_key("ab" * 32) == "ab" * 32


def test_the_key_lies_outside_the_data_folder(settings):
    assert Path(settings.PORTAL_DATA) not in Path(settings.EXTRACT_KEY_FILE).parents


@pytest.mark.django_db(transaction=True)
def test_an_extract_under_a_key_that_was_lost_is_a_sentence(extract, data, settings):
    from portal import jobs

    settings.EXTRACT_KEY = "ef" * 32
    jobs.inspect_extract(str(extract.pk))
    extract.refresh_from_db()
    assert extract.state == "refused"
    assert extract.error.startswith("The file was encrypted under a key this portal does not have")
