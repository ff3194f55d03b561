"""Files by key: inside one folder, whole or not at all."""

import pytest
from django.core.exceptions import SuspiciousFileOperation

from portal.private_files import PrivateFolder


@pytest.fixture
def store(tmp_path):
    return PrivateFolder(tmp_path / "store")


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "a/../../x", "a\\b", "a\0b"])
def test_a_key_stays_inside(store, key):
    with pytest.raises(SuspiciousFileOperation):
        store.path(key)


def test_saved_bytes_can_be_read(store):
    assert store.save("extracts/1/cars.csv", [b"ab", b"c"]) == 3
    assert store.size("extracts/1/cars.csv") == 3
    with store.open("extracts/1/cars.csv") as file:
        assert file.read() == b"abc"


def test_a_file_whose_bytes_stop_coming_is_not_there(store):
    def broken():
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.save("extracts/1/cars.csv", broken())
    assert list(store.path("extracts/1").iterdir()) == []


def test_a_finished_folder_moves_in_and_replaces_an_older_one(store, tmp_path):
    for content in ("old", "new"):
        folder = tmp_path / content
        folder.mkdir()
        (folder / "a.csv").write_text(content)
        store.adopt(folder, "bundles/1")
    assert store.path("bundles/1/a.csv").read_text() == "new"


def test_what_is_gone_can_be_deleted_again(store):
    store.save("bundles/1/a.csv", [b"a"])
    store.delete("bundles/1")
    store.delete("bundles/1")
    store.delete("bundles/1/a.csv")
    assert not store.exists("bundles/1")
