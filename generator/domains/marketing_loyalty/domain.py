"""Campaigns and what came back."""

from generator.domains.graph import Domain
from generator.domains.marketing_loyalty.marketing_campaign import MARKETING_CAMPAIGN

DOMAIN = Domain(
    "marketing_loyalty",
    "Marketing",
    "Campaigns and what came back",
    (MARKETING_CAMPAIGN,),
)
