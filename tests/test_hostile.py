"""Sixty kinds of hostile uploads, brought to the portal as files are: each is read, or refused in
one sentence on the page, soon and in little memory; the large ones are in
tests/benchmarks/hostile.py and tests/test_read_bombs.py."""

from __future__ import annotations

from html import unescape

import pytest

from tests.hostile import small
from tests.memory import measured
from tests.uploading import UPLOAD

MOST_MIB, MOST_SECONDS = 1000, 30
HANDLED = {"formula.csv", "path-name.csv", "script.csv"}
REFUSED = {"bomb.zip", "bomb.xlsx", "laughs.xlsx", "pickle.parquet", "up.zip", "link.zip"}
FILES = small()


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """What the portal answered to each, what it left behind, and the most MiB that it took."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "sent").mkdir()
    for name, content in FILES.items():
        (folder / "sent" / name).write_bytes(content)
    outcome, memory = measured(UPLOAD, str(folder))
    return outcome | {"memory": memory}


def test_there_are_sixty_kinds():
    assert len(FILES) >= 60


@pytest.mark.parametrize("name", FILES)
def test_each_is_read_or_refused_in_one_sentence_on_its_page(outcome, name):
    answer = outcome["said"][name]
    page = " ".join(unescape(answer["page"]).split())
    assert answer["seconds"] < MOST_SECONDS
    assert not any(word in answer["page"] for word in ("Traceback", "<script>alert", "<img oner"))
    if answer["state"] == "inspected":
        assert "Confirm and fit" in page
        assert name not in REFUSED
        return
    assert name not in HANDLED
    sentence = answer["error"] or " ".join(answer["alerts"])
    assert sentence in page
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert 20 < len(sentence) < 500
    assert "Trap" not in sentence
    assert "the reference" not in sentence  # of a failure that nobody expected


def test_they_leave_nothing_behind_and_take_little_memory(outcome):
    assert outcome["left"] == []
    assert outcome["memory"] < MOST_MIB
