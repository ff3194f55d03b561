"""Words that stand for no value."""

from __future__ import annotations

import re

# In a column that is no plain text these are missing values.
MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "?", "-")

_NOUGHTS = re.compile(r"[0 :/.,T-]*0[0 :/.,TZ-]*")

# What people and programs put where a value should be: it tells nothing of anybody, so that it may
# be kept however rare it is.
_PUBLIC = frozenset(
    """
#; #n/a; #na; #ref!; #value!; #div/0!; #name?; #null!; #num!; #####; --; ---; .; ..; ...; *; **; ***
x; xx; xxx; ??; ???; n.a.; n.a; na; nil; none; no; not; unknown; unk; missing; absent; empty; blank
void; tbc; tbd; tba; pending; open; ongoing; current; present; never; error; err; invalid; bad; nan
inf; -inf; +inf; infinity; other; misc; various; see; ask; call; poa; test; todo; unbekannt; offen
keine; inconnu; desconocido; sconosciuto; onbekend; withheld; redacted; confidential; suppressed
hidden; deleted; cancelled; canceled; free; gratis; included; varies; variable; default; undefined
false; true; yes; not available; not applicable; not known; not specified; not provided
to be confirmed; to be determined; to follow; on request; price on request; see notes; see note
see comment; call for price; no data; no value; no date; k.a.; k. a.; keine angabe; ask dealer
call dealer; on hold; in progress; not recorded; not stated; not sold; still open; no limit
unlimited; soon; later; closed; done; paid; estimate; estimated; approx; about; new; used; sold
""".strip()
    .replace("\n", "; ")
    .split("; ")
)


def public_word(text: str) -> bool:
    """Whether a text says no more than that there is no value: by a word, or by noughts
    (0000-00-00)."""
    return text.strip().casefold() in _PUBLIC or _NOUGHTS.fullmatch(text.strip()) is not None
