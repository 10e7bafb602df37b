"""The computer's clock jumps by a year: it was wrong and is set right, or it was right and goes wrong.
Whatever was remembered by the old time, nothing is lost, and nobody asks more than he would have."""

import pytest

ASK, LOOK = ["runPluginTask"], ["jobQueue"]
YEAR = 365 * 86400
MINUTES, CLOSELY = range(0, 601, 120), (0, 50, 75, 175, 200, 425, 450, 600)     # when somebody looks

# Before the jump, and after it.
both_ways = pytest.mark.parametrize("before, after", [(YEAR, 0), (0, YEAR)], ids=["back", "forward"])


def shelf(world, *numbers):
    """Films that both have, known to the index; returns the items."""
    items = [world.film(n, f"Harbour Lights {n}", title=f"Harbour Lights {n}", details=f"Part {n}.") for n in numbers]
    world.index()
    return items


def missing(world, numbers):
    """Scenes whose files Plex does not have."""
    for number in numbers:
        world.stash.library.add_scene(f"/data/films/Low Tide {number}.mp4", number=number, size=number,
                                      title="Low Tide")


def appear(world, number):
    """Plex gained the file of such a scene; returns the item."""
    return world.films.add_item(file=f"/data/films/Low Tide {number}.mp4", size=number)


def scan(world, number):
    """A hook that only queues."""
    [run] = world.stash.scan_changed(number)
    world.check(run)
    return run


def operations(world):
    """What Stash was asked for since clear(), without the scenes and settings."""
    return [asked for asked in world.stash.graphql_operations if asked in (ASK, LOOK)]


def ticks(world, begin, seconds=MINUTES):
    """A look whether something is due, again and again; when it asked for a drain. The drains run."""
    asked = []
    for at in seconds:
        world.later(begin + at)
        run = world.operation("tick")
        asked += [at] * run.output["asked"]
        world.tasks()
    return asked


# --- the queue ---------------------------------------------------------------------------------------


@both_ways
def test_between_an_edit_and_its_drain(world, before, after):
    world.later(before)
    items = shelf(world, 1, 2, 3)
    world.queue_only(1, 2, 3)
    world.clear()

    asked = ticks(world, after)

    assert asked == [0]
    assert operations(world) == [LOOK, ASK]
    assert [item.summary for item in items] == ["Part 1.", "Part 2.", "Part 3."]
    assert len(world.plex.writes) == 3
    assert world.queue() == (0, 0, 0)


@both_ways
def test_between_a_failure_and_its_next_try(world, before, after):
    world.later(before)
    items = shelf(world, 16, 32)
    for item in items:
        item.fail_detail = 500
    world.queue_only(16, 32)
    world.drain()
    world.clear()

    asked = ticks(world, after, CLOSELY)

    assert asked == [0, 75, 200, 450], "at once, and then after the pauses that follow"
    assert [world.plex.counts()[f"GET /library/metadata/{item.ratingKey}"] for item in items] == [8, 8], \
        "each time to find the row that spoils the request for both, and for its error"
    assert world.queue() == (2, 0, 0)
    for item in items:
        item.fail_detail = None
    ticks(world, after, [1200])
    assert [item.summary for item in items] == ["Part 16.", "Part 32."]


@both_ways
def test_status_says_of_such_a_scene_what_is_true_now(world, before, after):
    world.later(before)
    [item] = shelf(world, 16)
    item.fail_detail = 500
    world.queue_only(16)
    world.drain()

    world.later(after)
    status = world.status()

    assert status["queue"]["due"] == 1
    assert [job["next_try"] for job in status["retrying"]] == ["with the next drain"]


@both_ways
def test_in_the_middle_of_a_bulk_edit(world, before, after):
    world.later(before)
    items = shelf(world, *range(1, 9))
    world.stash.library.bulk_update_scenes(range(1, 9), {"details": "By the sea."})
    value = {"ids": [str(number) for number in range(1, 9)], "details": "By the sea."}
    world.clear()

    for number in range(1, 9):
        world.later(before if number < 4 else after)
        world.check(*world.stash.hook("Scene.Update.Post", number, value, ["ids", "details"]))
        world.tasks()

    assert {item.summary for item in items} == {"By the sea."}
    assert ",".join(request.arg("id") for request in world.plex.writes) == "1,2,3,4,5,6,7,8"
    assert world.stash.graphql_operations.count(ASK) == 2, "once more than without the jump"
    assert world.queue() == (0, 0, 0)


# --- what was asked for ------------------------------------------------------------------------------


@both_ways
def test_with_a_task_in_stashs_queue(world, before, after):
    world.later(before)
    shelf(world, 1, 2)
    world.stash.hold_jobs = True
    scan(world, 1)
    world.clear()

    world.later(after)
    for _ in range(5):
        scan(world, 2)
        world.operation("tick")

    assert operations(world) == [LOOK]
    assert len(world.stash.jobs.queued()) == 1


@both_ways
def test_with_a_task_that_was_lost(world, before, after):
    world.later(before)
    items = shelf(world, 1, 2)
    world.queue_only(1)
    world.clear()
    world.stash.hold_jobs = True

    world.later(after)
    for _ in range(5):
        scan(world, 2)
        world.operation("tick")

    assert operations(world) == [LOOK, ASK]
    world.stash.hold_jobs = False
    world.tasks()
    assert [item.summary for item in items] == ["Part 1.", "Part 2."]


# --- what went wrong ---------------------------------------------------------------------------------


@both_ways
def test_while_plex_is_down(world, before, after):
    world.later(before)
    items = shelf(world, 1, 2)
    gone = world.plex.fault(lambda request: True, "status", status=503, times=None)
    world.save(1, details="By the sea.")
    world.tasks()                           # it waits for Plex in vain
    scan(world, 2)
    world.clear()
    met = gone.hits

    asked = ticks(world, after, CLOSELY)

    assert asked == [0, 175, 425], "at once, and then after the pauses that follow"
    assert gone.hits == met + len(asked)
    assert world.save(1, details="At night.").requests == []
    world.plex.clear_faults()
    assert len(ticks(world, after + 1200)) == 1
    assert [item.summary for item in items] == ["At night.", "Part 2."]


@both_ways
def test_while_a_setting_is_wrong(world, before, after):
    world.later(before)
    items = shelf(world, 1, 2)
    right, world.settings["connectToken"] = world.settings["connectToken"], "another-token-Yy17"
    world.secrets.add("another-token-Yy17")
    assert "connectToken" in world.save(1, details="By the sea.").output["reason"]
    scan(world, 2)
    world.clear()

    asked = ticks(world, after, (0, 50, 75, 125, 150))

    assert asked == [0, 75, 150], "once a minute, and not more often"
    assert [text for level, text in world.stash.log if level in ("error", "warning")] == []
    assert len(world.plex.requests) == len(asked)
    assert world.queue() == (2, 0, 0)
    world.settings["connectToken"] = right
    assert world.save(1, details="At night.").output["result"] == "synced"
    world.tasks()
    assert [item.summary for item in items] == ["At night.", "Part 2."]


# --- the library index -------------------------------------------------------------------------------


@both_ways
def test_a_drain_asks_plex_once_whatever_the_index_says_of_its_age(world, before, after):
    world.later(before)
    items = shelf(world, 1, 2, 3)
    missing(world, range(11, 21))
    world.queue_only(1, 2, 3, *range(11, 21))
    world.clear()

    asked = ticks(world, after)

    assert asked[0] == 0                    # what follows are looks for what waits
    text = "".join(run.text() for run in world.runs)
    days = text.count("All scenes were compared")       # a jump of the clock may make that due
    assert world.plex.counts()["GET /library/sections"] == len(asked) + days
    assert world.queue() == (0, 10, 0)
    assert [item.summary for item in items] == ["Part 1.", "Part 2.", "Part 3."]


@both_ways
def test_a_hook_does_not_say_absent_on_the_word_of_an_index_of_another_time(world, before, after):
    world.later(before)
    shelf(world, 1)
    missing(world, [11])
    item = appear(world, 11)

    world.later(after)
    run = world.save(11, details="By the sea.")
    world.tasks()

    assert run.output["result"] == "queued"
    assert item.summary == "By the sea."
    assert world.queue() == (0, 0, 0)


@both_ways
def test_scenes_that_wait_for_plex_are_found_when_it_has_them(world, before, after):
    world.later(before)
    shelf(world, 1)
    missing(world, [11, 12])
    world.queue_only(11, 12)
    world.drain()
    assert world.queue() == (0, 2, 0)
    world.clear()

    world.later(after)
    item = appear(world, 11)
    drains = [world.drain() for _ in range(3)]

    # The first one finds that a day is over, too, and compares all scenes: the other one was never pushed.
    assert [drain.output["synced"] for drain in drains] == [2, 0, 0]
    assert item.title == "Low Tide"
    assert world.plex.counts()["GET /library/sections"] == 3 + 1
    assert world.queue() == (0, 1, 0)


@both_ways
def test_a_library_is_not_read_as_a_whole_more_often_than_once_an_hour(world, before, after):
    world.later(before)
    shelf(world, 1)
    missing(world, [11])
    world.queue_only(11)
    world.clear()

    for turn in range(6):
        world.later(after + 60 * turn)
        world.films.bump()                      # something moved, and nothing is new
        world.drain()

    passes = [request for request in world.plex.requests if request.arg("sort") == "id"
              and request.arg("X-Plex-Container-Size") != "0"]
    assert len(passes) == 1
    assert world.queue() == (0, 1, 0)
