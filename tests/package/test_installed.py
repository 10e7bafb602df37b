"""Installed as a user does: from the index, with updates while work is going on, and removed again."""

import shutil
import threading

import pytest

from tests.package.conftest import HERE, ROOT


def is_settled(world):
    """The executable has taken the launcher's place."""
    folder = world.manager.folder
    return (folder / "plexsync").read_bytes() == (folder / f"bin/plexsync-{HERE}").read_bytes()


def test_the_first_scene(world):
    film = world.film(45, "harbour")

    world.save(45, title="Harbour Lights")      # queued: no index yet
    world.drain()

    assert film.title == "Harbour Lights"
    assert is_settled(world)


def test_an_update_while_a_drain_is_running(world, film):
    world.queue_only(45)
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})
    held = world.hold_plex()
    world.stash.run_task("Process queue")
    held.wait()

    world.manager.install()
    world.stash.host.load(str(world.plugins))
    world.film(46, "quay", title="Quay")
    world.check(*world.stash.hook("Scene.Update.Post", 46))     # the new package's first call, beside the old drain
    held.release()
    world.tasks()

    assert film.title == "Harbour Lights"
    world.drain()
    assert is_settled(world)
    assert world.queue() == (0, 0, 0)


def test_hooks_during_an_update_are_not_lost(world, film):
    """Between its first and its last file Stash may find nothing to start: it says so, and the edit is
    found by the comparison that the update brings. Whatever could be started has queued its scene."""
    numbers = range(100, 140)
    items = [world.film(number, f"quay {number}") for number in numbers]
    world.index()
    world.save(45, title="Harbour Lights")
    world.drain()
    started, errors = [], []
    update = threading.Thread(target=world.manager.install)

    for number in numbers:
        if number == 110:
            update.start()
        world.stash.library.update_scene(number, {"title": f"Quay {number}"})
        runs = world.stash.hook("Scene.Update.Post", number)
        (started if all(run.error is None for run in runs) else errors).append(number)
    update.join()
    world.stash.host.load(str(world.plugins))
    world.tasks()
    world.drain()

    assert len(started) + len(errors) == len(numbers) and len(started) >= 10
    assert [item.title for item in items] == [f"Quay {number}" for number in numbers]
    status = world.status()
    assert status["queue"]["failed"] == 0
    assert is_settled(world)
    assert not list(world.manager.folder.glob(".plexsync*"))


def test_what_was_removed_leaves_its_state(world, film):
    world.save(45, title="Harbour Lights")
    assert is_settled(world)

    world.manager.remove()

    assert not world.manager.folder.exists()
    assert (world.state / "queue" / "data.mdb").exists()
    world.manager.install()
    world.stash.host.load(str(world.plugins))
    world.plex.clear_requests()
    world.save(45, title="Harbour Lights")
    assert not [request for request in world.plex.requests if request.method == "PUT"]


@pytest.fixture(name="built_here")
def one_built_here(world):
    """becomes(True) has Stash start the executable that was built with this system's libraries from then on, becomes(False)
    that of the package."""
    here, there = ROOT / "plexsync", world.manager.folder / "plexsync"
    if not here.exists() or b"libc.so.6" not in here.read_bytes():
        pytest.skip("make builds ./plexsync with this system's libraries")

    def becomes(is_here):
        there.unlink()
        shutil.copy(here if is_here else world.manager.folder / f"bin/plexsync-{HERE}", there)
    return becomes


def test_a_state_goes_from_a_build_with_the_systems_libraries_to_the_package_and_back(world, film, built_here):
    for turn, is_here in enumerate([True, False, True, False]):
        built_here(is_here)
        world.stash.library.update_scene(45, {"title": f"Harbour Lights {turn}"})
        world.queue_only(45)
        built_here(not is_here)
        assert world.queue() == (1, 0, 0)
        [run] = [world.drain()]
        assert run.output["synced"] == 1 and not run.text("warning")
        assert film.title == f"Harbour Lights {turn}"


@pytest.mark.parametrize("first", [True, False])
def test_both_at_once_are_kept_from_each_other(world, film, built_here, first):
    built_here(first)
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})
    world.queue_only(45)
    held = world.hold_plex()
    world.stash.run_task("Process queue")
    held.wait()

    built_here(not first)
    world.film(46, "quay", title="Quay")
    [run] = world.stash.hook("Scene.Update.Post", 46)
    held.release()
    world.tasks()

    assert "another build of PlexSync" in run.text("warning")
    assert film.title == "Harbour Lights"
    assert world.queue() == (0, 0, 0)
