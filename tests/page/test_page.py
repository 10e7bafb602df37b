"""How Stash's pages lead to PlexSync, and what the page costs."""

from playwright.sync_api import expect

from tests.e2e.conftest import ROOT
from tests.fake.manifest import parse_yaml

from . import documents

VIEWS = ["Overview", "Needs you", "Activity", "Setup"]


def operations(house):
    """The operations that the page asked for, by mode."""
    return [run.args["mode"] for run in house.stash.host.runs if run.kind == "operation"]


def test_the_bar_leads_to_the_page(visitor):
    tab = visitor.go("/")
    tab.get_by_role("link", name="PlexSync").last.click()
    expect(tab).to_have_url(visitor.house.stash.url + "/plugins/plexsync/overview")
    expect(tab.get_by_role("heading", name="PlexSync")).to_be_visible()
    assert tab.title() == "PlexSync | Stash"
    assert [link.inner_text() for link in tab.locator(".plexsync nav a").all()] == VIEWS


def test_settings_lead_to_it_once_in_each_place(visitor):
    tab = visitor.go("/settings")
    expect(tab.get_by_role("button", name="PlexSync", exact=True)).to_have_count(3)     # two of them in the bar
    expect(tab.get_by_role("link", name="PlexSync's page")).to_have_count(1)
    expect(tab.locator("#settings-container")).to_contain_text("Settings of another")
    expect(tab.locator("#settings-container")).to_contain_text("Settings of plexsync")
    tab.locator("#settings-container").get_by_role("button", name="PlexSync", exact=True).click()
    expect(tab).to_have_url(visitor.house.stash.url + "/plugins/plexsync/overview")


def test_a_reload_stays_where_it_is(visitor):
    tab = visitor.go("/plugins/plexsync/needs")
    expect(tab.get_by_role("link", name="Needs you")).to_have_attribute("aria-current", "page")
    tab.reload()
    expect(tab.get_by_role("link", name="Needs you")).to_have_attribute("aria-current", "page")


def test_the_keyboard_alone_reaches_every_view(visitor):
    tab = visitor.go()
    expect(tab.get_by_role("button", name="Process queue")).to_be_visible()
    for name in VIEWS[1:]:
        tab.get_by_role("link", name=name).focus()
        tab.keyboard.press("Enter")
        expect(tab.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")
    tab.get_by_role("link", name="Overview").focus()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Needs you"


def test_elsewhere_nothing_runs_but_the_tick(visitor, house):
    tab = visitor.open()
    tab.clock.install()
    visitor.go("/scenes/45", tab)
    tab.clock.run_for(150_000)
    visitor.go("/settings", tab)
    tab.clock.run_for(30_000)
    visitor.until(lambda: operations(house), tab)
    assert set(operations(house)) == {"tick"}
    assert len(operations(house)) <= 4


def test_it_is_small_and_needs_nothing_from_outside():
    manifest = parse_yaml((ROOT / "plexsync.yml").read_text(encoding="utf-8"))["ui"]
    assert set(manifest) == {"javascript", "css"}
    files = [ROOT / name for name in manifest["javascript"] + manifest["css"]]
    assert sum(path.stat().st_size for path in files) < 60_000
    assert {path.name for path in (ROOT / "plugin").iterdir()} == {path.name for path in files} | {"plexsync.sh"}


def test_a_tab_that_is_hidden_asks_nothing(visitor, house):
    house.record(status=documents.status(), activity={"entries": [], "more": False})
    tab = visitor.open()
    tab.clock.install()
    visitor.go(tab=tab)
    expect(tab.get_by_text("Plex answers.")).to_be_visible()
    tab.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    before = len(house.asked("status"))
    tab.clock.run_for(60_000)
    assert len(house.asked("status")) == before
    tab.evaluate("Object.defineProperty(document, 'hidden', {value: false})")
    tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    visitor.until(lambda: len(house.asked("status")) > before, tab)
