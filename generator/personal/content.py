"""What the values of a column say of it, whatever its name."""

from __future__ import annotations

from dataclasses import dataclass

from generator.forms import form_of
from generator.personal import formats, people, prose
from generator.personal.view import View
from generator.schema import Kind

_MOST = 0.8  # of the distinct values must have the shape
_HALF = 0.4  # … where the others may be written another way
_CHECKED = 0.95  # … where one in ten of any digits passes the check
_ENOUGH = 8  # distinct values before a weak check says anything
_NAMED = "values are known first and last names"
_SOME = 0.05  # of values that are addresses of mail beside others


@dataclass(frozen=True)
class Said:
    """A class, how sure, and why in words."""

    word: str
    confidence: float
    because: str


_SHAPES = (
    ("email", formats.email, "values are mail addresses"),
    ("vin", formats.vin, "values are vehicle identification numbers"),
    ("bank_account", formats.account, "values are IBANs with valid check digits"),
    ("card_number", formats.card, "values are card numbers with valid check digits"),
    ("device_id", formats.device, "values are addresses or numbers of devices"),
    ("ssn_tax_id", formats.ssn, "values have the form of social security or tax numbers"),
    ("geolocation", formats.position, "values are pairs of latitude and longitude"),
)


def by_content(view: View) -> Said | None:
    """The class that the values themselves have, or None."""
    texts = view.texts
    if not texts or view.column.kind not in (Kind.TEXT, Kind.ENUM, Kind.INTEGER):
        return None
    if view.column.kind is Kind.INTEGER and view.largest < 10**8:
        return None
    for word, looks, because in _SHAPES:
        if people.share(texts, looks) >= _MOST:
            return Said(word, 0.99, because)
    return _by_digits(view) or _by_text(view)


def _by_digits(view: View) -> Said | None:
    few = view.few
    numbered = len(view.all) >= 4 * _ENOUGH and formats.in_turn(few)
    called = 0.0 if numbered else people.share(few, formats.phone)
    mixed = called >= _HALF and people.share(few, formats.dialled) >= _CHECKED
    shaped = called >= _MOST or mixed
    if shaped and not form_of(list(view.texts)):
        return Said("phone", 0.95, "values are telephone numbers")
    if len(view.all) < _ENOUGH:
        return None
    if found := formats.identities(few, _CHECKED):
        return Said("ssn_tax_id", 0.9, f"values are valid identity numbers ({found})")
    if people.share(few, formats.routing) >= _CHECKED:
        return Said("bank_account", 0.9, "values are routing numbers with valid check digits")
    if view.textual and formats.called(few) and not form_of(list(view.texts)):
        return Said("phone", 0.8, "values are valid telephone numbers of a country")
    if _spread(few) and people.share(few, formats.plain_phone) >= _CHECKED:
        return Said("phone", 0.8, "values are telephone numbers of area codes in use")
    return None


def _spread(few: list[str]) -> bool:
    """Area codes differ, which those of numbers given in turn hardly do."""
    return len({text[-10:-7] for text in few}) >= 3


def _by_text(view: View) -> Said | None:
    if not view.textual:
        return None
    texts, few = view.texts, view.few
    mailed = people.share(texts, formats.email)
    called = people.share(few, formats.phone)
    if mailed >= _SOME and mailed + called >= _MOST:
        return Said("email", 0.95, "values are mail addresses and telephone numbers")
    if people.share(texts, people.is_honorific) >= _MOST:
        return Said("name", 0.8, "values are forms of address")
    if formats.genders(view.all):
        return Said("gender", 0.8, "values are words for genders")
    if len(view.all) < _ENOUGH:
        named = len(view.all) >= 3 and people.share(view.all, people.whole_name) >= _MOST
        return Said("name", 0.7, _NAMED) if named else _mailed(mailed)
    streets = people.share(texts, formats.street)
    if streets >= 0.9 or (streets >= 0.6 and not prose.is_prose(few)):
        return Said("street_address", 0.9, "values are street addresses")
    if people.share(texts, formats.plate) >= 0.9:
        return Said("licence_plate", 0.7, "values have the form of licence plates")
    if people.share(texts, formats.lettered_postal) >= 0.9:
        return Said("postal_code", 0.9, "values are postal codes")
    return _by_words(view) or _by_sentences(view) or _mailed(mailed)


def _mailed(share: float) -> Said | None:
    return Said("email", 0.6, "some values are mail addresses") if share >= _SOME else None


def _by_words(view: View) -> Said | None:
    """Names of people or of places, whichever more values are."""
    few = view.few
    named = people.share(few, people.is_name)
    if named < 0.3:
        if people.share(few, people.is_city) >= 0.6:
            return Said("city", 0.8, "values are names of cities")
        return None
    placed, area = people.share(few, people.is_city), people.share(few, people.is_area)
    if max(placed, area) >= min(named, 0.6):
        return Said("city", 0.7, "values are names of cities") if placed > area else None
    whole = people.share(few, people.whole_name)
    if named < 0.5 and whole < 0.3:
        return None
    return Said("name", min(0.95, 0.5 + named / 2), _NAMED)


def _by_sentences(view: View) -> Said | None:
    """Titles of books and films are names, too: names alone say nothing but in sentences."""
    few = view.few
    if len(view.all) < 2 * _ENOUGH or not prose.written(few):
        return None
    told = list(prose.told(few))
    sentences = prose.is_prose(few) and len(view.all) > 0.05 * view.rows
    if told and (sentences or {*told} != {"name"}):
        most = max(sorted(set(told)), key=told.count)
        return Said("free_text", 0.9, f"texts mention people (as {most})")
    return Said("free_text", 0.6, "sentences, which may name people") if sentences else None
