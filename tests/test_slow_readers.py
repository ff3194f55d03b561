"""The whole portal, while one person reads very slowly and strangers never say what they want."""

import time

import pytest

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
