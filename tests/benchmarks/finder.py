"""Benchmark: how surely the finder tells personal columns from others.

    python -m tests.benchmarks.finder [--variants 200] [--public FOLDER]

Bundles of the built-in profile are cut into extracts: rows drawn, columns shuffled and named anew,
every other one by `col_1, col_2, …` alone.  Printed are recall and precision of each class, with
headers and without.  `--public` is a folder of further CSV files; what is found there is listed.

What nobody could know without a name (the last four digits of a number, a licence number without a
form) is not asked for without one; it may be found.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
import time
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

import generator
from generator.infer.columns import column_of
from generator.personal import TOGETHER, find

TRUTH = {
    "lifecycle_status_event": {"actor_name": "name"},
    "party": {
        "salutation": "name",
        "given_name": "name",
        "middle_name": "name",
        "family_name": "name",
        "full_name": "name",
        "birth_date": "dob",
        "gender_type": "gender",
        "ssn": "ssn_tax_id",
        "driver_license_number": "licence_number",
        "tax_id": "ssn_tax_id",
        "email_address": "email",
        "phone_number": "phone",
    },
    "party_address": {
        "address_line1": "street_address",
        "address_line2": "street_address",
        "city": "city",
        "postal_code": "postal_code",
        "latitude": "geolocation",
        "longitude": "geolocation",
    },
    "communication_channel": {"value": "email"},
    "org_profile": {"national_tax_identifier": "ssn_tax_id"},
    "staff_member": {"email": "email", "state_license_number": "licence_number"},
    "personnel_record": {
        "ssn": "ssn_tax_id",
        "routing_number": "bank_account",
        "account_number": "bank_account",
    },
    "payroll_stub": {
        "employee_ssn_last_four": "ssn_tax_id",
        "employer_ein": "ssn_tax_id",
        "deposit_account_last_four": "bank_account",
    },
    "vehicle": {"vin": "vin", "license_plate_number": "licence_plate"},
    "trade_in_vehicle": {"last_six_of_vin": "vin"},
    "sales_lead": {"lead_comments": "free_text"},
    "customer_interaction": {"body_text": "free_text"},
    "warranty_claim": {"claim_description": "free_text"},
    "service_appointment": {"complaint_text": "free_text"},
    "repair_order": {"repair_order_description": "free_text"},
    "repair_order_line": {
        "complaint_text": "free_text",
        "cause_text": "free_text",
        "correction_text": "free_text",
    },
    "payment_method": {
        "card_number": "card_number",
        "last_four": "card_number",
        "routing_number": "bank_account",
        "account_number": "bank_account",
    },
    "connected_vehicle": {
        "device_identifier": "device_id",
        "current_latitude": "geolocation",
        "current_longitude": "geolocation",
    },
    "vehicle_telemetry_event": {
        "device_identifier": "device_id",
        "latitude": "geolocation",
        "longitude": "geolocation",
    },
}
# Positions and cities of places, and notes of few kinds: right if found, not asked for.
EITHER = {
    "geographic_boundary": {"center_latitude", "center_longitude", "name"},
    "warehouse": {"latitude", "longitude"},
    "lifecycle_status_event": {"note"},
    "time_off_event": {"notes"},
    "journal_entry": {"description"},
    "customer_interaction": {"subject"},
    "org_profile": {"date_established"},
    "dealer": {"dealer_name"},
    "invoice_item": {"description"},
    "Sacramento": {"latitude", "longitude"},
}
ONLY_NAMED = {  # nothing but a name tells these
    *("dayOfBirth", "birth_mo", "birth_d", "birth_y", "note", "job_city"),
    *("state_license_number", "employee_ssn_last_four", "deposit_account_last_four", "last_four"),
    *("last_six_of_vin",),
}
HEADERS = {
    "salutation": ("Salutation", "honorific", "Anrede"),
    "given_name": ("first_name", "FirstName", "FNAME", "Vorname", "prénom", "GIVEN NM", "имя"),
    "middle_name": ("middle_name", "MiddleName", "MNAME", "middle initial"),
    "family_name": ("last_name", "LastName", "LNAME", "Nachname", "surname", "nazwisko", "姓"),
    "full_name": ("full_name", "CustomerName", "CUST_NM", "client name", "姓名", "name"),
    "actor_name": ("actor_name", "EmployeeName", "user full name", "staff name"),
    "birth_date": ("birth_date", "DOB", "DateOfBirth", "Geburtsdatum", "cust_birth_dt", "生年月日"),
    "gender_type": ("gender", "SEX", "Gender_Cd", "Geschlecht", "sexe"),
    "ssn": ("ssn", "SSN", "SocialSecurityNumber", "social_sec_no", "national_id"),
    "driver_license_number": ("driver_license_number", "DriversLicence", "DL_NO", "drv_lic_num"),
    "tax_id": ("tax_id", "TaxIdNumber", "EIN", "TAX_IDENTIFIER"),
    "national_tax_identifier": ("tax id", "national_tax_identifier", "TaxNumber"),
    "email_address": ("email", "E-Mail", "EmailAddr", "CUST_EMAIL", "correo electrónico", "邮箱"),
    "phone_number": ("phone", "PhoneNo", "TEL_HOME", "Telefon", "mobile", "cell_phone", "電話番号"),
    "address_line1": ("address_line_1", "Street", "ADDR1", "Straße", "StreetAddress", "dirección"),
    "address_line2": ("address_line_2", "ADDR2", "Address2", "street2"),
    "city": ("city", "CITY_NM", "Town", "Ort", "ville", "CityName", "город"),
    "postal_code": ("zip", "ZIP_CD", "PostalCode", "PLZ", "zip_code", "código postal"),
    "latitude": ("lat", "Latitude", "GPS_LAT", "latitude"),
    "longitude": ("lon", "Longitude", "GPS_LONG", "lng"),
    "current_latitude": ("current_lat", "CurLatitude", "last_lat"),
    "current_longitude": ("current_lon", "CurLongitude", "last_lng"),
    "value": ("contact_email", "email_or_phone", "EmailOrTel"),
    "email": ("email", "work_email", "E-Mail", "MailAddress"),
    "state_license_number": ("state_license_number", "LicenseNo", "state_lic_num"),
    "routing_number": ("routing_number", "ABA", "RoutingNo", "BANK_ROUTING_NBR"),
    "account_number": ("account_number", "AcctNo", "BankAccount", "ACCT_NUM", "Kontonummer"),
    "employee_ssn_last_four": ("ssn_last4", "SSN_LAST_FOUR", "EmployeeSsnLast4"),
    "employer_ein": ("employer_ein", "EIN", "EmployerTaxId"),
    "deposit_account_last_four": ("deposit_account_last_four", "ACCT_LAST4", "BankAcctLast4"),
    "vin": ("vin", "VIN_NO", "VehicleIdentificationNumber", "chassis_number", "车架号"),
    "license_plate_number": ("license_plate", "PlateNo", "REG_PLATE", "Kennzeichen", "lic_plate"),
    "last_six_of_vin": ("last_six_of_vin", "VIN_LAST_6", "vin last six"),
    "lead_comments": ("comments", "LeadNotes", "REMARKS", "Bemerkung"),
    "body_text": ("body", "MessageText", "MSG_BODY", "note"),
    "claim_description": ("description", "ClaimDesc", "CLAIM_TXT"),
    "complaint_text": ("complaint", "ComplaintText", "customer_complaint", "COMPLAINT_DESC"),
    "repair_order_description": ("description", "RoDesc", "REPAIR_TEXT"),
    "cause_text": ("cause", "CauseText", "CAUSE_DESC"),
    "correction_text": ("correction", "CorrectionText", "CORRECTION_NOTE"),
    "card_number": ("card_number", "CardNo", "CC_NUM", "PAN", "credit card number"),
    "last_four": ("card_last4", "last_four", "LAST4"),
    "device_identifier": ("device_id", "DeviceIdentifier", "TCU_ID", "device_serial"),
}
PUBLIC = {  # tables as R packages and archives have them, by the name of the file
    "client": {"birth_date": "dob", "sex": "gender"},  # berka
    "adult": {"sex": "gender"},
    "TitanicSurvival": {"sex": "gender"},  # carData
    "oscars": {"name": "name", "birth_date": "dob", "birth_mo": "dob", "birth_d": "dob"}
    | {"birth_y": "dob"},  # openintro, as all that follow
    "nba_heights": {"first_name": "name", "last_name": "name"},
    "nba_players_19": {"first_name": "name", "last_name": "name"},
    "mlb_players_18": {"name": "name"},
    "piracy": {"name": "name"},
    "president": {"potus": "name", "vpotus": "name"},
    "nyc_marathon": {"name": "name", "note": "free_text"},
    "london_murders": {"forename": "name"},
    "resume": {"firstname": "name", "gender": "gender", "job_city": "city"},
    "birds": {"remarks": "free_text"},
}
LATER = {  # tables that were looked at once the finder was made
    "ResumeNames": {"name": "name", "gender": "gender", "city": "city"},  # AER
    "rpdr_contestants": {"dob": "dob"},  # dragracer
    "starwars": {"name": "name", "sex": "gender", "gender": "gender"},  # dplyr
    "Sacramento": {"city": "city", "zip": "postal_code"},  # modeldata
    "tate_text": {"artist": "name"},
    "KidsFeet": {"name": "name", "sex": "gender"},  # mosaicData
    "Marriage": {"dob": "dob", "dayOfBirth": "dob"},
    "duke_forest": {"address": "street_address"},  # openintro
    "get_it_dunn_run": {"first_name": "name", "sex": "gender", "city": "city"},
    "labor_market_discrimination": {"first_name": "name", "sex": "gender", "city": "city"},
    "mlb": {"player": "name"},
    "mlbbat10": {"name": "name"},
    "iraqVote": {"name": "name"},  # pscl
    "GrinnellHouses": {"Address": "street_address"},  # Stat2Data
    "SampleFG": {"LastName": "name", "FirstName": "name"},
    "Titanic": {"Name": "name", "Sex": "gender"},
}
STYLES = (
    "_".join,
    lambda words: "".join(word.title() for word in words),
    lambda words: "_".join(words).upper(),
    lambda words: " ".join(words).title(),
    lambda words: words[0] + "".join(word.title() for word in words[1:]),
)


def bundles(folder: Path, number: int) -> list[dict[str, pa.Table]]:
    """Tables of bundles of the built-in profile, of several seeds."""
    found = []
    for seed in range(number):
        out = folder / str(seed)
        recipe = {"seed": seed, "rows": {"party": 900, "deal": 120}, "formats": ["parquet"]}
        profile = generator.automotive()
        planned = generator.plan(profile, generator.Recipe.from_dict(recipe))
        generator.sample(profile, planned, out)
        tables = {path.stem: pq.read_table(path) for path in sorted(out.glob("*.parquet"))}
        found.append({name: table for name, table in tables.items() if table.num_rows >= 20})
    return found


def as_text(table: pa.Table, rows: int, chance: random.Random) -> pa.Table:
    """Rows of the table as a CSV file would bring them."""
    rows = min(rows, table.num_rows)
    start = chance.randrange(table.num_rows - rows + 1)
    sink = pa.BufferOutputStream()
    arrow_csv.write_csv(table.slice(start, rows), sink)
    options = arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(table.column_names, pa.string()), strings_can_be_null=False
    )
    read = arrow_csv.ReadOptions(block_size=1 << 26)
    source = pa.BufferReader(sink.getvalue())
    return arrow_csv.read_csv(source, read_options=read, convert_options=options)


def variant(
    tables: dict[str, pa.Table], seed: int, *, named: bool
) -> tuple[dict[str, pa.Table], dict[tuple[str, str], tuple[str, str]]]:
    """An extract of half of the tables, and which column each of its columns was."""
    chance, extract, was = random.Random(seed), {}, {}
    for at, name in enumerate(chance.sample(sorted(tables), len(tables) // 2)):
        table = as_text(tables[name], chance.randrange(60, 300), chance)
        columns = list(table.column_names)
        chance.shuffle(columns)
        style = chance.choice(STYLES)
        called: list[str] = []
        for number, column in enumerate(columns, 1):
            options = HEADERS.get(column) if column in TRUTH.get(name, ()) else None
            new = chance.choice(options) if options else style(re.split("_", column))
            new = new if new not in called else f"{new}_{number}"
            called.append(new if named else f"col_{number}")
        label = name if named else f"table_{at}"
        extract[label] = table.select(columns).rename_columns(called)
        was.update({(label, new): (name, old) for old, new in zip(columns, called, strict=True)})
    return extract, was


def columns_of(extract: dict[str, pa.Table]) -> generator.Schema:
    """What the columns seem to be; keys and links are nothing to the finder."""
    return generator.Schema(
        tuple(
            generator.Table(
                name, tuple(column_of(one, table.column(one)) for one in table.column_names)
            )
            for name, table in extract.items()
        )
    )


class Score:
    """Hits, misses and false alarms a class."""

    def __init__(self) -> None:
        self.hit: Counter[str] = Counter()
        self.missed: Counter[str] = Counter()
        self.false: Counter[str] = Counter()
        self.which: Counter[tuple[str, str]] = Counter()

    def add(self, extract: dict[str, pa.Table], was: dict, *, named: bool) -> None:
        findings = find(extract, columns_of(extract))
        for (label, new), (name, old) in was.items():
            truth = TRUTH.get(name, {}).get(old)
            one = findings.of(label, new)
            sure = one is not None and (one.personal or one.word in TOGETHER)
            said = one.word if one is not None and sure else None
            if truth is None and (old in EITHER.get(name, ()) or said is None):
                continue
            least = 2 if truth == "gender" else 3  # distinct values; of fewer nothing is told
            if len({*extract[label].column(new).to_pylist()} - {""}) < least:
                continue
            if said == truth:
                self.hit[truth] += 1
                continue
            if truth is not None and (named or old not in ONLY_NAMED):
                self.missed[truth] += 1
                self.which["missed", f"{name}.{old} as “{new}”, said {said}"] += 1
            if said is not None:
                self.false[said] += 1
                self.which["false", f"{name}.{old} as “{new}”, said {said}"] += 1

    def show(self, title: str) -> None:
        print(f"\n{title}\n{'class':<16}{'recall':>8}{'precision':>11}{'columns':>9}")
        for word in sorted({*self.hit, *self.missed, *self.false}):
            hit, asked = self.hit[word], self.hit[word] + self.missed[word]
            said = hit + self.false[word]
            print(f"{word:<16}{hit / max(asked, 1):>8.3f}{hit / max(said, 1):>11.3f}{asked:>9,}")
        for (kind, what), times in self.which.most_common(40):
            print(f"  {kind} {times:>4} {what}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--variants", type=int, default=200)
    parser.add_argument("--public", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        worlds = bundles(Path(folder), 4)
    start = time.process_time()
    for named in (True, False):
        score = Score()
        for seed in range(int(named), options.variants, 2):
            extract, was = variant(worlds[seed % len(worlds)], seed, named=named)
            score.add(extract, was, named=named)
        score.show("with realistic headers" if named else "with col_1, col_2, …")
    print(f"\n{options.variants} extracts, {time.process_time() - start:.0f} CPU-s")
    if options.public:
        public(options.public, PUBLIC, "public tables")
        public(options.public, LATER, "public tables that came later")


def public(folder: Path, tables: dict[str, dict[str, str]], title: str) -> None:
    """The same of public tables, whichever of them are in the folder."""
    TRUTH.update(tables)
    for named in (True, False):
        score = Score()
        for name in tables:
            path = folder / f"{name}.csv"
            if not path.is_file():
                continue
            table = generator.read(path)[name]
            columns = table.column_names
            called = columns if named else [f"col_{at}" for at in range(1, len(columns) + 1)]
            was = {(name, new): (name, old) for old, new in zip(columns, called, strict=True)}
            score.add({name: table.rename_columns(called)}, was, named=named)
        score.show(f"{title}, {'as they are' if named else 'with col_1, col_2, …'}")


if __name__ == "__main__":
    main()
