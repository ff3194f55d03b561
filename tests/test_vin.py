"""Check digits of VINs against published ones and against somebody else's code.

Maker and checker share one table of weights, so that a wrong weight would go unseen by both.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vininfo import Vin

from generator.domains.vehicle_asset_mgt.vin import check_digits, is_valid, vin_of

PUBLISHED = (
    "1M8GDM9AXKP042788",
    "5GZCZ43D13S812715",
    "11111111111111111",
    "1HGCM82633A004352",
    "1HGBH41JXMN109186",
)
SIGNS = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"


def valid(*vins):
    return is_valid(np.array(vins, dtype=object)).tolist()


@pytest.mark.parametrize("vin", PUBLISHED)
def test_published_vins_are_valid(vin):
    assert valid(vin) == [True]


@pytest.mark.parametrize("place", [place for place in range(17) if place != 8])
def test_one_other_sign_makes_a_published_vin_invalid(place):
    """Every place has a weight but the check digit's own."""
    vin = PUBLISHED[0]
    other = "0" if vin[place] != "0" else "1"  # nothing else counts as nothing
    assert valid(vin[:place] + other + vin[place + 1 :]) == [False]


@pytest.mark.parametrize(
    "vin", ["", None, "1M8GDM9AXKP04278", "1M8GDM9AXKP0427888", "1M8GDM9AXKPO42788", "１" * 17]
)
def test_what_is_no_vin_is_invalid(vin):
    assert valid(vin) == [False]


@given(st.text(SIGNS, min_size=17, max_size=17))
def test_the_digit_is_the_one_others_work_out(text):
    signs = np.frombuffer(text.encode(), dtype=np.uint8).reshape(1, 17)
    digit = chr(check_digits(signs)[0])
    assert Vin(text[:8] + digit + text[9:]).verify_checksum(check_year=False)
    assert valid(text) == [text[8] == digit]


def test_made_vins_are_valid_to_others():
    rows = np.arange(0, 4_000_000, 9_973)
    wmi, vds = np.full(len(rows), b"1HG"), np.full(len(rows), b"CM8A1")
    made = vin_of(wmi, vds, 2010 + rows % 30, rows).astype(str).tolist()
    assert all(Vin(vin).verify_checksum(check_year=False) for vin in made)
    assert len(set(made)) == len(made)
