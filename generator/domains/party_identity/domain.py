"""People and companies behind every role."""

from generator.domains.graph import Domain
from generator.domains.party_identity.communication_channel import COMMUNICATION_CHANNEL
from generator.domains.party_identity.customer import CUSTOMER
from generator.domains.party_identity.dealer import DEALER
from generator.domains.party_identity.org_profile import ORG_PROFILE
from generator.domains.party_identity.party import PARTY
from generator.domains.party_identity.party_address import PARTY_ADDRESS

DOMAIN = Domain(
    "party_identity",
    "Party & identity",
    "People and companies behind every role",
    (
        PARTY,
        PARTY_ADDRESS,
        COMMUNICATION_CHANNEL,
        ORG_PROFILE,
        DEALER,
        CUSTOMER,
    ),
)
