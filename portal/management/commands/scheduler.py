"""Do what is due: ``python manage.py scheduler [--once]``.

A process of its own: the scheduler that RQ forks inside a worker outlives a killed worker and
strands its next job.
"""

from __future__ import annotations

import logging
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandParser
from django.db import DatabaseError, connections

from portal import reaper

log = logging.getLogger("portal.scheduler")


class Command(BaseCommand):
    help = "Release lost runs, push waiting ones, remove leftovers, every REAP_SECONDS."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="Once, not till stopped.")

    def handle(self, *_: Any, once: bool, **__: Any) -> None:
        if once:
            reaper.reap()
            return
        stopping = threading.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: stopping.set())
        while True:
            self._reap()
            if stopping.wait(settings.REAP_SECONDS):
                return

    def _reap(self) -> None:
        try:
            reaper.reap()
        except DatabaseError as error:
            log.warning("The database cannot be used just now: %s", error)
            connections.close_all()
