"""An upload in parts, which goes on where it broke off.

1. *begin*: a name and a size give a token.  It is signed and says whose file it is, what it is
   called, how large it will be and where it lies; so there is no row to keep, or to clean up.
2. *add*: a part at an offset.  Parts have ``PART`` bytes, the last one what is left; each is sealed
   as it comes.  One at another offset than the file has reached is not taken, and the answer says
   which it has.
3. *end*: files that are whole become an extract.

What nobody adds to for an hour is removed by the reaper.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing

from portal.brought import Brought
from portal.extract_key import extract_keys
from portal.forms.upload import ending_fault, too_large
from portal.incoming import incoming_path
from portal.sealed import SEGMENT, Sealer, sealed_size, unsealed

PART = 4 * SEGMENT
SALT = "portal.parts"
LONGEST_NAME = 255


class Refused(Exception):
    """Not taken, and why in one sentence; ``offset`` is what the file has, where that is known."""

    def __init__(self, sentence: str, *, status: int, offset: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.status, self.offset = sentence, status, offset


class Part(NamedTuple):
    """A file on its way: where it lies, what it is called, how large it will be."""

    path: Path
    name: str
    size: int

    @property
    def offset(self) -> int:
        """Bytes that have come in and are sealed."""
        if self.path.stat().st_size == sealed_size(self.size):
            return self.size
        return Sealer(self.path, extract_keys()[0], fresh=False).done


def begin(user: User, name: str, size: int) -> str:
    """The token of a new file.  Raises Refused for one that is not taken anyway."""
    said = ending_fault(name[:LONGEST_NAME])
    if not said and size > settings.UPLOAD_LIMIT:
        said = too_large(size)
    if not said and size < 1:
        said = "The file is empty; choose one with a header line and rows."
    if said:
        raise Refused(said, status=422)
    path = incoming_path()
    Sealer(path, extract_keys()[0], fresh=True)
    told = {"user": user.pk, "file": path.name, "name": name[:LONGEST_NAME], "size": size}
    return signing.dumps(told, salt=SALT)


def part_of(user: User, token: str) -> Part:
    """Raises Refused for a token that is none, is somebody else's, or whose file is gone."""
    try:
        told: dict[str, Any] = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise Refused("This is no upload; begin it again.", status=404) from None
    path = Path(settings.FILE_UPLOAD_TEMP_DIR) / told["file"]
    if told["user"] != user.pk or not path.exists():
        raise Refused("The upload is gone; begin it again.", status=404)
    return Part(path, told["name"], told["size"])


def add(part: Part, offset: int, content: bytes) -> int:
    """The offset that is reached with this part.  Raises Refused where it does not fit."""
    with _alone(part.path):
        reached = part.offset
        if offset != reached:
            raise Refused("The file goes on elsewhere.", status=409, offset=reached)
        left = part.size - reached
        if len(content) != min(PART, left):
            raise Refused(
                f"A part has {PART:,} bytes, the last one what is left; this one has "
                f"{len(content):,}.",
                status=422,
                offset=reached,
            )
        if content:
            sealer = Sealer(part.path, extract_keys()[0], fresh=False)
            sealer.append([content], last=len(content) == left)
        return reached + len(content)


def whole(part: Part) -> Brought:
    """The file, once all of it is there; read once more for its hash."""
    if part.offset != part.size:
        raise Refused(f"“{part.name}” has not arrived whole.", status=422, offset=part.offset)
    digest = hashlib.sha256()
    for segment in unsealed(part.path, extract_keys()):
        digest.update(segment)
    return Brought(part.path, part.name, part.size, digest.hexdigest())


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Two windows that send the same file do not write at once."""
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
