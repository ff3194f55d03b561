"""README.md of a bundle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from generator.profile import Plan, Profile
from generator.sample.parts import Written


def readme(profile: Profile, plan: Plan, files: Sequence[Written], *, engine_version: str) -> str:
    lines = [
        "# Synthetic data",
        "",
        f"Made by Proving Ground {engine_version} from the profile {profile.name} "
        f"{profile.version}, seed {plan.recipe.seed}. No row is about anybody. The same "
        "recipe, profile and version give the same bytes; `recipe` in manifest.json is the recipe.",
        "",
        "`dictionary.md` says what tables and columns are, `diagram.svg` how they belong together.",
        "",
        "| File | Table | Rows | Bytes | SHA-256 |",
        "|---|---|---:|---:|---|",
        *(line for _, some in groupby(files, key=_place) for line in _lines(list(some))),
        "",
    ]
    return "\n".join(lines)


def _place(file: Written) -> str:
    """The folder a file lies in, or the file itself."""
    folder, mark, _ = file.path.rpartition("/")
    return folder if mark else file.path


def _lines(files: Sequence[Written]) -> Iterator[str]:
    """A file a line; a folder of parts is one line, whose parts manifest.json lists."""
    first = files[0]
    rows, size = sum(file.rows for file in files), sum(file.bytes for file in files)
    folder = first.path != _place(first)
    name = f"{_place(first)}/ ({len(files):,} files)" if folder else first.path
    digest = "in manifest.json" if folder else first.sha256
    yield f"| {name} | {first.table or ''} | {rows or ''} | {size} | {digest} |"
