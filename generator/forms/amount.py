"""Numbers as people write them: money, per cent, units, thousands, decimal commas, brackets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from generator.forms.form import LARGEST, Form

MOST_DIGITS = 9  # after the point
MOST_WIDTH = 18
_MARKS = ("", ",", ".", "'", "’", " ", "\u00a0", "\u202f", "_")
_SIGNS = ("-", "−", "–")
_NEGATIVES = ("", "-p", "p-", "()", "p()", "-")
_LONGEST_UNIT = 16
_NUMBER = r"\d(?:[\d.,'’ _\u00a0\u202f]*\d)?"
_TEXT = re.compile(
    rf"(?P<open>\(?)(?P<first>[-+−–]?)(?P<prefix>[^\d()+−–]*?)(?P<inner>\(?)(?P<second>[-+−–]?)"
    rf"(?P<number>{_NUMBER})(?P<last>[-−]?)(?P<close>\)?)(?P<suffix>(?:[^\d()]|(?<=/)\d{{1,3}})*)(?P<end>\)?)"
)
_CURRENCY = re.compile(
    r"[~≈<>≤≥#]? ?(?:\p{Sc})? ?".replace(r"\p{Sc}", "[$€£¥₹₽₩₺₫₴₦₪฿¢]")
    + r"|(?:[A-Z]{1,3}[$€£]|[A-Z]{3}|Rs\.?|kr\.?|Fr\.?|zł|R|USD|US\$|RM|S/\.?|R\$|Kč|Ft)[ \u00a0]?"
)
_UNIT = re.compile(
    r"[ \u00a0\u202f]?[^\W\d_%‰°$€£¥₹]*[%‰°$€£¥₹²³]?[^\d,;:|]{0,12}(\d{1,3} ?[^\W\d_]+)?"
)


@dataclass(frozen=True)
class Amount(Form):
    """``digits`` after the ``point`` (``trimmed``: at most so many, without noughts at the end),
    thousands kept apart by ``mark`` (``lakh``: above the first three by two), ``width`` digits
    with leading noughts; ``prefix`` and ``suffix`` around it.

    ``negative`` says where the sign of numbers below nought stands: before the prefix (“-p”),
    behind it (“p-”), at the end (“-”), or brackets around all (“()”) or the number (“p()”);
    ``signed``: numbers above nought have a plus.
    """

    prefix: str = ""
    suffix: str = ""
    digits: int = 0
    trimmed: bool = False
    point: str = ""
    mark: str = ""
    lakh: bool = False
    width: int = 0
    negative: str = ""
    minus: str = "-"
    signed: bool = False

    family = "amount"

    def ok(self) -> bool:
        texts = (self.prefix, self.suffix, self.point, self.mark, self.negative, self.minus)
        truths = (self.trimmed, self.lakh, self.signed)
        if not all(isinstance(text, str) and len(text) <= 20 for text in texts):
            return False
        if not all(isinstance(truth, bool) for truth in truths):
            return False
        whole = type(self.digits) is int and type(self.width) is int
        return (
            whole
            and 0 <= self.digits <= MOST_DIGITS
            and 0 <= self.width <= MOST_WIDTH
            and self.point in (".", ",", "")
            and bool(self.point) == bool(self.digits)
            and self.mark in _MARKS
            and (self.mark != self.point or not self.mark)
            and self.negative in _NEGATIVES
            and self.minus in _SIGNS
        )

    def read(self, text: str) -> int | None:
        match = self._pattern.fullmatch(text)
        if match is None:
            return None
        whole, _, part = (
            match["number"].rpartition(self.point)
            if self._pointed(match)
            else (
                match["number"],
                "",
                "",
            )
        )
        digits = (whole.replace(self.mark, "") if self.mark else whole) + part.ljust(
            self.digits, "0"
        )
        if not digits.isdecimal():
            return None
        below = self.minus in (match["before"] or "") or "(" in (match["before"] or "")
        below = below or bool(match["after"].strip(self.suffix))
        number = -int(digits) if below else int(digits)
        return number if abs(number) <= LARGEST and self.write(number) == text else None

    def _pointed(self, match: re.Match[str]) -> bool:
        return bool(self.point) and self.point in match["number"]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        prefix, suffix = re.escape(self.prefix), re.escape(self.suffix)
        sign = f"[({re.escape(self.minus)}+]?"
        signs = re.escape(self.mark + self.point)
        return re.compile(
            rf"(?P<before>{sign}{prefix}{sign})(?P<number>\d[\d{signs}]*)"
            rf"(?P<after>[){re.escape(self.minus)}]?{suffix}\)?)"
        )

    def write(self, number: int) -> str:
        whole, part = divmod(abs(number), 10**self.digits)
        said = self._grouped(whole)
        if self.digits:
            fraction = f"{part:0{self.digits}}"
            fraction = fraction.rstrip("0") if self.trimmed else fraction
            said += f"{self.point}{fraction}" if fraction else ""
        if number > 0 and self.signed:
            return f"+{self.prefix}{said}{self.suffix}"
        return self._below(said) if number < 0 else f"{self.prefix}{said}{self.suffix}"

    def _below(self, said: str) -> str:
        match self.negative:
            case "()":
                return f"({self.prefix}{said}{self.suffix})"
            case "p()":
                return f"{self.prefix}({said}){self.suffix}"
            case "p-":
                return f"{self.prefix}{self.minus}{said}{self.suffix}"
            case "-":
                return f"{self.prefix}{said}{self.minus}{self.suffix}"
        return f"{self.minus}{self.prefix}{said}{self.suffix}"

    def _grouped(self, whole: int) -> str:
        if self.width:
            return f"{whole:0{self.width}}"
        if self.lakh and whole >= 100_000:
            high, low = divmod(whole, 1000)
            pairs = f"{high:_}".replace("_", "")
            cut = [pairs[max(0, at - 2) : at] for at in range(len(pairs), 0, -2)]
            return self.mark.join([*reversed(cut), f"{low:03}"])
        return f"{whole:,}".replace(",", self.mark)

    @property
    def title(self) -> str:
        whole = "0" * self.width or ("#,##0".replace(",", self.mark) if self.mark else "0")
        said = whole + (self.point + ("#" if self.trimmed else "0") * self.digits)
        positive = f"{self.prefix}{said}{self.suffix}"
        return (
            f"{positive}; {self._below(said)}" if self.negative in ("()", "p()", "-") else positive
        )

    @property
    def places(self) -> int:
        return self.digits

    @property
    def keyed(self) -> bool:
        return self.width > 0


def candidates(texts: list[str]) -> Iterator[Amount]:
    """Forms that some of the texts may have, the commoner first."""
    found: dict[tuple[str, str], list[re.Match[str]]] = {}
    for text in texts:
        match = _TEXT.fullmatch(text) if len(text) <= 60 else None
        if match is not None and _around(match["prefix"], match["suffix"]):
            found.setdefault((match["prefix"], match["suffix"]), []).append(match)
    for (prefix, suffix), matches in sorted(found.items(), key=lambda item: -len(item[1])):
        negative, minus = _negative(matches)
        signed = any("+" in match["first"] + match["second"] for match in matches)
        for style in _styles([match["number"] for match in matches]):
            form = Amount(prefix, suffix, *style, negative=negative, minus=minus, signed=signed)
            if form.ok():
                yield form


def _around(prefix: str, suffix: str) -> bool:
    """Whether these are a currency and a unit, not the beginning of a code."""
    if len(suffix) > _LONGEST_UNIT or not _UNIT.fullmatch(suffix):
        return False
    return not prefix or _CURRENCY.fullmatch(prefix) is not None


def _negative(matches: list[re.Match[str]]) -> tuple[str, str]:
    """Where the sign of numbers below nought stands, and the sign."""
    ways: Counter[tuple[str, str]] = Counter()
    for match in matches:
        closed = match["end"] or (match["close"] and not match["suffix"])
        if match["open"] and closed:
            ways["()", "-"] += 1
        elif match["inner"] and match["close"]:
            ways["p()", "-"] += 1
        elif match["first"] and match["first"] != "+":
            ways["-p", match["first"]] += 1
        elif match["second"] and match["second"] != "+":
            ways["p-", match["second"]] += 1
        elif match["last"]:
            ways["-", match["last"]] += 1
    return ways.most_common(1)[0][0] if ways else ("", "-")


Style = tuple[int, bool, str, str, bool, int]


def _styles(numbers: list[str]) -> Iterator[Style]:
    """Digits, trimmed, point, mark, lakh and width that the numbers may have."""
    signs = Counter(sign for number in numbers for sign in number if not sign.isdecimal())
    if not signs:
        widths = {len(number) for number in numbers}
        noughts = any(number[0] == "0" and len(number) > 1 for number in numbers)
        if not noughts:
            yield (0, False, "", "", False, 0)
        elif len(widths) == 1:
            yield (0, False, "", "", False, min(widths.pop(), MOST_WIDTH))
        return
    last = Counter(_signs(number)[-1] for number in numbers if _signs(number))
    for mark in sorted(signs, key=lambda sign: sign in last):
        others = [sign for sign in signs if sign != mark]
        point = others[0] if len(others) == 1 else ""
        if mark in _MARKS and point in (".", ",", "") and _thousands(numbers, mark, point):
            lakh = any(len(group) == 2 for group in _groups(numbers, mark, point))
            yield from _fractions(numbers, point, mark, lakh=lakh)
    point = next((sign for sign in signs if sign in ".,"), "")
    if len(signs) == 1 and point:
        yield from _fractions(numbers, point, "", lakh=False)


def _signs(number: str) -> str:
    return "".join(sign for sign in number if not sign.isdecimal())


def _groups(numbers: list[str], mark: str, point: str) -> Iterator[str]:
    for number in numbers:
        whole = number.partition(point)[0] if point else number
        yield from whole.split(mark)[1:]


def _thousands(numbers: list[str], mark: str, point: str) -> bool:
    """Whether the sign keeps thousands apart in most numbers that are long enough."""
    wholes = [number.partition(point)[0] if point else number for number in numbers]
    grouped = [whole for whole in wholes if mark in whole]
    shape = re.compile(rf"[1-9]\d{{0,2}}({re.escape(mark)}\d{{2,3}})*{re.escape(mark)}\d{{3}}")
    good = sum(shape.fullmatch(whole) is not None for whole in grouped)
    bare = sum(len(whole) > 3 for whole in wholes if mark not in whole)
    return bool(grouped) and good >= 0.9 * len(grouped) and bare <= 0.1 * len(wholes)


def _fractions(numbers: list[str], point: str, mark: str, *, lakh: bool) -> Iterator[Style]:
    if not point:
        yield (0, False, "", mark, lakh, 0)
        return
    lengths = Counter(len(number.rpartition(point)[2]) for number in numbers if point in number)
    whole = sum(point not in number for number in numbers)
    most = min(max(lengths), MOST_DIGITS)
    if len(lengths) == 1 and not whole:
        yield (most, False, point, mark, lakh, 0)
        return
    usual = lengths.most_common(1)[0][0]
    yield (most, True, point, mark, lakh, 0)
    if usual <= MOST_DIGITS:
        yield (usual, False, point, mark, lakh, 0)
