"""An invoice may stand for things other than a deal."""

import numpy as np

from generator.domains.finance.bills import Bills, together


def some(source: str, dealers: list[int], first: int) -> Bills:
    n = len(dealers)
    numbers = np.arange(n) + first
    return Bills(
        source=np.full(n, source, dtype=object),
        row=numbers,
        dealer=np.array(dealers),
        party=numbers + 1_000,
        customer=numbers + 2_000,
        type=np.full(n, "SERVICE", dtype=object),
        billed=np.full(n, np.datetime64("2025-05-05", "ms")),
        lent=np.zeros(n, dtype=bool),
        amounts=np.stack([numbers * 100, 0 * numbers, 0 * numbers, numbers], axis=1),
    )


def test_bills_of_all_sources_lie_dealer_by_dealer():
    bills = together([some("DEAL", [3, 3, 4], 10), some("REPAIR_ORDER", [3, 5], 70)])
    assert bills.dealer.tolist() == [3, 3, 3, 4, 5]
    assert bills.source.tolist() == ["DEAL", "DEAL", "REPAIR_ORDER", "DEAL", "REPAIR_ORDER"]
    assert bills.row.tolist() == [10, 11, 70, 12, 71]
    assert bills.party.tolist() == [1010, 1011, 1070, 1012, 1071]
    assert bills.amounts[:, 0].tolist() == [1000, 1100, 7000, 1200, 7100]
