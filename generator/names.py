"""Which names tables and columns may have, whoever wrote them.

The name of a table is the name of its file: it is held against one narrow rule wherever a schema
is made, so that no name of a document that somebody brought leads out of a folder.  The name of a
column is only ever said, quoted and compared; it may hold any character that can be printed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

MOST_LETTERS = 100  # of a table's name
MOST_BYTES = 200  # of a table's name: file systems take 255, of which endings need some
LONGEST_COLUMN = 500  # letters of a column's name

# What Windows keeps for its devices, with any ending.
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # and halves of characters


@lru_cache(maxsize=4096)
def table_fault(name: object) -> str:
    """Why a table cannot have this name, as a clause; empty where it can."""
    if not isinstance(name, str) or not name:
        return "a name is a text of at least one letter"
    if len(name) > MOST_LETTERS or len(name.encode(errors="replace")) > MOST_BYTES:
        return f"it has more than {MOST_LETTERS} letters, or {MOST_BYTES} bytes"
    if not all(sign in "_-" or unicodedata.category(sign)[0] in "LMN" for sign in name):
        return "a name holds letters, digits, “_” and “-” only"
    if name.startswith("-") or unicodedata.category(name[0])[0] == "M":
        return "a name begins with a letter, a digit or “_”"
    if _DEVICES.fullmatch(name):
        return "Windows keeps that name for a device"
    return ""


def column_fault(name: object) -> str:
    """Why a column cannot have this name, as what follows “it”; empty where it can."""
    if not isinstance(name, str) or not name.strip():
        return "has no name"
    if _CONTROL.search(name):
        return "holds a line end or another control character"
    if len(name) > LONGEST_COLUMN:
        return f"has {len(name):,} characters; at most {LONGEST_COLUMN} are allowed"
    return ""


def alike(name: str) -> str:
    """The name as file systems and databases compare it that tell neither capitals nor ways of
    writing an accent apart."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def first_clash(names: Iterable[str]) -> tuple[str, str] | None:
    """The first two of some names that would be one file somewhere."""
    seen: dict[str, str] = {}
    for name in names:
        if alike(name) in seen:
            return seen[alike(name)], name
        seen[alike(name)] = name
    return None


def table_name(stem: str) -> str:
    """The table's name for a file's name without its ending: what may not stand there becomes
    “_”."""
    kept = (sign if sign == "_" or unicodedata.category(sign)[0] in "LMN" else " " for sign in stem)
    name = re.sub(" +", "_", "".join(kept).strip()).strip("_")[:60]
    name = name.encode()[: MOST_BYTES - 10].decode(errors="ignore")
    if name and table_fault(name):  # a device, or a mark without its letter
        name = f"table_{name}"
    return name or "table"
