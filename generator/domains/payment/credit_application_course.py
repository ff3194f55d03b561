"""What is known of a credit application at a moment: worked on, then decided."""

from __future__ import annotations

import numpy as np

from generator.domains.courses import Stage, Steps
from generator.domains.graph import Draw

BEGUN = "INITIATING"
REVEALS = dict.fromkeys(
    (
        "decision_date_time",
        "approved_amount",
        "approved_rate",
        "approved_term_months",
        "confirmation_code",
    ),
    "decision_date_time",
)


def steps(draw: Draw) -> Steps:
    """INITIATING until it is decided; a few are never."""
    asked, status = draw["application_date_time"], draw["application_status_type"]
    decided = np.where(draw.frame.missing("decision_date_time"), asked, draw["decision_date_time"])
    ends = [
        Stage(label, np.maximum(decided, asked), status.codes == code)
        for code, label in enumerate(status.labels)
        if label != BEGUN
    ]
    return Steps.of(Stage(BEGUN, asked), *ends)
