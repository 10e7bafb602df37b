"""The cover of a scene as poster and background: selected if Plex has it, uploaded if not, never
twice; a picture that a person chose stays; what fails is tried again without the text."""

import hashlib
import time

import pytest

from shelf import shelf
from tests.fake.server import Reply

JPEG = b"\xff\xd8\xff\xe0 harbour at night " + bytes(range(256)) * 40
OTHER = b"\xff\xd8\xff\xe0 harbour at noon " + bytes(range(256)) * 40


@pytest.fixture
def film(world):
    """Scene 45 and its item, indexed, with pictures on."""
    world.settings.update({"fieldNoPoster": False, "fieldNoBackground": False})
    item = world.film(45, "quay", title="quay")
    world.index()
    return item


def shown(item):
    """SHA-1 of poster and background as Plex shows them."""
    return [item.selected(element).ratingKey.rsplit("/", 1)[-1] if item.selected(element) else None
            for element in ("thumb", "art")]


def sha1(data):
    """What Plex calls these bytes."""
    return hashlib.sha1(data).hexdigest()


def made(world, method):
    """Paths of the requests of a kind since clear()."""
    return [request.path.rsplit("/", 1)[-1] for request in world.plex.requests if request.method == method]


def pictures_of_stash(world):
    """Statuses of the covers that Stash was asked for."""
    return [request for request in world.stash.requests if request.path.endswith("/screenshot")]


# --- coming and going --------------------------------------------------------------------------------


def test_a_cover_becomes_poster_and_background_and_is_locked(world, film):
    run = world.save(45, title="Harbour Lights", cover=JPEG)

    assert run.output["fields"] == ["title", "poster", "background"]
    assert shown(film) == [sha1(JPEG)] * 2
    assert {"thumb", "art", "title"} <= film.locked
    assert made(world, "POST") == ["posters", "arts"]
    assert 'wrote title, poster, background' in run.text("info")


def test_unchanged_it_costs_one_question_to_stash_and_none_to_plex(world, film):
    world.save(45, title="Harbour Lights", cover=JPEG)
    world.clear()

    run = world.save(45, organized=True)

    assert run.output["result"] == "unchanged"
    assert world.plex.counts() == {f"GET /library/metadata/{film.ratingKey}": 1}
    [asked] = pictures_of_stash(world)
    assert asked.headers["If-None-Match"]
    assert len(world.stash.requests) - len(world.stash.graphql_operations) == 1


def test_the_same_bytes_are_selected_and_not_sent_again(world, film):
    world.save(45, cover=JPEG)
    world.save(45, cover=OTHER)
    world.clear()

    assert world.save(45, cover=JPEG).output["fields"] == ["poster", "background"]

    assert made(world, "POST") == []
    assert made(world, "PUT") == ["poster", "art", "all"]
    assert shown(film) == [sha1(JPEG)] * 2


def test_a_scene_without_a_cover_leaves_plex_its_own(world, film):
    before = shown(film)

    assert world.save(45, title="Harbour Lights").output["fields"] == ["title"]

    assert shown(film) == before
    assert made(world, "POST") == []


def test_a_cover_that_is_taken_back_leaves_plex_what_it_has(world, film):
    world.save(45, cover=JPEG)
    world.stash.library.get("scene", 45).cover = None

    assert world.save(45, organized=True).output["result"] == "unchanged"
    assert shown(film) == [sha1(JPEG)] * 2


@pytest.mark.parametrize("setting, fields, index", [
    ("fieldNoPoster", ["background"], 1), ("fieldNoBackground", ["poster"], 0)])
def test_each_can_be_left_out(world, film, setting, fields, index):
    world.settings[setting] = True

    assert world.save(45, cover=JPEG).output["fields"] == fields
    assert [name == sha1(JPEG) for name in shown(film)] == [index == 0, index == 1]


def test_with_both_left_out_stash_is_not_asked_for_a_cover(world, film):
    world.settings.update({"fieldNoPoster": True, "fieldNoBackground": True})

    world.save(45, title="Harbour Lights", cover=JPEG)

    assert pictures_of_stash(world) == []


# --- what a person chose -------------------------------------------------------------------------------


def choose(film, data=b"\xff\xd8\xff chosen by hand"):
    """A person uploads a poster in Plex."""
    film.upload("thumb", data)
    film.locked.add("thumb")
    return sha1(data)


def test_a_poster_that_a_person_chose_stays(world, film):
    chosen = choose(film)

    run = world.save(45, cover=JPEG)

    assert (run.output["fields"], run.output["kept"]) == (["background"], ["poster"])
    assert shown(film) == [chosen, sha1(JPEG)]
    world.clear()
    again = world.save(45, organized=True)
    assert again.output["kept"] == ["poster"]
    assert len(world.plex.requests) == 1, "it is not asked about again while the cover is the same"


def test_also_if_it_was_chosen_after_ours(world, film):
    world.save(45, cover=JPEG)
    chosen = choose(film)

    assert world.save(45, cover=OTHER).output["kept"] == ["poster"]
    assert shown(film) == [chosen, sha1(OTHER)]


def test_force_puts_ours_in_its_place(world, film):
    choose(film)
    world.save(45, cover=JPEG)

    assert world.sync(45, force=True)["fields"] == ["poster"]
    assert shown(film) == [sha1(JPEG)] * 2


ELEMENTS = {"poster": ("thumb", 0), "background": ("art", 1)}


def lose(film, element):
    """Plex shows its own again, and forgets the lock."""
    film.locked.discard(element)
    film.refresh()


@pytest.mark.parametrize("how", ["save", "sync-scene", "drain"])
@pytest.mark.parametrize("field", ELEMENTS)
def test_a_picture_that_plex_lost_with_its_lock_is_put_back(world, film, field, how):
    element, index = ELEMENTS[field]
    world.save(45, title="Harbour Lights", cover=JPEG)
    world.save(45, organized=True)
    lose(film, element)
    assert shown(film)[index] != sha1(JPEG)

    if how == "sync-scene":
        run = world.operation("sync-scene", scene_id="45")
    elif how == "save":
        run = world.save(45, organized=False)
    else:
        world.queue_only(45)
        run = world.drain()

    assert shown(film) == [sha1(JPEG)] * 2 and element in film.locked
    assert f"Plex had lost {field}," in run.text("info")
    world.clear()
    assert world.save(45).output["result"] == "unchanged" and len(world.plex.requests) == 1


def test_so_are_both_of_an_item_that_was_matched_anew_before_anybody_looked(world, film):
    world.save(45, title="Harbour Lights", cover=JPEG)
    film.locked.clear()
    film.refresh()

    run = world.save(45, organized=True)

    assert (film.title, shown(film)) == ("Harbour Lights", [sha1(JPEG)] * 2)
    assert "Plex had lost title, poster, background," in run.text("info")


@pytest.mark.parametrize("chosen", [False, True])
def test_a_lock_of_which_plex_never_says_is_not_missed(world, film, chosen):
    world.plex.never_locks |= {"thumb", "art"}
    world.plex.upload_locks = False
    world.save(45, title="Harbour Lights", cover=JPEG)
    film.upload("thumb", OTHER if chosen else JPEG)
    world.clear()

    for organized in (True, False):
        assert world.save(45, organized=organized).output["result"] == "unchanged"

    assert shown(film) == [sha1(OTHER if chosen else JPEG), sha1(JPEG)] and len(world.plex.requests) == 2


def test_a_picture_of_ours_that_is_unlocked_is_asked_for_once(world, film):
    world.save(45, title="Harbour Lights", cover=JPEG)
    world.save(45, organized=True)
    film.locked.discard("thumb")
    world.save(45, organized=False)
    world.clear()

    assert world.save(45, organized=True).output["result"] == "unchanged"

    assert len(world.plex.requests) == 1


def test_a_picture_of_an_agent_that_nobody_chose_is_replaced(world, film):
    assert "thumb" not in film.locked

    world.save(45, cover=JPEG)

    assert shown(film)[0] == sha1(JPEG)


# --- what is not a picture for Plex --------------------------------------------------------------------

NOT_PICTURES = [
    (b"GIF89a" + bytes(40), "a GIF"), (b"GIF87a" + bytes(40), "a GIF"),
    (b"\0\0\0\x20ftypavif" + bytes(40), "an AVIF picture"), (b"\0\0\0\x20ftypheic" + bytes(40), "an HEIC picture"),
    (b"\0\0\0\x20ftypisom" + bytes(40), "a video"), (b"BM" + bytes(40), "a BMP picture"),
    (b"<!DOCTYPE html><html>Sign in</html>", "an HTML page"), (b"\xef\xbb\xbf\n <HTML>Sign in", "an HTML page"),
    (b'{"error":"busy"}', "a JSON document"), (b"<?xml version='1.0'?><Error/>", "an XML document"),
    (b"not found", "of an unknown kind (it begins with 6e 6f 74 20 66 6f 75 6e)"), (b"\xff\xd8", "of an unknown kind")]


def served(world, data, content_type="image/jpeg"):
    """From now on these bytes are what Stash serves as a cover, whatever it says they are."""
    inner = world.stash.handle

    def handle(request):
        if not request.path.endswith("/screenshot"):
            return inner(request)
        etag = f'"{sha1(data)}"'
        if request.headers.get("If-None-Match") == etag:
            return Reply(304, {"ETag": etag})
        return Reply(200, {"ETag": etag, "Content-Type": content_type}, data)
    world.stash.handle = handle


@pytest.mark.parametrize("data, kind", [*NOT_PICTURES, (b"", "empty")], ids=lambda value: repr(value)[:24])
def test_what_is_not_a_picture_for_plex_is_told_once_and_stays_away(world, film, data, kind):
    world.save(45, title="Harbour Lights", cover=JPEG)
    served(world, data)
    world.clear()

    run = world.save(45, details="By the sea.")

    assert (run.output["fields"], run.output["kept"]) == (["summary"], ["poster", "background"])
    assert run.text("warning").count(f"the cover in Stash is {kind}") == 1
    assert shown(film) == [sha1(JPEG)] * 2
    assert made(world, "POST") == [] and made(world, "PUT") == ["all"]
    for again in (world.save(45, details="At night."), world.save(45)):
        assert again.text("warning") == "" and again.error is None
    assert world.queue() == (0, 0, 0)
    del world.stash.handle
    world.save(45, cover=OTHER)
    assert shown(film) == [sha1(OTHER)] * 2, "the next cover goes"


@pytest.mark.parametrize("how", ["first", "force", "dry_run", "only background", "task"])
def test_nothing_of_it_reaches_plex_on_any_way(world, film, how):
    before = shown(film)
    world.settings["fieldNoPoster"] = how == "only background"
    world.stash.library.get("scene", 45).cover = b"GIF89a" + bytes(40)

    if how == "task":
        world.stash.run_task("Sync all scenes")
        world.tasks()
    else:
        world.sync(45, force=how == "force", dry_run=how == "dry_run")

    assert any("the cover in Stash is a GIF" in run.text("warning") for run in world.runs)
    assert shown(film) == before and not film.locked & {"thumb", "art"}
    assert made(world, "POST") == [] and made(world, "PUT") == []


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n" + bytes(40), b"RIFF\x24\0\0\0WEBPVP8 " + bytes(40),
                                  b"\xff\xd8\xff\xe1" + bytes(40)])
def test_a_jpeg_a_png_and_a_webp_go_whatever_stash_calls_them(world, film, data):
    served(world, data, "application/octet-stream")

    world.save(45, title="Harbour Lights")

    assert shown(film) == [sha1(data)] * 2


def test_an_item_that_comes_later_does_not_get_it_either(world, film):
    """The cover is known by then, so Stash sends its bytes only when they are asked for."""
    world.stash.library.get("scene", 45).cover = b"GIF89a" + bytes(40)
    world.save(45, title="Harbour Lights")
    world.films.remove_item(film)
    again = world.films.add_item(file="/data/films/quay.mp4", size=1_000_045, title="quay")
    before = shown(again)
    world.clock(61)
    world.save(45, organized=True)
    world.tasks()
    world.drain()

    assert again.title == "Harbour Lights"
    assert shown(again) == before
    assert made(world, "POST") == []


def test_explain_says_what_the_cover_is(world, film):
    world.stash.library.get("scene", 45).cover = b"GIF89a" + bytes(40)

    lines = world.operation("explain", scene_id="45").output["lines"]

    assert [line for line in lines if line.startswith("- poster:") and "the cover in Stash is a GIF" in line]


# --- trouble ---------------------------------------------------------------------------------------------


def test_a_failing_picture_leaves_the_text_written_and_is_tried_alone(world, film):
    film.fail_artwork = 500

    run = world.save(45, title="Harbour Lights", cover=JPEG)

    assert film.title == "Harbour Lights"
    assert "title written, but not all pictures: poster" in run.output["reason"]
    assert "HTTP 500" in run.text("warning")
    assert world.queue() == (1, 0, 0)
    film.fail_artwork = None
    world.clear()
    world.clock(2)
    drain = world.drain()
    assert drain.output["synced"] == 1
    assert shown(film) == [sha1(JPEG)] * 2
    assert made(world, "PUT") == ["all"], "only to lock the pictures"


ONE = {"poster": ("posters", "fieldNoPoster"), "background": ("arts", "fieldNoBackground")}


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("status", [400, 415, 422, 500])
@pytest.mark.parametrize("field", ONE)
def test_a_picture_that_plex_refuses_takes_no_other_with_it(world, film, field, status, together):
    name, setting = ONE[field]
    world.plex.fault(("POST", f"/library/metadata/.*/{name}"), "status", status=status, times=None)
    world.settings["hookQueueOnly"] = together
    if together:
        world.film(46, "pier", title="pier")
        world.index()
        world.save(46, title="Pier", cover=OTHER)

    run = world.save(45, title="Harbour Lights", cover=JPEG)
    drains = world.tasks()

    assert [shown(film)[index] == sha1(JPEG) for index in (0, 1)] == [field == "background", field == "poster"]
    assert {"thumb", "art"} & film.locked == {"art" if field == "poster" else "thumb"}
    reasons = [failed["reason"] for failed in world.status()["failed"]]
    assert len(reasons) == 1 + together and world.queue() == (0, 0, 1 + together)
    for said in ("".join(each.text("warning") for each in (run, *drains)), *reasons):
        assert f"Plex does not take {field} (HTTP {status}; setting {setting} leaves it out)" in said
    world.clear()
    world.save(45, details="By the sea.")
    world.tasks()
    assert film.summary == "By the sea." and made(world, "POST") == [], "not sent again while it is the same"
    [again] = [failed["reason"] for failed in world.status()["failed"] if failed["scene_id"] == "45"]
    assert f"{field} (as before; setting {setting} leaves it out)" in again
    world.plex.clear_faults()
    world.save(45, cover=OTHER)
    world.tasks()
    assert shown(film) == [sha1(OTHER)] * 2 and world.queue() == (0, 0, together)


@pytest.mark.parametrize("ask", ["retry-failed", "sync-scene", "force"])
def test_a_picture_that_was_refused_is_sent_again_when_a_person_asks(world, film, ask):
    world.plex.fault(("POST", "/library/metadata/.*/posters"), "status", status=422, times=None)
    run = world.save(45, title="Harbour Lights", cover=JPEG)
    assert (run.output["result"], run.output["refused"]) == ("synced", ["poster"])
    assert run.output["fields"] == ["title", "background"]
    world.plex.clear_faults()
    assert world.save(45, organized=True).output["result"] == "unchanged"
    [verdict] = {row["verdict"] for row in world.operation("explain", scene_id="45").output["fields"]
                 if row["field"] == "poster"}
    assert verdict == "refused"

    if ask == "retry-failed":
        world.operation("retry-failed")
        world.tasks()
    else:
        world.sync(45, force=ask == "force")

    assert shown(film) == [sha1(JPEG)] * 2
    assert world.queue() == (0, 0, 0) and world.status()["failed"] == []


def test_a_plex_that_fails_at_both_refused_neither(world, film):
    world.plex.fault(("POST", "/library/metadata/.*"), "status", status=500, times=None)
    world.save(45, title="Harbour Lights", cover=JPEG)
    assert (film.title, world.queue()) == ("Harbour Lights", (1, 0, 0))
    world.plex.clear_faults()

    world.clock(2)
    world.drain()

    assert shown(film) == [sha1(JPEG)] * 2 and world.queue() == (0, 0, 0)


def test_a_poster_that_plex_accepts_and_never_lists_is_sent_once(world, film):
    world.plex.fault(("POST", "/library/metadata/.*/posters"), "status", status=200, times=None)

    run = world.save(45, title="Harbour Lights", cover=JPEG)
    assert "Plex accepted the picture but does not list it" in run.output["reason"]
    assert (film.title, shown(film)[1]) == ("Harbour Lights", sha1(JPEG))
    for minute in range(1, 60, 7):
        world.clock(minute)
        world.drain()

    assert made(world, "POST") == ["posters", "arts"]
    [failed] = world.status()["failed"]
    assert "poster (it says yes, and changes nothing; setting fieldNoPoster leaves it out)" in failed["reason"]
    world.save(45, details="By the sea.")
    assert made(world, "POST") == ["posters", "arts"]


def test_a_poster_that_plex_lists_minutes_later_is_shown_then(world, film):
    world.plex.artwork_delay = 1.5
    world.queue_only(45)
    world.stash.library.set_cover(45, JPEG)
    world.drain()
    assert world.queue() == (1, 0, 0) and "thumb" not in film.locked
    time.sleep(1.5)

    world.clock(5)
    world.drain()

    assert shown(film) == [sha1(JPEG)] * 2 and {"thumb", "art"} <= film.locked
    assert sorted(made(world, "POST")) == ["arts", "posters"]
    assert world.queue() == (0, 0, 0)


def test_a_cover_that_is_too_large_for_plex_is_told_and_stops_nothing(world, film):
    huge = b"\xff\xd8\xff\xe0" + b"x" * (10 * 1024 * 1024)

    run = world.save(45, title="Harbour Lights", cover=huge)
    world.tasks()

    assert film.title == "Harbour Lights"
    assert made(world, "POST") == []
    assert world.queue() == (0, 0, 0)
    runs = [run, *world.runs]
    assert any("poster, background could not be written: it is larger" in run.text("warning") for run in runs)


def test_an_upload_that_shows_late_is_waited_for(world, film):
    world.plex.artwork_delay = 0.4
    world.settings["hookQueueOnly"] = True
    world.save(45, cover=JPEG)
    world.tasks()
    world.drain()

    assert shown(film) == [sha1(JPEG)] * 2
    assert world.queue() == (0, 0, 0)
    assert made(world, "POST") == ["posters", "arts"]


@pytest.mark.parametrize("selects, locks", [(True, True), (False, False), (True, False), (False, True)])
def test_whether_an_upload_selects_or_locks_does_not_matter(world, film, selects, locks):
    world.plex.upload_selects, world.plex.upload_locks = selects, locks

    world.save(45, cover=JPEG)

    assert shown(film) == [sha1(JPEG)] * 2
    assert {"thumb", "art"} <= film.locked


def test_stash_that_cannot_say_keeps_the_scene(world, film):
    world.stash.fault(("GET", "/scene/.*"), "status", status=500, times=1)

    run = world.save(45, title="Harbour Lights", cover=JPEG)

    assert film.title == "Harbour Lights"
    assert "cover: Stash answers HTTP 500" in run.output["reason"]
    world.drain()
    assert shown(film) == [sha1(JPEG)] * 2


# --- many at once --------------------------------------------------------------------------------------------

MANY = 60


def cover(number):
    """The cover of one of many scenes."""
    return b"\xff\xd8\xff\xe0 scene %d" % number


def synced(world, count=MANY, covers=cover, before=lambda item: None):
    """The first "Sync all scenes" of so many scenes with covers; their items and the run."""
    world.settings.update({"fieldNoPoster": False, "fieldNoBackground": False})
    items = shelf(world, count)
    for item in items:
        before(item)
    for number in range(1, count + 1):
        world.stash.library.set_cover(number, covers(number))
    world.clear()
    world.stash.run_task("Sync all scenes")
    [run] = world.tasks(timeout=120)
    return items, run


def test_a_first_sync_with_pictures_costs_at_most_six_requests_a_scene(world):
    items, run = synced(world)

    assert [shown(item) for item in items] == [[sha1(cover(n))] * 2 for n in range(1, MANY + 1)]
    assert all({"thumb", "art", "title"} <= item.locked for item in items)
    assert run.output["drain"]["synced"] == MANY
    assert sum(world.request_count()) <= 6 * MANY
    assert [made(world, "POST").count(name) for name in ("posters", "arts")] == [MANY, MANY]
    assert made(world, "GET").count("posters") <= MANY + 1, "what Plex shows, to put it back in an undo"
    assert made(world, "GET").count("arts") <= 1, "there is none, and the first upload shows how Plex takes it"
    assert run.progress == sorted(run.progress)
    world.clear()
    world.stash.run_task("Sync all scenes")
    world.tasks()
    assert world.plex.requests == []


def test_nor_where_plex_shows_both_pictures_before(world):
    items, _ = synced(world, before=lambda item: item.offer("art", "metadata://art/1", "metadata://art/2"))

    assert [shown(item) for item in items] == [[sha1(cover(n))] * 2 for n in range(1, MANY + 1)]
    assert all({"thumb", "art", "title"} <= item.locked for item in items)
    assert sum(world.request_count()) <= 6 * MANY
    assert made(world, "GET").count("arts") <= 1, "nobody chose it"


@pytest.mark.parametrize("selects, locks", [(False, False), (True, False), (False, True)])
def test_of_many_too_whether_an_upload_selects_or_locks_does_not_matter(world, selects, locks):
    world.plex.upload_selects, world.plex.upload_locks = selects, locks

    items, _ = synced(world, 5)

    assert [shown(item) for item in items] == [[sha1(cover(n))] * 2 for n in range(1, 6)]
    assert all({"thumb", "art"} <= item.locked for item in items)
    assert made(world, "POST").count("posters") == 5


def test_of_many_too_an_upload_that_shows_late_is_waited_for(world):
    world.plex.artwork_delay = 0.2

    items, run = synced(world, 5)

    assert [shown(item) for item in items] == [[sha1(cover(n))] * 2 for n in range(1, 6)]
    assert run.output["drain"]["synced"] == 5 and made(world, "POST").count("arts") == 5


def test_one_that_fails_and_one_that_a_person_chose_stop_no_other(world):
    world.settings.update({"fieldNoPoster": False, "fieldNoBackground": False})
    items = shelf(world, 6)
    items[2].fail_artwork = 500
    chosen = choose(items[4])
    for number in range(1, 7):
        world.stash.library.set_cover(number, cover(number))

    world.stash.run_task("Sync all scenes")
    [run] = world.tasks(timeout=60)

    assert [item.title for item in items] == [f"Harbour Lights {n}" for n in range(1, 7)]
    assert (run.output["drain"]["synced"], run.output["drain"]["retried"]) == (5, 1)
    assert [shown(items[n - 1]) for n in (1, 2, 4, 6)] == [[sha1(cover(n))] * 2 for n in (1, 2, 4, 6)]
    assert shown(items[4]) == [chosen, sha1(cover(5))]


def test_covers_of_a_batch_are_not_all_in_memory_at_once(world):
    size = 4 << 20
    items, run = synced(world, 12, lambda number: cover(number) + bytes(size))

    assert [shown(item)[0] for item in items] == [sha1(cover(n) + bytes(size)) for n in range(1, 13)]
    assert run.output["drain"]["synced"] == 12
    asked = [request.at for request in pictures_of_stash(world)]
    sent = [request.at for request in world.plex.requests if request.method == "POST"]
    ahead = [sum(at < first for at in asked) - n for n, first in enumerate(sorted(sent)[::2])]
    assert max(ahead) <= 4, "four of 4 MB"


# --- elsewhere ---------------------------------------------------------------------------------------------


def test_a_dry_run_says_so_and_uploads_nothing(world, film):
    world.stash.library.get("scene", 45).cover = JPEG

    output = world.sync(45, dry_run=True)

    assert output["fields"] == ["poster", "background"]
    assert made(world, "POST") == [] and made(world, "PUT") == []


def test_a_sweep_finds_a_cover_that_was_generated(world, film):
    world.save(45, title="Harbour Lights", cover=JPEG)
    world.stash.run_task("Sync all scenes")
    assert world.tasks()[0].output["same"] == 1
    scene = world.stash.library.get("scene", 45)
    scene.cover, scene.updated_at = OTHER, "2030-01-01T00:00:00Z"

    world.stash.run_task("Sync all scenes")

    assert world.tasks()[0].output["queued"] == 1
    assert shown(film) == [sha1(OTHER)] * 2


def test_an_item_that_came_back_gets_the_picture_too(world, film):
    world.save(45, title="Harbour Lights", cover=JPEG)
    world.films.remove_item(film)
    again = world.films.add_item(file="/data/films/quay.mp4", size=1_000_045, title="quay")
    world.clock(61)
    world.save(45, organized=True)
    world.tasks()
    world.drain()

    assert shown(again) == [sha1(JPEG)] * 2
