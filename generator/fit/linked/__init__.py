"""Learning tables along their links; see ``generator.fit.linked.tables``."""

from generator.fit.linked.bonds import Bond, bonds_of, links_not_learnt
from generator.fit.linked.halves import linked_halves
from generator.fit.linked.keys import keyed
from generator.fit.linked.tables import learn_tables

__all__ = ["Bond", "bonds_of", "keyed", "learn_tables", "linked_halves", "links_not_learnt"]
