"""Finds work that got lost, whoever lost it, and puts it back.

1. A run whose process is gone, or that gave no sign of life, is released: it waits again, or
   failed after too many tries; one that was being cancelled is cancelled.
2. A waiting row that the queue knows nothing of is pushed again.
3. Folders of runs that nobody holds are removed.
4. An extract whose profile has been learned is deleted, and so is one whose days are over; so is
   what no row names among extracts and profiles, once it is too old for a row to be on its way.
5. The reserve is kept again, once there is room.
"""

from __future__ import annotations

import logging
import shutil
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from redis.exceptions import RedisError

from portal import broker, handed_back, reserve, trail
from portal.claims import Holder, holder_of, nonce
from portal.models import Bundle, Extract, Profile, Work
from portal.private_files import private_files, work_folder
from portal.removal import delete_extract
from portal.watch import Watch

log = logging.getLogger(__name__)

LEFT_AGE = timedelta(hours=1)  # since it was last written to
HANGING = 10  # times STALE_SECONDS that a living process may be silent


def reap(watch: Watch) -> None:
    release_lost(watch)
    push_waiting()
    remove_unclaimed()
    delete_learned()
    delete_overdue()
    remove_unnamed()
    reserve.fill()


def release_lost(watch: Watch) -> int:
    """How many runs were found without a worker: its process is gone, or it is silent."""
    held, now = _held(), timezone.now()
    watch.look(now)
    return _release([row for row in held if _is_gone(row) or _is_silent(row, watch, now)])


def release_gone() -> int:
    """How many runs of this host were found without a process."""
    return _release([row for row in _held() if _is_gone(row)])


def _release(lost: list[Work]) -> int:
    for row in lost:
        if handed_back.is_noted(row.claim):
            row.hand_back(claim=row.claim)
            continue
        log.warning("%s lost its worker on attempt %d", broker.work_of(row), row.attempt)
        trail.ended(partial(row.release, claim=row.claim), row)
    return len(lost)


def push_waiting() -> int:
    """How many rows had to be pushed.  Nothing happens while the broker is away."""
    try:
        known = broker.connection()
        queued = {name: broker.waiting(name, broker=known) for name in broker.QUEUES}
    except RedisError as error:
        log.warning("The broker cannot be reached: %s", error)
        return 0
    there = set().union(*queued.values())
    return sum(broker.push(row) for row in _waiting() if broker.work_of(row) not in there)


def remove_unclaimed() -> list[Path]:
    """What was removed: folders of runs killed before they could clean up or say they were ready.

    Folders are listed before claims are read: a run claims its row before it makes a folder, so
    no folder of a living run can be on the list without its claim being seen afterwards.
    """
    working = list(work_folder().glob("run-*"))
    moved_in = list(private_files().path("bundles").glob("*/*"))
    live = {nonce(row.claim) for row in _held()}
    known = set(Bundle.objects.exclude(path="").values_list("path", flat=True))
    gone = [folder for folder in working if folder.name.removeprefix("run-") not in live]
    gone += [
        folder
        for folder in moved_in
        if folder.name not in live
        and folder.relative_to(private_files().root).as_posix() not in known
    ]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return gone + handed_back.forget_all_but(live) + _remove_old_uploads()


def _remove_old_uploads() -> list[Path]:
    """Parts of uploads whose web worker was killed while they came in."""
    old = [path for path in work_folder().glob("*.upload*") if _left(path)]
    for path in old:
        path.unlink(missing_ok=True)
    return old


def delete_learned() -> int:
    """How many extracts still lay there though nothing is to be learned from them any more."""
    left = Extract.objects.exclude(state=Extract.State.DELETED)
    learned = left.filter(profiles__state__in=Profile.LEARNED).distinct()
    return sum(delete_extract(extract) for extract in learned)


def delete_overdue() -> int:
    """How many extracts were older than ``EXTRACT_DAYS``.  A fit that waits for one is cancelled;
    one that runs ends first, within ``RUN_HOURS``."""
    before = timezone.now() - timedelta(days=settings.EXTRACT_DAYS)
    overdue = Extract.objects.exclude(state=Extract.State.DELETED).filter(uploaded_at__lt=before)
    for extract in overdue:
        for waiting in Profile.waiting().filter(extract=extract):
            waiting.cancel()
    return sum(delete_extract(extract) for extract in overdue)


def remove_unnamed() -> list[Path]:
    """What was removed: extracts and profiles without a row, of whoever was killed in between."""
    root = private_files().root
    old = [path for path in (*root.glob("extracts/*"), *root.glob("profiles/*")) if _left(path)]
    paths = [*Extract.objects.values_list("path"), *Profile.objects.values_list("path")]
    named = {"/".join(path.split("/")[:2]) for (path,) in paths}
    gone = [path for path in old if path.relative_to(root).as_posix() not in named]
    for path in gone:
        private_files().delete(path.relative_to(root).as_posix())
    return gone


def _left(path: Path) -> bool:
    """Whether nobody has written to this file, or into this folder, for ``LEFT_AGE``."""
    before = (timezone.now() - LEFT_AGE).timestamp()
    try:
        return all(one.stat().st_mtime < before for one in (path, *path.glob("*")))
    except FileNotFoundError:
        return False  # it is being worked on, or removed


def _held() -> list[Work]:
    return [row for kind in broker.JOBS for row in kind.held()]


def _waiting() -> list[Work]:
    return [row for kind in broker.JOBS for row in kind.waiting()]


def _is_gone(row: Work) -> bool:
    return holder_of(row.claim) is Holder.GONE


def _is_silent(row: Work, watch: Watch, now: datetime) -> bool:
    """A living process of this host may have slept with the machine; it gets time to beat again,
    and the run is given to another only when it seems to hang."""
    times = HANGING if holder_of(row.claim) is Holder.ALIVE else 1
    return watch.silence(row, now) > timedelta(seconds=times * settings.STALE_SECONDS)
