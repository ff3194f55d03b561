"""Work on one queue: ``python manage.py worker bundles``."""

from __future__ import annotations

import os
from typing import Any

from django.core.management import BaseCommand, CommandParser
from django.db import connections

from portal import broker
from portal.worker import PortalWorker

# Making data gives way to answering people.
NICENESS = 10


class Command(BaseCommand):
    help = "Take jobs from one queue until stopped."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("queue", choices=broker.QUEUES)

    def handle(self, *_: Any, queue: str, **__: Any) -> None:
        os.umask(0o077)
        os.nice(NICENESS)
        worker = PortalWorker(queue)
        connections.close_all()
        worker.work(logging_level="INFO")
