"""Every mess of the platform, one a file.

A file in this folder is a mess by being there: a module with ``MESS``.  Nothing lists them.
What some of them share is in modules whose names begin with “_”.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from generator.staging import Mess


def every() -> tuple[Mess, ...]:
    """In the order of their names, which is that of making them."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    names = sorted(name for name in found if not name.startswith("_"))
    return tuple(import_module(f"{__name__}.{name}").MESS for name in names)


MESSES = every()
