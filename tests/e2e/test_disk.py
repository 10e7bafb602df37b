"""The disk is full, breaks, or is read-only, at any moment of whatever PlexSync does.

Nothing crashes, nothing is silent: a scene is in Plex at once, or it is queued and the next drain brings it; and
a disk without room is no damaged queue. disk.py tells how a disk gets into trouble.
"""

import json
import shutil

import pytest
from disk import set_aside, small_map, told, trouble

from tests.fake.plugin_host import go_json

TROUBLES = {"full": ("full", {}), "full, and half of a write is done": ("short", {}),
            "for a moment": ("broken", {"count": 1})}
ALWAYS_AND_ONCE = ["full", "for a moment"]


@pytest.fixture
def film(world):
    """Scene 45 and its item; pushed before, so that there are caches and a history."""
    item = world.film(45, "quay", title="Harbour Lights")
    world.index()
    world.save(45, details="By the sea.")
    world.clear()
    return item


def every_step(world, name, stride=1):
    """For each call of a process that the disk could refuse, or every second, third … of them: its number, and the
    trouble from that call on. Ends behind the first step at which there is no such call any more."""
    kind, settings = TROUBLES[name]
    log = world.folder / "calls"
    for step in range(1, 200, stride):
        log.unlink(missing_ok=True)
        yield step, trouble(world, kind, log=log, **{"from": step}, **settings)
        if not log.exists() or len(log.read_text().splitlines()) < step:
            assert step > 1, "the disk was not asked for anything"
            return
    raise AssertionError("it never ends")


def asked(world):
    """Whether Stash was asked for the task, while none is started."""
    return len(world.stash.jobs.queued()) > 0


# --- the disk is full -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TROUBLES)
def test_a_hook_on_a_full_disk_pushes_at_once_or_leaves_the_scene_queued(world, film, name):
    for step, disk_trouble in every_step(world, name, stride=1 if name == "full" else 2):
        world.stash.hold_jobs = True
        with disk_trouble:
            run = world.save(45, details=f"By the sea, step {step}.")

        at_once = film.summary == f"By the sea, step {step}."
        left, world.stash.hold_jobs = world.queue(), False
        assert left == (0, 0, 0) or told(run), (step, run.logs)
        assert at_once or left[0] == 1, (step, run.logs)
        if left[0]:
            world.drain()
        assert film.summary == f"By the sea, step {step}."
    assert world.queue() == (0, 0, 0)
    assert not set_aside(world)


@pytest.mark.parametrize("indexed", [True, False])
@pytest.mark.parametrize("name", ALWAYS_AND_ONCE)
def test_the_first_hook_of_all_on_a_full_disk(world, name, indexed):
    """Plex's libraries were indexed before, or nothing at all is there yet."""
    item = world.film(45, "quay", title="Harbour Lights")
    world.index()
    shutil.copytree(world.state / "cache", world.folder / "cache")
    for step, disk_trouble in every_step(world, name, stride=2):
        shutil.rmtree(world.state, ignore_errors=True)
        if indexed:
            shutil.copytree(world.folder / "cache", world.state / "cache")
        item.summary = ""       # without a state what Plex has already stays as it is
        world.stash.hold_jobs = True
        with disk_trouble:
            run = world.save(45, details=f"By the sea, step {step}.")

        at_once = item.summary == f"By the sea, step {step}."
        assert at_once or asked(world) or told(run), (step, run.logs)
        assert at_once or world.queue()[0] == 1, (step, run.logs)
        world.stash.hold_jobs = False
        world.tasks()
        if not at_once:
            world.drain()
        assert item.summary == f"By the sea, step {step}."
        assert not set_aside(world)


@pytest.mark.parametrize("name", ALWAYS_AND_ONCE)
def test_a_drain_on_a_full_disk_keeps_what_it_cannot_do(world, film, name):
    items = [film, world.film(46, "pier", title="Old Pier")]
    world.index()
    world.save(46, details="By the sea.")
    for step, disk_trouble in every_step(world, name, stride=4):
        details = f"By the sea, step {step}."
        for number in (45, 46):
            world.stash.library.update_scene(number, {"details": details})
        world.queue_only(45, 46)
        with disk_trouble:
            run = world.drain()

        left = world.queue()[0]
        assert left >= sum(item.summary != details for item in items), (step, run)
        assert left == 0 or run.error, (step, run.logs)
        if left:
            world.drain()
        assert [item.summary for item in items] == [details] * 2
    assert world.queue() == (0, 0, 0)
    assert not set_aside(world)


@pytest.mark.parametrize("name", ALWAYS_AND_ONCE)
@pytest.mark.parametrize("mode", ["tick", "retry-failed"])
def test_whoever_finds_a_scene_due_asks_for_a_drain_or_says_why_not(world, film, mode, name):
    for step, disk_trouble in every_step(world, name):
        world.later(3600 * step)
        world.stash.library.update_scene(45, {"details": f"By the sea, step {step}."})
        world.queue_only(45)
        world.later(3600 * step + 120)
        world.stash.hold_jobs = True
        with disk_trouble:
            run = world.operation(mode)

        assert asked(world) or told(run), (step, run.logs)
        world.stash.hold_jobs = False
        world.tasks()
        world.drain()
        assert film.summary == f"By the sea, step {step}."
    assert not set_aside(world)


@pytest.mark.parametrize("name", ALWAYS_AND_ONCE)
def test_an_index_that_is_built_on_a_full_disk(world, film, name):
    world.films.add_many(20, "/data/films/film {i}.mp4", "Film {i}")
    for step, disk_trouble in every_step(world, name, stride=3):
        with disk_trouble:
            run = world.operation("rebuild-index")

        assert run.error or run.output["items"] >= 21, (step, run)
        assert world.save(45, details=f"By the sea, step {step}.").error is None
        world.tasks()
        assert film.summary == f"By the sea, step {step}."
        assert world.operation("rebuild-index").output == {"items": 21}
    assert not set_aside(world)


# --- a map of a file that gets no room ------------------------------------------------------------------------------


def test_a_queue_is_not_taken_for_damaged_because_its_lock_file_gets_no_room(world, film):
    """LMDB maps lock.mdb, which it makes long first: on a full disk touching it is a SIGBUS."""
    other = world.film(46, "pier", title="Old Pier")
    world.index()
    world.queue_only(46)
    (world.state / "queue" / "lock.mdb").unlink()

    with trouble(world, "sparse"):
        for step in range(3):
            film.summary = ""   # without a state what Plex has already stays as it is
            run = world.save(45, details=f"By the sea, {step} times.")
            assert film.summary == f"By the sea, {step} times."
            assert "Nothing can be remembered" in run.text("warning")

    world.drain()
    assert other.title == "Old Pier"
    assert world.queue() == (0, 0, 0)
    assert not set_aside(world)


def test_a_new_state_on_a_full_disk_leaves_no_pile_of_damaged_ones(world):
    item = world.film(45, "quay", title="Harbour Lights")

    with trouble(world, "sparse"):
        for step in range(3):
            item.summary = ""
            world.save(45, details=f"By the sea, {step} times.")
            assert item.summary == f"By the sea, {step} times."

    assert world.save(45, details="By the sea.").error is None
    world.tasks()
    assert item.summary == "By the sea."
    assert not set_aside(world)


def test_a_queue_that_is_damaged_while_the_disk_is_full_is_rescued_when_there_is_room(world, film):
    other = world.film(46, "pier", title="Old Pier")
    world.index()
    world.queue_only(46)
    data = world.state / "queue" / "data.mdb"
    data.write_bytes(bytes(8192) + data.read_bytes()[8192:])

    film.summary = ""
    with trouble(world, "full"):
        run = world.save(45, details="By the sea, at night.")
    assert film.summary == "By the sea, at night."
    assert told(run)
    world.save(45, details="By the sea, at dawn.")
    world.tasks()
    world.drain()

    assert film.summary == "By the sea, at dawn."
    assert other.title == "Old Pier"


# --- read-only ------------------------------------------------------------------------------------------------------


def content(folder):
    """Names and bytes of all files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("what", ["", "queue", "queue/data.mdb", "queue/lock.mdb", "locks"])
def test_a_read_only_state_is_not_written_and_the_scene_is_pushed_at_once(world, film, what):
    before = content(world.state)
    film.put(locked=[])     # a title that nobody locked is one that Plex made of the file's name

    with trouble(world, "read-only", folder=world.state / what):
        run = world.save(45, title="Harbour Night")
        others = [world.operation(mode) for mode in ("status", "tick", "retry-failed")] + [world.drain()]

    assert run.output["result"] == "synced"
    assert film.title == "Harbour Night"
    assert "Nothing can be remembered" in run.text("warning") and "Read-only" in run.text("warning")
    assert all("Read-only" in other.text("warning") for other in others)
    assert content(world.state) == before or what != ""
    world.save(45, title="Harbour Dawn")
    assert film.title == "Harbour Dawn"


def test_a_read_only_folder_of_stash_in_which_there_is_no_state_yet(world):
    item = world.film(45, "quay", title="Harbour Lights")

    with trouble(world, "read-only"):
        run = world.save(45, details="By the sea.")

    assert item.summary == "By the sea."
    assert "cannot be created: Read-only" in run.text("warning")


@pytest.mark.parametrize("what", ["cache", "cache/data.mdb", "cache/lock.mdb"])
def test_read_only_caches_cost_time_and_nothing_else(world, film, what):
    with trouble(world, "read-only", folder=world.state / what):
        run = world.save(45, title="Harbour Night")

    assert run.output["result"] == "synced" and film.title == "Harbour Night"
    assert len(told(run)) == 1 and "without its caches" in told(run)[0]
    assert world.queue() == (0, 0, 0)


# --- the map is full ------------------------------------------------------------------------------------------------


def test_a_queue_that_must_not_grow_any_more(world, film):
    """A bulk edit of more scenes than there is room for: each hook pushes its own scene and says why."""
    world.stash.library.update_scene(45, {"details": "By the sea, at night."})
    edit = {"ids": [str(number) for number in (45, *range(1000, 9000))], "rating100": 80}
    hook = world.stdin(hookContext={"id": 45, "type": "Scene.Update.Post", "input": edit})

    with small_map(world, "queue"):
        done = world.plexsync(stdin=go_json(hook), env=dict(world.stash.host.environ))

    assert json.loads(done.stdout)["output"]["result"] == "synced"
    assert film.summary == "By the sea, at night."
    assert b"its largest size" in done.stderr and b"pushed at once" in done.stderr
    assert world.queue() == (0, 0, 0)
    assert told(world.save(45, details="By the sea, at dawn.")) == []


def test_a_library_that_is_new_and_does_not_fit_into_the_cache(world, film):
    world.films.add_many(2000, "/data/films/film {i}.mp4", "Film {i}")

    with small_map(world, "cache", room=60_000):
        run = world.operation("rebuild-index")
        world.save(45, details="By the sea, at night.")

    assert "does not fit into the library cache" in run.text("warning")
    assert film.summary == "By the sea, at night."
    assert world.operation("rebuild-index").output == {"items": 2001}
