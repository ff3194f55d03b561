"""A request as the views get it: signed in, and perhaps sent by htmx."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class Request(HttpRequest):
    """What ``login_required`` and the middleware make of a request, in words for the type checker;
    none is ever made."""

    user: User
    htmx: HtmxDetails
