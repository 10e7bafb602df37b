"""What fires no hook: Stash merges, moves, tags, imports, generates; Plex loses items, or has them anew. A
reconcile finds it, started by a person or by itself once a day."""

import threading

import pytest
from disk import started_with
from shelf import PAGE, behind, cut_off, edited, shelf, task, titles, writes

HOUR = 3600
DAY = 24 * HOUR
JPEG = b"\xff\xd8\xff\xe0 harbour at night"


def by_hand(world):
    """The task "Reconcile"; what it queued."""
    run = task(world, "Reconcile")
    assert run.error is None
    return run.output["queued"]


def by_itself(world):
    """A day later somebody looks whether something is due; what was queued."""
    world.later(DAY + HOUR)
    assert world.operation("tick").output == {"asked": True}
    [run] = world.tasks()
    assert "All scenes were compared, as once a day" in run.text("info")
    return int(run.text("info").split(" queued,")[0].rsplit(" ", 1)[1])


# One who finds it is enough where it is only about what is found: they start the same comparison.
both = pytest.mark.parametrize("reconcile", [by_hand, by_itself])
hand, itself = (pytest.mark.parametrize("reconcile", [by]) for by in (by_hand, by_itself))


def pushed(world, count=3, **scene):
    """A shelf that is in Plex as Stash has it; the items."""
    items = shelf(world, count, **scene)
    task(world, "Sync all scenes")
    world.clear()
    return items


# --- what Stash does without a hook --------------------------------------------------------------------


@both
def test_auto_tag(world, reconcile):
    items = pushed(world)
    world.stash.library.auto_tag(2, "Night", performers=["Ana Duarte"], studio="Lumen House")

    assert reconcile(world) == 1
    assert (set(items[1].genres), items[1].studio) == ({"Boats", "Night"}, "Lumen House")
    assert [actor.name for actor in items[1].actors] == ["Ana Duarte"]
    assert edited(world) == [items[1].ratingKey]


@both
@pytest.mark.parametrize("counter", [True, False], ids=["it counts", "it does not"])
def test_items_that_were_matched_anew(world, reconcile, counter):
    """They lose what was written, locks included, under the same number. What a person edits since is looked at, and stays."""
    world.plex.bumps_counter_on_edit = counter
    items = pushed(world, 4)
    world.plex.advance(HOUR)
    for number, item in enumerate(items[:2], 1):
        item.title, item.genres, item.locked = f"film {number}", [], set()
        item.changed()
    items[2].edit(title="By hand")

    assert reconcile(world) == 3

    assert titles(items) == ["Harbour Lights 1", "Harbour Lights 2", "By hand", "Harbour Lights 4"]
    assert all("Boats" in item.genres and {"title", "genre"} <= item.locked for item in items[:2])
    assert edited(world) == [items[0].ratingKey, items[1].ratingKey]


@both
def test_items_that_plex_read_anew_cost_one_look(world, reconcile):
    """Plex refreshes them: their time moves, and nothing else. Fifty are one question; the next time there is none."""
    items = pushed(world, 60)
    world.plex.advance(HOUR)
    for item in items:
        item.changed()

    assert reconcile(world) == 60
    assert writes(world) == 0
    assert sum(request.path.startswith("/library/metadata/") for request in world.plex.requests) == 2
    assert by_hand(world) == 0


@itself
def test_scenes_that_were_merged(world, reconcile):
    """The items of both play a file of the scene that is left."""
    items = pushed(world)
    world.stash.library.merge_scenes(1, 2, details="Both parts.")

    assert reconcile(world) == 1
    assert [item.summary for item in items] == ["Both parts.", "Both parts.", None]
    assert titles(items) == ["Harbour Lights 1", "Harbour Lights 1", "Harbour Lights 3"]
    assert world.queue() == (0, 0, 0)


@hand
def test_a_file_that_was_assigned_to_another_scene(world, reconcile):
    items = pushed(world)
    library = world.stash.library
    library.assign_file(1, library.get("scene", 2).files[0].id)

    assert reconcile(world) == 1
    assert items[1].title == "Harbour Lights 1"
    assert world.queue() == (0, 0, 0)


@itself
def test_a_file_that_moved_in_both(world, reconcile):
    items = pushed(world)
    world.stash.library.move_file(2, "/data/films/new/film 2.mp4")
    items[1].set_file("/data/films/new/film 2.mp4")
    items[1].edit(summary="Somebody's own")
    world.films.bump()

    assert reconcile(world) == 1
    assert items[1].summary == "Somebody's own"
    assert writes(world) == 0, "it is the same item, and has all"
    assert world.queue() == (0, 0, 0)


@hand
def test_a_file_that_moved_and_is_another_item_now(world, reconcile):
    items = pushed(world)
    world.stash.library.move_file(2, "/data/films/new/film 2.mp4")
    world.films.remove_item(items[1])
    again = world.films.add_item(file="/data/films/new/film 2.mp4", size=1_000_002)

    assert reconcile(world) == 1
    assert (again.title, again.genres) == ("Harbour Lights 2", ["Boats"])


@itself
def test_a_cover_that_was_generated(world, reconcile):
    world.settings.update({"fieldNoPoster": False, "fieldNoBackground": False})
    items = pushed(world)
    world.stash.library.clock = later_than(world, 60)
    world.stash.library.set_cover(2, JPEG)

    assert reconcile(world) == 1
    assert items[1].poster.data == items[1].art.data == JPEG
    assert not items[0].art


def later_than(world, seconds):
    """Stash's clock, so much ahead."""
    from datetime import timedelta
    clock = world.stash.library.clock
    return lambda: clock() + timedelta(seconds=seconds)


@hand
def test_an_import_that_brings_scenes_and_changes_others(world, reconcile):
    items = pushed(world)
    for number in (1, 3):
        world.stash.library.get("scene", number).title = f"Low Tide {number}"   # not even updated_at moves
    world.stash.library.add_scene("/data/films/new.mp4", size=7, title="Night Ferry")
    new = world.films.add_item(file="/data/films/new.mp4", size=7)

    assert reconcile(world) == 3
    assert titles(items) == ["Low Tide 1", "Harbour Lights 2", "Low Tide 3"]
    assert new.title == "Night Ferry"


@itself
def test_an_edit_while_the_plugin_was_off(world, reconcile):
    items = pushed(world)
    world.stash.host.disabled.add("plexsync")
    world.stash.update_scene(2, title="Low Tide")
    world.stash.host.disabled.clear()

    assert reconcile(world) == 1
    assert items[1].title == "Low Tide"


@hand
def test_hooks_that_were_cut_off_by_a_browser_that_left(world, reconcile):
    """Stash kills the first one at once, and starts none of the others."""
    items = pushed(world)
    left = threading.Event()
    left.set()
    world.stash.update_scenes({n: {"title": f"Low Tide {n}"} for n in (1, 2, 3)}, cancel=left)
    for run in world.stash.host.runs:
        run.join()
    world.tasks()

    reconcile(world)

    assert titles(items) == ["Low Tide 1", "Low Tide 2", "Low Tide 3"]


# --- what happens in Plex -----------------------------------------------------------------------------------


@both
def test_nothing_happened(world, reconcile):
    items = pushed(world)
    items[1].edit(title="Somebody's own")

    assert reconcile(world) == 0
    assert writes(world) == 0
    assert not [request for request in world.plex.requests if "/metadata/" in request.path], "no item is read"


@itself
def test_an_item_that_is_in_another_library_now(world, reconcile):
    items = pushed(world)
    more = world.plex.add_library("More", ["/data/films"])
    world.films.remove_item(items[1])
    again = more.add_item(file="/data/films/film 2.mp4", size=1_000_002)

    assert reconcile(world) == 1
    assert again.title == "Harbour Lights 2"


@itself
def test_a_copy_in_another_library(world, reconcile):
    pushed(world)
    more = world.plex.add_library("More", ["/data/films"])
    copy = more.add_item(file="/data/films/film 2.mp4", size=1_000_002)

    assert reconcile(world) == 1
    assert copy.title == "Harbour Lights 2"
    world.clear()
    assert by_hand(world) == 0


@hand
def test_a_library_that_was_rebuilt(world, reconcile):
    pushed(world)
    world.plex.remove_library(world.films)
    films = world.plex.add_library("Films", ["/data/films"])
    again = [films.add_item(file=f"/data/films/film {n}.mp4", size=1_000_000 + n) for n in (1, 2, 3)]

    assert reconcile(world) == 3
    assert titles(again) == ["Harbour Lights 1", "Harbour Lights 2", "Harbour Lights 3"]


@itself
def test_another_server_at_the_same_address(world, reconcile):
    """Its items have the same keys by chance, and nothing of ours."""
    items = pushed(world)
    for item in items:
        item.put(title="film", genres=[], locked=[])
    world.plex.machine_identifier = "f" * 40
    world.plex.remove_library(world.films)
    films = world.plex.add_library("Films", ["/data/films"])
    films.uuid = "another"
    again = [films.add_item(file=f"/data/films/film {n}.mp4", size=1_000_000 + n) for n in (1, 2, 3)]

    assert reconcile(world) == 3
    assert titles(again) == ["Harbour Lights 1", "Harbour Lights 2", "Harbour Lights 3"]


@hand
def test_an_item_of_two_that_is_gone(world, reconcile):
    """A scene with two files that one item plays, and a copy of the first one elsewhere."""
    more = world.plex.add_library("More", ["/data/more", "/data/films"])
    both_parts = world.films.add_item(parts=[("/data/films/cd1.mp4", 11), ("/data/films/cd2.mp4", 22)])
    copy = more.add_item(file="/data/films/cd1.mp4", size=11)
    world.stash.library.add_scene(number=1, files=[{"path": "/data/films/cd1.mp4", "size": 11},
                                                   {"path": "/data/films/cd2.mp4", "size": 22}], title="Low Tide")
    world.index()
    task(world, "Sync all scenes")
    assert (both_parts.title, copy.title) == ("Low Tide", "Low Tide")
    more.remove_item(copy)
    world.clock(61)     # a library is read as a whole once an hour

    assert reconcile(world) == 1, "what belongs to the scene is not what it was"
    assert by_hand(world) == 0


def test_a_scene_whose_other_file_belongs_to_somebody_is_not_pushed_for_ever(world):
    world.film(1, "one", title="Harbour Lights")
    world.film(2, "two", title="Low Tide")
    world.index()
    task(world, "Sync all scenes")
    library = world.stash.library
    library.get("scene", 1).files.append(library.add_file("/data/films/two.mp4", size=1_000_002))
    task(world, "Sync all scenes")
    assert by_hand(world) == 0


def two_files(world, number, *names):
    """A scene with two files."""
    files = [{"path": f"/data/films/{name}.mp4", "size": size} for size, name in enumerate(names, 1)]
    return world.stash.library.add_scene(number=number, files=files, title="Low Tide")


@both
@pytest.mark.parametrize("merged_with", ["its own", "another scene's"])
def test_a_file_that_was_split_off_an_item(world, reconcile, merged_with):
    """Plex had put the scene's second file into another item."""
    own = world.films.add_item(file="/data/films/one.mp4", size=1)
    other = world.film(9, "nine", title="Night Ferry")
    merged = own if merged_with == "its own" else other
    media = merged.add_media("/data/films/two.mp4", 2)
    two_files(world, 1, "one", "two")
    world.index()
    task(world, "Sync all scenes")
    assert (own.title, other.title) == ("Low Tide", "Night Ferry")
    world.clock(61)
    merged.lose_media(media)
    split = world.films.add_item(file="/data/films/two.mp4", size=2)

    reconcile(world)

    assert (split.title, other.title) == ("Low Tide", "Night Ferry")
    assert world.queue() == (0, 0, 0)
    assert by_hand(world) == 0


def test_what_stays_ambiguous_is_pushed_once_and_then_waits(world):
    own = world.films.add_item(file="/data/films/one.mp4", size=1)
    media = own.add_media("/data/films/two.mp4", 2)
    two_files(world, 1, "one", "two")
    world.index()
    task(world, "Sync all scenes")
    own.lose_media(media)
    twins = [world.films.add_item(file="/data/films/two.mp4", size=2) for _ in range(2)]

    world.tasks()
    world.later(DAY + HOUR)
    assert by_itself(world) == 1
    assert world.queue() == (0, 1, 0)
    world.later(3 * DAY)
    world.operation("tick")
    [run] = world.tasks()
    assert " 0 queued, 1 in the queue already" in run.text("info")
    assert titles(twins) == ["two", "two"]


def test_a_match_that_is_known_counts_where_the_index_would_have_doubts(world):
    """The folder that Stash names is another library's now: by name and size alone nothing would be found."""
    item = world.films.add_item(file="/data/films/tide.mp4", size=1)
    world.stash.library.add_scene("/media/tide.mp4", number=1, size=1, title="Low Tide")
    world.index()
    task(world, "Sync all scenes")
    world.plex.add_library("More", ["/media"])
    world.index()

    assert by_hand(world) == 0
    assert world.save(1, title="High Tide").output["result"] == "synced"
    assert item.title == "High Tide"


def test_without_the_caches_it_still_compares_what_stash_has(world):
    items = pushed(world)
    world.operation("clear-cache")
    world.stash.library.auto_tag(2, "Night")

    assert by_hand(world) == 1
    assert set(items[1].genres) == {"Boats", "Night"}


# --- once a day ----------------------------------------------------------------------------------------------


def asked(world, seconds):
    """Whether a look at that time finds something due; the runs that follow."""
    world.later(seconds)
    answer = world.operation("tick").output["asked"]
    runs = world.tasks()
    assert answer == bool(runs)
    return runs


def test_the_day_begins_with_the_first_edit(world):
    shelf(world, 1)
    assert asked(world, 10 * DAY) == []

    world.later(10 * DAY)
    world.save(1, title="Low Tide")

    assert asked(world, 10 * DAY + 23 * HOUR) == []
    assert len(asked(world, 11 * DAY + HOUR)) == 1


def test_it_is_repeated_every_day_and_no_sooner(world):
    shelf(world, 1)
    world.save(1, title="Low Tide")

    assert [len(asked(world, DAY * day + HOUR * hour)) for day, hour in
            ((0, 23), (1, 1), (1, 2), (2, 0), (2, 2), (2, 3), (3, 1), (3, 3))] == [0, 1, 0, 0, 1, 0, 0, 1]


def test_an_update_brings_it_forward(world):
    """While Stash replaces the package's files it finds nothing to start, and the edit has no hook."""
    items = shelf(world, 2)
    world.save(1, title="Low Tide")
    world.stash.library.update_scene(2, {"title": "High Tide"})
    assert asked(world, 10) == []

    with started_with(world, {"PLEXSYNC_SETTLED": "1"}):    # the launcher's first call
        world.save(1, title="Spring Tide")
    world.tasks()

    assert items[1].title == "High Tide"
    assert asked(world, 20) == []


def test_a_first_installation_compares_nothing(world):
    shelf(world, 2)

    with started_with(world, {"PLEXSYNC_SETTLED": "1"}):
        world.operation("tick")

    assert asked(world, 10) == []


def test_a_reconcile_by_hand_is_the_days(world):
    shelf(world, 1)
    world.save(1, title="Low Tide")
    world.later(20 * HOUR)
    by_hand(world)

    assert asked(world, DAY + HOUR) == []
    assert len(asked(world, DAY + 21 * HOUR)) == 1


def test_one_that_is_due_and_started_by_hand_is_done_once(world):
    shelf(world, 1)
    world.save(1, title="Low Tide")
    world.later(DAY + HOUR)
    world.clear()

    by_hand(world)

    assert behind(world) == [0]
    assert asked(world, DAY + 2 * HOUR) == []


def test_any_hook_sees_to_it_and_is_not_slower_for_it(world):
    items = shelf(world, 2)
    world.save(1, title="Low Tide")
    world.stash.library.auto_tag(2, "Night")
    world.later(DAY + HOUR)

    run = world.save(1, title="Night Ferry")

    assert run.output["result"] == "synced"
    assert run.operations == [["runPluginTask"], ["configuration", "findScene"]]
    world.tasks()
    assert set(items[1].genres) == {"Boats", "Night"}


def test_cut_off_it_is_due_again_after_an_hour(world):
    pushed(world, 1)
    for number in range(2, PAGE + 5):
        world.stash.library.add_scene(f"/data/films/more {number}.mp4", number=number)
    world.later(DAY + HOUR)
    cut_off(world, lambda: world.operation("tick"), page=2)

    assert asked(world, DAY + HOUR + 1800) == []
    world.clear()
    [run] = asked(world, DAY + 2 * HOUR + 60)

    assert "All scenes were compared" in run.text("info")
    assert asked(world, 2 * DAY + HOUR) == []


def test_what_was_cut_off_by_night_goes_on_where_it_stopped(world):
    pushed(world, 1)
    for number in range(2, 2 * PAGE + 5):
        world.stash.library.add_scene(f"/data/films/more {number}.mp4", number=number)
    world.later(DAY + HOUR)
    cut_off(world, lambda: world.operation("tick"), page=2)
    world.clear()

    [run] = asked(world, DAY + 2 * HOUR + 1)

    assert f"Going on after scene {PAGE}" in run.text("info")
    assert behind(world) == [PAGE, 2 * PAGE]


def test_a_plex_that_is_down_when_it_is_due(world):
    items = pushed(world, 2)
    world.stash.library.auto_tag(2, "Night")
    world.later(DAY + HOUR)
    world.plex.stop()
    world.operation("tick")
    world.tasks()
    world.plex.start()

    asked(world, DAY + HOUR + 60)       # a probe, if anything is due
    asked(world, DAY + 2 * HOUR + 60)

    assert set(items[1].genres) == {"Boats", "Night"}
    assert world.queue() == (0, 0, 0)


@pytest.mark.parametrize("back", [2 * HOUR, 400 * DAY])
def test_a_clock_that_was_set_back_costs_one_look_and_does_not_put_it_off(world, back):
    start = 500 * DAY
    pushed(world, 1)
    asked(world, start)
    assert asked(world, start + 60) == []

    assert len(asked(world, start - back)) == 1
    assert asked(world, start - back + 60) == []


def test_a_clock_that_jumps_ahead_makes_it_due_once(world):
    pushed(world, 1)

    assert len(asked(world, 4000 * DAY)) == 1
    assert asked(world, 4000 * DAY + HOUR) == []
