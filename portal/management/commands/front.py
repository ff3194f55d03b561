"""What browsers are connected to: ``python manage.py front``."""

from __future__ import annotations

import os
from typing import Any

from django.core.management import BaseCommand

from portal import supervisor


class Command(BaseCommand):
    help = "Stand before the web processes, until stopped; `up` does it too."
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:
        command = supervisor.front_command()
        os.execv(command[0], command)  # noqa: S606 - our own program
