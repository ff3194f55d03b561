"""A row moves only from the states it may move from, and only for the run that holds it."""

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError

from portal.models import ATTEMPTS, Bundle, BundleFile, Extract, Profile
from portal.removal import delete_bundle

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued(alice, make_bundle):
    return make_bundle(alice)


def test_only_one_of_two_workers_gets_a_run(queued):
    copy = Bundle.objects.get(pk=queued.pk)
    assert queued.start(claim="host:1:a")
    assert not copy.start(claim="host:2:b")
    assert copy.claim == "host:1:a"
    assert copy.attempt == 1


def test_a_row_that_is_gone_does_not_move(queued):
    Bundle.objects.all().delete()
    assert not queued.start(claim="a")
    assert not queued.cancel()


def test_a_bundle_that_began_meanwhile_is_not_deleted(queued):
    assert Bundle.objects.get(pk=queued.pk).start(claim="a")
    assert not delete_bundle(queued)
    assert queued.cancel()
    assert not delete_bundle(queued)
    assert queued.cancelled(claim="a")
    assert delete_bundle(queued)
    assert not delete_bundle(queued)


def test_a_run_that_lost_its_claim_cannot_finish(queued):
    queued.start(claim="a")
    queued.release(claim="a")
    queued.start(claim="b")
    assert not queued.finish(claim="a", files=[], path="x")
    assert not queued.fail("no", claim="a")
    assert queued.state == Bundle.State.RUNNING
    assert queued.claim == "b"


def test_finish_keeps_files_in_their_order(queued):
    queued.start(claim="a")
    files = [BundleFile(path=name, format="csv", bytes=1, sha256="") for name in ("z.csv", "a.csv")]
    assert queued.finish(claim="a", files=files, path="bundles/x", rows=2, receipt="r")
    assert [file.path for file in queued.files.all()] == ["z.csv", "a.csv"]
    assert queued.state == Bundle.State.READY
    assert queued.seconds >= 0


def test_a_queued_run_is_cancelled_at_once_and_a_running_one_is_asked(queued):
    assert queued.cancel()
    assert queued.state == Bundle.State.CANCELLED
    assert queued.retry()
    queued.start(claim="a")
    assert queued.cancel()
    assert queued.state == Bundle.State.CANCELLING
    assert queued.live
    assert queued.cancelled(claim="a")
    assert queued.state == Bundle.State.CANCELLED


def test_a_run_asked_to_stop_does_not_become_ready(queued):
    queued.start(claim="a")
    queued.cancel()
    assert not queued.finish(claim="a", files=[], path="x")


def test_a_ready_bundle_neither_cancels_nor_retries(alice, make_bundle):
    bundle = make_bundle(alice, state=Bundle.State.READY)
    assert not bundle.cancel()
    assert not bundle.retry()


def test_a_run_is_given_up_after_too_many_deaths(queued):
    for attempt in range(1, ATTEMPTS + 1):
        assert queued.start(claim="a")
        assert queued.attempt == attempt
        assert queued.release(claim="a")
    assert queued.state == Bundle.State.FAILED
    assert f"{ATTEMPTS} times" in queued.error


def test_a_run_handed_back_is_not_counted_as_a_death(queued):
    for _ in range(ATTEMPTS + 2):
        assert queued.start(claim="a")
        assert queued.release(claim="a", counted=False)
    assert queued.state == Bundle.State.QUEUED
    assert queued.attempt == 0


def test_the_path_of_a_fitted_profile(admin):
    profile = Profile.objects.create(name="cars", title="Cars", created_by=admin)
    assert profile.start_fitting(claim="a")
    assert not profile.start_fitting(claim="b")
    assert not profile.publish(admin)
    assert profile.fitted(claim="a", path="profiles/cars", hash="h", certificate={"score": 1})
    assert profile.publish(admin, note="good")
    assert profile.decided_by == admin
    assert not profile.reject(admin)
    assert profile.retire(admin)


def test_a_failed_fit_may_be_tried_again(admin):
    profile = Profile.objects.create(name="cars", title="Cars", created_by=admin)
    profile.start_fitting(claim="a")
    assert profile.fail("too small", claim="a")
    assert profile.error == "too small"
    assert profile.retry()
    assert profile.start_fitting(claim="b")


def test_a_fit_that_waits_is_cancelled_at_once_a_running_one_stops_itself(admin):
    profile = Profile.objects.create(name="cars", title="Cars", created_by=admin)
    assert profile.cancel()
    assert profile.state == Profile.State.CANCELLED
    assert not profile.start_fitting(claim="a")
    assert profile.retry()
    assert profile.start_fitting(claim="a")
    assert profile.cancel()
    assert profile.state == Profile.State.CANCELLING
    assert not profile.fitted(claim="a", path="profiles/cars", hash="h")
    assert profile.cancelled(claim="a")
    assert not profile.cancel()


def test_a_profile_has_one_row_a_version():
    assert Profile.next_version("cars") == 1
    Profile.objects.create(name="cars", title="Cars", version=4)
    assert Profile.next_version("cars") == 5
    with pytest.raises(IntegrityError):
        Profile.objects.create(name="cars", title="Cars", version=4)


def test_the_path_of_an_extract(admin):
    extract = Extract.objects.create(owner=admin, name="cars", original_name="cars.csv")
    assert not extract.confirm({})
    assert extract.start_inspecting(claim="a")
    assert extract.inspected(claim="a", inferred={"tables": []}, rows=3, columns=2)
    assert extract.confirm({"tables": [1]})
    assert extract.confirm({"tables": [2]})
    assert extract.mark_deleted()
    assert extract.confirmed == {"tables": [2]}


def test_a_refused_extract_says_why(admin):
    extract = Extract.objects.create(owner=admin, name="cars", original_name="cars.csv")
    extract.start_inspecting(claim="a")
    assert extract.fail("Row 7 of cars.csv has 3 fields.", claim="a")
    assert extract.state == Extract.State.REFUSED
    assert "Row 7" in extract.error


def test_people_with_bundles_cannot_be_deleted(queued):
    with pytest.raises(IntegrityError):
        User.objects.get(username="alice").delete()
