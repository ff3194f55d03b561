"""The keys that extracts are encrypted under: of the environment, or one made once and kept
outside the data folder."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from django.conf import settings

from portal.key_file import read_key_file
from portal.sealed import SealKey


def extract_keys() -> Sequence[SealKey]:
    """The first seals; the others still open what was sealed before it came.  Raises StorageError
    where the key's file cannot be read or made."""
    text = settings.EXTRACT_KEY or read_key_file(
        settings.EXTRACT_KEY_FILE,
        make=f"{secrets.token_hex(32)}\n",
        setting="EXTRACT_KEY",
        of="extracts",
    )
    return [SealKey(bytes.fromhex(one.strip())) for one in text.split(",")]
