"""Every hostile upload in a process of its own: ``python -m tests.benchmarks.hostile``; with
``--portal`` each is sent over HTTP to a running portal instead, by a signed-in administrator.

Prints what became of it, the seconds it took and the most memory of its process; of a portal, of
whichever of its processes took most.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
import urllib.error
from collections.abc import Iterator
from contextlib import suppress
from html import unescape
from pathlib import Path
from threading import Event, Thread

from tests.browser import Browser
from tests.hostile import READ, hostile
from tests.memory import measured
from tests.portal_process import PortalProcess, until

Told = tuple[str, str, float, int]  # name, sentence, seconds, MiB
LONGEST = 120  # seconds that an upload is waited for


def alone(kinds: dict[str, bytes]) -> Iterator[Told]:
    for name, content in kinds.items():
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, name).write_bytes(content)
            said, memory = measured(READ, folder)
        [(sentence, seconds)] = said.values()
        yield name, sentence, seconds, memory


def sent(kinds: dict[str, bytes]) -> Iterator[Told]:
    """Uploaded to a portal in a folder of its own, and inspected there."""
    with tempfile.TemporaryDirectory() as folder:
        portal = PortalProcess(Path(folder, "data"), TOKEN_KEY_FILE=f"{folder}/key").start()
        try:
            key = portal.example()["id"]
            portal.wait_state(key, "ready")
            browser = Browser(portal)
            signed_in(browser, portal)
            for name, content in kinds.items():
                with watched(portal) as watch:
                    began = time.monotonic()
                    sentence = upload(browser, portal, name, content)
                    seconds = time.monotonic() - began
                yield name, sentence, seconds, watch.most
        finally:
            portal.stop()


def signed_in(browser: Browser, portal: PortalProcess) -> None:
    logins = json.loads((portal.folder / "demo-logins.json").read_text())
    browser.get("/accounts/login/")
    browser.post("/accounts/login/", username="administrator", password=logins["administrator"])


def upload(browser: Browser, portal: PortalProcess, name: str, content: bytes) -> str:
    """What an administrator reads in the end."""
    try:
        _, path = browser.upload("/profiles/new/", name, content)
    except urllib.error.HTTPError as refused:
        said = re.findall(r'role="alert"[^>]*>(.*?)</', refused.read().decode(), re.DOTALL)
        return " ".join(unescape(re.sub("<[^>]*>", " ", one)).strip() for one in said)
    except OSError as problem:
        return f"the connection was closed: {problem}"
    key = path.rstrip("/").rpartition("/")[2].replace("-", "")

    def over() -> tuple[str, str] | None:
        [row] = portal.query("SELECT state, error FROM portal_extract WHERE id = ?", key)
        return None if row["state"] in ("uploaded", "inspecting") else (row["state"], row["error"])

    state, error = until(over, seconds=LONGEST, what=name)
    return error or state


class watched:  # noqa: N801 - used as a function is
    """``most``: MiB that a single process of the portal took meanwhile."""

    def __init__(self, portal: PortalProcess) -> None:
        self.most = 0
        self._portal = portal
        self._over = Event()
        self._thread = Thread(target=self._watch)

    def __enter__(self) -> watched:
        for pid in self._portal.processes():
            with suppress(OSError):  # it ended
                Path(f"/proc/{pid}/clear_refs").write_text("5")  # forget what it took before
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            for pid in self._portal.processes():
                with suppress(OSError):
                    status = Path(f"/proc/{pid}/status").read_text()
                    if found := re.search(r"VmHWM:\s+(\d+)", status):
                        self.most = max(self.most, int(found[1]) // 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--portal", action="store_true", help="over HTTP to a running portal")
    options = parser.parse_args()
    slowest, largest, kinds = 0.0, 0, hostile()
    for name, sentence, seconds, memory in (sent if options.portal else alone)(kinds):
        print(f"{seconds:6.2f} s {memory:5} MiB  {name:22} {sentence[:110]}", flush=True)
        slowest, largest = max(slowest, seconds), max(largest, memory)
    print(f"{len(kinds)} kinds; at most {slowest:.1f} s (30) and {largest} MiB (1,000)")


if __name__ == "__main__":
    main()
