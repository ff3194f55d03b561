"""What days and times of day are made of, as the tokens of a template say it."""

from __future__ import annotations

from datetime import date


def century(short: int) -> int:
    """As POSIX reads years of two digits."""
    return short + (1900 if short >= 69 else 2000)


def seconds(part: dict[str, str]) -> int:
    hour = int(part.get("hour", 0))
    if "twelve" in part:
        hour = int(part["twelve"]) % 12 + 12 * (part["half"][0] in "pP")
    return 3600 * hour + 60 * int(part.get("minute", 0)) + int(part.get("second", 0))


def day_parts(day: date) -> dict[str, str]:
    iso = day.isocalendar()
    nth = {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10 if day.day not in (11, 12, 13) else 0, "th")
    return {
        "YYYY": f"{day.year:04}",
        "YY": f"{day.year % 100:02}",
        "MM": f"{day.month:02}",
        "M": str(day.month),
        "DD": f"{day.day:02}",
        "D": str(day.day),
        "th": nth,
        "DDD": f"{day.timetuple().tm_yday:03}",
        "Q": str((day.month + 2) // 3),
        "WW": f"{iso.week:02}",
        "E": str(iso.weekday),
        "name": str(day.month - 1),
        "called": str(day.weekday()),
    }


def clock_parts(second: int) -> dict[str, str]:
    hour, minute, second = second // 3600, second // 60 % 60, second % 60
    twelve, late = (hour + 11) % 12 + 1, hour >= 12
    return {
        "hh": f"{hour:02}",
        "h": str(hour),
        "II": f"{twelve:02}",
        "I": str(twelve),
        "mm": f"{minute:02}",
        "ss": f"{second:02}",
        "AM": "PM" if late else "AM",
        "am": "pm" if late else "am",
        "a.m.": "p.m." if late else "a.m.",
        "A.M.": "P.M." if late else "A.M.",
    }
