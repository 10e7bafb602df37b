"""The state on a network file system, where neither locks nor shared maps can be relied on, and on FUSE, where it
depends.

PLEXSYNC_TEST_FILESYSTEM makes a folder look like one that is on such a system.
"""

import concurrent.futures
import stat

import pytest
from disk import environment, started_with, told

from tests.fake.plugin_host import go_json

MODES = ["status", "tick", "retry-failed", "clear-queue"]
REFUSED = {"nfs": "NFS", "smb": "SMB", "fuse-broken": "FUSE"}


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


def test_fuse_is_tried_out_once_told_of_once_and_used(world, film):
    with on(world, "fuse"):
        first = world.save(45, details="By the sea.")
        world.tasks()
        later = [world.save(45, details=f"By the sea, {i} times.") for i in range(2)]
        later += [world.operation(mode) for mode in MODES] + [world.drain()]

    [warning] = told(first)
    assert "FUSE" in warning and "PLEXSYNC_STATE" in warning and str(world.state) in warning
    assert told(*later) == []
    assert later[1].output["result"] == "synced" and film.summary == "By the sea, 1 times."
    assert "probed" in names(world.state) and "probe" not in names(world.state)
    assert stat.S_IMODE((world.state / "probed").stat().st_mode) == 0o600
    assert world.status()["totals"]["synced"] == 3


@pytest.mark.parametrize("mode", [*MODES, "drain"])
def test_it_does_not_matter_who_is_the_first_on_fuse(world, film, mode):
    with on(world, "fuse"):
        first = world.operation(mode)
        second = world.save(45, details="By the sea.")
        world.tasks()

    assert len(told(first)) == 1 and "FUSE" in told(first)[0]
    assert told(second) == []
    assert film.summary == "By the sea."


def test_several_that_are_the_first_on_fuse_do_not_fail_each_other(world, film):
    """Each of them may try it out, and tell of it; none may take another one's traces for a fault of the system."""
    document = go_json(world.stdin(mode="status"))
    values = {"PLEXSYNC_TEST_FILESYSTEM": "fuse"}

    for _ in range(4):
        (world.state / "probed").unlink(missing_ok=True)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            runs = list(pool.map(lambda _: world.plexsync(stdin=document, env=values), range(8)))

        assert [b"Nothing can be remembered" in run.stderr for run in runs] == [False] * 8
        assert [b'{"output":' in run.stdout for run in runs] == [True] * 8
        assert any(b"FUSE" in run.stderr for run in runs)
    assert "probe" not in "".join(name for name in names(world.state) if name != "probed")
    assert not film.summary


def test_a_full_disk_on_fuse_is_told_as_it_is_and_forgotten(world, film):
    world.state.mkdir()
    with on(world, "fuse"):
        with started_with(world, environment(trouble="full", folder=world.state)):
            refused = world.save(45, details="By the sea.")
        assert film.summary == "By the sea."
        assert "Nothing can be remembered" in refused.text("warning")
        assert names(world.state) == []

        assert world.save(45, details="By the sea, at night.").error is None
        world.tasks()
    assert film.summary == "By the sea, at night."
