"""How long the front waits for whom, and how much it keeps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Times in seconds, sizes in bytes."""

    head_seconds: float = 10.0  # from the first byte of a request to the end of its headers
    idle_seconds: float = 15.0  # between two requests of one connection
    body_seconds: float = 30.0  # for a small body as a whole; for the next piece of a large one
    stall_seconds: float = 60.0  # a reader that takes nothing for so long is cut off
    wait_seconds: float = 20.0  # for a free web thread
    stop_seconds: float = 1.5  # to answer what is being answered, when asked to end

    head_bytes: int = 32_768
    body_bytes: int = 1_000_000  # a larger body is passed on as it comes in
    form_bytes: int = 65_536  # of an ordinary form; larger ones share a room
    room_bytes: int = 64_000_000
    answer_bytes: int = 4_000_000  # a larger answer keeps its web thread until it is taken
    connections: int = 2_000
    requests: int = 32  # answered at the same time: as many as there are web threads
