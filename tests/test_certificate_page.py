from portal.certificate_page import lines

SCORES = {
    "sdmetrics": {"label": "compatible with SDMetrics", "column_shapes": 0.99, "ceiling": {}},
    "detection": {"cars": {"auc": 0.53, "real": 0.49}, "owners": {}},
    "copies": {"cars": {"dcr_share": 0.52, "ims": 0.001, "ims_holdout": 0.002}},
    "membership": {"cars": {"auc": 0.51}},
}


def test_what_was_measured_is_said_with_what_real_rows_reach():
    said = {line.title: (line.value, line.beside) for line in lines({"scores": SCORES})}
    assert said == {
        "Column shapes": ("0.990", "– for unseen real rows"),
        "Detection (cars), AUC": ("0.530", "0.490 for unseen real rows"),
        "Membership inference, AUC": ("0.510", ""),
        "DCR share": ("0.520", ""),
        "Identical rows": ("0.1 %", "0.2 % without copying"),
    }


def test_an_extract_too_short_for_a_trial_says_nothing():
    assert lines({}) == []
    assert lines({"scores": {}}) == []
