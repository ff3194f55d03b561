"""Who may do what; every permission of the portal is a function of this module.

A row you may not see is 404, so that nobody learns it exists; a right you lack is 403.
Developers compose bundles of their own.  Administrators (staff) also bring extracts and decide
about profiles.  The example bundle is there for everybody to look at.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from portal.models import Bundle, Extract, Profile

Anybody = User | AnonymousUser


def visible_bundles(user: Anybody) -> QuerySet[Bundle]:
    """Their own, and the example."""
    if not user.is_authenticated:
        return Bundle.objects.none()
    return Bundle.objects.filter(Q(owner=user) | Q(is_example=True)).select_related("profile")


def get_bundle_or_404(user: Anybody, id: UUID) -> Bundle:  # noqa: A002 - named after the column
    return get_object_or_404(visible_bundles(user), pk=id)


def may_change_bundle(user: Anybody, bundle: Bundle) -> bool:
    return bool(bundle.owner_id == user.pk)


def get_own_bundle_or_404(user: Anybody, id: UUID) -> Bundle:  # noqa: A002 - named after the column
    """A bundle to cancel, retry or delete.  403 for one that may only be looked at."""
    bundle = get_bundle_or_404(user, id)
    if not may_change_bundle(user, bundle):
        raise PermissionDenied("Only its owner may change this bundle.")
    return bundle


def visible_profiles(user: Anybody) -> QuerySet[Profile]:
    """Published and retired ones for everybody, all others for administrators."""
    if not user.is_authenticated:
        return Profile.objects.none()
    profiles = Profile.objects.exclude(kind=Profile.Kind.MASKED)
    if user.is_staff:
        return profiles
    return profiles.filter(state__in=(Profile.State.PUBLISHED, Profile.State.RETIRED))


def usable_profiles(user: Anybody) -> QuerySet[Profile]:
    """What a bundle may be composed from."""
    return visible_profiles(user).filter(state=Profile.State.PUBLISHED)


def get_profile_or_404(user: Anybody, id: int) -> Profile:  # noqa: A002 - named after the column
    return get_object_or_404(visible_profiles(user), pk=id)


def may_upload(user: Anybody) -> bool:
    return bool(user.is_authenticated and user.is_staff)


def may_decide(user: Anybody) -> bool:
    """Submit, send back, retire or bring back a profile."""
    return bool(user.is_authenticated and user.is_staff)


def check_may_upload(user: Anybody) -> None:
    if not may_upload(user):
        raise PermissionDenied("Only administrators may bring extracts.")


def check_may_decide(user: Anybody) -> None:
    if not may_decide(user):
        raise PermissionDenied("Only administrators may decide about profiles.")


def may_review(user: Anybody, profile: Profile) -> bool:
    """Find it good and publish it: with REVIEW_BY_OTHER nobody judges what he brought himself."""
    return may_decide(user) and not (settings.REVIEW_BY_OTHER and user.pk in profile.brought_by)


def check_may_review(user: Anybody, profile: Profile) -> None:
    check_may_decide(user)
    if not may_review(user, profile):
        raise PermissionDenied(
            "You brought what this profile was learned from; somebody else must review it."
        )


def visible_extracts(user: Anybody) -> QuerySet[Extract]:
    """Every extract for administrators, none for anybody else."""
    return Extract.objects.all() if may_upload(user) else Extract.objects.none()


def get_extract_or_404(user: Anybody, id: UUID) -> Extract:  # noqa: A002 - named after the column
    """403 for those who may not bring extracts at all."""
    check_may_upload(user)
    return get_object_or_404(visible_extracts(user), pk=id)


def check_may_see_trail(user: Anybody) -> None:
    if not (user.is_authenticated and user.is_staff):
        raise PermissionDenied("Only administrators may read the audit trail.")
