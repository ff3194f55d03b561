"""Campaigns and what came back."""
