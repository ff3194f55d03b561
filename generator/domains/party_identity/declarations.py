"""The tables of the domain that are not roles, ready to be drawn."""

from generator.domains.party_identity.address import PARTY_ADDRESS
from generator.domains.party_identity.organisations import ORG_PROFILE
from generator.domains.party_identity.party import PARTY

__all__ = ["ORG_PROFILE", "PARTY", "PARTY_ADDRESS"]
