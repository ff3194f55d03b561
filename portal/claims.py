"""Who holds a row: "host:process:since:nonce", written into the row by the one conditional update
that took it.

``since`` is when the process began, as the kernel counts: after a restart of a container another
process may have its number.
"""

from __future__ import annotations

import enum
import os
import secrets
import socket
from pathlib import Path


class Holder(enum.Enum):
    """What is known about the process that holds a row."""

    ALIVE = "alive"
    GONE = "gone"
    ELSEWHERE = "elsewhere"  # on another host, which cannot be asked


def new_claim() -> str:
    pid = os.getpid()
    return f"{socket.gethostname()}:{pid}:{_since(pid)}:{secrets.token_hex(8)}"


def nonce(claim: str) -> str:
    """The part of a claim that names folders."""
    return claim.rsplit(":", 1)[-1]


def holder_of(claim: str) -> Holder:
    host, pid, since, *_ = [*claim.split(":"), "", "", ""]
    if host != socket.gethostname() or not pid.isdecimal():
        return Holder.ELSEWHERE
    if not process_alive(int(pid)):
        return Holder.GONE
    same = not since.isdecimal() or since == _since(int(pid))
    return Holder.ALIVE if same else Holder.GONE


def process_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _since(pid: int) -> str:
    """Ticks from the start of the machine to that of the process; empty where /proc has no word."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]
