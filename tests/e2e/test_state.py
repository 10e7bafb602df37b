"""What is on the disk, and what happens when it is not what it was."""

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
    assert set(names) <= {"queue", "queue/data.mdb", "queue/lock.mdb", "queue/opened", "cache", "cache/data.mdb",
                          "cache/lock.mdb", "cache/opened", "cache-dirty", "locks"}
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


@pytest.mark.parametrize("what", ["data.mdb", "all"])
def test_a_cache_that_somebody_removed_is_built_again(world, film, what):
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


# --- the queue -----------------------------------------------------------------------------------------------


def with_version(data, version):
    """The record "version" of an environment, changed in place."""
    at, count = data.find(b"version"), 0
    data = bytearray(data)
    while at >= 0:
        if data[at + 7] in (1, 2):
            data[at + 7] = version
            count += 1
        at = data.find(b"version", at + 1)
    assert count
    return bytes(data)


def test_a_queue_of_a_newer_version_is_left_alone_and_the_scene_is_pushed_at_once(world, film):
    path = world.state / "queue" / "data.mdb"
    overwrite(path, lambda data: with_version(data, 99))
    before = path.read_bytes()
    film.put(locked=[])     # a title that nobody locked is one that Plex made of the file's name

    run = world.save(45, title="Harbour Lights")

    assert run.output["result"] == "synced"
    assert film.title == "Harbour Lights"
    assert "Nothing can be remembered" in run.text("warning") and "version" in run.text("warning")
    assert "pushed at once" in run.text("warning")
    for mode in ("status", "drain", "retry-failed", "clear-failed", "clear-queue"):
        assert world.operation(mode).error, mode
    assert path.read_bytes() == before


def test_a_queue_of_the_first_version_is_taken_over(world, film):
    path = world.state / "queue" / "data.mdb"
    world.save(45, title="Harbour Lights")
    overwrite(path, lambda data: with_version(data, 1))

    film.title = "What a person made of it"
    run = world.save(45, rating100=80)

    assert run.output["fields"] == ["rating"] and run.output["kept"] == ["title"]
    assert not run.text("warning")
    assert b"version\x02" in path.read_bytes()


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
