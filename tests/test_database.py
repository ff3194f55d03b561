"""SQLite with several writers: WAL alone locks, so transactions begin by taking the lock."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from portal.models import Profile

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, WRITES = 8, 40


def test_readers_do_not_wait_for_writers():
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == ("wal",)


def test_eight_writers_that_read_first_lose_nothing():
    key = Profile.objects.create(name="cars", title="Cars", facts={"writes": 0}).pk

    def write(_):
        for _ in range(WRITES):
            with transaction.atomic():
                profile = Profile.objects.get(pk=key)
                profile.facts["writes"] += 1
                profile.save()
        connection.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    assert Profile.objects.get(pk=key).facts == {"writes": WRITERS * WRITES}
