"""The workshop: what is done, for whom, by whom, at what price."""

from generator.domains.graph import Domain
from generator.domains.service.labor_operation import LABOR_OPERATION
from generator.domains.service.repair_order import REPAIR_ORDER
from generator.domains.service.repair_order_line import REPAIR_ORDER_LINE
from generator.domains.service.service_appointment import SERVICE_APPOINTMENT
from generator.domains.service.service_order import SERVICE_ORDER

DOMAIN = Domain(
    "service",
    "Workshop",
    "What is done to cars, for whom, by whom, at what price",
    (LABOR_OPERATION, SERVICE_APPOINTMENT, SERVICE_ORDER, REPAIR_ORDER, REPAIR_ORDER_LINE),
)
