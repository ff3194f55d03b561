"""Who holds a row: "host:process:token", written into the row by the one conditional update that
took it."""

from __future__ import annotations

import os
import secrets
import socket


def new_claim() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}"


def token(claim: str) -> str:
    """The part of a claim that names folders."""
    return claim.rsplit(":", 1)[-1]


def holder_is_dead(claim: str) -> bool:
    """Whether the claim's process is known to be gone: only this host's can be asked about."""
    host, _, rest = claim.partition(":")
    pid = rest.partition(":")[0]
    return host == socket.gethostname() and pid.isdecimal() and not process_alive(int(pid))


def process_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
