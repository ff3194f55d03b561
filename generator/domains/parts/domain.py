"""What there is to buy, what it costs, what lies on the shelves, who ordered what."""

from generator.domains.graph import Domain
from generator.domains.parts.part_inventory import PART_INVENTORY
from generator.domains.parts.part_master import PART_MASTER
from generator.domains.parts.part_order import PART_ORDER
from generator.domains.parts.part_order_item import PART_ORDER_ITEM
from generator.domains.parts.price_list_item import PRICE_LIST_ITEM
from generator.domains.parts.repair_order_part import REPAIR_ORDER_PART

DOMAIN = Domain(
    "parts",
    "Parts",
    "What there is to buy, what it costs, what lies on the shelves, who ordered what",
    (
        PART_MASTER,
        PRICE_LIST_ITEM,
        PART_INVENTORY,
        REPAIR_ORDER_PART,
        PART_ORDER,
        PART_ORDER_ITEM,
    ),
)
