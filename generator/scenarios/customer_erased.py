"""A customer has asked to be forgotten: nothing personal is kept, what was done stays."""

from __future__ import annotations

import re

import numpy as np

from generator.staging import Scenario, Scene

ERASED = "ERASED"


def stage(scene: Scene, n: int) -> None:
    party = scene.row_of("customer", "party_key")
    active = scene.is_one_of("party", "party_status_type", "ACTIVE")
    eligible = (party >= 0) & active[np.maximum(party, 0)] & ~_traded(scene)
    eligible &= scene.free("party")[np.maximum(party, 0)]
    rows = scene.chosen("customer", eligible, n)
    people = party[rows]
    names = [_names(scene, person) for person in people.tolist()]
    for column in scene.schema["party"].columns:
        if column.personal and column.nullable:
            scene.set("party", column.name, people, [None] * n)
    scene.set("party", "full_name", people, [ERASED] * n)
    scene.set("party", "party_status_type", people, ["PURGED"] * n)
    keys = scene.keys("customer", rows)
    scene.list("customer", rows, "asked to be forgotten")
    scene.list("party", people, "nothing personal is kept", of=keys, breaks=["R011.1"])
    _forget_places(scene, people, keys)
    _forget_words(scene, rows, names, keys)


def _traded(scene: Scene) -> np.ndarray:
    """Customers with a lead or a deal, which has a person behind it."""
    traded = np.zeros(scene.count("customer"), dtype=bool)
    for table in ("sales_lead", "deal"):
        if table in scene.rows:
            rows = scene.row_of(table, "customer_key")
            traded[rows[rows >= 0]] = True
    return traded


def _forget_places(scene: Scene, people: np.ndarray, keys: list[str]) -> None:
    """Street, line of communication and what could be guessed from either."""
    if "party_address" in scene.rows:
        homes = scene.children("party_address", "party_key", people)
        at = scene.places(people, scene.row_of("party_address", "party_key")[homes])
        scene.set("party_address", "address_line1", homes, [ERASED] * len(homes))
        scene.set("party_address", "address_line2", homes, [None] * len(homes))
        scene.list("party_address", homes, "street erased", of=[keys[place] for place in at])
    if "communication_channel" in scene.rows:
        lines = scene.children("communication_channel", "party_key", people)
        at = scene.places(people, scene.row_of("communication_channel", "party_key")[lines])
        scene.set("communication_channel", "value", lines, [ERASED] * len(lines))
        scene.set("communication_channel", "preferred_indicator", lines, [False] * len(lines))
        scene.list(
            "communication_channel",
            lines,
            "number or address erased",
            of=[keys[place] for place in at],
        )


def _names(scene: Scene, person: int) -> re.Pattern[str]:
    """What a text may call a person by."""
    called = {
        str(scene.rows["party"].column(column)[person].as_py() or "")
        for column in ("full_name", "given_name", "family_name", "email_address", "phone_number")
    }
    words = sorted((re.escape(name) for name in called if name), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)


def _forget_words(
    scene: Scene, rows: np.ndarray, names: list[re.Pattern[str]], keys: list[str]
) -> None:
    """What was said with a customer is erased whole, as people misspell names; what was written
    about the work keeps all but the name."""
    for table, said in sorted(scene.rows.items()):
        link = next((one for one in scene.schema[table].links if one.parent == "customer"), None)
        texts = [one for one in scene.schema[table].columns if one.personal == "free_text"]
        if link is None or not texts or not said.num_rows:
            continue
        theirs = scene.children(table, link.column, rows)
        at = scene.places(rows, scene.row_of(table, link.column)[theirs])
        changed = np.zeros(len(theirs), dtype=bool)
        for column in texts:
            was = said.column(column.name).take(theirs).to_pylist()
            now = [
                _without(text, names[place], whole=not column.nullable)
                for text, place in zip(was, at.tolist(), strict=True)
            ]
            other = np.array([a != b for a, b in zip(was, now, strict=True)], dtype=bool)
            some = np.flatnonzero(other)
            if len(some):
                scene.set(table, column.name, theirs[some], [now[row] for row in some])
            changed |= other
        mine = np.flatnonzero(changed)
        scene.list(table, theirs[mine], "words erased", of=[keys[place] for place in at[mine]])


def _without(text: str | None, names: re.Pattern[str], *, whole: bool) -> str | None:
    if text is None:
        return None
    return ERASED if whole else names.sub(ERASED, text)


SCENARIO = Scenario(
    name="customer_erased",
    title="Customer erased on request",
    meaning="A customer's name, numbers, street and words are erased; what was done stays.",
    table="customer",
    stage=stage,
    needs=("party",),
    breaks=("R011.1",),
    share=0.05,
)
