"""What private fits have spent of each source of data."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from portal.models.profile import Profile


class Source(models.Model):
    """Data of one origin, under whatever file name it comes: fits of it add up."""

    name = models.CharField(max_length=100, unique=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Spending(models.Model):
    """What one fit may spend of a source.  It counts from the confirmation on, and stays when the
    profile is deleted, for its bundles may be anywhere; only a fit that failed or was cancelled
    does not count, as nothing of it was kept."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="spendings")
    profile = models.OneToOneField(
        Profile, models.SET_NULL, null=True, blank=True, related_name="spending"
    )
    title = models.CharField(max_length=220)
    epsilon = models.FloatField()
    delta = models.FloatField()
    unit = models.CharField(max_length=300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.source}: {self.epsilon:g}"
