"""Leads worked into deals."""
