"""The fixtures of the page's tests: one browser for all, and a house and a tab for each test."""

import os
import pathlib

import pytest
from playwright.sync_api import expect, sync_playwright

pytest.register_assert_rewrite("tests.e2e.conftest")

from tests.page.house import House      # noqa: E402  pylint: disable=wrong-import-position

CHROMIUM = os.environ.get("PLEXSYNC_CHROMIUM", "/usr/bin/chromium")
PACKAGES = pathlib.Path(os.environ["PLEXSYNC_PAGE_PACKAGES"])
WIDE, NARROW = {"width": 1300, "height": 900}, {"width": 400, "height": 800}
WAIT_MS = 20_000
expect.set_options(timeout=WAIT_MS)


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium, without a window."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@pytest.fixture
def house(tmp_path, request):
    """A house; options for the stand-ins come by @pytest.mark.parametrize("house", …, indirect)."""
    found = House(tmp_path, **getattr(request, "param", {}))
    try:
        yield found
    finally:
        found.close()


class Visitor:
    """A person with a tab."""

    def __init__(self, browser, house, size):
        self.house = house
        self.context = browser.new_context(viewport=size, locale="en-GB", timezone_id="UTC", reduced_motion="reduce")
        self.tab = self.open()

    def open(self):
        """Another tab."""
        tab = self.context.new_page()
        tab.set_default_timeout(WAIT_MS)
        tab.troubles = []
        tab.on("pageerror", lambda error: tab.troubles.append(str(error)))
        tab.on("console", lambda line: line.type == "error" and tab.troubles.append(line.text))
        return tab

    def go(self, path="/plugins/plexsync", tab=None):
        """Opens an address of Stash; the tab."""
        tab = tab or self.tab
        tab.goto(self.house.stash.url + path)
        return tab

    def accessible(self, tab=None):
        """axe-core finds nothing that is serious in what the page shows now."""
        tab = tab or self.tab
        tab.add_script_tag(path=str(PACKAGES / "node_modules/axe-core/axe.min.js"))
        found = tab.evaluate("axe.run('.plexsync', {resultTypes: ['violations']})")
        grave = [(rule["id"], rule["help"], [node["html"] for node in rule["nodes"]][:3])
                 for rule in found["violations"] if rule["impact"] in ("serious", "critical")]
        assert not grave, grave

    def fits(self, tab=None):
        """Nothing is wider than the window."""
        tab = tab or self.tab
        assert tab.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0

    def until(self, found, tab=None):
        """Waits until that is so, while the page goes on."""
        for _ in range(WAIT_MS // 50):
            if found():
                return
            (tab or self.tab).wait_for_timeout(50)
        assert found()

    def close(self, expected=()):
        """The end: the browser's console has nothing to complain about."""
        for tab in self.context.pages:
            left = [text for text in tab.troubles if not any(word in text for word in expected)]
            assert not left, left
        self.context.close()


@pytest.fixture(params=[WIDE], ids=["wide"])
def visitor(browser, house, request):
    """A person who looks at that house's Stash."""
    found = Visitor(browser, house, request.param)
    marker = request.node.get_closest_marker("console")
    try:
        yield found
    finally:
        found.close(marker.args if marker else ())


def pytest_configure(config):
    """The one mark that these tests have of their own."""
    config.addinivalue_line("markers", "console(word, …): lines of the browser's console that may be errors")
