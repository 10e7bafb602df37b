"""The view "Overview"."""

import time

import pytest
from playwright.sync_api import expect

from . import documents


def box(tab, title):
    """A box of the overview."""
    return tab.locator(".px-box", has=tab.get_by_role("heading", name=title, exact=True))


@pytest.fixture
def told(house):
    """An overview of recorded numbers; what is given replaces some."""
    def tell(*entries, **more):
        house.record(status=documents.status(**more), activity={"entries": list(entries), "more": False})
    tell()
    return tell


def test_a_house_before_its_first_push(visitor, house):
    house.film(45, "quay", title="Harbour Lights")
    tab = visitor.go()
    expect(tab.get_by_text("Nothing was pushed yet.")).to_be_visible()
    expect(box(tab, "Plex")).to_contain_text("Plex answers.PlexSync 0.1.0")
    expect(box(tab, "Running")).to_contain_text("Nothing is running.")
    expect(tab.locator("figure")).to_have_count(0)
    tab.get_by_role("link", name="Setup").last.click()
    expect(tab).to_have_url(house.stash.url + "/plugins/plexsync/setup")


def test_from_sync_all_to_todays_numbers(visitor, house):
    item = house.film(45, "quay", title="Harbour Lights")
    house.index()
    tab = visitor.go()
    tab.get_by_role("button", name="Sync all scenes…").click()
    dialog = tab.get_by_role("dialog")
    expect(dialog).to_contain_text("Every scene that differs from its last push is written to Plex")
    visitor.accessible()
    dialog.get_by_role("button", name="Sync all scenes").click()
    expect(dialog).to_have_count(0)
    expect(tab.get_by_text("Stash runs “Sync all scenes” as a task.")).to_be_visible()
    expect(box(tab, "Today")).to_contain_text("synced1")
    expect(tab.get_by_role("heading", name="Pushes")).to_be_visible()
    house.tasks()
    assert item.title == "Harbour Lights"


@pytest.mark.parametrize("name", ["Process queue", "Preview (dry run)", "Reconcile"])
def test_a_task_is_a_click(visitor, house, name):
    house.stash.hold_jobs = True
    tab = visitor.go()
    tab.get_by_role("button", name=name).click()
    expect(tab.get_by_text(f"Stash runs “{name}” as a task.")).to_be_visible()
    assert house.tasks_asked() == [name]


def test_a_question_is_left_by_escape(visitor, house, told):
    tab = visitor.go()
    tab.get_by_role("button", name="Sync all scenes…").click()
    expect(tab.get_by_role("dialog")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("dialog")).to_have_count(0)
    assert not house.tasks_asked()


@pytest.mark.parametrize("breaker, text", [("open", "Plex does not answer. Scenes wait"),
                                           ("half_open", "Plex was away."), ("closed", "Plex answers.")])
def test_how_plex_is(visitor, told, breaker, text):
    told(plex={"breaker": breaker})
    expect(box(visitor.go(), "Plex")).to_contain_text(text)


def test_what_runs_and_how_far_it_is(visitor, told):
    told(drain={"state": "running", "done": 250, "total": 1000})
    tab = visitor.go()
    expect(box(tab, "Running")).to_contain_text("250 of 1,000 scenes")
    expect(tab.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "25")
    visitor.accessible()
    told(drain={"state": "asked", "done": 0, "total": 0})
    expect(box(tab, "Running")).to_contain_text("A task is about to start.", timeout=10_000)


def test_a_task_behind_another_one(visitor, house, told):
    over = house.installed / "over"
    (house.installed / "plexsync-real").write_text(f"#!/bin/sh\nuntil [ -e {over} ]; do sleep 0.1; done\n")
    tab = visitor.go("/")
    house.stash.run_task("Reconcile", description="Scanning")
    house.stash.run_task("Process queue")
    told(drain={"state": "asked", "done": 0, "total": 0})
    tab.get_by_role("link", name="PlexSync").last.click()
    expect(box(tab, "Running")).to_contain_text("PlexSync's task waits: Stash is busy with “Running plugin task: Scanning”.")
    over.touch()


def test_what_waits_what_was_done_and_the_rates(visitor, told):
    midnight = time.time() // 86400 * 86400
    points = [{"t": midnight - 3600, "synced": 50, "unchanged": 9, "failed": 9, "p50": 1, "p95": 2},
              {"t": midnight, "synced": 7, "unchanged": 2, "failed": 1, "p50": 1, "p95": 2}]
    told(documents.entry(7), queue={"ready": 3, "due": 0, "waiting": 12, "failed": 2}, series={"bucket_s": 3600, "points": points},
         needs={"undecided": 0, "troubled": 2, "unmatched": 0})
    tab = visitor.go()
    expect(box(tab, "Queue")).to_contain_text("ready3")
    expect(box(tab, "Queue")).to_contain_text("waiting for Plex12")
    expect(box(tab, "Today")).to_contain_text("synced7unchanged2failed1")
    expect(box(tab, "Today").get_by_role("link", name="Harbour Lights")).to_have_attribute("href", "/scenes/45")
    expect(box(tab, "Memory")).to_contain_text("matches remembered99.7%files found in the index90.0%")
    tab.get_by_role("link", name="2 scenes need you").click()
    expect(tab.get_by_role("button", name="Failed (2)")).to_be_visible()


def test_plots_say_in_words_what_they_draw(visitor, told):
    tab = visitor.go()
    for title, words in (("Pushes", "pushes in the last seven days, 5 of them failed. The busiest hour was"),
                         ("How long a push takes", "half of them took at most 40 ms, and 95 of 100 at most 120 ms"),
                         ("Where the time of a push goes", "plex put 68%, plex get 20%, stash 10%")):
        figure = tab.locator("figure", has=tab.get_by_role("heading", name=title))
        drawing = figure.get_by_role("img")
        expect(figure.locator("figcaption")).to_contain_text(words)
        assert drawing.get_attribute("aria-label") == figure.locator("figcaption").inner_text()
    assert tab.locator("figure").first.locator("rect").count() == 2 * len(documents.week())
    expect(tab.locator("figure").first).to_contain_text("per hour")
    expect(tab.locator("figure").nth(1)).to_contain_text("milliseconds")
    visitor.accessible()


def test_it_asks_every_two_seconds_while_something_moves(visitor, house, told):
    told(drain={"state": "running", "done": 1, "total": 2})
    tab = visitor.go()
    expect(box(tab, "Running")).to_contain_text("1 of 2 scenes")
    visitor.until(lambda: len(house.asked("status")) > 2)
    starts = [run.started for run in house.stash.host.runs if run.args.get("mode") == "status"]
    assert min(later - earlier for earlier, later in zip(starts, starts[1:])) > 1.9
    told()
    expect(box(tab, "Running")).to_contain_text("Nothing is running.", timeout=15_000)
    before = len(house.asked("status"))
    tab.wait_for_timeout(5_000)
    assert len(house.asked("status")) == before
