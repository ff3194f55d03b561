"""Templates, style sheets and scripts are laid out as people write them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WIDTH = 120
KINDS = ("*.html", "*.css", "*.js")
FILES = sorted(
    path
    for folder in ("templates", "static")
    for kind in KINDS
    for path in (ROOT / folder).rglob(kind)
)
SHEETS = [path for path in FILES if path.suffix == ".css"]


def name(path):
    return path.relative_to(ROOT).as_posix()


def test_there_is_something_to_read():
    assert len(FILES) > 20
    assert SHEETS


@pytest.mark.parametrize("path", FILES, ids=name)
def test_no_line_is_too_wide(path):
    lines = path.read_text("utf-8").splitlines()
    wide = [number for number, line in enumerate(lines, 1) if len(line) > WIDTH]
    assert not wide, f"{name(path)} has lines over {WIDTH} letters: {wide}"


@pytest.mark.parametrize("path", SHEETS, ids=name)
def test_a_style_sheet_has_one_declaration_a_line(path):
    for number, line in enumerate(uncommented(path.read_text("utf-8")).splitlines(), 1):
        where = f"{name(path)}, line {number}: {line.strip()}"
        assert len(re.findall(r"[;{}]", line)) <= 1, f"{where} holds more than one declaration"
        assert re.fullmatch(r".*[;{},]|\s*", line), f"{where} does not end its declaration"


def uncommented(css):
    """The sheet without its comments; lines keep their numbers."""
    return re.sub(r"/\*.*?\*/", lambda said: "\n" * said[0].count("\n"), css, flags=re.S)
