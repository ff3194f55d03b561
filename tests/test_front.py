"""What meets every request: health, headers, limits, the login."""

import contextlib
import logging

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from portal import broker, supervisor
from portal.headers import HeadOnly

pytestmark = pytest.mark.django_db


def test_without_a_broker_the_portal_is_unwell(client, settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {
        "status": "unwell",
        "database": "ok",
        "broker": "unreachable",
        "workers": {"bundles": 0, "fits": 0},
    }


@pytest.mark.services
def test_without_workers_the_portal_is_unwell(client, valkey):
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["broker"] == "ok"


@pytest.mark.services
def test_a_worker_that_was_killed_does_not_count(valkey):
    """It stays on RQ's list until its time is over."""
    from portal.worker import PortalWorker

    worker = PortalWorker("bundles")
    worker.register_birth()
    assert broker.workers_alive(valkey) == {"bundles": 1, "fits": 0}
    valkey.hset(worker.key, "pid", 2**22 + 1)
    assert broker.workers_alive(valkey) == {"bundles": 0, "fits": 0}


@pytest.mark.services
def test_the_queues_are_shown_to_administrators_only(client, alice, admin, valkey):
    address = "/admin/django_rq/dashboard/"
    client.force_login(alice)
    assert client.get(address).status_code == 302
    client.force_login(admin)
    page = client.get(address).content.decode()
    assert all(name in page for name in broker.QUEUES)


def test_nothing_may_come_from_outside(client):
    policy = client.get("/healthz")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_what_the_headers_say(client):
    response = client.get("/healthz")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert "no-store" in response["Cache-Control"]


def test_only_administrators_may_send_much(client, alice, admin):
    much = {"CONTENT_LENGTH": "3000000000", "CONTENT_TYPE": "application/octet-stream"}
    assert client.post("/healthz", **much).status_code == 413
    client.force_login(alice)
    assert client.post("/healthz", **much).status_code == 413
    client.force_login(admin)
    assert client.post("/healthz", **much).status_code == 405


# Characters, methods, logs


@pytest.mark.parametrize(
    "address",
    ["/admin/portal/bundle/?state__exact=%00", "/?page=%00", "/accounts/login/?next=a%00b"],
)
def test_a_nul_in_an_address_is_one_sentence(client, admin, address):
    client.force_login(admin)
    response = client.get(address)
    assert response.status_code == 400
    assert response.content.decode().startswith("The address has a NUL character in it")


def test_a_nul_in_a_path_is_nowhere(client, admin):
    client.force_login(admin)
    assert client.get("/admin/portal/bundle/a%00b/change/").status_code == 404


def test_a_nul_in_a_form_is_one_sentence(client, admin):
    for form in ({"username": "a\0b", "password": "x"}, {"user\0name": "a"}):
        response = client.post("/accounts/login/", form)
        assert response.status_code == 400
        assert response.content.decode().startswith("The form has a NUL character in it")


def test_every_page_answers_head_as_it_answers_get(client, admin, ready):
    client.force_login(admin)
    keys = {"bundle": ready.pk}
    for name in ("home", "compose", "profiles", "upload", "bundle", "bundle-progress", "healthz"):
        path = reverse(name, kwargs={"id": keys["bundle"]} if name.startswith("bundle") else None)
        if name.startswith("bundle"):
            client.force_login(ready.owner)
        got, asked = client.get(path), client.head(path)
        assert asked.status_code == got.status_code, name
        assert asked.content == b"", name
        assert asked["Content-Type"] == got["Content-Type"], name


def test_an_answer_to_head_has_the_length_and_no_body():
    """The test's client takes the body away itself, so the middleware is asked directly."""
    answer = HeadOnly(lambda request: HttpResponse(b"abc"))
    response = answer(RequestFactory().head("/"))
    assert response.content == b""
    assert response["Content-Length"] == "3"
    assert answer(RequestFactory().get("/")).content == b"abc"


def test_a_stranger_writes_no_line_in_the_log(client, settings, caplog):
    settings.ALLOWED_HOSTS = ["localhost"]
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    with configured_logs(settings) as lines:
        assert client.get("/nowhere", headers={"host": "localhost"}).status_code == 404
        assert strict.get("/", headers={"host": "elsewhere"}).status_code == 400
        form = {"username": "a"}
        assert (
            strict.post("/accounts/login/", form, headers={"host": "localhost"}).status_code == 403
        )
        logging.getLogger("django.request").error("a fault is told")
    assert [line.getMessage() for line in lines] == ["a fault is told"]


@contextlib.contextmanager
def configured_logs(settings):
    """What the portal's own logging lets through."""
    lines = []
    handler = logging.Handler()
    handler.emit = lines.append
    logging.getLogger().addHandler(handler)
    try:
        yield lines
    finally:
        logging.getLogger().removeHandler(handler)


def test_a_log_is_cut_under_the_process_that_writes_it(tmp_path, monkeypatch):
    monkeypatch.setattr(supervisor, "LOG_BYTES", 1_000)
    child = supervisor.Child("web", [], "mark", tmp_path)
    with child._output() as output:
        for number in range(100):
            output.write(b"%099d\n" % number)
            output.flush()
            child.cut_log()
    assert child.log.stat().st_size <= 1_000
    assert (tmp_path / "web.log.1").stat().st_size <= 1_100
    assert child.log.read_bytes().endswith(b"99\n")


def test_a_child_keeps_the_mark_by_which_it_is_found(tmp_path):
    """setproctitle, where somebody installed it, writes over the environment unless told not to."""
    child = supervisor.Child("web", ["env"], "a mark", tmp_path)
    child.start()
    child.process.wait(timeout=10)
    said = child.log.read_text().splitlines()
    assert f"{supervisor.MARK}=a mark" in said
    assert "SPT_NOENV=1" in said
