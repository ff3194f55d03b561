"""Real files an administrator brought."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from portal.models.work import Work


class Extract(Work):
    """Private and encrypted; deleted once a profile is fitted, or when its days are over.  The
    work is to inspect it."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "uploaded"
        INSPECTING = "inspecting", "being inspected"
        INSPECTED = "inspected", "waiting for confirmation"
        CONFIRMED = "confirmed", "confirmed"
        REFUSED = "refused", "refused"
        DELETED = "deleted", "deleted"

    WAITING, WORKING = State.UPLOADED, State.INSPECTING
    DONE, FAILED = State.INSPECTED, State.REFUSED
    LIVE = (WAITING, WORKING)

    AGAIN, LESS = "upload it again", "upload a sample of its rows"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="extracts")
    name = models.CharField(max_length=100)
    original_name = models.CharField(max_length=255)
    path = models.CharField(max_length=300, blank=True, help_text="Key of its private folder.")
    files = models.JSONField(
        default=list,
        blank=True,
        help_text="Of each file: name, bytes, sha256 of what was uploaded.",
    )
    uploaded_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)
    bytes = models.BigIntegerField(default=0)
    header = models.BooleanField(
        null=True, blank=True, help_text="Whether the first row names the columns, if it was said."
    )
    rows = models.BigIntegerField(null=True, blank=True)
    columns = models.IntegerField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.UPLOADED)
    inferred = models.JSONField(default=dict, blank=True, help_text="The schema as inferred.")
    confirmed = models.JSONField(default=dict, blank=True, help_text="The schema as confirmed.")

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.name

    def confirm(self, schema: dict[str, Any]) -> bool:
        """Keep what the administrator confirmed; may be repeated until the extract is fitted."""
        return self._move(
            (self.State.INSPECTED, self.State.CONFIRMED),
            state=self.State.CONFIRMED,
            confirmed=schema,
        )

    def read_again(self, *, header: bool) -> bool:
        """Inspect it once more, now that somebody said whether its first row names the columns."""
        return self._move(
            (self.State.INSPECTED, self.State.REFUSED),
            state=self.WAITING,
            claim="",
            attempt=0,
            error="",
            header=header,
            inferred={},
            created_at=timezone.now(),
        )

    def mark_deleted(self) -> bool:
        """Note that the files are gone (they are removed first).  Who inspects it loses it."""
        now = timezone.now()
        return self._move(
            self.State.values, state=self.State.DELETED, path="", claim="", deleted_at=now
        )

    @property
    def delete_by(self) -> datetime:
        """When it goes at the latest."""
        return self.uploaded_at + timedelta(days=settings.EXTRACT_DAYS)
