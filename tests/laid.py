"""Files of an extract laid where an upload would have laid them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from portal.extract_files import folder_of, key_of
from portal.extract_key import extract_keys
from portal.private_files import private_files
from portal.sealed import seal, unsealed


def lay(extract: Any, **files: bytes) -> None:
    """``lay(extract, **{"cars.csv": content})``; saves the row."""
    extract.path = folder_of(extract)
    for name, content in files.items():
        path = private_files().path(key_of(extract, name))
        path.parent.mkdir(parents=True, exist_ok=True)
        seal(path, [content], extract_keys()[0])
        digest = hashlib.sha256(content).hexdigest()
        extract.files.append({"name": name, "bytes": len(content), "sha256": digest})
    extract.save()


def content_of(path: Path) -> bytes:
    return b"".join(unsealed(path, extract_keys()))
