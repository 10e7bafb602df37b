"""A drain deals with up to fifty scenes at a time: what they share is asked for, and written, once."""

import time

import pytest

from shelf import shelf, titles

MANY = 1000


def prepared(world, count):
    """Scenes that were pushed with their titles."""
    items = shelf(world, count)
    world.stash.run_task("Sync all scenes")
    world.tasks(timeout=120)
    world.clear()
    return items


def change(world, count, studio=None, tags=(), **values):
    """The scenes get these values, and a sweep finds it."""
    library = world.stash.library
    if studio:
        values["studio_id"] = library.ensure("studio", studio).id
    if tags:
        values["tag_ids"] = [library.ensure("tag", tag).id for tag in tags]
    for number in range(1, count + 1):
        library.update_scene(number, dict(values))
    world.clear()
    world.stash.run_task("Sync all scenes")
    [run] = world.tasks(timeout=120)
    return run


def test_scenes_with_different_edits_cost_little_more_than_their_edits(world):
    items = shelf(world, MANY)

    world.stash.run_task("Sync all scenes")
    [run] = world.tasks(timeout=120)

    assert titles(items) == [f"Harbour Lights {n}" for n in range(1, MANY + 1)]
    assert run.output["drain"]["synced"] == len(world.plex.writes) == MANY
    assert sum(world.request_count()) <= 1120


def test_equal_edits_are_one_request_for_fifty_items(world):
    items = prepared(world, MANY)

    run = change(world, MANY, studio="Lumen House", date="2024-05-01", tags=["Boats"])

    assert run.output["drain"]["synced"] == MANY
    ids = [request.arg("id").split(",") for request in world.plex.writes]
    assert [len(part) for part in ids] == [50] * (MANY // 50)
    assert sorted(sum(ids, [])) == sorted(str(item.ratingKey) for item in items)
    assert sum(world.request_count()) <= 120
    assert {(item.studio, item.originallyAvailableAt, *item.genres) for item in items} == \
        {("Lumen House", "2024-05-01", "Boats")}
    world.clear()
    world.stash.run_task("Sync all scenes")
    world.tasks(timeout=120)
    assert world.plex.writes == []


def test_only_what_is_equal_in_every_field_is_shared(world):
    items = prepared(world, 6)
    items[1].edit(genres=["Sea"])                                   # another resulting list
    world.stash.library.update_scene(3, {"title": "Low Tide"})

    run = change(world, 2, tags=["Night"])

    assert run.output["drain"]["synced"] == 3
    assert sorted(request.arg("id") for request in world.plex.writes) == sorted(str(i.ratingKey) for i in items[:3])
    assert (items[0].genres, sorted(items[1].genres)) == (["Night"], ["Night", "Sea"])


def test_a_group_that_is_refused_is_taken_apart(world):
    items = prepared(world, 5)
    world.plex.refuses["studio"] = lambda value: 422 if value == "Lumen House" else None

    run = change(world, 5, studio="Lumen House", date="2024-05-01")

    assert {item.originallyAvailableAt for item in items} == {"2024-05-01"}
    assert run.output["drain"]["synced"] == 5
    assert [entry["scene_id"] for entry in world.status()["failed"]] == ["1", "2", "3", "4", "5"]
    assert all("studio (HTTP 422; setting fieldNoStudio" in entry["reason"] for entry in world.status()["failed"])


def test_one_item_that_refuses_stops_no_other_of_its_group(world):
    items = prepared(world, 5)
    items[2].fail_edit = 500

    run = change(world, 5, studio="Lumen House")

    assert [item.studio for item in items] == ["Lumen House", "Lumen House", None, "Lumen House", "Lumen House"]
    assert (run.output["drain"]["synced"], run.output["drain"]["retried"]) == (4, 1)


def test_a_plex_that_takes_only_the_first_of_a_list_is_noticed_and_remembered(world):
    items = prepared(world, 6)
    world.plex.edits_first_only = True

    run = change(world, 6, studio="Lumen House")

    assert {item.studio for item in items} == {"Lumen House"}
    assert run.output["drain"]["synced"] == 6 and world.status()["failed"] == []
    assert "one by one from now on" in run.text("info")
    change(world, 6, studio="Northwind")
    assert [request.arg("id") for request in world.plex.writes] == [str(item.ratingKey) for item in items]


SMALL = {"rating": ({"rating100": 80}, {"rating100": 85}, "userRating", 8.5),
         "date": ({"date": "2024-03-01"}, {"date": "2024-03-02"}, "originallyAvailableAt", "2024-03-02"),
         "studio": ({"studio": "Ana's House"}, {"studio": "Ana\u2019s House"}, "studio", "Ana\u2019s House")}


@pytest.mark.parametrize("what", SMALL)
def test_also_by_a_small_change(world, what):
    """The values of before are no spelling of the new ones."""
    before, now, field, value = SMALL[what]
    items = prepared(world, 4)
    change(world, 4, **before)
    world.plex.edits_first_only = True

    run = change(world, 4, **now)

    assert [getattr(item, field) for item in items] == [value] * 4 and world.status()["failed"] == []
    assert "one by one from now on" in run.text("info")


def test_what_plex_spells_as_before_is_no_sign_of_it(world):
    """Each is tried alone, once, and others are edited together as before."""
    items = prepared(world, 4)
    world.plex.respells["userRating"] = lambda number: number and round(number * 2) / 2
    change(world, 4, rating100=83)

    run = change(world, 4, rating100=84)

    assert len(world.plex.writes) == 5 and world.status()["failed"] == []
    assert "one by one" not in run.text("info")
    change(world, 4, studio="Lumen House")
    assert len(world.plex.writes) == 1 and {item.studio for item in items} == {"Lumen House"}


@pytest.mark.parametrize("kind", ["reset_before", "reset_after_apply", "status"])
def test_a_group_without_an_answer_loses_and_repeats_nothing(world, kind):
    items = prepared(world, 5)
    world.plex.fault(("PUT", ".*/all"), kind, times=1, **({"status": 504} if kind == "status" else {}))
    change(world, 5, studio="Lumen House")
    for minute in range(1, 5):
        world.later(minute * 60)
        world.drain()

    assert {item.studio for item in items} == {"Lumen House"}
    assert world.queue() == (0, 0, 0)
    items[0].edit(studio="A person's")
    world.clear()
    world.stash.run_task("Sync all scenes")
    world.tasks()
    assert world.plex.writes == [] and items[0].studio == "A person's"


def test_what_a_killed_group_of_fifty_wrote_is_nobodys_edit(world):
    items = prepared(world, 50)
    library = world.stash.library
    for number in range(1, 51):
        library.update_scene(number, {"studio_id": library.ensure("studio", "Lumen House").id})
    held = world.hold_plex("PUT")
    job = world.stash.run_task("Sync all scenes")
    held.wait()
    world.stash.jobs.stop(job.id)
    job.run.join()
    held.release()
    world.stash.wait_jobs()
    for _ in range(1000):       # Plex carries it out all the same
        time.sleep(0 if items[49].studio else 0.01)
    assert job.run.signal == 9 and {item.studio for item in items} == {"Lumen House"}

    world.settings["fieldKeepPlexEdits"] = True
    run = change(world, 50, studio="Northwind")

    assert run.output["drain"]["synced"] == 50 and {item.studio for item in items} == {"Northwind"}


def test_an_item_that_is_gone_and_one_that_moved_are_as_if_they_were_alone(world):
    items = prepared(world, 4)
    world.films.remove_item(items[1])

    run = change(world, 4, date="2024-05-01")

    assert [item.originallyAvailableAt for item in (items[0], *items[2:])] == ["2024-05-01"] * 3
    assert (run.output["drain"]["synced"], run.output["drain"]["waiting"]) == (3, 1)


def test_a_scene_that_stash_cannot_show_stops_no_other(world):
    items = prepared(world, 4)
    for number in range(1, 5):
        world.stash.library.update_scene(number, {"date": "2024-05-01"})
    world.queue_only(1, 2, 3, 4)
    world.stash.library.get("scene", 2).damage = "multiple rows returned for single scene id 2"

    drain = world.drain()

    assert (drain.output["synced"], drain.output["retried"]) == (3, 1)
    assert [item.originallyAvailableAt for item in items] == ["2024-05-01", None, "2024-05-01", "2024-05-01"]


def test_two_scenes_of_one_item_do_not_meet_in_a_batch(world):
    paths = [f"/data/films/part {n}.mp4" for n in (1, 2)]
    item = world.films.add_item("quay", parts=[(path, 1_000_000 + n) for n, path in enumerate(paths)])
    for number, path in enumerate(paths, 1):
        world.stash.library.add_scene(path, number=number, size=1_000_000 + number - 1, title=f"Part {number}")
    world.index()
    world.queue_only(1, 2)

    world.drain()

    assert item.title == "Part 1"
    [listed] = world.status()["failed"]
    assert listed["scene_id"] == "2" and "belongs to scene 1" in listed["reason"]


def test_a_save_goes_before_the_rest_of_a_sweep(world):
    items = prepared(world, 60)
    late = world.film(100, "late", title="Late")
    world.index()
    for number in range(1, 61):
        world.stash.library.update_scene(number, {"title": f"Low Tide {number}"})
    held = world.hold_plex("PUT")
    world.stash.run_task("Sync all scenes")
    held.wait()
    world.stash.hook("Scene.Create.Post", 100)
    held.release()
    world.tasks(timeout=120)

    edits = [request.arg("id") for request in world.plex.writes]
    assert edits.index(str(late.ratingKey)) <= 2
    assert len(edits) == 61 and items[59].title == "Low Tide 60"


def test_new_scenes_of_a_scan_cost_next_to_nothing(world):
    """Nothing is known about them yet."""
    for number in range(1, 2001):
        world.stash.library.add_scene(f"/data/films/new {number}.mp4", number=number, size=number)
    world.index()
    world.check(*world.stash.hook("Scene.Update.Post", 1, {"ids": [str(n) for n in range(1, 2001)]}, ["ids"]))

    [drain] = world.tasks(timeout=120)

    assert drain.output["ignored"] == 2000 and world.queue() == (0, 0, 0)
    assert sum(world.request_count()) <= 60
