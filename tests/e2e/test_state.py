"""What is on the disk, and what happens when it is not what it was."""

import pathlib
import random
import shutil
import stat

import pytest

from tests.fake.plugin_host import go_json


@pytest.fixture
def film(world):
    """Scene 45 and its item; pushed once, so that there are caches and a history."""
    item = world.film(45, "quay", studio="Northwind Pictures")
    world.films.add_many(400, "/data/films/film {i}.mp4", "Film {i}")
    world.sync(45)
    world.clear()
    return item


def works(world, film, title="Harbour Lights"):
    """Save in Stash arrives in Plex, at once or by the task. Returns all runs that this took."""
    first = len(world.runs)
    world.save(45, title=title)
    world.tasks()
    assert film.title == title
    return world.runs[first:]


def warnings(runs):
    """The warnings and errors of these runs."""
    return [text for run in runs for level, text in run.logs if level in ("warning", "error")]


def test_everything_is_private_and_nothing_else_is_there(world, film):
    works(world, film)
    names = sorted(str(path.relative_to(world.state)) for path in world.state.rglob("*"))

    assert {"queue", "queue/data.mdb", "cache", "cache/data.mdb", "locks"} <= set(names)
    assert set(names) <= {"queue", "queue/data.mdb", "queue/lock.mdb", "cache", "cache/data.mdb", "cache/lock.mdb",
                          "cache-dirty", "locks"}
    for path in [world.state, *world.state.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_folder_that_was_open_to_others_before_is_used(world, film):
    world.state.chmod(0o755)

    assert warnings(works(world, film)) == []


def test_the_state_may_be_elsewhere(world):
    elsewhere = world.folder / "else" / "where"
    world.stash.host.environ["PLEXSYNC_STATE"] = str(elsewhere)
    film = world.film(45, "quay")

    works(world, film)

    assert (elsewhere / "queue" / "data.mdb").exists()
    assert not world.state.exists()
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o700


# --- the cache -----------------------------------------------------------------------------------------------


def overwrite(path, change):
    """Replaces a file's content by what change() makes of it."""
    path.write_bytes(change(path.read_bytes()))


NOISE = random.Random(1).randbytes(1 << 20)
DAMAGES = {
    "gone": lambda data: b"",
    "zero": lambda data: bytes(len(data)),
    "noise": lambda data: NOISE[:len(data)],
    "text": lambda data: b"this is no database\n" * 500,
    "half": lambda data: data[:len(data) // 2],
    "two pages": lambda data: data[:8192],
    "a page and a half": lambda data: data[:6000],
    "noise behind the first pages": lambda data: data[:8192] + NOISE[:max(0, len(data) - 8192)],
    "zero behind the first pages": lambda data: data[:8192] + bytes(max(0, len(data) - 8192)),
    "a hole": lambda data: data[:len(data) // 2] + bytes(4096) + data[len(data) // 2 + 4096:],
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_cache_is_built_anew(world, film, name):
    """One run may end with an error, if the damage shows only while it works; the next ones go on."""
    overwrite(world.state / "cache" / "data.mdb", DAMAGES[name])
    first = len(world.runs)

    world.save(45, title="Harbour Lights")
    for _ in range(3):
        world.drain()

    assert film.title == "Harbour Lights"
    told = warnings(world.runs[first:]) + [run.error for run in world.runs[first:] if run.error]
    assert len(told) <= 2, told
    assert world.operation("rebuild-index").output == {"items": 401}
    assert world.status()["queue"]["ready"] == 0
    works(world, film, "Harbour Night")


@pytest.mark.parametrize("what", ["data.mdb", "lock.mdb", "all"])
def test_a_cache_that_somebody_removed_is_built_anew(world, film, what):
    if what == "all":
        shutil.rmtree(world.state / "cache")
    else:
        (world.state / "cache" / what).unlink()

    assert warnings(works(world, film)) == []
    world.drain()
    assert world.operation("rebuild-index").output == {"items": 401}


def test_the_machine_stopped_while_the_cache_was_written(world, film):
    (world.state / "cache-dirty").write_text("another boot")

    runs = works(world, film)
    world.drain()

    assert any("thrown away" in run.text("info") for run in runs)
    assert warnings(runs) == []
    assert world.status()["library_cache"]["items"] == 401
    assert not (world.state / "cache-dirty").exists()


def test_the_same_boot_throws_nothing_away(world, film):
    works(world, film)
    boot = open("/proc/sys/kernel/random/boot_id", encoding="ascii").read()
    (world.state / "cache-dirty").write_text(boot)

    assert world.save(45, title="Harbour Night").output["result"] == "synced"
    assert world.status()["match_cache"]["entries"] == 1


def test_without_a_cache_the_libraries_are_listed(world, film):
    shutil.rmtree(world.state / "cache")
    (world.state / "cache").write_text("in the way")
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})

    run = world.operation("sync-scene", scene_id="45")

    assert run.output["result"] == "synced"
    assert film.title == "Harbour Lights"
    assert len(warnings([run])) == 1 and "without its caches" in warnings([run])[0]
    assert world.operation("clear-cache").error
    assert world.operation("rebuild-index").error
    assert world.status()["queue"]["ready"] == 0


def test_without_a_cache_a_drain_and_a_hook_work_too(world, film):
    other = world.film(46, "other", studio="Lumen House")
    shutil.rmtree(world.state / "cache")
    (world.state / "cache").write_text("in the way")

    runs = world.stash.bulk_update_scenes([45, 46], rating100=80)
    world.check(*runs)
    world.tasks()
    assert other.studio == "Lumen House"

    works(world, film)


def test_a_cache_of_another_version_is_built_anew(world, film):
    overwrite(world.state / "cache" / "data.mdb", lambda data: with_version(data, 99))

    assert len(warnings(works(world, film))) <= 1


# --- the queue -----------------------------------------------------------------------------------------------


def with_version(data, version):
    """The record "version" of an environment, changed in place."""
    at, count = data.find(b"version"), 0
    data = bytearray(data)
    while at >= 0:
        if data[at + 7] == 1:
            data[at + 7] = version
            count += 1
        at = data.find(b"version", at + 1)
    assert count
    return bytes(data)


def test_a_queue_of_a_newer_version_is_left_alone_and_the_scene_is_pushed_at_once(world, film):
    path = world.state / "queue" / "data.mdb"
    overwrite(path, lambda data: with_version(data, 99))
    before = path.read_bytes()

    run = world.save(45, title="Harbour Lights")

    assert run.output["result"] == "synced"
    assert film.title == "Harbour Lights"
    assert "Nothing can be remembered" in run.text("warning") and "version" in run.text("warning")
    assert "pushed at once" in run.text("warning")
    for mode in ("status", "drain", "retry-failed", "clear-failed", "clear-queue"):
        assert world.operation(mode).error, mode
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["noise", "text", "two pages"])
def test_a_damaged_queue_is_not_thrown_away(world, film, name):
    path = world.state / "queue" / "data.mdb"
    overwrite(path, DAMAGES[name])
    before = path.read_bytes()

    run = world.save(45, title="Harbour Lights")

    assert film.title == "Harbour Lights", run
    assert "The queue was damaged" in run.text("warning")
    [aside] = world.state.glob("queue.damaged-*/data.mdb")
    assert aside.read_bytes().startswith(before)


def test_a_state_folder_that_cannot_be_made(world):
    film = world.film(45, "quay")
    world.state.write_text("in the way")

    run = world.save(45, title="Harbour Lights")

    assert run.output["result"] == "synced"
    assert film.title == "Harbour Lights"
    assert "Nothing can be remembered" in run.text("warning")
    assert world.state.read_text() == "in the way"
    assert world.operation("status").error and world.operation("drain").error
    assert world.sync(45)["result"] == "unchanged"


def test_a_bulk_edit_without_a_state_writes_every_scene(world):
    items = [world.film(number, f"film {number}", studio="Lumen House") for number in (1, 2, 3)]
    world.state.write_text("in the way")

    world.check(*world.stash.bulk_update_scenes([1, 2, 3], rating100=80))

    assert [item.studio for item in items] == ["Lumen House"] * 3


def test_a_folder_that_stash_names_and_that_is_not_there_is_made(world):
    film = world.film(45, "quay", title="Harbour Lights")
    document = world.stdin(hookContext={"id": 45, "type": "Scene.Update.Post", "input": {"id": "45"}})
    document["server_connection"]["Dir"] = str(world.folder / "new" / "config")

    assert world.raw(go_json(document))["output"]["result"] == "queued"

    assert (world.folder / "new" / "config" / "plexsync" / "queue" / "data.mdb").exists()
    assert film.title == "quay"


# --- a damaged queue -------------------------------------------------------------------------------------


def wreck(world, how):
    """Damages the queue's file. What LMDB holds when it is left by a jump counts as no leak."""
    excused = pathlib.Path(__file__).with_name("lmdb-left-by-a-jump.txt")
    world.stash.host.environ["LSAN_OPTIONS"] = f"suppressions={excused}:print_suppressions=0"
    path = world.state / "queue/data.mdb"
    content = bytearray(path.read_bytes())
    damage = {"noise": lambda: bytes(content[:8192]) + bytes((i * 167 + 13) % 256 for i in range(len(content) - 8192)),
              "no head": lambda: bytes(8192) + bytes(content[8192:]),
              "half": lambda: bytes(content[:len(content) // 2]),
              "empty": lambda: b"\0" * len(content)}
    path.write_bytes(damage[how]())


@pytest.mark.parametrize("how", ["noise", "no head", "half", "empty"])
def test_a_damaged_queue_is_set_aside_and_begun_anew(world, how):
    item = world.film(45, "Harbour Lights", title="Harbour Lights")
    world.index()
    world.save(45, studio="Lumen House")
    wreck(world, how)

    runs = [world.stash.update_scene(45, details=f"By the sea, {i} times.")[0] for i in range(3)]
    world.tasks()
    last = world.save(45, details="By the sea at last.")

    world.check(*runs)
    assert last.output["result"] == "synced"
    assert item.summary == "By the sea at last."
    kept = [path.name for path in world.state.iterdir() if path.name.startswith("queue.damaged-")]
    assert len(kept) == 1
    assert any("queue was damaged" in run.text("warning") for run in world.runs)


def test_scenes_of_a_damaged_queue_are_queued_anew(world):
    item = world.film(45, "Harbour Lights", title="Harbour Lights", details="By the sea.")
    world.index()
    world.queue_only(45)
    (world.state / "queue/damaged").touch()

    status = world.status()

    assert status["queue"]["due"] == 1
    world.drain()
    assert item.summary == "By the sea."
