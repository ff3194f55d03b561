"""What all domains share: the history of states."""

from generator.domains.core.lifecycle_status_event import LIFECYCLE_STATUS_EVENT
from generator.domains.graph import Domain

DOMAIN = Domain(
    "core",
    "Core",
    "What all domains share: the history of states",
    (LIFECYCLE_STATUS_EVENT,),
)
