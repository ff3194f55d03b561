"""A row moves only from the states it may move from, and only for the run that holds it."""

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError

from portal import broker
from portal.models import ATTEMPTS, Bundle, BundleFile, Extract, Profile
from portal.removal import delete_bundle

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued(alice, make_bundle):
    return make_bundle(alice)


def test_a_row_that_is_gone_does_not_move(queued):
    Bundle.objects.all().delete()
    assert not queued.take(claim="a")
    assert not queued.cancel()


def test_a_bundle_that_began_meanwhile_is_not_deleted(queued):
    assert Bundle.objects.get(pk=queued.pk).take(claim="a")
    assert not delete_bundle(queued, by=queued.owner)
    assert queued.cancel()
    assert not delete_bundle(queued, by=queued.owner)
    assert queued.cancelled(claim="a")
    assert delete_bundle(queued, by=queued.owner)
    assert not delete_bundle(queued, by=queued.owner)


def test_finish_keeps_files_in_their_order(queued):
    queued.take(claim="a")
    files = [BundleFile(path=name, format="csv", bytes=1, sha256="") for name in ("z.csv", "a.csv")]
    assert queued.finish_with(files, claim="a", path="bundles/x", rows=2, receipt="r")
    assert [file.path for file in queued.files.all()] == ["z.csv", "a.csv"]
    assert queued.state == Bundle.State.READY
    assert queued.seconds >= 0


def test_a_queued_run_is_cancelled_at_once_and_a_running_one_is_asked(queued):
    assert queued.cancel()
    assert queued.state == Bundle.State.CANCELLED
    assert queued.retry()
    queued.take(claim="a")
    assert queued.cancel()
    assert queued.state == Bundle.State.CANCELLING
    assert queued.live
    assert queued.cancelled(claim="a")
    assert queued.state == Bundle.State.CANCELLED


def test_a_run_asked_to_stop_does_not_become_ready(queued):
    queued.take(claim="a")
    queued.cancel()
    assert not queued.finish_with([], claim="a", path="x")


def test_a_ready_bundle_neither_cancels_nor_retries(alice, make_bundle):
    bundle = make_bundle(alice, state=Bundle.State.READY)
    assert not bundle.cancel()
    assert not bundle.retry()


# What extracts, profiles and bundles have in common


def an_extract(admin):
    return Extract.objects.create(owner=admin, name="cars", original_name="cars.csv")


def a_profile(admin):
    return Profile.objects.create(name="cars", title="Cars", created_by=admin)


@pytest.fixture(params=[Bundle, Extract, Profile])
def work(request, admin, make_bundle):
    makers = {Bundle: make_bundle, Extract: an_extract, Profile: a_profile}
    return makers[request.param](admin)


def test_every_kind_of_work_is_tested_here():
    assert set(broker.JOBS) == {Bundle, Extract, Profile}


def is_waiting(work):
    kind = type(work)
    return work in kind.waiting() and work not in kind.held() and work.claim == ""


def test_only_one_of_two_workers_gets_the_work(work):
    copy = type(work).objects.get(pk=work.pk)
    assert is_waiting(work)
    assert work.take(claim="host:1:a")
    assert not copy.take(claim="host:2:b")
    assert copy.claim == "host:1:a"
    assert copy.attempt == 1
    assert copy.live
    assert work in type(work).held()
    assert work not in type(work).waiting()


def test_asking_twice_for_what_one_holds_is_no_loss(work):
    """A database that went away may have done what it could not answer any more."""
    assert work.take(claim="a")
    assert work.take(claim="a")
    assert work.attempt == 1


def test_work_is_given_up_after_too_many_deaths(work):
    for attempt in range(1, ATTEMPTS + 1):
        assert work.take(claim="a")
        assert work.attempt == attempt
        assert work.release(claim="a")
    assert work.state == work.FAILED
    assert f"{ATTEMPTS} times" in work.error


def test_work_handed_back_is_not_counted_as_a_death(work):
    for _ in range(ATTEMPTS):
        assert work.take(claim="a")
        assert work.hand_back(claim="a")
        assert is_waiting(work)
        assert work.attempt == 0
    assert work.take(claim="a")
    assert work.release(claim="a")
    assert is_waiting(work)
    assert work.attempt == 1


def test_work_that_failed_may_be_tried_again(work):
    work.take(claim="a")
    assert work.fail("too small", claim="a")
    assert (work.state, work.error, work.claim) == (work.FAILED, "too small", "")
    assert work.finished_at >= work.started_at
    assert not work.live
    assert work.retry()
    assert is_waiting(work)
    assert (work.error, work.attempt, work.seconds) == ("", 0, None)


def test_a_worker_that_lost_its_claim_changes_nothing(work):
    work.take(claim="a")
    work.release(claim="a")
    work.take(claim="b")
    assert not work.finish(claim="a")
    assert not work.fail("no", claim="a")
    assert not work.release(claim="a")
    assert not work.hand_back(claim="a")
    assert work.claim == "b"


def test_a_fit_that_was_handed_back_just_now_is_not_asked_to_stop(admin, monkeypatch):
    """Nobody would hear it, and nobody would take the row again."""
    profile = a_profile(admin)
    monkeypatch.setattr(Profile, "_end", lambda *_, **__: False)  # held when it was asked
    assert not profile.cancel()
    assert is_waiting(profile)


@pytest.mark.parametrize("end", ["release", "hand_back"])
@pytest.mark.parametrize("work", [Bundle, Profile], indirect=True)
def test_work_that_was_being_cancelled_does_not_wait_again(work, end):
    type(work).objects.update(attempt=ATTEMPTS - 1)
    work.take(claim="a")
    work.cancel()
    assert getattr(work, end)(claim="a")
    assert work.state == work.CANCELLED


def test_an_inspection_is_not_cancelled_but_discarded(admin):
    extract = an_extract(admin)
    assert not extract.cancel()
    extract.take(claim="a")
    assert not extract.cancel()
    assert extract.mark_deleted()
    assert not extract.finish(claim="a", rows=1)
    assert extract.claim == ""
    assert extract not in Extract.held()


# Profiles and extracts


def test_the_path_of_a_fitted_profile(admin):
    profile = a_profile(admin)
    assert profile.take(claim="a")
    assert not profile.take(claim="b")
    assert not profile.publish(admin)
    assert profile.finish(claim="a", path="profiles/cars", hash="h", certificate={"score": 1})
    assert not profile.publish(admin)
    assert profile.submit(admin)
    assert profile.send_back(admin, note="which year?")
    assert profile.submit(admin)
    assert profile.publish(admin, note="good")
    assert (profile.decided_by, profile.note) == (admin, "good")
    assert not profile.send_back(admin, note="late")
    assert profile.retire(admin)
    assert profile.bring_back(admin)
    assert profile.state == "published"


def test_a_fit_that_waits_is_cancelled_at_once_a_running_one_stops_itself(admin):
    profile = a_profile(admin)
    assert profile.cancel()
    assert profile.state == Profile.State.CANCELLED
    assert not profile.take(claim="a")
    assert profile.retry()
    assert profile.take(claim="a")
    assert profile.cancel()
    assert profile.state == Profile.State.CANCELLING
    assert not profile.finish(claim="a", path="profiles/cars", hash="h")
    assert profile.cancelled(claim="a")
    assert not profile.cancel()


def test_a_profile_has_one_row_a_version():
    assert Profile.next_version("cars") == 1
    Profile.objects.create(name="cars", title="Cars", version=4)
    assert Profile.next_version("cars") == 5
    with pytest.raises(IntegrityError):
        Profile.objects.create(name="cars", title="Cars", version=4)


def test_the_path_of_an_extract(admin):
    extract = an_extract(admin)
    assert not extract.confirm({})
    assert extract.take(claim="a")
    assert extract.finish(claim="a", inferred={"tables": []}, rows=3, columns=2)
    assert extract.confirm({"tables": [1]})
    assert extract.confirm({"tables": [2]})
    assert extract.mark_deleted()
    assert extract.confirmed == {"tables": [2]}


def test_a_refused_extract_says_why(admin):
    extract = an_extract(admin)
    extract.take(claim="a")
    assert extract.fail("Row 7 of cars.csv has 3 fields.", claim="a")
    assert extract.state == Extract.State.REFUSED
    assert "Row 7" in extract.error


def test_people_with_bundles_cannot_be_deleted(queued):
    with pytest.raises(IntegrityError):
        User.objects.get(username="alice").delete()
