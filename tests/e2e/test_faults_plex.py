"""Every trouble that Plex can have, at every request of a sync: what the user is told, what the
queue holds, and when it is tried again. Then the trouble ends, and the scene is written.

A line of the table is a trouble, a column the request that meets it, and the word where they cross
says what follows; there is a function of that name below for each. In capitals it is the whole story: who is not
disturbed, what is not asked meanwhile, what a second attempt does. Else only that it is told, kept, and made good.

  down      Plex is down or busy: the breaker opens, the scene keeps its attempts, a probe comes after a pause
  asked     the same, and the pause is the one that Plex asked for
  slow      Save stops waiting and leaves the scene to the drain; for the drain Plex is down
  unheard   the edit arrived and its answer did not: the next drain finds that nothing is left to do
  setup     a setting is wrong: told once, with its name; everything is kept, and tried a minute later
  later     only this scene is tried again, after a pause that doubles
  failed    only this scene fails, at once and with the reason, until it is retried
  denied    Plex takes none of the fields: each is named, and not sent again until it is retried
  gone      Plex seems to have lost the item: the scene waits until the library was read again
  vanished  the item went while it was written: only this scene is tried again
  fine      it does not matter

A dot: it cannot happen there (no connection is made any more), or is handled as at a request beside it, or as
the trouble above. Every request meets one trouble (500), every trouble one request; beyond that a cell is here if
it is handled in another place or in another way.
"""

import pytest

pytest.register_assert_rewrite("tests.e2e.faults")

# pylint: disable=wrong-import-position
from tests.e2e.faults import NOBODY, Case, Silence, cells, kind_of    # noqa: E402

TABLE = """
trouble           sections  identity  count   listing  detail  edit     read-back
refused           down      .         .       .        .       down     .
silence           .         .         .       .        slow    .        .
no such host      .         .         .       .        down    .        .
reset             DOWN      .         .       .        later   LATER    later
reset midway      .         .         .       .        .       unheard  .
reset too late    .         .         .       .        .       unheard  .
no answer         down      .         .       .        slow    slow     slow
answer too late   .         .         .       .        .       unheard  .
drip of the body  .         .         .       .        slow    .        .
401 from then on  setup     .         .       .        SETUP   setup    setup
401 here          .         .         .       .        failed  FAILED   failed
403 here          .         .         .       .        .       failed   .
404               setup     .         .       .        gone    denied   vanished
400               .         .         .       .        failed  denied   .
429               .         .         .       .        down    .        .
429 Retry-After   asked     .         .       .        ASKED   .        .
500               down      down      down    down     LATER   later    later
502               .         .         .       .        down    .        .
504               .         .         .       .        down    .        .
maintenance       .         .         .       .        .       DOWN     down
HTML              setup     .         .       .        later   fine     .
nothing           .         .         .       .        later   .        .
noise             .         .         .       .        later   .        .
cut               .         .         .       down     later   .        .
no end            down      .         .       .        later   later    .
302               setup     .         .       .        later   later    .
list              .         .         .       .        later   .        .
expired           .         .         .       .        setup   .        .
unknown issuer    setup     .         .       .        .       .        .
"""

BODIES = {"list": '{"MediaContainer":[]}'}
REACHED = ["Plex: http://127.0.0.1:"]
TIME = ["no answer within"]
NOT_PLEX = ["not Plex's", "setting connectUrl"]
CERTIFICATE = ["certificate cannot be verified", "tlsCaFile", "tlsSkipVerify"]
WORDS = {       # what the user is told; for other names it is the status
    "refused": REACHED, "reset": REACHED, "reset midway": REACHED, "reset too late": REACHED,
    "no such host": ["Plex: ", "resolve", ".invalid"],
    "silence": TIME, "no answer": TIME, "answer too late": TIME, "drip of the body": TIME,
    "401 from then on": ["HTTP 401", "setting connectToken"],
    "maintenance": ["HTTP 503", "busy or starting"], "HTML": [*NOT_PLEX, "text/html"], "nothing": [*NOT_PLEX, "empty"],
    "noise": NOT_PLEX, "cut": ["cannot be read", "not JSON"], **dict.fromkeys(BODIES, NOT_PLEX), "no end": ["longer than 16777216 bytes"],
    "302": ["HTTP 302", "setting connectUrl"], "expired": [*CERTIFICATE, "expired"], "unknown issuer": CERTIFICATE,
}
ITEM = ("detail", "edit", "read-back")      # what Save asks for too; for the rest it has no time


def words_of(trouble, place):
    """What the user is told."""
    if not trouble.endswith("here"):
        return WORDS.get(trouble, [f"HTTP {trouble[:3]}"])
    setting = [] if place in ITEM else ["setting connectToken"]
    return [f"HTTP {trouble[:3]}", *(["title", "tags", "fieldNo"] if place == "edit" else setting)]


class PlexCase(Case):
    """The trouble is Plex's, at one kind of request."""

    def __init__(self, world, trouble, place):
        super().__init__(world, trouble, words_of(trouble, place), place in ITEM)
        self.place = place
        self.silence = None
        self.edits = 0          # that were sent for the item
        self.met = False        # the request that meets the trouble came
        if world.plex.tls:
            world.settings["tlsCaFile"] = world.plex.certfile
        if place in ITEM:
            world.index()

    def begins(self):
        """From now on there is trouble."""
        plex, settings = self.world.plex, self.world.settings
        if self.trouble == "expired":
            self.restart(self.trouble)
        elif self.trouble == "unknown issuer":
            del settings["tlsCaFile"]
        elif self.trouble == "no such host":
            settings["connectUrl"] = NOBODY
        elif self.trouble == "silence":
            plex.stop()
            self.silence = Silence(plex.port)
        elif self.trouble == "refused" and self.place in ("sections", "detail"):
            plex.stop()         # these come first: there is no connection yet
        elif self.trouble == "refused":
            plex.fault(self.meets, "off")
        else:
            kind, options = kind_of(self.trouble, BODIES)
            apply = kind in ("html200", "empty", "garbage") or self.trouble in BODIES
            plex.fault(self.meets, kind, times=None, apply=apply, **options)

    def ends(self):
        """From now on everything works."""
        plex, settings = self.world.plex, self.world.settings
        plex.clear_faults()
        settings["connectUrl"] = plex.url
        if self.silence:
            self.silence.close()
        if plex.tls:
            settings["tlsCaFile"] = plex.certfile
        if plex.tls or self.trouble in ("refused", "silence"):
            self.restart("good")

    def restart(self, certificate):
        """Plex ends, and begins with another certificate."""
        self.world.plex.stop()
        self.world.plex.certificate = certificate
        self.world.plex.start()

    def meets(self, request):
        """Whether the request meets the trouble."""
        here = self.is_here(request)
        self.met |= here
        return here or (self.met and self.trouble.endswith("from then on"))

    def is_here(self, request):
        """Whether it is the request of the column; what is asked of an item, of this item."""
        key = str(self.item.ratingKey)
        if request.method == "PUT":
            self.edits += request.arg("id") == key
            self.met |= request.arg("id") == key and self.place == "read-back"
            return request.arg("id") == key and self.place == "edit"
        of_item = request.path == f"/library/metadata/{key}"
        return {"sections": request.path == "/library/sections",
                "identity": request.path == "/identity",
                "count": request.arg("X-Plex-Container-Size") == "0",
                "listing": request.path.endswith("/all") and request.arg("X-Plex-Container-Size") != "0",
                "detail": of_item,
                "edit": False,
                "read-back": of_item and self.met}[self.place]

    def meet(self):
        """Save meets the trouble; where that asks for no such thing, its drain does. That run; what the
        save has asked for after it says nothing more."""
        hook, *drains = self.save()
        assert hook.error or hook.output["result"] == "queued" or hook.output["refused"]
        if self.place not in ITEM:
            return drains[0]
        for drain in drains:
            self.is_silent(drain)
        return hook


# --- what follows ---------------------------------------------------------------------------------------


def down(case, pause=60, growth=2):
    """What is due stays due, so no attempt is counted; while the breaker is open nobody asks, but for the one
    drain that waits in vain."""
    case.is_told_to_be_kept(case.meet())
    case.keeps("open")
    if case.whole:
        case.nothing_before(pause)
        if case.place in ITEM:
            [drain] = case.after(pause + 1)
            case.is_silent(drain)
            case.keeps("open")
            pause *= growth
    case.ends()
    case.after(pause + 1)
    case.is_written()


def asked(case):
    """Plex said for how long."""
    down(case, pause=120, growth=1)


def slow(case):
    """Our own time ran out: nobody is to blame, and the drain that Save asks for has more of it."""
    hook, drain = case.save()
    case.is_silent(hook)
    assert hook.output["result"] == "queued" and "no answer within" in hook.output["reason"]
    case.is_told_to_be_kept(drain)
    case.keeps("open")
    case.nothing_before(60)
    case.ends()
    case.after(61)
    case.is_written()


def unheard(case):
    """What Plex holds decides, not what was heard of it: nothing is written twice."""
    hook, *drains = case.save()
    sent = case.edits           # libcurl repeats what met a connection that was closed
    if case.takes_time:
        case.is_silent(hook)
    else:
        case.is_told_to_be_kept(hook)
        case.keeps(attempts=1)
        case.rests(30)
        drains = case.after(36)
    assert [drain.output["unchanged"] for drain in drains] == [1]
    assert case.edits == sent > 0
    case.is_written()


def setup(case):
    """Told once; then hooks go on trying in silence, and a drain comes once a minute."""
    case.is_told_to_be_kept(case.meet())
    assert case.met or case.world.plex.requests == []     # nothing is said to a server that cannot prove who it is
    case.keeps()
    if case.whole:
        [again] = case.save()
        case.is_silent(again)
        assert again.output["result"] == "queued"
        case.nothing_before(60)
        [drain] = case.after(61)
        case.is_silent(drain)
        assert case.words[1] in drain.output["stopped"]
        case.keeps()
    case.ends()
    case.after(61)
    case.is_written()


def later(case):
    """An attempt is counted: the second pause is twice the first. Nobody else is touched."""
    hook = case.meet()
    case.is_told_to_be_kept(hook)
    assert hook.output["reason"].startswith("scene 45: ")
    case.keeps(attempts=1)
    if case.whole:
        case.stops_nobody()
        case.rests(30)
        [drain] = case.after(36)
        case.is_told(drain, "Tried again later: scene 45: ")
        case.keeps(attempts=2)
        case.rests(60)
    case.ends()
    case.after(72)
    case.is_written()


def failed(case):
    """The reason is told and listed; nothing is tried again until a person wants it."""
    hook = case.meet()
    case.is_told(hook, "scene 45: ")
    assert "queued" not in hook.error and "connectToken" not in hook.error
    [listed] = case.holds(failed=1)["failed"]
    assert (listed["scene_id"], listed["attempts"], listed["reason"]) == ("45", 1, hook.error)
    if case.whole:
        case.stops_nobody()
        case.rests(1800)
        case.world.stash.hold_jobs = True
        case.world.operation("retry-failed")
        [drain] = case.drains()
        case.is_told(drain, "Not written: scene 45: ")
        case.holds(failed=1)
    case.ends()
    case.world.operation("retry-failed")
    case.drains()
    case.is_written()


def denied(case):
    """The reason names each field and is listed; a person's retry sends them again."""
    hook = case.meet()
    case.is_told(hook, "Scene 45: Plex does not take title (", "fieldNoTitle", 'tags "Boats" (', "fieldNoTags")
    assert (hook.output["result"], hook.output["refused"]) == ("unchanged", ["title", "tags"])
    [listed] = case.holds(failed=1)["failed"]
    assert (listed["scene_id"], listed["reason"]) == ("45", hook.output["reason"])
    case.rests(1800)
    case.ends()
    [again] = case.save()
    assert again.output["refused"] == ["title", "tags"] and case.item.title != "Harbour Lights"
    case.world.operation("retry-failed")
    case.drains()
    case.is_written()


def gone(case):
    """Save looks once more and leaves it to the drain, which finds that Plex does not have the file."""
    hook, drain = case.save()
    case.is_silent(hook)
    case.is_silent(drain)
    assert (hook.output["result"], drain.output["waiting"]) == ("queued", 1)
    [waiting] = case.holds(waiting=1)["unmatched"]
    assert waiting["reason"] == "Plex does not have this file"
    case.stops_nobody()
    case.world.later(1800)
    case.is_silent(case.world.drain())
    case.holds(waiting=1)
    case.ends()
    case.world.later(3700)      # a library is read as a whole once an hour
    case.world.drain()
    case.is_written()


def vanished(case):
    """It was there when it was read, and was not when the edit was looked at."""
    case.words = ["scene 45: Plex item 1 vanished while it was written"]
    case.is_told_to_be_kept(case.meet())
    case.keeps(attempts=1)
    case.stops_nobody()
    case.rests(30)
    case.ends()
    case.after(36)
    case.is_written()


def fine(case):
    """The answer to an edit is judged by its status alone."""
    [hook] = case.save()
    case.is_silent(hook)
    assert (hook.output["result"], case.met) == ("synced", True)
    case.is_written()


# --- all of it ------------------------------------------------------------------------------------------


def row(trouble, place, consequence):
    """A cell as pytest wants it: what needs https has it."""
    options = {"plex_tls": True} if CERTIFICATE[0] in WORDS.get(trouble, []) else {}
    return pytest.param(options, trouble, place, consequence, id=f"{trouble} - {place} - {consequence}")


@pytest.mark.parametrize(
    "world, trouble, place, consequence", [row(*cell) for cell in cells(TABLE)], indirect=["world"])
def test_trouble_with_plex(world, trouble, place, consequence):
    case = PlexCase(world, trouble, place)
    case.begins()
    case.follows(consequence, globals())


@pytest.fixture
def pair(world):
    """Scene 45, whose file is in two libraries."""
    more = world.plex.add_library("More", ["/data/films"])
    items = (world.film(45, "quay"), more.add_item(file="/data/films/quay.mp4", size=1_000_045, title="quay"))
    world.index()
    return items


@pytest.mark.parametrize("trouble", ["fail_edit", "fail_detail", "fail_artwork"])
def test_an_item_that_fails_takes_not_the_other_of_its_scene_with_it(world, pair, trouble):
    world.settings["fieldNoPoster"] = False
    bad, good = pair
    setattr(bad, trouble, 500)
    world.save(45, title="Harbour", cover=b"\xff\xd8\xff\xe0 boats")
    for hour in range(1, 4):
        world.later(3600 * hour)
        world.tasks()
        world.drain()
    setattr(bad, trouble, None)

    assert good.title == "Harbour" and "thumb" in good.locked
