"""News of work under way: a page asks for them until it is over."""

from __future__ import annotations

from django.http import HttpResponse
from django_htmx.http import HttpResponseStopPolling, trigger_client_event


def over(last: HttpResponse) -> HttpResponse:
    """The last news: the page asks no more, and loads itself again as a whole.

    Not by HX-Refresh: with that header htmx goes on asking while the page is on its way, and each
    further answer begins to load it anew, so that a page slower than the news never comes.
    """
    return trigger_client_event(HttpResponseStopPolling(last.content), "over")
