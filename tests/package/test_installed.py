"""Installed as a user does: from the index, with updates while work is going on, and removed again."""

import threading

from tests.package.conftest import HERE


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
    found by the comparison. Whatever could be started has queued its scene."""
    numbers = range(100, 140)
    for number in numbers:
        world.film(number, f"quay {number}")
    started, errors = [], []
    update = threading.Thread(target=world.manager.install)

    for number in numbers:
        if number == 110:
            update.start()
        runs = world.stash.hook("Scene.Update.Post", number)
        (started if all(run.error is None for run in runs) else errors).append(number)
    update.join()
    world.stash.host.load(str(world.plugins))
    world.tasks()
    world.drain()

    assert len(started) + len(errors) == len(numbers) and len(started) >= 10
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
