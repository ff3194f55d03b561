"""Names of months and weekdays, as people write them in dates."""

from __future__ import annotations

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
    "dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro "
    "dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
}
_SHORT_MONTHS = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "en-4": "Jan Feb Mar Apr May June July Aug Sept Oct Nov Dec",
    "de": "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez",
    "fr": "janv févr mars avr mai juin juil août sept oct nov déc",
    "es": "ene feb mar abr may jun jul ago sep oct nov dic",
    "it": "gen feb mar apr mag giu lug ago set ott nov dic",
    "pt": "jan fev mar abr mai jun jul ago set out nov dez",
    "nl": "jan feb mrt apr mei jun jul aug sep okt nov dec",
}
_DAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "it": "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "nl": "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
}
_SHORT_DAYS = {
    "en": "Mon Tue Wed Thu Fri Sat Sun",
    "de": "Mo Di Mi Do Fr Sa So",
    "fr": "lun mar mer jeu ven sam dim",
    "es": "lun mar mié jue vie sáb dom",
    "it": "lun mar mer gio ven sab dom",
    "nl": "ma di wo do vr za zo",
}
_CASES = {"title": str.title, "upper": str.upper, "lower": str.lower}
_KINDS = {"month": _MONTHS, "mon": _SHORT_MONTHS, "day": _DAYS, "dy": _SHORT_DAYS}

NAMES: dict[str, tuple[str, ...]] = {
    f"{kind}-{language}-{case}": tuple(changed(name) for name in names.split())
    for kind, table in _KINDS.items()
    for language, names in table.items()
    for case, changed in _CASES.items()
}
"""Names by token: “mon-en-title” is Jan, Feb …; “day-de-upper” is MONTAG …"""

MONTHS = tuple(token for token in NAMES if token.startswith("mon"))
WEEKDAYS = tuple(token for token in NAMES if token.startswith("d"))


def tokens_of(word: str) -> list[str]:
    """The lists of names that have the word."""
    return [token for token, names in NAMES.items() if word in names]


def said(token: str) -> str:
    """The token as people write it in a form: “Mon”, “MONTH”, “Weekday”."""
    kind, *_, case = token.split("-")
    word = {"month": "month", "mon": "mon", "day": "weekday", "dy": "wkd"}[kind]
    return _CASES[case](word)
