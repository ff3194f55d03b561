"""What all domains share: areas, and the history of states."""

from generator.domains.core.geographic_boundary import GEOGRAPHIC_BOUNDARY
from generator.domains.core.lifecycle_status_event import LIFECYCLE_STATUS_EVENT
from generator.domains.graph import Domain

DOMAIN = Domain(
    "core",
    "Core",
    "What all domains share: areas, and the history of states",
    (GEOGRAPHIC_BOUNDARY, LIFECYCLE_STATUS_EVENT),
)
