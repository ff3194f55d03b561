"""The whole portal, while one person reads very slowly and strangers never say what they want."""

import hashlib
import re
import time
import urllib.error

import pytest

from tests.browser import Browser
from tests.portal_process import PortalProcess
from tests.test_portal_front import ask, many

pytestmark = pytest.mark.services
SIZE = 20_000_000
SESSION = """
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from portal.models import Bundle, BundleFile, Profile
from portal.private_files import private_files
owner = get_user_model().objects.get(username="developer")
session = SessionStore()
session["_auth_user_id"] = str(owner.pk)
session["_auth_user_hash"] = owner.get_session_auth_hash()
session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
session.create()
bundle = Bundle.objects.create(owner=owner, name="Large", recipe={{}}, state="ready",
    profile=Profile.objects.get(), path="bundles/large/x")
private_files().save("bundles/large/x/large.csv", [bytes({size})])
BundleFile.objects.create(bundle=bundle, path="large.csv", format="csv", bytes={size}, sha256="0")
print(session.session_key, bundle.pk)
"""


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    portal = PortalProcess(tmp_path_factory.mktemp("portal"), DOWNLOADS="100").start()
    try:
        portal.session, portal.key = portal.shell(SESSION.format(size=SIZE)).split()
        yield portal
    finally:
        portal.stop()


@pytest.fixture
def page(portal):
    """Seconds a page of the person takes."""

    def timed():
        began = time.monotonic()
        cookie = {"Cookie": f"sessionid={portal.session}"}
        assert ask(portal.port, "/", headers=cookie)[0] == 200
        return time.monotonic() - began

    timed()
    return timed


def test_sixty_downloads_that_are_not_read_leave_the_pages_alone(portal, page):
    head = f"GET /bundles/{portal.key}/files/large.csv HTTP/1.1\r\nHost: localhost\r\n"
    head += f"Cookie: sessionid={portal.session}\r\n\r\n"
    with many(portal.port, 60, head) as talks:
        assert all(talk.recv(12) == b"HTTP/1.1 200" for talk in talks)
        assert max(page() for _ in range(5)) < 1
    cookie = {"Cookie": f"sessionid={portal.session}"}
    _, _, body = ask(portal.port, f"/bundles/{portal.key}/files/large.csv", headers=cookie)
    assert body == bytes(SIZE)


def test_two_hundred_half_open_connections_leave_the_pages_alone(portal, page):
    with many(portal.port, 200, "GET / HTTP/1.1\r\nHost: localhost\r\n"):
        assert max(page() for _ in range(5)) < 1


@pytest.fixture
def signed_in(portal):
    """``signed_in("developer")``: a browser with a person's session."""

    def browser(name):
        password = re.search(rf"{name} / (\S+)", portal.line).group(1)
        browser = Browser(portal)
        browser.get("/accounts/login/")
        browser.post("/accounts/login/", username=name, password=password)
        return browser

    return browser


SHA_OF_SEALED = """
import hashlib
from pathlib import Path
from portal.extract_key import extract_keys
from portal.sealed import unsealed
print(hashlib.sha256(b"".join(unsealed(Path("{path}"), extract_keys()))).hexdigest())
"""


def test_an_upload_goes_through_as_it_comes(portal, signed_in):
    content = b"price\n" + b"10\n" * 1_000_000
    status, path = signed_in("administrator").upload("/profiles/new/", "cars.csv", content)
    assert status == 200
    assert path.startswith("/profiles/extracts/")
    (extract,) = portal.query("SELECT path, bytes FROM portal_extract")
    assert extract["bytes"] == len(content)
    (sealed,) = (portal.folder / extract["path"]).iterdir()
    assert b"10\n10\n" not in sealed.read_bytes()
    kept = portal.shell(SHA_OF_SEALED.format(path=str(sealed))).splitlines()[-1]
    assert kept == hashlib.sha256(content).hexdigest()


def test_who_may_not_upload_is_told_before_all_is_sent(signed_in):
    with pytest.raises(urllib.error.HTTPError) as refused:
        signed_in("developer").upload("/profiles/new/", "cars.csv", bytes(1_200_000))
    assert refused.value.code == 413
