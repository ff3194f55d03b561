"""Find lost work and put it back: ``python manage.py reap [--forever]``."""

from __future__ import annotations

import logging
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandParser
from django.db import DatabaseError, connections

from portal import reaper

log = logging.getLogger("portal.reaper")


class Command(BaseCommand):
    help = "Release lost runs, push waiting ones, remove leftovers."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--forever", action="store_true", help="Again and again till stopped.")

    def handle(self, *_: Any, forever: bool, **__: Any) -> None:
        if not forever:
            reaper.reap()
            return
        stopping = threading.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: stopping.set())
        while True:
            self._once()
            if stopping.wait(settings.REAP_SECONDS):
                return

    def _once(self) -> None:
        try:
            reaper.reap()
        except DatabaseError as error:
            log.warning("The database cannot be used just now: %s", error)
            connections.close_all()
