"""Every trouble that Stash can have, at every request of a sync: what the user is told, what the
queue holds, and when it is tried again. Then the trouble ends, and the scene is written.

The columns are the requests: for the scene, for the settings alone (a drain that has to read Plex's
libraries first), for a task "Process queue", for a look whether one is there. What follows, in capitals as the
whole story, with what is not asked meanwhile and what a second attempt does:

  kept     told; the scene stays due, nothing of Plex's is blamed or asked for, the next event tries again
  slow     Save stops waiting and leaves the scene to the drain, which is told and keeps it
  absent   kept, and the user hears too that no drain could be asked for
  later    Stash says no to this question: an attempt is counted, and the scene comes back after a pause
  setup    what should be the settings is none: told once, and tried a minute later
  warned   the user is warned, the scene stays queued, the next event asks again
  started  the user is warned, but Stash did start the task, and it does the work
  anyway   not knowing better, a task is asked for

A dot: it cannot happen there, or is handled as at a request beside it, or as the trouble above.
"""

import pytest

pytest.register_assert_rewrite("tests.e2e.faults")

# pylint: disable=wrong-import-position
from tests.e2e.faults import Case, Silence, cells, hurried, kind_of    # noqa: E402

TABLE = """
trouble           scene   settings  asking   looking
refused           absent  .         warned   .
silence           absent  .         .        .
reset             kept    .         warned   anyway
reset midway      .       .         started  .
no answer         slow    kept      warned   anyway
answer too late   .       .         started  .
log-in page       kept    .         .        .
401               kept    kept      .        .
429 Retry-After   kept    .         .        .
500               kept    kept      warned   anyway
HTML              kept    .         .        .
nothing           kept    .         .        .
cut               .       .         started  .
no end            later   kept      .        .
null              later   .         .        .
locked            LATER   kept      warned   anyway
unknown field     kept    .         .        .
odd scene         later   .         .        .
no settings       SETUP   setup     .        .
odd settings      setup   .         .        .
"""

BODIES = {
    "null": "null",
    "locked": '{"errors":[{"message":"database is locked"}],"data":null}',
    "odd scene": '{"data":{"configuration":7,"findScene":"x"}}',
    "no settings": '{"errors":"x","data":{}}',
    "odd settings": '{"data":{"configuration":{"plugins":{"plexsync":[1]}}}}',
    "unknown field": (422, '{"errors":[{"message":"Cannot query field \\"title\\""}],"data":null}'),
}
REACHED = ["Stash: http://127.0.0.1:"]
TIME = ["no answer within"]
REFUSED = "Stash refuses the session (HTTP {}); it may have expired"
NO_JSON = ["Stash's answer (HTTP 200)", "not JSON"]
NO_DATA = ["Stash says: (an answer without data)"]
WORDS = {       # what the user is told; for other names it is the status
    "refused": REACHED, "reset": REACHED, "reset midway": REACHED,
    "silence": TIME, "no answer": TIME, "answer too late": TIME,
    "log-in page": [REFUSED.format(302)], "401": [REFUSED.format(401)],
    "HTML": NO_JSON, "cut": NO_JSON, "nothing": ["Stash's answer (HTTP 200)", "empty"],
    "no end": ["longer than 16777216 bytes"], "null": NO_DATA,
    "locked": ["Stash says: database is locked"], "odd scene": ["Stash's answer contains no scene"],
    "unknown field": ["Stash says: Cannot query field"], "no settings": ["setting connectUrl is empty"],
    "odd settings": ["the plugin's settings are not a map"],
}
ASKED = "Stash could not be asked to run the task \"Process queue\": "


class StashCase(Case):
    """The trouble is Stash's, at one kind of request."""

    def __init__(self, world, trouble, place):
        super().__init__(world, trouble, WORDS.get(trouble, [f"Stash answers HTTP {trouble[:3]}"]), place == "scene")
        self.place = place
        self.port = world.stash.port
        self.silence = None
        if place != "settings":
            world.index()
        world.clear()

    def begins(self):
        """From now on there is trouble."""
        stash = self.world.stash
        if self.trouble == "refused":
            stash.port = 1      # what plugins are told: nobody listens there
        elif self.trouble == "silence":
            self.silence = Silence()
            stash.port = self.silence.port
        else:
            kind, options = kind_of(self.trouble, BODIES)
            stash.fault(self.is_here, kind, times=None, **options)

    def ends(self):
        """From now on everything works."""
        self.world.stash.clear_faults()
        self.world.stash.port = self.port
        if self.silence:
            self.silence.close()

    def is_here(self, request):
        """Whether it is the request of the column."""
        word = {"scene": b"findScene", "settings": b"query PlexSync{configuration", "asking": b"runPluginTask",
                "looking": b"jobQueue"}[self.place]
        return word in request.body

    def event(self):
        """A scan found that the scene changed: it is only queued. The run of the hook."""
        self.world.stash.library.update_scene(45, {"title": "Harbour Lights", "tag_ids": [self.boats()]})
        with hurried(self.world, 4 if self.takes_time else 1):
            [run] = self.world.stash.hook("Scene.Create.Post", 45)
        self.world.check(run)
        assert (run.output["result"], run.error) == ("queued", None)
        return run

    def boats(self):
        """The tag's id."""
        return self.world.stash.library.ensure("tag", "Boats").id

    def asks_nothing_of_plex(self):
        """Plex got no request, and counts as well."""
        assert self.world.plex.requests == []


# --- what follows ---------------------------------------------------------------------------------------


def kept(case):
    """Nobody waits for anything: whatever comes next tries again."""
    hook, drain = case.save()
    if case.place == "settings":
        assert hook.output["result"] == "queued"
    else:
        case.is_told_to_be_kept(hook)
    case.is_told_to_be_kept(drain)
    case.keeps()
    case.asks_nothing_of_plex()
    case.ends()
    case.after(0)
    case.is_written()


def slow(case):
    """Our own time ran out: only the drain, which has more of it, says that Stash does not answer."""
    hook, drain = case.save()
    case.is_silent(hook)
    assert hook.output["result"] == "queued" and "no answer within" in hook.output["reason"]
    case.is_told_to_be_kept(drain)
    case.keeps()
    case.asks_nothing_of_plex()
    case.ends()
    case.after(0)
    case.is_written()


def absent(case):
    """A hook's Stash that is not there: it was started by it, and cannot reach it."""
    [hook] = case.save()
    [line] = hook.text("warning").splitlines()
    assert "Stash: http://127.0.0.1:" in line and hook.output["result"] == "queued"
    assert (ASKED if case.takes_time else "(the scene stays queued)") in line
    case.world.stash.run_task("Process queue")
    [drain] = case.drains()
    case.is_told_to_be_kept(drain)
    case.keeps()
    case.asks_nothing_of_plex()
    case.ends()
    case.after(0)
    case.is_written()


def later(case):
    """Nothing is asked before the pause is over, and the next one is twice as long."""
    [hook] = case.save()
    case.is_told_to_be_kept(hook)
    case.keeps(attempts=1)
    if case.whole:
        case.rests(30)
        [drain] = case.after(36)
        case.is_told(drain, "Tried again later: scene 45: ")
        case.keeps(attempts=2)
        case.rests(60)
    case.ends()
    case.after(72)
    case.is_written()


def setup(case):
    """Told once; a drain comes once a minute."""
    *_, run = case.save()
    case.is_told_to_be_kept(run)
    case.keeps()
    if case.whole:
        case.nothing_before(60)
        [drain] = case.after(61)
        case.is_silent(drain)
        assert case.words[0] in drain.output["stopped"]
        case.nothing_before(60)
    case.asks_nothing_of_plex()
    case.ends()
    case.after(61)
    case.is_written()


def warned(case):
    """Every event asks until one is heard; it is told once that nobody heard it."""
    case.world.stash.hold_jobs = True
    case.is_told(case.event(), ASKED, "the scenes stay queued")
    for _ in range(2):
        case.is_silent(case.event())
        assert case.world.stash.jobs.queued() == []
        case.keeps()
    case.asks_nothing_of_plex()
    case.ends()
    case.after(0)
    case.is_written()


def started(case):
    """Only the answer was lost."""
    case.world.stash.hold_jobs = True
    case.is_told(case.event(), ASKED)
    case.keeps()
    [drain] = case.drains()
    assert drain.output["synced"] == 1
    case.is_written()


def anyway(case):
    """A task was asked for a minute ago; whether it is still there is not known: better twice than never."""
    case.world.stash.hold_jobs = True
    case.event()
    case.world.later(61)
    run = case.event()
    case.is_silent(run)
    assert len(case.world.stash.jobs.queued()) == 2
    assert sum(drain.output["synced"] for drain in case.drains()) == 1
    case.is_written()


# --- all of it ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble, place, consequence", [
    pytest.param(*cell, id=" - ".join(cell)) for cell in cells(TABLE)])
def test_trouble_with_stash(world, trouble, place, consequence):
    case = StashCase(world, trouble, place)
    case.begins()
    case.follows(consequence, globals())
