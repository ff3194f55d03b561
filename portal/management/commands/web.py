"""The web threads behind the front: ``python manage.py web``."""

from __future__ import annotations

import os
from typing import Any

from django.core.management import BaseCommand

from portal import supervisor


class Command(BaseCommand):
    help = "Answer what the front passes on, until stopped; `up` does it too."
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:
        command = supervisor.web_command()
        os.execv(command[0], command)  # noqa: S606 - our own program
