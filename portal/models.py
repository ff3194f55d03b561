"""The rows behind the pages.  The database row is the truth; the queue only carries work.

A row changes state only through its methods, each one conditional update that is trusted only
if exactly one row changed.  They answer True when they did it and False when the row had moved
on in the meantime.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

ATTEMPTS = 3  # how often a run is begun before it counts as failed because its worker died


class Extract(models.Model):
    """Real files an administrator brought; private, deleted once a profile is fitted."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "uploaded"
        INSPECTING = "inspecting", "being inspected"
        INSPECTED = "inspected", "waiting for confirmation"
        CONFIRMED = "confirmed", "confirmed"
        REFUSED = "refused", "refused"
        DELETED = "deleted", "deleted"

    # What to do about a failure, as the page can do it.
    AGAIN, LESS = "upload it again", "upload a sample of its rows"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="extracts")
    name = models.CharField(max_length=100)
    original_name = models.CharField(max_length=255)
    path = models.CharField(max_length=300, blank=True, help_text="Key in private storage.")
    bytes = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(null=True, blank=True)
    columns = models.IntegerField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.UPLOADED)
    inferred = models.JSONField(default=dict, blank=True, help_text="The schema as inferred.")
    confirmed = models.JSONField(default=dict, blank=True, help_text="The schema as confirmed.")
    error = models.TextField(blank=True)
    claim = models.CharField(max_length=120, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.name

    def start_inspecting(self, *, claim: str) -> bool:
        return _move(
            self,
            self.State.UPLOADED,
            state=self.State.INSPECTING,
            claim=claim,
            heartbeat_at=timezone.now(),
            attempt=F("attempt") + 1,
        )

    def inspected(self, *, claim: str, inferred: dict[str, Any], rows: int, columns: int) -> bool:
        return _move(
            self,
            self.State.INSPECTING,
            holder=claim,
            state=self.State.INSPECTED,
            claim="",
            inferred=inferred,
            rows=rows,
            columns=columns,
            error="",
        )

    def fail(self, sentence: str, *, claim: str) -> bool:
        """The files cannot be used; the sentence says why."""
        return _move(
            self,
            self.State.INSPECTING,
            holder=claim,
            state=self.State.REFUSED,
            claim="",
            error=sentence,
        )

    def release(self, *, claim: str, counted: bool = True) -> bool:
        """Its worker died: inspect again, or give up after ``ATTEMPTS`` times.

        A worker that was asked to go hands its run back without it being ``counted``.
        """
        if counted and self.attempt >= ATTEMPTS:
            return self.fail(_gave_up(self), claim=claim)
        return _move(self, self.State.INSPECTING, holder=claim, state=self.State.UPLOADED, claim="")

    def confirm(self, schema: dict[str, Any]) -> bool:
        """Keep what the administrator confirmed; may be repeated until the extract is fitted."""
        return _move(
            self,
            (self.State.INSPECTED, self.State.CONFIRMED),
            state=self.State.CONFIRMED,
            confirmed=schema,
        )

    def mark_deleted(self) -> bool:
        """Note that the files are gone (``storage`` removes them first)."""
        return _move(self, tuple(self.State), state=self.State.DELETED, path="")


class Profile(models.Model):
    """The statistics of a platform under a name and a version."""

    class Kind(models.TextChoices):
        BUILTIN = "builtin", "built-in"
        FITTED = "fitted", "fitted"

    class State(models.TextChoices):
        FITTING = "fitting", "being fitted"
        REVIEW = "review", "waiting for review"
        PUBLISHED = "published", "published"
        REJECTED = "rejected", "rejected"
        RETIRED = "retired", "retired"
        FAILED = "failed", "failed"
        CANCELLING = "cancelling", "being cancelled"
        CANCELLED = "cancelled", "cancelled"

    LIVE = (State.FITTING, State.CANCELLING)
    LEARNED = (State.REVIEW, State.PUBLISHED, State.REJECTED, State.RETIRED)
    OVER = (State.REJECTED, State.RETIRED, State.FAILED, State.CANCELLED)

    AGAIN, LESS = "fit it again", "upload a sample of its rows"

    name = models.SlugField(max_length=100)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.FITTED)
    state = models.CharField(max_length=10, choices=State, default=State.FITTING)
    path = models.CharField(max_length=300, blank=True, help_text="Key in private storage.")
    hash = models.CharField(max_length=64, blank=True)
    extract = models.ForeignKey(
        Extract, models.SET_NULL, null=True, blank=True, related_name="profiles"
    )
    certificate = models.JSONField(default=dict, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    progress = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)
    claim = models.CharField(max_length=120, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="profiles"
    )
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("name", "-version")
        constraints = (
            models.UniqueConstraint(fields=("name", "version"), name="one_row_a_profile_version"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def live(self) -> bool:
        """Whether the page should keep asking for news."""
        return self.state in self.LIVE

    @classmethod
    def next_version(cls, name: str) -> int:
        highest = cls.objects.filter(name=name).aggregate(models.Max("version"))["version__max"]
        return (highest or 0) + 1

    def start_fitting(self, *, claim: str) -> bool:
        """Take the fit: nobody holds it."""
        return _move(
            self,
            self.State.FITTING,
            holder="",
            claim=claim,
            heartbeat_at=timezone.now(),
            attempt=F("attempt") + 1,
            error="",
        )

    def fitted(self, *, claim: str, path: str, hash: str, **facts: Any) -> bool:  # noqa: A002 - named after the column
        return _move(
            self,
            self.State.FITTING,
            holder=claim,
            state=self.State.REVIEW,
            path=path,
            hash=hash,
            claim="",
            error="",
            **facts,
        )

    def fail(self, sentence: str, *, claim: str) -> bool:
        return _move(
            self,
            self.LIVE,
            holder=claim,
            state=self.State.FAILED,
            error=sentence,
            claim="",
        )

    def cancel(self) -> bool:
        """A waiting fit is cancelled at once; a running one is asked to stop and stops itself."""
        return _move(self, self.State.FITTING, holder="", state=self.State.CANCELLED) or _move(
            self, self.State.FITTING, state=self.State.CANCELLING
        )

    def cancelled(self, *, claim: str) -> bool:
        """The fit has stopped; its extract is still there."""
        return _move(
            self,
            self.State.CANCELLING,
            holder=claim,
            state=self.State.CANCELLED,
            claim="",
            progress={},
        )

    def release(self, *, claim: str, counted: bool = True) -> bool:
        """Its worker died: fit again, or give up after ``ATTEMPTS`` times.

        A worker that was asked to go hands its run back without it being ``counted``.
        """
        if counted and self.attempt >= ATTEMPTS:
            return self.fail(_gave_up(self), claim=claim)
        return _move(
            self,
            self.State.FITTING,
            holder=claim,
            claim="",
            progress={},
            attempt=F("attempt") - int(not counted),
        )

    def publish(self, user: Any, *, note: str = "") -> bool:
        return _move(
            self,
            self.State.REVIEW,
            state=self.State.PUBLISHED,
            published_at=timezone.now(),
            decided_by=user,
            note=note,
        )

    def reject(self, user: Any, *, note: str = "") -> bool:
        return _move(self, self.State.REVIEW, state=self.State.REJECTED, decided_by=user, note=note)

    def retire(self, user: Any, *, note: str = "") -> bool:
        """No new bundle can choose it; the bundles made from it stay."""
        return _move(
            self, self.State.PUBLISHED, state=self.State.RETIRED, decided_by=user, note=note
        )

    def retry(self) -> bool:
        """Fit again from the same extract after a failure or a cancelled fit."""
        return _move(
            self,
            (self.State.FAILED, self.State.CANCELLED),
            state=self.State.FITTING,
            claim="",
            attempt=0,
            error="",
            progress={},
        )


class Bundle(models.Model):
    """What comes out of one recipe, from the moment it is asked for."""

    class State(models.TextChoices):
        QUEUED = "queued", "queued"
        RUNNING = "running", "running"
        READY = "ready", "ready"
        FAILED = "failed", "failed"
        CANCELLING = "cancelling", "being cancelled"
        CANCELLED = "cancelled", "cancelled"

    LIVE = (State.QUEUED, State.RUNNING, State.CANCELLING)

    AGAIN, LESS = "retry", "ask for fewer rows or tables"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="bundles")
    name = models.CharField(max_length=100)
    profile = models.ForeignKey(Profile, models.PROTECT, related_name="bundles")
    recipe = models.JSONField()
    plan = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    progress = models.JSONField(
        default=dict,
        blank=True,
        help_text="stage, rows_done, rows_total, rows_per_second, seconds_left, "
        "tables: {table: [done, total, rows per second]}",
    )
    error = models.TextField(blank=True)
    path = models.CharField(max_length=300, blank=True, help_text="Key in private storage.")
    rows = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    receipt = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the manifest.")
    attempt = models.PositiveSmallIntegerField(default=0)
    claim = models.CharField(max_length=120, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    is_example = models.BooleanField(default=False)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        indexes = (models.Index(fields=("state", "heartbeat_at"), name="bundle_state_heartbeat"),)

    def __str__(self) -> str:
        return self.name

    @property
    def live(self) -> bool:
        """Whether the page should keep asking for news."""
        return self.state in self.LIVE

    @property
    def seconds(self) -> float | None:
        """How long the run took, or has been taking."""
        if self.started_at is None:
            return None
        return ((self.finished_at or timezone.now()) - self.started_at).total_seconds()

    def start(self, *, claim: str) -> bool:
        """Take the run: queued to running under ``claim``."""
        now = timezone.now()
        return _move(
            self,
            self.State.QUEUED,
            state=self.State.RUNNING,
            claim=claim,
            heartbeat_at=now,
            started_at=now,
            finished_at=None,
            attempt=F("attempt") + 1,
            progress={},
            error="",
        )

    def finish(self, *, claim: str, files: list[BundleFile], **facts: Any) -> bool:
        """Running to ready, with its files, in one transaction; False if the claim was lost."""
        with transaction.atomic():
            if not _move(
                self,
                self.State.RUNNING,
                holder=claim,
                state=self.State.READY,
                finished_at=timezone.now(),
                claim="",
                error="",
                **facts,
            ):
                return False
            self.files.all().delete()
            for position, file in enumerate(files):
                file.bundle, file.position = self, position
            BundleFile.objects.bulk_create(files)
            return True

    def fail(self, sentence: str, *, claim: str) -> bool:
        return _move(
            self,
            (self.State.RUNNING, self.State.CANCELLING),
            holder=claim,
            state=self.State.FAILED,
            finished_at=timezone.now(),
            claim="",
            error=sentence,
        )

    def cancel(self) -> bool:
        """A queued run is cancelled at once; a running one is asked to stop and stops itself."""
        return _move(
            self, self.State.QUEUED, state=self.State.CANCELLED, finished_at=timezone.now()
        ) or _move(self, self.State.RUNNING, state=self.State.CANCELLING)

    def cancelled(self, *, claim: str) -> bool:
        """The run has stopped and cleaned up after itself."""
        return _move(
            self,
            self.State.CANCELLING,
            holder=claim,
            state=self.State.CANCELLED,
            finished_at=timezone.now(),
            claim="",
            progress={},
        )

    def release(self, *, claim: str, counted: bool = True) -> bool:
        """Its worker died: queue the run again, or give up after ``ATTEMPTS`` times.

        A worker that was asked to go hands its run back without it being ``counted``.
        """
        if counted and self.attempt >= ATTEMPTS:
            return self.fail(_gave_up(self), claim=claim)
        return _move(
            self,
            self.State.RUNNING,
            holder=claim,
            state=self.State.QUEUED,
            claim="",
            progress={},
            attempt=F("attempt") - int(not counted),
        )

    def retry(self) -> bool:
        """Queue the same recipe again after a failure or a cancelled run."""
        return _move(
            self,
            (self.State.FAILED, self.State.CANCELLED),
            state=self.State.QUEUED,
            attempt=0,
            claim="",
            error="",
            progress={},
            started_at=None,
            finished_at=None,
            created_at=timezone.now(),
        )


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


class Tries(models.Model):
    """Passwords tried for one name, known or not, since the last right one.

    A row and not a cache: a cache may drop entries when it is full, and counts by reading first.
    """

    name = models.CharField(primary_key=True, max_length=32, help_text="A digest of the name.")
    count = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(db_index=True, help_text="Forgotten from then on.")

    class Meta:
        verbose_name_plural = "tries"

    def __str__(self) -> str:
        return self.name

    @classmethod
    def take(cls, name: str, *, limit: int, window: timedelta) -> bool:
        """Count one more; False if there were ``limit`` within ``window`` already."""
        now = timezone.now()
        cls.objects.filter(until__lte=now).delete()
        cls.objects.get_or_create(name=name, defaults={"until": now + window})
        free = cls.objects.filter(name=name, count__lt=limit)
        return free.update(count=F("count") + 1, until=now + window) == 1

    @classmethod
    def forget(cls, name: str) -> None:
        cls.objects.filter(name=name).delete()


def _gave_up(row: Any) -> str:
    return (
        f"The worker died {ATTEMPTS} times while working on this; it may need more memory than "
        f"the machine has. Please {row.LESS}, or {row.AGAIN}."
    )


def _move(
    row: Any, states: str | tuple[str, ...], *, holder: str | None = None, **changes: Any
) -> bool:
    """Change ``row`` if it is still in one of ``states`` (and still held by ``holder``)."""
    if isinstance(states, str):
        states = (states,)
    still = type(row).objects.filter(pk=row.pk, state__in=states)
    if holder is not None:
        still = still.filter(claim=holder)
    changed = still.update(**changes) == 1
    with suppress(type(row).DoesNotExist):  # deleted meanwhile; then nothing changed either
        row.refresh_from_db()
    return changed
