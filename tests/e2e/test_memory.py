"""What cannot be read is not absent: without its memory PlexSync takes no value in Plex for its own.

A person's edit in Plex is safe while what was pushed can be read, while it cannot, and after it is lost.
"""

import shutil

import pytest
from disk import started_with

DAY = 24 * 3600
MOST_READS = 120


@pytest.fixture
def film(world):
    """Scene 45 was pushed, and a person gave its item a title of their own."""
    item = world.film(45, "quay", title="Harbour Lights")
    world.index()
    world.save(45, studio="Northwind Pictures")
    item.edit(title="My own title")
    world.clear()
    return item


def failing_reads(world):
    """As if one read of the queue after the other met a page that the disk cannot read; its number, until none is
    left that a run makes."""
    for read in range(1, MOST_READS):
        with started_with(world, {"PLEXSYNC_TEST_READ_ERROR": f"queue {read}"}):
            yield read
    raise AssertionError("it never ends")


# --- it cannot be read ------------------------------------------------------------------------------------------------


def test_a_save_of_which_a_read_fails_writes_nothing_that_it_does_not_know(world, film):
    for read in failing_reads(world):
        details = f"By the sea, read {read}."
        run = world.save(45, details=details)
        failed = bool(run.error) or run.text("warning") != ""

        assert film.title == "My own title", (read, run.logs)
        assert failed or film.summary == details, (read, run.logs)
        if not failed:
            assert read > 3, "what was pushed is read"
            return
        with started_with(world, {"PLEXSYNC_TEST_READ_ERROR": ""}):
            world.tasks()
            world.drain()
        assert film.summary == details, (read, run.logs)
        assert film.title == "My own title", (read, run.logs)


def test_a_drain_of_which_a_read_fails_keeps_the_scene_and_the_title(world, film):
    for read in failing_reads(world):
        details = f"By the sea, read {read}."
        world.stash.library.update_scene(45, {"details": details})
        with started_with(world, {"PLEXSYNC_TEST_READ_ERROR": ""}):
            world.queue_only(45)
        run = world.drain()

        assert film.title == "My own title", (read, run.logs)
        if film.summary == details and not run.error:
            assert read > 3, "what was pushed is read"
            return
        with started_with(world, {"PLEXSYNC_TEST_READ_ERROR": ""}):
            world.drain()
        assert film.summary == details, (read, run.logs)
        assert film.title == "My own title"


# --- it is lost -----------------------------------------------------------------------------------------------------


def lose_memory(world):
    """Somebody deletes queue/; the next day begins with the next edit."""
    shutil.rmtree(world.state / "queue")
    other = world.film(46, "pier", title="Old Pier")
    world.index()
    world.save(46, details="By the river.")
    world.tasks()
    return other


def a_day_later(world, days=1):
    """The drain that compares all scenes; its run."""
    world.later(days * (DAY + 3600))
    assert world.operation("tick").output == {"asked": True}
    return world.tasks()[0]


def held(world):
    """The one scene that needs a decision, as the status lists it."""
    [entry] = world.status()["failed"]
    return entry


def test_the_daily_comparison_does_not_replace_what_is_locked_and_was_never_pushed_from_here(world, film):
    lose_memory(world)

    run = a_day_later(world)

    assert film.title == "My own title"
    assert world.queue() == (0, 0, 1)
    assert held(world)["scene_id"] == "45"
    assert "title differ in Plex, are locked there, and were never pushed by this installation" in held(world)["reason"]
    assert 'save the scene in Stash' in held(world)["reason"] and '"Sync all scenes"' in held(world)["reason"]
    assert "Scene 45" in run.text("warning")


def test_it_says_so_once_and_not_every_day(world, film):
    lose_memory(world)
    a_day_later(world)

    world.clear()
    run = a_day_later(world, days=2)

    assert run.text("warning") == ""
    assert film.title == "My own title" and world.queue() == (0, 0, 1)


def test_what_nobody_locked_is_written_by_the_daily_comparison_as_before(world, film):
    other = world.film(47, "lighthouse", title="Lighthouse", details="White and red.")
    lose_memory(world)

    a_day_later(world)

    assert (other.title, other.summary) == ("Lighthouse", "White and red.")
    assert held(world)["scene_id"] == "45"


@pytest.mark.parametrize("how", ["save", "retry", "all", "scene"])
def test_a_person_decides(world, film, how):
    lose_memory(world)
    a_day_later(world)

    if how == "save":
        world.save(45, details="By the sea.")
    elif how == "retry":
        assert world.operation("retry-failed", scene_id="45").error is None
    elif how == "all":
        world.stash.run_task("Sync all scenes")
    else:
        assert world.operation("sync-scene", scene_id="45").output["result"] == "synced"
    world.tasks()

    assert film.title == "Harbour Lights"
    assert world.queue() == (0, 0, 0)


def test_a_set_that_is_locked_in_plex_gets_no_names_unasked(world):
    item = world.film(45, "quay", title="Harbour Lights", tags=["Boats", "Night"])
    world.index()
    world.save(45, studio="Northwind Pictures")
    item.edit(genres=["Boats"])         # a person took one away
    lose_memory(world)

    a_day_later(world)

    assert item.genres == ["Boats"]
    assert "tags differ in Plex" in held(world)["reason"]


def test_where_the_memory_is_whole_the_daily_comparison_writes_as_ever(world, film):
    world.stash.library.update_scene(45, {"title": "Harbour Lights at dawn"})
    world.film(46, "pier", title="Old Pier")
    world.index()
    world.save(46, details="By the river.")
    world.tasks()

    a_day_later(world)

    assert film.title == "Harbour Lights at dawn"   # Stash changed it since the last push
    assert world.queue() == (0, 0, 0)


# --- and it is never open while others answer ----------------------------------------------------------------------


def test_a_comparison_without_caches_asks_plex_outside_of_every_transaction(world, film):
    """A test build ends where it sends a request, or sleeps, while a transaction is open."""
    shutil.rmtree(world.state / "cache")
    (world.state / "cache").write_text("no folder")

    world.stash.run_task("Reconcile")
    [run, *_] = world.tasks()

    assert run.error is None and run.output["same"] == 1
    assert "without its caches" in run.text("warning")
    assert film.title == "My own title"
