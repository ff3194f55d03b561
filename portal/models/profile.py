"""The statistics of a platform under a name and a version."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone

from portal.models.extract import Extract
from portal.models.work import Work


class Profile(Work):
    """The work is to fit it from its extract; then people decide about it: fitted → in review →
    published → retired, and from review and from retirement back again."""

    class Kind(models.TextChoices):
        BUILTIN = "builtin", "built-in"
        FITTED = "fitted", "fitted"
        MASKED = "masked", "masked copy"  # nothing is drawn from it; see portal.masked

    class State(models.TextChoices):
        FITTING = "fitting", "being fitted"
        FITTED = "fitted", "fitted"
        REVIEW = "review", "in review"
        PUBLISHED = "published", "published"
        RETIRED = "retired", "retired"
        FAILED = "failed", "failed"
        CANCELLING = "cancelling", "being cancelled"
        CANCELLED = "cancelled", "cancelled"

    WAITING = WORKING = State.FITTING
    DONE, FAILED = State.FITTED, State.FAILED
    CANCELLING, CANCELLED = State.CANCELLING, State.CANCELLED
    LIVE = (State.FITTING, State.CANCELLING)
    LEARNED = (State.FITTED, State.REVIEW, State.PUBLISHED, State.RETIRED)
    OVER = (State.FITTED, State.RETIRED, State.FAILED, State.CANCELLED)

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

    @property
    def brought_by(self) -> set[int]:
        """Keys of those who uploaded the extract and who confirmed it."""
        owner = self.extract.owner_id if self.extract is not None else None
        return {key for key in (self.created_by_id, owner) if key is not None}

    def submit(self, user: User, *, note: str = "") -> bool:
        """Ask for a review."""
        return self._decide(user, self.State.FITTED, self.State.REVIEW, note=note)

    def publish(self, user: User, *, note: str = "") -> bool:
        """The review found it good: everybody may compose from it."""
        return self._decide(
            user, self.State.REVIEW, self.State.PUBLISHED, note=note, published_at=timezone.now()
        )

    def send_back(self, user: User, *, note: str) -> bool:
        """The review found it wanting, and the note says why."""
        return self._decide(user, self.State.REVIEW, self.State.FITTED, note=note)

    def retire(self, user: User, *, note: str = "") -> bool:
        """No new bundle can choose it; the bundles made from it stay."""
        return self._decide(user, self.State.PUBLISHED, self.State.RETIRED, note=note)

    def bring_back(self, user: User, *, note: str = "") -> bool:
        """It was reviewed before: bundles may choose it again."""
        return self._decide(user, self.State.RETIRED, self.State.PUBLISHED, note=note)

    def _decide(self, user: User, before: str, after: str, **changes: Any) -> bool:
        return self._move(before, state=after, decided_by=user, **changes)
