"""Values that say themselves what they are: by their format, and by check digits where it has any.

Validators are those of phonenumbers and python-stdnum; vehicles are ours.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from functools import cache
from importlib import import_module

import phonenumbers
from stdnum import iban, imei, luhn
from stdnum.us import rtn

from generator.personal.words import roads

Looks = Callable[[str], bool]

_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^\W\d_]{2,}")
_VIN = re.compile(r"(?=.*[A-Z])(?=.*\d)[A-HJ-NPR-Z0-9]{17}", re.IGNORECASE)
_SSN = re.compile(r"\d{3}-\d{2}-\d{4}")
_EIN = re.compile(r"\d{2}-\d{7}")
_NINO = re.compile(r"[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]")
_MAC = re.compile(r"[0-9A-F]{2}([:-][0-9A-F]{2}){5}", re.IGNORECASE)
_SERIAL = re.compile(r"[A-Z]{1,5}\d{8,14}")
_POSITION = re.compile(r"\(?-?\d{1,2}\.\d{3,}°? ?[NS]?[,; ] ?-?\d{1,3}\.\d{3,}°? ?[EW]?\)?")
_PHONE = re.compile(
    r"(?:\+[1-9][\d ().-]{6,20}\d|(?:1[ -])?\(\d{3}\) ?\d{3}[ -]\d{4}"
    r"|8[ -]\(?\d{3}\)?[ -]?\d{3}[ -]?\d{2}[ -]?\d{2}"
    r"|(?:(?:00)?1[ .-])?\d{3}[.-]\d{3}[.-]\d{4}|\(?0\d{1,5}\)?[ /-]\d[\d -]{4,12}\d)"
    r"(?: ?(?:x|ext\.?) ?\d{1,6})?"
)
_DIALLED = re.compile(r"[+(]{0,2}\d[\d ()./-]{6,20}\d(?:x\d+)?")
_DIGITS = 9  # fewer are codes
_CALLED = 40  # numbers that are held against the rules of countries
_COUNTRIES = (
    "US GB DE FR ES IT NL BE CH AT PL PT BR SE NO DK FI CZ HU RO GR TR RU UA CN JP KR IN MX SA"
)
_REGIONS = tuple(_COUNTRIES.split())
_PLAIN_PHONE = re.compile(r"1?[2-9]\d{2}[2-9]\d{6}")
_IDENTITY = (  # what stdnum checks with check digits, and how each looks
    ("es.dni", r"\d{8}-?[A-Z]"),
    ("es.nie", r"[XYZ]-?\d{7}-?[A-Z]"),
    ("it.codicefiscale", r"[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]"),
    ("fr.nir", r"[12][ \d]{12,20}\d"),
    ("pl.pesel", r"\d{11}"),
    ("be.nn", r"[\d .-]{11,15}"),
    ("de.idnr", r"[\d ]{11,14}"),
    ("se.personnummer", r"\d{6}(\d\d)?[-+]?\d{4}"),
    ("fi.hetu", r"\d{6}[-+A]\d{3}[0-9A-Z]"),
    ("cz.rc", r"\d{6}/\d{3,4}"),
    ("br.cpf", r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}"),
    ("cn.ric", r"\d{17}[\dX]"),
    ("in_.aadhaar", r"\d{4} ?\d{4} ?\d{4}"),
    ("in_.pan", r"[A-Z]{5}\d{4}[A-Z]"),
    ("ro.cnp", r"[1-8]\d{12}"),
    ("bg.egn", r"\d{10}"),
    ("tr.tckimlik", r"[1-9]\d{10}"),
    ("gr.amka", r"\d{11}"),
    ("ru.inn", r"\d{12}"),
    ("mx.curp", r"[A-Z]{4}\d{6}[HM][A-Z]{5}[0-9A-Z]\d"),
    ("za.idnr", r"\d{13}"),
    ("us.itin", r"9\d{2}-\d{2}-\d{4}"),
    ("nl.bsn", r"\d{9}"),
    ("il.idnr", r"\d{9}"),
    ("kr.rrn", r"\d{6}-?\d{7}"),
    ("ua.rntrc", r"\d{10}"),
    ("no.fodselsnummer", r"\d{11}"),
    ("ch.ssn", r"756\.?\d{4}\.?\d{4}\.?\d{2}"),
)
_PLATES = re.compile(
    r"[A-Z]{2}\d{2} ?[A-Z]{3}|[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} ?\d{1,4}[EH]?|[A-Z]{2}-\d{3}-[A-Z]{2}"
    r"|\d{4}[ -]?[BCDFGHJ-NPRSTV-Z]{3}|[A-Z]\d{3}[A-Z]{2} ?\d{2,3}"
    r"|[АВЕКМНОРСТУХ]\d{3}[АВЕКМНОРСТУХ]{2}\d{2,3}"
    r"|[A-Z]{3}[ -]\d{3,4}|\d[A-Z]{3}\d{3}|[ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ]{3}-\d{4}"
)
_PLATE_LIKE = re.compile(r"(?=[A-Z -]*\d)(?=[\d -]*[A-Z])[A-Z\d][A-Z\d -]{3,7}[A-Z\d]")
_NUMBERED = re.compile(r"(?i)\d+[a-z]?(?:[-/]\d+)?,? (?=.*[a-z])(.{2,60})")
_STREET = re.compile(r"(?i)\d+,? (rue|chemin|impasse|cours|avenue|boulevard|place) .*")
_NUMBER = r"\d+ ?[a-z]?([-/]\d*[a-z]?)*"
_STREET_ABROAD = re.compile(
    rf"(?i).*(stra(ss|ß)e|str\.|weg|gasse|allee|platz|ring|damm|ufer|straat|laan|gatan|vägen|gata"
    rf"|vej|katu|tie|utca|út|dreef|hof|kade|singel|pad|steeg|plantsoen|gränd|stigen|backen"
    rf"|allé|stræde|gade|plads|kuja|polku|raitti|kaari|bulevardi) ?{_NUMBER}"
    r"|(via|viale|piazza|corso|calle|c\.|c/|avenida|avda\.?|av\.|paseo|plaza|rambla|ronda|cuesta"
    r"|camino|callej[oó]n|pasadizo|pasaje|glorieta|acceso|alameda|cañada|urbanización|vial|vía|rua"
    r"|travessa|alameda|largo|praça|estrada|rodovia|strada|vicolo|contrada|borgo|rotonda|canale"
    r"|incrocio|plac|pl\.|al\.|os\.|λεωφ\.|λεωφόρος|πάροδος|πλ\.|πλατεία|rue|place|ul\.|ulica|aleja|ул\.|улица|пр\.|просп\.|пер\.|ш\.|наб\.|алл\.|бул\."
    r"|вул\.|вулиця|набережна|площа|провулок|проспект|шосе|шоссе|бульвар|переулок|οδός|οδ\.|شارع"
    r"|רחוב|רח|שדרות|intrarea|(ș|s)oseaua|aleea|bulevardul|bdul\.|calea|pia(ț|t)a|splaiul"
    r"|jardim|ladeira|loteamento|parque|quadra|residencial|viaduto|viela|vila)[ .]?.*\d.*"
    r"|.*[路街道巷丁目番地号號座].*|.*(로|길|가) ?\d+.*"
)
_UNIT = re.compile(
    r"(?i)(apt|apartment|suite|ste|unit|flat|studio|room|#|po box|p\.o\. box)\.? ?#?\d+\w*"
)
_POSTAL = re.compile(
    r"\d{5}(-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{4} ?[A-Z]{2}"
    r"|\d{2}-\d{3}|\d{3} ?\d{2}|\d{3}-\d{4}|〒\d{3}-\d{4}|\d{5}-\d{3}|\d{4}|\d{6}"
)
_LETTERED_POSTAL = re.compile(
    r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] \d[A-Z]\d|\d{4} [A-Z]{2}|〒\d{3}-\d{4}"
)
_GENDERS = (
    "male female m f w d u x man woman männlich weiblich divers homme femme hombre mujer masculino"
    " femenino feminino maschio femmina uomo donna mężczyzna kobieta muž žena мужской женский муж"
    " жен м ж άνδρας γυναίκα 男 女 男性 女性 ذكر أنثى 남 여 unknown other nonbinary diverse"
    " non-binary boy girl prefer not to say"
)
GENDERS = frozenset(_GENDERS.split())
_TELLING = GENDERS - {
    "m",
    "f",
    "w",
    "d",
    "u",
    "x",
    "unknown",
    "other",
    "prefer",
    "not",
    "to",
    "say",
}


def email(text: str) -> bool:
    return _EMAIL.fullmatch(text) is not None


def vin(text: str) -> bool:
    return _VIN.fullmatch(text) is not None


def account(text: str) -> bool:
    """ISO 13616: two letters, two check digits, what the country says."""
    return text[:2].isalpha() and len(text) >= 15 and iban.is_valid(text, check_country=False)


def routing(text: str) -> bool:
    """Of an American bank: nine digits with a weighted sum that is a multiple of ten."""
    return len(text) == 9 and text.isdigit() and rtn.is_valid(text)


def card(text: str) -> bool:
    """ISO/IEC 7812: 13 to 19 digits whose Luhn sum is a multiple of ten."""
    plain = re.sub(r"[ -]", "", text)
    return re.fullmatch(r"[2-6]\d{12,18}", plain) is not None and luhn.is_valid(plain)


def ssn(text: str) -> bool:
    return any(known.fullmatch(text) for known in (_SSN, _EIN, _NINO))


def device(text: str) -> bool:
    if _MAC.fullmatch(text) or (len(text) == 15 and text.isdigit() and imei.is_valid(text)):
        return True
    return text.count(".") == 3 or text.count(":") > 3 if _address(text) else False


@cache
def _address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def phone(text: str) -> bool:
    return _PHONE.fullmatch(text) is not None


def dialled(text: str) -> bool:
    """What is a telephone number where others beside it certainly are."""
    return _DIALLED.fullmatch(text) is not None and sum(map(str.isdigit, text)) >= _DIGITS - 1


def plain_phone(text: str) -> bool:
    """A number of an area code that is in use, without any sign but digits."""
    if not _PLAIN_PHONE.fullmatch(text):
        return False
    return phonenumbers.is_valid_number(phonenumbers.parse(text, "US"))


def called(sample: list[str]) -> bool:
    """Whether numbers with signs in them are valid telephone numbers of one country."""
    looked = (text for text in sample[:_CALLED] if _DIALLED.fullmatch(text))
    shaped = [text for text in looked if sum(map(str.isdigit, text)) >= _DIGITS]
    if not sample or len(shaped) < 0.9 * min(len(sample), _CALLED):
        return False
    if in_turn(shaped):
        return False
    signed = sum(text[0] in "+(0" or any(sign in text for sign in " ()/-.") for text in shaped)
    return signed >= 0.9 * len(shaped) and any(_valid_in(one, shaped) for one in _REGIONS)


def in_turn(sample: list[str]) -> bool:
    """Whether hardly any differ but in their last four digits, as numbers do that are given out in
    turn."""
    heads = {re.sub(r"\D", "", text)[:-4] for text in sample}
    return len(heads) < max(3, 0.1 * len(sample))


def _valid_in(region: str, sample: list[str]) -> bool:
    """Gives up as soon as one in five is none."""
    wrong = 0
    for text in sample:
        try:
            wrong += not phonenumbers.is_valid_number(phonenumbers.parse(text, region))
        except phonenumbers.NumberParseException:
            wrong += 1
        if wrong > 0.2 * len(sample):
            return False
    return True


def serial(text: str) -> bool:
    """A few capitals and many digits, as units are numbered."""
    return _SERIAL.fullmatch(text) is not None


def position(text: str) -> bool:
    return _POSITION.fullmatch(text) is not None


def plate(text: str) -> bool:
    return _PLATES.fullmatch(text) is not None


def plate_like(text: str) -> bool:
    return _PLATE_LIKE.fullmatch(text) is not None


def street(text: str) -> bool:
    numbered = _NUMBERED.fullmatch(text)
    if numbered is not None and not roads().isdisjoint(re.findall(r"[a-z]+", numbered[1].lower())):
        return True
    if any(known.fullmatch(text) for known in (_STREET, _STREET_ABROAD, _UNIT)):
        return True
    first, comma, _ = text.partition(",")  # of a whole address
    return bool(comma) and _STREET_ABROAD.fullmatch(first.strip()) is not None


def postal(text: str) -> bool:
    return _POSTAL.fullmatch(text) is not None


def lettered_postal(text: str) -> bool:
    return _LETTERED_POSTAL.fullmatch(text) is not None


def identities(sample: list[str], least: float) -> str | None:
    """The identity number that at least so large a share of the sample is, as stdnum calls it."""
    for named, looks in _IDENTITY:
        shaped = re.compile(looks)
        if sum(shaped.fullmatch(text) is not None for text in sample) < least * len(sample):
            continue
        checks: Looks = import_module(f"stdnum.{named}").is_valid
        if sum(_passes(checks, text) for text in sample) >= least * len(sample):
            return named
    return None


def _passes(checks: Looks, text: str) -> bool:
    """stdnum fails over a Chinese county that it has no years of."""
    try:
        return checks(text)
    except KeyError:
        return False


def genders(texts: list[str]) -> bool:
    """Whether all of a column's few values are words for it; letters alone do where two differ."""
    words = {text.strip().lower() for text in texts}
    if not 2 <= len(words) <= 6 or not words <= GENDERS:
        return False
    return bool(words & _TELLING) or words >= {"m", "f"} or words >= {"m", "w"}
