"""Wrong passwords: who guesses is stopped, and nobody else."""

import pytest
from django.test import Client
from django.utils import timezone

from portal.models import Tries

pytestmark = pytest.mark.django_db
PORTAL, ADMIN = "/accounts/login/", "/admin/login/"
WAIT = "Too many wrong passwords"


@pytest.fixture(autouse=True)
def three_tries(settings):
    settings.LOGIN_TRIES = 3


def try_(name, password, *, at="1.1.1.1", browser=None, door=PORTAL):
    """The answer to a password: in, wrong or wait."""
    browser = browser or Client()
    form = {"username": name, "password": password}
    response = browser.post(door, form, REMOTE_ADDR=at)
    if response.status_code == 302:
        return "in"
    return "wait" if WAIT in response.content.decode() else "wrong"


def leave(browser):
    """Sign out as people do; the test client's own way throws every cookie away."""
    browser.post("/accounts/logout/")
    assert "_auth_user_id" not in browser.session


def guess(name, number, **where):
    return [try_(name, "guess", **where) for _ in range(number)]


def test_guessing_from_one_place_is_slow(admin):
    assert guess("admin", 5) == ["wrong"] * 3 + ["wait"] * 2
    assert try_("Admin ", "admin-pw") == "wait"


def test_a_stranger_locks_nobody_out(admin):
    guess("admin", 50, at="6.6.6.6")
    assert try_("admin", "admin-pw", at="1.1.1.1") == "in"


def test_guessing_from_many_places_is_bounded(admin):
    answers = [try_("admin", "guess", at=f"6.6.6.{n % 250}") for n in range(100)]
    assert answers.count("wrong") == 30
    assert try_("admin", "admin-pw", at="1.1.1.1") == "wait"


def test_a_known_browser_is_let_in_whatever_strangers_do(admin):
    """From wherever it is."""
    mine = Client()
    assert try_("admin", "admin-pw", browser=mine) == "in"
    leave(mine)
    for number in range(40):
        try_("admin", "guess", at=f"6.6.6.{number}")
        try_("admin", "guess", at="1.1.1.1")
    assert try_("admin", "admin-pw", at="7.7.7.7") == "wait"
    assert try_("admin", "admin-pw", browser=mine) == "in"
    leave(mine)
    assert try_("admin", "admin-pw", browser=mine, at="7.7.7.7") == "in"


def test_a_known_browser_is_no_way_to_guess(admin, alice):
    mine = Client()
    assert try_("alice", "alice-pw", browser=mine) == "in"
    leave(mine)
    assert guess("alice", 5, browser=mine) == ["wrong"] * 3 + ["wait"] * 2
    assert guess("admin", 5, browser=mine) == ["wrong"] * 3 + ["wait"] * 2


def test_a_cookie_of_ones_own_making_is_unknown(admin):
    forged = Client()
    forged.cookies["known_browser"] = "WyJhIiwgImIiXQ:1:x"
    assert guess("admin", 4, browser=forged)[-1] == "wait"


def test_one_password_for_many_names_is_bounded(alice):
    answers = [try_(f"nobody-{number}", "guess") for number in range(40)]
    assert answers.count("wrong") == 30
    assert try_("alice", "alice-pw") == "wait"
    assert try_("alice", "alice-pw", at="2.2.2.2") == "in"


def test_an_address_of_the_same_network_is_the_same_place(admin):
    answers = [try_("admin", "guess", at=f"2001:db8:1:1::{n}") for n in range(5)]
    assert answers == ["wrong"] * 3 + ["wait"] * 2
    assert try_("admin", "admin-pw", at="2001:db8:1:2::1") == "in"


def test_a_right_password_forgets_the_wrong_ones(alice):
    for _ in range(5):
        assert guess("alice", 2) == ["wrong"] * 2
        assert try_("alice", "alice-pw") == "in"


def test_signing_in_is_never_counted(alice):
    for _ in range(100):
        assert try_("alice", "alice-pw") == "in"


@pytest.mark.parametrize("door", [PORTAL, ADMIN])
def test_every_door_counts_together(admin, door):
    for way in (ADMIN, PORTAL, ADMIN):
        assert try_("admin", "guess", door=way) == "wrong"
    assert try_("admin", "admin-pw", door=door) == "wait"


def test_the_door_of_the_administration(client, admin, alice):
    assert client.get("/admin/", follow=True).redirect_chain == [
        ("/admin/login/?next=/admin/", 302)
    ]
    assert try_("alice", "alice-pw", door=ADMIN, browser=client) == "wrong"
    response = client.post(ADMIN, {"username": "admin", "password": "admin-pw"})
    assert response["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200
    client.force_login(alice)
    assert client.get("/admin/", follow=True).status_code == 200


def test_a_quarter_of_an_hour_later_one_may_try_again(alice):
    guess("alice", 4)
    Tries.objects.update(until=timezone.now())
    assert try_("alice", "alice-pw") == "in"
    assert not Tries.objects.filter(count__gt=0).exists()


def test_the_window_does_not_move(alice):
    guess("alice", 1)
    until = set(Tries.objects.values_list("until", flat=True))
    guess("alice", 1)
    assert set(Tries.objects.values_list("until", flat=True)) == until
