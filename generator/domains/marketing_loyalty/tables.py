"""The platform's tables of the domain marketing_loyalty."""

from generator.domains.columns import (
    day,
    decimal,
    enum,
    integer,
    text,
)
from generator.schema import Link, Table

MARKETING_CAMPAIGN = Table(
    "marketing_campaign",
    domain="marketing_loyalty",
    meaning="Outreach programme with budget, period and channel",
    key="marketing_campaign_key",
    columns=(
        text("marketing_campaign_key", 50, unique=True),
        text("dealer_key", 50, "null = OEM-wide", nullable=True),
        text("program_name", 120),
        text("program_code", 30),
        enum("communication_channel_type", "CommunicationChannelTypes"),
        enum("marketing_channel_type", "MarketingChannelTypes"),
        enum("target_category_type", "VehicleCategoryTypes", nullable=True),
        text("campaign_objective", 30, "SALES_PUSH | SERVICE_REMINDER | WARRANTY_EXPIRY | LOYALTY"),
        decimal("budget_amount", 12, 2),
        decimal("spend_amount", 12, 2),
        day("start_date"),
        day("end_date"),
        integer("audience_size"),
        integer("sent_count"),
        integer("response_count"),
    ),
    links=(Link("dealer_key", "dealer", "dealer_key", "lookup"),),
)
