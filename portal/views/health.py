"""Whether the portal can do its work."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from portal import broker
from portal.away import DATABASE

OK = "ok"


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when database, broker and a worker for each queue are there, else 503."""
    found = _workers()
    workers = found or dict.fromkeys(broker.QUEUES, 0)
    state = {"database": _database(), "broker": "unreachable" if found is None else OK}
    well = set(state.values()) == {OK} and all(workers.values())
    told = {"status": OK if well else "unwell", **state, "workers": workers}
    return JsonResponse(told, status=200 if well else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DATABASE:
        return "unreachable"
    return OK


def _workers() -> dict[str, int] | None:
    """Living workers on each queue; None when the broker cannot be asked."""
    try:
        with broker.connection() as known:
            return broker.workers_alive(known)
    except RedisError:
        return None
