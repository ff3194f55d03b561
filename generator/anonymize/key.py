"""The secret that tokens rest on, and what is kept of numbers already given out."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from generator.errors import RequestError, shown

LEAST_BYTES = 32
_BLOCK = 64  # bytes that SHA-256 takes at a time
_LINE = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]{0,39})\s+(?P<hex>(?:[0-9A-Fa-f]{2}){32,})")


@dataclass(frozen=True)
class Key:
    """A named secret of at least 32 bytes.  Tokens are one-way without it: each rests on the
    HMAC-SHA256 (RFC 2104) of its kind and value."""

    name: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < LEAST_BYTES:
            raise RequestError(
                f"The key {shown(self.name)} has {len(self.secret)} bytes; it needs {LEAST_BYTES} "
                "or more, written as hexadecimal digits.",
                field="key-file",
            )

    @property
    def mark(self) -> str:
        """Tells whether two copies were made by one key, and nothing else of it."""
        return hmac.digest(self.secret, b"mark", "sha256").hex()[:16]

    def words(self, kind: str, texts: Sequence[str]) -> NDArray[np.uint64]:
        """128 bits for each text, shape (n, 2), which nobody without the key can tell or undo."""
        whole = b"".join(self._digests(kind, texts))
        return np.frombuffer(whole, ">u8").reshape(-1, 4)[:, :2].astype(np.uint64)

    def numbers(self, kind: str, texts: Sequence[str]) -> list[int]:
        """The same as whole numbers."""
        return [int.from_bytes(digest[:16], "big") for digest in self._digests(kind, texts)]

    def _digests(self, kind: str, texts: Sequence[str]) -> list[bytes]:
        """HMAC with its two halves begun once: faster than one call a text."""
        long = hashlib.sha256(self.secret).digest() if len(self.secret) > _BLOCK else self.secret
        padded = long.ljust(_BLOCK, b"\0")
        inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded) + kind.encode() + b"\0").copy
        outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded)).copy
        made = []
        for text in texts:
            inside, outside = inner(), outer()
            inside.update(text.encode("utf-8", "surrogatepass"))
            outside.update(inside.digest())
            made.append(outside.digest())
        return made


def keys_from(text: str) -> tuple[Key, ...]:
    """The keys of a key file: lines of a name and 64 or more hexadecimal digits.  The first makes
    tokens; those below it are kept while copies made by them are still in use.

    Raises RequestError, which quotes nothing of the file.
    """
    keys: list[Key] = []
    for at, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise RequestError(
                f"Line {at} of the key file is no key; write a name and {2 * LEAST_BYTES} or more "
                "hexadecimal digits.",
                field="key-file",
            )
        keys.append(Key(match["name"], bytes.fromhex(match["hex"])))
    if not keys:
        raise RequestError("The key file holds no key; make one anew.", field="key-file")
    if len({key.name for key in keys}) < len(keys):
        raise RequestError("Two keys of the key file have one name; rename one.", field="key-file")
    return tuple(keys)


@dataclass
class Register:
    """Which number of a small range each value was given, by keyed digest, so that later extracts
    give it the same one.  Holds no value; kept where the key is, never with data."""

    given: dict[str, dict[str, int]] = field(default_factory=dict)

    def of(self, kind: str) -> dict[str, int]:
        return self.given.setdefault(kind, {})


def register_from(text: str) -> Register:
    """The register that was kept as JSON.  Raises RequestError for anything else."""
    try:
        given = json.loads(text)
        whole = all(
            len(mark) == 32 and isinstance(at, int) and at >= 0
            for kind in given.values()
            for mark, at in kind.items()
        )
    except (ValueError, AttributeError, TypeError):
        whole = False
    if not whole:
        raise RequestError(
            "The register of tokens is damaged; bring back the copy that was kept of it.",
            field="key-file",
        )
    return Register(given)
