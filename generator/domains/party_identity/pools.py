"""Pools of names, drawn once from Faker and frozen as text files; and of streets, which Faker calls
by words that few have (Underpass, Stravenue): the usual names, the usual words behind them.

Bytes of a bundle must not change when Faker is upgraded, so a run reads the files.
``python -m generator.domains.party_identity.pools`` draws them anew.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

POOLS = {
    "given_names_female": ("first_name_female", 700),
    "given_names_male": ("first_name_male", 700),
    "family_names": ("last_name", 900),
}
FREEZE_SEED = 20_260_101
_LIMIT = 40


@cache
def pool(name: str) -> NDArray[np.object_]:
    """The pool's entries in their frozen order."""
    file = resources.files("generator") / "profiles" / "automotive" / "pools" / f"{name}.txt"
    return np.array(file.read_text(encoding="utf-8").splitlines(), dtype=object)


def pick(name: str, u: NDArray[np.float64]) -> NDArray[np.object_]:
    """Entries of a pool, all alike, by uniforms (n,)."""
    entries = pool(name)
    chosen: NDArray[np.object_] = entries[(u * len(entries)).astype(np.int64)]
    return chosen


def freeze(folder: Path) -> None:
    """Draw the pools of names from Faker's United States provider and write it into ``folder``."""
    from faker import Faker

    faker = Faker("en_US")
    faker.seed_instance(FREEZE_SEED)
    folder.mkdir(parents=True, exist_ok=True)
    for name, (provider, size) in POOLS.items():
        found: dict[str, None] = {}
        for _ in range(size * 50):
            text = getattr(faker, provider)()
            if text.isascii() and len(text) <= _LIMIT and "," not in text:
                found[text] = None
            if len(found) == size:
                break
        (folder / f"{name}.txt").write_text("\n".join(sorted(found)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    freeze(Path(__file__).parents[2] / "profiles" / "automotive" / "pools")
