"""A person at a real browser: from nothing to a bundle, and from an upload to a profile.

The portal runs as it is shipped: supervisor, broker, workers and web server in a folder of their
own.  No page may complain in the console, break its content policy or ask another host.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import sqlite3
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from tests.portal_process import PortalProcess, until
from tests.used_cars import MODELS, used_cars

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
RUN_MS = 300_000

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH"),
]

NO_OVERFLOW = "document.scrollingElement.scrollWidth <= innerWidth"
UNFOLD = "document.querySelectorAll('main details').forEach(one => { one.open = true; })"

STICKING = """[...document.querySelectorAll('.plan *')]
    .filter(one => getComputedStyle(one).position === 'sticky').map(one => one.innerText)"""

# What has the focus is called so, and whether one sees that it has it.
FOCUSED = """(() => {
    const one = document.activeElement, look = getComputedStyle(one);
    const label = one.getAttribute('aria-label') || (one.labels?.[0] ?? one).innerText;
    const ringed = look.outlineStyle !== 'none' || look.boxShadow !== 'none';
    return [(label || '').trim().split('\\n')[0], ringed && one.matches(':focus-visible')];
})()"""

ALL_DRAWN = """[...document.querySelectorAll('.plot[id]')].filter(plot => plot.checkVisibility())
    .every(plot => plot.classList.contains('drawn'))"""


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    process = PortalProcess(tmp_path_factory.mktemp("portal")).start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as tools:
        chromium = tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Visitor:
    """Somebody signed in.  ``complaints`` is what went wrong on any page they saw."""

    def __init__(self, browser, portal, name, **look):
        self.home = f"http://127.0.0.1:{portal.port}"
        self.page = browser.new_page(base_url=self.home, **look)
        self.complaints = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._ask)
        logins = json.loads((portal.folder / "demo-logins.json").read_text())
        self.page.goto("/accounts/login/")
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Password").fill(logins[name])
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("heading", name="My bundles").wait_for()

    def _hear(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _ask(self, request):
        if not request.url.startswith((self.home, "data:", "blob:")):
            self.complaints.append(f"asked {request.url}")

    def scroll_through(self):
        """Past everything, so that what draws itself when it comes into view has done so."""
        height = self.page.evaluate("document.documentElement.scrollHeight")
        for place in range(0, height, 500):
            self.page.evaluate(f"scrollTo(0, {place})")
            self.page.wait_for_timeout(60)
        # Not wait_for_function: it calls eval in the page, which the content policy forbids.
        until(lambda: self.page.evaluate(ALL_DRAWN), what="the drawing of every chart")

    def wait_for(self, what):
        """Until ``what`` is there, or the page says what went wrong."""
        self.page.locator(f"{what}, .notice.bad").first.wait_for(timeout=RUN_MS)
        assert self.page.locator(".notice.bad").all_inner_texts() == []

    def picture(self, name):
        """The page as it is, into the folder SCREENSHOTS names (that of the README)."""
        if folder := os.environ.get("SCREENSHOTS"):
            self.page.set_viewport_size({"width": 1280, "height": 1240})
            self.page.evaluate("scrollTo(0, 0)")
            self.page.wait_for_timeout(500)
            self.page.screenshot(path=Path(folder) / f"{name}.png")

    def fits_narrow(self, *addresses):
        """Each of the pages on a telephone; the last one stays."""
        wide = self.page.viewport_size
        self.page.set_viewport_size({"width": 390, "height": 844})
        for address in addresses:
            self.page.goto(address)
            self.page.wait_for_timeout(200)
            assert self.page.evaluate(NO_OVERFLOW), address
            self.page.evaluate(UNFOLD)
            self.page.wait_for_timeout(200)
            assert self.page.evaluate(NO_OVERFLOW), f"{address}, with all that is folded"
        self.page.set_viewport_size(wide)

    def download(self, link):
        with self.page.expect_download() as found:
            link.click()
        return found.value.path()


@pytest.fixture
def developer(browser, portal):
    visitor = Visitor(browser, portal, "developer", viewport={"width": 1280, "height": 900})
    yield visitor
    visitor.page.close()
    assert visitor.complaints == []


@pytest.fixture
def administrator(browser, portal):
    visitor = Visitor(browser, portal, "administrator", viewport={"width": 1280, "height": 900})
    yield visitor
    visitor.page.close()
    assert visitor.complaints == []


def test_a_bundle_from_the_form_to_the_database_file(developer):
    page = developer.page
    page.get_by_role("link", name="New bundle").click()
    page.get_by_label("rows of deal", exact=True).fill("500")
    page.get_by_label("rows of vehicle_telemetry_event").fill("20,000")
    page.locator(".plan td.n", has_text="20,000").wait_for()
    page.get_by_label(re.compile("^Seed")).fill("7")
    page.get_by_label(re.compile("^Name to find")).fill("Deals and telemetry")
    page.locator(".plan .pill.good").wait_for()
    page.get_by_role("button", name="Preview 20 rows").click()
    page.locator("#peek tbody tr").first.wait_for(timeout=60_000)
    page.get_by_role("button", name="Make the bundle").click()

    developer.wait_for("#downloads")
    developer.scroll_through()
    developer.picture("bundle")
    assert page.locator(".plot.drawn .main-svg").count() > 4
    assert page.get_by_text("platform rule").count() >= 3
    assert page.locator(".pill.good", has_text="rules").count() == 1

    packed = developer.download(page.get_by_role("link", name=re.compile("^ZIP")))
    with zipfile.ZipFile(packed) as files:
        assert files.testzip() is None
        unpacked = files.extract("bundle.sqlite3", packed.parent)
    with sqlite3.connect(unpacked) as database:
        count = database.execute("SELECT count(*) FROM deal").fetchone()
        events = database.execute("SELECT count(*) FROM vehicle_telemetry_event").fetchone()
        orphans = database.execute("PRAGMA foreign_key_check").fetchall()
    assert (count, events, orphans) == ((500,), (20_000,), [])


def test_what_cannot_be_is_said_on_its_field_while_typing(developer):
    page = developer.page
    page.goto("/bundles/new/")
    page.get_by_label(re.compile("^Seed")).fill("seven")
    page.locator("#seed-says .err").wait_for()
    assert page.get_by_label(re.compile("^Seed")).get_attribute("aria-invalid") == "true"
    assert page.evaluate("document.activeElement.id") == "seed"
    page.get_by_label(re.compile("^Seed")).fill("7")
    page.locator(".plan .pill.good").wait_for()
    page.get_by_label("To", exact=True).fill("2024-01-01")
    page.locator("#to-says .err").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_screen_needs_no_sideways_scrolling(browser, portal, scheme):
    narrow = {"width": 390, "height": 844}
    visitor = Visitor(browser, portal, "administrator", viewport=narrow, color_scheme=scheme)
    page = visitor.page
    page.goto("/profiles/")
    inner = page.locator("table.list a").first.get_attribute("href")
    page.goto("/")
    example = page.locator("table.list a").first.get_attribute("href")
    page.goto(example)
    visitor.wait_for("#downloads")
    page.goto(f"{example}lives/")
    lives = [one.get_attribute("href") for one in page.locator(".lives a").all()]
    assert any("/vehicle/" in one for one in lives)
    assert any("/customer/" in one for one in lives)
    visitor.fits_narrow(
        *("/", "/bundles/new/", f"/bundles/new/?bundle={example.split('/')[2]}"),
        *("/profiles/", "/profiles/new/", inner, f"{inner}dictionary/"),
        *(example, f"{example}lives/", f"{example}dictionary/", *lives),
    )
    page.goto("/bundles/new/")
    assert page.evaluate(STICKING) == []
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.evaluate(STICKING) == ["Make the bundle"]
    assert visitor.complaints == []
    page.close()


TABLE = "used_cars"


def mean(rows, column):
    values = [float(row[column]) for row in rows if row[column] != ""]
    return sum(values) / len(values)


def test_from_an_upload_to_a_bundle_of_its_profile(administrator, tmp_path):
    page = administrator.page
    extract = tmp_path / f"{TABLE}.csv"
    extract.write_text(used_cars(6_000))
    page.goto("/profiles/")
    page.get_by_role("link", name="Upload an extract").click()
    page.locator("input[type=file]").set_input_files(extract)
    page.get_by_role("button", name="Upload").click()

    administrator.wait_for("form .confirm-columns")
    administrator.fits_narrow("/profiles/", page.url)
    assert page.get_by_label("kind of price").input_value() == "integer"
    page.get_by_label("Name", exact=True).fill("Used cars")
    page.get_by_role("button", name="Confirm and fit").click()

    administrator.wait_for("summary:text('Submit for review…')")
    administrator.scroll_through()
    assert page.locator(".plot.drawn .main-svg").count() > 4
    administrator.picture("profile")
    administrator.fits_narrow(page.url)
    page.reload()
    page.get_by_text("Submit for review…").click()
    page.get_by_role("button", name="Submit for review").click()
    page.get_by_text("Publish…").click()
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("link", name="New bundle from it").click()

    page.get_by_label(f"rows of {TABLE}").fill("10,000")
    page.locator(".plan td.n", has_text="10,000").wait_for()
    page.get_by_role("button", name="Make the bundle").click()
    administrator.wait_for("#downloads")
    administrator.scroll_through()
    administrator.picture("fitted-bundle")
    assert page.locator(".plot.drawn .main-svg").count() > 4
    administrator.fits_narrow(page.url, f"{page.url}dictionary/", page.url)
    assert page.locator(".tile .k", has_text="One column").count() == 1

    packed = administrator.download(page.get_by_role("link", name=re.compile("^ZIP")))
    with zipfile.ZipFile(packed) as files:
        text = files.read(f"{TABLE}.csv").decode()
    made = list(csv.DictReader(io.StringIO(text)))
    real = list(csv.DictReader(io.StringIO(extract.read_text())))
    assert len(made) == 10_000
    assert {(row["brand"], row["model"]) for row in made} <= {
        (make, model) for make, models in MODELS.items() for model in models
    }
    for make in MODELS:
        share = Counter(row["brand"] for row in made)[make] / len(made)
        assert share == pytest.approx(
            Counter(row["brand"] for row in real)[make] / len(real), abs=0.02
        )
    assert mean(made, "price") == pytest.approx(mean(real, "price"), rel=0.03)
    assert mean(made, "mileage") == pytest.approx(mean(real, "mileage"), rel=0.03)


class Keys:
    """Somebody without a mouse."""

    def __init__(self, page):
        self.page = page

    def to(self, name):
        """Press Tab until what is called so has the focus, and shows it."""
        passed = []
        for _ in range(120):
            self.page.keyboard.press("Tab")
            called, seen = self.page.evaluate(FOCUSED)
            passed.append(called)
            assert seen or called in ("", None), f"{called} has the focus and does not show it"
            if called == name:
                return
        raise AssertionError(f"no Tab comes to {name}: {passed}")

    def press(self, name, key="Enter"):
        self.to(name)
        self.page.keyboard.press(key)

    def write(self, name, text):
        self.to(name)  # Tab marks what stands there
        self.page.keyboard.type(text)


def test_the_wizard_on_a_telephone_with_the_keyboard_alone(browser, portal, tmp_path):
    narrow = {"width": 390, "height": 844}
    visitor = Visitor(browser, portal, "administrator", viewport=narrow)
    page, keys = visitor.page, Keys(visitor.page)
    extract = tmp_path / "keyed_cars.csv"
    extract.write_text(used_cars(400))
    page.goto("/profiles/")
    keys.press("Upload an extract")
    page.get_by_role("heading", name="Upload an extract").wait_for()
    with page.expect_file_chooser() as chooser:
        keys.press("Drop files here, or choose them")
    chooser.value.set_files(extract)
    keys.press("Upload and inspect", "Space")

    visitor.wait_for("form .confirm-columns")
    assert page.evaluate(NO_OVERFLOW)
    keys.write("Name", "Keyed cars")
    keys.press("Confirm and fit", "Space")

    visitor.wait_for("summary:text('Submit for review…')")
    page.reload()
    assert page.evaluate(NO_OVERFLOW)
    keys.press("Submit for review…")
    keys.press("Submit for review")
    page.locator("summary:text('Publish…')").wait_for()
    keys.press("Publish…", "Space")
    keys.press("Publish", "Space")
    page.get_by_role("link", name="New bundle from it").wait_for()
    assert page.get_by_role("heading", name="Keyed cars").count() == 1
    assert page.evaluate(NO_OVERFLOW)
    assert visitor.complaints == []
    page.close()
