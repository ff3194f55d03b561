"""Identifiers that cannot belong to anybody, as arithmetic on a party's row number.

Social security numbers have areas 900–999, which are never issued; telephone numbers end in
555-01xx; mail goes to example domains; tax and licence numbers are from invented ranges.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.keys import numbered
from generator.domains.party_identity.towns import area_codes
from generator.streams import Stream

_SPACE = 100 * 99 * 9999  # areas × groups × serials
_STEP = 61_803_409  # prime to _SPACE, so that neighbours are far apart and none meet

_PHONE_STEP = 7_919  # prime, so that neighbours are far apart and none meet before all are used
LINES = 100  # 555-0100 to 555-0199

Rows = NDArray[np.int64]


def ssn_of(seed: int, party_rows: Rows) -> NDArray[Any]:
    """``9xx-gg-ssss`` for each party row, different for different rows below 98,990,100."""
    offset = int(Stream(seed, "party", "ssn").bits(0, 1)[0]) % _SPACE
    number = (party_rows % _SPACE * _STEP + offset) % _SPACE
    area, rest = np.divmod(number, 99 * 9999)
    group, serial = np.divmod(rest, 9999)
    head = np.char.add(numbered("9", area, 2), numbered("-", group + 1, 2))
    return np.char.add(head, numbered("-", serial + 1, 4))


def ein_of(party_rows: Rows) -> NDArray[Any]:
    """``00-nnnnnnn``: no employer number begins with 00."""
    return numbered("00-", party_rows % 10_000_000, 7)


def phone_of(seed: int, states: NDArray[np.object_], lines: Rows) -> NDArray[np.object_]:
    """``+1 aaa-555-01nn``: an area code of the state and one of the hundred numbers that belong to
    nobody, so that lines of a state repeat as seldom as they can."""
    made = np.empty(len(lines), dtype=object)
    offset = int(Stream(seed, "party", "phone_number").bits(0, 1)[0]) % _PHONE_STEP
    for state in np.unique(states.astype(str)):
        rows, codes = np.flatnonzero(states == state), np.array(area_codes()[state], dtype=object)
        number = (lines[rows] * _PHONE_STEP + offset) % (len(codes) * LINES)
        code, tail = np.divmod(number, LINES)
        text = np.char.add(b"-555-01", numbered("", tail, 2)).astype(str).astype(object)
        made[rows] = "+1 " + codes[code] + text
    return made


def licence_of(states: NDArray[np.object_], party_rows: Rows) -> NDArray[np.object_]:
    serial = numbered("", party_rows, 9).astype(str).astype(object)
    made: NDArray[np.object_] = (states + serial).astype(object)
    return made


def mail_of(names: NDArray[np.object_], party_rows: Rows) -> NDArray[np.object_]:
    """``given.family.n@example.com``, unique by the row's number."""
    domains = np.array(["example.com", "example.net", "example.org"], dtype=object)
    number = party_rows.astype(str).astype(object)
    made: NDArray[np.object_] = names + "." + number + "@" + domains[party_rows % 3]
    return made
