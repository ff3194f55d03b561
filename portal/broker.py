"""The queue.  It only carries work: a lost job is found in the database and pushed again."""

from __future__ import annotations

import logging
import secrets
import socket
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django_rq import get_queue
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue, Worker
from rq.worker import BaseWorker

from portal.claims import process_alive
from portal.models import Bundle, Extract, Profile, Work

log = logging.getLogger(__name__)

BUNDLES, FITS = "bundles", "fits"
QUEUES = tuple(settings.RQ_QUEUES)
JOBS: dict[type[Work], tuple[str, str]] = {
    Bundle: (BUNDLES, "portal.jobs.make_bundle"),
    Extract: (FITS, "portal.jobs.inspect_extract"),
    Profile: (FITS, "portal.jobs.fit_profile"),
}
ANSWER_SECONDS = 5
SILENCE = timedelta(seconds=100)  # an idle worker speaks every 15 s, a busy one every 30 s


def connection() -> Redis:
    """For a question: there is an answer, or an error, within ``ANSWER_SECONDS`` or so."""
    return Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=ANSWER_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def worker_connection() -> Redis:
    """For a worker, which waits for jobs and tries again and again."""
    return Redis.from_url(settings.REDIS_URL, socket_connect_timeout=ANSWER_SECONDS)


def queue(name: str, *, broker: Redis) -> Queue:
    """A queue of ``RQ_QUEUES`` over a connection that gives up soon on a broker that is away."""
    return get_queue(name, connection=broker)


def push(row: Work) -> bool:
    """Queue the row's work now; False if the broker is away.

    Every push is a job of its own: a job that ends deletes itself, and must not take a later
    one of the same row with it.
    """
    name, function = JOBS[type(row)]
    try:
        queue(name, broker=connection()).enqueue(
            function,
            str(row.pk),
            job_id=f"{work_of(row)}_{secrets.token_hex(4)}",
            result_ttl=0,  # DEFAULT_RESULT_TTL does not reach enqueue()
            failure_ttl=24 * 3600,
        )
    except RedisError as error:
        log.warning("%s could not be queued now and will be later: %s", work_of(row), error)
        return False
    return True


def work_of(row: Work) -> str:
    """The name of a row's work in the queue."""
    return f"{type(row).__name__.lower()}_{row.pk}"


def waiting(name: str, *, broker: Redis) -> set[str]:
    """Names of the rows whose job lies in the queue."""
    return {job.rsplit("_", 1)[0] for job in queue(name, broker=broker).get_job_ids()}


def workers_alive(broker: Redis) -> dict[str, int]:
    """How many living workers listen on each queue."""
    alive = [worker for worker in Worker.all(connection=broker) if _alive(worker)]
    return {name: sum(name in worker.queue_names() for worker in alive) for name in QUEUES}


def _alive(worker: BaseWorker) -> bool:
    """A killed worker stays registered for a while; on this host its process tells the truth."""
    if worker.death_date is not None or worker.last_heartbeat is None:
        return False
    if worker.hostname == socket.gethostname() and worker.pid is not None:
        return process_alive(worker.pid)
    return bool(datetime.now(UTC) - worker.last_heartbeat < SILENCE)
