"""The statistics of a platform under a name and a version."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone

from portal.models.extract import Extract
from portal.models.work import Work


class Profile(Work):
    """The work is to fit it from its extract; then people decide about it."""

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

    WAITING = WORKING = State.FITTING
    DONE, FAILED = State.REVIEW, State.FAILED
    CANCELLING, CANCELLED = State.CANCELLING, State.CANCELLED
    LIVE = (State.FITTING, State.CANCELLING)
    LEARNED = (State.REVIEW, State.PUBLISHED, State.REJECTED, State.RETIRED)
    OVER = (State.REJECTED, State.RETIRED, State.FAILED, State.CANCELLED)

    AGAIN, LESS = "fit it again", "upload a sample of its rows"

    name = models.SlugField(max_length=100)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.FITTED)
    state = models.CharField(max_length=10, choices=State, default=State.FITTING)
    path = models.CharField(max_length=300, blank=True, help_text="Key of its private file.")
    hash = models.CharField(max_length=64, blank=True)
    extract = models.ForeignKey(
        Extract, models.SET_NULL, null=True, blank=True, related_name="profiles"
    )
    certificate = models.JSONField(default=dict, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="profiles"
    )
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

    @classmethod
    def next_version(cls, name: str) -> int:
        highest = cls.objects.filter(name=name).aggregate(models.Max("version"))["version__max"]
        return (highest or 0) + 1

    def publish(self, user: User, *, note: str = "") -> bool:
        return self._move(
            self.State.REVIEW,
            state=self.State.PUBLISHED,
            published_at=timezone.now(),
            decided_by=user,
            note=note,
        )

    def reject(self, user: User, *, note: str = "") -> bool:
        return self._move(self.State.REVIEW, state=self.State.REJECTED, decided_by=user, note=note)

    def retire(self, user: User, *, note: str = "") -> bool:
        """No new bundle can choose it; the bundles made from it stay."""
        return self._move(
            self.State.PUBLISHED, state=self.State.RETIRED, decided_by=user, note=note
        )
