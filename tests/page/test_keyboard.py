"""Each view by keyboard alone, at 400 pixels: what is acted on can be reached, is seen to have the focus, and
nothing is wider than the window."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import TOKEN
from tests.fake.plex_tv import PlexTv

from .conftest import NARROW

pytestmark = pytest.mark.parametrize("visitor", [NARROW], indirect=True, ids=["narrow"])

# The name of an element, as a screen reader says it.
NAME = 'at.getAttribute("aria-label") || (at.labels && at.labels[0] || at).textContent.trim()'

# What the focus is on; null if nobody sees that it is there.
FOCUS = f"""() => {{
    const at = document.activeElement, style = getComputedStyle(at);
    return style.outlineStyle === "none" && style.boxShadow === "none" ? null : {NAME};
}}"""

# Whether the page has come as far as something to act on of this name, or one that begins so.
THERE = f"""name => [...document.querySelectorAll("a, button, input, select, textarea, summary")]
    .some(at => ({NAME}).startsWith(name))"""


class Keys:
    """A person who has no mouse."""

    def __init__(self, visitor, view):
        self.visitor = visitor
        self.tab = visitor.go(f"/plugins/plexsync/{view}")

    def press(self, *keys):
        """One after the other."""
        for key in keys:
            self.tab.keyboard.press(key)

    def reach(self, name):
        """Waits for something of this name, or one that begins so, and goes from one thing to the next up to it."""
        self.tab.wait_for_function(THERE, arg=name)
        passed = []
        for _ in range(100):
            self.press("Tab")
            passed.append(self.tab.evaluate(FOCUS))
            if (passed[-1] or "").startswith(name):
                self.visitor.fits(self.tab)
                return self
        raise AssertionError(f'"{name}" is not among {passed}')

    def use(self, name, key="Enter"):
        """Reaches it, and presses it."""
        self.reach(name).press(key)

    def write(self, name, text):
        """Writes into a field in place of what is there."""
        self.reach(name).press("Control+a")
        self.tab.keyboard.type(text)

    def sees(self, text):
        """It is said, and what says it fits into the window."""
        expect(self.tab.get_by_text(text).first).to_be_visible()
        self.visitor.fits(self.tab)


def elsewhere(house, count):
    """Scenes that Plex has under another path."""
    for number in range(1, count + 1):
        size, name = 1000 + number, f"f{number}/film {number}.mp4"
        house.stash.library.add_scene(f"/mnt/stash/films/{name}", number=number, size=size, title=f"Harbour {number}")
        house.films.add_item(file=f"/data/films/{name}", size=size, title=f"film {number}")


def test_from_an_empty_configuration_to_the_first_scene_in_plex(visitor, house):
    elsewhere(house, 12)
    house.plex.add_library("Shorts", ["/data/shorts"])
    house.settings = {}
    visitor.context.route("https://app.plex.tv/**", lambda route: route.fulfill(body="Plex", content_type="text/html"))
    with PlexTv() as plex_tv:
        plex_tv.add_server(house.plex)
        house.stash.host.environ["PLEXSYNC_PLEX_TV"] = plex_tv.url
        house.secrets.add(plex_tv.token)
        keys = Keys(visitor, "setup")
        keys.sees("setting connectUrl is empty")
        with visitor.context.expect_page() as opened:
            keys.use("Sign in to Plex")
        opened.value.troubles = []
        keys.sees("Confirm the code")
        plex_tv.sign_in()
        keys.sees("in your network, answers in")
        keys.use("Use it")
        keys.sees("the token belongs to its owner")
        keys.use("Shorts", "Space")
        keys.use("Use these libraries")
        keys.sees("Saved. Scenes in these libraries are pushed")
        assert house.settings["libraryNames"] == "Films"
        keys.use("Use it")
        keys.sees("12 sampled scenes 12 are found by path")
        assert house.settings["libraryPathMap"] == "/mnt/stash => /data"
        keys.use("Preview ten scenes")
        expect(keys.tab.get_by_role("row", name="would write title")).to_have_count(10)
        visitor.fits()
        visitor.accessible()
        assert not house.plex.writes
        keys.use("Sync all")
        keys.sees("Stash runs it as a task")
        house.tasks()
    assert [item.title for item in house.films.items] == [f"Harbour {number}" for number in range(1, 13)]
    assert TOKEN not in keys.tab.content()


def test_without_internet_by_hand_with_the_error_at_the_field(visitor, house):
    house.settings = {}
    house.stash.host.environ["PLEXSYNC_PLEX_TV"] = "http://127.0.0.1:9"
    keys = Keys(visitor, "setup")
    keys.sees("setting connectUrl is empty")
    keys.use("Sign in to Plex")
    expect(keys.tab.locator(".toast")).to_contain_text("plex.tv")
    keys.tab.troubles.clear()
    keys.use("Without signing in")
    for address, token, field, words in (
            ("plex", TOKEN, "connectUrl", "connectUrl begins with neither"),
            ("http://127.0.0.1:9", TOKEN, "connectUrl", "Plex"),
            (house.plex.url, "not-the-token", "connectToken", "token")):
        keys.write("Address of Plex", address)
        keys.write("Token of the server's owner", token)
        keys.press("Enter")
        expect(keys.tab.locator(f"#px-{field}")).to_contain_text(words)
        visitor.fits()
    visitor.accessible()
    keys.write("Token of the server's owner", TOKEN)
    keys.press("Enter")
    keys.sees("the token belongs to its owner")
    assert (house.settings["connectUrl"], house.settings["connectToken"]) == (house.plex.url, TOKEN)


def test_overview(visitor, house):
    item = house.film(45, "a.very.long.name.of.a.film." * 6, title="Harbour Lights")
    house.index()
    keys = Keys(visitor, "overview")
    keys.sees("Nothing was pushed yet.")
    keys.use("Sync all scenes…")
    keys.use("Sync all scenes")
    keys.sees("Stash runs “Sync all scenes” as a task.")
    expect(keys.tab.get_by_role("heading", name="Pushes")).to_be_visible()
    visitor.fits()
    visitor.accessible()
    house.tasks()
    assert item.title == "Harbour Lights"


def test_needs_you(visitor, house):
    title = "مرحبا بالعالم 🎬 " * 12
    house.stash.library.add_scene("/data/films/tide.mp4", number=47, size=5_000_000, title=title)
    for folder, size in (("a" * 120, 6_000_000), ("b", 7_000_000)):
        house.films.add_item(title=folder, file=f"/data/films/{folder}/tide.mp4", size=size)
    house.index()
    house.queue_only(47)
    house.drain()
    keys = Keys(visitor, "needs")
    keys.sees("neither path nor size prove")
    keys.write("Title or file name in Plex", "tide")
    keys.press("Enter")
    expect(keys.tab.locator(".px-item")).to_have_count(4)
    keys.use("Choose /data/films/b/tide.mp4")
    keys.sees("Scene 47: synced item 2 in Films")
    visitor.accessible()
    assert house.asked("match") == [{"scene_id": "47", "key": "2"}]


def test_activity(visitor, house):
    item = house.film(45, "quay", title="a.very.long.name." * 12, tags=["Sea"])
    house.index()
    house.sync(45)
    keys = Keys(visitor, "activity")
    keys.use("Undo the push of")
    expect(keys.tab.get_by_role("dialog")).to_be_visible()
    keys.use("Undo")
    keys.sees("Scene 45: undone")
    assert item.title == "quay"
    keys.use("Changed: title, tags")
    expect(keys.tab.get_by_role("table")).to_be_visible()
    keys.write("Words in titles and values", "quay")
    keys.press("Enter")
    visitor.fits()
    visitor.accessible()


def test_the_tab_of_a_scene(visitor, house):
    item = house.film(45, "quay", title="Harbour Lights", details="A lighthouse, a letter, a storm. " * 20)
    house.index()
    keys = Keys(visitor, "overview")
    visitor.go("/scenes/45")
    keys.reach("Details").press("ArrowRight", "ArrowRight")
    keys.sees("found by path")
    keys.use("Sync now")
    keys.sees("Scene 45: synced")
    keys.use("Why, in words")
    keys.sees("Verdict")
    visitor.accessible()
    assert item.title == "Harbour Lights"
