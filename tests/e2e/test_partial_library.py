"""Plex holds only a part of what Stash has: thousands of scenes that it never will have are looked for
once, and then wait without costing anybody anything, until one of them turns up after all."""

ASK = ["runPluginTask"]
MANY, SOME = 400, 50                # ten thousand are the same, but take longer to be looked for once
FIRST = 1000                        # the number of the first of them
HOUR = 3600
NEWS = ["addedAt:desc", "updatedAt:desc"]        # what is read of a library where something moved


def partial_library(world, count):
    """Two libraries with 200 films, of which Stash has those of scenes 1 to 20; and so many scenes that Plex
    does not have, queued but not yet looked for. Returns the items of the 20."""
    other = world.plex.add_library("Rushes", ["/data/rushes"])
    items = [world.film(n, f"Harbour Lights {n}", title=f"Harbour Lights {n}") for n in range(1, 21)]
    world.films.add_many(80, "/data/films/more/{i}.mp4")
    other.add_many(100, "/data/rushes/{i}.mp4")
    for number in range(FIRST, FIRST + count):
        world.stash.library.add_scene(f"/data/films/Low Tide {number}.mp4", number=number, size=number,
                                      title=f"Low Tide {number}", details="At sea.")
    world.index()
    assert queue(world, range(FIRST, FIRST + count)).operations == [ASK]
    return items


def looked_for(world, count=SOME):
    """The same, after the drain that looked for them; returns the items."""
    items = partial_library(world, count)
    world.tasks(300)
    assert_all_wait(world, count)
    world.clear()
    return items


def queue(world, numbers):
    """A bulk edit of these scenes, whose browser leaves after the first hook; the run of that."""
    value = {"ids": [str(number) for number in numbers], "organized": True}
    [run] = world.stash.hook("Scene.Update.Post", numbers[0], value, ["ids", "organized"])
    world.check(run)
    return run


def confirmation(world):
    """What one look costs: the sections, and a count for each library."""
    return {"GET /library/sections": 1,
            **{f"GET /library/sections/{library.id}/all": 1 for library in world.plex.libraries}}


def listings(world):
    """The requests for a part of a library, each as its order; a full pass goes by id."""
    return [request.arg("sort") for request in world.plex.requests
            if request.path.endswith("/all") and request.method == "GET"
            and request.arg("X-Plex-Container-Size") != "0"]


def scenes_read(world):
    """How many scenes Stash was asked for."""
    return sum(asked.count("findScene") for asked in world.stash.graphql_operations)


def assert_all_wait(world, count):
    """The scenes that Plex does not have wait; nothing is due, nothing failed."""
    assert world.status()["queue"] == {"ready": 0, "due": 0, "waiting": count, "failed": 0}


def find_on_disk(world, number):
    """Plex scans, and finds the file of one of them; returns the item."""
    world.films.put_file(f"/data/films/Low Tide {number}.mp4", number)
    world.films.scan()
    [item] = world.films.by_name(f"Low Tide {number}.mp4")
    return item


def assert_a_drain_costs_one_look(world):
    """A drain now asks for the libraries, for nothing in them, and for no scene."""
    world.clear()
    drain = world.drain()
    assert not any(drain.output[what] for what in ("synced", "unchanged", "ignored", "waiting", "failed", "retried"))
    assert world.plex.counts() == confirmation(world)
    assert listings(world) == []
    assert world.stash.graphql_operations == [["configuration"]]
    assert not drain.text("warning") + drain.text("error")


def test_many_are_looked_for_once_and_then_cost_nothing(world):
    partial_library(world, MANY)

    [drain] = world.tasks(300)
    assert (drain.output["waiting"], drain.output["failed"], drain.output["retried"]) == (MANY, 0, 0)
    assert scenes_read(world) == MANY
    assert world.plex.counts() == confirmation(world), "one question for all of them"
    assert_all_wait(world, MANY)

    assert_a_drain_costs_one_look(world)
    item = find_on_disk(world, FIRST + 7)
    assert world.drain().output["synced"] == 1
    assert (item.title, item.summary) == (f"Low Tide {FIRST + 7}", "At sea.")
    assert_all_wait(world, MANY - 1)


def test_each_further_drain_costs_one_look_at_the_libraries_however_late(world):
    looked_for(world)

    for hours in (0.1, 0.9, 2, 23):
        world.later(hours * HOUR)
        assert_a_drain_costs_one_look(world)
    assert_all_wait(world, SOME)


def test_the_comparison_once_a_day_leaves_them_waiting(world):
    looked_for(world)
    world.later(25 * HOUR)
    assert world.operation("tick").output == {"asked": True}

    [drain] = world.tasks()

    assert "All scenes were compared, as once a day" in drain.text("info")
    pushed = drain.output["synced"] + drain.output["unchanged"]
    assert scenes_read(world) == pushed > 0, "those that Plex has and that were never pushed; none of the others"
    assert_all_wait(world, SOME)


def test_a_tick_has_somebody_look_when_it_is_time_and_no_more(world):
    looked_for(world)

    for minutes, asked in ((0.2, False), (1.2, True), (1.4, False), (12, True), (13, False), (23 * 60, True)):
        world.later(60 * minutes)
        world.clear()
        assert world.operation("tick").output == {"asked": asked}
        world.tasks()
        assert world.plex.counts() == (confirmation(world) if asked else {})
        assert scenes_read(world) == 0


def test_a_save_of_another_scene_costs_what_it_always_costs(world):
    looked_for(world)

    run = world.save(1, details="By the sea.")

    assert run.output["result"] == "synced"
    assert world.tasks() == []
    assert world.request_count() == (1, 3)
    assert_all_wait(world, SOME)


def test_new_events_cost_one_look_and_their_own_scenes(world):
    items = looked_for(world)

    for turn in range(3):                       # three that Plex has, and two that it does not have
        numbers = [1, 2, 3, FIRST + 2 * turn, FIRST + 2 * turn + 1]
        world.stash.library.bulk_update_scenes(numbers, {"details": f"At night, {turn}."})
        world.clear()
        queue(world, numbers)
        [drain] = world.tasks()
        assert (drain.output["synced"], drain.output["waiting"], drain.output["retried"]) == (3, 2, 0)
        assert scenes_read(world) == 5
        assert world.plex.counts()["GET /library/sections"] == 1
        # From the second time on our own edits moved a counter.
        assert listings(world) == (NEWS if turn else [])
    assert [item.summary for item in items[:3]] == ["At night, 2."] * 3
    assert_all_wait(world, SOME)


def test_a_busy_day_in_plex_does_not_wake_them(world):
    items = looked_for(world)

    for turn in range(6):                       # people edit films, and files come that Stash does not know
        world.later(600 * turn)
        items[turn].edit(tagline=f"Seen {turn} times.")
        world.films.add_item(file=f"/data/films/Unknown {turn}.mp4", size=turn)
        world.clear()
        drain = world.drain()
        assert drain.output["waiting"] == drain.output["retried"] == 0
        assert scenes_read(world) == 0
        assert listings(world) == NEWS
    assert_all_wait(world, SOME)


def test_one_that_turns_up_is_written_by_the_first_drain_after_the_scan_though_the_index_is_fresh(world):
    looked_for(world)
    item = find_on_disk(world, FIRST + 7)
    world.clear()

    queue(world, [1, 2])                        # anything that lets a drain come
    [drain] = world.tasks()

    assert drain.output["synced"] == 1
    assert (item.title, item.summary) == (f"Low Tide {FIRST + 7}", "At sea.")
    assert scenes_read(world) == 3
    assert listings(world) == NEWS
    assert_all_wait(world, SOME - 1)
