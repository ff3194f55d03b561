"""What extracts, profiles and bundles have in common: a worker works on them.

A row changes state only through its methods, each one conditional update that is trusted only
if exactly one row changed.  They answer True when they did it and False when the row had moved
on in the meantime.  Whoever holds a row has written its claim there; a row without a claim is
held by nobody.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import ClassVar, Self

from django.db import models
from django.db.models import F
from django.utils import timezone

ATTEMPTS = 3  # how often work is begun before it counts as failed because its worker died


class Work(models.Model):
    """Waiting → working → done, failed or cancelled.

    Each kind says what it calls these states; waiting and working may be one state, told apart
    by the claim.  A kind that cannot be cancelled leaves two out.
    """

    WAITING: ClassVar[str]
    WORKING: ClassVar[str]
    DONE: ClassVar[str]
    FAILED: ClassVar[str]
    CANCELLING: ClassVar[str] = ""
    CANCELLED: ClassVar[str] = ""
    LIVE: ClassVar[tuple[str, ...]]  # waiting, working and cancelling

    # What to do about a failure, as the page can do it.
    AGAIN: ClassVar[str]
    LESS: ClassVar[str]

    state = models.CharField(max_length=12)
    claim = models.CharField(max_length=120, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    progress = models.JSONField(default=dict, blank=True, help_text="As the run's meter has it.")
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @classmethod
    def waiting(cls) -> models.QuerySet[Self]:
        """What nobody works on yet, the oldest first."""
        return cls._rows().filter(state=cls.WAITING, claim="").order_by("created_at")

    @classmethod
    def held(cls) -> models.QuerySet[Self]:
        """What a run works on."""
        return cls._rows().filter(state__in=cls.LIVE).exclude(claim="")

    @property
    def live(self) -> bool:
        """Whether the page should keep asking for news."""
        return self.state in self.LIVE

    @property
    def seconds(self) -> float | None:
        """How long the work took, or has been taking."""
        if self.started_at is None:
            return None
        return ((self.finished_at or timezone.now()) - self.started_at).total_seconds()

    def take(self, *, claim: str) -> bool:
        """Hold the row under ``claim``, if nobody does."""
        now = timezone.now()
        taken = self._move(
            self.WAITING,
            holder="",
            state=self.WORKING,
            claim=claim,
            heartbeat_at=now,
            started_at=now,
            finished_at=None,
            attempt=F("attempt") + 1,
            progress={},
            error="",
        )
        # Asked twice because the answer was lost: the first time did it.
        return taken or (self.state == self.WORKING and self.claim == claim)

    def finish(self, *, claim: str, **results: object) -> bool:
        """The work is done and came to ``results``; False if the claim was lost."""
        return self._end(self.WORKING, self.DONE, claim=claim, error="", **results)

    def fail(self, sentence: str, *, claim: str) -> bool:
        """The work cannot be done; the sentence says why."""
        return self._end(self.LIVE, self.FAILED, claim=claim, error=sentence)

    def release(self, *, claim: str) -> bool:
        """Its worker died: it waits again, or is given up after ``ATTEMPTS`` deaths."""
        if self.attempt >= ATTEMPTS and self.state != self.CANCELLING:
            return self.fail(self._gave_up(), claim=claim)
        return self._wait_again(claim=claim) or self.cancelled(claim=claim)

    def hand_back(self, *, claim: str) -> bool:
        """Its worker has to go, or cannot do it just now: it waits again, and nothing counts."""
        uncounted = F("attempt") - 1
        return self._wait_again(claim=claim, attempt=uncounted) or self.cancelled(claim=claim)

    def cancel(self) -> bool:
        """Waiting work is cancelled at once; a run is asked to stop and stops itself."""
        if not self.CANCELLED:
            return False
        if self._end(self.WAITING, self.CANCELLED, claim=""):
            return True
        return self.claim != "" and self._move(
            self.WORKING, holder=self.claim, state=self.CANCELLING
        )

    def cancelled(self, *, claim: str) -> bool:
        """The run has stopped and cleaned up after itself."""
        return self._end(self.CANCELLING, self.CANCELLED, claim=claim, progress={})

    def retry(self) -> bool:
        """Wait again after a failure, or after it was cancelled."""
        return self._move(
            (self.FAILED, self.CANCELLED),
            state=self.WAITING,
            claim="",
            attempt=0,
            progress={},
            error="",
            created_at=timezone.now(),
            started_at=None,
            finished_at=None,
        )

    def _wait_again(self, *, claim: str, **changes: object) -> bool:
        return self._move(
            self.WORKING, holder=claim, state=self.WAITING, claim="", progress={}, **changes
        )

    def _end(
        self, states: str | Collection[str], end: str, *, claim: str, **changes: object
    ) -> bool:
        now = timezone.now()
        return self._move(states, holder=claim, state=end, claim="", finished_at=now, **changes)

    def _move(
        self, states: str | Collection[str], *, holder: str | None = None, **changes: object
    ) -> bool:
        """Change the row if it is still in one of ``states`` (and still held by ``holder``)."""
        wanted = (states,) if isinstance(states, str) else states
        still = self._rows().filter(pk=self.pk, state__in=wanted)
        if holder is not None:
            still = still.filter(claim=holder)
        changed = still.update(**changes) == 1
        with suppress(type(self).DoesNotExist):  # deleted meanwhile; then nothing changed either
            self.refresh_from_db()
        return changed

    @classmethod
    def _rows(cls) -> models.QuerySet[Self]:
        return cls._base_manager.all()

    def _gave_up(self) -> str:
        return (
            f"The worker died {ATTEMPTS} times while working on this; it may need more memory than "
            f"the machine has. Please {self.LESS}, or {self.AGAIN}."
        )
