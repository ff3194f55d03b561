"""Who works where, since when, for what pay."""

from generator.domains.graph import Domain
from generator.domains.human_resources.personnel_record import PERSONNEL_RECORD
from generator.domains.human_resources.staff_member import STAFF_MEMBER

DOMAIN = Domain(
    "human_resources",
    "People at work",
    "Who works where, since when, for what pay",
    (
        STAFF_MEMBER,
        PERSONNEL_RECORD,
    ),
)
