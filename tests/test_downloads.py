"""Files come whole, in parts, or not at all."""

import uuid

import pytest

from portal.views.downloads import byte_range

pytestmark = pytest.mark.django_db
CONTENT = bytes(range(250)) * 4


@pytest.fixture
def url(ready):
    return f"/bundles/{ready.pk}/files/deal.csv"


@pytest.fixture
def get(client, alice, url):
    client.force_login(alice)
    return lambda **headers: client.get(url, headers=headers)


def body(response):
    return b"".join(response.streaming_content)


def test_the_whole_file(get):
    response = get()
    assert response.status_code == 200
    assert body(response) == CONTENT
    assert response["Content-Length"] == "1000"
    assert response["Accept-Ranges"] == "bytes"
    assert response["Content-Disposition"] == "attachment; filename*=UTF-8''deal.csv"
    assert response["Content-Type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=900-", 900, 999),
        ("bytes=-1", 999, 999),
        ("bytes=990-5000", 990, 999),
        ("bytes=-5000", 0, 999),
        ("Bytes=0-99", 0, 99),
    ],
)
def test_a_part(get, asked, first, last):
    response = get(range=asked)
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/1000"
    assert response["Content-Length"] == str(last - first + 1)
    assert body(response) == CONTENT[first : last + 1]


def test_a_part_beyond_the_end(get):
    response = get(range="bytes=1000-")
    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */1000"


@pytest.mark.parametrize(
    "asked",
    ["bytes=0-1,5-6", "bytes=-", "lines=1-2", "bytes=9-3", "x", f"bytes={'9' * 4400}-"],
    ids=["two", "empty", "lines", "backwards", "x", "long"],
)
def test_a_range_that_is_not_understood_is_ignored(get, asked):
    assert get(range=asked).status_code == 200


def test_a_download_goes_on_where_it_stopped(get):
    etag = get()["ETag"]
    start = body(get(range="bytes=0-499"))
    rest = get(range="bytes=500-", if_range=etag)
    assert rest.status_code == 206
    assert start + body(rest) == CONTENT


def test_a_changed_file_is_sent_whole(get):
    assert get(range="bytes=500-", if_range='"other"').status_code == 200


def test_an_unchanged_file_is_not_sent_again(get):
    etag = get()["ETag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        assert get(if_none_match=known).status_code == 304, known
    assert get(if_none_match='W/"other"').status_code == 200


def test_head_says_how_long_it_is(client, alice, url):
    client.force_login(alice)
    response = client.head(url)
    assert response["Content-Length"] == "1000"
    assert not response.content


def test_the_zip(client, alice, ready):
    client.force_login(alice)
    response = client.get(f"/bundles/{ready.pk}/zip")
    assert body(response) == b"PK"
    assert response["Content-Type"] == "application/zip"


def test_others_find_nothing(client, bob, admin, url):
    for other in (bob, admin):
        client.force_login(other)
        assert client.get(url).status_code == 404


def test_nobody_is_sent_to_the_login(client, url):
    response = client.get(url)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_files_of_an_unfinished_bundle_and_files_that_are_not_there(client, alice, ready, url):
    client.force_login(alice)
    assert client.get(f"/bundles/{ready.pk}/files/other.csv").status_code == 404
    assert client.get(f"/bundles/{ready.pk}/files/../../secret.key").status_code == 404
    assert client.get(f"/bundles/{ready.pk}/files/deal.csv%00").status_code == 404
    assert client.get(f"/bundles/{uuid.uuid4()}/files/deal.csv").status_code == 404
    type(ready).objects.update(state="running")
    assert client.get(url).status_code == 404


def test_an_empty_file_has_no_part():
    assert byte_range("bytes=0-", size=0) == range(0)
    assert byte_range("", size=0) is None
