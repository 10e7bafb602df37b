"""The view "Needs you"."""

import pytest
from playwright.sync_api import expect

NASTY = '<img src=x onerror="document.title=1"> مرحبا بالعالم 🎬'


def rows(tab):
    """The scenes that are listed."""
    return tab.locator(".px-row")


def uncertain(house, number=47, title="Low Tide"):
    """A scene that two items may be."""
    house.stash.library.add_scene(f"/data/films/{number}.mp4", number=number, size=5_000_000, title=title)
    for folder, size in (("a", 6_000_000), ("b", 7_000_000)):
        house.films.add_item(title=folder, file=f"/data/films/{folder}/{number}.mp4", size=size)
    house.index()
    house.queue_only(number)
    house.drain()


def missing(house, *numbers):
    """Scenes whose files Plex does not have."""
    for number in numbers:
        house.stash.library.add_scene(f"/data/films/gone {number}.mp4", number=number, size=5, title=f"Gone {number}")
    house.index()
    house.queue_only(*numbers)
    house.drain()


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
    uncertain(house)
    tab = visitor.go("/plugins/plexsync/needs")
    expect(tab.get_by_role("button", name="To decide (1)")).to_have_attribute("aria-pressed", "true")
    expect(rows(tab)).to_contain_text("Low Tide")
    expect(rows(tab)).to_contain_text("neither path nor size prove that it is the same one")
    item = rows(tab).locator(".px-item", has_text="/data/films/a/47.mp4")
    expect(item).to_contain_text("Films · 6 MB")
    expect(item).to_contain_text("for: the same file name")
    expect(item).to_contain_text("against: another size")
    visitor.accessible()


def test_one_click_settles_it(visitor, house):
    uncertain(house)
    tab = visitor.go("/plugins/plexsync/needs")
    expect(rows(tab)).to_have_count(1)
    tab.get_by_role("button", name="Choose /data/films/b/47.mp4").click()
    expect(tab.get_by_text("Scene 47: synced item 2 in Films")).to_be_visible()
    expect(rows(tab)).to_have_count(0)
    assert [item.title for item in house.films.items] == ["a", "Low Tide"]
    assert house.asked("match") == [{"scene_id": "47", "key": "2"}]


def test_a_refused_choice_says_why(visitor, house):
    uncertain(house)
    tab = visitor.go("/plugins/plexsync/needs")
    expect(rows(tab)).to_have_count(1)
    house.films.remove_item(house.films.items[0])
    tab.get_by_role("button", name="Choose /data/films/a/47.mp4").click()
    expect(tab.locator(".toast")).to_contain_text("Plex has no such item")
    tab.troubles.clear()
    expect(rows(tab)).to_have_count(1)


def test_search_finds_an_item_for_it(visitor, house):
    house.film(1, "night.train").edit(title="Night Train")
    missing(house, 48)
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
    expect(tab.get_by_text("Scene 48: synced item 1 in Films")).to_be_visible()
    expect(rows(tab)).to_have_count(0)
    assert house.films.items[0].title == "Gone 48"


def test_leave_alone_and_retry(visitor, house):
    missing(house, 48, 49)
    tab = visitor.go("/plugins/plexsync/needs")
    rows(tab).first.get_by_role("button", name="Leave alone").click()
    expect(tab.get_by_text("Scene 48: ignored")).to_be_visible()
    expect(rows(tab)).to_have_count(1)
    rows(tab).get_by_role("button", name="Retry").click()
    expect(tab.get_by_text("Scene 49: not found: Plex does not have this file")).to_be_visible()
    assert house.asked("match") == [{"scene_id": "48", "none": True}]
    assert house.asked("sync-scene") == [{"scene_id": "49"}]


@pytest.mark.parametrize("verb, mode, args", [("Retry all", "sync-scene", {}), ("Leave all alone", "match", {"none": True})])
def test_for_all_that_are_found(visitor, house, verb, mode, args):
    missing(house, 1, 2, 3, 14)
    tab = visitor.go("/plugins/plexsync/needs")
    expect(rows(tab)).to_have_count(4)
    tab.get_by_label("Words to look for").fill("gone 1")
    tab.get_by_role("button", name="Filter").click()
    expect(rows(tab)).to_have_count(2)
    tab.get_by_role("button", name=verb).click()
    expect(tab.get_by_role("dialog")).to_contain_text("2 scenes")
    tab.get_by_role("dialog").get_by_role("button", name=verb).click()
    expect(tab.get_by_text("2 scenes done")).to_be_visible()
    assert house.asked(mode) == [{"scene_id": "1", **args}, {"scene_id": "14", **args}]


def test_titles_are_text_whatever_they_hold(visitor, house):
    uncertain(house, title=NASTY)
    tab = visitor.go("/plugins/plexsync/needs")
    expect(rows(tab).get_by_role("link")).to_have_text(NASTY)
    expect(rows(tab).get_by_role("link")).to_have_attribute("dir", "auto")
    assert tab.locator("main img").count() == 0
    assert tab.title() == "PlexSync | Stash"


def test_ten_thousand_failed_scenes(visitor, house):
    house.fail(10_000)
    tab = visitor.go("/plugins/plexsync/needs")
    expect(tab.get_by_role("button", name="To decide (5,000)")).to_be_visible()
    tab.get_by_role("button", name="Failed (5,000)").click()
    expect(tab.get_by_text("Page 1 of 200")).to_be_visible()
    expect(rows(tab)).to_have_count(25)
    tab.get_by_role("button", name="Next").click()
    expect(rows(tab).first).to_contain_text("Film 51")
    tab.get_by_label("Words to look for").fill("film 9999")
    tab.get_by_label("Words to look for").press("Enter")
    expect(rows(tab)).to_have_count(1)
    tab.get_by_label("Words to look for").fill("nothing like that")
    tab.get_by_label("Words to look for").press("Enter")
    expect(tab.get_by_text("No scene has these words.")).to_be_visible()
    sizes = [len(run.stdout) for run in house.stash.host.runs if run.args["mode"] == "status" and run.stdout]
    assert max(sizes) < 20_000, "a page is small, however many there are"


def test_the_last_row_of_the_last_page_goes(visitor, house):
    house.fail(51)
    tab = visitor.go("/plugins/plexsync/needs")
    tab.get_by_role("button", name="Failed (26)").click()
    tab.get_by_role("button", name="Next").click()
    expect(rows(tab)).to_have_count(1)
    rows(tab).get_by_role("button", name="Retry").click()
    expect(rows(tab)).to_have_count(25)
    expect(tab.get_by_role("button", name="Failed (25)")).to_be_visible()


def test_two_tabs_see_the_same(visitor, house):
    missing(house, 1, 2)
    one, two = visitor.go("/plugins/plexsync/needs"), visitor.go("/plugins/plexsync/needs", visitor.open())
    expect(rows(one)).to_have_count(2)
    expect(rows(two)).to_have_count(2)
    house.films.add_item(title="Gone", file="/data/films/gone 1.mp4", size=5)
    house.index()
    rows(one).first.get_by_role("button", name="Retry").click()
    expect(rows(one)).to_have_count(1)
    expect(rows(two)).to_have_count(1, timeout=15_000)
