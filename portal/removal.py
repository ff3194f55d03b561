"""Rows removed with their files, and never under a run.

Each function locks the row first and answers False when it may not go (any more).
"""

from __future__ import annotations

from django.db import transaction

from portal.models import Bundle, Extract, Profile
from portal.private_files import private_files


def delete_bundle(bundle: Bundle) -> bool:
    """False while it is being made.  Files without a row are a leftover the reaper removes."""
    with transaction.atomic():
        over = Bundle.objects.select_for_update().exclude(state__in=Bundle.LIVE)
        locked = over.filter(pk=bundle.pk).first()
        if locked is None:
            return False
        locked.delete()
    private_files().delete(f"bundles/{bundle.pk}")
    return True


@transaction.atomic
def delete_extract(extract: Extract) -> bool:
    """False while a profile is being fitted from it.

    Real data: files first, so that the row says “deleted” only when they are.
    """
    locked = Extract.objects.select_for_update().filter(pk=extract.pk).first()
    if locked is None or locked.profiles.filter(state__in=Profile.LIVE).exists():
        return False
    private_files().delete(f"extracts/{extract.pk}")
    return extract.mark_deleted()


def delete_profile(profile: Profile) -> bool:
    """False while it is needed; see ``removable``."""
    with transaction.atomic():
        locked = Profile.objects.select_for_update().filter(pk=profile.pk).first()
        if locked is None or not removable(locked):
            return False
        locked.delete()
    if profile.path:
        private_files().delete(profile.path)
    return True


def removable(profile: Profile) -> bool:
    """Fitted, neither offered nor on its way there, and no bundle was made from it."""
    over = profile.kind == Profile.Kind.FITTED and profile.state in Profile.OVER
    return over and not profile.bundles.exists()
