"""Work on one queue: ``python manage.py worker bundles``."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.core.management import BaseCommand, CommandParser
from django.db import connections

from portal import broker
from portal.worker import PortalWorker

# Imported before the worker forks: twenty small jobs that imported them anew took 45 s, so 2 s.
PRELOADED = ("pandas", "pyarrow.parquet", "pyarrow.csv", "sklearn.tree", "portal.jobs")


class Command(BaseCommand):
    help = "Take jobs from one queue until stopped."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("queue", choices=broker.QUEUES)

    def handle(self, *_: Any, queue: str, **__: Any) -> None:
        for name in PRELOADED:
            import_module(name)
        worker = PortalWorker(queue)
        connections.close_all()
        worker.work(logging_level="INFO")
