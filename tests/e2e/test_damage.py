"""Every file of the state, damaged in every way, met by whoever comes first.

Two rules hold for all of it: a queue that is whole is never set aside, whatever happened to those who read it; and
one that is damaged is still there under another name, with its scenes queued again. A process may die of a damaged
page, but only two in a row: the third reads everything in a child of its own, and then it is known.
"""

import json
import random
import shutil
import subprocess

import pytest
from conftest import EXECUTABLE, World
from disk import environment, set_aside, started_with, told

from tests.fake.plugin_host import go_json

QUEUE, QUEUE_LOCK = "queue/data.mdb", "queue/lock.mdb"
CACHE, CACHE_LOCK = "cache/data.mdb", "cache/lock.mdb"
LOCKS, DIRTY = "locks", "cache-dirty"
PAGE = 4096


# --- the damages ----------------------------------------------------------------------------------------------------


def cut(size):
    """The file ends there; a negative number counts from its end."""
    return lambda data: data[:size]


def noise(start, end, seed):
    """Noise in the place of these bytes."""
    def change(data):
        room = len(data[start:end])
        return data[:start] + random.Random(seed).randbytes(room) + data[start + room:]
    return change


def zeros(start, end=None):
    """Zeros in the place of these bytes."""
    return lambda data: data[:start] + bytes(len(data[start:end])) + (data[end:] if end else b"")


def noisy_pages_with(text):
    """Noise in the place of every page that holds the text."""
    def change(data):
        pages = [data[at:at + PAGE] for at in range(0, len(data), PAGE)]
        assert any(text in page for page in pages)
        return b"".join(random.Random(7).randbytes(PAGE) if text in page else page for page in pages)
    return change


def with_version(version):
    """The records say that they are of this version of PlexSync."""
    def change(data):
        data = bytearray(data)
        places = [at for at in range(len(data) - 8) if data[at:at + 8] in (b"version\x01", b"version\x02")]
        assert places
        for at in places:
            data[at + 7] = version
        return bytes(data)
    return change


def word_of(data):
    """How wide a page's number is: that of a pointer of the machine that wrote the file."""
    return 8 if data[16:20] == bytes.fromhex("dec0efbe") else 4


def of_lmdb(version):
    """Both headers say that they are of this version of LMDB."""
    def change(data):
        data = bytearray(data)
        head = 8 + word_of(data)
        for page in (0, PAGE):
            assert data[page + head:page + head + 8] == bytes.fromhex("dec0efbe01000000")
            data[page + head + 4] = version
        return bytes(data)
    return change


BYTES = {
    "empty": cut(0), "one byte": cut(1), "two pages": cut(2 * PAGE), "all but the last pages": cut(-2 * PAGE - 100),
    "zeros": zeros(0), "zero headers": zeros(0, 2 * PAGE), "noisy first header": noise(0, PAGE, 3),
    "noise behind the headers": noise(2 * PAGE, None, 7), "other noise behind the headers": noise(2 * PAGE, None, 6),
    "noise at the end": lambda data: data + bytes(range(256)),
    "noise over the history": noisy_pages_with(b"Northwind Pictures"),
    "of a newer version": with_version(99), "of a newer LMDB": of_lmdb(2),
}


def damage(path, what):
    """Damages a file."""
    if what in BYTES:
        path.write_bytes(BYTES[what](path.read_bytes()))
    elif what == "a folder":
        path.unlink()
        path.mkdir()
        (path / "something").write_text("here")
    elif what.startswith("a link"):
        moved = path.rename(path.with_name("moved"))
        path.symlink_to({"nowhere": "/nowhere/at/all", "itself": path, "the file": moved}[what[10:]])
    else:
        assert what == "unreadable"     # root reads everything: see looks_unreadable()


def looks_unreadable(house, path, what):
    """Opening the file fails, if that is the damage."""
    return started_with(house, environment(trouble="unreadable", folder=path) if what == "unreadable" else {})


class House:
    """One world for all rows: its state is laid back into place for each of them."""

    def __init__(self, folder):
        self.world = World(folder)
        self.film = self.world.film(45, "quay", title="Harbour Lights")
        self.queued = self.world.film(46, "pier", title="Old Pier")
        self.world.films.add_many(100, "/data/films/film {i}.mp4", "Film {i}")
        self.world.index()
        self.world.save(45, studio="Northwind Pictures")
        self.world.stash.library.update_scene(46, {"details": "By the river."})
        self.world.queue_only(46)
        self.template = folder / "template"
        shutil.copytree(self.world.state, self.template)
        with open("/proc/sys/kernel/random/boot_id", "rb") as boot:
            (self.template / DIRTY).write_bytes(boot.read())
        self.saves = 0

    def reset(self):
        """Scene 45 was pushed, scene 46 is queued, the libraries are indexed."""
        shutil.rmtree(self.world.state)
        shutil.copytree(self.template, self.world.state)
        self.queued.edit(summary="")
        self.world.clear()
        return self.world.state

    def save(self):
        """Scene 45 is saved with new details; its run."""
        self.saves += 1
        return self.world.save(45, details=f"By the sea, {self.saves} times.")

    def is_saved(self):
        """Whether they are in Plex."""
        return self.film.summary == f"By the sea, {self.saves} times."

    def is_delivered(self):
        """Whether scene 46, which was queued before, is in Plex."""
        return self.queued.summary == "By the river."

    def save_unchecked(self):
        """The same of a run that may die of what it meets."""
        self.saves += 1
        run = self.world.stash.update_scene(45, details=f"By the sea, {self.saves} times.")[0]
        self.world.stash.wait_jobs()
        return run

    def enter(self, way):
        """Somebody comes; all the runs that follow from it."""
        first = len(self.world.runs)
        if way == "hook":
            self.save()
        elif way == "drain":
            self.world.drain()
        else:
            self.world.operation(way)
        self.world.tasks()
        return self.world.runs[first:]


@pytest.fixture(scope="module")
def the_house(tmp_path_factory):
    """Built once."""
    house = House(tmp_path_factory.mktemp("house"))
    try:
        yield house
    finally:
        house.world.close()


@pytest.fixture
def house(the_house):
    """As it was, for every test."""
    the_house.reset()
    return the_house


# --- a queue that is whole ------------------------------------------------------------------------------------------


def remembers(house):
    """What a person changed in Plex stays: so the history is whole."""
    house.film.edit(title="Harbour Nights")
    house.save()
    house.world.tasks()
    return house.film.title == "Harbour Nights" and house.is_saved()


def test_two_runs_that_were_killed_in_a_row_are_no_damage(house):
    world = house.world
    for number in (1, 2):
        with started_with(world, {"PLEXSYNC_TEST_FAULTS": str(world.folder / f"faults {number}"),
                                  "PLEXSYNC_TEST_KILL": "1"}):
            assert house.save_unchecked().returncode == -9
    world.clear()

    run = house.save()

    assert "is not" in run.text("info") and told(run) == []
    assert remembers(house)
    world.drain()
    assert house.is_delivered()
    assert not set_aside(world)
    assert (world.state / "queue/opened").read_bytes() == b"\0", "nobody is inside"


@pytest.mark.parametrize("way, read", [("hook", 1), ("hook", 4), ("drain", 3), ("status", 2), ("tick", 1)])
def test_one_read_that_fails_is_no_damage(house, way, read):
    """A disk that cannot be read once. The run says it; the next one finds out that nothing is wrong."""
    world, (film, queued) = house.world, (house.film, house.queued)
    with started_with(world, {"PLEXSYNC_TEST_READ_ERROR": f"queue {read}"}):
        world.stash.hold_jobs = True
        run = house.save() if way == "hook" else world.operation(way)
        world.stash.hold_jobs = False
    assert "looks damaged" in "\n".join(told(run))

    assert remembers(house), (film, queued)
    world.drain()
    assert house.is_delivered()
    assert not set_aside(world)
    assert not (world.state / "queue/damaged").exists()


@pytest.mark.parametrize("file, what", [
    (QUEUE, "noise at the end"), (QUEUE, "a link to the file"), (QUEUE_LOCK, "zeros"), (QUEUE_LOCK, "empty"),
    (QUEUE_LOCK, "noise behind the headers"), (LOCKS, "noise at the end"), (CACHE_LOCK, "zeros"),
    (DIRTY, "noise at the end"), (DIRTY, "unreadable")])
def test_what_matters_to_nobody(house, file, what):
    world, first = house.world, len(house.world.runs)
    damage(world.state / file, what)

    with looks_unreadable(world, world.state / file, what):
        house.save()
        world.drain()

    assert house.is_saved() and house.is_delivered()
    assert told(*world.runs[first:]) == []
    assert not set_aside(world)


# --- a queue that is damaged ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("what, way", [
    ("one byte", "hook"), ("zeros", "drain"), ("two pages", "status"), ("noisy first header", "tick"),
    ("noise behind the headers", "hook")])
def test_a_queue_that_does_not_open_is_set_aside_by_whoever_comes_first(house, what, way):
    world = house.world
    damage(world.state / QUEUE, what)
    damaged = (world.state / QUEUE).read_bytes()

    first = house.enter(way)[0]
    house.save()
    world.tasks()

    [folder] = set_aside(world)
    [said] = [text for text in told(first) if "queue was damaged" in text]
    assert f"It is kept as {folder}" in said
    assert "not replaced until you save a scene" in said and '"Sync all scenes"' in said
    assert (folder / "data.mdb").read_bytes().startswith(damaged)
    assert house.is_saved()
    assert world.queue()[0] == 0


@pytest.mark.parametrize("what", ["noise over the history"])
def test_a_queue_of_which_two_runs_died_is_set_aside_by_the_third(house, what):
    damage(house.world.state / QUEUE, what)

    assert [house.save_unchecked().returncode != 0 for _ in range(2)] == [True, True]
    assert not set_aside(house.world)
    run = house.save()

    assert "The queue was damaged" in run.text("warning")
    assert len(set_aside(house.world)) == 1
    house.world.tasks()
    assert house.is_saved()


def test_damage_that_is_only_met_on_the_way_is_said_and_the_next_run_sets_the_queue_aside(house):
    damage(house.world.state / QUEUE, "all but the last pages")

    run = house.world.operation("status")

    assert "looks damaged" in run.text("warning") and run.error
    assert not set_aside(house.world)
    assert "The queue was damaged" in house.world.operation("status").text("warning")
    assert len(set_aside(house.world)) == 1


@pytest.mark.parametrize("what", ["zero headers", "noisy first header"])
def test_scenes_on_pages_that_are_whole_are_queued_again(house, what):
    """Whatever is wrong with the pages that lead to them."""
    damage(house.world.state / QUEUE, what)

    house.world.drain()

    assert house.is_delivered()
    assert len(set_aside(house.world)) == 1
    assert house.world.queue() == (0, 0, 0)


def test_a_queue_that_is_damaged_again_and_again_is_set_aside_each_time(house):
    for count in (1, 2):
        damage(house.world.state / QUEUE, "zero headers")
        house.enter("hook")
        assert house.is_saved()
        assert len(set_aside(house.world)) == count


def test_an_empty_file_is_a_new_queue_and_that_is_said(house):
    damage(house.world.state / QUEUE, "empty")

    [said] = told(house.save())

    assert "what was queued is lost" in said and "until you save a scene" in said
    assert not set_aside(house.world)
    house.world.tasks()
    assert house.is_saved()


@pytest.mark.parametrize("file, what", [
    (QUEUE, "of a newer version"), (QUEUE, "of a newer LMDB"), (QUEUE, "unreadable"), (QUEUE, "a folder"),
    (QUEUE_LOCK, "a link to nowhere"), (LOCKS, "a folder")])
def test_what_cannot_be_used_is_left_as_it_is_and_everybody_says_so(house, file, what):
    world = house.world
    damage(world.state / file, what)
    before = (world.state / file).read_bytes() if what in BYTES else None

    with looks_unreadable(world, world.state / file, what):
        runs = [house.save(), world.operation("status"), world.operation("tick"), world.drain()]

    assert all("Nothing can be remembered" in run.text("warning") for run in runs)
    assert not house.is_delivered()
    assert not set_aside(world)
    assert before is None or (world.state / file).read_bytes() == before


# --- the caches -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file, what, word", [
    (CACHE, "zeros", "damaged"), (CACHE, "two pages", "damaged"), (CACHE, "of a newer version", "another version"),
    (CACHE, "of a newer LMDB", "another version"), (DIRTY, "one byte", "thrown away"), (CACHE, "empty", "")])
def test_caches_that_cannot_be_used_are_built_again(house, file, what, word):
    world, first = house.world, len(house.world.runs)
    damage(world.state / file, what)

    house.save()
    world.drain()

    runs = world.runs[first:]
    assert word in "\n".join(run.text("info") for run in runs)
    assert house.is_saved() and house.is_delivered()
    assert told(*runs) == []
    assert world.operation("rebuild-index").output == {"items": 102}


@pytest.mark.parametrize("what", ["noise behind the headers", "other noise behind the headers",
                                  "all but the last pages"])
def test_damaged_caches_cost_two_runs_at_most(house, what):
    world = house.world
    damage(world.state / CACHE, what)

    for _ in range(2):
        house.save_unchecked()
    world.clear()
    house.save()
    world.drain()

    assert house.is_saved() and house.is_delivered()
    assert not set_aside(world)
    assert world.operation("rebuild-index").output == {"items": 102}


@pytest.mark.parametrize("file, what", [(CACHE, "a folder"), (CACHE_LOCK, "unreadable"), (CACHE, "a link to nowhere")])
def test_without_caches_everything_takes_longer(house, file, what):
    world, first = house.world, len(house.world.runs)
    damage(world.state / file, what)

    with looks_unreadable(world, world.state / file, what):
        house.save()
        world.tasks()
        world.drain()
        runs = world.runs[first:]

    assert "without its caches" in "\n".join(told(*runs))
    assert house.is_saved() and house.is_delivered()


# --- somebody else has it open --------------------------------------------------------------------------------------


def test_a_queue_that_another_version_of_lmdb_works_on_is_left_to_it(house):
    """PlexSync was updated while a drain of the former version is at work: the two cannot share the lock file."""
    world = house.world
    held = world.hold_plex()
    world.stash.run_task("Process queue")
    held.wait()
    lock = world.state / QUEUE_LOCK
    with lock.open("r+b") as file:
        file.seek(4)
        file.write(b"\x77")

    house.film.summary = ""     # without a state what Plex has already stays as it is
    run = house.save()
    held.release()
    world.tasks()

    assert house.is_saved()
    assert "Nothing can be remembered" in run.text("warning")
    assert not set_aside(world)
    assert house.is_delivered()
    assert world.queue() == (0, 0, 0)


def shares(world, number):
    """As long as this lasts, what Stash starts shares the state in this way (store/sharing.h): 0 and 1 are those of
    two C libraries, 2 is for where no mutex survives its holder."""
    return started_with(world, {"PLEXSYNC_TEST_SHARING": str(number)})


@pytest.mark.parametrize("theirs, ours", [(0, 1), (1, 0), (1, 2), (2, 1)])
def test_a_queue_that_a_build_for_another_c_library_works_on_is_left_to_it(house, theirs, ours):
    """A package was installed while a drain of what had been built here is at work, or the other way round."""
    world = house.world
    held = world.hold_plex()
    with shares(world, theirs):
        world.stash.run_task("Process queue")
        held.wait()

    house.film.summary = ""     # without a state what Plex has already stays as it is
    with shares(world, ours):
        run = house.save()
        held.release()
        world.tasks()
        queue = world.queue()   # taken over, now that the other one has ended

    assert house.is_saved()
    assert "another build of PlexSync" in run.text("warning")
    assert not set_aside(world)
    assert house.is_delivered() and queue == (0, 0, 0)


def test_where_no_mutex_survives_its_holder_there_is_a_queue_as_well(house):
    world = house.world
    held = world.hold_plex()
    with shares(world, 2):
        world.stash.run_task("Process queue")
        held.wait()
        run = house.save()      # beside the drain
        held.release()
        world.tasks()
        queue, doctor = world.queue(), world.operation("doctor")

    assert told(run) == []
    assert house.is_saved() and house.is_delivered() and queue == (0, 0, 0)
    assert any("one process at a time" in each["text"] for each in doctor.output["findings"])


# --- pages in the wrong place ---------------------------------------------------------------------------------------


def swapped(data, one, other):
    """Two pages in each other's place."""
    pages = [data[at:at + PAGE] for at in range(0, len(data), PAGE)]
    pages[one], pages[other] = pages[other], pages[one]
    return b"".join(pages)


def leaves(data):
    """The pages that hold entries: {length of the first key: their numbers}."""
    found = {}
    for number in range(2, len(data) // PAGE):
        page = data[number * PAGE:(number + 1) * PAGE]
        head = page[word_of(data):]
        if head[2] & 0x0f == 2 and head[4] > 8 + word_of(data):
            first = int.from_bytes(head[8:10], "little")
            found.setdefault(page[first + 6], []).append(number)
    return found


@pytest.mark.parametrize("file", [QUEUE, CACHE])
def test_pages_that_changed_places_keep_nobody_busy_for_ever(house, file):
    """Whoever goes from one key to the next one finds keys that are not in order, or of another table. A run may die
    of it, but none works on without an end, and not more than two die."""
    path = house.world.state / file
    whole = path.read_bytes()
    pairs = [numbers[:2] for numbers in leaves(whole).values() if len(numbers) > 1]
    assert pairs
    for one, other in pairs[:3]:
        house.reset()
        path.write_bytes(swapped(whole, one, other))
        runs = [subprocess.run([str(EXECUTABLE)], input=go_json(house.world.stdin(mode=mode)), check=False,
                               capture_output=True, env=house.world.stash.host.environ, timeout=20)
                for mode in ("rebuild-index", *["drain"] * 8)]
        assert len([run for run in runs if run.returncode != 0]) <= 2, [run.stderr for run in runs]
        assert "output" in json.loads(runs[-1].stdout)
