"""Excel workbooks made by hand, for tests: a ZIP of a few XML files."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time, timedelta
from xml.sax.saxutils import escape

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACK = "http://schemas.openxmlformats.org/package/2006"
_STYLES = (
    f"<styleSheet {_MAIN}><cellXfs>"
    + "".join(f'<xf numFmtId="{at}"/>' for at in (0, 14, 22, 21, 46))
    + "</cellXfs></styleSheet>"
)
_FIRST = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel knows no zones


def workbook(sheets, *, more=None):
    """The bytes of a workbook of ``sheets`` (rows of values by name) and ``more`` parts by name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in {**_parts(sheets), **(more or {})}.items():
            file.writestr(name, text)
    return packed.getvalue()


def _parts(sheets):
    numbered = list(enumerate(sheets, 1))
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{at}" r:id="rId{at}"/>' for at, name in numbered
    )
    relations = "".join(
        f'<Relationship Id="rId{at}" Type="{_REL}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at, _ in numbered
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACK}/content-types"></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACK}/relationships"><Relationship Id="rId1" '
        f'Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_REL}"><sheets>{listed}</sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACK}/relationships">{relations}'
        f'<Relationship Id="rId99" Type="{_REL}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId98" Type="{_REL}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "xl/styles.xml": _STYLES,
        "xl/sharedStrings.xml": f"<sst {_MAIN}></sst>",
        **{f"xl/worksheets/sheet{at}.xml": sheet(sheets[name]) for at, name in numbered},
    }


def sheet(rows):
    lines = "".join(
        f'<row r="{at}">'
        + "".join(_cell(value, f"{_letters(place)}{at}") for place, value in enumerate(row, 1))
        + "</row>"
        for at, row in enumerate(rows, 1)
    )
    return f"<worksheet {_MAIN}><sheetData>{lines}</sheetData></worksheet>"


def _letters(number):
    said = ""
    while number:
        number, letter = divmod(number - 1, 26)
        said = chr(65 + letter) + said
    return said


def _cell(value, where):
    match value:
        case None:
            return ""
        case bool():
            return f'<c r="{where}" t="b"><v>{int(value)}</v></c>'
        case int() | float():
            return f'<c r="{where}"><v>{value!r}</v></c>'
        case datetime():
            return f'<c r="{where}" s="2"><v>{(value - _FIRST) / timedelta(days=1)!r}</v></c>'
        case date():
            return f'<c r="{where}" s="1"><v>{(value - _FIRST.date()).days}</v></c>'
        case time():
            part = (value.hour * 3600 + value.minute * 60 + value.second) / 86400
            return f'<c r="{where}" s="3"><v>{part!r}</v></c>'
        case timedelta():
            return f'<c r="{where}" s="4"><v>{value / timedelta(days=1)!r}</v></c>'
    if str(value).startswith("#"):
        return f'<c r="{where}" t="e"><v>{value}</v></c>'
    return f'<c r="{where}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'
