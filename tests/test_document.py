"""JSON that ``json.loads`` lets pass and a recipe or manifest must not hold."""

import pytest

from generator.document import load


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"rows": {"deal": 5, "deal": 6}}', "it gives “deal” twice"),
        (b'{"x": NaN}', "NaN is not a number JSON knows"),
        (b'{"x": -Infinity}', "-Infinity is not a number"),
        (b'{"x": 1e999}', "the number 1e999 is too large"),
        (b'{"x": ' + b"9" * 5000 + b"}", "9… is too large"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b"\xff{}", "it is not UTF-8 text"),
        (b"{", "Expecting property name"),
    ],
)
def test_what_is_refused(tmp_path, content, reason):
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(ValueError, match=reason) as refused:
        load(tmp_path / "x.json")
    assert len(str(refused.value)) < 100
    assert "set_int_max" not in str(refused.value)


def test_a_document_with_a_byte_order_mark_is_read(tmp_path):
    (tmp_path / "x.json").write_bytes(b'\xef\xbb\xbf{"a": [1, 2.5, null]}')
    assert load(tmp_path / "x.json") == {"a": [1, 2.5, None]}
