"""Passwords tried."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F
from django.utils import timezone


class Tries(models.Model):
    """Wrong passwords of one kind (for a name, from an address) in the current window.

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
        return free.update(count=F("count") + 1) == 1

    @classmethod
    def take_back(cls, name: str) -> None:
        """The password was right: this one does not count."""
        cls.objects.filter(name=name, count__gt=0).update(count=F("count") - 1)

    @classmethod
    def forget(cls, name: str) -> None:
        cls.objects.filter(name=name).delete()
