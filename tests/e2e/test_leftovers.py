"""What processes leave behind that were killed: places in LMDB's table of readers, its lock, and our own locks.

The table and the lock live as long as anybody has the queue open; here that is a drain that waits for Plex.
"""

import contextlib
import fcntl

import pytest
from disk import readers, set_aside, small_map, started_with, told

ALL = 10_000        # more than there are places


@pytest.fixture
def films(world):
    """Scenes 45, 46 and 47 and their items, all pushed."""
    items = {number: world.film(number, f"film {number}", title="Harbour Lights") for number in (45, 46, 47)}
    world.index()
    for number in items:
        world.save(number, details="By the sea.")
    world.clear()
    return items


@contextlib.contextmanager
def drain_at_work(world, number=47):
    """A drain that waits for Plex's answer to an edit, and goes on at the end."""
    held = world.hold_plex()
    world.stash.library.update_scene(number, {"title": "Old Pier"})
    world.queue_only(number)
    world.stash.run_task("Process queue")
    held.wait()
    try:
        yield
    finally:
        held.release()
        world.tasks()


# --- readers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["hook", "status", "tick", "drain"])
def test_places_of_killed_readers_are_used_again(world, films, mode):
    with drain_at_work(world):
        with readers(world, ALL):
            pass
        if mode == "hook":
            run = world.save(45, title="Harbour Night")
            assert run.output["result"] == "synced" and films[45].title == "Harbour Night"
        else:
            run = world.operation(mode)

        assert run.error is None and told(run) == []
    assert films[47].title == "Old Pier"


def test_with_all_places_taken_what_plex_holds_stays_and_that_is_said(world, films):
    """Nothing can be read, so nobody knows whose the title in Plex is."""
    with readers(world, ALL):
        run = world.save(45, title="Harbour Night")
        status = world.operation("status")
        drain = world.drain()

        assert films[45].title == "Harbour Lights" and run.output["kept"] == ["title"]
        assert "too many processes" in run.text("warning") and "what Plex already has stays" in run.text("warning")
        assert "too many processes" in status.text("warning") and status.error
        assert drain.error
    assert told(world.save(45, title="Harbour Lights at dawn")) == []
    assert films[45].title == "Harbour Lights at dawn"
    assert not set_aside(world)


@pytest.mark.parametrize("killed", [0, 1])
def test_a_killed_reader_does_not_keep_the_room_of_the_queue(world, films, killed):
    """LMDB keeps every page that a reader may still see: the queue would grow with every commit until it is full."""
    with drain_at_work(world):
        for _ in range(killed):
            with readers(world, 1):
                pass
        with small_map(world, "queue", room=250_000):
            runs = [world.save(45, details=f"By the sea, {i} times.") for i in range(15)]

        assert told(*runs) == []
    assert films[45].summary == "By the sea, 14 times."


# --- writers and locks ----------------------------------------------------------------------------------------------


def killed_at(world, point):
    """What Stash starts kills itself at that point: see fault.h."""
    return started_with(world, {"PLEXSYNC_TEST_FAULTS": str(world.folder / f"faults {point}"),
                                "PLEXSYNC_TEST_KILL": str(point)})


@contextlib.contextmanager
def cache_writer(world):
    """Somebody who writes the caches for as long as this lasts: the byte of the lock file that says so is held."""
    with (world.state / "locks").open("r+b") as file:
        fcntl.lockf(file, fcntl.LOCK_EX, 1, 5)
        yield


def test_a_save_does_not_wait_for_whoever_writes_the_caches(world, films):
    with cache_writer(world):
        run = world.save(45, title="Harbour Night")

        assert run.output["result"] == "synced" and told(run) == []
    assert films[45].title == "Harbour Night"


@pytest.mark.parametrize("point", [1, 2, 3])
def test_a_hook_that_is_killed_while_it_writes_stops_nobody(world, films, point):
    """Its lock on the queue is taken over while the queue is open elsewhere; nothing is damaged by it."""
    with drain_at_work(world):
        with killed_at(world, point):
            [killed] = world.stash.update_scene(45, title="Harbour Night")
        assert killed.returncode == -9

        run = world.save(46, title="Harbour Dawn")

        assert run.output["result"] == "synced" and told(run) == []
        assert films[46].title == "Harbour Dawn"
    world.save(45, title="Harbour Dawn")
    assert films[45].title == "Harbour Dawn"
    assert not set_aside(world)


def test_a_hook_that_is_killed_while_it_waits_for_plex_holds_nothing(world, films):
    """Neither the one place of a hook that talks to Plex inside of a Save, nor the scene."""
    held = world.hold_plex()
    wait = world.meanwhile(world.stash.update_scene, 45, title="Harbour Night")
    held.wait()
    world.stash.host.runs[-1].stop()
    assert wait()[0].returncode == -9

    run = world.save(45, title="Harbour Dawn")

    held.release()
    assert run.output["result"] == "synced" and told(run) == []
    assert films[45].title == "Harbour Dawn"
    assert world.queue() == (0, 0, 0)


def test_a_drain_that_is_killed_leaves_its_work_to_the_next(world, films):
    held = world.hold_plex()
    for number in (45, 46):
        world.stash.library.update_scene(number, {"title": "Harbour Night"})
    world.queue_only(45, 46)
    world.stash.run_task("Process queue")
    held.wait()
    world.stash.host.runs[-1].stop()
    world.stash.wait_jobs()
    held.release()

    run = world.drain()

    assert run.output["elsewhere"] is False and told(run) == []
    assert [films[number].title for number in (45, 46)] == ["Harbour Night"] * 2
    assert world.queue() == (0, 0, 0)
