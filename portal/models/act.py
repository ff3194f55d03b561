"""The audit trail: who did what to which thing, and when, as a chain that only grows.

Each act holds the hash of the act before it, so that nobody changes, removes or inserts one
without all later ones showing it; the head holds how many there are, so that none goes missing
at the end.  Acts are written by ``portal.trail`` alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC
from typing import Any, ClassVar, NoReturn

from django.db import models

BEGINNING = "0" * 64  # what the first act holds as the hash before it


class Kept(Exception):
    """Somebody tried to change or to remove an act."""


def _kept(*_: Any, **__: Any) -> NoReturn:
    raise Kept("The audit trail only grows; its acts are neither changed nor removed.")


class Acts(models.QuerySet["Act"]):
    """Reads; whatever would write refuses."""

    update = delete = bulk_update = bulk_create = create = _kept
    get_or_create = update_or_create = _raw_delete = _kept


class Act(models.Model):
    """One thing that one person did.  ``details`` holds counts, sizes, hashes and words of the
    portal's own, never a value of an extract."""

    class Verb(models.TextChoices):
        UPLOADED = "uploaded", "uploaded"
        CONFIRMED = "confirmed", "confirmed"
        FITTED = "fitted", "fitted"
        SUBMITTED = "submitted", "submitted"
        SENT_BACK = "sent back", "sent back"
        PUBLISHED = "published", "published"
        RETIRED = "retired", "retired"
        BROUGHT_BACK = "brought back", "brought back"
        REQUESTED = "requested", "requested"
        CANCELLED = "cancelled", "cancelled"
        DOWNLOADED = "downloaded", "downloaded"
        DELETED = "deleted", "deleted"
        MADE = "made", "made"
        FAILED = "failed at", "failed at"
        RIGHTS = "changed rights of", "changed rights of"
        SIGNED_IN = "signed in", "signed in"
        NOT_SIGNED_IN = "tried to sign in", "tried to sign in"

    number = models.PositiveBigIntegerField(primary_key=True, help_text="From 1, without a gap.")
    at = models.DateTimeField(db_index=True)
    who = models.CharField(max_length=150, blank=True, help_text="Empty for the portal itself.")
    verb = models.CharField(max_length=20, choices=Verb)
    kind = models.CharField(max_length=20, help_text="Of the thing: bundle, extract, profile …")
    thing = models.CharField(max_length=40, blank=True, help_text="Its key.")
    title = models.CharField(max_length=300, blank=True, help_text="Its name at that moment.")
    details = models.JSONField(default=dict, blank=True)
    before = models.CharField(max_length=64, help_text="The hash of the act before.")
    hash = models.CharField(max_length=64)

    objects = Acts.as_manager()

    class Meta:
        ordering = ("-number",)
        base_manager_name = "objects"

    def __str__(self) -> str:
        return f"{self.number}: {self.who or 'the portal'} {self.verb} {self.title}"

    def hashed(self) -> str:
        """SHA-256 of the hash before and what the act says, as JSON of one spelling."""
        return hashlib.sha256(f"{self.before}\n{spelt(self.said())}".encode()).hexdigest()

    def said(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "who": self.who,
            "verb": self.verb,
            "kind": self.kind,
            "thing": self.thing,
            "title": self.title,
            "details": self.details,
        }

    def save(self, **options: Any) -> None:
        """Only ever once, as the next one of the chain."""
        if not self._state.adding or not options.get("force_insert"):
            _kept()
        super().save(**options)

    delete = _kept


class TrailHead(models.Model):
    """One row: where the chain ends.  Whoever adds to the chain holds it until it is committed."""

    ONLY: ClassVar[int] = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=BEGINNING)

    def __str__(self) -> str:
        return f"{self.number} {self.hash}"


def spelt(document: Any) -> str:
    """JSON in one spelling: sorted names, no blanks, every letter as itself."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def fault_of(acts: Iterable[Act], *, number: int, before: str) -> str:
    """What is wrong with the first act that does not follow; empty where all do."""
    for act in acts:
        number += 1
        if act.number != number:
            return f"Act {number} is missing."
        if act.before != before:
            return f"Act {number} does not follow act {number - 1}: its hash before is another."
        if act.hashed() != act.hash:
            return f"Act {number} was changed: its hash is not that of what it says."
        before = act.hash
    return ""
