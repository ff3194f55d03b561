"""Jobs around a small stand-in for the engine: whatever happens, the row says what is true."""

import errno
import hashlib
import io
import json
import os
import signal
import socket
import sqlite3
import time
import zipfile
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone
from redis.exceptions import ConnectionError as BrokerGone

import generator
from generator.profile import Plan, TableCount
from generator.sample import Progress
from portal import broker, jobs, reaper
from portal.claims import Holder, holder_of, new_claim, nonce
from portal.models import Act, Bundle, Extract, Profile
from portal.removal import delete_extract
from portal.run import Run, sentence_for
from portal.watch import Glance, Watch
from tests.laid import lay

pytestmark = pytest.mark.django_db(transaction=True)

CSV = b"id,price\n1,10\n2,20\n"
RECIPE = {"profile": "automotive", "seed": 7, "rows": {"deal": 2}}


class Toy:
    """Draws one table of two rows; ``interrupt`` is called while it writes."""

    def __init__(self):
        self.interrupt = lambda out, progress, cancelled: None

    def plan(self, profile, recipe):
        counts = (TableCount("deal", 2, asked=True),)
        return Plan(recipe=recipe, counts=counts, shards=())

    def sample(self, profile, plan, out, *, workers, memory, progress, cancelled):
        out.mkdir()
        (out / "deal.csv").write_bytes(CSV)
        self.interrupt(out, progress, cancelled)
        if cancelled():
            raise generator.Cancelled("stopped")
        entry = {
            "path": "deal.csv",
            "table": "deal",
            "format": "csv",
            "rows": 2,
            "bytes": len(CSV),
            "sha256": hashlib.sha256(CSV).hexdigest(),
        }
        manifest = {"files": [entry], "rows": plan.exact}
        (out / "manifest.json").write_text(json.dumps(manifest))
        (out / "README.md").write_text("Two deals.")
        return manifest


@pytest.fixture
def toy(monkeypatch, data):
    toy = Toy()
    monkeypatch.setattr(jobs, "document", lambda profile: None)
    monkeypatch.setattr(generator, "plan", toy.plan)
    monkeypatch.setattr(generator, "sample", toy.sample)
    return toy


@pytest.fixture
def bundle(alice, make_bundle, toy):
    return make_bundle(alice, recipe=RECIPE)


def run(bundle):
    jobs.make_bundle(str(bundle.pk))
    bundle.refresh_from_db()
    return bundle


def acts_of(bundle):
    return [act.verb for act in Act.objects.filter(thing=str(bundle.pk))]


def nothing_left(data):
    return not list((data / "work").iterdir()) and not list((data / "bundles").glob("*/*"))


def test_a_run_ends_with_files_a_zip_and_a_receipt(bundle, data):
    run(bundle)
    assert bundle.state == Bundle.State.READY
    assert bundle.rows == 2
    files = {file.path: file for file in bundle.files.all()}
    assert list(files) == ["deal.csv", "README.md", "manifest.json", "deals.zip"]
    for name, file in files.items():
        content = (data / bundle.path / name).read_bytes()
        assert file.bytes == len(content)
        assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert bundle.receipt == files["manifest.json"].sha256
    packed = zipfile.ZipFile(io.BytesIO((data / bundle.path / "deals.zip").read_bytes()))
    assert packed.testzip() is None
    assert packed.read("deal.csv") == CSV
    assert not list((data / "work").iterdir())
    act = Act.objects.get(kind="bundle")
    assert (act.who, act.verb, act.thing) == ("", "made", str(bundle.pk))
    assert act.details == {"rows": 2, "bytes": bundle.bytes, "sha256": bundle.receipt}


def test_a_job_that_comes_twice_does_its_work_once(bundle):
    path = run(bundle).path
    run(bundle)
    assert bundle.path == path
    assert bundle.attempt == 1


def test_a_job_without_a_row_ends():
    jobs.make_bundle("00000000-0000-0000-0000-000000000000")
    jobs.fit_profile("12345")
    jobs.inspect_extract("00000000-0000-0000-0000-000000000000")


def test_a_retry_gives_the_same_bytes(bundle, toy):
    receipt = run(bundle).receipt
    toy.interrupt = fail_with(OSError(errno.EIO, "broken disk"))
    other = Bundle.objects.create(
        owner=bundle.owner, name=bundle.name, profile=bundle.profile, recipe=RECIPE
    )
    assert run(other).state == Bundle.State.FAILED
    toy.interrupt = lambda *_: None
    assert other.retry()
    assert run(other).receipt == receipt
    zips = [row.files.get(format="zip").sha256 for row in (bundle, other)]
    assert zips[0] == zips[1]


def fail_with(error):
    def interrupt(out, progress, cancelled):
        raise error

    return interrupt


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (generator.PlanError("Too many deals."), "Too many deals."),
        (OSError(errno.ENOSPC, "No space left on device"), "The disk of the portal is full"),
        (generator.StorageError("The disk is full."), "The disk is full."),
        (MemoryError(), "too little memory"),
        (ValueError("secret value"), "tell an administrator the reference"),
    ],
)
def test_a_failure_is_one_sentence_and_leaves_nothing(bundle, toy, data, error, said):
    toy.interrupt = fail_with(error)
    run(bundle)
    assert bundle.state == Bundle.State.FAILED
    assert said in bundle.error
    assert "secret" not in bundle.error
    assert nothing_left(data)
    assert acts_of(bundle) == ["failed at"]


def test_the_log_has_the_trace_under_the_reference(caplog):
    sentence = sentence_for(KeyError("odd"), Bundle())
    reference = sentence.rsplit(" ", 1)[1].rstrip(".")
    assert reference in caplog.text
    assert "KeyError: 'odd'" in caplog.text


@pytest.mark.parametrize(
    ("row", "remedy"),
    [(Bundle, "retry"), (Profile, "fit it again"), (Extract, "upload it again")],
)
@pytest.mark.parametrize("error", [KeyError("odd"), OSError(errno.ENOSPC, "No space left")])
def test_a_failure_names_the_remedy_its_page_offers(row, remedy, error):
    assert remedy in sentence_for(error, row())


def test_a_run_that_lost_a_process_of_its_own_is_queued_again(bundle, toy, data):
    toy.interrupt = fail_with(generator.ProcessDied("killed"))
    for state in ("queued", "queued", "failed"):
        assert run(bundle).state == state
        assert nothing_left(data)
    assert "died 3 times" in bundle.error
    assert acts_of(bundle) == ["failed at"]  # what is tried again has not failed


def wait_until_told(out, progress, cancelled):
    deadline = time.monotonic() + 10
    while not cancelled() and time.monotonic() < deadline:
        time.sleep(0.05)


def test_a_cancelled_run_stops_and_cleans_up(bundle, toy, data):
    def interrupt(out, progress, cancelled):
        assert Bundle.objects.get(pk=bundle.pk).cancel()
        wait_until_told(out, progress, cancelled)

    toy.interrupt = interrupt
    run(bundle)
    assert bundle.state == Bundle.State.CANCELLED
    assert nothing_left(data)


def test_a_run_cancelled_at_the_last_moment_does_not_become_ready(bundle, toy, data):
    toy.interrupt = lambda *_: Bundle.objects.get(pk=bundle.pk).cancel()
    run(bundle)
    assert bundle.state == Bundle.State.CANCELLED
    assert nothing_left(data)
    assert not acts_of(bundle)


def test_a_run_whose_claim_was_taken_over_drops_its_work(bundle, toy, data):
    def interrupt(out, progress, cancelled):
        copy = Bundle.objects.get(pk=bundle.pk)
        assert copy.release(claim=copy.claim)
        assert copy.take(claim="elsewhere:1:x")
        wait_until_told(out, progress, cancelled)

    toy.interrupt = interrupt
    run(bundle)
    assert bundle.state == Bundle.State.RUNNING
    assert bundle.claim == "elsewhere:1:x"
    assert nothing_left(data)


def test_a_run_gives_signs_of_life_and_progress(bundle, toy):
    seen = {}

    def interrupt(out, progress, cancelled):
        first = Bundle.objects.get(pk=bundle.pk).heartbeat_at
        progress(Progress("draw", "deal", done=2, total=2, rows_done=2, rows_total=4))
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            row = Bundle.objects.get(pk=bundle.pk)
            if row.heartbeat_at > first:
                seen.update(row.progress)
                return
            time.sleep(0.05)

    toy.interrupt = interrupt
    run(bundle)
    assert seen["tables"] == {"deal": [1, 2, 0]}
    assert seen["rows_done"] == 1
    assert seen["rows_total"] == 2
    assert seen["seconds_left"] > 0


# The database goes away at the end of a run; tests/test_services.py does it to a real one


@pytest.fixture
def lose(monkeypatch):
    """``lose("finish_with", times=2)``: the database goes away before it does what it is asked."""

    def lose(*methods, times, before=True):
        left = dict.fromkeys(methods, times)
        for name in methods:
            monkeypatch.setattr(Bundle, name, losing(getattr(Bundle, name), name, left, before))

    return lose


def losing(method, name, left, before):
    def ask(row, *args, **kwargs):
        answer = None if before and left[name] else method(row, *args, **kwargs)
        if left[name]:
            left[name] -= 1
            raise OperationalError("server closed the connection unexpectedly")
        return answer

    return ask


def test_a_finished_run_waits_for_the_database(bundle, lose):
    lose("take", "finish_with", times=2)
    assert run(bundle).state == Bundle.State.READY
    assert bundle.attempt == 1


def test_an_answer_that_was_lost_loses_no_bundle(bundle, lose, data):
    """The row was changed and the files must stay, though nobody was told."""
    lose("take", "finish_with", times=1, before=False)
    assert run(bundle).state == Bundle.State.READY
    assert (data / bundle.path / "deal.csv").exists()


def test_a_run_that_cannot_finish_is_handed_back(bundle, lose, monkeypatch, data):
    monkeypatch.setattr("portal.away.PATIENCE", 0.2)
    lose("finish_with", times=99)
    run(bundle)
    assert (bundle.state, bundle.claim, bundle.attempt) == ("queued", "", 0)
    reaper.remove_unclaimed()
    assert nothing_left(data)


@pytest.mark.parametrize("error", [None, generator.PlanError("Too many deals.")])
def test_a_run_that_cannot_tell_its_row_is_handed_back(bundle, toy, lose, monkeypatch, data, error):
    """However it ended: it is made again, and says then what it could not say now."""
    monkeypatch.setattr("portal.away.PATIENCE", 0.2)
    if error is None:
        lose("hand_back", times=2)
    else:
        toy.interrupt = fail_with(error)
    lose("finish_with", "fail", times=99)
    run(bundle)
    assert bundle.state == Bundle.State.RUNNING
    Bundle.objects.update(claim=bundle.claim.replace(f":{os.getpid()}:", f":{2**22 + 1}:"))
    reaper.reap(Glance())
    bundle.refresh_from_db()
    assert (bundle.state, bundle.claim, bundle.attempt) == ("queued", "", 0)
    reaper.remove_unclaimed()
    assert nothing_left(data)


def test_a_run_killed_while_it_hands_itself_back_is_not_counted(bundle, toy, data, monkeypatch):
    """The supervisor is patient for some seconds only, and a large folder takes long to remove."""

    def killed(*_, **__):
        raise SystemExit

    toy.interrupt = lambda *_: monkeypatch.setattr("portal.run._signals", [signal.SIGTERM])
    with monkeypatch.context() as slow:
        slow.setattr("shutil.rmtree", killed)
        with pytest.raises(SystemExit):
            jobs.make_bundle(str(bundle.pk))
    bundle.refresh_from_db()
    assert bundle.state == Bundle.State.RUNNING
    Bundle.objects.update(claim=bundle.claim.replace(f":{os.getpid()}:", f":{2**22 + 1}:"))
    reaper.reap(Glance())
    bundle.refresh_from_db()
    assert (bundle.state, bundle.attempt) == ("queued", 0)


@pytest.mark.parametrize("name", ["SQLITE_FULL", "SQLITE_BUSY"])
def test_a_full_database_is_the_full_disk(name):
    error = OperationalError("…")
    error.__cause__ = sqlite3.OperationalError("…")
    error.__cause__.sqlite_errorname = name
    assert ("disk of the portal is full" in sentence_for(error, Bundle())) is ("FULL" in name)


# The reaper


def running(row, *, claim, silent=0):
    row.take(claim=claim)
    Bundle.objects.filter(pk=row.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=silent))


def dead_claim():
    return f"{socket.gethostname()}:{2**22 + 1}:aa"


def test_a_claim_knows_whether_its_process_is_gone():
    assert holder_of(new_claim()) is Holder.ALIVE
    assert holder_of(dead_claim()) is Holder.GONE
    assert holder_of("elsewhere:1:5:aa") is Holder.ELSEWHERE
    assert holder_of("") is Holder.ELSEWHERE


def test_another_process_with_the_same_number_is_not_the_holder():
    host, pid, since, word = new_claim().split(":")
    assert holder_of(f"{host}:{pid}:{int(since) - 1}:{word}") is Holder.GONE
    assert holder_of(f"{host}:{pid}:{word}") is Holder.ALIVE  # as claims were before


@pytest.mark.parametrize(
    ("claim", "silent", "state"),
    [
        (dead_claim(), 0, "queued"),
        ("elsewhere:1:aa", 3600, "queued"),
        ("elsewhere:1:aa", 0, "running"),
        (f"{socket.gethostname()}:{os.getpid()}:aa", 0, "running"),
        (f"{socket.gethostname()}:{os.getpid()}:aa", 36, "running"),
        (f"{socket.gethostname()}:{os.getpid()}:aa", 3600, "queued"),
    ],
    ids=[  # workers must agree
        "dead",
        "silent elsewhere",
        "living elsewhere",
        "living here",
        "slept here",
        "hangs here",
    ],
)
def test_a_lost_run_is_queued_again_and_a_living_one_is_left_alone(bundle, claim, silent, state):
    running(bundle, claim=claim, silent=silent)
    reaper.release_lost(Glance())
    bundle.refresh_from_db()
    assert bundle.state == state
    assert not acts_of(bundle)


def test_a_run_that_is_lost_for_good_is_noted(bundle):
    running(bundle, claim=dead_claim())
    Bundle.objects.update(attempt=3)
    assert reaper.release_lost(Glance()) == 1
    bundle.refresh_from_db()
    assert bundle.state == "failed"
    assert acts_of(bundle) == ["failed at"]


def test_silence_before_a_gap_proves_nothing(bundle, settings):
    """The machine slept with everything on it, or the database was away: then runs may beat
    again first, wherever they are."""
    now = timezone.now()
    watch = Watch()
    watch.look(now - timedelta(seconds=7_200))
    watch.look(now - timedelta(seconds=7_195))
    running(bundle, claim="elsewhere:1:aa", silent=7_190)
    assert reaper.release_lost(watch) == 0
    watch.since -= timedelta(seconds=settings.STALE_SECONDS + 1)
    assert reaper.release_lost(watch) == 1


def test_a_worker_that_lost_its_own_run_does_not_judge_others(bundle):
    running(bundle, claim="elsewhere:1:aa", silent=3600)
    assert reaper.release_gone() == 0
    Bundle.objects.update(claim=dead_claim())
    assert reaper.release_gone() == 1


def test_a_watch_without_a_gap_goes_on():
    watch, now = Watch(), timezone.now()
    for second in range(0, 60, 5):
        watch.look(now + timedelta(seconds=second))
    assert watch.since == now


def test_a_lost_run_that_was_being_cancelled_is_cancelled(bundle):
    running(bundle, claim=dead_claim())
    bundle.cancel()
    reaper.release_lost(Glance())
    bundle.refresh_from_db()
    assert bundle.state == Bundle.State.CANCELLED


def test_lost_fits_and_inspections_wait_again(admin, data):
    profile = Profile.objects.create(name="cars", title="Cars")
    extract = Extract.objects.create(owner=admin, name="cars", original_name="cars.csv")
    profile.take(claim=dead_claim())
    extract.take(claim=dead_claim())
    assert reaper.release_lost(Glance()) == 2
    profile.refresh_from_db()
    extract.refresh_from_db()
    assert (profile.state, profile.claim) == ("fitting", "")
    assert extract.state == "uploaded"


def test_only_folders_that_nobody_holds_are_removed(bundle, ready, data):
    running(bundle, claim=new_claim())
    with Run(bundle, claim=bundle.claim) as living:
        unpublished = data / "bundles" / bundle.pk.hex / nonce(bundle.claim)
        lost = [data / "work" / "run-dead", data / "bundles" / "old" / "dead"]
        for folder in [unpublished, *lost]:
            folder.mkdir(parents=True)
        assert sorted(reaper.remove_unclaimed()) == sorted(lost)
        assert living.folder.exists()
        assert unpublished.exists()
        assert (data / ready.path).exists()


@pytest.fixture
def extract(admin, data):
    """A confirmed extract whose file is there."""
    extract = Extract(owner=admin, name="cars", original_name="cars.csv", state="confirmed")
    lay(extract, **{"cars.csv": CSV})
    return extract


@pytest.mark.parametrize("state", Profile.LEARNED)
def test_a_fit_killed_before_it_deleted_its_extract_leaves_none(extract, data, state):
    Profile.objects.create(name="cars", title="Cars", extract=extract, state=state)
    reaper.reap(Glance())
    extract.refresh_from_db()
    assert extract.state == Extract.State.DELETED
    assert not list((data / "extracts").iterdir())


@pytest.mark.parametrize("state", ["fitting", "cancelling", "failed", "cancelled"])
def test_an_extract_that_may_still_be_learned_stays(extract, data, state):
    Profile.objects.create(name="cars", title="Cars", extract=extract, state=state)
    reaper.reap(Glance())
    assert (data / extract.path).exists()


def test_an_extract_goes_when_its_days_are_over(extract, data, settings):
    reaper.reap(Glance())
    assert (data / extract.path).exists()
    Extract.objects.update(
        uploaded_at=timezone.now() - timedelta(days=settings.EXTRACT_DAYS, hours=1)
    )
    waiting = Profile.objects.create(name="cars", title="Cars", extract=extract)
    reaper.reap(Glance())
    extract.refresh_from_db()
    waiting.refresh_from_db()
    assert (extract.state, waiting.state) == ("deleted", "cancelled")
    assert extract.deleted_at is not None
    assert not list((data / "extracts").iterdir())
    act = Act.objects.first()
    assert (act.who, act.verb, act.title) == ("", "deleted", "cars")
    assert act.details == {"bytes": extract.bytes, "sha256": [extract.files[0]["sha256"]]}


def test_an_old_extract_stays_under_a_fit_that_runs(extract, data):
    Extract.objects.update(uploaded_at=timezone.now() - timedelta(days=99))
    running = Profile.objects.create(name="cars", title="Cars", extract=extract)
    assert running.take(claim=new_claim())
    reaper.delete_overdue()
    assert (data / extract.path).exists()


def test_an_extract_discarded_while_it_is_read_is_read_no_further(extract, data, monkeypatch):
    Extract.objects.update(state=Extract.State.UPLOADED)

    def read(path, *, cancelled, **how):
        assert delete_extract(extract)
        wait_until_told(path, None, cancelled)
        assert cancelled()
        raise generator.Cancelled("stopped")

    monkeypatch.setattr(generator, "read", read)
    jobs.inspect_extract(str(extract.pk))
    extract.refresh_from_db()
    assert (extract.state, extract.error) == (Extract.State.DELETED, "")
    assert not list((data / "work").iterdir())


def test_an_extract_is_not_deleted_under_a_second_fit(extract, data):
    for name, state in (("old", "fitted"), ("new", "fitting")):
        Profile.objects.create(name=name, title="Cars", extract=extract, state=state)
    reaper.reap(Glance())
    assert (data / extract.path).exists()


def test_files_without_a_row_go_once_they_are_old(extract, data):
    learned = data / "profiles" / "cars-1-aa.profile"
    Profile.objects.create(name="cars", title="Cars", path="profiles/cars-1-aa.profile")
    lost = [data / "extracts/0/.cars.csv.partial", data / "profiles/cars-2-bb.profile"]
    kept = data / extract.path / "cars.csv"
    for path in (learned, *lost):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(CSV)
    assert reaper.remove_unnamed() == []
    for path in (learned, kept, kept.parent, *lost, lost[0].parent):
        os.utime(path, (0, 0))
    assert sorted(reaper.remove_unnamed()) == [lost[0].parent, lost[1]]
    assert learned.exists()
    assert kept.exists()


def test_a_row_deleted_under_its_run_leaves_nothing(bundle, toy, data, caplog):
    toy.interrupt = lambda *_: Bundle.objects.get(pk=bundle.pk).delete()
    jobs.make_bundle(str(bundle.pk))
    assert not Bundle.objects.exists()
    assert nothing_left(data)
    assert "Unexpected" not in caplog.text


# The broker


def test_without_a_broker_the_row_just_waits(bundle, settings, tmp_path, caplog):
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    jobs.enqueue(bundle)
    assert reaper.push_waiting() == 0
    bundle.refresh_from_db()
    assert bundle.state == Bundle.State.QUEUED
    assert "will be later" in caplog.text
    with pytest.raises(BrokerGone):
        broker.connection().ping()


@pytest.mark.services
def test_a_waiting_row_is_pushed_once(bundle, valkey):
    assert reaper.push_waiting() == 1
    assert reaper.push_waiting() == 0
    assert broker.waiting(broker.BUNDLES, broker=valkey) == {f"bundle_{bundle.pk}"}


@pytest.mark.services
def test_a_job_the_broker_lost_is_pushed_again(bundle, valkey):
    jobs.enqueue(bundle)
    assert reaper.push_waiting() == 0
    valkey.flushall()
    assert reaper.push_waiting() == 1


@pytest.mark.services
def test_a_job_stranded_on_its_way_to_a_dead_worker_is_pushed_again(bundle, valkey):
    """RQ moves a job to an intermediate list before the worker that asked for it has it."""
    jobs.enqueue(bundle)
    queue = broker.queue(broker.BUNDLES, broker=valkey)
    valkey.lmove(queue.key, queue.intermediate_queue_key)
    assert reaper.push_waiting() == 1


@pytest.mark.services
def test_every_kind_of_work_has_its_queue(admin, bundle, valkey):
    profile = Profile.objects.create(name="cars", title="Cars")
    extract = Extract.objects.create(owner=admin, name="cars", original_name="cars.csv")
    assert reaper.push_waiting() == 3
    assert broker.waiting(broker.FITS, broker=valkey) == {
        f"profile_{profile.pk}",
        f"extract_{extract.pk}",
    }
    assert broker.workers_alive(valkey) == {"bundles": 0, "fits": 0}
