"""Start everything and keep it running: ``python manage.py up``."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import OperationalError, connections

from portal import demo, supervisor


class Command(BaseCommand):
    help = "Migrate, then run broker, workers, scheduler and web server until Ctrl-C."
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:
        logging.getLogger("portal").setLevel(logging.WARNING)
        try:
            with supervisor.lock(settings.PORTAL_DATA):
                supervisor.end_left_over()
                supervisor.check_port()
                logins = self._prepare()
                keeper = supervisor.Supervisor()
                keeper.run(ready=lambda: self._announce(logins))
        except supervisor.CannotStart as reason:
            raise CommandError(str(reason)) from None
        except OperationalError as reason:
            raise CommandError(f"The database cannot be used: {reason}") from None

    def _prepare(self) -> list[tuple[str, str]]:
        call_command("setup")
        logins = demo.ensure_logins() if settings.DEMO else []
        connections.close_all()
        return logins

    def _announce(self, logins: list[tuple[str, str]]) -> None:
        names = " · ".join(f"{name} / {password}" for name, password in logins)
        self.stdout.write(f"Proving Ground: {supervisor.address()}" + f"   {names}" * bool(names))
        self.stdout.flush()
