"""Who may do what at every address: Alice owns, Bob and Charlie must see nothing of hers.

An address that is not in the table fails: whoever adds a page says who may see it.
"""

from __future__ import annotations

import pytest
from django.urls import URLPattern, get_resolver, reverse

from portal import broker
from portal.models import Bundle, BundleFile, Extract, Profile

pytestmark = pytest.mark.django_db

CAST = ("alice", "bob", "charlie", "admin", "nobody")
DEVELOPERS = {"alice", "bob", "charlie"}

# Each right: those who have it, and what everybody else is answered.
ANYBODY = (set(CAST), None)
SIGNED_IN = ({*DEVELOPERS, "admin"}, None)
OWNER = ({"alice"}, 404)  # somebody else's row does not exist
ADMIN = ({"admin"}, 403)
UNPUBLISHED = ({"admin"}, 404)  # a profile nobody is told of yet

# Each address: its right, the state in which its row can be acted on, and the method that acts.
ADDRESSES = {
    "healthz": (ANYBODY, "", "get"),
    "login": (ANYBODY, "", "get"),
    "logout": (ANYBODY, "", "post"),
    "admin-login": (ANYBODY, "", "get"),
    "home": (SIGNED_IN, "", "get"),
    "compose": (SIGNED_IN, "", "get"),
    "compose-plan": (SIGNED_IN, "", "post"),
    "compose-preview": (SIGNED_IN, "", "post"),
    "bundle": (OWNER, "ready", "get"),
    "bundle-progress": (OWNER, "running", "get"),
    "bundle-figures": (OWNER, "ready", "get"),
    "bundle-cancel": (OWNER, "running", "post"),
    "bundle-retry": (OWNER, "failed", "post"),
    "bundle-delete": (OWNER, "ready", "post"),
    "bundle-lives": (OWNER, "ready", "get"),
    "bundle-life": (OWNER, "ready", "get"),
    "bundle-dictionary": (OWNER, "ready", "get"),
    "bundle-diagram": (OWNER, "ready", "get"),
    "bundle-comparison": (OWNER, "ready", "get"),
    "bundle-zip": (OWNER, "ready", "get"),
    "bundle-file": (OWNER, "ready", "get"),
    "profiles": (SIGNED_IN, "", "get"),
    "upload": (ADMIN, "", "get"),
    "upload-begin": (ADMIN, "", "post"),
    "upload-part": (ADMIN, "", "post"),
    "upload-end": (ADMIN, "", "post"),
    "extract": (ADMIN, "inspected", "get"),
    "extract-progress": (ADMIN, "inspecting", "get"),
    "extract-again": (ADMIN, "inspected", "post"),
    "extract-copy": (ADMIN, "inspected", "post"),
    "extract-discard": (ADMIN, "inspected", "post"),
    "profile": (UNPUBLISHED, "review", "get"),
    "profile-dictionary": (UNPUBLISHED, "review", "get"),
    "profile-diagram": (UNPUBLISHED, "review", "get"),
    "profile-figures": (UNPUBLISHED, "review", "get"),
    "profile-progress": (UNPUBLISHED, "fitting", "get"),
    "profile-comparison": (UNPUBLISHED, "review", "get"),
    "profile-difference": (UNPUBLISHED, "review", "get"),
    "profile-difference-figures": (UNPUBLISHED, "review", "get"),
    "profile-file": (UNPUBLISHED, "review", "get"),
    "profile-cancel": (ADMIN, "fitting", "post"),
    "profile-delete": (ADMIN, "retired", "post"),
    "profile-refit": (ADMIN, "failed", "post"),
    "profile-publish": (ADMIN, "review", "post"),
    "profile-submit": (ADMIN, "fitted", "post"),
    "profile-send-back": (ADMIN, "review", "post"),
    "profile-bring-back": (ADMIN, "retired", "post"),
    "profile-retire": (ADMIN, "published", "post"),
    "trail": (ADMIN, "", "get"),
    "trail-csv": (ADMIN, "", "get"),
    "trail-jsonl": (ADMIN, "", "get"),
}
SECRETS = ("Deals of Alice", "4f2c00ffee", "deal.csv", "UK cars", "secret_cars.csv", "statistics")


@pytest.fixture
def world(alice, bob, charlie, admin, ready, data, make_bundle, monkeypatch):
    """Alice's bundle, an extract and its profile; nobody else has anything."""
    monkeypatch.setattr(broker, "push", lambda row: None)
    Bundle.objects.update(name="Deals of Alice", receipt="4f2c00ffee")
    schema = {
        "tables": [{"name": "t", "key": None, "columns": [{"name": "price", "kind": "integer"}]}]
    }
    extract = Extract.objects.create(
        owner=admin, name="UK cars", original_name="secret_cars.csv", inferred=schema
    )
    (data / "profiles").mkdir()
    (data / "profiles" / "x").write_bytes(b"statistics")
    for version in (1, 2):
        Profile.objects.create(
            name="cars", version=version, title="UK cars", kind="fitted", state="review",
            extract=extract, created_by=admin, path="profiles/x", hash="x",
        )  # fmt: skip
    return {"alice": alice, "bob": bob, "charlie": charlie, "admin": admin}


def address(name):
    if name.startswith("bundle"):
        keys = {"id": Bundle.objects.get().pk}
        more = {"bundle-file": {"path": "deal.csv"}, "bundle-life": {"kind": "car", "key": "1"}}
        return reverse(name, kwargs=keys | more.get(name, {}))
    if name.startswith("extract"):
        return reverse(name, kwargs={"id": Extract.objects.get().pk})
    if name.startswith("profile") and name != "profiles":
        keys = {"id": Profile.objects.get(kind="fitted", version=1).pk}
        if name.startswith("profile-difference"):
            keys["other"] = Profile.objects.get(version=2, kind="fitted").pk
        return reverse(name, kwargs=keys)
    return reverse(name)


def prepare(name):
    """The row in the state in which the address has something to do."""
    _, state, _ = ADDRESSES[name]
    rows = {"bundle": Bundle.objects, "extract": Extract.objects}
    fitted = Profile.objects.filter(kind="fitted")
    if state:
        rows.get(name.split("-")[0], fitted).update(state=state)


def everything(data):
    """All rows and files there are."""
    rows = [list(model.objects.order_by("pk").values()) for model in (Bundle, BundleFile, Profile)]
    return rows, list(Extract.objects.values()), sorted(path for path in data.rglob("*"))


def ask(client, world, who, method, where):
    client.logout()
    if who in world:
        client.force_login(world[who])
    answer = getattr(client, method)(where)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer, body.decode(errors="replace")


def named(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.name
        elif pattern.app_name != "admin":  # Django's own pages, for administrators
            yield from named(pattern.url_patterns)


def test_every_address_says_who_may():
    assert set(named(get_resolver().url_patterns)) == set(ADDRESSES)


@pytest.mark.parametrize("name", ADDRESSES)
def test_those_who_may_can(client, world, name):
    (who_may, _), _, method = ADDRESSES[name]
    who = "alice" if "alice" in who_may else "admin"
    prepare(name)
    answer, _ = ask(client, world, who, method, address(name))
    unlike = {("healthz", 503), ("bundle-life", 404)}  # there is no such life
    unlike |= {("upload-begin", 422), ("upload-part", 404), ("upload-end", 422)}  # nor such a file
    unlike |= {("extract-copy", 422)}  # an empty form confirms nothing
    assert answer.status_code < 400 or (name, answer.status_code) in unlike
    assert "/accounts/login/" not in answer.headers.get("Location", "") or name == "logout"


REFUSED = [
    (name, who)
    for name, ((who_may, answered), *_) in ADDRESSES.items()
    for who in CAST
    if answered and who != "nobody" and who not in who_may
]


@pytest.mark.parametrize(("name", "who"), REFUSED)
def test_those_who_may_not_see_nothing_and_change_nothing(client, world, data, name, who):
    (_, answered), _, acts = ADDRESSES[name]
    prepare(name)
    before = everything(data)
    for method in ("get", "head", "post"):
        answer, body = ask(client, world, who, method, address(name))
        assert answer.status_code in (answered, 405), (method, answer.status_code)
        assert method != acts or answer.status_code == answered
        assert not [secret for secret in SECRETS if secret in body]
    assert everything(data) == before


@pytest.mark.parametrize("name", [n for n, (right, *_) in ADDRESSES.items() if right != ANYBODY])
def test_who_is_not_signed_in_is_sent_to_the_door(client, world, data, name):
    prepare(name)
    before = everything(data)
    for method in ("get", "head", "post"):
        answer, _ = ask(client, world, "nobody", method, address(name))
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/?next=")
    assert everything(data) == before


@pytest.mark.parametrize("who", ["bob", "charlie", "admin"])
def test_lists_hold_nothing_of_somebody_else(client, world, who):
    answer, body = ask(client, world, who, "get", reverse("home"))
    assert answer.status_code == 200
    assert "Deals of Alice" not in body
    client.logout()


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_extracts_and_unpublished_profiles_are_not_listed_or_named(client, world, automotive, who):
    profile = Profile.objects.get(kind="fitted", version=1)
    for where in (reverse("profiles"), reverse("compose"), f"/bundles/new/?profile={profile.pk}"):
        answer, body = ask(client, world, who, "get", where)
        assert answer.status_code == 200
        assert "UK cars" not in body
        assert "secret_cars.csv" not in body
    for name in ("compose", "compose-plan", "compose-preview"):
        answer = client.post(reverse(name), {"profile": profile.pk, "domain": "finance"})
        assert "UK cars" not in answer.content.decode()
    assert not Bundle.objects.exclude(owner=world["alice"]).exists()


@pytest.mark.parametrize("name", ["compose", "compose-plan", "compose-preview"])
def test_nobody_composes_from_a_profile_that_is_not_published(client, world, automotive, name):
    client.force_login(world["admin"])
    sent = {"profile": Profile.objects.get(kind="fitted", version=1).pk, "domain": "finance"}
    answer = client.post(reverse(name), sent)
    assert "UK cars version 1 is no longer offered." in answer.content.decode()


@pytest.mark.parametrize("who", ["bob", "charlie", "admin"])
def test_nobody_clones_the_bundle_of_somebody_else(client, world, who):
    where = f"/bundles/new/?bundle={Bundle.objects.get().pk}"
    assert ask(client, world, who, "get", where)[0].status_code == 404
    assert ask(client, world, "alice", "get", where)[0].status_code == 200


@pytest.mark.parametrize("name", ["bundle-cancel", "bundle-retry", "bundle-delete"])
@pytest.mark.parametrize("who", ["bob", "charlie", "admin"])
def test_the_example_is_for_everybody_to_look_at_and_for_its_owner_to_change(
    client, world, data, name, who
):
    prepare(name)
    Bundle.objects.update(is_example=True)
    before = everything(data)
    assert ask(client, world, who, "get", address("bundle"))[0].status_code == 200
    assert ask(client, world, who, "post", address(name))[0].status_code == 403
    assert everything(data) == before
