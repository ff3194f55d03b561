"""Signing in, with limits on wrong passwords that let nobody lock out somebody else.

Wrong passwords are counted, for a quarter of an hour,

1. for a name from one address: ``LOGIN_TRIES``;
2. from one address, whatever the name, and for a name, wherever from: ten times as many.

So who guesses from one place stops himself alone; who guesses from many places stops the name for
browsers that are strangers to it.  A browser in which the name has signed in before is known by a
signed cookie, and has a count of its own that nobody else can use up.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from portal.address import address_of
from portal.models import Tries

WINDOW = timedelta(minutes=15)
MANY = 10  # times LOGIN_TRIES, for all names of an address and all addresses of a name
KNOWN = "known_browser"  # the cookie
KNOWN_FOR = timedelta(days=180)


class Count(NamedTuple):
    """Wrong passwords counted under ``key``; a right one takes back its own try, or all."""

    key: str
    limit: int
    forget: bool = False


class LimitedTries(AuthenticationForm):
    """Whether somebody has the name or not makes no difference.

    A try is counted before its password is looked at, so that many at once are not more.
    """

    def clean(self) -> dict[str, Any]:
        assert self.request is not None  # the view passes it
        counts = counts_of(self.cleaned_data.get("username", ""), self.request)
        for count in counts:
            if not Tries.take(count.key, limit=count.limit, window=WINDOW):
                raise ValidationError(
                    "Too many wrong passwords. Wait a quarter of an hour, or sign in from a "
                    "browser in which you have signed in before.",
                    code="wait",
                )
        cleaned = super().clean()
        for count in counts:
            if count.forget:
                Tries.forget(count.key)
            else:
                Tries.take_back(count.key)
        return dict(cleaned)


class LoginForm(LimitedTries):
    """Of the portal."""


class AdminLoginForm(LimitedTries, AdminAuthenticationForm):
    """Of the administration, with the same counts."""


class Login(LoginView):
    form_class: type[LimitedTries] = LoginForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """From now on this browser is known to the name."""
        response = super().form_valid(form)
        name = _digest("name", form.cleaned_data["username"])
        response.set_cookie(
            KNOWN,
            signing.dumps([name, secrets.token_hex(8)], salt=KNOWN),
            max_age=KNOWN_FOR,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )
        return response


class AdminLogin(Login):
    """The door of the administration: for those who may go in, signed in otherwise or not."""

    form_class = AdminLoginForm
    redirect_authenticated_user = False
    next_page = "admin:index"


def counts_of(name: str, request: HttpRequest) -> Sequence[Count]:
    tries = settings.LOGIN_TRIES
    known = _known(name, request)
    if known:
        return (Count(_digest("browser", known), tries, forget=True),)
    place = _place(address_of(request))
    return (
        Count(_digest("name from", name, place), tries, forget=True),
        Count(_digest("from", place), MANY * tries),
        Count(_digest("name", name), MANY * tries),
    )


def _known(name: str, request: HttpRequest) -> str:
    """The cookie of a browser in which this name has signed in before, or nothing."""
    cookie = request.COOKIES.get(KNOWN, "")
    try:
        whose, _ = signing.loads(cookie, salt=KNOWN, max_age=KNOWN_FOR)
    except (signing.BadSignature, ValueError):
        return ""
    return cookie if whose == _digest("name", name) else ""


def _place(address: str) -> str:
    """An address; of IPv6 the network, as everybody has as many addresses there as he likes."""
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        return address
    if number.version == 4:
        return str(number)
    return str(ipaddress.ip_network((number, 64), strict=False))


def _digest(*words: str) -> str:
    text = "\n".join(word.strip().lower() for word in words)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
