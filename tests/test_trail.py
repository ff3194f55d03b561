"""The audit trail only grows, is noted with what it tells, and shows whoever tampers with it."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.urls import reverse

from portal import trail
from portal.admin import admin as administration
from portal.models import Act, Bundle, TrailHead
from portal.models.act import Kept
from portal.trail import Verb

pytestmark = pytest.mark.django_db


@pytest.fixture
def five(alice, make_bundle):
    bundle = make_bundle(alice)
    for number in range(5):
        with transaction.atomic():
            trail.note(alice, Verb.REQUESTED, bundle, rows=number, profile="ä ∑ 1")
    return bundle


def altered(**changes):
    """What somebody with the database's password can do to act 3."""
    named = ", ".join(f"{name} = %s" for name in changes)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE portal_act SET {named} WHERE number = 3", list(changes.values()))


def test_acts_follow_each_other(five):
    first, *_, last = Act.objects.order_by("number")
    assert (first.number, first.before, last.number) == (1, "0" * 64, 5)
    look = trail.look()
    assert look == (5, last.hash, "", 5)
    assert look.sentence == "Chain whole, 5 acts."


def test_anybody_can_work_out_the_hashes(five):
    """As docs/operations.md says, from JSON alone."""
    act = Act.objects.get(number=2)
    said = json.dumps(act.said(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(f"{act.before}\n{said}".encode()).hexdigest() == act.hash


@pytest.mark.parametrize(
    "changes",
    [{"who": "bob"}, {"title": "Another"}, {"verb": "deleted"}, {"details": '{"rows": 3}'},
     {"at": "2020-01-01 00:00:00"}, {"thing": "x"}, {"kind": "profile"}],
)  # fmt: skip
def test_whatever_is_changed_shows(five, changes):
    altered(**changes)
    assert trail.look().fault == "Act 3 was changed: its hash is not that of what it says."


def test_a_changed_act_with_a_hash_that_fits_shows_at_the_next(five):
    altered(who="bob")
    act = Act.objects.get(number=3)
    altered(hash=act.hashed())
    said = "Act 4 does not follow act 3: its hash before is another."
    assert trail.look().fault == said
    with pytest.raises(CommandError, match="Act 4 does not follow act 3"):
        call_command("trail")


@pytest.mark.parametrize(("number", "missing"), [(1, 1), (3, 3), (5, 5)])
def test_an_act_that_was_removed_shows(five, number, missing):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM portal_act WHERE number = %s", [number])
    assert trail.look().fault == f"Act {missing} is missing."


def test_acts_beyond_the_head_show(five):
    TrailHead.objects.update(number=4, hash=Act.objects.get(number=4).hash)
    assert "Act 5 lies beyond the head" in trail.look().fault
    TrailHead.objects.update(number=5, hash="1" * 64)
    assert trail.look().fault == "Act 5 is not the one that the head names."


def test_a_page_looks_at_the_last_ones(five):
    look = trail.look(last=2)
    assert look.looked_at == 2
    assert look.sentence == "Chain whole, 5 acts; the last 2 of them were looked at."
    altered(who="bob")
    assert not trail.look(last=2).fault
    assert trail.look(last=3).fault


def test_a_chain_that_was_written_anew_shows_by_a_hash_kept_elsewhere(five):
    kept = Act.objects.get(number=4).hash
    told = io.StringIO()
    call_command("trail", "--after", "4", "--hash", kept, stdout=told)
    assert told.getvalue().startswith("Chain whole, 5 acts. Its last hash is ")
    with pytest.raises(CommandError, match="act 4 has another hash"):
        call_command("trail", "--after", "4", "--hash", "f" * 64)


def test_django_neither_changes_nor_removes_an_act(five):
    act = Act.objects.get(number=3)
    acts = Act.objects.filter(number=3)
    for change in (
        act.save,
        act.delete,
        acts.delete,
        lambda: act.save(force_update=True),
        lambda: acts.update(who="bob"),
        lambda: Act.objects.bulk_update([act], ["who"]),
        lambda: Act.objects.bulk_create([Act()]),
        lambda: Act.objects.update_or_create(number=3, defaults={"who": "bob"}),
        lambda: Act._base_manager.filter(number=3).update(who="bob"),
    ):
        with pytest.raises(Kept):
            change()
    assert not trail.look().fault
    assert Act not in administration.site._registry


def test_an_act_is_noted_with_what_it_tells_or_not_at_all(five, alice):
    before = trail.look()
    with suppress(RuntimeError), transaction.atomic():
        assert trail.noted(five.cancel, alice, Verb.CANCELLED, five)
        raise RuntimeError
    assert trail.look() == before
    assert Bundle.objects.get().state == "queued"
    assert Bundle.objects.get().cancel()
    assert not trail.noted(Bundle.objects.get().cancel, alice, Verb.CANCELLED, five)
    assert trail.look() == before


def test_changes_of_rights_are_noted_and_nothing_else_of_people(alice, admin, client):
    acts = Act.objects.filter(verb=Verb.RIGHTS)
    made = acts.get(title="admin")
    assert made.details == {"administrator": True, "superuser": True}
    alice.last_name = "Liddell"
    alice.save()
    assert acts.count() == 1
    client.force_login(admin)
    page = reverse("admin:auth_user_change", args=[alice.pk])
    form = {"username": "alice", "is_staff": "on", "is_active": "on"}
    joined = {"date_joined_0": "2025-01-01", "date_joined_1": "00:00:00"}
    assert client.post(page, form | joined).status_code == 302
    alice.refresh_from_db()
    assert alice.is_staff
    assert (acts[0].who, acts[0].title, acts[0].details) == (
        "admin",
        "alice",
        {"administrator": True},
    )
    alice.is_active = False
    alice.save()
    assert (acts[0].who, acts[0].details) == ("", {"active": False})
    boxes = {"action": "delete_selected", "_selected_action": [alice.pk], "post": "yes"}
    assert client.post(reverse("admin:auth_user_changelist"), boxes).status_code == 302
    gone = acts[0]
    assert (gone.who, gone.title, gone.details) == ("admin", "alice", {"administrator": False})
    assert not trail.look().fault


def test_work_that_failed_is_noted(alice, make_bundle):
    bundle = make_bundle(alice, state=Bundle.State.RUNNING, claim="host:1:x")
    assert trail.ended(partial(bundle.fail, "It broke.", claim="host:1:x"), bundle)
    act = Act.objects.first()
    assert (act.verb, act.who, act.title) == ("failed at", "", bundle.name)
    assert not trail.ended(partial(bundle.fail, "Again.", claim="host:1:x"), bundle)
    assert Act.objects.filter(verb="failed at").count() == 1


@pytest.mark.django_db(transaction=True)
def test_nothing_is_noted_outside_a_transaction(alice):
    with pytest.raises(TransactionManagementError):
        trail.note(alice, Verb.SIGNED_IN, alice)


def test_fractions_are_refused_as_databases_spell_them_differently(alice):
    with pytest.raises(TypeError, match="seconds is a fraction"):
        trail.note(alice, Verb.SIGNED_IN, alice, seconds=0.1)


@pytest.mark.django_db(transaction=True)
def test_many_who_write_at_once_make_one_chain(alice):
    def write():
        for _ in range(10):
            with transaction.atomic():
                trail.note(alice, Verb.SIGNED_IN, alice)
        connection.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    look = trail.look()
    assert (look.acts, look.fault) == (40, "")


def test_moments_keep_their_microseconds(five):
    act = Act.objects.get(number=1)
    assert act.at + timedelta(microseconds=1) > act.at
    assert Act.objects.get(number=1).hashed() == act.hash


ON_POSTGRESQL = """
import os, threading
import django
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from portal import trail
from portal.models import Act
call_command("migrate", verbosity=0)
user = User.objects.create_user("alice")
def write():
    for _ in range(10):
        with transaction.atomic():
            trail.note(user, trail.Verb.SIGNED_IN, user, b=2, a="\\u00e4", bytes=10**12)
    connection.close()
threads = [threading.Thread(target=write) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(trail.look().sentence)
"""


@pytest.mark.services
@pytest.mark.django_db(transaction=False)
def test_many_who_write_at_once_make_one_chain_on_postgresql(tmp_path):
    import os

    from tests.postgresql import postgresql_server

    with postgresql_server() as server:
        env = os.environ | {
            "DATABASE_URL": server.address,
            "SECRET_KEY": "k" * 24 + "abcdefghijkl",
            "PORTAL_DATA": str(tmp_path / "data"),
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        done = subprocess.run(
            [sys.executable, "-c", ON_POSTGRESQL],
            env=env, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert done.stdout == "Chain whole, 40 acts.\n", done.stderr
