"""The view "Activity". The operations "activity" and "undo" are recorded until the executable has them."""

import pytest
from playwright.sync_api import expect

from . import documents


@pytest.fixture
def told(house):
    """Entries of the activity."""
    def tell(*entries, more=False):
        house.record(activity={"entries": list(entries), "more": more})
    return tell


def rows(tab):
    """The entries that are listed."""
    return tab.locator(".px-row")


def test_nothing_was_done(visitor, told):
    told()
    tab = visitor.go("/plugins/plexsync/activity")
    expect(tab.get_by_text("Save a scene in Stash, and it is listed here.")).to_be_visible()
    visitor.accessible()


def test_an_entry_with_all_that_it_changed(visitor, told):
    told(documents.entry(7, kept=["rating"], reason="Plex refused the poster"))
    tab = visitor.go("/plugins/plexsync/activity")
    expect(rows(tab).get_by_role("link", name="Harbour Lights")).to_have_attribute("href", "/scenes/45")
    expect(rows(tab)).to_contain_text("84 ms · run 3")
    expect(rows(tab)).to_contain_text("Left to Plex: rating")
    expect(rows(tab)).to_contain_text("Plex refused the poster")
    link = rows(tab).get_by_role("link", name="Open item 55 in Films")
    expect(link).to_have_attribute("href", documents.URL)
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    rows(tab).get_by_text("Changed: title, tags").click()
    expect(rows(tab).locator("tbody tr").first).to_contain_text("titleharbour.lights.2019Harbour Lights")
    expect(rows(tab).locator("tbody tr").last).to_contain_text("tags–Drama, Sea")
    visitor.accessible()


def test_what_was_cut_is_marked(visitor, told):
    told(documents.entry(7, changes=[{"field": "summary", "before": "a", "after": "b", "cut": True}]))
    tab = visitor.go("/plugins/plexsync/activity")
    rows(tab).get_by_text("Changed: summary").click()
    expect(rows(tab).locator("td").last).to_have_text("b …")


def test_filters(visitor, house, told):
    told(documents.entry(7))
    tab = visitor.go("/plugins/plexsync/activity")
    expect(rows(tab)).to_have_count(1)
    told()
    tab.get_by_label("Words in titles and values").fill(" harbour ")
    tab.get_by_label("Number of a scene").fill("45")
    tab.get_by_label("Result").select_option("synced")
    tab.get_by_role("button", name="Filter").click()
    expect(tab.get_by_text("Nothing that was done fits.")).to_be_visible()
    assert house.asked("activity")[-1] == {"text": "harbour", "scene_id": "45", "result": "synced", "limit": 50}


def test_older_ones_page_by_page(visitor, house, told):
    told(*[documents.entry(number) for number in (9, 8)], more=True)
    tab = visitor.go("/plugins/plexsync/activity")
    expect(rows(tab)).to_have_count(2)
    told(documents.entry(7))
    tab.get_by_role("button", name="Older").click()
    expect(rows(tab)).to_have_count(1)
    expect(tab.get_by_role("button", name="Older")).to_have_count(0)
    assert house.asked("activity")[-1] == {"limit": 50, "before": 8}
    tab.get_by_role("button", name="Newer").click()
    expect(tab.get_by_role("button", name="Newer")).to_have_count(0)


@pytest.mark.parametrize("name, args", [("Undo the push of Harbour Lights", {"entry": 7}), ("Undo all of run 3", {"run": 3})])
def test_a_dry_run_comes_before_an_undo(visitor, house, told, name, args):
    told(documents.entry(7), documents.entry(6, title="Low Tide"))
    house.record(undo=documents.outcome(45, "undone", fields=["title"]) if "entry" in args else
                 {"scenes": 1000, "undone": 950, "kept": 40, "failed": 10, "results": []})
    tab = visitor.go("/plugins/plexsync/activity")
    expect(tab.get_by_role("button", name="Undo all of run 3")).to_have_count(1)
    tab.get_by_role("button", name=name).first.click()
    dialog = tab.get_by_role("dialog")
    expect(dialog).to_contain_text("comes back: title" if "entry" in args else
                                   "1,000 scenes: in 950 comes back what Plex held before, in 40 something was changed since")
    assert house.asked("undo") == [{**args, "dry_run": True}]
    dialog.get_by_role("button", name="Undo").click()
    expect(dialog).to_have_count(0)
    assert house.asked("undo") == [{**args, "dry_run": True}, args]


def test_a_large_run_goes_on_as_a_task(visitor, house, told):
    told(documents.entry(7))
    house.record(undo={"scenes": 1000, "undone": 50, "kept": 0, "failed": 0, "results": []})
    tab = visitor.go("/plugins/plexsync/activity")
    tab.get_by_role("button", name="Undo all of run 3").click()
    tab.get_by_role("dialog").get_by_role("button", name="Undo").click()
    expect(tab.get_by_text("Stash puts the run back as a task")).to_be_visible()


def test_an_undo_that_cannot_be(visitor, house, told):
    told(documents.entry(7))
    house.record(undo={"error": "entry 7 was undone already"})
    tab = visitor.go("/plugins/plexsync/activity")
    tab.get_by_role("button", name="Undo the push of Harbour Lights").click()
    expect(tab.locator(".toast")).to_contain_text("entry 7 was undone already")
    tab.troubles.clear()
    expect(tab.get_by_role("dialog")).to_have_count(0)
