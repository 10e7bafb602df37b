"""What Stash may hold, be, and forget: odd scenes, its versions, tasks that are lost, a Stash that
ends. Every kind of trouble at every request: test_faults_stash.py."""

import pytest

from tests.fake.plugin_host import go_json


@pytest.mark.parametrize("files, result, reason", [
    ([], "ignored", "it has no file"),
    ([{"path": "/data/films/" + "x" * 5000 + ".mp4"}], None, "a file of the scene has no usable path"),
    ([{"path": "/data/films/Ünï \"quoted\" 🎬.mp4"}], "not_found", "Plex does not have this file"),
    ([{"path": "archive.zip/inner/film.mp4"}], "not_found", "Plex does not have this file")])
def test_files_of_a_scene_that_are_none(world, film, files, result, reason):
    world.stash.library.add_scene(None, number=50, files=files, title="T")

    run = world.operation("sync-scene", scene_id="50")

    assert reason in (run.error or run.output["reason"])
    assert result is None or run.output["result"] == result


def test_a_scene_that_is_gone_is_forgotten(world, film):
    world.stash.hold_jobs = True
    world.check(*world.stash.hook("Scene.Update.Post", 99))
    world.stash.hold_jobs = False
    world.tasks()
    world.drain()

    assert world.status()["queue"] == {"ready": 0, "due": 0, "waiting": 0, "failed": 0}
    assert world.sync(99)["result"] == "ignored"


# --- versions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("world", [{"stash_version": version} for version in (
    "v0.25", "v0.26", "v0.27", "v0.28", "v0.30", "v0.31", "next")], indirect=True)
def test_every_version_of_stash(world, film):
    first = world.save(45, title="Harbour Lights", details="By the sea.", studio="Lumen House", groups=["Coast"],
                       performers=["Ana Duarte"], tags=["Boats"], date="2019-05-01", rating100=80)
    assert first.output["result"] == "synced"
    assert film.title == "Harbour Lights"
    world.clear()

    assert world.save(45, title="Harbour Night").output["result"] == "synced"

    assert world.stash.server_errors == []      # at most one failed question, ever
    assert film.title == "Harbour Night"
    world.drain()
    assert world.stash.server_errors == []


@pytest.mark.parametrize("world", [{"stash_version": "v0.26"}], indirect=True)
def test_a_stash_that_is_updated_and_downdated(world, film):
    world.save(45, title="Harbour Lights")
    for version in ("next", "v0.26", "next"):
        world.stash.version = version
        world.clear()
        assert world.save(45, details=f"Now {version}.").error is None
        assert film.summary == f"Now {version}."
        assert len(world.stash.server_errors) == 1
        world.save(45, details=f"Still {version}.")
        assert len(world.stash.server_errors) == 1


def test_a_hook_asks_stash_one_question(world, film):
    run = world.save(45, title="Harbour Lights")

    assert run.operations == [["configuration", "findScene"]]


# --- the task -----------------------------------------------------------------------------------------------


def test_a_stash_that_has_an_empty_job_queue_is_asked_again(world, film):
    """jobQueue is null when it is empty; the task that was asked for was lost in a restart."""
    world.stash.hold_jobs = True
    world.check(*world.stash.scan_new("/data/films/new.mp4", title="New"))
    assert len(world.stash.jobs.queued()) == 1
    world.stash.restart()
    assert world.stash.jobs.queued() == []
    world.clock(2)

    world.operation("tick")

    assert len(world.stash.jobs.queued()) == 1
    assert ["jobQueue"] in world.runs[-1].operations


def test_a_plugin_that_stash_does_not_know_by_this_name(world, film):
    """Installed under another file name: runPluginTask fails as GraphQL fails."""
    world.stash.host.plugins[0].id = "plexsync2"
    [run] = world.stash.scan_new("/data/films/quay.mp4", size=1_000_045, title="Harbour Lights")
    world.check(run)

    assert run.output["result"] == "queued"
    assert world.status()["queue"]["ready"] == 1


def test_a_hook_survives_a_stash_that_ends(world, film):
    """Stash stops in the middle of a hook: the scene is queued, and nobody hangs."""
    world.stash.hold_jobs = True
    data = go_json(world.stdin(hookContext={"id": 45, "type": "Scene.Update.Post", "input": {"id": "45"}}))
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})
    world.stash.go_down()

    document = world.raw(data)

    assert document["output"]["result"] == "queued" and "Stash: http://127.0.0.1" in document["output"]["reason"]
    world.stash.restart()
    world.stash.hold_jobs = False
    world.drain()
    assert film.title == "Harbour Lights"
