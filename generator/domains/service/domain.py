"""The workshop: what is done, for whom, by whom, at what price."""

from generator.domains.graph import Domain
from generator.domains.service.labor_operation import LABOR_OPERATION

DOMAIN = Domain(
    "service",
    "Workshop",
    "What is done to cars, for whom, by whom, at what price",
    (LABOR_OPERATION,),
)
