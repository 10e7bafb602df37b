"""Which scene is pushed when: what cannot be done now is in nobody's way, a scene that fails comes back
after the pauses that are promised, and a Plex that says when to come again is taken at its word."""

import time
from collections import Counter

import pytest

PAUSES = (30, 60, 120, 240, 480, 600, 600, 600, 600, 600, 600)      # between twelve attempts
BROKEN, AMBIGUOUS, MISSING = range(101, 113), range(201, 213), range(301, 313)


class Clock:
    """World.later() for what is timed closely: what the test itself takes does not count."""

    def __init__(self, world):
        self.world, self.begun = world, time.monotonic()

    def at(self, seconds):
        """It is so many seconds after the beginning."""
        self.world.later(seconds - (time.monotonic() - self.begun))


def detail(item):
    """The path under which Plex shows an item."""
    return f"/library/metadata/{item.ratingKey}"


def shelf(world, numbers):
    """Films that both have; returns the items."""
    return [world.film(n, f"Harbour Lights {n}", title=f"Harbour Lights {n}", details=f"Part {n}.") for n in numbers]


def queue(world, numbers):
    """One bulk edit of these scenes, whose task is still to run."""
    world.stash.library.bulk_update_scenes(numbers, {"rating100": 80})
    value = {"ids": [str(number) for number in numbers], "rating100": 80}
    [run] = world.stash.hook("Scene.Update.Post", numbers[0], value, ["ids", "rating100"])
    world.check(run)


def tick(world):
    """Somebody looks whether something is due; whether a drain was asked for, after it ran."""
    run = world.operation("tick")
    world.tasks()
    return run.output["asked"]


# --- what cannot be done now is in nobody's way -------------------------------------------------------


def much_that_cannot_be_done(world):
    """12 scenes of items that Plex cannot show, 12 with a file that may be another one, 12 that Plex does
    not have; and two films that both have. All are in the queue, and were queued before the films."""
    broken = shelf(world, BROKEN)
    for item in broken:
        item.fail_detail = 500
    for number in AMBIGUOUS:
        world.films.add_item(file=f"/data/films/old/Night Ferry {number}.mp4", size=1)
        world.stash.library.add_scene(f"/data/films/Night Ferry {number}.mp4", number=number, size=2,
                                      title="Night Ferry")
    for number in MISSING:
        world.stash.library.add_scene(f"/data/films/Low Tide {number}.mp4", number=number, size=3, title="Low Tide")
    films = shelf(world, (1, 2))
    world.index()
    world.stash.hold_jobs = True
    queue(world, [*BROKEN, *AMBIGUOUS, *MISSING])
    world.clear()
    return broken, films


def test_what_fails_first_does_not_keep_the_rest_of_a_drain_from_its_turn(world):
    _, films = much_that_cannot_be_done(world)
    queue(world, [1, 2])

    world.stash.hold_jobs = False
    [drain] = world.tasks()

    assert [drain.output[what] for what in ("synced", "waiting", "failed", "retried")] == [2, 12, 12, 12]
    assert [film.summary for film in films] == ["Part 1.", "Part 2."]
    assert world.plex.counts()["GET /library/sections"] == 1
    status = world.status()
    assert (status["queue"]["ready"], status["queue"]["due"]) == (12, 0)
    assert status["plex"]["breaker"] == "closed"


def test_a_scene_that_is_due_meets_nothing_of_what_is_not(world):
    broken, films = much_that_cannot_be_done(world)
    world.stash.hold_jobs = False
    world.tasks()
    world.clear()

    queue(world, [1, 2])
    [drain] = world.tasks()

    assert drain.output["synced"] == 2
    assert drain.operations == [["configuration"], ["configuration", "findScene", "findScene"]]
    seen = {request.path for request in world.plex.requests if request.method == "GET"}
    both = ",".join(str(item.ratingKey) for item in films)
    assert seen == {"/library/sections", f"/library/sections/{world.films.id}/all", f"/library/metadata/{both}"}
    assert broken
    assert world.queue() == (12, 12, 12)


def test_nor_does_a_save(world):
    _, films = much_that_cannot_be_done(world)
    world.stash.hold_jobs = False
    world.tasks()
    world.clear()

    run = world.save(1, details="By the sea.")

    assert run.output["result"] == "synced"
    assert films[0].summary == "By the sea."
    assert world.request_count() == (1, 3)
    assert world.tasks() == []


# --- the pauses of a scene that fails -----------------------------------------------------------------


def tried(world, items):
    """The numbers of the items (from 1) that were read alone since the last look, as it is where all of them failed."""
    counts = world.plex.counts()
    world.clear()
    return [number for number, item in enumerate(items, 1) if counts[f"GET {detail(item)}"]]


def failing(world, count=16):
    """So many scenes of items that Plex cannot show, tried once."""
    items = shelf(world, range(1, count + 1))
    for item in items:
        item.fail_detail = 500
    world.index()
    queue(world, list(range(1, count + 1)))
    world.tasks()
    assert tried(world, items) == list(range(1, count + 1))
    return items


def test_twelve_attempts_after_the_pauses_that_are_promised(world):
    items, everybody, clock = failing(world, 4), list(range(1, 5)), Clock(world)
    at = 0

    for pause in PAUSES:
        assert world.queue() == (4, 0, 0)
        clock.at(at + pause - 3)
        assert not tick(world), f"before {pause} s are over"
        assert world.request_count() == (0, 0)
        at += pause * 6 // 5 + 2                # for a slow start of the drain before
        clock.at(at)
        assert tick(world), f"after {pause} s and a fifth"
        assert tried(world, items) == everybody

    failed = world.status()["failed"]
    assert [(job["scene_id"], job["attempts"]) for job in failed] == \
        sorted([(str(number), 12) for number in everybody], key=lambda job: int(job[0]))
    world.later(at + 60000)
    assert not tick(world)
    assert world.queue() == (0, 0, 4)


def test_scenes_that_failed_together_come_back_one_after_the_other(world):
    items, clock = failing(world), Clock(world)
    at = 0
    for pause in PAUSES[:5]:
        at += pause * 6 // 5 + 2
        clock.at(at)
        assert tick(world)
    world.clear()

    turns = []
    for step in range(17):                      # a fifth of ten minutes, in sixteen steps of 7.5 seconds
        clock.at(at + 600 + 7.5 * step - 3)
        tick(world)
        turns.append(tried(world, items))

    assert turns[0] == []
    assert sorted(number for turn in turns for number in turn) == list(range(1, 17))
    assert max(map(len, turns)) == 1


def test_a_scene_that_failed_before_has_the_pauses_of_a_new_one_after_an_edit(world):
    items = failing(world)
    for turn in range(1, 6):
        world.later(800 * turn)
        assert tick(world)
    world.clear()

    clock = Clock(world)                        # the others have a pause of ten minutes and more
    clock.at(4100)
    queue(world, [7])
    world.tasks()
    assert tried(world, items) == [7]
    clock.at(4100 + 27)
    assert not tick(world)
    clock.at(4100 + 38)
    assert tick(world)

    assert tried(world, items) == [7]


# --- when Plex says when ------------------------------------------------------------------------------


@pytest.mark.parametrize("status, asked, pause", [(429, "200", 200), (503, "90000", 3600)])
def test_retry_after_counts_instead_of_the_pause_also_in_a_drain(world, status, asked, pause):
    items = shelf(world, (1, 2, 3))
    world.index()
    world.plex.fault(("GET", "/library/metadata/.*"), "status", times=2, status=status, headers={"Retry-After": asked})
    queue(world, [1, 2, 3])
    world.tasks()
    assert world.queue() == (3, 0, 0)

    at, written = 0, Counter()
    for _ in range(2):                          # the second answer says so again
        world.clear()
        world.later(at + pause - 3)
        assert not tick(world)
        assert world.request_count() == (0, 0)
        at += pause + 3
        world.later(at)
        assert tick(world)
        written.update(request.arg("id") for request in world.plex.writes)

    assert [item.summary for item in items] == ["Part 1.", "Part 2.", "Part 3."]
    assert written == {item.ratingKey: 1 for item in items}


def test_a_pause_without_a_word_of_plex_goes_on_where_the_last_one_was(world):
    items = shelf(world, (1,))
    world.index()
    gone = world.plex.fault(lambda request: True, "status", status=503, times=None)
    queue(world, [1])
    world.tasks()
    waited = gone.hits                          # for two minutes, in vain
    for at in (65, 190):
        world.later(at)
        assert tick(world)
    assert gone.hits == waited + 2
    world.plex.clear_faults()
    world.plex.fault(lambda request: True, "status", status=503, headers={"Retry-After": "5"})
    world.plex.fault(lambda request: True, "status", status=503)
    world.later(435)
    assert tick(world)                          # Plex asks for five seconds
    world.later(445)
    assert tick(world)                          # and is away again, for the sixth time
    world.later(445 + 590)
    assert not tick(world)
    world.later(445 + 605)

    assert tick(world)
    assert items[0].summary == "Part 1."
