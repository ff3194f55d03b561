"""Who works where, since when, for what pay."""

from generator.domains.graph import Domain
from generator.domains.human_resources.payroll_component import PAYROLL_COMPONENT
from generator.domains.human_resources.payroll_cycle import PAYROLL_CYCLE
from generator.domains.human_resources.payroll_run import PAYROLL_RUN
from generator.domains.human_resources.payroll_stub import PAYROLL_STUB
from generator.domains.human_resources.personnel_record import PERSONNEL_RECORD
from generator.domains.human_resources.staff_member import STAFF_MEMBER
from generator.domains.human_resources.time_attendance import TIME_ATTENDANCE
from generator.domains.human_resources.time_off_event import TIME_OFF_EVENT

DOMAIN = Domain(
    "human_resources",
    "People at work",
    "Who works where, since when, for what pay",
    (
        STAFF_MEMBER,
        PERSONNEL_RECORD,
        TIME_OFF_EVENT,
        TIME_ATTENDANCE,
        PAYROLL_CYCLE,
        PAYROLL_RUN,
        PAYROLL_STUB,
        PAYROLL_COMPONENT,
    ),
)
