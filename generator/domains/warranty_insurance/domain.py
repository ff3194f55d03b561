"""What is covered of cars, by whom and how long."""

from generator.domains.graph import Domain
from generator.domains.warranty_insurance.warranty import WARRANTY

DOMAIN = Domain(
    "warranty_insurance",
    "Warranty",
    "What is covered of cars, by whom and how long",
    (WARRANTY,),
)
