"""Sixty kinds of hostile uploads: each is read, or refused in one sentence, as an inspection does
it; the large ones are in tests/benchmarks/hostile.py and tests/test_read_bombs.py."""

from __future__ import annotations

from tests.hostile import READ, small
from tests.memory import measured

MOST_MIB, MOST_SECONDS = 1000, 30
HANDLED = {"formula.csv", "path-name.csv", "script.csv"}


def test_there_are_sixty_kinds():
    assert len(small()) >= 60


def test_each_is_read_or_refused_in_one_sentence_soon_and_in_little_memory(tmp_path):
    files = small()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    said, memory = measured(READ, str(tmp_path))
    assert set(said) == set(files)
    assert memory < MOST_MIB
    for name, (sentence, seconds) in said.items():
        assert seconds < MOST_SECONDS, name
        if not sentence.startswith("read "):
            assert sentence.endswith("."), (name, sentence)
            assert "\n" not in sentence, name
            assert len(sentence) < 500, (name, sentence)
            assert "Trap" not in sentence, name
    read = {name for name, (sentence, _) in said.items() if sentence.startswith("read ")}
    assert read >= HANDLED
    assert not read & {
        "bomb.zip",
        "bomb.xlsx",
        "laughs.xlsx",
        "pickle.parquet",
        "up.zip",
        "link.zip",
    }
