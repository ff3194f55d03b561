"""People whose names fill their columns to the last character."""

from __future__ import annotations

from generator.staging import Scenario, Scene

PART = "Wolfeschlegelsteinhausenbergerdorff-"
COLUMNS = ("given_name", "middle_name", "family_name", "full_name")


def stage(scene: Scene, n: int) -> None:
    people = scene.is_one_of("party", "party_type", "CUSTOMER")
    people &= scene.is_one_of("party", "party_status_type", "ACTIVE")
    people &= ~scene.missing("party", "given_name")
    rows = scene.chosen("party", people, n)
    for column in COLUMNS:
        kept = scene.column("party", column)[rows]
        most = scene.schema["party"].column(column).length or len(PART)
        scene.set("party", column, rows, [_filled(name or "", most) for name in kept])
    lengths = [scene.schema["party"].column(column).length for column in COLUMNS]
    scene.list("party", rows, f"names of {', '.join(map(str, lengths))} characters")


def _filled(name: str, most: int) -> str:
    """The name and as much behind it as there is room for."""
    return (f"{name} " + PART * most).strip()[: most - 1] + "f"


SCENARIO = Scenario(
    name="longest_names",
    title="Names of the greatest length",
    meaning="People whose names are as long as their columns allow.",
    table="party",
    stage=stage,
    share=0.1,
)
