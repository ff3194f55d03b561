"""What the name of a column says of it, in the words of several languages.

Names of things (model, fuel name, brand name) are not taken, and words that speak about a value
(email verified, phone type) clear a column.
"""

from __future__ import annotations

import re

from generator.schema import Kind

_TEXT = (Kind.TEXT, Kind.ENUM)
_NUMBERED = (*_TEXT, Kind.INTEGER)
_PLACED = (*_NUMBERED, Kind.DECIMAL, Kind.FLOAT)
_DATED = (*_NUMBERED, Kind.DATE, Kind.TIMESTAMP)
_WHO = (
    "customer|client|owner|buyer|seller|driver|person|people|employee|staff|contact|holder|user"
    "|patient|guest|member|party|salesperson|manager|spouse|mother|father|cardholder|actor"
    "|cust|emp|player|author|child|partner|tenant|passenger|agent|kunden|inhaber|fahrer|halter"
    "|cliente|klant|klient"
)
_NO = "(number|no|nr|num|nbr|nummer|numero|número|numéro|id|identifier|code)"
_N = "(number|no|nr|num|nbr|nummer|numero|número|numéro)"
_WHICH = f"({_N}|home|work|mobile|cell|private|primary|secondary|office|day|evening|value)"
_NAMES = (
    ("email", _TEXT, rf"(.* )?e ?mails?( ?addr(ess)?)?( {_WHICH})?|mail( ?addr(ess)?)?"),
    ("email", _TEXT, r"(.* )?(courriel|correo( electronico| electrónico)?|mailadresse|posta e)"),
    (
        "email",
        _TEXT,
        r"эл(ектронная)? ?почта|электронный адрес|ηλεκτρονικό ταχυδρομείο|邮箱|电子邮件",
    ),
    ("email", _TEXT, r"メール(アドレス)?|البريد الإلكتروني|adres e mail"),
    ("device_id", _TEXT, r"(.* )?(ip|mac)( v)? ?addr(ess)?|(.* )?(imei|imsi|iccid|udid)( .*)?"),
    ("device_id", _NUMBERED, rf"(.* )?(device|dev|tcu|handset|telematics unit) ?{_NO}( .*)?"),
    ("device_id", _NUMBERED, r"(.* )?device (serial|key)|(.* )?advertising id|gerätenummer"),
    ("name", _TEXT, r"(.* )?(first|last|given|family|middle|full|maiden|sur|fore) ?names?( .*)?"),
    ("user_name", _TEXT, r"(.* )?(user ?name|login( name| id)?|screen ?name|user handle)"),
    ("name", _TEXT, rf"names?|[flm] ?name|contact person|(.* )?({_WHO}) ?(full )?(names?|nm)"),
    ("name", _TEXT, r"names? ?(first|last|given|family|middle|full)|initials?|middle initial"),
    ("name", _TEXT, r"(first|last|given|family|middle|full) nm|salutation|honorific|anrede"),
    ("name", _TEXT, r"(.* )?(vor|nach|familien|zu)name|nom( de famille)?|pr[eé]nom|voornaam"),
    ("name", _TEXT, r"achternaam|naam|nombre|apellidos?|cognome|nome|sobrenome|apelido|imi[eę]"),
    ("name", _TEXT, r"nazwisko|jm[eé]no|p[rř][ií]jmen[ií]|имя|фамилия|отчество|фио|όνομα|επώνυμο"),
    ("name", _TEXT, r"ονοματεπώνυμο|姓名|名字|姓|名|氏名|お?名前|الاسم( .*)?|اسم( .*)?|이름|성명"),
    ("phone", _NUMBERED, rf"(.* )?((tele)?phones?|mobile|cell|tel|fax|msisdn|ph)( {_WHICH})?"),
    ("phone", _NUMBERED, r"(.* )?(telefon(nummer|nr|o|e)?|t[eé]l[eé]phone|t[eé]l|handy(nummer)?)"),
    ("phone", _NUMBERED, r"(.* )?(tel[eé]fono|celular|cellulare|telefoon|mobil(telefon)?)"),
    (
        "phone",
        _NUMBERED,
        r"(номер )?телефона?|τηλέφωνο|电话(号码)?|手机(号码?)?|電話(番号)?|رقم الهاتف|전화번호",
    ),
    (
        "ssn_tax_id",
        _NUMBERED,
        r"(.* )?(ssn|social security|nino|national id|tax id|itin|ein)( .*)?",
    ),
    ("ssn_tax_id", _NUMBERED, rf"(.* )?(national|tax|identity) ({_N}|insurance|identifier)( .*)?"),
    ("ssn_tax_id", _NUMBERED, r"steuer ?(id|nummer)|sozialversicherungsnummer|nif|dni|nie|cpf|bsn"),
    (
        "ssn_tax_id",
        _NUMBERED,
        r"codice fiscale|pesel|personnummer|rodne cislo|инн|снилс|身份证(号码?)?",
    ),
    (
        "ssn_tax_id",
        _NUMBERED,
        r"マイナンバー|αφμ|رقم الهوية|주민등록번호|(.* )?social (ins|sec)( .*)?",
    ),
    ("dob", _DATED, r"(.* )?(birth|birth ?(day|date)|born|dob|bday|birthdt)( .*)?"),
    ("dob", _DATED, r"geburts(datum|tag)|geb ?dat(um)?|date de naissance|fecha de? nac(imiento)?"),
    ("dob", _DATED, r"data di nascita|data de nascimento|geboortedatum|data urodzenia|f nac"),
    (
        "dob",
        _DATED,
        r"дата рождения|ημερομηνία γέννησης|出生日期|生日|生年月日|تاريخ الميلاد|생년월일",
    ),
    ("vin", _TEXT, rf"(.* )?vin( {_NO})?|(.* )?vehicle ident(ification)?( .*)?|chassis {_NO}"),
    (
        "vin",
        _TEXT,
        r"fahrgestell(nummer|nr)|fin|(.* )?frame no|车架号|last (four|six) of vin"
        r"|(.* )?vin last( .*)?",
    ),
    (
        "licence_plate",
        _TEXT,
        rf"((.* )?(number|licen[cs]e|registration|reg|car|lic) )?plate( {_NO})?",
    ),
    ("licence_plate", _TEXT, rf"kennzeichen|immatriculation|matr[ií]cula|targa|kenteken|reg {_N}"),
    (
        "licence_plate",
        _TEXT,
        r"vrm|plate (txt|text)|госномер|车牌(号码?)?|lic ?plate( .*)?|(.* )?tag no",
    ),
    (
        "licence_number",
        _NUMBERED,
        r"(.* )?(driver s|drivers?|driving|drv|state)( state)? li[cs](en[cs]e)?( .*)?",
    ),
    ("licence_number", _NUMBERED, rf"(.* )?li[cs](en[cs]e)?( {_NO})|li[cs]en[cs]e|dl {_NO}"),
    ("licence_number", _NUMBERED, r"f[uü]hrerschein( ?n(umme)?r)?|permis( de conduire)?"),
    ("passport", _NUMBERED, r"(.* )?passport( .*)?|reisepass( ?n(umme)?r)?|pasaporte|护照号?"),
    ("bank_account", _NUMBERED, r"(.* )?iban( .*)?|(.* )?bank ?(account|acct)( .*)?|konto ?nr"),
    ("bank_account", _NUMBERED, rf"(.* )?(account|acct|konto) ?{_N}|kontonummer|银行账号|口座番号"),
    (
        "bank_account",
        _NUMBERED,
        rf"(.* )?(routing|aba|rtn|transit|sort code)( {_NO})?|bankleitzahl",
    ),
    ("bank_account", _NUMBERED, r"(.* )?(account|acct) last( .*)?|blz|aba (routing|rtn)( .*)?"),
    (
        "card_number",
        _NUMBERED,
        rf"(.* )?card ?({_N}|pan)( .*)?|pan|cc ?{_N}|credit ?card|(.* )?ccn",
    ),
    ("card_number", _NUMBERED, r"kartennummer|((.* )?card |pan )?last four|numero de tarjeta|卡号"),
    ("street_address", _TEXT, r"(.* )?(street|address|addr|str)( .*)?|(.* )?adres(se)?( .*)?"),
    ("street_address", _TEXT, r"stra(ss|ß)e( .*)?|anschrift|rue|direcci[oó]n|calle|indirizzo|via"),
    (
        "street_address",
        _TEXT,
        r"endere[cç]o|rua|ulica|adresa|улица|адрес|διεύθυνση|地址|住所|العنوان|주소",
    ),
    ("user_name", _TEXT, r"nick( ?name)?|handle|benutzername|nom d utilisateur|логин|用户名"),
    ("postal_code", _NUMBERED, r"(.* )?(zip( ?code)?( \d)?|post(al)? ?(code|cd)|postcode|zip5?)"),
    ("postal_code", _NUMBERED, r"(.* )?(plz|postleitzahl|code postal|c[oó]digo postal|cap|cep)"),
    (
        "postal_code",
        _NUMBERED,
        r"kod pocztowy|индекс|邮(政)?编(码)?|郵便番号|ταχ(υδρομικός)? κώδικας",
    ),
    ("city", _TEXT, r"(.* )?(city|town|municipality)( ?(name|nm))?|locality|ort|stadt|wohnort"),
    (
        "city",
        _TEXT,
        r"ville|ciudad|citt[aà]|cidade|plaats|miasto|m[eě]sto|город|πόλη|城市|市|المدينة",
    ),
    ("gender", _NUMBERED, r"(.* )?(gender|sex|sexe|sexo|geschlecht|sesso)( (type|code|cd))?|пол"),
    ("gender", _NUMBERED, r"φύλο|性别|性別|الجنس|p[lł]e[cć]|성별"),
    ("geolocation", _PLACED, r"(.* )?(lat(itude)?|lon(gitude)?|lng|long)( .*)?|(.* )?gps( .*)?"),
    ("geolocation", _PLACED, r"(.* )?(coordinates?|geo ?(point|position|location)|breitengrad)"),
    ("free_text", _TEXT, r"(.* )?(notes?|comments?|remarks?|body|text|txt|memo|message|msg)"),
    ("free_text", _TEXT, r"(.* )?(desc(ription)?|complaint|cause|correction|feedback|narrative)"),
    ("free_text", _TEXT, r"(.* )?(bemerkung(en)?|kommentar(e)?|notiz(en)?|commentaires?|observ.*)"),
    ("free_text", _TEXT, r"примечани[ея]|комментарий|备注|備考|ملاحظات|σημειώσεις"),
)
_BY_NAME = tuple((word, kinds, re.compile(pattern)) for word, kinds, pattern in _NAMES)
_ABOUT = re.compile(
    r"(.* )?(is|has|have|was|count|total|type|status|flag|verified|valid|validated|consent|opt"
    r"|optin|allowed|preferred|model|brand|make|maker|class|category|score|rate|weight|order"
    r"|country|state|region|domain|channel|length|plan|operator|carrier|fee|cost"
    r"|price|sent|product|engine|fuel|part|opened|clicked|click|campaign|app|changed|updated"
    r"|created|expiry|expires|web|url|site|key)( .*)?"
)
_PLACES = re.compile(r"(.* )?(city|county|place|pl)( .*)?")  # clear what is no city itself
_EVEN_SO = {"gender", "free_text"}  # gender type, status note
_LAST_SIGNS = "last four"  # digits, or signs of a vehicle number
_STATE_ID = re.compile(r"(.* )?state li[cs](en[cs]e)?( .*)?")


def header_words(name: str) -> str:
    """“customerEmail_2” as “customer email”, “ssn_last4” as “ssn last four”."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    apart = re.sub(r"(?i)last[ _]?(four|4|six|6)(?!\d)", _LAST_SIGNS, apart)
    return " ".join(re.findall(r"[^\W\d_]+", apart.lower()))


def unnamed(name: str) -> bool:
    """Whether the name says nothing (col_1, column_7, field3, x, V12)."""
    return header_words(name) in (
        "",
        "c",
        "x",
        "v",
        "f",
        "a",
        "col",
        "column",
        "field",
        "var",
        "feld",
    )


def word_of_header(name: str, kind: Kind) -> str | None:
    """The class of personal data that the name speaks of, or None."""
    words = header_words(name)
    about = _ABOUT.fullmatch(words) is not None and not _STATE_ID.fullmatch(words)
    for word, kinds, pattern in _BY_NAME:
        if kind not in kinds or not pattern.fullmatch(words):
            continue
        if about and word not in _EVEN_SO:
            continue
        if word not in ("city", "postal_code", *_EVEN_SO) and _PLACES.fullmatch(words):
            continue
        return word
    return None
