"""Who sees and does what; somebody else's row does not exist."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404

from portal import access
from portal.models import Extract, Profile

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


def test_a_bundle_is_seen_by_its_owner_only(alice, bob, admin, make_bundle):
    bundle = make_bundle(alice)
    assert access.get_bundle_or_404(alice, bundle.pk) == bundle
    for other in (bob, admin, NOBODY):
        with pytest.raises(Http404):
            access.get_bundle_or_404(other, bundle.pk)


def test_the_example_is_seen_by_everybody_and_changed_by_its_owner(alice, bob, make_bundle):
    example = make_bundle(alice, is_example=True)
    assert access.get_bundle_or_404(bob, example.pk) == example
    assert access.get_own_bundle_or_404(alice, example.pk) == example
    with pytest.raises(PermissionDenied):
        access.get_own_bundle_or_404(bob, example.pk)


def test_only_administrators_see_profiles_before_they_are_published(alice, admin):
    states = {
        state: Profile.objects.create(name=state, title=state, state=state)
        for state in Profile.State.values
    }
    assert set(access.visible_profiles(admin)) == set(states.values())
    assert {profile.state for profile in access.visible_profiles(alice)} == {"published", "retired"}
    assert [profile.state for profile in access.usable_profiles(admin)] == ["published"]
    assert not access.visible_profiles(NOBODY)
    with pytest.raises(Http404):
        access.get_profile_or_404(alice, states["review"].pk)


def test_only_administrators_bring_extracts_and_decide(alice, admin):
    access.check_may_upload(admin)
    access.check_may_decide(admin)
    for check in (access.check_may_upload, access.check_may_decide):
        for other in (alice, NOBODY):
            with pytest.raises(PermissionDenied):
                check(other)


def test_extracts_are_for_administrators(alice, admin):
    extract = Extract.objects.create(owner=admin, name="cars", original_name="cars.csv")
    assert access.get_extract_or_404(admin, extract.pk) == extract
    assert not access.visible_extracts(alice)
    with pytest.raises(PermissionDenied):
        access.get_extract_or_404(alice, extract.pk)
