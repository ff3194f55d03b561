"""Bring database and static files to what this version needs: ``python manage.py setup``."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, call_command

from portal import demo, profiles


class Command(BaseCommand):
    help = "Migrate, collect static files, see to the built-in profile and the demo rows."
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        built_in = profiles.ensure_builtin()
        if settings.DEMO:
            demo.ensure_logins()
            demo.ensure_example(built_in)
