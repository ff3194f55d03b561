"""Profiles by the names people give them."""

from __future__ import annotations

from pathlib import Path

from generator.domains import automotive
from generator.errors import RequestError, shown
from generator.profile import Profile

BUILT_IN = {"automotive": automotive}


def open_profile(name: str) -> Profile:
    """A built-in profile by its name, or the fitted profile in a file.

    Raises ProfileError, or RequestError when there is neither.
    """
    if name in BUILT_IN:
        return BUILT_IN[name]()
    path = Path(name)
    if not _is_file(path):
        raise RequestError(
            f"There is no profile “{shown(name)}”; name {' or '.join(BUILT_IN)}, or a .profile "
            "file.",
            field="profile",
        )
    return load_profile(path)


def load_profile(path: Path) -> Profile:
    """The fitted or calibrated profile in a file.  Raises ProfileError for anything else."""
    # Neither is needed by those who only draw a built-in profile, and both take their time to come.
    from generator.fitted import load_profile as load_file
    from generator.onto import BASES

    return load_file(path, BASES)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long, or with a NUL: nothing can be there
        return False
