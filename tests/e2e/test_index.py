"""The library index: what is asked of Plex to know which file is which item, and when.

It is built from pages, brought up to date with little, and never says "not in
Plex" unless it has just been confirmed. The clock is moved, nobody waits.
"""

import threading
import time

import pytest

START = 1_700_000_000


def listings(world):
    """(library, sort, start) of each listing that read items, in their order."""
    return [(request.path.split("/")[3], request.arg("sort"), int(request.arg("X-Plex-Container-Start")))
            for request in world.plex.requests
            if request.path.endswith("/all") and request.method == "GET"
            and request.arg("X-Plex-Container-Size") != "0"]


def full_passes(world):
    """How many times a library was read from its first page on."""
    return len([start for _, sort, start in listings(world) if sort == "id" and start == 0])


def confirmations(world):
    """How often the sections were asked for."""
    return world.plex.counts()["GET /library/sections"]


def shelf(world, count=20):
    """A library with some films, one added after the other; scenes 1 to 'count' are theirs."""
    world.plex.now = START
    items = world.films.add_many(count, "/data/films/film {i}.mp4", "Film {i}", size=1000)
    for number, item in enumerate(items, 1):
        item.put(addedAt=START + number, updatedAt=START + number)
        world.stash.library.add_scene(f"/data/films/film {number}.mp4", number=number, size=1000 + number,
                                      studio="Northwind Pictures")
    world.plex.now = START + 1000
    return items


def missing(world, number, name="missing"):
    """A scene whose file Plex does not have (yet)."""
    return world.stash.library.add_scene(f"/data/films/{name}.mp4", number=number, size=1000, studio="Lumen House")


# --- building --------------------------------------------------------------------------------------


@pytest.mark.parametrize("max_page, starts", [(None, [0]), (7, [0, 7, 14])])
def test_the_index_is_built_from_pages_as_large_as_the_server_likes(world, max_page, starts):
    shelf(world)
    world.plex.max_page = max_page

    run = world.operation("rebuild-index")

    assert run.output == {"items": 20}
    assert [start for _, _, start in listings(world)] == starts
    assert world.status()["library_cache"]["items"] == 20
    assert "20 items read" in run.text("info")


@pytest.mark.parametrize("switch", [{"require_size": True}, {"honours_excludes": False}, {"chunked": True},
                                    {"gzip": True}])
def test_the_index_does_not_depend_on_habits_of_the_server(world, switch):
    shelf(world, 3)
    for name, value in switch.items():
        setattr(world.plex, name, value)

    assert world.operation("rebuild-index").output == {"items": 3}


def test_a_library_that_is_empty_is_complete(world):
    missing(world, 1)

    assert world.sync(1)["result"] == "not_found"


def test_the_first_job_builds_the_index(world):
    shelf(world)

    assert world.sync(1)["result"] == "synced"
    assert world.plex.counts()["GET /identity"] == 1
    assert (confirmations(world), full_passes(world)) == (1, 1)


# --- keeping it up to date ---------------------------------------------------------------------------


def test_a_new_file_costs_a_page_of_each_order(world):
    shelf(world)
    world.index()
    world.plex.max_page = 5
    new = world.films.add_item(file="/data/films/new.mp4", size=5)
    missing(world, 30, "new")

    assert world.sync(30)["result"] == "synced"
    assert listings(world) == [("1", "addedAt:desc", 0), ("1", "updatedAt:desc", 0)]
    assert new.studio == "Lumen House"
    assert world.status()["library_cache"]["items"] == 21


def test_many_new_files_are_read_until_a_known_stamp(world):
    shelf(world)
    world.index()
    world.plex.max_page = 5
    world.films.add_many(12, "/data/films/new {i}.mp4", "New {i}")
    missing(world, 30, "new 1")

    assert world.sync(30)["result"] == "synced"
    assert [start for _, sort, start in listings(world) if sort == "addedAt:desc"] == [0, 5, 10]
    assert full_passes(world) == 0


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("bump", [False, True])
def test_media_may_come_later_than_those_of_newer_items(world, bump, full):
    """Plex takes up several files: each row is there before its media."""
    shelf(world)
    world.plex.now = int(time.time())
    if not full:
        world.index()
        world.plex.advance(10)
    first = world.films.add_item("first")
    second = world.films.add_item(file="/data/films/second.mp4", size=2, addedAt=first.addedAt + 5)
    missing(world, 30, "first")
    missing(world, 31, "second")
    assert world.sync(31)["result"] == "synced"
    first.add_media("/data/films/first.mp4", 5)
    if bump or full:
        world.films.bump()
    world.clear()
    world.clock(minutes=5)

    assert world.sync(30)["result"] == "synced"
    assert first.studio == "Lumen House" and second.studio == "Lumen House"
    assert full_passes(world) == 0


def test_rows_that_never_get_media_are_not_read_for_ever(world):
    shelf(world)
    world.plex.now = int(time.time())
    for number in range(3):
        world.films.add_item(f"ghost {number}")
        world.plex.advance(1)
    world.index()
    world.plex.max_page = 5
    world.plex.advance(7200)
    world.films.add_many(12, "/data/films/new {i}.mp4", "New {i}")
    missing(world, 30, "new 1")
    world.clock(minutes=120)
    world.sync(30)
    world.films.bump()
    world.clear()
    missing(world, 31, "nowhere")

    assert world.sync(31)["result"] == "not_found"
    assert [start for _, sort, start in listings(world) if sort == "addedAt:desc"] == [0, 5, 10]


def test_a_row_that_has_no_media_yet_hides_no_other_change(world):
    """What is read again because of it is not new."""
    shelf(world)
    world.plex.now = int(time.time())
    world.index()
    world.plex.advance(1800)
    world.clock(minutes=30)
    world.films.add_item("ghost")
    world.films.add_item(parts=[("/data/films/new.mp4", 5), ("/data/films/new 2.mp4", 6)])
    missing(world, 30, "new")
    assert world.sync(30)["result"] == "synced"
    world.films.items[3].set_file("/data/films/moved.mp4", 4444)
    world.films.bump()
    missing(world, 31, "moved")
    world.clock(minutes=61)

    assert world.sync(31)["result"] == "synced"


def test_nothing_new_costs_the_sections_and_a_count_for_each_library(world):
    shelf(world)
    world.plex.add_library("Clips", ["/data/clips"])
    world.index()
    missing(world, 30)

    assert world.sync(30)["result"] == "not_found"
    assert world.plex.counts() == {"GET /library/sections": 1, "GET /library/sections/1/all": 1,
                                   "GET /library/sections/2/all": 1}
    assert listings(world) == []


def test_our_own_edits_do_not_cause_a_full_pass(world):
    shelf(world)
    world.index()
    world.plex.advance(10)
    for number in (1, 2, 3):
        world.sync(number)
    missing(world, 30)
    world.clock(minutes=61)
    world.sync(30)

    assert full_passes(world) == 0
    assert [sort for _, sort, _ in listings(world)] == ["addedAt:desc", "updatedAt:desc"]


def test_a_removed_item_takes_only_its_own_scene_with_it(world):
    items = shelf(world)
    world.index()
    world.films.remove_item(items[0])

    assert world.sync(1)["result"] == "not_found"
    assert world.sync(2)["result"] == "synced"
    assert world.status()["queue"]["waiting"] == 1


def test_a_counter_that_nothing_explains_earns_one_full_pass_an_hour(world):
    shelf(world)
    world.index()
    missing(world, 30)
    passes = []
    for minutes in (10, 61, 62, 100, 122):
        world.clear()
        world.clock(minutes)
        world.films.bump()
        world.sync(30)
        passes.append(full_passes(world))

    assert passes == [0, 1, 0, 0, 1]


def test_a_full_pass_that_had_to_wait_is_not_forgotten(world):
    """A file moved within its library: the counter moves, and no stamp does."""
    items = shelf(world)
    world.index()
    items[0].set_file("/data/films/moved.mp4")
    world.films.bump()
    missing(world, 30, "moved")
    world.clock(minutes=10)
    assert world.sync(30)["result"] == "not_found"

    world.clock(minutes=75)
    world.drain()

    assert items[0].studio == "Lumen House"
    assert world.status()["queue"]["waiting"] == 0


@pytest.mark.parametrize("minutes, asked", [(59, 0), (61, 1)])
def test_an_hour_without_a_question_is_the_end_of_trust(world, minutes, asked):
    """As far as somebody needs the index: with nothing to do nothing is asked."""
    shelf(world)
    world.index()
    world.clock(minutes)
    world.drain()
    assert world.plex.requests == []

    world.stash.hold_jobs = True
    world.check(*world.stash.bulk_update_scenes([1, 2], rating100=80))
    world.stash.hold_jobs = False
    world.tasks()

    assert confirmations(world) == asked
    assert world.status()["queue"]["ready"] == 0


@pytest.mark.parametrize("change", ["location", "uuid", "scanner"])
def test_a_library_that_was_set_up_anew_is_read_anew(world, change):
    shelf(world)
    world.index()
    world.sync(1)
    if change == "location":
        world.films.add_location("/data/more")
    else:
        setattr(world.films, change, "another")
    missing(world, 30)
    world.clear()
    world.sync(30)

    assert full_passes(world) == 1
    assert world.status()["match_cache"]["entries"] == 0
    assert world.sync(2)["result"] == "synced"


def test_a_library_that_is_gone_is_forgotten(world):
    shelf(world)
    clips = world.plex.add_library("Clips", ["/data/clips"])
    clips.add_item(file="/data/clips/a.mp4", size=1)
    world.index()
    assert world.status()["library_cache"]["items"] == 21
    world.plex.remove_library(clips)
    missing(world, 30)

    world.sync(30)

    assert world.status()["library_cache"]["items"] == 20


def test_another_server_is_known_by_its_machine_and_nothing_is_kept(world):
    items = shelf(world)
    world.sync(1)
    missing(world, 30)
    world.plex.machine_identifier = "another-machine"
    items[0].put(studio=None, locked=[])
    world.settings["connectUrl"] = f"http://localhost:{world.plex.port}"

    assert world.sync(1)["fields"] == ["studio"]        # no history: everything once
    assert items[0].studio == "Northwind Pictures"
    world.clear()
    run = world.operation("sync-scene", scene_id="30")
    assert "another server" in run.text("info")
    assert (full_passes(world), world.status()["match_cache"]["entries"]) == (1, 0)


def test_another_address_of_the_same_server_keeps_the_history(world):
    items = shelf(world)
    world.sync(1)
    items[0].edit(studio="By hand")
    world.settings["connectUrl"] = f"http://localhost:{world.plex.port}"

    output = world.sync(1)

    assert (output["result"], output["kept"]) == ("unchanged", ["studio"])
    assert items[0].studio == "By hand"


def test_another_server_behind_the_same_address_is_noticed_by_its_library(world):
    """A rebuilt server has the same address and the same small keys, but no history of ours."""
    items = shelf(world)
    world.sync(1)
    world.plex.machine_identifier = "another-machine"
    world.films.uuid = "another-library"
    items[0].put(studio=None, locked=[])

    world.save(1, details="By the sea.")
    world.tasks()

    assert (items[0].summary, items[0].studio) == ("By the sea.", "Northwind Pictures")


# --- by hand -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("args", [{}, {"library": "films"}, {"library": 1}])
def test_clear_cache_forgets_matches_and_index(world, args):
    shelf(world)
    world.sync(1)

    run = world.operation("clear-cache", **args)

    assert run.output == {"matches": 1}
    assert world.status()["match_cache"]["entries"] == 0
    world.clear()
    assert world.sync(1)["result"] == "unchanged"
    assert full_passes(world) == 1
    assert world.status()["library_cache"]["items"] == 20


def test_clear_cache_of_one_library_leaves_the_other(world):
    shelf(world)
    clips = world.plex.add_library("Clips", ["/data/clips"])
    clips.add_item(file="/data/clips/a.mp4", size=1)
    missing(world, 30)
    world.index()

    world.operation("clear-cache", library="Clips")
    world.sync(30)

    assert [library for library, _, _ in listings(world)] == ["2"]


def test_clear_cache_of_a_library_that_nobody_knows(world):
    shelf(world)
    world.index()

    assert 'no library "Filme"' in world.operation("clear-cache", library="Filme").error


def test_nothing_of_the_old_index_comes_back_after_clear_cache_of_one_library(world):
    items = shelf(world)
    world.index()
    world.films.remove_item(items[0])

    world.operation("clear-cache", library="Films")
    world.operation("rebuild-index")

    assert world.status()["library_cache"]["items"] == 19
    assert world.sync(1)["result"] == "not_found"


def test_rebuild_index_reads_everything_however_often(world):
    shelf(world)
    for _ in range(2):
        world.clear()
        assert world.operation("rebuild-index").output == {"items": 20}
        assert full_passes(world) == 1


# --- not in Plex -----------------------------------------------------------------------------------------


def test_a_hook_does_not_say_absent_before_plex_was_asked(world):
    shelf(world)
    missing(world, 30)
    world.index()
    world.stash.hold_jobs = True

    run = world.save(30, details="By the sea.")

    assert (run.output["result"], run.output["items"]) == ("queued", [])
    assert "index" in run.output["reason"]
    assert confirmations(world) == 0
    status = world.status()
    assert (status["queue"]["ready"], status["queue"]["waiting"]) == (1, 0)

    world.stash.hold_jobs = False
    world.tasks()
    [waiting] = world.status()["unmatched"]
    assert (waiting["scene_id"], waiting["reason"]) == ("30", "Plex does not have this file")


def test_one_question_serves_all_jobs_that_were_queued_before_it(world):
    shelf(world)
    world.index()
    for number in range(30, 40):
        missing(world, number, f"missing {number}")
    runs = world.stash.bulk_update_scenes(range(30, 40), rating100=80)
    world.check(*runs)
    world.tasks()

    assert confirmations(world) == 1
    assert world.status()["queue"]["waiting"] == 10


def test_a_waiting_scene_is_written_as_soon_as_plex_has_the_file(world):
    shelf(world)
    world.index()
    missing(world, 30, "new")
    missing(world, 31)
    assert world.sync(30)["result"] == "not_found"
    new = world.films.add_item(file="/data/films/new.mp4", size=1000)

    world.save(31, details="By the sea.")       # any question to the index will do
    world.tasks()

    assert new.studio == "Lumen House"
    assert [entry["scene_id"] for entry in world.status()["unmatched"]] == ["31"]


def test_a_waiting_scene_is_looked_for_by_every_drain_that_has_time(world):
    shelf(world)
    world.index()
    missing(world, 30, "new")
    world.sync(30)
    new = world.films.add_item(file="/data/films/new.mp4", size=1000)
    world.clock(minutes=61)

    assert world.drain().output["synced"] == 1
    assert new.studio == "Lumen House"


# --- a builder that dies -----------------------------------------------------------------------------------


def kill_in_the_middle(world):
    """The task "Rebuild library index" is cancelled while Plex takes its time over the second page."""
    reached, go_on = threading.Event(), threading.Event()

    def latency(request):
        if request.path.endswith("/all") and request.arg("X-Plex-Container-Start") not in ("0", None):
            reached.set()
            go_on.wait(20)
        return 0

    world.plex.max_page = 5
    world.plex.latency = latency
    job = world.stash.run_task("Rebuild library index")
    assert reached.wait(20)
    world.stash.jobs.stop(job.id)
    job.run.join()
    go_on.set()
    world.plex.latency = 0
    world.stash.wait_jobs()
    assert job.run.signal == 9
    world.clear()


def test_a_builder_that_was_killed_leaves_the_old_index(world):
    items = shelf(world)
    world.index()
    kill_in_the_middle(world)

    assert world.save(20, details="By the sea.").output["result"] == "synced"
    assert items[19].summary == "By the sea."
    assert world.operation("rebuild-index").output == {"items": 20}


def test_a_first_builder_that_was_killed_is_followed_by_another(world):
    items = shelf(world)
    kill_in_the_middle(world)

    run = world.save(20, details="By the sea.")
    assert run.output["result"] == "queued"
    world.tasks()

    assert items[19].summary == "By the sea."
    assert world.status()["library_cache"]["items"] == 20
    assert world.status()["queue"]["ready"] == 0


def test_an_index_that_is_not_complete_never_says_absent(world):
    shelf(world)
    missing(world, 30)
    world.plex.max_page = 5
    world.plex.fault(lambda request: request.arg("X-Plex-Container-Start") == "10", "status", times=None, status=503)

    run = world.operation("sync-scene", scene_id="30")

    assert "503" in run.error
    assert world.status()["queue"]["waiting"] == 0
    assert world.status()["queue"]["ready"] == 1
    world.plex.clear_faults()
    world.clock(minutes=15)
    world.drain()       # this one, or the one that the operation asked for
    assert world.queue() == (0, 1, 0)
