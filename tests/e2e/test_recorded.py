"""What a real Stash server wrote to stdin, replayed: only address, cookie and folder are those of
the stand-in."""

import json
import pathlib

import pytest

RECORDED = pathlib.Path(__file__).resolve().parents[1] / "data/stash"


def replay(world, name):
    """Runs the executable on a recorded document; returns what it answered."""
    document = (RECORDED / f"{name}.json").read_text(encoding="utf-8")
    document = document.replace('"Port":9999', f'"Port":{world.stash.port}')
    document = document.replace('"Dir":"/root/.stash"', f'"Dir":"{world.config}"')
    session = world.stash.sessions.new("")
    world.secrets.add(session)
    document = document.replace("MTc2-secret-session", session)
    return json.loads(world.plexsync(stdin=document.encode()).stdout)


@pytest.fixture(name="house")
def three_films(world):
    """The scenes that the recorded documents speak of."""
    for number, name in enumerate(["One", "Two", "Three"], start=1):
        world.film(number, name, title=name, details="By the sea.")
    world.film(9, "Open Water", title="Open Water")
    world.index()
    return world


def test_scene_update_is_pushed_at_once(house):
    assert replay(house, "scene-update")["output"]["result"] == "synced"
    assert house.films.find("Two").summary == "By the sea."


@pytest.mark.parametrize("name, scenes", [("bulk-update", 3), ("scenes-update", 2)])
def test_bulk_edits_queue_every_scene_and_start_one_drain(house, name, scenes):
    house.stash.hold_jobs = True
    assert replay(house, name)["output"]["result"] == "queued"
    assert house.status()["queue"]["due"] == scenes
    assert len(house.stash.jobs.queued()) == 1
    house.stash.hold_jobs = False
    house.tasks()
    assert house.status()["queue"]["ready"] == 0
    assert house.films.find("One").summary == "By the sea."


def test_scan_create_is_queued_and_then_pushed(house):
    assert replay(house, "scan-create")["output"]["result"] == "queued"
    house.tasks()
    assert house.films.find("Open Water").locked == {"title"} or house.status()["totals"]["unchanged"]


def test_scene_destroy_touches_nothing_in_plex(house):
    house.plex.clear_requests()
    assert replay(house, "scene-destroy")["output"]["result"] == "ignored"
    assert house.plex.requests == []


def test_task_and_operation(house):
    assert replay(house, "task-status")["output"]["queue"]["ready"] == 0
    answer = replay(house, "operation-sync-scene")["output"]
    assert (answer["dry_run"], answer["result"]) == (True, "synced")
    assert house.plex.writes == []
