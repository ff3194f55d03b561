"""Bring database and static files to what this version needs: ``python manage.py setup``."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, call_command

from portal import demo, reserve
from portal.models import Profile
from portal.private_files import keep_private

PROGRAM = ("generator", "portal", "static", "requirements.txt")


class Command(BaseCommand):
    help = "Migrate, collect static files, see to the built-in profile and the demo rows."
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:
        keep_private(Path(settings.PORTAL_DATA))
        reserve.relieve()
        call_command("migrate", interactive=False, verbosity=0)
        self._see_to_program()
        if settings.DEMO:
            demo.ensure_logins()
            demo.ensure_example()
        reserve.fill()

    def _see_to_program(self) -> None:
        """What follows from the program alone, done anew only when a file of it changed."""
        kept = Path(settings.PORTAL_DATA) / "setup-of"
        program = fingerprint(settings.BASE_DIR)
        known = kept.exists() and kept.read_text() == program
        if known and Profile.objects.filter(kind=Profile.Kind.BUILTIN).exists():
            return
        from portal.profiles import ensure_builtin  # imports the engine, which takes seconds

        call_command("collectstatic", interactive=False, verbosity=0)
        ensure_builtin()
        kept.write_text(program)


def fingerprint(root: Path) -> str:
    """Changes with every file of the program that is added, removed or written."""
    digest = hashlib.blake2b(digest_size=16)
    for name in PROGRAM:
        for path in sorted([root / name, *(root / name).rglob("*.*")]):
            if path.is_file() and path.suffix != ".pyc":
                facts = path.stat()
                line = f"{path.relative_to(root)} {facts.st_size} {facts.st_mtime_ns}\n"
                digest.update(line.encode())
    return digest.hexdigest()
