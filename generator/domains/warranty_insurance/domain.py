"""What is covered of cars, and what is claimed for it."""

from generator.domains.graph import Domain
from generator.domains.warranty_insurance.warranty import WARRANTY
from generator.domains.warranty_insurance.warranty_claim import WARRANTY_CLAIM

DOMAIN = Domain(
    "warranty_insurance",
    "Warranty",
    "What is covered of cars, and what is claimed for it",
    (
        WARRANTY,
        WARRANTY_CLAIM,
    ),
)
