"""The tab "Plex" of a scene."""

import pytest
from playwright.sync_api import expect

from . import documents


@pytest.fixture
def scene(visitor):
    """Opens the tab of a scene."""
    def look(number=45):
        tab = visitor.go(f"/scenes/{number}")
        tab.get_by_role("tab", name="Plex").click()
        return tab
    return look


def field(tab, name):
    """The row of a field."""
    return tab.locator("tr", has=tab.get_by_role("rowheader", name=name, exact=True))


def test_stash_beside_plex_and_sync_now(visitor, house, scene):
    item = house.film(45, "quay", title="Harbour Lights", tags=["Sea"])
    house.index()
    tab = scene()
    expect(tab.locator(".plexsync")).to_contain_text("Item 1 in library “Films”, found by path.")
    link = tab.get_by_role("link", name="Open in Plex")
    expect(link).to_have_attribute("href", house.link(item))
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(field(tab, "title")).to_contain_text("Harbour Lights")
    expect(field(tab, "title")).to_contain_text("goes to Plex")
    visitor.accessible()
    tab.get_by_role("button", name="Sync now").click()
    expect(tab.get_by_text("Scene 45: synced item 1 in Films")).to_be_visible()
    expect(field(tab, "title")).to_contain_text("the same")
    expect(field(tab, "tags")).to_contain_text("SeaSea")
    assert item.title == "Harbour Lights"


def test_what_was_edited_in_plex_stays_or_is_overwritten_on_purpose(house, scene):
    item = house.film(45, "quay", title="Harbour Lights")
    house.index()
    house.sync(45)
    item.title = "Quay"
    tab = scene()
    expect(field(tab, "title")).to_contain_text("Plex's stays")
    tab.get_by_role("button", name="Stash's values win…").click()
    expect(tab.get_by_role("dialog")).to_contain_text("also what was edited there")
    tab.get_by_role("button", name="Write them").click()
    expect(field(tab, "title")).to_contain_text("the same")
    assert item.title == "Harbour Lights"


def test_nothing_is_asked_before_the_tab_is_looked_at(visitor, house):
    tab = visitor.go("/scenes/45")
    expect(tab.get_by_text("Details of scene 45")).to_be_visible()
    tab.wait_for_timeout(1_000)
    assert not house.asked("explain")


def test_why_in_words(house, scene):
    house.record(explain=documents.explained(45))
    tab = scene()
    tab.get_by_text("Why, in words").click()
    expect(tab.get_by_text('Scene 45 "Harbour Lights"')).to_be_visible()
    expect(tab.get_by_text("Verdict: synced")).to_be_visible()
    expect(field(tab, "tags")).to_contain_text("Plex's staysedited in Plex")


def test_a_scene_that_stash_does_not_have(scene):
    tab = scene(999)
    expect(tab.locator(".plexsync")).to_contain_text("Stash has no scene 999")


def test_choosing_another_item_and_forgetting_it(house, scene):
    house.film(45, "quay", title="Harbour Lights")
    other = house.films.add_item(title="other", file="/data/films/other.mp4", size=7)
    house.index()
    tab = scene()
    tab.get_by_role("button", name="Choose another item…").click()
    expect(tab.get_by_role("button", name="Forget my choice")).to_have_count(0)
    tab.get_by_label("Title or file name in Plex").fill("other")
    tab.get_by_role("button", name="Search Plex").click()
    tab.get_by_role("button", name="Choose /data/films/other.mp4").click()
    expect(tab.locator(".plexsync")).to_contain_text("Item 2 in library “Films”, chosen by hand.")
    assert other.title == "Harbour Lights"
    tab.get_by_role("button", name="Choose another item…").click()
    tab.get_by_role("button", name="Forget my choice").click()
    expect(tab.locator(".plexsync")).to_contain_text("Item 1 in library “Films”, found by path.")


def test_leaving_a_scene_alone_and_taking_it_back(house, scene):
    house.film(45, "quay", title="Harbour Lights")
    house.index()
    tab = scene()
    tab.get_by_role("button", name="Choose another item…").click()
    tab.get_by_role("button", name="Leave alone").click()
    expect(tab.get_by_role("heading", name="Plex ignored")).to_be_visible()
    tab.get_by_role("button", name="Choose another item…").click()
    tab.get_by_role("button", name="Forget my choice").click()
    expect(tab.locator(".plexsync")).to_contain_text("found by path")


def test_a_scene_in_two_items_names_them(house, scene):
    items = [{"key": key, "library": library, "rule": "path"} for key, library in (("55", "Films"), ("77", "Shorts"))]
    fields = [{"key": key, "field": "title", "stash": "A", "plex": "B", "base": None, "verdict": "write", "why": ""}
              for key in ("55", "77")]
    house.record(explain=documents.explained(45, verdict=documents.outcome(45, items=items), fields=fields))
    tab = scene()
    expect(field(tab, "title (item 55)")).to_be_visible()
    expect(field(tab, "title (item 77)")).to_be_visible()


def test_undoing_the_last_push(house, scene):
    item = house.film(45, "quay", title="Harbour Lights", tags=["Sea"])
    house.index()
    house.sync(45)
    item.edit(genres=["Sea", "Whales"])
    tab = scene()
    tab.get_by_role("button", name="Undo the push of").click()
    expect(tab.get_by_role("dialog")).to_contain_text("comes back: title, tags.")
    tab.get_by_role("dialog").get_by_role("button", name="Undo").click()
    expect(tab.get_by_text("Scene 45: undone")).to_be_visible()
    expect(field(tab, "title")).to_contain_text("Plex's stays")
    assert (item.title, item.genres) == ("quay", ["Whales"])
    expect(tab.get_by_role("button", name="Undo the undo of")).to_be_visible()


def test_another_scene_is_another_answer(house, scene):
    house.film(45, "quay", title="Harbour Lights")
    house.film(46, "tide", title="Low Tide")
    house.index()
    expect(field(scene(45), "title")).to_contain_text("Harbour Lights")
    expect(field(scene(46), "title")).to_contain_text("Low Tide")


def test_a_question_stays_while_an_act_before_it_ends(house, scene):
    item = house.film(45, "quay", title="Harbour Lights")
    house.index()
    tab = scene()
    expect(field(tab, "title")).to_contain_text("goes to Plex")
    held = house.hold_plex()
    tab.get_by_role("button", name="Sync now").click()
    tab.get_by_role("button", name="Stash's values win…").click()
    held.wait()
    held.release()
    expect(tab.get_by_text("Scene 45: synced")).to_be_visible()
    expect(tab.locator("tr", has_text="the same").first).to_be_attached()
    expect(tab.get_by_role("dialog")).to_be_visible()
    tab.get_by_role("button", name="Cancel").click()
    assert item.title == "Harbour Lights"
