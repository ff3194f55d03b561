"""How many technicians a workshop wants for what it does, and how many days they are there."""

from __future__ import annotations

from generator.leaves.figures import Figures

WEEK = 7


def days_at_work(figures: Figures, days: float) -> float:
    """Days that a technician works of so many."""
    return max(days * float(figures["technician_days_a_week"]) / WEEK, 1.0)


def technicians_for(figures: Figures, orders: float, lines: float, days: float) -> float:
    """Technicians who do so many repair orders, or lines of them, in so many days as usual."""
    jobs = max(orders, lines / float(figures["lines_per_order"]))
    return jobs / (days_at_work(figures, days) * float(figures["orders_a_day"]))
