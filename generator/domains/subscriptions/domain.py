"""Plans that cars are sold with, who keeps them, and what they switch on."""

from generator.domains.graph import Domain
from generator.domains.subscriptions.subscription_agreement import SUBSCRIPTION_AGREEMENT
from generator.domains.subscriptions.subscription_plan import SUBSCRIPTION_PLAN
from generator.domains.subscriptions.subscription_service import SUBSCRIPTION_SERVICE

DOMAIN = Domain(
    "subscriptions",
    "Subscriptions",
    "Plans that cars are sold with, who keeps them, and what they switch on",
    (
        SUBSCRIPTION_PLAN,
        SUBSCRIPTION_AGREEMENT,
        SUBSCRIPTION_SERVICE,
    ),
)
