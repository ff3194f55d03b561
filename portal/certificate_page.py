"""The certificate of a fitted profile as its page shows it, row by row, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from portal.templatetags.say import percent, score


class Line(NamedTuple):
    """A figure, the same of real rows beside it, and what it means."""

    title: str
    value: str
    beside: str
    meaning: str


def lines(certificate: Mapping[str, Any]) -> list[Line]:
    """Fidelity first, then what an attacker would gain; table by table where there are several."""
    scores = certificate.get("scores") or {}
    told = [*_strange(certificate), *_unit(certificate), *_rules(certificate)]
    return [*told, *_resemblance(scores), *_privacy(scores)]


def _strange(certificate: Mapping[str, Any]) -> Iterator[Line]:
    """Columns that no figure below speaks of."""
    names = certificate.get("not_understood") or ()
    if names:
        meaning = "made anew by the shape of most of their texts; no figure below speaks of them"
        yield Line("Columns not understood", str(len(names)), ", ".join(names), meaning)


def _unit(certificate: Mapping[str, Any]) -> Iterator[Line]:
    """Whose the rows were, and how many must share what is kept."""
    if not certificate.get("unit"):
        return
    least, alone = certificate.get("k"), certificate.get("rows_alone") or ()
    beside = f"each row counts alone in {', '.join(map(str, alone))}" if alone else ""
    meaning = f"told apart by {certificate['unit']}; nothing that fewer than {least} share is kept"
    yield Line("Persons", f"{certificate['persons']:,}", beside, meaning)


def _rules(certificate: Mapping[str, Any]) -> Iterator[Line]:
    """What every new row keeps."""
    rules = certificate.get("rules") or ()
    if rules:
        shown = "; ".join(str(rule) for rule in rules[:20]) + ("; …" if len(rules) > 20 else "")
        meaning = "all rows of the extract keep them, and so does every new row"
        yield Line("Rules", str(len(rules)), shown, meaning)


def _resemblance(scores: Mapping[str, Any]) -> Iterator[Line]:
    measured = scores.get("sdmetrics") or {}
    ceiling = measured.get("ceiling") or {}
    for name, title in (("column_shapes", "Column shapes"), ("column_pair_trends", "Pair trends")):
        if measured.get(name) is not None:
            beside = f"{score(ceiling.get(name))} for unseen real rows"
            yield Line(title, score(measured[name]), beside, str(measured.get("label", "")))
    for table, one in _tables(scores, "detection"):
        if one.get("auc") is not None:
            beside = f"{score(one.get('real'))} for unseen real rows"
            meaning = (
                "how well a classifier detects synthetic rows among real ones; 0.5 is guessing"
            )
            yield Line(f"Detection{table}, AUC", score(one["auc"]), beside, meaning)


def _privacy(scores: Mapping[str, Any]) -> Iterator[Line]:
    for table, one in _tables(scores, "membership"):
        if one.get("auc") is not None:
            meaning = "an attacker guessing which real rows were learnt; 0.5 is chance"
            yield Line(f"Membership inference{table}, AUC", score(one["auc"]), "", meaning)
    for table, one in _tables(scores, "copies"):
        if one.get("dcr_share") is not None:
            meaning = "rows closer to a learnt record than to an unseen one; 0.5 is ideal"
            yield Line(f"DCR share{table}", score(one["dcr_share"]), "", meaning)
        if one.get("ims") is not None:
            beside = f"{percent(one.get('ims_holdout'))} without copying"
            meaning = "equal to a learnt row in every column"
            yield Line(f"Identical rows{table}", percent(one["ims"]), beside, meaning)


def _tables(scores: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    tables = scores.get(name) or {}
    for table, one in tables.items():
        if one:
            yield f" ({table})" if len(tables) > 1 else "", one
