"""The certificate of a profile that was fitted elsewhere: what its file says, as far as it has the
shape of a certificate.  Whatever else stands there is left out, so that no page meets it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from portal.verdicts import LIGHTS

LONGEST, MOST = 500, 2_000  # letters of a text, entries of a list or of an object
GONE = object()
Shape = Callable[[Any], Any]


def told(certificate: Any) -> dict[str, Any]:
    """Plain JSON types in the shape of a certificate; empty where nothing of it has it."""
    return dict(_certificate(certificate)) if isinstance(certificate, Mapping) else {}


def _number(value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if value is None or (number and abs(value) < 1e15 and isfinite(value)) else GONE


def _text(value: Any) -> Any:
    return value if isinstance(value, str) and len(value) <= LONGEST else GONE


def _level(value: Any) -> Any:
    return value if isinstance(value, str) and value in LIGHTS else GONE


def _list(of: Shape) -> Shape:
    def read(value: Any) -> Any:
        if not isinstance(value, list) or len(value) > MOST:
            return GONE
        return [one for one in map(of, value) if one is not GONE]

    return read


def _each(of: Shape) -> Shape:
    """An object whose names are anything short."""

    def read(value: Any) -> Any:
        if not isinstance(value, Mapping) or len(value) > MOST:
            return GONE
        kept = {name: of(one) for name, one in value.items() if _text(name) is not GONE}
        return {name: one for name, one in kept.items() if one is not GONE}

    return read


def _object(shapes: Mapping[str, Shape], *, needs: tuple[str, ...] = ()) -> Shape:
    """An object of these names; none at all where it lacks what it ``needs``."""

    def read(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return GONE
        kept = {name: of(value[name]) for name, of in shapes.items() if name in value}
        kept = {name: one for name, one in kept.items() if one is not GONE}
        lacking = [name for name in needs if kept.get(name) is None]
        return GONE if lacking else kept

    return read


_accuracy = _object({"accuracy": _number, "ceiling": _number}, needs=("accuracy", "ceiling"))
_both = {"column_shapes": _number, "column_pair_trends": _number}
_verdict = _object(
    {
        "measure": _text,
        "title": _text,
        "about": _text,
        "level": _level,
        "why": _text,
        "severity": _number,
        "score": _number,
        "ceiling": _number,
        "uses": _list(_text),
    },
    needs=("measure", "title", "about", "level", "why", "severity"),
)
_scores = _object(
    {
        "univariate": _accuracy,
        "bivariate": _accuracy,
        "trivariate": _accuracy,
        "sdmetrics": _object({**_both, "label": _text, "ceiling": _object(_both)}),
        "detection": _each(_each(_number)),
        "membership": _each(_each(_number)),
        "copies": _each(_each(_number)),
        "verdicts": _list(_verdict),
    }
)
_certificate = _object(
    {"scores": _scores, "note": _text, "rules": _list(_text), "not_understood": _list(_text)}
)
