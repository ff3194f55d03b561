"""The schema of a database, in the SQL of several: keys and links are read, nothing is executed."""

import time

import pyarrow as pa
import pytest

from generator.errors import RequestError
from generator.infer import infer
from generator.infer.ddl import tables_of
from tests.test_infer_links import links, table

RAW = {
    "orders": table(order_no="ABCD", buyer=[1, 2, 1, None], at="1234"),
    "order_lines": table(order_no="AABB", line="1212", sku="xyzx", n="5678"),
    "people": table(id=[1, 2, 3], boss=[None, 1, 1], mail="abc"),
    "packed": table(order_ref="AAB", line_ref="121", box="123"),
}

POSTGRES = """
-- Dumped; CREATE TABLE in a comment (is none)
SET statement_timeout = 0;
CREATE FUNCTION f() RETURNS void AS $body$ CREATE TABLE inner (x int); $body$ LANGUAGE sql;
CREATE TABLE public.people (
    id bigint DEFAULT nextval('people;seq'::regclass) NOT NULL,
    boss bigint,
    mail character varying(80) UNIQUE,
    CONSTRAINT "it's" CHECK (((mail)::text ~~ '%;%'::text))
);
ALTER TABLE public.people OWNER TO somebody;
COPY public.people (id, boss, mail) FROM stdin;
1\t\\N\tit's; CREATE TABLE (
\\.
CREATE TABLE public.orders (order_no text PRIMARY KEY, buyer bigint, at numeric(5,2));
CREATE TABLE public."Order Lines" (order_no text NOT NULL, line int, sku text, n int,
    PRIMARY KEY (order_no, line)) PARTITION BY RANGE (line);
CREATE TABLE public.packed (order_ref text, line_ref integer, box integer);
CREATE TABLE public.elsewhere (x int REFERENCES orders(order_no));
ALTER TABLE ONLY public.people ADD CONSTRAINT people_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.people ADD CONSTRAINT b FOREIGN KEY (boss) REFERENCES public.people(id);
ALTER TABLE ONLY public.orders ADD CONSTRAINT o FOREIGN KEY (buyer) REFERENCES public.people(id);
ALTER TABLE ONLY public."Order Lines" ADD CONSTRAINT l FOREIGN KEY (order_no)
    REFERENCES public.orders(order_no) ON DELETE CASCADE DEFERRABLE;
ALTER TABLE ONLY public.packed ADD CONSTRAINT p FOREIGN KEY (order_ref, line_ref)
    REFERENCES public."Order Lines"(order_no, line);
"""
MYSQL = """
/*!40101 SET NAMES utf8 */;
DROP TABLE IF EXISTS `people`;
CREATE TABLE `people` (`id` int(11) NOT NULL AUTO_INCREMENT, `boss` int(11) DEFAULT NULL,
  `mail` varchar(80) COMMENT 'where; they (are)', PRIMARY KEY (`id`), UNIQUE KEY `u` (`mail`),
  KEY `k` (`boss`), CONSTRAINT `b` FOREIGN KEY (`boss`) REFERENCES `people` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb4;
INSERT INTO `people` VALUES (1,NULL,'it\\'s; ('),(2,1,'x');
CREATE TABLE `orders` (`order_no` varchar(9), `buyer` int, `at` decimal(5,2),
  PRIMARY KEY (`order_no`), FOREIGN KEY (`buyer`) REFERENCES `people` (`id`)) ENGINE=InnoDB;
CREATE TABLE `order_lines` (`order_no` varchar(9), `line` int, `sku` enum('x','y'), `n` int,
  PRIMARY KEY (`order_no`,`line`), FOREIGN KEY (`order_no`) REFERENCES `orders` (`order_no`));
CREATE TABLE `packed` (`order_ref` varchar(9), `line_ref` int, `box` int,
  FOREIGN KEY (`order_ref`,`line_ref`) REFERENCES `order_lines` (`order_no`,`line`));
"""
SQLITE = """
CREATE TABLE IF NOT EXISTS people (id INTEGER PRIMARY KEY AUTOINCREMENT,
  boss INTEGER REFERENCES people, mail TEXT UNIQUE);
CREATE TABLE orders (order_no TEXT PRIMARY KEY, buyer REFERENCES people(id), at) WITHOUT ROWID;
CREATE TABLE "order_lines" (order_no TEXT REFERENCES orders, line INT, sku TEXT, n INT,
  PRIMARY KEY (order_no, line)) WITHOUT ROWID;
CREATE TABLE packed (order_ref, line_ref, box,
  FOREIGN KEY(order_ref, line_ref) REFERENCES order_lines(order_no, line))
"""
SERVER = """
CREATE TABLE [dbo].[people]([id] [int] IDENTITY(1,1) NOT NULL, [boss] [int] NULL,
  [mail] [nvarchar](80) NULL, CONSTRAINT [PK] PRIMARY KEY CLUSTERED ([id] ASC)) ON [PRIMARY];
CREATE TABLE [dbo].[orders]([order_no] [nvarchar](9) NOT NULL PRIMARY KEY, [buyer] [int],
  [at] [int]);
CREATE TABLE [dbo].[Order Lines]([order_no] [nvarchar](9) NOT NULL, [line] [int], [sku] [text],
  [n] [int], CONSTRAINT [PL] PRIMARY KEY CLUSTERED ([order_no] ASC, [line] ASC));
CREATE TABLE [dbo].[packed]([order_ref] [nvarchar](9), [line_ref] [int], [box] [int]);
ALTER TABLE [dbo].[people] WITH CHECK ADD CONSTRAINT [b] FOREIGN KEY([boss])
  REFERENCES [dbo].[people] ([id]);
ALTER TABLE [dbo].[orders] ADD CONSTRAINT [o] FOREIGN KEY([buyer]) REFERENCES [dbo].[people] ([id]);
ALTER TABLE [dbo].[Order Lines] ADD FOREIGN KEY([order_no]) REFERENCES [dbo].[orders] ([order_no]);
ALTER TABLE [dbo].[packed] ADD FOREIGN KEY([order_ref],[line_ref])
  REFERENCES [dbo].[Order Lines] ([order_no],[line]);
"""
DIALECTS = {"postgres": POSTGRES, "mysql": MYSQL, "sqlite": SQLITE, "sql server": SERVER}


@pytest.fixture
def said(tmp_path):
    def say(text, raw=RAW):
        path = tmp_path / "schema.sql"
        path.write_text(text)
        return infer(raw, path)

    return say


@pytest.mark.parametrize("dialect", DIALECTS)
def test_keys_and_links_are_those_of_the_database(dialect, said):
    schema = said(DIALECTS[dialect])
    assert {t.name: t.key_columns for t in schema} == {
        "orders": ("order_no",),
        "order_lines": ("order_no", "line"),
        "people": ("id",),
        "packed": (),
    } | ({"packed": ("box",)} if schema["packed"].key else {})
    assert links(schema) == {
        "orders.buyer": "people.id",
        "people.boss": "people.id",
        "order_lines.order_no": "orders.order_no",
        "packed.order_ref, line_ref": "order_lines.order_no, line",
    }
    assert schema["people"].links[0].reason == "The database says so."


def test_what_a_column_means_is_kept(said):
    assert said(MYSQL)["people"].column("mail").meaning == "where; they (are)"


def test_a_link_whose_columns_are_of_another_kind_takes_that_of_the_key(said):
    raw = {
        "codes": table(code=["01", "02", "A3", *range(10, 40)]),
        "sold": table(code=[*range(10, 40)] * 2),
    }
    text = "CREATE TABLE codes (code text primary key);"
    text += "CREATE TABLE sold (code text references codes (code));"
    schema = said(text, raw)
    assert schema["sold"].column("code").kind == "text"


def test_a_database_that_says_no_links_leaves_those_that_were_found(said):
    raw = {"people": table(person_id=range(60)), "pets": table(person_id=list(range(40)) * 3)}
    schema = said("CREATE TABLE people (person_id int); CREATE TABLE pets (person_id int)", raw)
    assert links(schema) == {"pets.person_id": "people.person_id"}


REFUSED = {
    "SELECT 1": "has no CREATE TABLE statement",
    "": "has no CREATE TABLE statement",
    "CREATE TABLE gone (a int)": "creates none of the extract's tables",
    "\n\nCREATE TABLE people (id int, 'b": r"line 3: “CREATE TABLE people \(id int, 'b …”",
    "CREATE TABLE people (id " + "(" * 500: "line 1: a statement that is too deep",
    "CREATE TABLE people (id int, boss int, primary key (boss))": "people.boss cannot be the key",
    "CREATE TABLE t (a int);" * 5_001: "more than 5,000 statements",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_read_is_refused_in_one_sentence(text, said):
    with pytest.raises(RequestError, match=REFUSED[text]) as refused:
        said(text)
    assert len(refused.value.sentence) < 300


@pytest.mark.parametrize("text", ["'" * 300_001, "/*" * 300_000, '"' * 300_001, "$a$" * 200_001])
def test_a_hostile_text_takes_no_time(text):
    begun = time.process_time()
    with pytest.raises(RequestError):
        tables_of(text, "schema.sql")
    assert time.process_time() - begun < 5


def test_a_schema_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "schema.sql"
    path.write_bytes(b"CREATE \xff\xfe")
    with pytest.raises(RequestError, match="is not UTF-8 text"):
        infer({"t": pa.table({"a": ["1"]})}, path)
