"""A sweep that does not go through undisturbed: it is cancelled, scenes come and go under it, Stash or
Plex fails on the way. Nothing is lost, nothing is done twice, and it goes on where it stopped."""

import pytest
from shelf import PAGE, at_page, behind, cut_off, edited, shelf, task, titles, writes

ALL = "Sync all scenes"


def many(world, count, **scene):
    """More scenes than a page holds; only the first of them and those behind the first page have an item."""
    for number in range(1, count + 1):
        world.stash.library.add_scene(f"/data/films/film {number}.mp4", number=number, size=number, **scene)


# --- scenes that come and go -------------------------------------------------------------------------


def test_a_scene_that_vanishes_in_between_breaks_nothing(world):
    many(world, PAGE + 5)
    edge = [world.films.add_item(file=f"/data/films/film {n}.mp4", size=n) for n in (1, PAGE, PAGE + 5)]
    for number in (1, PAGE, PAGE + 1, PAGE + 5):
        world.stash.library.get("scene", number).title = f"Harbour Lights {number}"
    world.index()
    at_page(world, 2, lambda: [world.stash.library.destroy_scene(n) for n in (2, PAGE, PAGE + 1)])

    run = task(world, ALL)

    assert titles(edge) == ["Harbour Lights 1", f"film {PAGE}", f"Harbour Lights {PAGE + 5}"]
    assert behind(world) == [0, PAGE]
    assert [run.output["queued"], run.output["drain"]["synced"]] == [3, 2]
    assert world.queue() == (0, 0, 0)


def test_a_scene_that_appears_in_between_is_seen_too(world):
    many(world, PAGE + 5)
    new = world.films.add_item(file="/data/films/new.mp4", size=7)
    world.index()
    at_page(world, 2, lambda: world.stash.library.add_scene("/data/films/new.mp4", size=7, title="Low Tide"))

    run = task(world, ALL)

    assert new.title == "Low Tide"
    assert [run.output["queued"], run.output["drain"]["synced"]] == [1, 1]


def test_progress_only_grows_also_if_there_are_more_scenes_than_at_the_beginning(world):
    many(world, PAGE + 1)
    world.index()
    world.stash.latency = lambda request: 0.35 * (b"findScenes" in request.body)   # else it is not shown so often
    at_page(world, 2, lambda: many_more(world, 2 * PAGE))

    run = task(world, ALL)

    assert run.output["scenes"] == 3 * PAGE + 1
    assert len(run.progress) >= 3 and run.progress == sorted(run.progress)


def many_more(world, count):
    """A scan finds so many new files."""
    for number in range(count):
        world.stash.library.add_scene(f"/data/films/more {number}.mp4")


def test_progress_ends_at_one(world):
    shelf(world, 3)
    many_more(world, PAGE)

    run = task(world, ALL)

    assert run.progress == sorted(run.progress)
    assert run.progress[-1] == 1.0
    assert run.progress[0] <= 0.1, "most of the time is for pushing"


# --- cancelled -----------------------------------------------------------------------------------------


def long_shelf(world):
    """Three pages of scenes; one in each has something to tell Plex. The items."""
    many(world, 2 * PAGE + 2)
    items = []
    for number in (1, PAGE + 1, 2 * PAGE + 1):
        world.stash.library.get("scene", number).title = f"Harbour Lights {number}"
        items.append(world.films.add_item(file=f"/data/films/film {number}.mp4", size=number))
    world.index()
    return items


def test_one_that_was_cancelled_goes_on_where_it_stopped(world):
    items = long_shelf(world)
    cut_off(world, ALL, page=2)
    world.clear()

    run = task(world, ALL)

    assert f"Going on after scene {PAGE}" in run.text("info")
    assert behind(world) == [PAGE, 2 * PAGE]
    assert titles(items) == ["Harbour Lights 1", f"Harbour Lights {PAGE + 1}", f"Harbour Lights {2 * PAGE + 1}"]
    assert sorted(edited(world)) == sorted(item.ratingKey for item in items), "each once"
    world.clear()
    again = task(world, ALL)
    assert behind(world) == [0, PAGE, 2 * PAGE], "it came to its end: the next one begins anew"
    assert [again.output["queued"], again.output["same"], world.plex.requests] == [0, 3, []]


def test_what_was_queued_before_it_was_cancelled_is_pushed_by_whoever_comes_next(world):
    items = long_shelf(world)
    cut_off(world, ALL, page=2)

    assert world.operation("tick").output == {"asked": True}
    world.tasks()

    assert items[0].title == "Harbour Lights 1"
    assert titles(items[1:]) == [f"film {PAGE + 1}", f"film {2 * PAGE + 1}"]


def test_one_that_was_cancelled_hours_ago_begins_anew(world):
    long_shelf(world)
    cut_off(world, ALL, page=3)
    world.later(3 * 3600)
    world.clear()

    run = task(world, ALL)

    assert "Going on" not in run.text("info")
    assert behind(world) == [0, PAGE, 2 * PAGE]


def test_another_kind_of_sweep_begins_anew(world):
    long_shelf(world)
    cut_off(world, ALL, page=2)
    world.clear()

    task(world, "Reconcile")

    assert behind(world) == [0, PAGE, 2 * PAGE]


def test_a_longer_time_than_that_of_the_one_that_was_cancelled_begins_anew(world):
    """Scenes that the first one found too old are recent enough for the second one."""
    items = long_shelf(world)
    for scene in world.stash.library.all("scene"):
        scene.updated_at = "2020-01-01T00:00:00Z"
    cut_off(world, "Sync recent scenes", page=2)
    world.clear()

    world.operation("sync-recent", hours=100000)

    assert behind(world)[0] == 0
    assert items[0].title == "Harbour Lights 1"


def test_other_settings_than_those_of_the_one_that_was_cancelled_begin_anew(world):
    items = long_shelf(world)
    world.stash.library.get("scene", 1).rating100 = 80
    world.settings["fieldNoRating"] = True
    task(world, ALL)
    cut_off(world, ALL, page=2)
    world.settings["fieldNoRating"] = False

    task(world, ALL)

    assert items[0].userRating == 8.0


def test_a_preview_neither_goes_on_nor_leaves_a_mark(world):
    long_shelf(world)
    cut_off(world, ALL, page=2)
    world.clear()

    world.stash.run_task("Preview (dry run)")
    [preview] = world.tasks()
    assert behind(world) == [0, PAGE, 2 * PAGE]
    assert preview.output["scenes"] == 2 * PAGE + 2
    world.clear()
    task(world, ALL)

    assert behind(world) == [PAGE, 2 * PAGE]


def test_cancelled_while_it_pushes_it_leaves_the_rest_in_the_queue(world):
    items = shelf(world, 4)
    job = world.stash.run_task(ALL)
    held = world.hold_plex()
    held.wait()
    world.stash.jobs.stop(job.id)
    world.stash.wait_jobs()
    job.run.join()
    held.release()

    assert world.queue()[0] == 4
    world.clear()
    run = task(world, ALL)

    assert "Going on" not in run.text("info")
    assert [run.output["in_queue"], run.output["queued"]] == [4, 0]
    assert titles(items) == [f"Harbour Lights {n}" for n in range(1, 5)]
    assert world.queue() == (0, 0, 0)


# --- a server that fails on the way ----------------------------------------------------------------------


@pytest.mark.parametrize("kind, options, words", [
    ("status", {"status": 500}, "Stash answers HTTP 500"),
    ("status", {"status": 200, "body": '{"errors":[{"message":"database is locked"}],"data":null}'},
     "database is locked"),
    ("status", {"status": 200, "body": '{"data":{"findScenes":{"count":3}}}'}, "contains no list of scenes"),
])
def test_stash_fails_at_the_second_page(world, kind, options, words):
    items = long_shelf(world)
    at_page(world, 1, lambda: world.stash.fault(lambda request: b"findScenes" in request.body, kind, times=None,
                                                **options))

    run = task(world, ALL)

    assert words in run.error
    world.stash.clear_faults()
    del world.stash.handle
    world.clear()
    again = task(world, ALL)
    assert again.error is None
    assert behind(world) == [PAGE, 2 * PAGE], "the first page is not read again"
    assert titles(items) == ["Harbour Lights 1", f"Harbour Lights {PAGE + 1}", f"Harbour Lights {2 * PAGE + 1}"]


def test_while_plex_is_down_the_scenes_are_queued_and_stay_so(world):
    items = shelf(world, 3)
    world.plex.stop()

    run = task(world, ALL)

    assert "The scenes stay queued" in run.error
    assert world.queue() == (3, 0, 0)
    assert world.status()["plex"]["breaker"] == "open"
    world.plex.start()
    world.later(31)
    assert world.operation("tick").output == {"asked": True}
    world.tasks()
    assert titles(items) == [f"Harbour Lights {n}" for n in (1, 2, 3)]


def test_with_a_wrong_setting_nothing_is_queued(world):
    shelf(world, 2)
    world.settings["connectUrl"] = ""

    run = task(world, ALL)

    assert "setting connectUrl" in run.error
    assert world.queue() == (0, 0, 0)


def test_a_scene_of_which_stash_says_nonsense_is_named_and_stops_nobody(world):
    items = shelf(world, 3)
    world.stash.library.get("scene", 2).files[0].path = ""

    run = task(world, ALL)

    assert titles(items) == ["Harbour Lights 1", "film 2", "Harbour Lights 3"]
    assert run.output["drain"]["failed"] == 1
    [failed] = world.status()["failed"]
    assert failed["scene_id"] == "2" and "no usable path" in failed["reason"]


def test_nor_does_it_when_only_recent_ones_are_looked_at(world):
    items = shelf(world, 3)
    world.stash.library.get("scene", 2).files[0].path = ""

    run = task(world, "Sync recent scenes")

    assert run.error is None
    assert titles(items) == ["Harbour Lights 1", "film 2", "Harbour Lights 3"]
    assert writes(world) == 2
