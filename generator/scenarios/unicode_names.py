"""People whose names are written with more than plain letters: accents, other scripts."""

from __future__ import annotations

from generator.staging import Scenario, Scene

NAMES = (  # given name, family name
    ("Zoë", "Müller-Lüdenscheidt"),
    ("José María", "Núñez y Ibáñez"),
    ("Siobhán", "O’Súilleabháin"),
    ("Łukasz", "Wiśniewski"),
    ("Nguyễn", "Thị Ánh"),
    ("Øyvind", "Ågård"),
    ("Çağla", "Şimşek"),
    ("Αθηνά", "Παπαδοπούλου"),
    ("Ольга", "Щербакова"),
    ("美咲", "田中"),
    ("지우", "김"),
    ("ليلى", "الحداد"),
    ("Zoe\u0308", "D’A\u0301vila"),  # the accents are characters of their own
    ("𠮷男", "髙橋"),  # beyond the first 65,536 characters
)


def stage(scene: Scene, n: int) -> None:
    people = scene.is_one_of("party", "party_type", "CUSTOMER")
    people &= scene.is_one_of("party", "party_status_type", "ACTIVE")
    people &= ~scene.missing("party", "given_name")
    rows = scene.chosen("party", people, n)
    lots = (scene.lots("party", "name")[rows] * len(NAMES)).astype(int).tolist()
    names = [NAMES[lot] for lot in lots]
    scene.set("party", "given_name", rows, [given for given, _ in names])
    scene.set("party", "family_name", rows, [family for _, family in names])
    scene.set("party", "middle_name", rows, [None] * n)
    scene.set("party", "full_name", rows, [f"{given} {family}" for given, family in names])
    scene.list("party", rows, [f"is called {given} {family}" for given, family in names])


SCENARIO = Scenario(
    name="unicode_names",
    title="Names beyond plain letters",
    meaning="People with accents, combining characters and other scripts in their names.",
    table="party",
    stage=stage,
    share=0.1,
)
