"""Much at once: a hundred saves at one moment, bulk edits of as many scenes, drains that meet
each other or are killed, an index that is built meanwhile. Every scene ends with its newest values."""

import re
import resource
import threading
from collections import Counter

import pytest

ASK = ["runPluginTask"]


@pytest.fixture(autouse=True)
def enough_descriptors():
    """Each running plugin costs its host five of them."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 8192 if limits[1] == resource.RLIM_INFINITY else min(8192, limits[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(wanted, limits[0]), limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def shelf(world, count):
    """Films 1 to 'count' that both have, known to the index; returns the items."""
    items = [world.film(n, f"Harbour Lights {n}", title=f"Harbour Lights {n}") for n in range(1, count + 1)]
    world.index()
    return items


def queue_all(world, count, details="By the sea."):
    """A bulk edit of scenes 1 to 'count' whose browser left at once, and whose task somebody cancelled."""
    held, world.stash.hold_jobs = world.stash.hold_jobs, True
    numbers = list(range(1, count + 1))
    for number in numbers:      # each has its own, so that none is shared
        world.stash.library.update_scene(number, {"details": f"{number}. {details}"})
    value = {"ids": [str(number) for number in numbers], "details": details}
    world.check(*world.stash.hook("Scene.Update.Post", 1, value, ["ids", "details"]))
    [job] = world.stash.jobs.queued()
    world.stash.jobs.stop(job.id)
    world.stash.hold_jobs = held
    assert world.queue() == (count, 0, 0)
    world.stash.wait_jobs()
    world.clear()


def asks(world):
    """How many times Stash was asked to run the task."""
    return world.stash.graphql_operations.count(ASK)


def edits(world):
    """How many edits each item got, by its key."""
    return Counter(key for request in world.plex.writes for key in request.arg("id").split(","))


def assert_everything_is_in_plex(world, items):
    """The newest values of all scenes are in Plex, and nothing waits any more."""
    assert [item.summary for item in items] == \
        [world.stash.library.get("scene", number).details for number in range(1, len(items) + 1)]
    assert world.queue() == (0, 0, 0)


def drains(world):
    """The runs of all drains so far that pushed anything, in their order."""
    return sorted((run for run in world.stash.host.runs if run.kind != "hook" and run.args.get("mode") == "drain"
                   and any(b"findScene" in request.body for request in run.requests)), key=lambda run: run.started)


def assert_one_drain_at_a_time(world):
    """No drain asked for a scene between the first and the last scene of another one."""
    spans = [(run.requests[0].at, run.requests[-1].at) for run in drains(world)]
    assert spans
    assert all(end <= begin for (_, end), (begin, _) in zip(spans, spans[1:])), spans


class Leaves:
    """A browser tab that is closed as soon as so many hooks have ended."""

    def __init__(self, world, hooks):
        self.host, self.before, self.hooks = world.stash.host, len(world.stash.host.runs), hooks

    def is_set(self):
        """Whether it is closed."""
        return len([run for run in self.host.runs[self.before:] if run.done.is_set()]) >= self.hooks


class HeldEdit:
    """The edit with this number (from 1) gets no answer before its release()."""

    def __init__(self, world, number):
        self.left, self._came, self._go = number, threading.Event(), threading.Event()
        world.plex.latency = self._latency

    def _latency(self, request):
        self.left -= request.method == "PUT"
        if request.method == "PUT" and self.left == 0:
            self._came.set()
            self._go.wait(20)
        return 0

    def wait(self):
        """Until it has come."""
        assert self._came.wait(20), "it did not come"

    def release(self):
        """Lets it be answered."""
        self._go.set()


def at_once(runs):
    """How many of the processes were there at the same time, at most."""
    begins, ends = [run.started for run in runs], [run.started + run.duration for run in runs]
    return max(sum(begin <= at < end for begin, end in zip(begins, ends)) for at in begins)


# --- hooks -------------------------------------------------------------------------------------------


def test_a_hundred_saves_at_once_over_25_scenes(world):
    items = shelf(world, 25)
    world.stash.hold_jobs = True

    saves = [world.meanwhile(world.stash.update_scene, turn % 25 + 1, details=f"Edit {turn}.") for turn in range(100)]
    runs = [run for wait in saves for run in wait()]
    world.check(*runs)

    assert at_once(runs) > 4
    assert asks(world) == 1
    assert len(world.stash.jobs.queued()) == 1
    ready, waiting, failed = world.queue()
    assert ready <= 25 and (waiting, failed) == (0, 0), "one job for each scene"
    world.stash.hold_jobs = False
    [drain] = world.tasks()
    assert drain.output["synced"] + drain.output["unchanged"] == ready
    assert max(edits(world).values()) <= 4, "not more often than it was saved"
    assert_everything_is_in_plex(world, items)
    assert (world.state / "queue" / "data.mdb").stat().st_size < 1 << 20


def test_a_hundred_saves_at_once_while_drains_run(world):
    items = shelf(world, 25)

    saves = [world.meanwhile(world.stash.update_scene, turn % 25 + 1, details=f"Edit {turn}.") for turn in range(100)]
    for wait in saves:
        world.check(*wait())
    world.tasks()

    assert_one_drain_at_a_time(world)
    assert_everything_is_in_plex(world, items)


def test_a_hundred_hooks_of_one_bulk_edit(world):
    items = shelf(world, 100)

    runs = world.stash.bulk_update_scenes(range(1, 101), details="By the sea.")
    world.check(*runs)
    [drain] = world.tasks()

    assert len(runs) == 100
    assert [run.operations for run in runs] == [[ASK]] + [[]] * 99
    assert drain.output["synced"] == 100
    assert [len(operation) - 1 for operation in drain.operations] == [50, 50]
    assert edits(world) == {item.ratingKey: 1 for item in items}
    assert len(world.plex.requests) == 6
    assert_everything_is_in_plex(world, items)


def test_a_browser_that_leaves_and_a_stash_that_restarts_lose_nothing_of_a_bulk_edit(world):
    items = shelf(world, 100)
    world.stash.hold_jobs = True
    runs = world.stash.bulk_update_scenes(range(1, 101), Leaves(world, 1), details="By the sea.")
    world.check(*runs)
    assert len(runs) < 10
    assert world.queue() == (100, 0, 0)
    world.stash.jobs.hold = False
    world.stash.restart()

    world.later(61)
    world.operation("tick")
    [drain] = world.tasks()

    assert drain.output["synced"] == 100
    assert_everything_is_in_plex(world, items)


# --- drains ------------------------------------------------------------------------------------------


def test_drains_that_are_started_together_beside_saves_take_turns(world):
    items = shelf(world, 60)
    queue_all(world, 60)
    world.plex.latency = 0.01                   # long enough for all of them to meet

    started = [world.meanwhile(world.operation, "drain") for _ in range(6)]
    started.append(world.meanwhile(world.drain))
    for number in range(1, 21):
        world.save(number, details=f"At night, {number}.")
    runs = [wait() for wait in started]
    world.tasks()

    assert any(run.output["elsewhere"] for run in runs), "they did not meet"
    assert_one_drain_at_a_time(world)
    assert sum(edits(world).values()) <= 80, "each edit once, or less often where a newer one came in time"
    assert_everything_is_in_plex(world, items)


def killed_at_its_tenth_edit(world, start, meanwhile):
    """A drain that is cancelled while Plex takes its time over an edit, which it carries out all the
    same; returns how many scenes are left."""
    held = HeldEdit(world, 10)
    world.stash.hold_jobs = True
    start()
    [job] = world.stash.jobs.queued()
    world.stash.hold_jobs = False
    held.wait()
    meanwhile()
    world.stash.jobs.stop(job.id)
    job.run.join()
    held.release()
    world.stash.wait_jobs()
    assert (job.status, job.run.signal) == ("CANCELLED", 9)
    return world.queue()[0]


def test_drains_that_are_killed_in_the_middle_are_followed_by_others(world):
    items = shelf(world, 60)
    queue_all(world, 60)

    def by_hand():
        world.stash.run_task("Process queue")

    def by_a_tick():
        assert world.operation("tick").output == {"asked": True}

    left = [killed_at_its_tenth_edit(world, start, lambda n=n: world.save(n, details=f"At night, {n}."))
            for n, start in enumerate((by_hand, by_a_tick, by_a_tick), 1)]
    world.save(60, details="At dawn.")
    world.tasks()

    assert left == [60, 52, 42], "what was written before the kill is seen in Plex by the next one"
    assert len(drains(world)) == 4
    assert_one_drain_at_a_time(world)
    assert edits(world) == {item.ratingKey: 2 if number < 4 else 1 for number, item in enumerate(items, 1)}
    assert_everything_is_in_plex(world, items)


def own_memory(run):
    """How much memory of its own a running plugin has now, in kB."""
    with open(f"/proc/{run.pid}/status", encoding="ascii") as status:
        return int(re.search(r"RssAnon:\s+(\d+) kB", status.read()).group(1))


def test_a_long_drain_does_not_grow(world):
    items = shelf(world, 200)
    world.stash.host.environ["ASAN_OPTIONS"] += ":quarantine_size_mb=0:thread_local_quarantine_size_kb=0"
    queue_all(world, 200, "By the sea." + " And more." * 450)

    early = HeldEdit(world, 70)     # the first matches are written by then
    job = world.stash.run_task("Process queue")
    early.wait()
    begun = own_memory(job.run)
    late = HeldEdit(world, 100)     # as far into its batch as the early one
    early.release()
    late.wait()
    grown = own_memory(job.run) - begun
    late.release()
    world.tasks()

    assert_everything_is_in_plex(world, items)
    assert grown < 400, "100 texts of 4.5 kB went through its hands"


# --- beside an index that is built ---------------------------------------------------------------------


def test_a_library_that_is_read_as_a_whole_keeps_nobody_from_saving(world):
    items = shelf(world, 20)
    world.films.add_many(900, "/data/films/other/{i}.mp4")
    listing = f"/library/sections/{world.films.id}/all"
    held = world.hold_plex("GET", listing)

    build = world.meanwhile(world.operation, "rebuild-index")
    held.wait()
    saves = [world.save(number, details=f"By the sea, {number}.") for number in range(1, 11)]
    hooks = world.stash.bulk_update_scenes(range(11, 21), details="At night.")
    world.check(*hooks)
    [drain] = world.tasks()
    assert_everything_is_in_plex(world, items)
    held.release()
    built = build()

    assert [run.output["result"] for run in saves] == ["synced"] * 10
    assert [run.operations for run in saves] == [[["configuration", "findScene"]]] * 10
    assert drain.output["synced"] == 10
    assert built.output == {"items": 920}
    assert world.plex.counts()[f"GET {listing}"] == 1 + 4, "a count, and pages of 300"
    assert edits(world) == {item.ratingKey: 1 for item in items}


def test_scenes_that_need_the_index_that_is_being_built_do_not_build_another(world):
    items = [world.film(n, f"Harbour Lights {n}", title=f"Harbour Lights {n}") for n in range(1, 41)]
    listing = f"/library/sections/{world.films.id}/all"
    held = world.hold_plex("GET", listing)

    build = world.meanwhile(world.operation, "rebuild-index")
    held.wait()
    saves = [world.meanwhile(world.stash.update_scene, number, details=f"By the sea, {number}.")
             for number in range(1, 41)]
    for wait in saves:
        world.check(*wait())
    assert len(world.stash.jobs.queued()) == 1
    assert not world.plex.writes
    held.release()
    assert build().output == {"items": 40}
    world.tasks()

    pages = [request for request in world.plex.requests
             if (request.method, request.path) == ("GET", listing) and request.arg("X-Plex-Container-Size") != "0"]
    assert len(pages) == 1
    assert asks(world) == 1
    assert edits(world) == {item.ratingKey: 1 for item in items}
    assert_everything_is_in_plex(world, items)
