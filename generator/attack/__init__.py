"""Attacks on synthetic rows: what whoever holds them could find out of the rows that were learnt,
each beside what unseen rows would have told anyway."""

from generator.attack.attack import Attack, attack_from
from generator.attack.inference import inferred
from generator.attack.linkage import linked
from generator.attack.membership import Near, Shadow, by_density, by_distance, by_shadows, outliers
from generator.attack.neighbours import nearest, neighbours
from generator.attack.replay import replayed
from generator.attack.sharing import LIMITS, SCOPES, Limit, Sharing, sharing_of
from generator.attack.singling import singled_out

__all__ = [
    "LIMITS",
    "SCOPES",
    "Attack",
    "Limit",
    "Near",
    "Shadow",
    "Sharing",
    "attack_from",
    "by_density",
    "by_distance",
    "by_shadows",
    "inferred",
    "linked",
    "nearest",
    "neighbours",
    "outliers",
    "replayed",
    "sharing_of",
    "singled_out",
]
