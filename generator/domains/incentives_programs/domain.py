"""Rebate programmes with their gates and windows, applied to deals and claimed back."""

from generator.domains.graph import Domain
from generator.domains.incentives_programs.deal_incentive import DEAL_INCENTIVE
from generator.domains.incentives_programs.incentive_program import INCENTIVE_PROGRAM

DOMAIN = Domain(
    "incentives_programs",
    "Incentives and programs",
    "Rebate programmes with their gates and windows, applied to deals and claimed back",
    (
        INCENTIVE_PROGRAM,
        DEAL_INCENTIVE,
    ),
)
