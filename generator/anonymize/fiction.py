"""The telephone numbers that countries keep for fiction: films, books and examples."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import phonenumbers

AREA = 100  # numbers 555-0100 to 555-0199 of an American area code
FICTION: Mapping[int, tuple[tuple[str, int], ...]] = {  # heads of a country, and digits behind
    44: (("7700900", 3), ("1632960", 3), ("2079460", 3), ("8081570", 3), ("3069990", 3)),
    33: (("19900", 4), ("26191", 4), ("35301", 4), ("46571", 4), ("53649", 4), ("63998", 4)),
    49: (
        *(("3023125", 3), ("6990009", 3), ("4066969", 3), ("2214710", 3), ("8999998", 3)),
        *(("17139200", 2), ("1749091", 2)),
    ),
    61: (("255501", 4), ("355501", 4), ("755501", 4), ("855501", 4), ("491570", 3)),
    46: (("46504", 2), ("31390600", 2), ("84650040", 1), ("701740605", 1)),
    353: (("20910", 4), ("20911", 4), ("20912", 4)),
}


@cache
def american_areas() -> tuple[str, ...]:
    """Area codes of the North American plan that are in use."""
    codes = (f"{first}{last:02}" for first in range(2, 10) for last in range(100))
    plain = phonenumbers.PhoneNumber
    return tuple(
        code
        for code in codes
        if phonenumbers.is_valid_number(
            plain(country_code=1, national_number=int(f"{code}5550100"))
        )
    )


@cache
def slots(country: int) -> tuple[str, ...]:
    """All national numbers that the country keeps for fiction, in order."""
    if country == 1:
        return tuple(f"{area}55501{at:02}" for area in american_areas() for at in range(AREA))
    return tuple(
        f"{head}{at:0{count}}"
        for head, count in FICTION.get(country, ())
        for at in range(10**count)
    )
