"""Whether the audit trail is whole: ``python manage.py trail``."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from portal import trail
from portal.models import Act


class Command(BaseCommand):
    help = "Look at every act of the audit trail; fails, naming the first that is not as it was."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--after", type=int, help="An act whose hash was kept elsewhere …")
        parser.add_argument("--hash", help="… and that hash, which it must still have.")

    def handle(self, *_: Any, after: int | None, hash: str | None, **__: Any) -> None:  # noqa: A002
        look = trail.look()
        if look.fault:
            raise CommandError(look.sentence)
        if after is not None and not Act.objects.filter(number=after, hash=hash or "").exists():
            raise CommandError(
                f"The chain is not the one it was: act {after} has another hash than the one given."
            )
        self.stdout.write(f"{look.sentence} Its last hash is {look.head}.")
