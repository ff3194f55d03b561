"""Notes in the audit trail who became an administrator, who ceased to be one, and who was locked
out or let in again."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import receiver

from portal import trail
from portal.trail import Verb

RIGHTS = {"is_staff": "administrator", "is_superuser": "superuser", "is_active": "active"}
NOBODY = dict.fromkeys(RIGHTS.values(), False) | {"active": True}  # who is not there yet


def rights(user: User) -> dict[str, bool]:
    return {word: bool(getattr(user, field)) for field, word in RIGHTS.items()}


@receiver(pre_save, sender=User)
def before(sender: object, instance: User, **_: Any) -> None:
    known = User.objects.filter(pk=instance.pk).first() if instance.pk else None
    instance.rights_before = rights(known) if known else NOBODY  # type: ignore[attr-defined]


@receiver(post_save, sender=User)
@transaction.atomic
def after(sender: object, instance: User, raw: bool = False, **_: Any) -> None:
    """``changed_by`` is set by the administration's pages; else a command of the portal did it."""
    had = instance.rights_before  # type: ignore[attr-defined]
    now = {word: has for word, has in rights(instance).items() if has is not had[word]}
    if now and not raw:  # of what is restored from a dump the trail comes with it
        trail.note(getattr(instance, "changed_by", None), Verb.RIGHTS, instance, **now)


@receiver(post_delete, sender=User)
@transaction.atomic
def gone(sender: object, instance: User, **_: Any) -> None:
    if instance.is_staff:
        by = getattr(instance, "changed_by", None)
        trail.note(by, Verb.RIGHTS, instance, administrator=False)
