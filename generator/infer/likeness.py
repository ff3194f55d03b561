"""How much the name of a column speaks for its being the key of a table, or pointing at one."""

from __future__ import annotations

import re
from functools import lru_cache

_SURE = frozenset(
    ("id", "key", "no", "nr", "num", "number", "uuid", "guid", "pk", "fk", "sk", "identifier")
)
_GENERIC = _SURE | {"ids", "keys", "code", "ref", "reference", "idx", "rowid", "oid"}
_WITHIN = frozenset(
    (
        *("parent", "manager", "supervisor", "boss", "reports", "reportsto", "mentor", "sponsor"),
        *("referrer", "referred", "predecessor", "previous", "prev", "next", "original"),
        *("replaced", "superior", "chief", "lead", "head", "root", "superseded"),
    )
)
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")
_SHORTEST = 3  # letters of a name cut short: cust for customer


def names_key(column: str, table: str) -> int:
    """How likely a column of such a name is the key of its table: 3 “id”, “customer_id” of
    customers, 2 another “…_id”, 1 a code, 0 anything else."""
    core, generic = _core(column), _words(column) & _GENERIC
    if generic & _SURE:
        return 3 if not core or core == _core(table) or _tail(core, _core(table)) else 2
    return 1 if generic or core == _core(table) else 0


def leads_to(column: str, key: str, table: str) -> float:
    """How much a column's name speaks for its holding the ``key`` of ``table``, from 0 to 1."""
    own, there, home = _core(column), _core(key), _core(table)
    if not own:
        return 0.0  # an “id” says nothing of whose
    if own in (there, home):
        return 1.0
    if _tail(own, there) or _tail(own, home) or _tail(home, own):
        return 0.8
    if _short(own, there) or _short(own, home):
        return 0.6
    return 0.0


def leads_within(column: str) -> bool:
    """Whether the name says that a row points at another of its own table (“manager_id”)."""
    return bool(_words(column) & _WITHIN)


def identifies(column: str) -> bool:
    """Whether the name says that values name something."""
    return bool(_words(column) & _SURE)


def _tail(longer: tuple[str, ...], shorter: tuple[str, ...]) -> bool:
    """Whether one name ends with the other: home_team, team."""
    return bool(shorter) and len(longer) > len(shorter) and longer[-len(shorter) :] == shorter


def _short(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one name is the other cut short: cust, customer."""
    own, there = "".join(one), "".join(other)
    return len(own) >= _SHORTEST and len(there) > len(own) and there.startswith(own)


@lru_cache(maxsize=4096)
def _core(name: str) -> tuple[str, ...]:
    """The words of a name that say what is meant, in the singular."""
    return tuple(_singular(word) for word in _split(name) if word not in _GENERIC)


@lru_cache(maxsize=4096)
def _words(name: str) -> frozenset[str]:
    return frozenset(_split(name))


def _split(name: str) -> list[str]:
    """customerID, customer_id and “Customer Id” alike."""
    words = [word.lower() for word in _PARTS.findall(name)]
    if len(words) == 1:  # customerid
        ending = next((end for end in ("uuid", "guid", "id") if words[0].endswith(end)), "")
        if ending and len(words[0]) - len(ending) >= _SHORTEST:
            return [words[0].removesuffix(ending), ending]
    return words


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
