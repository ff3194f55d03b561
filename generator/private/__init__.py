"""Fits with differential privacy: what a profile knows was asked through a private eye, with noise
of OpenDP's, and written into a ledger.
"""

from generator.private.declared import Declared, declared_from, read_declared
from generator.private.fit import check_budget, fit_private
from generator.private.ledger import Budget, Ledger, Look
from generator.private.noise import Noise, OpenDP, epsilon_of, rho_of
from generator.private.units import check_unit

__all__ = [
    "Budget",
    "Declared",
    "Ledger",
    "Look",
    "Noise",
    "OpenDP",
    "check_budget",
    "check_unit",
    "declared_from",
    "epsilon_of",
    "fit_private",
    "read_declared",
    "rho_of",
]
