"""The ranges that tokens are taken from: of which kind and country, and how many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from generator.anonymize import dialled
from generator.anonymize.fiction import slots
from generator.personal import Findings, formats


@dataclass(frozen=True)
class Range:
    """``asked`` distinct values of a kind, and the ``capacity`` of the range for them."""

    kind: str
    name: str
    capacity: int
    asked: int = 0

    @property
    def enough(self) -> bool:
        return self.asked <= self.capacity

    def __str__(self) -> str:
        few = "" if self.enough else f"; too few: {_BEYOND.get(self.kind, 'it is refused')}"
        return f"{self.kind}: {self.asked:,} values for {self.capacity:,} tokens ({self.name}){few}"


NAMED = {
    "ssn_tax_id": Range("ssn_tax_id", "areas 900 to 999 in groups of nobody", 100 * 55 * 9_999),
    "card_number": Range("card_number", "issuers 9999, which no country has", 10**11),
    "vin": Range("vin", "serials with a letter in their second place, each model", 7_590_000),
    "email": Range("email", "example.com, .net and .org", 32**12),
    "device_id": Range("device_id", "locally administered and future addresses", 15 << 24),
    "user_name": Range("user_name", "user-… of ten signs", 32**10),
}
_BEYOND = {"phone": "the rest get area codes kept for expansion, or other digits"}


def ranges(tables: Mapping[str, pa.Table], findings: Findings) -> Iterator[Range]:
    """What will be asked of which range, before anything is made."""
    asked: dict[str, set[str]] = {}
    for one in findings:
        if one.personal and (one.word in NAMED or one.word in ("phone", "email")):
            values = pc.unique(tables[one.table].column(one.column).cast(pa.string()))
            found = asked.setdefault(one.word, set())
            found.update(value for value in values.to_pylist() if value)
    called = {value for word in ("phone", "email") for value in asked.get(word, ())}
    dialled_ = [value for value in called if not formats.email(value.strip())]
    numbers = Counter(map(dialled.country_of, filter(None, {*dialled.read_all(dialled_)})))
    for word in sorted(asked.keys() & NAMED.keys()):
        known = NAMED[word]
        yield Range(known.kind, known.name, known.capacity, len(asked[word]))
    for country, mine in sorted(numbers.items()):
        name = f"kept for fiction under +{country}"
        yield Range("phone", name, len(slots(country)), mine)
