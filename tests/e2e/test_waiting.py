"""A scene that Plex does not have yet waits, and somebody looks for it: soon at first, then seldom, once for all that
wait, whoever comes by."""

import pytest

ASK = ["runPluginTask"]
LOOKS = (1, 2, 5, 10, 20, 40, 100, 160)     # minutes after the wait began


def wait_for(world, *numbers):
    """These scenes were saved, and Plex does not have their files."""
    for number in numbers:
        world.stash.library.add_scene(f"/data/films/Low Tide {number}.mp4", number=number, size=number,
                                      title=f"Low Tide {number}")
    world.index()
    world.stash.bulk_update_scenes(list(numbers), details="At sea.")
    world.tasks()
    assert world.queue() == (0, len(numbers), 0)
    world.clear()


def scanned(world, number):
    """Plex has scanned the file; its item."""
    return world.films.add_item(file=f"/data/films/Low Tide {number}.mp4", size=number)


def tick(world):
    """The tick of an open page; whether it asked for a drain, which is done then."""
    asked = world.operation("tick").output["asked"]
    world.tasks()
    return asked


# --- when ------------------------------------------------------------------------------------------


def test_somebody_looks_soon_and_then_seldom(world):
    wait_for(world, 7)
    asked = []

    for minute in LOOKS:
        for seconds in (60 * minute - 40, 60 * minute + 5, 60 * minute + 10):
            world.later(seconds)
            asked += [seconds] * tick(world)

    assert asked == [60 * minute + 5 for minute in LOOKS[:6]] + asked[6:]
    assert len(asked) == len(LOOKS), asked


def test_what_was_missed_is_not_made_up_for(world):
    wait_for(world, 7)

    world.later(7 * 60)                     # nobody came by for six minutes
    assert tick(world) and not tick(world)
    world.later(9 * 60)
    assert not tick(world)
    world.later(10 * 60 + 5)
    assert tick(world)


def test_a_file_that_plex_scans_a_minute_later_is_written_then(world):
    wait_for(world, 7)
    item = scanned(world, 7)

    world.later(65)
    assert tick(world)

    assert item.summary == "At sea."
    assert world.queue() == (0, 0, 0)
    world.later(3600)
    assert not tick(world), "nothing waits any more"


def test_one_that_begins_to_wait_brings_the_next_look_forward_for_all(world):
    wait_for(world, 7)
    world.later(50 * 60)
    assert tick(world)
    item = scanned(world, 7)
    wait_for_another = world.stash.library.add_scene("/data/films/Night Ferry.mp4", number=8, size=8, title="Ferry")
    world.save(wait_for_another.id, details="On the river.")
    world.tasks()                           # every drain looks
    assert item.summary == "At sea."
    item = world.films.add_item(file="/data/films/Night Ferry.mp4", size=8)

    world.later(51 * 60 + 5)
    assert tick(world)
    assert item.summary == "On the river."


# --- who -------------------------------------------------------------------------------------------


def scan(world):
    """A scan finds a new file, of which Stash knows nothing yet."""
    return world.stash.scan_new("/data/films/New.mp4", size=99)


WHO = {
    "a save that is pushed at once": lambda world: [world.save(1, details="Part 1.")],
    "a save that changes nothing": lambda world: [world.save(1, organized=True)],
    "a scan that finds a file changed": lambda world: world.stash.scan_changed(1),
    "a scan that finds a new file": scan,
    "a bulk edit": lambda world: world.stash.bulk_update_scenes([1, 2], details="Part."),
    "a scene that is removed": lambda world: world.stash.destroy_scenes([2]),
    "a tag that is renamed": lambda world: world.stash.hook("Tag.Update.Post", 1, {"id": "1"}, ["id"]),
}


@pytest.mark.parametrize("who", WHO)
def test_whoever_comes_by_sees_to_it(world, who):
    world.film(1, "Harbour Lights 1", title="Harbour Lights")
    world.film(2, "Harbour Lights 2", title="Harbour Lights")
    world.index()
    world.save(1, details="First.")
    wait_for(world, 7)
    item = scanned(world, 7)

    world.later(65)
    runs = WHO[who](world)
    world.check(*runs)
    assert sum(run.operations.count(ASK) for run in runs) == 1
    world.tasks()

    assert item.summary == "At sea."


def by_a_save(world):
    """In Stash's window, before Plex has scanned the file."""
    world.save(7, details="At sea.")


def by_a_scan(world):
    """Nothing but Stash's scan and what it knew."""
    world.stash.library.update_scene(7, {"details": "At sea."})
    world.check(*world.stash.scan_changed(7))


def by_a_sweep(world):
    """All scenes are compared."""
    world.stash.library.update_scene(7, {"details": "At sea."})
    world.stash.run_task("Sync all scenes")


def by_hand(world):
    """The operation for one scene."""
    world.stash.library.update_scene(7, {"details": "At sea."})
    assert world.sync(7)["result"] == "not_found"


def for_another_file(world):
    """Plex has one of the scene's files."""
    first = world.films.add_item(file="/data/films/Low Tide 6.mp4", size=6)
    scene = world.stash.library.get("scene", 7)
    scene.files.append(world.stash.library.add_file("/data/films/Low Tide 6.mp4", size=6))
    world.index()
    assert world.save(7, details="At sea.").output["result"] == "synced" and first.summary == "At sea."


def for_one_that_plex_lost(world):
    """Plex had it, and the file was away for a while."""
    item = scanned(world, 7)
    world.index()
    assert world.save(7, details="On land.").output["result"] == "synced"
    world.films.remove_item(item)
    world.save(7, details="At sea.")


@pytest.mark.parametrize("begun", [by_a_save, by_a_scan, by_a_sweep, by_hand, for_another_file, for_one_that_plex_lost])
def test_however_it_began_to_wait_somebody_looks(world, begun):
    world.stash.library.add_scene("/data/films/Low Tide 7.mp4", number=7, size=7, title="Low Tide 7")
    world.index()
    begun(world)
    world.tasks()
    assert world.queue() == (0, 1, 0)
    item = scanned(world, 7)

    world.later(65)
    assert tick(world)

    assert item.summary == "At sea."
    assert world.queue() == (0, 0, 0)


def test_before_it_is_time_a_save_asks_nobody(world):
    world.film(1, "Harbour Lights", title="Harbour Lights")
    wait_for(world, 7)

    world.later(50)
    run = world.save(1, details="Part 1.")

    assert (run.output["result"], ASK in run.operations) == ("synced", False)


def test_the_end_of_a_scan_is_a_look_and_the_next_one_is_soon(world):
    wait_for(world, 7)
    world.later(50 * 60)
    assert tick(world)                      # the next one would be in an hour
    world.clear()

    world.stash.hold_jobs = True            # Stash scans: the task waits for its end
    world.check(*scan(world))
    world.check(*world.stash.scan_new("/data/films/Newer.mp4", size=98))
    assert world.stash.graphql_operations.count(ASK) == 1
    world.stash.hold_jobs = False
    world.tasks()
    assert any(request.path == "/library/sections" for request in world.plex.requests)
    item = scanned(world, 7)

    world.later(51 * 60 + 5)
    assert tick(world)
    assert item.summary == "At sea."


def test_a_scan_while_nothing_waits_brings_no_look(world):
    world.index()
    world.check(*scan(world))
    world.tasks()

    world.later(3600)
    assert not tick(world)


# --- what it costs ---------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 120])
def test_a_look_costs_the_same_for_one_and_for_many(world, count):
    wait_for(world, *range(1, count + 1))
    world.later(65)

    assert world.operation("tick").output["asked"]
    world.tasks()

    assert [request.path for request in world.plex.requests] == ["/library/sections", "/library/sections/1/all"]
    assert world.queue() == (0, count, 0)


def test_a_look_writes_those_that_are_there_and_leaves_the_others(world):
    wait_for(world, *range(1, 11))
    items = [scanned(world, number) for number in (3, 8)]
    world.later(65)

    assert tick(world)

    assert [item.summary for item in items] == ["At sea."] * 2
    assert world.queue() == (0, 8, 0)


# --- trouble ---------------------------------------------------------------------------------------


def test_a_look_that_meets_an_outage_is_made_up_for_when_plex_is_back(world):
    wait_for(world, 7)
    item = scanned(world, 7)
    world.plex.stop()
    world.later(65)
    assert tick(world)
    world.plex.start()

    assert not tick(world)
    world.later(65 + 65)
    assert tick(world)

    assert item.summary == "At sea."


def test_a_clock_that_was_set_back_puts_no_look_off(world):
    world.later(48 * 3600)
    wait_for(world, 7)
    item = scanned(world, 7)

    world.later(0)
    assert tick(world)

    assert item.summary == "At sea."


def test_the_status_says_when_somebody_looks_next(world):
    wait_for(world, 7)

    status = world.status()

    assert 0 < status["plex"]["next_look_s"] <= 60
    assert "Whether Plex has what waits is looked for in " in world.runs[-1].text("info")
    world.later(3600)
    assert world.status()["plex"]["next_look_s"] == 0
    scanned(world, 7)
    assert tick(world)
    assert "next_look_s" not in world.status()["plex"]
