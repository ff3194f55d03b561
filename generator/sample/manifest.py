"""The documents beside the data: what its tables are, how they look together, what was made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from generator.diagram import diagram
from generator.dictionary import dictionary
from generator.fitted import FittedWorld, rules_document
from generator.sample.datapackage import datapackage
from generator.sample.increments import increments_document
from generator.sample.parts import Parts, Written, written
from generator.sample.readme import readme
from generator.sample.run import Run
from generator.sample.stage import scenarios_document
from generator.write import disk_errors

ENGINE_VERSION = "0.1.0"


def describe(
    run: Run,
    folder: Path,
    files: list[Written],
    parts: Parts,
) -> dict[str, Any]:
    """Write the documents; the manifest names all the others, the rows of each table, row by row
    what was done on purpose, and the files of increments."""
    order = {table.name: at for at, table in enumerate(run.tables)}
    files = sorted(files, key=lambda file: (order.get(file.table or "", -1), file.path))
    write_json(folder / "datapackage.json", datapackage(run.profile, files))
    text = readme(run.profile, run.plan, files, engine_version=ENGINE_VERSION)
    texts = {
        "README.md": text,
        "dictionary.md": dictionary(run.tables, run.profile.titles),
        "diagram.svg": diagram(run.tables, title=run.profile.title, titles=run.profile.titles),
    }
    for name, content in texts.items():
        with disk_errors(f"writing {name}"):
            (folder / name).write_text(content, encoding="utf-8")
    for name in ("datapackage.json", *texts):
        ending = name.rsplit(".", 1)[1].lower()
        files.append(written(folder, name, table=None, format=ending, rows=0))
    manifest = _manifest(run, files, parts.rows)
    manifest |= scenarios_document(run, parts.listed, parts.eligible) | increments_document(
        run, parts.changed
    )
    write_json(folder / "manifest.json", manifest)
    return manifest


def _manifest(run: Run, files: list[Written], rows: Mapping[str, int]) -> dict[str, Any]:
    profile, plan = run.profile, run.plan
    return {
        "engine_version": ENGINE_VERSION,
        "profile": {
            "name": profile.name,
            "version": profile.version,
            "kind": profile.kind,
            "hash": profile.hash,
            **({"base": profile.base} if profile.base != profile.name else {}),
        },
        "recipe": plan.recipe.to_dict(),
        "plan": {
            "counts": [asdict(count) for count in plan.counts],
            "notes": list(plan.notes),
            "as_of": plan.world.get("as_of"),
        },
        "rows": dict(rows),
        "schema": {
            "meaning": profile.schema.meaning,
            "tables": [
                entry for entry in profile.schema.to_dict()["tables"] if entry["name"] in run.totals
            ],
        },
        "files": [file.document() for file in files],
        **({"found": found} if (found := rules_document(profile.rules)) else {}),
        **_asked(run),
    }


def _asked(run: Run) -> dict[str, Any]:
    """How columns are read that the recipe of a fitted profile asks something of."""
    world = run.profile.world
    if not isinstance(world, FittedWorld):
        return {}
    asked = world.asked_document(run.plan)
    return {"asked": asked} if asked else {}


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
LINED = 3  # levels of a document whose entries stand in lines of their own


def write_json(path: Path, document: Any) -> None:
    with disk_errors(f"writing {path.name}"):
        path.write_text(_lines(document, LINED) + "\n", encoding="utf-8")


def _lines(value: Any, levels: int, margin: str = "") -> str:
    """JSON with a line for each entry of the outer levels, and each entry of the last of them in
    one line: ``json`` alone indents in Python, which takes eight times as long."""
    if not levels or not value or not isinstance(value, (dict, list)):
        return _ENCODER.encode(value)
    inner = margin + " "
    if isinstance(value, dict):
        told = [
            f"{_ENCODER.encode(str(name))}: {_lines(one, levels - 1, inner)}"
            for name, one in value.items()
        ]
        opens, closes = "{", "}"
    else:
        told = [_lines(one, levels - 1, inner) for one in value]
        opens, closes = "[", "]"
    return f"{opens}\n{inner}" + f",\n{inner}".join(told) + f"\n{margin}{closes}"
