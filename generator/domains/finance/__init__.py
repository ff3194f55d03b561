"""Invoices that add up and balance with their payments."""
