"""What comes out of one recipe, and its files."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import models, transaction

from portal.models.profile import Profile
from portal.models.work import Work


class Bundle(Work):
    """From the moment it is asked for.  The work is to make it."""

    class State(models.TextChoices):
        QUEUED = "queued", "queued"
        RUNNING = "running", "running"
        READY = "ready", "ready"
        FAILED = "failed", "failed"
        CANCELLING = "cancelling", "being cancelled"
        CANCELLED = "cancelled", "cancelled"

    WAITING, WORKING = State.QUEUED, State.RUNNING
    DONE, FAILED = State.READY, State.FAILED
    CANCELLING, CANCELLED = State.CANCELLING, State.CANCELLED
    LIVE = (State.QUEUED, State.RUNNING, State.CANCELLING)

    AGAIN, LESS = "retry", "ask for fewer rows or tables"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="bundles")
    name = models.CharField(max_length=100)
    profile = models.ForeignKey(Profile, models.PROTECT, related_name="bundles")
    recipe = models.JSONField()
    plan = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    path = models.CharField(max_length=300, blank=True, help_text="Key of its private folder.")
    rows = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    receipt = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the manifest.")
    is_example = models.BooleanField(default=False)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        indexes = (models.Index(fields=("state", "heartbeat_at"), name="bundle_state_heartbeat"),)

    def __str__(self) -> str:
        return self.name

    def finish_with(self, files: Sequence[BundleFile], *, claim: str, **results: object) -> bool:
        """Finish, and note the files, in one transaction."""
        with transaction.atomic():
            if not self.finish(claim=claim, **results):
                return False
            self.files.all().delete()
            for position, file in enumerate(files):
                file.bundle, file.position = self, position
            BundleFile.objects.bulk_create(files)
            return True


class BundleFile(models.Model):
    """One file of a ready bundle; ``table`` is empty for the manifest, the ZIP and the like."""

    bundle = models.ForeignKey(Bundle, models.CASCADE, related_name="files")
    path = models.CharField(max_length=300, help_text="Relative to the bundle's folder.")
    table = models.CharField(max_length=100, blank=True)
    format = models.CharField(max_length=20)
    rows = models.BigIntegerField(null=True, blank=True)
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("bundle", "path"), name="one_row_a_file"),)

    def __str__(self) -> str:
        return self.path
