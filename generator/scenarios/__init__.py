"""Every scenario of the platform, one a file.

A file in this folder is a scenario by being there: a module with ``SCENARIO``.  Nothing lists them.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from generator.staging import Scenario


def every() -> tuple[Scenario, ...]:
    """In the order of their names, which is that of staging them."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(import_module(f"{__name__}.{name}").SCENARIO for name in names)


SCENARIOS = every()
