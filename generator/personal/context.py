"""What columns of one table say of each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from generator.personal import formats, people
from generator.personal.content import Said
from generator.personal.view import View
from generator.personal.words import states
from generator.schema import Kind

Told = Mapping[str, Said]
_WHO = {"name", "gender", "ssn_tax_id", "email", "phone"}
_WHOSE = {*_WHO, "device_id", "street_address", "vin"} - {"gender"}
_YEAR = 365.25


def by_context(views: Mapping[str, View], told: Told) -> Iterator[tuple[str, Said]]:
    """What is said of columns, or said anew, once it is known what the others are."""
    for look in _LOOKS:
        yield from look(views, told)


def _positions(views: Mapping[str, View], told: Told) -> Iterator[tuple[str, Said]]:
    """A latitude beside a longitude: many decimals, in range, missing in the same rows."""
    open_ = [v for name, v in views.items() if name not in told and _fine(v)]
    for one in open_:
        for other in open_:
            if one is not other and _pair(one, other):
                said = Said("geolocation", 0.7, "a latitude beside a longitude")
                yield one.column.name, said
                yield other.column.name, said


def _fine(view: View) -> bool:
    if view.column.kind not in (Kind.DECIMAL, Kind.FLOAT) or len(view.numbers) < 5:
        return False
    found = view.numbers[:500]
    return _precise(view) and bool(np.abs(found).min() > 3 and np.abs(found).max() <= 180)


def _precise(view: View) -> bool:
    """Most of the numbers have more than three decimals: a place within a hundred metres."""
    found = np.clip(view.numbers[:500], -360, 360) * 1000  # degrees; larger numbers are none
    return len(found) > 0 and bool((np.abs(found - np.round(found)) > 1e-6).mean() > 0.7)


def _pair(lat: View, lon: View) -> bool:
    """Far from nought, as shares and rates are not; the longitude farther out than the latitude."""
    north, east = np.abs(np.median(lat.numbers)), np.abs(np.median(lon.numbers))
    if not (20 <= north <= 72 and np.abs(lat.numbers).max() <= 90 and 3 <= east <= 180):
        return False
    if min(lat.numbers) < 0 < max(lat.numbers) or north == east:
        return False
    alike = (pc.is_null(lat.values), pc.is_null(lon.values))
    if pc.any(pc.xor(*alike)).as_py():
        return False
    signs = np.sign(lon.numbers)
    return bool(abs(signs.mean()) > 0.95 and np.ptp(lat.numbers) < 70)


def _determined(of: View, by: View) -> float:
    """The share of rows whose value of ``of`` is that of most rows with their value of ``by``,
    among values of ``by`` that come more than once; 0 where none do."""
    rows = pa.table({"by": by.values.cast(pa.string()), "of": of.values.cast(pa.string())})
    pairs = rows.drop_null().group_by(["by", "of"]).aggregate([([], "count_all")])
    groups = pairs.group_by("by").aggregate([("count_all", "sum"), ("count_all", "max")])
    often = groups.filter(pc.greater(groups.column("count_all_sum"), 1))
    if often.num_rows < 3:
        return 0.0
    most, all_ = (pc.sum(often.column(f"count_all_{how}")).as_py() for how in ("max", "sum"))
    return float(most / all_)


def _places(views: Mapping[str, View], told: Told) -> Iterator[tuple[str, Said]]:
    """A postal code settles the city: codes are found by it, and names that one settles are of
    places."""
    cities = [views[name] for name, said in told.items() if said.word == "city"]
    codes = [v for name, v in views.items() if told.get(name, _NOTHING).word == "postal_code"]
    for name, view in views.items():
        if name in told or not _coded(view):
            continue
        if any(_determined(city, view) > 0.9 and len(view.all) >= len(city.all) for city in cities):
            codes.append(view)
            yield name, Said("postal_code", 0.8, "codes that settle the city")
    for name, said in told.items():
        view = views[name]
        unnamed = said.word == "name" and view.header != "name" and len(view.all) > 1
        if unnamed and any(_determined(view, code) > 0.95 for code in (*codes, *cities)):
            yield name, _NOTHING


def _coded(view: View) -> bool:
    if view.column.kind not in (Kind.TEXT, Kind.ENUM, Kind.INTEGER) or len(view.all) < 5:
        return False
    lengths = {len(text) for text in view.few}
    return people.share(view.few, formats.postal) > 0.95 and min(lengths) >= 4


def _accounts(views: Mapping[str, View], told: Told) -> Iterator[tuple[str, Said]]:
    """Digits beside routing numbers, as many in all rows and different from row to row."""
    routing = [
        name
        for name, said in told.items()
        if said.word == "bank_account" and "routing" in said.because
    ]
    for name, view in views.items():
        if not routing or name in told or view.header:
            continue
        digits = [text for text in view.few if text.isdigit() and 6 <= len(text) <= 17]
        if len(digits) > 0.95 * len(view.few) > 4 and _follows(view, views[routing[0]]):
            yield name, Said("bank_account", 0.7, "numbers beside routing numbers")


def _follows(view: View, routing: View) -> bool:
    gaps = pc.xor(pc.is_null(view.values), pc.is_null(routing.values))
    return len(view.all) >= len(routing.all) > 4 and pc.mean(gaps.cast(pa.int8())).as_py() < 0.5


def _licences(views: Mapping[str, View], told: Told) -> Iterator[tuple[str, Said]]:
    """Numbers that begin with the state that another column names."""
    known = states()
    for name, view in views.items():
        heads = {text[:2] for text in view.few}
        numbered = all(len(t) >= 7 and t[2:].isdigit() for t in view.few)
        if name in told or not view.few or not numbered or not heads <= known:
            continue
        if any(heads == {*other.all} for other in views.values() if len(other.all) < 60):
            yield name, Said("licence_number", 0.7, "numbers that begin with a state's code")


def _vehicles(views: Mapping[str, View], told: Told) -> Iterator[tuple[str, Said]]:
    """Plate-like codes beside vehicle identification numbers."""
    if not any(said.word == "vin" for said in told.values()):
        return
    for name, view in views.items():
        if name in told or view.header or not view.textual or len(view.all) < 0.2 * view.rows:
            continue
        if people.share(view.few, formats.plate_like) > 0.95:
            yield name, Said("licence_plate", 0.6, "codes like plates beside vehicle numbers")


def _devices(views: Mapping[str, View], told: Told) -> Iterator[tuple[str, Said]]:
    """Serial numbers with check digits beside positions."""
    if not any(said.word == "geolocation" for said in told.values()):
        return
    for name, view in views.items():
        if name in told or not view.textual or not view.all:
            continue
        if people.share(view.few, formats.serial) > 0.98:
            yield name, Said("device_id", 0.6, "serial numbers beside positions")


def _initials(views: Mapping[str, View], told: Told) -> Iterator[tuple[str, Said]]:
    """Single capitals beside names."""
    if not any(said.word == "name" for said in told.values()):
        return
    for name, view in views.items():
        if name in told or not view.textual or len(view.all) < 8:
            continue
        if all(len(text.rstrip(".")) == 1 and text[0].isupper() for text in view.all):
            yield name, Said("name", 0.6, "initials beside names")


def _families(views: Mapping[str, View], told: Told) -> Iterator[tuple[str, Said]]:
    """Words with capitals beside names, some of them known as names and hardly any as a place."""
    if not any(said.word == "name" for said in told.values()):
        return
    for name, view in views.items():
        if name in told or not view.textual or len(view.all) < max(8, 0.2 * view.rows):
            continue
        worded = people.share(view.few, _worded) > 0.9
        if worded and people.share(view.few, people.is_name) > max(
            0.25, people.share(view.few, people.is_city)
        ):
            yield name, Said("name", 0.6, "words like names beside names")


def _worded(text: str) -> bool:
    return text[:1].isupper() and text.replace("-", "").replace("'", "").replace(" ", "").isalpha()


def _births(views: Mapping[str, View], told: Told) -> Iterator[tuple[str, Said]]:
    """Days over decades, long before the last day of the table, in a table of people."""
    who = any(said.word in _WHO and said.confidence > 0.6 for said in told.values())
    latest = max((v.days.max() for v in views.values() if len(v.days)), default=0.0)
    for name, view in views.items():
        if name in told or view.column.kind is not Kind.DATE or len(view.days) < 5:
            continue
        if not (view.unnamed or who):
            continue
        low, high = np.quantile(view.days, [0.02, 0.98])
        alone = latest == view.days.max()
        lived = (latest - high > 14 * _YEAR or alone) and latest - low < 110 * _YEAR
        if who and lived and high - low > 25 * _YEAR:
            yield name, Said("dob", 0.5, "a possible date of birth: days over decades")


def _of_people(views: Mapping[str, View], told: Told) -> Iterator[tuple[str, Said]]:
    """Positions are those of somebody where they are exact, and the table holds what identifies
    people or cars."""
    who = any(said.word in _WHOSE for said in told.values())
    for name, view in views.items():
        said = told.get(name, _NOTHING)
        if said.word == "geolocation" and not (who and (view.textual or _precise(view))):
            yield name, Said("geolocation", min(said.confidence, 0.4), said.because)


_NOTHING = Said("", 0.0, "")
_LOOKS: tuple[Callable[[Mapping[str, View], Told], Iterator[tuple[str, Said]]], ...] = (
    _positions,
    _places,
    _accounts,
    _licences,
    _vehicles,
    _devices,
    _initials,
    _families,
    _births,
    _of_people,
)
