"""Every threshold of a verdict, written down once.  docs/comparison.md shows this list; a test
holds the two together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["good", "fair", "poor"]
Basis = Literal["ceiling", "loss", "value", "excess"]

TELLING = 100  # rows of a table under which scores say little but how few they are
DCR_LEAST = 5_000  # rows of a side from which a DCR share is shown
LOOSE = {
    "mean": 0.03,
    "deviation": 0.08,
    "95th percentile": 0.05,
    "99th percentile": 0.05,
    "noughts": 0.01,
}
"""How far a figure may be away whatever chance allows: of the figure, noughts of all rows."""


@dataclass(frozen=True)
class Threshold:
    """A measure and where it turns from good to fair and from fair to poor.

    ``basis`` says what is judged: ``ceiling``, the score as a share of what real rows reach;
    ``loss``, how far it is below that; ``excess``, how far above; ``value``, the measure itself.
    Of a share of the ceiling more is better, of the others less.  ``uses`` are spoilt by poor.
    """

    name: str
    title: str
    basis: Basis
    good: float
    poor: float
    uses: tuple[str, ...]

    @property
    def more_is_better(self) -> bool:
        return self.basis == "ceiling"

    def judged(self, score: float, ceiling: float | None) -> float | None:
        """The number held against the thresholds; None where its ceiling is lacking."""
        if self.basis == "value":
            return score
        if ceiling is None or (self.basis == "ceiling" and ceiling <= 0):
            return None
        match self.basis:
            case "ceiling":
                return min(1.0, score / ceiling)
            case "loss":
                return max(0.0, ceiling - score)
        return max(0.0, score - ceiling)

    def level(self, judged: float) -> Level:
        ahead = judged - self.good if self.more_is_better else self.good - judged
        behind = judged - self.poor if self.more_is_better else self.poor - judged
        return "good" if ahead >= -1e-9 else "fair" if behind >= -1e-9 else "poor"

    def severity(self, judged: float) -> float:
        """0 where it turns fair, 1 where it turns poor, more beyond."""
        width = self.poor - self.good or 0.01
        return (judged - self.good) / width

    @property
    def lines(self) -> tuple[str, str, str, str, str]:
        """What the documentation says of it: title, what is judged, good, poor, spoilt uses."""
        words = {
            "ceiling": "share of the ceiling",
            "loss": "below the ceiling",
            "excess": "above real rows",
            "value": "the figure itself",
        }
        way = ("from", "below") if self.more_is_better else ("up to", "above")
        good, poor = (
            f"{word} {level:g}" for word, level in zip(way, (self.good, self.poor), strict=True)
        )
        return self.title, words[self.basis], good, poor, ", ".join(self.uses)

    def why(self, judged: float, score: float, ceiling: float | None) -> str:
        """The verdict's reason: what was reached, of what, and where the lines are drawn."""
        reached = f"{score:.3f}" if ceiling is None else f"{score:.3f} (real rows {ceiling:.3f})"
        match self.basis:
            case "ceiling":
                said = f"{judged:.1%} of the ceiling; good from {self.good:.0%}"
                return f"{reached}: {said}, poor below {self.poor:.0%}."
            case "loss":
                said = f"{judged:.3f} below the ceiling"
            case "excess":
                said = f"{judged:.3f} above real rows"
            case _:
                return f"{reached}: good up to {self.good:g}, poor above {self.poor:g}."
        return f"{reached}: {said}; good up to {self.good:g}, poor above {self.poor:g}."


COUNT, LEARN, SHARE = "analytics", "machine learning", "sharing"

THRESHOLDS = (
    Threshold("univariate", "Single columns", "ceiling", 0.98, 0.95, (COUNT, LEARN)),
    Threshold("bivariate", "Pairs of columns", "ceiling", 0.97, 0.94, (COUNT, LEARN)),
    Threshold("trivariate", "Three columns", "ceiling", 0.95, 0.90, (LEARN,)),
    Threshold("column", "A single column", "ceiling", 0.95, 0.85, (COUNT,)),
    Threshold("shapes", "Column shapes (as SDMetrics)", "ceiling", 0.98, 0.94, (COUNT,)),
    Threshold("trends", "Pair trends (as SDMetrics, capped)", "ceiling", 0.97, 0.92, (COUNT,)),
    Threshold("figures", "Means, spreads, tails missed, share", "value", 0.10, 0.25, (COUNT,)),
    Threshold("missingness", "Missing values", "loss", 0.01, 0.05, (COUNT,)),
    Threshold("detection", "A classifier tells rows apart, AUC", "value", 0.60, 0.75, (LEARN,)),
    Threshold("relations", "The same, parents with children", "value", 0.65, 0.85, (LEARN,)),
    Threshold("cardinality", "Children per parent", "loss", 0.06, 0.15, (COUNT,)),
    Threshold("joins", "Children joined to parents", "ceiling", 0.97, 0.92, (COUNT, LEARN)),
    Threshold("siblings", "A child and the next", "ceiling", 0.95, 0.88, (LEARN,)),
    Threshold("orphans", "Links that lead nowhere, share", "value", 0.0, 0.0, (COUNT, LEARN)),
    Threshold("spectrum", "Hours, weekdays, months", "loss", 0.05, 0.15, (COUNT,)),
    Threshold("gaps", "Time between siblings", "loss", 0.06, 0.15, (LEARN,)),
    Threshold("order", "Columns in their order of time", "loss", 0.0, 0.01, (COUNT, LEARN)),
    Threshold("r2", "Predicting a number, R² kept", "ceiling", 0.95, 0.80, (LEARN,)),
    Threshold("auc", "Predicting labels, AUC lost", "loss", 0.01, 0.05, (LEARN,)),
    Threshold("membership", "Guessing who was learnt, AUC", "value", 0.55, 0.60, (SHARE,)),
    Threshold("dcr", "DCR share", "value", 0.56, 0.65, (SHARE,)),
    Threshold("copies", "Identical rows above real ones", "excess", 0.005, 0.02, (SHARE,)),
    Threshold("repeated", "Rows that repeat learnt ones, AUC", "value", 0.55, 0.60, (LEARN, SHARE)),
)

BY_NAME = {threshold.name: threshold for threshold in THRESHOLDS}
