"""Sweeps at a terminal, or started by cron."""

import json

import pytest
from shelf import shelf, titles, writes


def run(world, *args):
    """A verb, with the address of Stash and the state given as options."""
    return world.plexsync(args[0], "--stash-url", world.stash.url, "--state", str(world.state), *args[1:])


def output(done):
    """The JSON document on stdout."""
    return json.loads(done.stdout)


@pytest.mark.parametrize("verb", ["sync-all", "sync-recent", "reconcile"])
def test_each_verb_does_its_work(world, verb):
    items = shelf(world, 3)

    done = run(world, verb, "--json")

    assert done.returncode == 0, done.stderr
    assert [output(done)["queued"], output(done)["drain"]["synced"]] == [3, 3]
    assert titles(items) == ["Harbour Lights 1", "Harbour Lights 2", "Harbour Lights 3"]
    again = run(world, verb, "--json")
    assert (again.returncode, output(again)["same"]) == (0, 3)


@pytest.mark.parametrize("args", [("sync-all", "--dry-run"), ("preview",), ("reconcile", "--dry-run"),
                                  ("sync-recent", "--dry-run", "--hours", "48")])
def test_each_dry_run_writes_nothing(world, args):
    items = shelf(world, 2)

    done = run(world, *args, "--json")

    assert done.returncode == 0, done.stderr
    assert (output(done)["dry_run"], output(done)["would_write"]) == (True, 2)
    assert 'Scene 1 "Harbour Lights 1": would write title, tags in Films item' in done.stderr.decode()
    assert (writes(world), titles(items)) == (0, ["film 1", "film 2"])
    assert world.queue() == (0, 0, 0)


def test_a_dry_run_needs_no_state_of_its_own(world, tmp_path):
    shelf(world, 2)

    done = world.plexsync("sync-all", "--dry-run", "--json", "--stash-url", world.stash.url, "--state",
                          str(tmp_path / "elsewhere"))

    assert done.returncode == 0, done.stderr
    assert output(done)["would_write"] == 2


def test_hours_say_what_is_recent(world):
    items = shelf(world, 2)
    world.stash.library.get("scene", 2).updated_at = "2020-01-01T00:00:00+11:00"

    assert run(world, "sync-recent", "--hours", "1").returncode == 0
    assert titles(items) == ["Harbour Lights 1", "film 2"]
    assert run(world, "sync-recent", "--hours", "100000").returncode == 0
    assert titles(items) == ["Harbour Lights 1", "Harbour Lights 2"]


def test_force_at_a_terminal(world):
    items = shelf(world, 2)
    run(world, "sync-all")
    items[0].edit(title="Somebody's own")

    assert run(world, "sync-all").returncode == 0
    assert items[0].title == "Somebody's own"
    assert run(world, "sync-all", "--force").returncode == 0
    assert items[0].title == "Harbour Lights 1"


@pytest.mark.parametrize("args, words", [
    (("sync-recent", "--hours", "0"), "hours is not a number between 1 and"),
    (("sync-recent", "--hours", "100001"), "hours is not a number between 1 and"),
    (("sync-recent", "--hours", "-5"), '"-5" is not a number'),
    (("sync-recent", "--hours", "soon"), '"soon" is not a number'),
    (("sync-recent", "--hours"), "or its value is missing"),
    (("sync-all", "--hours", "3"), "sync-all does not take --hours"),
    (("sync-all", "--scene", "3"), "sync-all does not take --scene"),
    (("preview", "--force"), "preview does not take --force"),
    (("preview", "--dry-run"), "preview does not take --dry-run"),
    (("reconcile", "3"), "is unexpected here"),
])
def test_wrong_usage_is_exit_2_and_says_what_is_wrong(world, args, words):
    shelf(world, 1)

    done = run(world, *args)

    assert done.returncode == 2
    assert words in done.stderr.decode()
    assert writes(world) == 0


def test_while_plex_is_down_it_is_exit_1_and_the_scenes_stay_queued(world):
    shelf(world, 2)
    world.plex.stop()

    done = run(world, "sync-all")

    assert done.returncode == 1
    assert "The scenes stay queued" in done.stderr.decode()
    assert world.queue() == (2, 0, 0)
    world.plex.start()


def test_while_stash_is_down_it_is_exit_1(world):
    shelf(world, 2)
    world.stash.go_down()

    done = run(world, "sync-all")

    assert done.returncode == 1
    assert b"Stash" in done.stderr
    world.stash.restart()


def test_a_scene_that_failed_is_exit_1_and_one_that_waits_is_not(world):
    library = world.stash.library
    library.add_scene("/data/films/not there.mp4", number=1, size=5, title="Low Tide")
    shelf(world, 0)
    assert run(world, "sync-all").returncode == 0
    for _ in range(2):
        world.films.add_item(file="/data/films/twin.mp4", size=9)
    library.add_scene("/data/films/twin.mp4", number=2, size=9, title="Night Ferry")
    world.index()

    assert run(world, "sync-all").returncode == 1


@pytest.mark.parametrize("verb", ["sync-all", "sync-recent", "preview", "reconcile"])
def test_every_verb_has_help(world, verb):
    done = world.plexsync(verb, "--help")

    assert done.returncode == 0
    text = done.stdout.decode()
    assert text.startswith(f"plexsync {verb}: ")
    assert ("--hours" in text) == (verb == "sync-recent")
    assert ("--force" in text) == ("--dry-run" in text) == (verb != "preview")
