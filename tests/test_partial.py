"""What a run that was ended from outside leaves beside its output is removed by the next one."""

import os
import signal
import subprocess
import sys

import pytest

from generator.errors import RequestError
from generator.sample.partial import partial_folder, remove_left
from tests.portal_process import ROOT, until

LEFT = ".partial-0123456789ab"


def test_a_folder_that_nobody_holds_is_removed_whatever_its_name(tmp_path):
    left = tmp_path / LEFT
    left.mkdir()
    (left / "deal.csv").touch()
    with partial_folder(tmp_path / "out") as folder:
        assert not left.exists()
        assert folder.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_somebody_works_in_stays(tmp_path):
    with partial_folder(tmp_path / "one") as first, partial_folder(tmp_path / "two") as second:
        assert first.exists()
        assert second.exists()
        assert remove_left(tmp_path) == []


def test_a_folder_that_somebody_makes_already_is_not_made_twice(tmp_path):
    with (
        partial_folder(tmp_path / "out") as folder,
        pytest.raises(RequestError, match="Another run is making this folder"),
        partial_folder(tmp_path / "out"),
    ):
        pass
    assert not folder.exists()


@pytest.mark.parametrize("name", [".partial-mine", ".partial-0123456789abc", ".partial-", "x"])
def test_what_has_another_name_is_not_ours(tmp_path, name):
    (tmp_path / name).mkdir()
    assert remove_left(tmp_path) == []
    assert (tmp_path / name).exists()


def test_a_file_or_a_link_of_that_name_stays(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / LEFT).symlink_to(tmp_path / "elsewhere")
    (tmp_path / LEFT.replace("a", "c")).touch()
    assert remove_left(tmp_path) == []
    assert (tmp_path / "elsewhere").exists()


def test_a_folder_is_held_by_the_last_process_of_its_run(tmp_path):
    """The run dies; a process that it forked works on for a moment."""
    wait, go = os.pipe()
    run = os.fork()
    if run == 0:
        os.close(go)
        with partial_folder(tmp_path / "out"):
            if os.fork() == 0:
                os.read(wait, 1)  # until the test closes its end
            os._exit(0)
    os.waitpid(run, 0)
    assert remove_left(tmp_path) == []
    os.close(go)
    os.close(wait)
    until(lambda: remove_left(tmp_path), seconds=10, what="a removal")


SAMPLE = ["sample", "--rows", "deal=20000", "--workers", "2", "--format", "jsonl", "--out"]


@pytest.mark.parametrize("name", [signal.SIGKILL, signal.SIGTERM])
def test_a_command_that_is_ended_leaves_nothing_for_long(tmp_path, name):
    """Killed, it leaves its folder to the next start; asked to end, it takes it along."""
    command = [sys.executable, "-m", "generator", *SAMPLE, str(tmp_path / "one")]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    until(lambda: list(tmp_path.glob(".partial-*/*")), what="a run that writes")
    process.send_signal(name)
    _, said = process.communicate(timeout=60)
    if name == signal.SIGTERM:
        assert said.endswith("Stopped; nothing half-written was kept.\n")
        assert list(tmp_path.iterdir()) == []
        return
    assert list(tmp_path.iterdir())
    until(lambda: remove_left(tmp_path), seconds=10, what="a removal")
    assert list(tmp_path.iterdir()) == []
