"""Code and documentation say the same about every setting."""

import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.settings import SETTINGS, setting

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


@pytest.mark.parametrize(("name", "text"), [("PORT", "web"), ("HTTPS", "perhaps")])
def test_a_setting_that_cannot_be_read_is_named(monkeypatch, name, text):
    monkeypatch.setenv(name, text)
    with pytest.raises(ImproperlyConfigured, match=f"{name} is “{text}”"):
        setting(name)
