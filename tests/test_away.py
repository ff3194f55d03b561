"""A database or broker that is away: what counts as that, waiting, and what a page says."""

import sqlite3

import psycopg
import pytest
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from redis.exceptions import ConnectionError as BrokerGone
from redis.exceptions import ResponseError

from portal import away
from portal.away import is_away, is_full, patiently
from portal.models import Bundle
from portal.settings import _database

pytestmark = pytest.mark.django_db(transaction=True)


def caused(error, cause):
    error.__cause__ = cause
    return error


def sqlite_error(code):
    """What Django makes of SQLite's error; its name is what tells a lock from a missing table."""
    cause = sqlite3.OperationalError("…")
    cause.sqlite_errorname = code
    return caused(OperationalError("…"), cause)


@pytest.mark.parametrize(
    ("error", "absent"),
    [
        (OperationalError("connection refused"), True),
        (InterfaceError("connection already closed"), True),
        (caused(OperationalError("terminating"), psycopg.errors.AdminShutdown()), True),
        (caused(OperationalError("starting up"), psycopg.errors.CannotConnectNow()), True),
        (caused(OperationalError("disk full"), psycopg.errors.DiskFull()), False),
        (sqlite_error("SQLITE_BUSY"), True),
        (sqlite_error("SQLITE_FULL"), False),
        (sqlite_error("SQLITE_ERROR"), False),
        (ProgrammingError("no such column"), False),
        (BrokerGone("refused"), True),
        (ResponseError("wrong kind of value"), False),
        (OSError("no such host"), False),
        (None, False),
    ],
)
def test_what_counts_as_an_absence(error, absent):
    assert is_away(error) is absent


def test_a_real_missing_table_is_a_fault_and_no_absence():
    with pytest.raises(OperationalError) as fault, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM nowhere")
    assert not is_away(fault.value)


def test_a_full_disk_is_told_from_an_absence():
    assert is_full(sqlite_error("SQLITE_FULL"))
    assert is_full(caused(OperationalError(), psycopg.errors.DiskFull()))
    assert not is_full(OperationalError("connection refused"))


class Flaky:
    """Answers after so many errors."""

    def __init__(self, times, error=OperationalError):
        self.times, self.error, self.asked = times, error, 0

    def __call__(self):
        self.asked += 1
        if self.asked <= self.times:
            raise self.error("away")
        return "there"


def test_who_is_away_for_a_moment_is_waited_for():
    assert patiently(Flaky(2)) == "there"


@pytest.fixture(autouse=True)
def short_patience(monkeypatch):
    monkeypatch.setattr(away, "PATIENCE", 0.5)


def test_nobody_is_waited_for_for_ever():
    ask = Flaky(99)
    with pytest.raises(OperationalError):
        patiently(ask)
    assert ask.asked == 3


def test_who_has_to_go_does_not_wait():
    ask = Flaky(99)
    with pytest.raises(OperationalError):
        patiently(ask, unless=lambda: ask.asked == 2)
    assert ask.asked == 2


@pytest.mark.parametrize("error", [ProgrammingError("…"), sqlite_error("SQLITE_FULL")])
def test_a_fault_is_not_waited_for(error):
    ask = Flaky(99, error=lambda _: error)
    with pytest.raises(type(error)):
        patiently(ask)
    assert ask.asked == 1


def test_a_host_that_does_not_answer_at_all_is_given_up_soon():
    parsed = _database("postgres://me@db.example.com/portal?connect_timeout=2")
    assert parsed["OPTIONS"]["connect_timeout"] == 2
    assert parsed["OPTIONS"]["tcp_user_timeout"] == 20_000


# Pages


SENTENCE = "cannot be reached just now"


def refuse(*_, **__):
    raise OperationalError("connection to server at 10.0.0.1 failed")


def check_says_one_sentence(page, what="database"):
    said = page.content.decode()
    assert page.status_code == 503
    assert f"The {what} of the portal {SENTENCE}" in said
    assert "10.0.0.1" not in said
    assert page["Retry-After"] == "5"


def test_a_page_says_when_the_database_is_away(client, alice, monkeypatch):
    client.force_login(alice)
    monkeypatch.setattr(Bundle.objects, "filter", refuse)
    check_says_one_sentence(client.get("/"))


def test_so_does_what_fails_around_the_view(client, monkeypatch):
    """The session is saved when the view is long done."""
    client.raise_request_exception = False
    monkeypatch.setattr(SessionMiddleware, "process_response", refuse)
    check_says_one_sentence(client.get("/healthz"))


def test_a_page_of_the_queue_says_when_the_broker_is_away(client, admin, monkeypatch):
    def gone(*_, **__):
        raise BrokerGone("refused")

    client.force_login(admin)
    monkeypatch.setattr("redis.Redis.execute_command", gone)
    check_says_one_sentence(client.get("/admin/django_rq/dashboard/"), "queue")


def test_a_fault_is_still_a_fault(client, alice, monkeypatch):
    def fault(*_, **__):
        raise KeyError("odd")

    client.force_login(alice)
    client.raise_request_exception = False
    monkeypatch.setattr(Bundle.objects, "filter", fault)
    assert client.get("/").status_code == 500
