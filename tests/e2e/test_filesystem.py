"""The state on a network file system, where neither locks nor shared maps can be relied on, and on FUSE, where the
latter depends.

PLEXSYNC_TEST_FILESYSTEM makes a folder look like one that is on such a system.
"""

import pytest
from disk import set_aside, started_with, told, trouble

from tests.fake.plugin_host import go_json

MODES = ["status", "tick", "retry-failed", "clear-queue"]
REFUSED = {"nfs": "NFS", "smb": "SMB"}


@pytest.fixture
def film(world):
    """Scene 45 and its item."""
    return world.film(45, "quay", title="Harbour Lights")


def on(world, kind):
    """As long as this lasts, the state is on that file system."""
    return started_with(world, {"PLEXSYNC_TEST_FILESYSTEM": kind})


def names(folder):
    """All that is in a folder and below."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


# --- refused --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", REFUSED)
def test_a_hook_pushes_at_once_and_says_what_to_do(world, film, kind):
    with on(world, kind):
        run = world.save(45, details="By the sea.")

    assert run.output["result"] == "synced"
    assert film.summary == "By the sea."
    [refused, at_once] = told(run)
    assert "Nothing can be remembered" in refused and REFUSED[kind] in refused and "PLEXSYNC_STATE" in refused
    assert str(world.state) in refused
    assert "pushed at once" in at_once
    assert names(world.state) == []


@pytest.mark.parametrize("kind", REFUSED)
def test_whatever_else_is_started_says_it_too_and_makes_nothing(world, film, kind):
    with on(world, kind):
        runs = [world.operation(mode) for mode in MODES] + [world.drain()]
        again = world.operation("status")

    for run in [*runs, again]:
        assert REFUSED[kind] in run.text("warning") and "PLEXSYNC_STATE" in run.text("warning")
    assert runs[-1].error and again.error
    assert names(world.state) == []
    assert not film.summary


@pytest.mark.parametrize("kind", REFUSED)
def test_what_a_local_disk_remembered_is_not_touched_while_it_is_elsewhere(world, film, kind):
    """The folder was moved to another machine, and comes back."""
    world.index()
    world.queue_only(45)
    before = {path: path.read_bytes() for path in world.state.rglob("data.mdb")}

    with on(world, kind):
        world.save(45, title="Harbour Night")
        assert film.title == "Harbour Night"
    assert {path: path.read_bytes() for path in before} == before
    assert world.queue() == (1, 0, 0)
    world.drain()
    assert world.queue() == (0, 0, 0)


# --- FUSE -----------------------------------------------------------------------------------------------------------


def test_fuse_is_used_like_any_other_folder(world, film):
    with on(world, "fuse"):
        runs = [world.save(45, details=f"By the sea, {i} times.") for i in range(2)]
        world.tasks()

    assert told(*runs) == []
    assert film.summary == "By the sea, 1 times."


def test_fuse_that_shares_no_maps_is_refused_and_says_what_to_do(world, film):
    """With direct_io there are none: ENODEV, as of a real mount."""
    with on(world, "fuse"), trouble(world, "unmapped"):
        run = world.save(45, details="By the sea.")
        status = world.operation("status")

    assert all("FUSE" in text and "PLEXSYNC_STATE" in text and "mapped" in text
               for text in (told(run)[0], told(status)[0]))
    assert status.error
    assert not set_aside(world)
