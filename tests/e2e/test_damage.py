"""Every file of the state, damaged in every way, met by whoever comes first.

A table: file, damage, what follows. What follows is one of

    fine      nobody notices, nothing is lost
    aside     the queue is set aside, which is said, and begun anew
    met       the damage shows to whoever comes to it in the file: said there, and set aside by the next
    lost      what was in the queue is gone without a trace, which is said
    nothing   nothing can be remembered as long as it is so, which everybody says; what is there stays
    anew      the caches are begun anew, which is said
    gone      the same, but as if somebody had removed them, which needs no word
    without   there are no caches as long as it is so, which is said

Whatever it is: no crash, one document, the scene that a person saved is in Plex at once or after the next drain,
and a queue that was given up is still there under another name.
"""

import json
import random
import shutil
import subprocess

import pytest
from conftest import EXECUTABLE, World
from disk import EXCUSED, environment, set_aside, started_with, told

from tests.fake.plugin_host import go_json

QUEUE, QUEUE_LOCK = "queue/data.mdb", "queue/lock.mdb"
CACHE, CACHE_LOCK = "cache/data.mdb", "cache/lock.mdb"
LOCKS, DIRTY = "locks", "cache-dirty"
PAGE = 4096
WAYS = {QUEUE: ["hook", "drain", "status", "tick"], CACHE: ["hook", "drain", "status"]}     # the others: hook, drain


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
        places = [at for at in range(len(data) - 8) if data[at:at + 8] == b"version\x01"]
        assert places
        for at in places:
            data[at + 7] = version
        return bytes(data)
    return change


def of_lmdb(version):
    """Both headers say that they are of this version of LMDB."""
    def change(data):
        data = bytearray(data)
        for page in (0, PAGE):
            assert data[page + 16:page + 24] == bytes.fromhex("dec0efbe01000000")
            data[page + 20] = version
        return bytes(data)
    return change


BYTES = {
    "empty": cut(0), "one byte": cut(1), "one page": cut(PAGE), "mid page": cut(PAGE + 1900),
    "two pages": cut(2 * PAGE), "two pages and a bit": cut(2 * PAGE + 1900), "all but the last byte": cut(-1),
    "all but the last pages": cut(-2 * PAGE - 100), "zeros": zeros(0), "zero headers": zeros(0, 2 * PAGE),
    "zeros behind the headers": zeros(2 * PAGE), "noisy headers": noise(0, 2 * PAGE, 1),
    "noisy first header": noise(0, PAGE, 3), "noisy second header": noise(PAGE, 2 * PAGE, 4),
    "noise behind the headers": noise(2 * PAGE, None, 5), "other noise behind the headers": noise(2 * PAGE, None, 6),
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


# --- the table ------------------------------------------------------------------------------------------------------


def rows(file, outcome, *whats):
    """Rows of the table."""
    return [(file, what, outcome) for what in whats]


NO_QUEUE = ["one byte", "one page", "mid page", "two pages", "two pages and a bit", "zeros",
            "zeros behind the headers", "noisy headers", "noisy first header", "noisy second header",
            "noise behind the headers", "other noise behind the headers"]
IN_THE_WAY = ["unreadable", "a folder", "a link to nowhere", "a link to itself"]
TABLE = [
    *rows(QUEUE, "aside", *NO_QUEUE),
    *rows(QUEUE, "met", "noise over the history"),
    *rows(QUEUE, "lost", "empty"),
    *rows(QUEUE, "fine", "all but the last byte", "noise at the end", "a link to the file"),
    *rows(QUEUE, "nothing", "of a newer version", "of a newer LMDB", *IN_THE_WAY),
    *rows(QUEUE_LOCK, "fine", "empty", "mid page", "zeros", "noisy headers", "noise behind the headers",
          "a link to the file"),
    *rows(QUEUE_LOCK, "nothing", "unreadable", "a folder", "a link to nowhere"),
    *rows(LOCKS, "fine", "noise at the end", "a link to the file"),
    *rows(LOCKS, "nothing", "unreadable", "a folder", "a link to nowhere"),
    *rows(CACHE, "gone", "empty"),
    *rows(CACHE, "anew", "one byte", "mid page", "all but the last pages", "zeros", "zeros behind the headers",
          "noisy headers", "noisy second header", "noise behind the headers", "other noise behind the headers",
          "of a newer version", "of a newer LMDB"),
    *rows(CACHE, "without", "unreadable", "a folder", "a link to nowhere"),
    *rows(CACHE_LOCK, "fine", "empty", "mid page", "zeros", "noisy headers", "noise behind the headers"),
    *rows(CACHE_LOCK, "without", "unreadable", "a folder", "a link to nowhere"),
    *rows(DIRTY, "anew", "empty", "one byte", "zeros", "a folder"),
    *rows(DIRTY, "fine", "noise at the end", "unreadable", "a link to nowhere"),
]


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
        self.world.stash.host.environ.update(EXCUSED)
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


def found_damaged(world):
    """Which environments somebody found to be damaged and left to the next who comes."""
    return [name for name in ("queue", "cache") if (world.state / name / "damaged").exists()]


@pytest.mark.parametrize("file, what, outcome, way", [
    (file, what, outcome, way) for file, what, outcome in TABLE for way in WAYS.get(file, ["hook", "drain"])])
def test_the_table(house, file, what, outcome, way):
    world, first = house.world, len(house.world.runs)
    damage(world.state / file, what)
    damaged = (world.state / file).read_bytes() if what in BYTES else None

    with looks_unreadable(house.world, world.state / file, what):
        runs = house.enter(way)
        at_once = house.is_saved()
        assert not found_damaged(world) or told(*runs), "found, and not told"
        if way != "hook":
            house.save()
            world.tasks()
        world.drain()
        everything = world.runs[first:]

    assert house.is_saved()
    assert len(set_aside(world)) == (outcome in ("aside", "met"))
    OUTCOMES[outcome](house, runs, everything)
    if way == "hook" and outcome not in ("anew", "gone", "met"):
        assert at_once
    for folder in set_aside(world):
        assert outcome == "met" or (folder / "data.mdb").read_bytes().startswith(damaged)
    if outcome == "nothing" and damaged:
        assert (world.state / file).read_bytes() == damaged


def is_fine(house, _, everything):
    """Nobody noticed."""
    assert told(*everything) == []
    assert house.is_delivered()


def is_aside(house, runs, _):
    """Whoever came first said where the queue is now."""
    assert "The queue was damaged. It is kept as " + str(set_aside(house.world)[0]) in told(*runs)[0]


def is_met(house, _, everything):
    """Somebody came to it."""
    assert "The queue was damaged. It is kept as " in "\n".join(told(*everything))
    assert house.is_delivered()


def is_lost(_, runs, __):
    """Whoever came first said that something is gone."""
    assert len(told(*runs)) == 1 and "queue" in told(*runs)[0] and "lost" in told(*runs)[0]


def is_nothing(house, _, everything):
    """Everybody says that nothing is remembered; hooks, that they push at once."""
    assert all("Nothing can be remembered" in run.text("warning") for run in everything if run.kind != "task")
    assert all("pushed at once" in run.text("warning") for run in everything if run.kind == "hook")
    assert not house.is_delivered()


def is_anew(house, runs, everything):
    """They said so."""
    said = "\n".join(run.text("info") for run in everything)
    assert "anew" in said or "thrown away" in said
    is_gone(house, runs, everything)


def is_gone(house, _, everything):
    """The caches are as they were, a moment later."""
    assert told(*everything) == []
    assert house.is_delivered()
    assert house.world.operation("rebuild-index").output == {"items": 102}


def is_without(house, _, everything):
    """Nothing is lost, and it takes longer."""
    assert "without its caches" in "\n".join(told(*everything))
    assert house.is_delivered()


OUTCOMES = {"fine": is_fine, "aside": is_aside, "met": is_met, "lost": is_lost, "nothing": is_nothing,
            "anew": is_anew, "gone": is_gone, "without": is_without}


# --- what is rescued ------------------------------------------------------------------------------------------------


RESCUED = ["noisy first header", "noisy second header", "noisy headers", "zero headers", "noise over the history"]


@pytest.mark.parametrize("what", RESCUED)
def test_scenes_on_pages_that_are_whole_are_rescued(house, what):
    """Whatever is wrong with the pages that lead to them."""
    damage(house.world.state / QUEUE, what)
    house.world.save(45, rating100=80)
    house.world.save(45, rating100=60)

    house.world.drain()

    assert house.is_delivered()
    assert len(set_aside(house.world)) == 1
    assert house.world.queue() == (0, 0, 0)


def test_a_queue_that_is_damaged_again_and_again_is_set_aside_each_time(house):
    for count in (1, 2, 3):
        damage(house.world.state / QUEUE, "noisy headers")
        house.enter("hook")
        assert house.is_saved()
        assert len(set_aside(house.world)) == count


@pytest.mark.parametrize("mode", ["status", "tick"])
def test_a_queue_that_cannot_be_read_is_not_shown_as_an_empty_one(house, mode):
    """The page of the jobs itself is noise: who wants to count them says so, and does not say 0."""
    path = house.world.state / QUEUE
    path.write_bytes(noisy_pages_with((46).to_bytes(8, "big"))(path.read_bytes()))

    run = house.world.operation(mode)

    assert "damaged" in "\n".join(told(run))
    assert run.error or mode == "tick"


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

    run = house.save()
    held.release()
    world.tasks()

    assert house.is_saved()
    assert "Nothing can be remembered" in run.text("warning")
    assert not set_aside(world)
    assert house.is_delivered()
    assert world.queue() == (0, 0, 0)


# --- pages in the wrong place ---------------------------------------------------------------------------------------


def run_once(house, **args):
    """The executable with a document on stdin, and no more time than it may need."""
    done = subprocess.run([str(EXECUTABLE)], input=go_json(house.world.stdin(**args)), capture_output=True,
                          env=house.world.stash.host.environ, timeout=20, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    house.world.check_bytes(done.stdout, done.stderr)
    return json.loads(done.stdout)


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
        if page[10] & 0x0f == 2 and page[12] > 16:
            first = int.from_bytes(page[16:18], "little")
            found.setdefault(page[first + 6], []).append(number)
    return found


@pytest.mark.parametrize("file", [QUEUE, CACHE])
def test_pages_that_changed_places_keep_nobody_busy_for_ever(house, file):
    """Whoever goes from one key to the next one finds keys that are not in order, or of another table."""
    path = house.world.state / file
    whole = path.read_bytes()
    pairs = [numbers[:2] for numbers in leaves(whole).values() if len(numbers) > 1]
    assert pairs
    hook = {"id": 45, "type": "Scene.Update.Post", "input": {"id": "45"}}

    for one, other in pairs:
        house.reset()
        path.write_bytes(swapped(whole, one, other))
        for args in ({"mode": "rebuild-index"}, {"hookContext": hook}, {"mode": "drain"}):
            run_once(house, **args)
