"""``plan``: say what a bundle would hold."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

import generator
from generator.command_line.recipe import planned, recipe_options
from generator.command_line.terminal import DONE, say


def options(parser: argparse.ArgumentParser) -> None:
    recipe_options(parser)
    parser.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> int:
    _, plan = planned(options)
    if options.json:
        say(json.dumps(_document(plan), indent=1, ensure_ascii=False))
        return DONE
    for count in plan.counts:
        rows = f"{'about ' if count.estimated else ''}{count.rows:,}"
        say(f"{count.table:<28} {rows:>20}  {'as asked' if count.asked else count.why}")
    for note in plan.notes:
        say(f"Note: {note}")
    say(
        f"{plan.rows:,} rows, about {plan.bytes_estimate / 1e6:,.1f} MB and "
        f"{plan.seconds_estimate:,.0f} s, {len(plan.shards)} shards"
    )
    say(
        f"about {plan.memory_estimate() / 1e6:,.0f} MB of memory, and "
        f"{plan.memory_worker / 1e6:,.0f} MB for each further worker"
    )
    return DONE


def _document(plan: generator.Plan) -> dict[str, Any]:
    return {
        "recipe": plan.recipe.to_dict(),
        "counts": [asdict(count) for count in plan.counts],
        "notes": list(plan.notes),
        "rows": plan.rows,
        "shards": len(plan.shards),
        "bytes_estimate": plan.bytes_estimate,
        "seconds_estimate": plan.seconds_estimate,
        "memory_estimate": plan.memory_estimate(),
        "memory_worker": plan.memory_worker,
    }
