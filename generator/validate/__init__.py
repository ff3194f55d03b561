"""Checking tables: the rules of the schema, then the profile's own."""

from generator.validate.general import General, general_rules
from generator.validate.validation import Validation, report_of, validate

__all__ = ["General", "Validation", "general_rules", "report_of", "validate"]
