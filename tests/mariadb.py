"""A MariaDB server of a test's own, reached by a socket only."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.portal_process import until

PROGRAMS = ("mariadbd", "mariadb-install-db", "mariadb")
_SEARCHED = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


def program(name: str) -> str | None:
    return shutil.which(name, path=_SEARCHED)


class MariaDB:
    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._client = [program("mariadb"), "--no-defaults", f"--socket={socket}", "--user=root"]

    def address(self, database: str) -> str:
        return f"mysql://root@localhost/{database}?unix_socket={self._socket}"

    def answers(self) -> bool:
        return (
            subprocess.run(
                [*self._client, "-e", "SELECT 1"], check=False, capture_output=True
            ).returncode
            == 0
        )

    def load(self, file: Path, database: str) -> None:
        """The very command that the manual names, into a new database."""
        self.rows(f"CREATE DATABASE {database}")
        with file.open("rb") as text:
            done = subprocess.run(
                [*self._client, "--abort-source-on-error", database],
                check=False,
                stdin=text,
                capture_output=True,
                timeout=300,
            )
        assert done.returncode == 0, done.stderr.decode()

    def rows(self, statement: str, database: str = "") -> list[list[str]]:
        """Cells as text; NULL is “NULL”."""
        done = subprocess.run(
            [*self._client, "--batch", "--skip-column-names", "--default-character-set=utf8mb4",
             "-e", statement, *([database] if database else [])],
            check=False, capture_output=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        return [line.split("\t") for line in done.stdout.decode().splitlines()]


@contextmanager
def mariadb_server() -> Iterator[MariaDB]:
    """In a folder of its own with a short name: a socket's path has 107 letters at most."""
    user = ["--user=root"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="mariadb-") as name:
        folder = Path(name)
        data, socket = f"--datadir={folder / 'data'}", folder / "socket"
        install = [program("mariadb-install-db"), "--no-defaults", data, *user,
                   "--auth-root-authentication-method=normal", "--skip-test-db"]  # fmt: skip
        subprocess.run(install, check=True, capture_output=True, timeout=120)
        command = [program("mariadbd"), "--no-defaults", data, *user, f"--socket={socket}",
                   "--skip-networking", f"--pid-file={folder / 'pid'}"]  # fmt: skip
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
            try:
                server = MariaDB(socket)
                until(server.answers, what="an answer of MariaDB")
                yield server
            finally:
                process.terminate()
                process.wait(timeout=60)
