"""The key that tokens rest on: from a file that the administrator names, or made once.

It is kept outside the data folder, so that a copy of the data is no copy of the key.
"""

from __future__ import annotations

import secrets

from django.conf import settings

import generator
from portal.key_file import read_key_file

BYTES = 32


def token_key() -> generator.Key:
    """The first key of the file.  Raises StorageError where it cannot be read or made."""
    fresh = f"first {secrets.token_hex(BYTES)}\n" if settings.TOKEN_KEY_MADE else ""
    text = read_key_file(settings.TOKEN_KEY_FILE, make=fresh, setting="TOKEN_KEY_FILE", of="tokens")
    return generator.keys_from(text)[0]
