"""Which bytes of which file the front, or nginx, is told to send; and where a request came from."""

import json

import pytest
from django.test import RequestFactory

from portal.address import address_of

pytestmark = pytest.mark.django_db
FRONT = {"REMOTE_ADDR": "", "HTTP_X_PORTAL_FRONT": "1"}


@pytest.fixture
def url(ready):
    return f"/bundles/{ready.pk}/files/deal.csv"


@pytest.fixture
def get(client, alice, url):
    client.force_login(alice)
    return lambda path=url, **headers: client.get(path, headers=headers, **FRONT)


def order(response):
    return json.loads(response.headers["X-Portal-Send"])


def test_a_whole_file_is_handed_over_without_its_body(get, alice, ready, settings):
    settings.DOWNLOADS = 3
    response = get()
    assert response.status_code == 200
    assert response.content == b""
    assert response["Content-Length"] == "0"
    assert response["Content-Disposition"] == "attachment; filename*=UTF-8''deal.csv"
    assert order(response) == {
        "key": f"{ready.path}/deal.csv",
        "start": 0,
        "length": 1000,
        "person": str(alice.pk),
        "most": 3,
    }


def test_a_part_is_handed_over(get):
    response = get(range="bytes=900-")
    assert response.status_code == 206
    assert response["Content-Range"] == "bytes 900-999/1000"
    assert (order(response)["start"], order(response)["length"]) == (900, 100)


def test_what_has_no_body_is_not_handed_over(client, get, url):
    etag = get()["ETag"]
    for response in (get(range="bytes=1000-"), get(if_none_match=etag), client.head(url, **FRONT)):
        assert "X-Portal-Send" not in response
    assert client.head(url, **FRONT)["Content-Length"] == "1000"


def test_rights_stay_with_django(client, bob, url):
    client.force_login(bob)
    response = client.get(url, **FRONT)
    assert response.status_code == 404
    assert "X-Portal-Send" not in response


def test_a_stranger_cannot_pass_for_the_front(client, alice, url):
    client.force_login(alice)
    response = client.get(url, HTTP_X_PORTAL_FRONT="1")
    assert "X-Portal-Send" not in response
    assert len(b"".join(response.streaming_content)) == 1000


def test_nginx_is_told_where_the_file_lies(client, alice, url, ready, settings):
    settings.NGINX = True
    client.force_login(alice)
    response = client.get(url, headers={"range": "bytes=0-9"})
    assert response.status_code == 200
    assert response["X-Accel-Redirect"] == f"/private/{ready.path}/deal.csv"
    nginx_says = {"Accept-Ranges", "Content-Range", "Content-Length", "ETag"}
    assert not (nginx_says | {"X-Portal-Send"}) & set(response.headers)


@pytest.fixture
def static_file(data, settings, client):
    """A file where WhiteNoise finds it."""
    settings.STATIC_ROOT = data / "static"
    settings.STATIC_ROOT.mkdir()
    (settings.STATIC_ROOT / "page.js").write_bytes(b"0123456789")
    settings.WHITENOISE_AUTOREFRESH, settings.WHITENOISE_USE_FINDERS = True, False
    return "/static/page.js"


def test_a_static_file_is_handed_over_for_nobody_in_particular(get, static_file):
    response = get(static_file)
    assert order(response) == {
        "key": "static/page.js",
        "start": 0,
        "length": 10,
        "person": "",
        "most": 6,
    }
    assert response.content == b""
    part = get(static_file, range="bytes=3-5")
    assert part.status_code == 206
    assert (order(part)["start"], order(part)["length"]) == (3, 3)


@pytest.mark.parametrize(
    ("proxies", "direct", "said", "address"),
    [
        (0, "", "9.9.9.9, 1.1.1.1", "1.1.1.1"),
        (1, "", "9.9.9.9, 2.2.2.2, 1.1.1.1", "2.2.2.2"),
        (0, "1.1.1.1", "9.9.9.9", "1.1.1.1"),
        (1, "1.1.1.1", "9.9.9.9, 2.2.2.2", "2.2.2.2"),
        (5, "", "2.2.2.2, 1.1.1.1", "2.2.2.2"),
    ],
)
def test_an_address_is_what_our_own_proxies_saw(settings, proxies, direct, said, address):
    settings.PROXIES = proxies
    headers = FRONT | {"REMOTE_ADDR": direct, "HTTP_X_FORWARDED_FOR": said}
    assert address_of(RequestFactory().get("/", **headers)) == address
