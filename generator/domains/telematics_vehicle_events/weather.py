"""Degrees outside, by latitude, month and hour; a cold week is cold for everybody near by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import span
from generator.domains.graph import Draw

DAY_MS = 24 * 3_600_000
HOUR_MS = 3_600_000
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def ambient(draw: Draw, latitude: Floats, longitude: Floats, local: Ints) -> Floats:
    """Degrees Celsius at local moments (ms since 1970); arrays of one shape (n,)."""
    climate = draw.figures["climate"]
    coast = longitude < climate["coast_west_of"]
    north = latitude - climate["south"]
    mean = np.maximum(climate["mean"] - climate["cooler"] * north, climate["coldest"])
    swing = np.minimum(climate["swing"] + climate["wider"] * north, climate["widest"])
    swing = np.where(coast, climate["coast"] * swing, swing)
    day = local // DAY_MS
    season = -np.cos(2 * np.pi * (day - climate["coldest_day"]) / 365.25)
    hour = (local % DAY_MS) / HOUR_MS
    daily = climate["day"] * np.cos(2 * np.pi * (hour - climate["warmest_hour"]) / 24)
    spell = _spells(draw, day, _region(draw, latitude, longitude))
    fickle = 1 - climate["steady_summer"] * (season + 1) / 2
    return np.asarray(mean + swing * season + daily + climate["spell"] * fickle * spell)


def _region(draw: Draw, latitude: Floats, longitude: Floats) -> Ints:
    """One of eight: four from west to east, north and south of a line."""
    edges = draw.figures["weather_regions"]
    return np.asarray(
        np.searchsorted(edges["east_of"], longitude) * 2 + (latitude > edges["north_of"])
    )


def _spells(draw: Draw, day: Ints, region: Ints) -> Floats:
    """How far a day is off what is usual, in standard deviations, in a row of days alike."""
    fade = np.array(draw.figures["weather_memory"])
    first, last = (int(day.astype("datetime64[D]").astype(np.int64)) for day in span(draw))
    early, days = first - len(fade), last - first + len(fade) + 2
    regions = 2 * (len(draw.figures["weather_regions"]["east_of"]) + 1)
    u = draw.stream("weather").uniform(early * regions, (early + days) * regions)
    noise = (u.reshape(days, regions) - 0.5) * np.sqrt(12)
    spells = np.apply_along_axis(np.convolve, 0, noise, fade / np.sqrt((fade**2).sum()))
    return np.asarray(spells[np.clip(day - early, 0, days - 1), region])
