"""What docs/operations.md says to back up is enough."""

import re
import shutil

import pytest
from django.contrib.auth import get_user_model

from portal import demo
from portal.models import Bundle
from portal.profiles import ensure_builtin
from tests.portal_process import ROOT

pytestmark = pytest.mark.django_db


def listed():
    """The names of the sentence that says what to back up; the database is the rows."""
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    sentence = re.search(r"\*\*Back up\*\* the database, (.*?)\. ", text, re.DOTALL).group(1)
    return re.findall(r"`([\w.-]+)/?`", sentence)


@pytest.fixture
def begun(data):
    """A portal after its first start."""
    ensure_builtin()
    demo.ensure_logins()
    return demo.ensure_example()


def restore(data, tmp_path):
    kept = tmp_path / "backup"
    kept.mkdir()
    for name in listed():
        if (data / name).exists():
            (data / name).rename(kept / name)
    shutil.rmtree(data)
    kept.rename(data)


def test_a_restored_portal_has_one_example_and_the_same_logins(begun, data, tmp_path):
    logins = demo.ensure_logins()
    restore(data, tmp_path)
    assert demo.ensure_logins() == logins
    assert demo.ensure_example() is None
    assert Bundle.objects.filter(is_example=True).count() == 1


def test_an_example_that_somebody_deleted_does_not_come_back(begun, data, tmp_path, client):
    client.force_login(get_user_model().objects.get(username="developer"))
    begun.delete()
    restore(data, tmp_path)
    demo.ensure_logins()
    assert demo.ensure_example() is None
    assert not Bundle.objects.exists()
