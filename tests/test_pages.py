"""Every page: who may see it, what it says, and what it costs the database."""

from __future__ import annotations

import errno
import json
import re
import uuid

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.urls import reverse

from portal import broker, profiles
from portal.models import Act, Bundle, BundleFile, Extract, Profile
from tests.laid import content_of

pytestmark = pytest.mark.django_db

DEALS = {
    "domain": "sales_operations",
    "rows.deal": "50",
    "seed": "7",
    "formats": "csv",
    "from": "2025-01-01",
    "to": "2025-12-31",
    "as_of": "2025-12-31",
}
NEW = Extract.State.INSPECTED


@pytest.fixture
def pushed(monkeypatch):
    """What was queued, instead of a broker."""
    rows = []
    monkeypatch.setattr(broker, "push", rows.append)
    return rows


@pytest.fixture
def as_alice(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def as_admin(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def extract(admin):
    columns = [{"name": "price", "kind": "integer"}, {"name": "brand", "kind": "text"}]
    schema = {"tables": [{"name": "cars", "key": None, "columns": columns, "links": []}]}
    return Extract.objects.create(
        owner=admin, name="cars", original_name="cars.csv", state=NEW, inferred=schema, rows=9
    )


@pytest.fixture
def fitted(admin, extract):
    return Profile.objects.create(
        name="cars",
        title="UK cars",
        kind="fitted",
        state="failed",
        extract=extract,
        created_by=admin,
    )


def confirmed(title, **changes):
    """What the confirm page of ``extract`` sends, with changes."""
    columns = {"0-columns-TOTAL_FORMS": 2, "0-columns-INITIAL_FORMS": 2}
    kinds = {"0-columns-0-kind": "integer", "0-columns-1-kind": "text"}
    return {"title": title, "0-key": "", **columns, **kinds, **changes}


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


# Who may see what: tests/test_permissions.py visits every address; here is what the pages say


def addresses(bundle, extract, profile):
    """(method, address, whether a developer may)"""
    one, other, third = {"id": bundle.pk}, {"id": extract.pk}, {"id": profile.pk}
    return [
        ("get", reverse("home"), True),
        ("get", reverse("compose"), True),
        ("post", reverse("compose-plan"), True),
        ("post", reverse("compose-preview"), True),
        ("get", reverse("bundle", kwargs=one), True),
        ("get", reverse("bundle-progress", kwargs=one), True),
        ("get", reverse("bundle-figures", kwargs=one), True),
        ("post", reverse("bundle-cancel", kwargs=one), True),
        ("post", reverse("bundle-retry", kwargs=one), True),
        ("post", reverse("bundle-delete", kwargs=one), True),
        ("get", reverse("profiles"), True),
        ("get", reverse("upload"), False),
        ("post", reverse("upload"), False),
        ("get", reverse("extract", kwargs=other), False),
        ("post", reverse("extract", kwargs=other), False),
        ("get", reverse("extract-progress", kwargs=other), False),
        ("post", reverse("extract-discard", kwargs=other), False),
        ("post", reverse("profile-publish", kwargs=third), False),
        ("post", reverse("profile-send-back", kwargs=third), False),
        ("post", reverse("profile-retire", kwargs=third), False),
        ("post", reverse("profile-refit", kwargs=third), False),
        ("post", reverse("profile-delete", kwargs=third), False),
        ("post", reverse("profile-cancel", kwargs=third), False),
    ]


def test_a_bundle_that_was_never_made_does_not_exist(as_alice, automotive):
    assert as_alice.get(reverse("bundle", kwargs={"id": uuid.uuid4()})).status_code == 404
    assert as_alice.get("/bundles/new/?bundle=nonsense").status_code == 404


def test_changes_need_a_token_of_the_form(alice, admin, ready, extract, fitted):
    from django.test import Client

    for user in (alice, admin):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(user)
        for method, address, may in addresses(ready, extract, fitted):
            mine = str(ready.pk) not in address or user == alice
            if method == "post" and mine and (may or user == admin):
                assert strict.post(address).status_code == 403, address
    ready.refresh_from_db()
    extract.refresh_from_db()
    assert (ready.state, extract.state) == ("ready", NEW)


def test_changes_are_never_made_by_looking(as_alice, ready):
    for name in ("cancel", "retry", "delete"):
        address = reverse(f"bundle-{name}", kwargs={"id": ready.pk})
        assert as_alice.get(address).status_code == 405


def test_the_example_may_be_looked_at_but_not_changed(client, bob, ready):
    Bundle.objects.update(is_example=True)
    client.force_login(bob)
    page = client.get(reverse("bundle", kwargs={"id": ready.pk}))
    assert page.status_code == 200
    assert "Delete the bundle" not in text(page)
    assert client.post(reverse("bundle-delete", kwargs={"id": ready.pk})).status_code == 403


def test_the_file_of_a_profile_is_for_those_who_may_see_it(as_alice, fitted, data):
    (data / "profiles").mkdir()
    (data / "profiles" / "x").write_bytes(b"statistics")
    address = reverse("profile-file", kwargs={"id": fitted.pk})
    Profile.objects.filter(pk=fitted.pk).update(path="profiles/x", hash="x", state="review")
    assert as_alice.get(address).status_code == 404
    Profile.objects.filter(pk=fitted.pk).update(state="published")
    assert b"".join(as_alice.get(address).streaming_content) == b"statistics"
    assert as_alice.get(address)["Content-Disposition"].endswith("cars.profile")


def test_unpublished_profiles_are_for_administrators(client, alice, admin, fitted):
    address = reverse("profile", kwargs={"id": fitted.pk})
    client.force_login(alice)
    assert client.get(address).status_code == 404
    assert "UK cars" not in text(client.get(reverse("profiles")))
    client.force_login(admin)
    assert client.get(address).status_code == 200
    assert "UK cars" in text(client.get(reverse("profiles")))


@pytest.mark.parametrize(("path", "code"), [("/nothing/", 404), ("/profiles/new/", 403)])
def test_pages_for_what_cannot_be_shown(as_alice, path, code):
    page = as_alice.get(path)
    assert page.status_code == code
    assert "Proving Ground" in text(page)
    assert "My bundles" in text(page)


def test_no_page_has_anything_inline(as_admin, ready, extract, fitted, automotive):
    Bundle.objects.update(is_example=True)
    pages = [address for way, address, _ in addresses(ready, extract, fitted) if way == "get"]
    for address in [*pages, reverse("profile", kwargs={"id": automotive.pk}), "/nothing/"]:
        html = text(as_admin.get(address))
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", html), address
        assert not re.search(r"\sstyle=|<style|\son\w+=|https?://[^\"]*\.js", html), address


# My bundles


def test_an_empty_list_invites(as_alice, automotive):
    assert "Compose the first bundle" in text(as_alice.get("/"))


def test_the_list_says_what_each_bundle_is(as_alice, alice, make_bundle):
    make_bundle(alice, name="Nightly", state="failed", error="The disk is full.")
    page = text(as_alice.get("/"))
    assert "Nightly" in page
    assert "✕ failed" in page
    assert "The disk is full." in page


def test_a_list_costs_the_same_however_long(
    as_alice, alice, make_bundle, django_assert_max_num_queries
):
    for number in range(40):
        make_bundle(alice, name=f"Bundle {number}")
    with django_assert_max_num_queries(5):
        as_alice.get("/")


def test_the_list_asks_for_news_only_while_something_runs(as_alice, alice, make_bundle):
    bundle = make_bundle(alice, state="running")
    assert "every 2s" in text(as_alice.get("/"))
    assert as_alice.get("/", headers={"HX-Request": "true"}).status_code == 200
    Bundle.objects.filter(pk=bundle.pk).update(state="cancelled")
    assert "every 2s" not in text(as_alice.get("/"))
    assert as_alice.get("/", headers={"HX-Request": "true"}).status_code == 286


# Composing


def send(client, automotive, where="compose", **changes):
    data = DEALS | {"profile": automotive.pk} | changes
    return client.post(reverse(where), {name: v for name, v in data.items() if v is not None})


def test_composing_begins_with_a_plan_that_can_be_made(as_alice, automotive):
    page = text(as_alice.get(reverse("compose")))
    assert "can be made" in page
    assert "cannot be made" not in page


def test_control_characters_are_not_kept(as_admin, automotive, extract, pushed):
    send(as_admin, automotive, name="a\x01b\x07\n")
    assert Bundle.objects.get().name == "a b"
    as_admin.post(reverse("extract", kwargs={"id": extract.pk}), confirmed("UK\x01cars"))
    profile = Profile.objects.get(kind="fitted")
    assert profile.title == "UK cars"
    Profile.objects.filter(pk=profile.pk).update(state="review")
    note = {"note": "good\x01\r\nenough"}
    as_admin.post(reverse("profile-publish", kwargs={"id": profile.pk}), note)
    profile.refresh_from_db()
    assert profile.note == "good enough"


def test_a_name_with_a_nul_does_no_harm(as_admin, data, pushed):
    assert upload(as_admin, "cars.csv", b"price\n1\n", name="a\0b").status_code == 302
    assert Extract.objects.get().name == "a b"


@pytest.mark.parametrize("name", ["sandbox", "qa", "telemetry"])
def test_every_preset_can_be_made(as_alice, automotive, name):
    page = text(as_alice.get(reverse("compose"), {"preset": name}))
    assert "✓ can be made" in page


def test_a_bundle_is_made_and_queued(
    as_alice, alice, automotive, pushed, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = send(as_alice, automotive, name="Mine")
    bundle = Bundle.objects.get()
    assert response["Location"] == reverse("bundle", kwargs={"id": bundle.pk})
    assert (bundle.owner, bundle.name, bundle.state) == (alice, "Mine", "queued")
    assert bundle.recipe["rows"] == {"deal": 50}
    assert bundle.plan["rows"] == bundle.rows
    assert pushed == [bundle]
    act = Act.objects.first()
    assert (act.who, act.verb, act.title) == ("alice", "requested", "Mine")
    assert act.details == {"rows": bundle.rows, "profile": "automotive 1"}


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("seed", "seven", "whole number"),
        ("to", "2024-12-31", "before it starts"),
        ("rows.deal", "minus one", "whole number"),
    ],
)
def test_a_refused_form_says_why_and_keeps_what_was_typed(as_alice, automotive, field, value, word):
    page = send(as_alice, automotive, **{field: value})
    assert page.status_code == 422
    assert word in text(page)
    assert f'value="{value}"' in text(page)
    assert 'aria-invalid="true"' in text(page)
    assert not Bundle.objects.exists()


def test_the_plan_follows_what_is_typed(as_alice, automotive):
    page = text(send(as_alice, automotive, "compose-plan", **{"rows.deal": "60"}))
    assert "can be made" in page
    assert re.search(r'id="told-deal"[^>]*data-follows="60"[^>]*hx-swap-oob', page)
    assert "<form" not in page


def test_the_plan_of_a_wrong_form_is_a_sentence(as_alice, automotive):
    answer = send(as_alice, automotive, "compose-plan", seed="x")
    assert answer.status_code == 200
    assert "cannot be made yet" in text(answer)
    assert re.search(r'id="seed-says"[^>]*>\s*<span class="err">', text(answer))


def test_a_preview_shows_rows_of_each_table(as_alice, automotive):
    page = text(send(as_alice, automotive, "compose-preview"))
    assert 'id="peek-deal"' in page
    assert page.count("<tr>") > 20


def test_without_scripts_the_form_works_by_its_buttons(as_alice, automotive):
    page = send(as_alice, automotive, do="plan")
    assert page.status_code == 200
    assert "can be made" in text(page)
    assert 'id="peek-deal"' in text(send(as_alice, automotive, do="preview"))
    shuffled = text(send(as_alice, automotive, do="reshuffle"))
    assert re.search(r'name="seed" value="\d+"', shuffled)
    assert 'name="seed" value="7"' not in shuffled
    assert not Bundle.objects.exists()
    assert send(as_alice, automotive, do="profile")["Location"].endswith(f"={automotive.pk}")


def test_only_published_profiles_can_be_chosen(as_alice, automotive):
    Profile.objects.update(state="retired")
    send(as_alice, automotive)
    assert not Bundle.objects.exists()
    assert "No profile is published" in text(as_alice.get(reverse("compose")))


def test_a_clone_begins_with_the_recipe_of_its_bundle(as_alice, automotive, pushed):
    send(as_alice, automotive, seed="4711")
    page = text(as_alice.get(reverse("compose"), {"bundle": Bundle.objects.get().pk}))
    assert 'value="4711"' in page
    assert re.search(r'name="rows.deal"[^>]*value="50"', page)


@pytest.fixture
def newer(admin):
    """A published profile whose file is gone."""
    return Profile.objects.create(
        name="cars", title="UK cars", version=2, state="published", path="profiles/x", hash="x"
    )


def test_a_profile_retired_meanwhile_keeps_what_was_typed(as_alice, automotive, fitted):
    Profile.objects.filter(pk=fitted.pk).update(state="retired")
    for do in ("make", "plan", "reshuffle"):
        page = send(as_alice, fitted, do=do, name="Mine")
        assert page.status_code == (422 if do == "make" else 200)
        assert "UK cars version 1 is no longer offered" in text(page)
        assert "moved to Automotive retail version 1" in text(page)
        assert 'value="Mine"' in text(page)
        assert re.search(r'name="rows.deal"[^>]*value="50"', text(page))
        assert f'<option value="{automotive.pk}" selected>' in text(page)
    assert "no longer offered" in text(send(as_alice, fitted, "compose-plan"))
    assert send(as_alice, fitted, "compose-preview").status_code == 200
    assert not Bundle.objects.exists()


def test_a_profile_one_may_not_see_is_not_named(as_alice, automotive, fitted):
    page = send(as_alice, fitted)
    assert page.status_code == 422
    assert "The profile that was chosen is no longer offered" in text(page)
    assert "UK cars" not in text(page)


@pytest.mark.usefixtures("data")
def test_a_profile_that_cannot_be_opened_says_so(as_admin, automotive, newer):
    page = text(as_admin.get(reverse("profile", kwargs={"id": newer.pk})))
    assert "The profile cannot be opened." in page
    assert "There is no profile file" in page
    assert "New bundle from it" not in page
    assert as_admin.get(reverse("profile-figures", kwargs={"id": newer.pk})).status_code == 200
    begun = text(as_admin.get(reverse("compose"), {"profile": newer.pk}))
    assert "UK cars version 2 cannot be opened. There is no profile file" in begun
    assert "can be made" in begun
    assert send(as_admin, newer).status_code == 422
    assert "cannot be opened" in text(send(as_admin, newer, "compose-plan"))


@pytest.mark.usefixtures("data")
def test_a_clone_says_where_its_recipe_went(as_alice, alice, automotive, newer, make_bundle):
    bundle = make_bundle(alice, profile=newer)
    page = text(as_alice.get(reverse("compose"), {"bundle": bundle.pk}))
    assert "UK cars version 2 cannot be opened" in page
    Profile.objects.filter(pk=newer.pk).update(state="retired")
    page = text(as_alice.get(reverse("compose"), {"bundle": bundle.pk}))
    assert "UK cars version 2 is no longer offered" in page
    assert "moved to Automotive retail version 1" in page


def test_another_version_is_nearer_than_the_built_in(automotive, fitted, newer, monkeypatch):
    monkeypatch.setattr(profiles, "document", lambda profile: profile.title)
    assert profiles.choose([automotive, newer], fitted).profile == newer
    assert profiles.choose([newer, automotive], None).profile == automotive
    assert profiles.choose([automotive, newer], newer) == (newer, "UK cars", "")


@pytest.mark.usefixtures("data")
def test_without_a_profile_that_opens_nothing_is_composed(as_alice, newer):
    assert "No profile is published" in text(as_alice.get(reverse("compose")))
    assert send(as_alice, newer).status_code == 404


# One bundle


def test_a_running_bundle_says_how_far_it_is(as_alice, alice, make_bundle):
    bundle = make_bundle(
        alice,
        state="running",
        progress={
            "stage": "drawing",
            "rows_done": 41,
            "rows_total": 100,
            "rows_per_second": 68_400,
            "seconds_left": 8,
            "tables": {"deal": [41, 100, 20]},
        },
    )
    page = text(as_alice.get(reverse("bundle", kwargs={"id": bundle.pk})))
    for said in (
        "41.0 %",
        "68,400 rows/s",
        "8 s left",
        "20 rows/s · 3 s left",
        "41 of 100",
        "every 1s",
        ">Cancel<",
    ):
        assert said in page


def test_news_stop_when_the_run_is_over(as_alice, alice, make_bundle):
    bundle = make_bundle(alice, state="queued")
    address = reverse("bundle-progress", kwargs={"id": bundle.pk})
    assert as_alice.get(address).status_code == 200
    as_alice.post(reverse("bundle-cancel", kwargs={"id": bundle.pk}))
    news = as_alice.get(address)
    assert news.status_code == 286
    assert "over" in json.loads(news["HX-Trigger"])  # page.js then loads the page again
    assert "HX-Refresh" not in news  # htmx would go on asking, and each answer begin anew
    bundle.refresh_from_db()
    assert bundle.state == "cancelled"


def test_a_failed_bundle_says_why_and_can_be_tried_again(
    as_alice, alice, make_bundle, pushed, django_capture_on_commit_callbacks
):
    bundle = make_bundle(alice, state="failed", error="The disk of the portal is full.")
    address = reverse("bundle", kwargs={"id": bundle.pk})
    assert "The disk of the portal is full." in text(as_alice.get(address))
    with django_capture_on_commit_callbacks(execute=True):
        as_alice.post(reverse("bundle-retry", kwargs={"id": bundle.pk}))
    bundle.refresh_from_db()
    assert bundle.state == "queued"
    assert pushed == [bundle]


def test_a_bundle_is_not_deleted_under_a_run(as_alice, alice, make_bundle):
    bundle = make_bundle(alice, state="running")
    as_alice.post(reverse("bundle-delete", kwargs={"id": bundle.pk}))
    assert Bundle.objects.exists()


def test_a_deleted_bundle_takes_its_files_along(as_alice, ready, data):
    as_alice.post(reverse("bundle-delete", kwargs={"id": ready.pk}))
    assert not Bundle.objects.exists()
    assert not (data / "bundles" / str(ready.pk)).exists()


@pytest.fixture
def compared(ready, data):
    """Alice's bundle with a comparison and a broken rule."""
    rule = {
        "id": "R1", "table": "deal", "text": "A car is sold once", "group": "Deals",
        "level": "error", "rows": 100, "broken": 3, "examples": [4, 17], "checked": True,
        "reason": "",
    }  # fmt: skip
    target = {
        "id": "t", "title": "Light trucks", "table": "deal", "kind": "share", "goal": "equal",
        "target": 0.8, "reached": 0.802, "rows": 100, "gap": 0.002, "met": True, "unit": "",
        "confidence": "rule", "assumption": False, "source": None,
    }  # fmt: skip
    source = {"id": "s", "title": "T", "publisher": "EPA", "year": "2024", "url": "https://e.com"}
    sourced = target | {"title": "Electric", "confidence": "data", "source": source, "met": False}
    column = {
        "table": "deal", "column": "body", "chart": "bars", "labels": ["SUV", "VAN"],
        "synthetic": [0.7, 0.3], "reference": None, "assumption": True,
    }  # fmt: skip
    comparison = {
        "references": [target, sourced],
        "columns": [column],
        "fit_for": [{"use": "load tests", "fit": True, "why": "Exact counts."}],
    }
    validation = {
        "ok": False, "rules": [rule], "passed": 0, "total": 1,
        "links": {"checked": 1234, "orphans": 0},
        "groups": [{"name": "Deals", "passed": 0, "total": 1, "broken_rows": 3}],
    }  # fmt: skip
    (data / ready.path / "comparison.json").write_text(json.dumps(comparison))
    (data / ready.path / "validation.json").write_text(json.dumps(validation))
    return ready


def test_a_ready_bundle_shows_files_checks_targets_and_sources(as_alice, compared):
    page = text(as_alice.get(reverse("bundle", kwargs={"id": compared.pk})))
    file = compared.files.get(path="deal.csv")
    for said in (
        reverse("bundle-file", kwargs={"id": compared.pk, "path": "deals.zip"}),
        file.sha256,
        "0 orphans of 1,234",
        "3 of 100 rows of deal; first in row 4, 17.",
        "80.2 %",
        "target 80.0 % · platform rule · met",
        '<a href="https://e.com" rel="noreferrer">EPA 2024</a>',
        "Fit for <b>load tests</b>",
        "Rests on an assumption, so there is no reference line.",
        "same seed, same bytes" if compared.receipt else "Downloads",
    ):
        assert said in page, said


def test_the_parts_of_a_table_stand_in_one_line(as_alice, compared):
    names = [f"event.parquet/part-{number:05d}.parquet" for number in range(3)]
    for position, name in enumerate(names, 10):
        BundleFile.objects.create(
            bundle=compared, path=name, table="event", format="parquet", rows=40, bytes=1_000,
            sha256="0" * 64, position=position,
        )  # fmt: skip
    page = text(as_alice.get(reverse("bundle", kwargs={"id": compared.pk})))
    (line,) = re.findall(r"<summary>[^\n]*3 files</summary>.*?</tr>", page, flags=re.DOTALL)
    assert '<td class="n">120</td>' in line
    for name in names:
        assert reverse("bundle-file", kwargs={"id": compared.pk, "path": name}) in line


def test_every_chart_on_the_page_has_a_figure(as_alice, compared):
    page = text(as_alice.get(reverse("bundle", kwargs={"id": compared.pk})))
    answer = as_alice.get(reverse("bundle-figures", kwargs={"id": compared.pk}))
    assert "private" in answer["Cache-Control"]
    assert set(re.findall(r'class="plot[^"]*" id="([^"]+)"', page)) == set(answer.json())


def test_a_bundle_page_costs_the_same_however_many_files(
    as_alice, compared, django_assert_max_num_queries
):
    with django_assert_max_num_queries(6):
        as_alice.get(reverse("bundle", kwargs={"id": compared.pk}))


def test_there_are_no_figures_before_the_bundle_is_ready(as_alice, alice, make_bundle):
    bundle = make_bundle(alice, state="running")
    assert as_alice.get(reverse("bundle-figures", kwargs={"id": bundle.pk})).status_code == 404


# Profiles and extracts


def test_the_built_in_profile_shows_its_figures_and_sources(as_alice, automotive):
    page = text(as_alice.get(reverse("profile", kwargs={"id": automotive.pk})))
    assert "platform rule" in page
    assert "Sources" in page
    assert "New bundle from it" in page
    assert "Retire…" not in page


def test_profiles_cost_the_same_however_many(as_admin, fitted, django_assert_max_num_queries):
    for number in range(30):
        Profile.objects.create(name="many", version=number + 1, title="Many", kind="fitted")
    with django_assert_max_num_queries(5):
        as_admin.get(reverse("profiles"))


def upload(client, file_name, content, **fields):
    file = SimpleUploadedFile(file_name, content)
    return client.post(reverse("upload"), {"file": file, **fields})


def test_an_upload_is_kept_and_queued(as_admin, data, pushed, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        response = upload(as_admin, "../UK cars.csv", b"price\n1\n", name="")
    extract = Extract.objects.get()
    assert response["Location"] == reverse("extract", kwargs={"id": extract.pk})
    assert extract.original_name == "UK_cars.csv"
    assert content_of(data / extract.path / "UK_cars.csv") == b"price\n1\n"
    assert not [
        path for path in data.rglob("*") if path.is_file() and b"price" in path.read_bytes()
    ]
    assert pushed == [extract]


def test_several_files_are_one_extract(as_admin, data, pushed):
    files = [SimpleUploadedFile(name, b"a\n1\n") for name in ("cars.csv", "x/cars.csv", "b.csv")]
    as_admin.post(reverse("upload"), {"file": files})
    extract = Extract.objects.get()
    assert [file["name"] for file in extract.files] == ["cars.csv", "cars_2.csv", "b.csv"]
    assert extract.original_name == "cars.csv, cars_2.csv, b.csv"
    assert extract.bytes == 12
    page = upload(as_admin, "x.exe", b"MZ", more="")
    assert page.status_code == 422
    files = [SimpleUploadedFile("a.csv", b"a\n1\n"), SimpleUploadedFile("x.exe", b"MZ")]
    assert "“x.exe” is not a file" in text(as_admin.post(reverse("upload"), {"file": files}))
    assert not list((data / "work").iterdir())


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("cars.exe", b"MZ", "is not a file this portal reads"),
        ("cars.csv", b"", "The file is empty"),
    ],
)
def test_an_upload_that_cannot_be_used_says_why(as_admin, data, name, content, word):
    page = upload(as_admin, name, content)
    assert page.status_code == 422
    assert word in text(page)
    assert not Extract.objects.exists()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("数据.csv", "数据.csv"),
        (".csv", "extract.csv"),
        ("…….CSV.gz", "extract.CSV.gz"),
        ("Fälle von 2025.parquet", "Fälle_von_2025.parquet"),
        ("数" * 300 + ".jsonl", "数" * 66 + ".jsonl"),
        ("a.b/../..csv", "extract.csv"),
    ],
)
@pytest.mark.usefixtures("pushed")
def test_a_file_keeps_its_name_in_any_script(as_admin, data, given, kept):
    assert upload(as_admin, given, b"price\n1\n").status_code == 302
    extract = Extract.objects.get()
    assert extract.original_name == kept
    assert [path.name for path in (data / extract.path).iterdir()] == [kept]


@pytest.mark.parametrize(
    "where",
    [
        "portal.sealed.Sealer.append",
        "portal.private_files.PrivateFolder.adopt",
    ],
)
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_a_sentence_on_the_file(as_admin, data, monkeypatch, where, number):
    def full(*_, **__):
        raise OSError(number, "No room")

    monkeypatch.setattr(where, full)
    page = upload(as_admin, "cars.csv", b"price\n1\n", name="Mine")
    assert page.status_code == 507
    assert re.search(
        r'id="file-says">\s*<span class="err"[^>]*>The disk of the portal is full', text(page)
    )
    assert "Choose a file" not in text(page)
    assert not Extract.objects.exists()
    assert not [path for path in data.rglob("*") if path.is_file()]


def test_an_upload_whose_row_cannot_be_written_leaves_no_file(as_admin, data, monkeypatch):
    def locked(*_, **__):
        raise OperationalError("database is locked")

    monkeypatch.setattr(Extract, "save", locked)
    assert upload(as_admin, "cars.csv", b"price\n1\n").status_code == 503
    assert not list((data / "extracts").iterdir())


def test_too_much_is_refused_before_it_is_read(as_admin, settings):
    page = as_admin.generic(
        "POST",
        reverse("upload"),
        b"",
        content_type="multipart/form-data; boundary=x",
        headers={"Content-Length": str(settings.UPLOAD_LIMIT + 3_000_000)},
        CONTENT_LENGTH=str(settings.UPLOAD_LIMIT + 3_000_000),
    )
    assert page.status_code == 413
    assert "Upload a sample of its rows" in text(page)


def test_a_confirmed_extract_is_fitted_once(
    as_admin, extract, pushed, django_capture_on_commit_callbacks
):
    address = reverse("extract", kwargs={"id": extract.pk})
    page = text(as_admin.get(address))
    assert "price" in page
    assert "so many <em>rows that point at it</em> stand behind what is kept" in page
    with django_capture_on_commit_callbacks(execute=True):
        first = as_admin.post(address, confirmed("UK cars"))
        second = as_admin.post(address, confirmed("UK cars"))
    profile = Profile.objects.get(kind="fitted")
    assert first["Location"] == second["Location"] == f"/profiles/{profile.pk}/"
    assert (profile.name, profile.version, profile.state) == ("uk-cars", 1, "fitting")
    assert pushed == [profile]


def test_an_extract_deleted_meanwhile_is_not_fitted(as_admin, extract, monkeypatch):
    stale = Extract.objects.get(pk=extract.pk)
    extract.mark_deleted()
    monkeypatch.setattr("portal.access.get_extract_or_404", lambda *_: stale)
    address = reverse("extract", kwargs={"id": extract.pk})
    page = as_admin.post(address, confirmed("X"), follow=True)
    assert "deleted meanwhile" in text(page)
    assert not Profile.objects.exists()


@pytest.mark.parametrize(
    ("state", "listed"), [("failed", True), ("cancelled", True), ("fitting", False)]
)
def test_an_extract_is_on_its_way_until_it_is_deleted(as_admin, extract, fitted, state, listed):
    Extract.objects.update(state="confirmed")
    Profile.objects.filter(pk=fitted.pk).update(state=state)
    address = reverse("extract", kwargs={"id": extract.pk})
    assert (address in text(as_admin.get(reverse("profiles")))) == listed
    extract.mark_deleted()
    assert address not in text(as_admin.get(reverse("profiles")))


@pytest.mark.parametrize("state", ["fitted", "retired", "failed", "cancelled"])
def test_a_profile_nobody_needs_is_deleted_with_its_file(as_admin, fitted, data, state):
    file = data / "profiles" / "cars.profile"
    file.parent.mkdir()
    file.write_bytes(b"damaged")
    Profile.objects.filter(pk=fitted.pk).update(state=state, path="profiles/cars.profile")
    page = as_admin.post(reverse("profile-delete", kwargs={"id": fitted.pk}), follow=True)
    assert "UK cars version 1 was deleted" in text(page)
    assert not Profile.objects.exists()
    assert not file.exists()


@pytest.mark.parametrize("state", ["review", "published", "fitting", "cancelling"])
def test_a_profile_that_is_needed_is_not_deleted(as_admin, fitted, state):
    Profile.objects.filter(pk=fitted.pk).update(state=state)
    as_admin.post(reverse("profile-delete", kwargs={"id": fitted.pk}))
    assert Profile.objects.exists()


def test_a_profile_with_bundles_is_not_deleted(as_admin, alice, fitted, automotive, make_bundle):
    make_bundle(alice, profile=fitted)
    Profile.objects.update(state="retired")
    for profile in (fitted, automotive):
        as_admin.post(reverse("profile-delete", kwargs={"id": profile.pk}))
    assert Profile.objects.count() == 2


def test_a_fit_is_watched_and_cancelled(as_admin, fitted):
    address = reverse("profile", kwargs={"id": fitted.pk})
    told = {"stage": "learning cars.price", "share": 0.4, "seconds_left": 12}
    Profile.objects.filter(pk=fitted.pk).update(state="fitting", claim="x:1:a", progress=told)
    page = text(as_admin.get(address))
    for said in ("40.0 %", "learning cars.price", "~ 12 s left", ">Cancel<"):
        assert said in page
    as_admin.post(reverse("profile-cancel", kwargs={"id": fitted.pk}))
    assert "Being cancelled" in text(as_admin.get(address))
    fitted.refresh_from_db()
    assert fitted.cancelled(claim="x:1:a")
    page = text(as_admin.get(address))
    assert "The extract is still there" in page
    assert "Fit again" in page


def test_a_wrong_confirmation_keeps_the_form(as_admin, extract):
    address = reverse("extract", kwargs={"id": extract.pk})
    page = as_admin.post(address, confirmed("", **{"0-columns-0-kind": "text"}))
    assert page.status_code == 422
    assert "Give the profile a name" in text(page)
    assert '<option value="text" selected>text</option>' in text(page)


def test_a_refused_extract_says_why(as_admin, extract):
    Extract.objects.update(state="refused", error="cars.csv, line 17 has 8 fields.")
    page = text(as_admin.get(reverse("extract", kwargs={"id": extract.pk})))
    assert "line 17 has 8 fields" in page


@pytest.mark.parametrize(
    ("before", "decision", "after"),
    [
        ("review", "publish", "published"),
        ("fitted", "submit", "review"),
        ("review", "send-back", "fitted"),
        ("published", "retire", "retired"),
        ("retired", "bring-back", "published"),
    ],
)
def test_administrators_decide(as_admin, fitted, before, decision, after):
    Profile.objects.filter(pk=fitted.pk).update(state=before)
    as_admin.post(reverse(f"profile-{decision}", kwargs={"id": fitted.pk}), {"note": "Checked"})
    fitted.refresh_from_db()
    assert (fitted.state, fitted.note, fitted.decided_by) == (after, "Checked", fitted.created_by)


@pytest.mark.parametrize(
    ("before", "decision", "said"),
    [
        ("review", "send-back", "is sent back. It can be submitted again, or deleted."),
        ("published", "retire", "is retired. No new bundle can choose it; bundles made from it"),
        ("retired", "bring-back", "is published again. It is offered when a bundle is composed."),
    ],
)
def test_what_was_decided_is_said_with_what_it_means(as_admin, fitted, before, decision, said):
    Profile.objects.filter(pk=fitted.pk).update(state=before)
    where = reverse(f"profile-{decision}", kwargs={"id": fitted.pk})
    [told] = get_messages(as_admin.post(where, {"note": "Checked"}).wsgi_request)
    assert said in str(told)


def test_what_is_sent_back_has_a_reason(as_admin, fitted):
    Profile.objects.filter(pk=fitted.pk).update(state="review")
    where = reverse("profile-send-back", kwargs={"id": fitted.pk})
    assert "Say why" in text(as_admin.post(where, {"note": " "}, follow=True))
    fitted.refresh_from_db()
    assert fitted.state == "review"


@pytest.mark.parametrize(("by_other", "state"), [(True, "review"), (False, "published")])
def test_somebody_else_reviews_where_that_is_asked(as_admin, fitted, settings, by_other, state):
    settings.REVIEW_BY_OTHER = by_other
    Profile.objects.filter(pk=fitted.pk).update(state="review")
    answer = as_admin.post(reverse("profile-publish", kwargs={"id": fitted.pk}))
    assert answer.status_code == (403 if by_other else 302)
    fitted.refresh_from_db()
    assert fitted.state == state


def test_who_uploaded_is_no_reviewer_either(as_admin, admin, fitted, settings, django_user_model):
    settings.REVIEW_BY_OTHER = True
    other = django_user_model.objects.create_user("other", is_staff=True)
    Profile.objects.filter(pk=fitted.pk).update(state="review", created_by=other)
    where = reverse("profile-publish", kwargs={"id": fitted.pk})
    assert as_admin.post(where).status_code == 403  # the extract is the admin's
    Extract.objects.update(owner=other)
    assert as_admin.post(where).status_code == 302


def test_a_decision_that_is_not_open_changes_nothing(as_admin, fitted):
    as_admin.post(reverse("profile-publish", kwargs={"id": fitted.pk}))
    fitted.refresh_from_db()
    assert fitted.state == "failed"


def test_a_finding_is_shown_masked_and_a_word_against_it_is_signed(as_admin, extract, pushed):
    extract.inferred["tables"][0]["columns"][0]["personal"] = "name"
    column = extract.inferred["tables"][0]["columns"][0]["name"]
    table = extract.inferred["tables"][0]["name"]
    found = {"table": table, "column": column, "word": "name", "confidence": 0.8}
    found |= {"because": "its name", "examples": ["Xxxx xx"]}
    alone = {"table": table, "columns": [column], "rows": 3, "of": 9}
    extract.inferred["findings"] = {"columns": [found], "together": [alone]}
    extract.save()
    address = reverse("extract", kwargs={"id": extract.pk})
    page = as_admin.get(address).content.decode()
    assert "Looks like names of people, 80 % sure" in page
    assert "<code>Xxxx xx</code>" in page
    assert "3 of 9 rows" in page
    sent = confirmed("UK cars")
    sent.pop("0-columns-0-personal", None)
    assert "say why it is not" in as_admin.post(address, sent).content.decode()
    as_admin.post(address, sent | {"0-columns-0-why": "names of models"})
    extract.refresh_from_db()
    [said] = extract.confirmed["settled"]
    assert (said["column"], said["why"], said["personal"]) == (column, "names of models", False)
    assert said["by"]
    assert said["at"]
