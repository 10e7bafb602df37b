"""Plex is away for hours, comes and goes, is slow, or refuses the token: nothing is lost, no scene
pays for it with an attempt, nobody asks in vain, and when it is over one drain brings everything in."""

import random
from collections import Counter

import pytest

ASK = ["runPluginTask"]
WAITED = 15     # probes of the first drain, which waits for Plex
PAUSES = (60, 120, 240, 480)    # seconds from one probe to the next, after that
MORNING = 6 * 3600
EDITS, SCENES = 60, 300


def shelf(world, count):
    """Films 1 to 'count' that both have, known to the index; returns the items."""
    items = [world.film(n, f"Harbour Lights {n}", title=f"Harbour Lights {n}") for n in range(1, count + 1)]
    world.index()
    return items


def reset(world):
    """Plex is down in a way that lets us count who tries: every connection is reset."""
    world.plex.fault(lambda request: True, "reset_before", times=None)


def maintenance(world):
    """Plex migrates its database, and says so."""
    world.plex.fault(lambda request: True, "maintenance", times=None)


def save(world, number, **values):
    """A person saves the scene; the run of its hook."""
    return world.save(number, **values)


def scan(world, number, **values):
    """A scan finds the scene's file changed; the run of its hook, which only queues."""
    world.stash.library.update_scene(number, values)
    [run] = world.stash.scan_changed(number)
    world.check(run)
    return run


def bulk(world, numbers, **values):
    """A bulk edit whose browser leaves after the first hook; the run of that."""
    world.stash.library.bulk_update_scenes(numbers, values)
    value = {"ids": [str(number) for number in numbers], **values}
    [run] = world.stash.hook("Scene.Update.Post", numbers[0], value, ["ids", *values])
    world.check(run)
    return run


def asks(world):
    """How many times Stash was asked to run the task."""
    return world.stash.graphql_operations.count(ASK)


def edits(world):
    """How many edits each item got, by its key."""
    return Counter(key for request in world.plex.writes for key in request.arg("id").split(","))


def assert_plex_shows_what_stash_says(world, items):
    """The newest values of all scenes are in Plex."""
    assert [item.summary for item in items] == \
        [world.stash.library.get("scene", number).details for number in range(1, len(items) + 1)]


def assert_nothing_was_lost(world, count):
    """So many scenes wait, all of them due; none failed, and none has used up an attempt."""
    status = world.status()
    assert status["queue"] == {"ready": count, "due": count, "waiting": 0, "failed": 0}
    assert status["failed"] == []
    assert {(job["attempts"], job["next_try"]) for job in status["retrying"]} <= {(0, "with the next drain")}


# --- who asks, and when ----------------------------------------------------------------------------


def attempts(world):
    """How often Plex was tried; an answer that breaks off is followed by one look whether all of Plex is away."""
    paths = [request.path for request in world.plex.requests]
    looks = [now for before, now in zip(paths, paths[1:])
             if now == "/library/sections" and before.startswith("/library/metadata/")]
    return len(paths) - len(looks)


@pytest.mark.parametrize("goes_down", [reset, maintenance])
def test_a_task_is_asked_for_when_a_probe_is_due_and_never_before(world, goes_down):
    shelf(world, 3)
    goes_down(world)
    world.save(1, details="By the sea.")
    world.tasks()
    at = 0

    for pause in PAUSES:
        world.clear()
        world.later(at + pause - 5)
        early = [world.operation("tick"), world.save(2, details=f"Night {at}."), scan(world, 3), bulk(world, [1, 2])]
        assert world.request_count() == (0, 0), pause
        assert [run.error for run in early] == [None] * 4
        at += pause + 5
        world.later(at)
        probe = world.save(2, details=f"Dawn {at}.")
        others = [world.operation("tick"), scan(world, 3)]
        world.tasks()
        assert probe.operations == [ASK], pause
        assert not any(run.requests for run in others)
        assert attempts(world) == 1, "the one probe"

    assert_nothing_was_lost(world, 3)


class Probes:
    """When an event asks for a probe, as the breaker should have it."""

    def __init__(self):
        self.pause, self.due = 60, 60

    def is_asked_for(self, at):
        """Whether an event at that time does; the probe fails."""
        if at < self.due:
            return False
        self.pause = min(2 * self.pause, 600)
        self.due = at + self.pause
        return True


def a_morning_of_edits(world, scenes):
    """Every six minutes somebody edits scenes: 45 saves, 5 scans, 10 bulk edits. Every scene gets
    an edit, some get more. Yields the time of each, and the run of its hook."""
    kinds = ["save"] * 44 + ["scan"] * 5 + ["bulk"] * 10
    random.Random(1).shuffle(kinds)
    left = list(range(1, scenes + 1))
    for turn, kind in enumerate(["save", *kinds]):
        at = turn * MORNING // EDITS
        world.later(at)
        if kind == "bulk":
            numbers, left = left[:25], left[25:]
            yield at, bulk(world, [*numbers, 1, 2], details=f"By the sea, {turn}.")
        else:
            number = left.pop(0)
            edit = save if kind == "save" else scan
            yield at, edit(world, number, details=f"At night, {turn}.")
    assert not left


def a_morning_without_plex(world, items):
    """It, with a look at every hook and every task: who asked whom."""
    probes, asked, expected, drains = Probes(), [], [], []
    for at, run in a_morning_of_edits(world, len(items)):
        assert run.operations in ([], [ASK]) or at == 0
        asked += [at] * (ASK in run.operations)
        expected += [at] * (at == 0 or probes.is_asked_for(at))
        drains += world.tasks()
        assert attempts(world) == WAITED + len(drains), "the first save, and one for each later probe"
    assert asked == expected
    assert len(drains) == len(asked) > 25


def test_a_morning_without_plex_and_three_hundred_edits(world):
    items = shelf(world, SCENES)
    reset(world)

    a_morning_without_plex(world, items)
    assert_nothing_was_lost(world, SCENES)

    world.plex.clear_faults()
    world.clear()
    items[0].fail_detail = 500              # of all scenes the one that every probe was about
    world.later(MORNING + 600)
    world.operation("tick")
    [drain] = world.tasks(120)
    assert (drain.output["synced"], drain.output["retried"], drain.output["failed"]) == (SCENES - 1, 1, 0)
    assert edits(world) == {item.ratingKey: 1 for item in items[1:]}

    items[0].fail_detail = None             # it has all its attempts: its first pause is half a minute
    world.later(MORNING + 610)
    assert world.operation("tick").output == {"asked": False}
    world.later(MORNING + 645)
    assert world.operation("tick").output == {"asked": True}
    world.tasks()
    assert edits(world) == {item.ratingKey: 1 for item in items}
    assert_plex_shows_what_stash_says(world, items)
    assert world.queue() == (0, 0, 0)


# --- Plex comes and goes ---------------------------------------------------------------------------


def test_plex_comes_and_goes_several_times_a_day(world):
    items = shelf(world, 5)

    for hour in (2, 9):
        at = 3600 * hour
        world.later(at)
        assert world.save(1, details=f"Before {hour}.").output["result"] == "synced"
        world.tasks()
        reset(world)
        world.clear()
        assert world.save(1, details=f"During {hour}.").text("warning")
        world.tasks()
        world.later(at + 50)
        assert not bulk(world, [1, 2, 3, 4, 5], details=f"Later than {hour}.").requests
        world.later(at + 70)                # the first pause is a minute again
        assert scan(world, 2, details=f"Found at {hour}.").operations == [ASK]
        world.tasks()
        assert attempts(world) == 1 + WAITED + 1
        assert_nothing_was_lost(world, 5)

        world.plex.clear_faults()
        world.clear()
        world.later(at + 180)
        assert world.operation("tick").output == {"asked": False}
        world.later(at + 200)
        assert world.operation("tick").output == {"asked": True}
        [drain] = world.tasks()
        assert drain.output["synced"] == 5
        assert edits(world) == {item.ratingKey: 1 for item in items}
        assert_plex_shows_what_stash_says(world, items)
        assert world.status()["plex"]["breaker"] == "closed"


class Flapping:
    """A Plex that answers so many requests and then resets connections, until it is up() again."""

    def __init__(self, world, answers):
        self.answers, self.left = answers, answers
        self.edits = Counter()                  # that were carried out, by the item's key
        world.plex.fault(self.is_down, "reset_before", times=None)

    def is_down(self, request):
        """Whether this request meets nobody."""
        self.left -= 1
        if self.left >= 0 and request.method == "PUT":
            self.edits.update(request.arg("id").split(","))
        return self.left < 0

    def up(self):
        """It was started again."""
        self.left = self.answers


def test_a_plex_that_dies_again_after_every_few_answers_gets_each_scene_once(world):
    items = shelf(world, 24)
    plex = Flapping(world, answers=11)
    bulk(world, list(range(1, 25)), details="By the sea.")
    drains = world.tasks()

    while world.queue() != (0, 0, 0) and len(drains) < 20:
        assert world.status()["failed"] == []
        plex.up()
        world.later(700 * len(drains))
        world.operation("tick")
        drains += world.tasks()

    assert ["stopped" in drain.output for drain in drains] == [True] * (len(drains) - 1) + [False]
    assert len(drains) <= 6, "some ten answers each: what was written before is not written again"
    assert plex.edits == {item.ratingKey: 1 for item in items}
    assert_plex_shows_what_stash_says(world, items)


# --- a slow Plex -----------------------------------------------------------------------------------


def test_a_plex_that_is_only_slow_is_not_taken_for_dead(world):
    items = shelf(world, 3)
    world.stash.hold_jobs = True
    asked = 0

    def reading(request):
        return request.method == "GET" and not world.plex.writes

    def writing(request):
        return request.method == "PUT"

    def reading_back(request):
        return request.method == "GET" and world.plex.writes

    for number, is_slow in enumerate((reading, writing, reading_back), 1):
        world.clear()
        world.plex.latency = lambda request, is_slow=is_slow: 2 if is_slow(request) else 0
        run = world.save(number, details="By the sea.", tags=["Boats"])
        asked += asks(world)
        assert run.output["result"] == "queued"
        assert not run.text("warning") + run.text("error")
        assert world.status()["plex"]["breaker"] == "closed"
    assert_nothing_was_lost(world, 3)
    assert asked == 1

    world.clear()
    world.plex.latency = lambda request: 2 if len(world.plex.requests) == 1 else 0
    world.stash.hold_jobs = False
    [drain] = world.tasks()                     # which has the time
    assert drain.output["synced"] + drain.output["unchanged"] == 3      # of what came late some was carried out
    assert [item.genres for item in items] == [["Boats"]] * 3
    assert_plex_shows_what_stash_says(world, items)
    assert world.status()["plex"]["breaker"] == "closed"


# --- a token that stops working ----------------------------------------------------------------------


def new_token(world):
    """The owner signed out everywhere: Plex wants another token from now on."""
    world.plex.token = "plex-token-Rr27kkWe"
    world.secrets.add(world.plex.token)


def complaints(world):
    """What Stash's log says above information."""
    return [text for level, text in world.stash.log if level in ("error", "warning")]


def an_hour_with_a_wrong_token(world):
    """Two saves and a scan in every minute of ten, then a scan every ten seconds for five minutes, then a
    tick every ten minutes. Returns when the task was asked for."""
    events = [(20 * turn, scan if turn % 3 == 2 else save) for turn in range(30)]
    events += [(600 + 10 * turn, scan) for turn in range(30)]
    events += [(900 + 600 * turn, None) for turn in range(5)]
    asked = []
    for at, event in events:
        world.later(at)
        if event:
            run = event(world, 1 + at % 7, details=f"At {at}.")
        else:
            run = world.operation("tick")
        asked += [at] * (ASK in run.operations)
        world.tasks()
    return asked


def test_a_token_that_stops_working_is_reported_once_and_every_scene_waits(world):
    shelf(world, 10)
    new_token(world)
    bulk_run = bulk(world, list(range(1, 11)), details="By the sea.")
    world.tasks()

    asked = an_hour_with_a_wrong_token(world)

    assert bulk_run.operations == [ASK]
    [complaint] = complaints(world)
    assert "setting connectToken" in complaint
    assert_nothing_was_lost(world, 10)
    assert all(later - earlier >= 60 for earlier, later in zip([0, *asked], asked)), asked
    assert 5 <= len(asked) <= 15, "a new token behind the same setting would be noticed"
    assert {request.headers["X-Plex-Token"] for request in world.plex.requests} == {world.settings["connectToken"]}
    assert world.status()["plex"]["breaker"] == "closed"


NEXT_EVENT = {
    "save": (20, lambda world: world.save(1, details="At night.")),
    "save of a scene without a file": (20, lambda world: world.save(99, details="At night.")),
    # These look at no settings; what keeps them from asking ends after a minute.
    "scan": (61, lambda world: scan(world, 1, details="At night.")),
    "tick": (61, lambda world: world.operation("tick")),
}


@pytest.mark.parametrize("event", NEXT_EVENT)
def test_a_new_token_gets_everything_done_by_the_next_event(world, event):
    items = shelf(world, 10)
    world.stash.library.add_scene(number=99, title="Low Tide")
    new_token(world)
    assert "connectToken" in world.save(1, details="By the sea.").text("warning")
    bulk(world, list(range(2, 11)), details="By the sea.")
    assert world.tasks() == []
    world.settings["connectToken"] = world.plex.token
    world.clear()
    seconds, happens = NEXT_EVENT[event]

    world.later(seconds)
    happens(world)
    [drain] = world.tasks()

    assert drain.error is None
    assert asks(world) == 1
    assert complaints(world) == []
    assert edits(world) == {item.ratingKey: 1 for item in items}
    assert_plex_shows_what_stash_says(world, items)
    assert world.queue() == (0, 0, 0)


def test_a_token_that_works_again_by_itself_needs_no_change_of_settings(world):
    items = shelf(world, 10)
    new_token(world)
    bulk(world, list(range(1, 11)), details="By the sea.")
    world.tasks()
    world.plex.token = world.settings["connectToken"]
    world.clear()

    world.later(61)
    world.operation("tick")
    [drain] = world.tasks()

    assert drain.output["synced"] == 10
    assert_plex_shows_what_stash_says(world, items)
    new_token(world)
    assert "connectToken" in world.save(1, details="At night.").text("warning"), "trouble that comes back is news"
