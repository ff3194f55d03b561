"""Rows removed with their files, and never under a run.

Each function locks the row first and answers False when it may not go (any more).  Then go the
files, then the row: on a full disk the files make the room in which the row's change is written,
and a row says “deleted” only when the files are.  Last comes the note in the audit trail.
"""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from portal.models import Bundle, Extract, Profile
from portal.private_files import private_files
from portal.trail import Verb, note


@transaction.atomic
def delete_bundle(bundle: Bundle, *, by: User) -> bool:
    """False while it is being made."""
    over = Bundle.objects.select_for_update().exclude(state__in=Bundle.LIVE)
    locked = over.filter(pk=bundle.pk).first()
    if locked is None:
        return False
    private_files().delete(f"bundles/{bundle.pk}")
    locked.delete()
    note(by, Verb.DELETED, bundle, bytes=bundle.bytes)
    return True


@transaction.atomic
def delete_extract(extract: Extract, *, by: User | None = None) -> bool:
    """False while a profile is being fitted from it.  By nobody: because its time is over."""
    locked = Extract.objects.select_for_update().filter(pk=extract.pk).first()
    if locked is None or locked.profiles.filter(state__in=Profile.LIVE).exists():
        return False
    private_files().delete(f"extracts/{extract.pk}")
    if locked.state != Extract.State.DELETED and extract.mark_deleted():
        note(by, Verb.DELETED, extract, bytes=extract.bytes, sha256=_hashes(extract))
    return True


def _hashes(extract: Extract) -> list[str]:
    """What was deleted, so that whoever has the file can say it was this one."""
    return [file["sha256"] for file in extract.files]


@transaction.atomic
def delete_profile(profile: Profile, *, by: User) -> bool:
    """False while it is needed; see ``removable``."""
    locked = Profile.objects.select_for_update().filter(pk=profile.pk).first()
    if locked is None or not removable(locked):
        return False
    if profile.path:
        private_files().delete(profile.path)
    locked.delete()
    note(by, Verb.DELETED, profile, sha256=profile.hash)
    return True


def removable(profile: Profile) -> bool:
    """Fitted, neither offered nor on its way there, and no bundle was made from it."""
    over = profile.kind == Profile.Kind.FITTED and profile.state in Profile.OVER
    return over and not profile.bundles.exists()
