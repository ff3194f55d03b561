"""What every distribution is: a class with a word, numbers, and an inverse distribution."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from generator.errors import ProfileError, shown

Uniforms = NDArray[np.float64]


class Leaf:
    """A distribution.  A subclass is a frozen dataclass whose fields are its numbers.

    ``kind`` is the word a document names it by, its fields are the document's other names.  A
    leaf that can be counted from values has a class method ``counted(values, k)`` as well; one
    that cannot is counted as ``quantiles``.
    """

    kind: ClassVar[str]

    def draw(self, u: Uniforms) -> NDArray[Any]:
        """Uniforms in [0, 1), shape (n,), to n values by inverse distribution."""
        raise NotImplementedError

    def document(self) -> dict[str, Any]:
        """The leaf in plain JSON types; ``read`` takes it back."""
        named = {part.name: getattr(self, part.name) for part in fields(self)}  # type: ignore[arg-type]
        plain = {name: _plain(value) for name, value in named.items()}
        return {"leaf": self.kind, **{n: v for n, v in plain.items() if v is not None}}

    @classmethod
    def read(cls, document: Mapping[str, Any], *, where: str) -> Self:
        """The leaf of a document.  Raises ProfileError naming ``where`` if a number is missing."""
        given = {
            part.name: number(document, part.name, where=where)
            for part in fields(cls)  # type: ignore[arg-type]
            if part.name in document or not _has_default(part)
        }
        return cls(**given)


def _has_default(part: Field[Any]) -> bool:
    return part.default is not MISSING


def _plain(value: Any) -> Any:
    """Tuples as lists; what has no bound is left out."""
    if isinstance(value, tuple):
        return list(value)
    return None if isinstance(value, float) and math.isinf(value) else value


def number(document: Mapping[str, Any], name: str, *, where: str) -> float:
    """A finite number of a document."""
    value = document.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise refused(where, name, value, "a number")
    return float(value)


def numbers(document: Mapping[str, Any], name: str, *, where: str) -> tuple[float, ...]:
    """A list of finite numbers of a document."""
    value = document.get(name)
    if not isinstance(value, list | tuple) or not value:
        raise refused(where, name, value, "a list of numbers")
    for item in value:
        if isinstance(item, bool) or not isinstance(item, int | float) or not math.isfinite(item):
            raise refused(where, name, item, "a list of numbers")
    return tuple(float(item) for item in value)


def refused(where: str, name: str, value: Any, allowed: str) -> ProfileError:
    said = "is missing" if value is None else f"is {shown(value)}"
    return ProfileError(f"{where}: “{name}” of its leaf {said}; it must be {allowed}.")


def inside(u: Uniforms) -> Uniforms:
    """Uniforms kept off 0 and 1, where some distributions have no value."""
    return np.clip(u, 2.0**-54, 1 - 2.0**-53)
