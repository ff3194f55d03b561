"""An RQ worker that outlives its broker and never leaves a child behind."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from importlib import import_module
from types import FrameType
from typing import Any

from django.db import connections
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue, Worker, worker_registration
from rq.exceptions import StopRequested
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer

from portal import broker, reaper
from portal.away import DATABASE

PR_SET_PDEATHSIG = 1
# Imported by the worker, once: twenty small jobs that imported them anew took 45 s, so 2 s.
_ENGINE = ("pandas", "pyarrow.parquet", "pyarrow.csv", "portal.jobs")
PRELOADED = {broker.BUNDLES: _ENGINE, broker.FITS: (*_ENGINE, "sklearn.ensemble")}
WORKER_TTL = 30  # seconds; RQ's default of 420 keeps a killed worker on its list for 7 minutes


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent dies, however it dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class PortalWorker(Worker):
    """One worker, one queue: popping from several is not atomic and can lose a job."""

    max_connection_wait_time = 4.0

    def __init__(self, name: str) -> None:
        connection = broker.worker_connection()
        super().__init__(
            [broker.queue(name, broker=connection)],
            connection=connection,
            worker_ttl=WORKER_TTL,
            serializer=JSONSerializer,
        )

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """The signal handler: notes, and passes the word on.  RQ's own logs and writes to the
        broker, which takes locks that the interrupted step may hold.

        Asked to go, a worker hands its run back; it does not finish it first.
        """
        self._stop_requested = True
        self._pass_on()

    def _pass_on(self) -> None:
        if self.horse_pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGTERM)

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """The next job; None when asked to go."""
        self._load_engine()
        while not self._stop_requested:
            # A second at a time, because nothing wakes this call.
            found = super().dequeue_job_and_maintain_ttl(1, 1)
            if found is not None:
                return found
        return None

    def _load_engine(self) -> None:
        """The worker is registered by now; whatever waits does so until the engine is there."""
        before = signal.signal(signal.SIGTERM, signal.SIG_DFL)  # nothing to hand back yet
        if not self._stop_requested:
            for name in PRELOADED[self.queues[0].name]:
                import_module(name)
        signal.signal(signal.SIGTERM, before)

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """A connection must not be shared by two processes."""
        connections.close_all()
        super().fork_work_horse(job, queue)
        if self._stop_requested:  # asked before the handler knew whom to tell
            self._pass_on()

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        die_with_parent()
        super().main_work_horse(job, queue)

    def setup_work_horse_signals(self) -> None:
        from portal.run import note_signal  # with the engine, which is there by now

        super().setup_work_horse_signals()
        signal.signal(signal.SIGTERM, note_signal)
        if self._stop_requested:  # asked before this process had its own handler
            note_signal(signal.SIGTERM, None)

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Between two jobs, and between two tries to reach a broker that is away, the time to go
        is now."""
        if self._stop_requested and not self.horse_pid:
            raise StopRequested
        super().heartbeat(timeout, pipeline)
        if pipeline is None:
            self._register_again()

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        """A broker that is away for a while is no reason to give up a run."""
        try:
            super().maintain_heartbeats(job, execution)
            self._register_again()
        except RedisError as error:
            self.log.warning("Worker %s: no heartbeat, the broker is away: %s", self.name, error)

    def _register_again(self) -> None:
        """A broker that was emptied, or lost its memory, knows of no worker any more."""
        if self.birth_date is None or self.connection.sismember(self.redis_workers_keys, self.key):
            return
        with self.connection.pipeline() as pipeline:
            pipeline.hset(self.key, mapping=self.serialize())
            worker_registration.register(self, pipeline)
            pipeline.expire(self.key, WORKER_TTL + 60)
            pipeline.execute()

    def handle_work_horse_killed(
        self, job: Job, retpid: int | None, ret_val: int | None, rusage: Any
    ) -> None:
        """Take its children down with it and put the run back at once."""
        super().handle_work_horse_killed(job, retpid, ret_val, rusage)
        if retpid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(retpid, signal.SIGKILL)
        try:
            reaper.release_gone()
            reaper.push_waiting()
        except DATABASE as error:
            self.log.warning("Worker %s: the scheduler has to see to it: %s", self.name, error)
        connections.close_all()
