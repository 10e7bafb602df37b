"""The view "Needs you". The operation "match" is recorded until the executable has it."""

import pytest
from playwright.sync_api import expect

from . import documents

NASTY = '<img src=x onerror="document.title=1"> مرحبا بالعالم 🎬'


def rows(tab):
    """The scenes that are listed."""
    return tab.locator(".px-row")


@pytest.fixture
def told(house):
    """A status of these lists."""
    def tell(**lists):
        house.record(status=documents.status(**lists))
    return tell


def test_nothing_to_do(visitor, house):
    house.index()
    tab = visitor.go("/plugins/plexsync/needs")
    expect(tab.get_by_text("Nothing to decide: every scene's item is certain.")).to_be_visible()
    tab.get_by_role("button", name="Failed (0)").click()
    expect(tab.get_by_text("No scene failed.")).to_be_visible()
    tab.get_by_role("button", name="Not in Plex (0)").click()
    expect(tab.get_by_text("Plex has the file of every scene that was pushed.")).to_be_visible()
    visitor.accessible()


def test_an_uncertain_scene_and_what_speaks_for_each_candidate(visitor, house):
    house.stash.library.add_scene("/data/films/tide.mp4", number=47, size=5_000_000, title="Low Tide")
    for folder, size in (("a", 6_000_000), ("b", 7_000_000)):
        house.films.add_item(title=folder, file=f"/data/films/{folder}/tide.mp4", size=size)
    house.index()
    house.sync(47)
    house.queue_only(47)
    house.drain()
    tab = visitor.go("/plugins/plexsync/needs")
    expect(tab.get_by_role("button", name="To decide (1)")).to_have_attribute("aria-pressed", "true")
    expect(rows(tab)).to_contain_text("Low Tide")
    expect(rows(tab)).to_contain_text("neither path nor size prove that it is the same one")
    item = rows(tab).locator(".px-item", has_text="/data/films/a/tide.mp4")
    expect(item).to_contain_text("Films · 6 MB")
    expect(item).to_contain_text("for: the same file name")
    expect(item).to_contain_text("against: another size")
    visitor.accessible()


def test_one_click_settles_it(visitor, house, told):
    told(failed=[documents.row(47, "Low Tide", candidates=[documents.candidate(4, "/data/films/a/tide.mp4"),
                                                           documents.candidate(5, "/data/films/b/tide.mp4")])])
    house.record(match=documents.outcome(47, items=[{"key": "5", "library": "Films", "rule": "chosen"}]))
    tab = visitor.go("/plugins/plexsync/needs")
    expect(rows(tab)).to_have_count(1)
    told()
    tab.get_by_role("button", name="Choose /data/films/b/tide.mp4").click()
    expect(tab.get_by_text("Scene 47: synced item 5 in Films")).to_be_visible()
    expect(rows(tab)).to_have_count(0)
    assert house.asked("match") == [{"scene_id": "47", "key": "5"}]


def test_a_refused_choice_says_why(visitor, house, told):
    told(failed=[documents.row(47, candidates=[documents.candidate(4, "/data/films/a/tide.mp4")])])
    house.record(match={"error": "item 4 is not in Plex any more"})
    tab = visitor.go("/plugins/plexsync/needs")
    tab.get_by_role("button", name="Choose /data/films/a/tide.mp4").click()
    expect(tab.locator(".toast")).to_contain_text("item 4 is not in Plex any more")
    tab.troubles.clear()
    expect(rows(tab)).to_have_count(1)


def test_search_finds_an_item_for_it(visitor, house):
    house.stash.library.add_scene("/data/films/gone.mp4", number=48, size=5, title="Gone")
    house.film(1, "night.train").edit(title="Night Train")
    house.index()
    house.queue_only(48)
    house.drain()
    house.record(match=documents.outcome(48))
    tab = visitor.go("/plugins/plexsync/needs")
    expect(rows(tab)).to_contain_text("Plex does not have this file")
    tab.get_by_role("button", name="Choose…").click()
    field = tab.get_by_label("Title or file name in Plex")
    field.fill("submarine")
    field.press("Enter")
    expect(tab.get_by_text("The library has nothing of that name.")).to_be_visible()
    field.fill("night")
    tab.get_by_role("button", name="Search Plex").click()
    expect(tab.locator(".px-item")).to_contain_text("Night Train")
    expect(tab.locator(".px-item")).to_contain_text("/data/films/night.train.mp4")
    visitor.accessible()
    tab.get_by_role("button", name="Choose /data/films/night.train.mp4").click()
    expect(tab.locator(".toast")).to_be_visible()
    assert house.asked("match") == [{"scene_id": "48", "key": "1"}]


def test_leave_alone_and_retry(visitor, house, told):
    told(unmatched=[documents.row(48, "Gone", attempts=0), documents.row(49, "Far")])
    house.record(match=documents.outcome(48, "ignored"), sync_scene=documents.outcome(49, "not_found", reason="Plex does not have this file"))
    tab = visitor.go("/plugins/plexsync/needs")
    rows(tab).first.get_by_role("button", name="Leave alone").click()
    expect(tab.get_by_text("Scene 48: ignored")).to_be_visible()
    rows(tab).last.get_by_role("button", name="Retry").click()
    expect(tab.get_by_text("Scene 49: not found: Plex does not have this file")).to_be_visible()
    assert house.asked("match") == [{"scene_id": "48", "none": True}]
    assert house.asked("sync-scene") == [{"scene_id": "49"}]


@pytest.mark.parametrize("verb, mode, args", [("Retry all", "sync-scene", {}), ("Leave all alone", "match", {"none": True})])
def test_for_all_that_are_listed(visitor, house, told, verb, mode, args):
    told(failed=[documents.row(number, f"Film {number}") for number in (1, 2, 3, 14)])
    house.record(sync_scene=documents.outcome(1), match=documents.outcome(1, "ignored"))
    tab = visitor.go("/plugins/plexsync/needs")
    tab.get_by_label("Filter").fill("film 1")
    expect(rows(tab)).to_have_count(2)
    tab.get_by_role("button", name=verb).click()
    expect(tab.get_by_role("dialog")).to_contain_text("2 scenes")
    tab.get_by_role("dialog").get_by_role("button", name=verb).click()
    expect(tab.get_by_text("2 scenes done")).to_be_visible()
    assert house.asked(mode) == [{"scene_id": "1", **args}, {"scene_id": "14", **args}]


def test_titles_are_text_whatever_they_hold(visitor, told):
    told(failed=[documents.row(1, NASTY, reason=NASTY)])
    tab = visitor.go("/plugins/plexsync/needs")
    expect(rows(tab).get_by_role("link")).to_have_text(NASTY)
    expect(rows(tab).get_by_role("link")).to_have_attribute("dir", "auto")
    assert tab.locator("main img").count() == 0
    assert tab.title() == "PlexSync | Stash"


def test_ten_thousand_failed_scenes(visitor, house, told):
    told(failed=[documents.row(number, f"Film {number}") for number in range(1, 10_001)])
    tab = visitor.go("/plugins/plexsync/needs")
    expect(tab.get_by_text("Page 1 of 400")).to_be_visible()
    expect(rows(tab)).to_have_count(25)
    began = tab.evaluate("performance.now()")
    tab.get_by_role("button", name="Next").click()
    expect(rows(tab).first).to_contain_text("Film 26")
    tab.get_by_label("Filter").fill("film 9999")
    expect(rows(tab)).to_have_count(1)
    assert tab.evaluate("performance.now()") - began < 3_000
    tab.get_by_label("Filter").fill("nothing like that")
    expect(tab.get_by_text("No row has these words.")).to_be_visible()
    assert tab.locator("*").count() < 1_000


def test_two_tabs_see_the_same(visitor, house, told):
    told(failed=[documents.row(1, "Harbour Lights"), documents.row(2, "Low Tide")])
    one, two = visitor.go("/plugins/plexsync/needs"), visitor.go("/plugins/plexsync/needs", visitor.open())
    expect(rows(one)).to_have_count(2)
    expect(rows(two)).to_have_count(2)
    house.record(sync_scene=documents.outcome(1))
    told(failed=[documents.row(2, "Low Tide")])
    rows(one).first.get_by_role("button", name="Retry").click()
    expect(rows(one)).to_have_count(1)
    expect(rows(two)).to_have_count(1, timeout=15_000)
