"""The view "Activity"."""

import pytest
from playwright.sync_api import expect

from . import documents

PAGE = "/plugins/plexsync/activity"
RUN = 60        # scenes of a run: more than an undo puts back before it goes on as a task


def rows(tab):
    """The entries that are listed."""
    return tab.locator(".px-row")


@pytest.fixture
def film(house):
    """Scene 45 was pushed over what Plex had."""
    item = house.film(45, "quay", title="Harbour Lights", item={"summary": "Before.", "genres": ["Sea"]})
    house.index()
    house.save(45, details="By the sea.", tags=["Boats"])
    return item


def undo(tab, name):
    """Presses the button of that name, the first one; the question that follows."""
    tab.get_by_role("button", name=name).first.click()
    expect(tab.get_by_role("dialog")).to_be_visible()
    return tab.get_by_role("dialog")


def test_nothing_was_done(visitor):
    tab = visitor.go(PAGE)
    expect(tab.get_by_text("Save a scene in Stash, and it is listed here.")).to_be_visible()
    visitor.accessible()


def test_an_entry_with_all_that_it_changed(visitor, house, film):
    tab = visitor.go(PAGE)
    expect(rows(tab).get_by_role("link", name="Harbour Lights")).to_have_attribute("href", "/scenes/45")
    expect(rows(tab)).to_contain_text("ms · run 1")
    link = rows(tab).get_by_role("link", name=f"Open item {film.ratingKey} in Films")
    expect(link).to_have_attribute("href", house.link(film))
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    rows(tab).get_by_text("Changed: title, summary, tags").click()
    expect(rows(tab).locator("tbody tr").first).to_contain_text("titlequayHarbour Lights")
    expect(rows(tab).locator("tbody tr").nth(1)).to_contain_text("summaryBefore.By the sea.")
    expect(rows(tab).locator("tbody tr").last).to_contain_text("tagsSea")
    expect(rows(tab).locator("tbody tr").last).to_contain_text("Boats")
    visitor.accessible()


def test_what_was_left_to_plex_and_what_went_wrong(visitor, house, film):
    film.edit(summary="Written in Plex.")
    house.save(45, title="Harbour Lights, restored")
    house.stash.library.add_scene("/data/films/gone.mp4", number=46, size=5, title="Low Tide")
    house.queue_only(46)
    house.drain()
    tab = visitor.go(PAGE)
    expect(rows(tab)).to_have_count(3)
    expect(rows(tab).first).to_contain_text("not found")
    expect(rows(tab).first).to_contain_text("Plex does not have this file")
    expect(rows(tab).first.get_by_role("button")).to_have_count(0)
    expect(rows(tab).nth(1)).to_contain_text("Left to Plex: summary")


def test_what_was_cut_is_marked(visitor, house, film):
    house.save(45, details="A lighthouse, a letter, a storm. " * 300)
    tab = visitor.go(PAGE)
    rows(tab).first.get_by_text("Changed: summary").click()
    expect(rows(tab).first.locator("td").last).to_contain_text("a storm. ")
    assert rows(tab).first.locator("td").last.inner_text().endswith(" …")


def test_filters(visitor, house, film):
    tab = visitor.go(PAGE)
    expect(rows(tab)).to_have_count(1)
    words = tab.get_by_label("Words in titles and values")
    words.fill(" by the SEA ")
    tab.get_by_label("Number of a scene").fill("45")
    tab.get_by_label("Result").select_option("synced")
    tab.get_by_role("button", name="Filter").click()
    expect(rows(tab)).to_have_count(1)
    words.fill("submarine")
    tab.get_by_role("button", name="Filter").click()
    expect(tab.get_by_text("Nothing that was done fits.")).to_be_visible()
    assert house.asked("activity")[-1] == {"text": "submarine", "scene_id": "45", "result": "synced", "limit": 50}
    assert {"text": "by the SEA", "scene_id": "45", "result": "synced", "limit": 50} in house.asked("activity")


def test_older_ones_page_by_page(visitor, house, run):
    tab = visitor.go(PAGE)
    expect(rows(tab)).to_have_count(50)
    tab.get_by_role("button", name="Older").click()
    expect(rows(tab)).to_have_count(RUN - 50)
    expect(tab.get_by_role("button", name="Older")).to_have_count(0)
    assert house.asked("activity")[-1] == {"limit": 50, "before": RUN - 50 + 1}
    tab.get_by_role("button", name="Newer").click()
    expect(rows(tab)).to_have_count(50)
    expect(tab.get_by_role("button", name="Newer")).to_have_count(0)


def test_a_push_is_put_back_and_the_undo_too(visitor, house, film):
    film.edit(summary="Written in Plex.")
    tab = visitor.go(PAGE)
    dialog = undo(tab, "Undo the push of Harbour Lights")
    expect(dialog).to_contain_text("comes back: title, tags. Changed since, and stays: summary.")
    assert film.title == "Harbour Lights" and house.asked("undo") == [{"entry": 1, "dry_run": True}]
    visitor.accessible()
    dialog.get_by_role("button", name="Undo").click()
    expect(tab.get_by_text("Scene 45: undone")).to_be_visible()
    expect(rows(tab)).to_have_count(2)
    assert (film.title, film.summary, film.genres) == ("quay", "Written in Plex.", ["Sea"])
    expect(rows(tab).first).to_contain_text("undone")
    undo(tab, "Undo the push of Harbour Lights").get_by_role("button", name="Undo").click()
    expect(rows(tab)).to_have_count(3)
    assert (film.title, film.summary) == ("Harbour Lights", "Written in Plex.")


def test_what_was_undone_already(visitor, house, film):
    tab = visitor.go(PAGE)
    expect(rows(tab)).to_have_count(1)
    assert house.operation("undo", entry=1).output["result"] == "undone"
    tab.get_by_role("button", name="Undo the push of Harbour Lights").last.click()
    expect(tab.locator(".toast")).to_contain_text("undone already")
    tab.troubles.clear()
    expect(tab.get_by_role("dialog")).to_have_count(0)
    assert film.title == "quay"


@pytest.fixture
def run(house):
    """Scenes that were pushed by one run; their items."""
    items = [house.film(number, f"film {number}", title=f"Harbour Lights {number}") for number in range(1, RUN + 1)]
    house.index()
    house.stash.run_task("Sync all scenes")
    house.tasks(60)
    return items


def test_a_whole_run_is_put_back(visitor, house, run):
    run[7].edit(title="Written in Plex")
    tab = visitor.go(PAGE)
    expect(tab.get_by_role("button", name="Undo all of run 1")).to_have_count(1)
    dialog = undo(tab, "Undo all of run 1")
    expect(dialog).to_contain_text(f"{RUN} scenes: in {RUN - 1} comes back what Plex held before, in 1 something was changed")
    assert house.asked("undo") == [{"run": 1, "dry_run": True}]
    dialog.get_by_role("button", name="Undo").click()
    expect(tab.get_by_text("Stash puts the run back as a task")).to_be_visible()
    house.tasks(60)
    assert [item.title for item in run] == [f"film {n}" if n != 8 else "Written in Plex" for n in range(1, RUN + 1)]
    expect(rows(tab).first).to_contain_text("undone", timeout=15_000)


def test_a_thousand_in_a_sentence(visitor, house, film):
    house.record(undo={"scenes": 1000, "undone": 950, "kept": 40, "failed": 10, "results": []})
    tab = visitor.go(PAGE)
    expect(undo(tab, "Undo all of run 1")).to_contain_text(
        "1,000 scenes: in 950 comes back what Plex held before, in 40 something was changed since and stays, 10 cannot be put back.")


def test_a_refused_picture_is_told(visitor, house):
    house.record(activity={"entries": [documents.entry(7, reason="Plex refused the poster")], "more": False})
    expect(rows(visitor.go(PAGE))).to_contain_text("Plex refused the poster")
