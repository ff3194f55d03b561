"""Value lists of the platform's enumerated columns, by the platform's own names."""

from __future__ import annotations

import tomllib
from importlib.resources import files

ENUMS: dict[str, tuple[str, ...]] = {
    name: tuple(values)
    for name, values in tomllib.loads(
        files("generator.domains").joinpath("enums.toml").read_text(encoding="utf-8")
    ).items()
}
