"""Which scenes a sweep queues: the filters, the settings of now, force, what failed or waits already,
and how long ago Stash changed them."""

from datetime import datetime, timedelta, timezone

import pytest
from shelf import edited, shelf, task, titles, writes

ALL, RECENT, RECONCILE = "Sync all scenes", "Sync recent scenes", "Reconcile"
JPEG = b"\xff\xd8\xff\xe0 harbour at night"


# --- settings that were changed since ------------------------------------------------------------------


@pytest.mark.parametrize("setting, value, check", [
    ("fieldNoTags", True, lambda item: item.genres == ["Boats"]),
    ("fieldIgnoreTags", "boats", lambda item: item.genres == []),
    ("fieldNoStudioCollection", False, lambda item: item.collections == ["Lumen House"]),
])
def test_a_setting_of_a_field_that_was_changed_makes_all_differ(world, setting, value, check):
    items = shelf(world, 3, studio="Lumen House")
    task(world, ALL)
    world.settings[setting] = value

    run = task(world, ALL)

    assert (run.output["queued"], run.output["same"]) == (3, 0)
    assert all(check(item) for item in items)
    assert task(world, ALL).output["same"] == 3


def test_pictures_that_are_switched_on_later_reach_all_scenes(world):
    items = shelf(world, 2, cover=JPEG)
    task(world, ALL)
    assert not any(item.art for item in items)
    world.settings.update({"fieldNoPoster": False, "fieldNoBackground": False})

    run = task(world, ALL)

    assert run.output["queued"] == 2
    assert all(item.art.data == item.poster.data == JPEG for item in items)


def test_another_path_map_looks_for_all_again(world):
    items = shelf(world, 2)
    task(world, ALL)
    copies = world.plex.add_library("Copies", ["/mnt/films"])
    found = [copies.add_item(file=f"/mnt/films/film {n}.mp4", size=1_000_000 + n) for n in (1, 2)]
    world.settings["libraryPathMap"] = "/data/films => /mnt/films"
    world.index()

    assert task(world, ALL).output["queued"] == 2
    assert titles(found) == titles(items) == ["Harbour Lights 1", "Harbour Lights 2"]


def test_the_order_of_tags_is_no_difference(world):
    shelf(world, 2, tags=["Boats", "Night", "Fog"])
    task(world, ALL)
    for scene in world.stash.library.all("scene"):
        scene.tags.reverse()

    assert task(world, ALL).output["same"] == 2


def test_what_is_not_pushed_is_no_difference(world):
    shelf(world, 2)
    task(world, ALL)
    scene = world.stash.library.get("scene", 1)
    scene.organized, scene.code, scene.urls = True, "X-1", ["http://images.example/"]
    world.stash.library.played(2)
    world.clear()

    assert task(world, ALL).output["same"] == 2
    assert world.plex.requests == []


# --- filters -------------------------------------------------------------------------------------------


def test_only_organized_ones_if_the_user_wants_that(world):
    items = shelf(world, 3)
    world.settings["sceneOnlyOrganized"] = True
    world.stash.library.get("scene", 2).organized = True

    run = task(world, ALL)

    assert (run.output["queued"], run.output["ignored"]) == (1, 2)
    assert titles(items) == ["film 1", "Harbour Lights 2", "film 3"]


def test_a_scene_without_a_file_is_left_alone(world):
    shelf(world, 1)
    world.stash.library.add_scene(None, number=9, title="Low Tide")

    run = task(world, ALL)

    assert [entry["reason"] for entry in run.output["reasons"]] == ["it has no file"]
    assert world.queue() == (0, 0, 0)


def test_a_scene_that_was_pushed_and_lost_everything_is_not_blank(world):
    [item] = shelf(world, 1, details="By the sea.")
    task(world, ALL)
    scene = world.stash.library.get("scene", 1)
    scene.title = scene.details = ""
    scene.tags = []

    assert task(world, ALL).output["drain"]["synced"] == 1
    assert (item.title, item.summary, item.genres) == ("Harbour Lights 1", None, [])


# --- force -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["sync-all", "sync-recent", "reconcile"])
def test_force_makes_stash_win_in_all(world, mode):
    items = shelf(world, 3)
    task(world, ALL)
    for item in items:
        item.edit(title="Somebody's own")

    run = world.operation(mode, force=True)

    assert run.output["queued"] == 3 and run.output["drain"]["synced"] == 3
    assert titles(items) == [f"Harbour Lights {n}" for n in (1, 2, 3)]


def test_force_of_recent_scenes_forces_no_others(world):
    """What waits in the queue for another reason is written as ever: an edit in Plex stays."""
    items = shelf(world, 2)
    task(world, ALL)
    items[0].edit(title="Somebody's own")
    items[1].edit(title="Somebody's own")
    world.stash.library.get("scene", 1).updated_at = "2020-01-01T00:00:00Z"
    world.queue_only(1)

    world.operation("sync-recent", force=True)

    assert titles(items) == ["Somebody's own", "Harbour Lights 2"]


def test_nor_does_it_force_what_a_renamed_performer_queues(world):
    items = shelf(world, 2, performers=["Ana Duarte"])
    task(world, ALL)
    items[0].edit(title="Somebody's own")
    world.stash.library.get("scene", 1).updated_at = "2020-01-01T00:00:00Z"
    world.stash.hold_jobs = True
    performer = world.stash.library.by_name("performer", "Ana Duarte")
    world.check(*world.stash.update("performer", performer, name="Ana Lind"))

    world.operation("sync-recent", force=True)
    world.stash.hold_jobs = False
    world.tasks()

    assert items[0].title == "Somebody's own"
    assert [actor.name for actor in items[0].actors] == ["Ana Lind"]


def test_nor_all_scenes_once_the_day_is_over(world):
    items = shelf(world, 2)
    task(world, ALL)
    items[0].edit(title="Somebody's own")
    world.stash.library.get("scene", 1).updated_at = "2020-01-01T00:00:00Z"
    world.later(25 * 3600)

    world.operation("sync-recent", force=True, hours=48)
    world.tasks()

    assert items[0].title == "Somebody's own"


# --- what failed, and what waits ------------------------------------------------------------------------


def trouble(world):
    """Scene 1 waits for Plex to have its file, scene 2 failed; the item that scene 2 could have."""
    library = world.stash.library
    library.add_scene("/data/films/later.mp4", number=1, size=1, title="Low Tide")
    twins = [world.films.add_item(file="/data/films/twin.mp4", size=2) for _ in range(2)]
    library.add_scene("/data/films/twin.mp4", number=2, size=2, title="Night Ferry")
    world.index()
    task(world, ALL)
    assert world.queue() == (0, 1, 1)
    return twins


def test_what_failed_or_waits_is_tried_again_when_a_person_asks(world):
    twins = trouble(world)
    world.films.remove_item(twins[0])
    new = world.films.add_item(file="/data/films/later.mp4", size=1)
    world.clock(61)

    run = task(world, ALL)

    assert (run.output["queued"], run.output["in_queue"]) == (2, 0)
    assert (new.title, twins[1].title) == ("Low Tide", "Night Ferry")
    assert world.queue() == (0, 0, 0)


def test_it_is_not_tried_again_by_itself_every_day(world):
    trouble(world)
    world.later(25 * 3600)
    world.clear()

    world.operation("tick")
    [run] = world.tasks()

    assert "2 seen, 0 as last pushed, 0 queued, 2 in the queue already" in run.text("info")
    assert world.queue() == (0, 1, 1)


def test_but_it_is_if_its_file_is_another_one_now(world):
    trouble(world)
    item = world.films.add_item(file="/data/films/moved.mp4", size=2)
    world.stash.library.move_file(2, "/data/films/moved.mp4")
    world.later(25 * 3600)

    world.operation("tick")
    world.tasks()

    assert item.title == "Night Ferry"
    assert world.queue() == (0, 1, 0)


def test_one_that_is_due_already_is_not_queued_twice(world):
    items = shelf(world, 3)
    world.queue_only(2)

    run = task(world, ALL)

    assert (run.output["queued"], run.output["in_queue"], run.output["drain"]["synced"]) == (2, 1, 3)
    assert edited(world)[0] == items[1].ratingKey, "the edit by hand goes first"
    assert writes(world) == 3


# --- recent ones ------------------------------------------------------------------------------------------


def stamp(hours, zone):
    """So many hours ago, as a Stash in that zone writes it."""
    then = datetime.now(timezone(timedelta(hours=zone))) - timedelta(hours=hours)
    return then.isoformat(timespec="seconds").replace("+00:00", "Z")


@pytest.mark.parametrize("zone", [-11, 5.75])
def test_recent_is_a_matter_of_time_and_not_of_zones(world, zone):
    shelf(world, 4)
    for number, hours in ((1, 1), (2, 23.9), (3, 24.1), (4, 200)):
        world.stash.library.get("scene", number).updated_at = stamp(hours, zone)

    run = task(world, RECENT)

    assert edited(world) == ["1", "2"]
    assert (run.output["scenes"], run.output["queued"]) == (2, 2)


def test_a_time_that_cannot_be_read_counts_as_recent(world):
    shelf(world, 3)
    for number, text in ((1, "yesterday"), (2, ""), (3, "2020-01-01T00:00:00Z")):
        scene = world.stash.library.get("scene", number)
        scene.__dict__["updated_at"] = text

    task(world, RECENT)

    assert edited(world) == ["1", "2"]


@pytest.mark.parametrize("hours, words", [(0, "between 1 and"), ("soon", "args.hours is not a number of hours")])
def test_hours_that_make_no_sense_are_a_mistake(world, hours, words):
    shelf(world, 1)

    run = world.operation("sync-recent", hours=hours)

    assert words in run.error
    assert writes(world) == 0
