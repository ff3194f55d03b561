"""What comes out, beside what was published: ``make realism``.

Two bundles are made.  *seed* keeps the stated rules of the platform; figures that they override are
listed and not scored.  *published* asks for the published values (what-if), with 200 dealers of
many makes; figures about staff are of stores of the usual size, which these are not (they sell
thirty cars a year, not sixteen hundred), so that they are read from a bundle of the same what-if
with eight usual stores.  Each published figure is passed when a share is within the larger of 5 %
of it and two standard errors, and never 0; a mean or median within 5 %.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import generator
from tests.benchmarks._realism_points import dependences, points

PUBLISHED = {"lead_conversion_90d": 0.167, "light_truck_share": 0.823}
MODES: dict[str, dict[str, Any]] = {
    "seed": {"rows": {"deal": 3_000}},
    "published": {
        "rows": {"deal": 6_000, "dealer": 200, "vehicle_telemetry_event": 200_000},
        "set": PUBLISHED,
    },
}
STAFF = "staff_member"
USUAL_STORES: dict[str, Any] = {
    "rows": {"deal": 13_000, "dealer": 8},
    "tables": [STAFF, "party"],
    "set": PUBLISHED,
}
"""1,630 deals a year each: 66.6 people, at 10.2 cars a seller and month."""

RELATIVE, ERRORS = 0.05, 2 / 3  # of the target; of the comparison's three standard errors
FEWEST = 30
SLACK = 0.06  # by which an assumed strength may be missed however many rows there are


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--deals", type=int, help="deals of each bundle")
    parser.add_argument("--only", choices=tuple(MODES))
    options = parser.parse_args()
    for mode, recipe in MODES.items():
        if options.only in (None, mode):
            rows = {**recipe["rows"], **({"deal": options.deals} if options.deals else {})}
            with tempfile.TemporaryDirectory() as folder:
                bundle = _made({**recipe, "rows": rows}, Path(folder) / "bundle")
                usual = mode == "published"
                stores = _made(USUAL_STORES, Path(folder) / "stores") if usual else bundle
                _report(mode, bundle, stores)


def _made(recipe: dict[str, Any], out: Path) -> Path:
    document = {"seed": 7, "from": "2025-01-01", "to": "2025-12-31", "formats": ["parquet"]}
    profile = generator.automotive()
    plan = generator.plan(profile, generator.Recipe.from_dict({**document, **recipe}))
    generator.sample(profile, plan, out, workers=2)
    return out


def _report(mode: str, bundle: Path, stores: Path) -> None:
    """``stores``: the bundle that figures about staff are of."""
    of_staff = {one["id"]: one for one in _references(stores) if one["table"] == STAFF}
    passed = scored = 0
    print(f"\n## {mode}")
    for one in (of_staff.get(found["id"], found) for found in _references(bundle)):
        verdict = said(one)
        scored += verdict in ("pass", "FAIL")
        passed += verdict == "pass"
        print(
            f"{verdict:<11} {one['id']:<34} n={one['rows']:<8} "
            f"target {_short(one['target'])}  reached {_short(one['reached'])}"
        )
    print(f"{passed} of {scored} usable published figures pass ({passed / max(scored, 1):.1%})")
    print("\n# Dependences: what is assumed or published, and what was reached")
    for one in _references(bundle):
        if one["reason"]:
            print(leaning(one))
    for line in dependences(bundle):
        print(line)
    print("\n# What was seen in the first tables, before and now")
    for line in points(bundle, stores):
        print(line)


def _references(bundle: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((bundle / "comparison.json").read_text("utf-8"))[
        "references"
    ]
    return found


def leaning(one: dict[str, Any]) -> str:
    """How strongly a choice leans on a reason, beside what is assumed or published of it."""
    off = one["gap"] > max(SLACK, one["tolerance"]) or one["reached"] * one["target"] < 0
    verdict = "few rows" if one["rows"] < FEWEST else "OFF" if off else "as said"
    says = "assumed" if one["assumption"] else "published"
    return (
        f"{verdict:<9} {one['reason']:<10} {one['choice']:<15} {one['id']:<22} {one['kind']:<9} "
        f"n={one['rows']:<7} {says} {one['target']:+.3f} reached {one['reached']:+.3f}"
    )


def said(one: dict[str, Any]) -> str:
    """Whether a figure is passed, or why nothing is said of it."""
    if one["assumption"]:
        return "assumption"
    if one["confidence"] == "rule":
        return "rule"
    if one["overridden"]:
        return "overridden"
    if one["rows"] < FEWEST:
        return "few rows"
    return "pass" if _passes(one) else "FAIL"


def _passes(one: dict[str, Any]) -> bool:
    if isinstance(one["target"], dict):
        shares = one["reached"]
        apart = sum(abs(shares[label] - part) for label, part in one["target"].items()) / 2
        zero = any(part > 0.01 and not shares[label] for label, part in one["target"].items())
        noise = _noise(one)
        return not zero and (apart <= RELATIVE or one["gap"] <= noise)
    if one["kind"] == "share":
        near = max(RELATIVE * one["target"], _noise(one))
        return bool(one["reached"]) and one["gap"] <= near
    return bool(one["gap"] <= max(RELATIVE, 0.0))


def _noise(one: dict[str, Any]) -> float:
    """Two standard errors."""
    share = max(one["target"].values()) if isinstance(one["target"], dict) else one["target"]
    return float(2 * (max(share * (1 - share), 0.0) / one["rows"]) ** 0.5)


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{label}:{part:.3g}" for label, part in list(value.items())[:6])
    return f"{value:,.4g}"


if __name__ == "__main__":
    main()
