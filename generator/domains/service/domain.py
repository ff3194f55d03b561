"""The workshop: what is done, for whom, by whom, at what price."""

from generator.domains.graph import Domain
from generator.domains.service.labor_operation import LABOR_OPERATION
from generator.domains.service.repair_order import REPAIR_ORDER
from generator.domains.service.repair_order_line import REPAIR_ORDER_LINE

DOMAIN = Domain(
    "service",
    "Workshop",
    "What is done to cars, for whom, by whom, at what price",
    (LABOR_OPERATION, REPAIR_ORDER, REPAIR_ORDER_LINE),
)
