"""The queue.  It only carries work: a lost job is found in the database and pushed again."""

from __future__ import annotations

import logging
import os
import secrets
import socket
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.serializers import JSONSerializer

log = logging.getLogger(__name__)

BUNDLES, FITS = "bundles", "fits"
QUEUES = (BUNDLES, FITS)
SILENCE = timedelta(seconds=100)  # an idle worker speaks every 15 s, a busy one every 30 s


def connection() -> Redis:
    return Redis.from_url(settings.REDIS_URL, socket_connect_timeout=5)


def queue(name: str, *, broker: Redis) -> Queue:
    return Queue(name, connection=broker, serializer=JSONSerializer)


def push(name: str, function: str, work: str) -> bool:
    """Queue ``function(id)`` for the row named by ``work`` ("bundle_<id>").

    Every push is a job of its own: a job that ends deletes itself, and must not take a later
    one of the same row with it.
    """
    try:
        queue(name, broker=connection()).enqueue(
            function,
            work.split("_", 1)[1],
            job_id=f"{work}_{secrets.token_hex(4)}",
            job_timeout=settings.RUN_SECONDS,
            result_ttl=0,
            failure_ttl=24 * 3600,
        )
    except RedisError as error:
        log.warning("%s could not be queued now and will be later: %s", work, error)
        return False
    return True


def waiting(name: str, *, broker: Redis) -> set[str]:
    """Names of the rows whose job lies in the queue."""
    return {job.rsplit("_", 1)[0] for job in queue(name, broker=broker).get_job_ids()}


def workers_alive(broker: Redis) -> dict[str, int]:
    """How many living workers listen on each queue."""
    alive = [worker for worker in Worker.all(connection=broker) if _alive(worker)]
    return {name: sum(name in worker.queue_names() for worker in alive) for name in QUEUES}


def _alive(worker: Any) -> bool:
    """A killed worker stays registered for a while; on this host its process tells the truth."""
    if worker.death_date is not None or worker.last_heartbeat is None:
        return False
    if worker.hostname == socket.gethostname():
        return process_alive(int(worker.pid))
    return bool(datetime.now(UTC) - worker.last_heartbeat < SILENCE)


def process_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
