"""Notes in the audit trail who signed in and who tried to.

What was typed as a name is noted only where somebody has that name: it may be a password, typed
into the wrong field.  Tries that the limits of the door turn away are not noted, so that nobody
can fill the trail from outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db import transaction
from django.dispatch import receiver

from portal import trail
from portal.trail import Verb


@receiver(user_logged_in)
@transaction.atomic
def signed_in(sender: object, user: User, **_: Any) -> None:
    trail.note(user, Verb.SIGNED_IN, user)


@receiver(user_login_failed)
@transaction.atomic
def not_signed_in(sender: object, credentials: Mapping[str, Any], **_: Any) -> None:
    name = str(credentials.get("username", ""))
    known = get_user_model().objects.filter(username=name).first()
    trail.note(None, Verb.NOT_SIGNED_IN, known or "user")
