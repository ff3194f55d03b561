"""Do what is due: ``python manage.py scheduler [--once]``.

A process of its own: the scheduler that RQ forks inside a worker outlives a killed worker and
strands its next job.
"""

from __future__ import annotations

import logging
import os
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandParser
from django.db import connections

from portal import reaper
from portal.away import DATABASE
from portal.stopping import Stop
from portal.watch import Glance, Watch

log = logging.getLogger("portal.scheduler")


class Command(BaseCommand):
    help = "Release lost runs, push waiting ones, remove leftovers, every REAP_SECONDS."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="Once, not till stopped.")

    def handle(self, *_: Any, once: bool, **__: Any) -> None:
        os.umask(0o077)
        if once:
            reaper.reap(Glance())
            return
        stop = Stop().install()
        watch = Watch()
        while not stop.asked:
            self._reap(watch)
            stop.wait(settings.REAP_SECONDS)

    def _reap(self, watch: Watch) -> None:
        try:
            reaper.reap(watch)
        except DATABASE as error:
            log.warning("The database cannot be used just now: %s", error)
            connections.close_all()
