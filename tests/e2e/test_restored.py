"""Plex's database is put back to a backup: what was pushed since is pushed again, and a person's edits stay."""

import re
import shutil
import time

import pytest

from tests.e2e.test_artwork import JPEG, OTHER, sha1
from tests.e2e.test_index import full_passes

DAY = 24 * 3600


def day(world, number):
    """So many days have passed since the beginning, here and at Plex. What the day before asked for is done."""
    world.tasks()
    world.later(number * DAY)
    world.plex.now = int(time.time()) + number * DAY


def read(world):
    """The keys of the items whose details were read, once for each time."""
    return [int(key) for request in world.plex.requests if request.method == "GET"
            for key in (re.fullmatch(r"/library/metadata/([\d,]+)", request.path) or ["", ""])[1].split(",") if key]


def looked(runs):
    """What was said of it."""
    return [line for run in runs for line in run.text("info").splitlines() if "put back" in line]


@pytest.fixture
def house(world):
    """Films 1 to 4 were pushed on the first day. Plex's backup is of the fifth; by then film 2 was edited in Plex."""
    world.items = {number: world.film(number, f"film {number}") for number in range(1, 7)}
    day(world, 0)
    world.index()
    for number in range(1, 5):
        world.save(number, title=f"Harbour {number}", details="By the sea.", tags=["Boats"])
    day(world, 5)
    world.items[2].edit(studio="Northwind Pictures")
    world.films.scan()
    world.backup = world.plex.backup()
    return world


def push_more(world):
    """On the sixth day a title, names and a rating change, and a film is pushed for the first time."""
    day(world, 6)
    world.save(2, title="Pier 2")
    world.save(3, rating100=80, tags=["Boats", "Sea"])
    world.save(5, title="Harbour 5", studio="Lumen House", performers=["Ana Duarte"])
    world.films.scan()
    world.index()


def is_whole(world):
    """All that was pushed is there, and what a person edited before the backup."""
    items = world.items
    assert (items[2].title, items[2].studio, items[2].summary) == ("Pier 2", "Northwind Pictures", "By the sea.")
    assert (items[3].userRating, items[3].genres) == (8.0, ["Boats", "Sea"])
    assert (items[5].title, items[5].studio) == ("Harbour 5", "Lumen House")
    assert [actor.name for actor in items[5].actors] == ["Ana Duarte"]


def test_what_was_pushed_since_is_pushed_again(house):
    push_more(house)
    day(house, 7)
    house.backup.restore()
    assert (house.items[2].title, house.items[3].genres, house.items[5].studio) == ("Harbour 2", ["Boats"], None)
    house.clear()

    run = house.drain()

    is_whole(house)
    assert [line for line in looked([run]) if '"Films"' in line and " 3 scenes " in line and " since " in line]
    assert sorted(set(read(house))) == [house.items[number].id for number in (2, 3, 5)]
    assert full_passes(house) == 1
    assert house.queue() == (0, 0, 0)
    house.clear()
    assert looked([house.drain()]) == [] and house.plex.requests == []


@pytest.mark.parametrize("task", ["Sync all scenes", "Reconcile", "Rebuild library index", "a save", "a tick"])
def test_whoever_comes_first_sees_to_it(house, task):
    push_more(house)
    day(house, 7)
    house.backup.restore()

    if task == "a save":
        house.settings["hookQueueOnly"] = True
        house.save(6, title="Harbour 6")
    elif task == "a tick":
        assert house.operation("tick").output == {"asked": True}
    else:
        house.stash.run_task(task)
    house.tasks()

    is_whole(house)
    assert house.queue() == (0, 0, 0)


def test_a_database_of_two_libraries_is_told_once_and_all_of_it_is_whole(house):
    clips = house.plex.add_library("Clips", ["/data/clips"])
    items = [clips.add_item(file=f"/data/clips/clip {number}.mp4", size=number) for number in (77, 78)]
    for number in (77, 78):
        house.stash.library.add_scene(f"/data/clips/clip {number}.mp4", number=number, size=number)
    house.index()
    house.drain()    # else the day's first Save asks for one, which may take a scene from its hook
    for number in (77, 78):
        assert house.save(number, title=f"Clip {number}").output["result"] == "synced"
    house.backup = house.plex.backup()
    push_more(house)
    house.save(77, details="At night.")
    house.save(78, details="At night.")
    house.index()
    day(house, 7)
    house.backup.restore()
    items[1].edit(summary="By a person.")

    assert len(looked([house.drain()])) == 1

    is_whole(house)
    assert [item.summary for item in items] == ["At night.", "By a person."]


def test_so_is_what_plex_never_says_to_be_locked(house):
    house.plex.never_locks |= {"userRating", "genre"}
    house.save(2, rating100=40)
    house.save(4, rating100=40)
    house.films.scan()
    house.backup = house.plex.backup()
    day(house, 6)
    house.save(2, rating100=60)
    house.save(3, rating100=80, tags=["Boats", "Sea"])
    house.items[4].userRating = 9.0
    house.save(4, details="At night.")
    house.films.scan()
    house.index()
    day(house, 7)
    house.backup.restore()
    house.items[4].userRating = 9.0

    house.drain()

    assert [house.items[number].userRating for number in (2, 3, 4)] == [6.0, 8.0, 9.0]
    assert house.items[3].genres == ["Boats", "Sea"]


@pytest.mark.parametrize("folds", [False, True])
@pytest.mark.parametrize("ours, theirs, before, now", [
    ("tags", "genres", "Boats", "BOATS"), ("groups", "collections", "low tide", "Low Tide")])
def test_so_is_a_name_in_another_spelling(house, folds, ours, theirs, before, now):
    """One that Plex was seen to keep is not argued with again."""
    house.plex.folds_tag_case = folds
    house.save(3, **{ours: [before]})
    house.films.scan()
    house.backup = house.plex.backup()
    day(house, 6)
    house.save(3, **{ours: [now]})
    house.films.scan()
    house.index()
    day(house, 7)
    house.backup.restore()
    assert getattr(house.items[3], theirs) == [before]
    house.clear()

    house.drain()

    assert getattr(house.items[3], theirs) == [before if folds else now]
    assert bool(house.plex.writes) != folds


def test_what_a_person_edits_after_that_stays(house):
    push_more(house)
    day(house, 7)
    house.backup.restore()
    house.items[2].edit(title="Named in Plex")
    house.items[5].edit(studio="Northwind Pictures")

    run = house.drain()

    assert (house.items[2].title, house.items[5].studio) == ("Named in Plex", "Northwind Pictures")
    assert (house.items[3].genres, house.items[5].title) == (["Boats", "Sea"], "Harbour 5")
    assert re.search(r'Scene 3 ".*": Plex had lost (tags, rating|rating, tags),', run.text("info"))


def test_a_save_that_comes_before_it_is_noticed_hides_nothing(house):
    push_more(house)
    day(house, 7)
    house.backup.restore()

    run = house.save(2, details="At night.")    # the item itself is older than the last push left it
    assert (house.items[2].title, house.items[2].summary) == ("Pier 2", "At night.")
    assert run.output["kept"] == [] and "Plex had lost title," in run.text("info")
    house.drain()

    assert (house.items[2].title, house.items[2].summary) == ("Pier 2", "At night.")
    is_put_back = house.items[3].genres, house.items[5].title
    assert is_put_back == (["Boats", "Sea"], "Harbour 5")


def put_back(world, touched=False):
    """On the seventh day; 'touched': Plex did something to its items since, which tells no more how old they are."""
    world.films.scan()
    world.index()
    day(world, 7)
    world.backup.restore()
    for number in range(1, 7) if touched else ():
        world.items[number].changed()
    return world.drain()


@pytest.mark.parametrize("touched", [False, True])
def test_what_was_pushed_more_than_once_since(house, touched):
    day(house, 6)
    for title, tags, details in [("Pier 3", ["Boats", "Sea"], "At night."), ("Quay 3", ["Boats", "Sea", "Night"], ""),
                                 ("Jetty 3", ["Boats", "Night", "Fog"], "At noon.")]:
        house.save(3, title=title, tags=tags, details=details)

    put_back(house, touched)

    item = house.items[3]
    assert (item.title, sorted(item.genres), item.summary) == ("Jetty 3", ["Boats", "Fog", "Night"], "At noon.")
    house.clear()
    house.sync(3)
    assert house.plex.writes == []


@pytest.mark.parametrize("touched", [False, True])
def test_what_stash_dropped_since_goes_again(house, touched):
    house.settings["fieldNoStudioCollection"] = False
    house.items[3].edit(genres=["Boats", "By hand"])
    house.save(3, tags=["Boats", "Sea"], rating100=80, studio="Lumen House")
    house.films.scan()
    house.backup = house.plex.backup()
    day(house, 6)
    house.save(3, details="", tags=["Boats"], rating100=None, studio="Northwind Pictures")

    put_back(house, touched)

    item = house.items[3]
    assert item.summary in (None, "") and not item.userRating
    assert (sorted(item.genres), item.studio, item.collections) \
        == (["Boats", "By hand"], "Northwind Pictures", ["Northwind Pictures"])
    house.clear()
    house.sync(3)
    assert house.plex.writes == []


EDITS = {"as before all": dict(title="film 3"), "emptied": dict(summary=""), "no names": dict(genres=[]),
         "another": dict(title="Named in Plex")}


@pytest.mark.parametrize("restored", [False, True], ids=["a counter", "a backup"])
@pytest.mark.parametrize("edit", EDITS)
def test_what_a_person_was_seen_to_edit_stays(house, edit, restored):
    """Also what it was before we ever wrote; whether the database was put back, or a counter began anew."""
    house.items[3].edit(**EDITS[edit])
    assert house.save(3, rating100=60).output["kept"]
    seen = house.items[3].title, house.items[3].summary, list(house.items[3].genres)
    house.films.scan()
    house.index()
    house.backup = house.plex.backup()
    day(house, 6)
    house.save(3, rating100=80)
    if restored:
        put_back(house)
    else:
        house.index()
        day(house, 7)
        house.films.contentChangedAt = 3
        house.drain()

    assert (house.items[3].title, house.items[3].summary, house.items[3].genres) == seen
    assert house.items[3].userRating == 8.0


def test_what_was_unlocked_before_all_and_is_locked_is_a_persons(house):
    """Also if no push came by since."""
    house.items[3].edit(title="film 3", genres=[])
    house.index()
    day(house, 7)
    house.films.contentChangedAt = 3

    assert looked([house.drain()])

    assert (house.items[3].title, house.items[3].genres, house.items[3].summary) == ("film 3", [], "By the sea.")


def test_what_a_person_put_back_after_our_push_stays(house):
    day(house, 6)
    house.save(3, title="Pier 3")
    house.items[3].edit(title="Harbour 3")
    house.save(3, details="At night.")
    house.index()
    day(house, 7)
    house.films.contentChangedAt = 3

    assert looked([house.drain()])

    assert (house.items[3].title, house.items[3].summary) == ("Harbour 3", "At night.")


def test_a_list_that_somebody_added_to_since(house):
    day(house, 6)
    house.save(3, tags=["Boats", "Sea"], groups=["Pier"])
    house.films.scan()
    house.index()
    day(house, 7)
    house.backup.restore()
    house.items[3].edit(genres=["Boats", "By hand"], collections=["Top 100"])

    house.drain()

    assert sorted(house.items[3].genres) == ["Boats", "By hand", "Sea"]
    assert sorted(house.items[3].collections) == ["Pier", "Top 100"]


def test_a_list_that_is_changed_before_it_is_noticed(house):
    day(house, 6)
    house.save(3, tags=["Boats", "Sea"])
    house.films.scan()
    house.index()
    day(house, 7)
    house.backup.restore()
    house.save(3, tags=["Boats", "Sea", "Dusk"])
    house.drain()

    assert sorted(house.items[3].genres) == ["Boats", "Dusk", "Sea"]


def test_a_number_that_is_given_again_is_another_item(house):
    """What was added since the backup is lost, and found anew by a scan that numbers it otherwise."""
    day(house, 6)
    seven = house.film(7, "film 7")
    house.index()
    house.save(7, title="Pier 7", details="By the sea.", tags=["Drama"])
    house.films.scan()
    house.index()
    day(house, 7)
    house.backup.restore()
    eight = house.film(8, "film 8", item={"summary": "An agent's words.", "genres": ["Drama"]})
    assert eight.id == seven.id
    seven = house.films.add_item(file="/data/films/film 7.mp4", size=1_000_007, title="film 7")

    house.drain()
    house.save(8, title="Pier 8")
    house.tasks()
    house.stash.run_task("Reconcile")
    house.tasks()

    assert (eight.title, eight.summary, eight.genres) == ("Pier 8", "An agent's words.", ["Drama"])
    assert (seven.title, seven.summary, seven.genres) == ("Pier 7", "By the sea.", ["Drama"])


def test_a_save_that_is_queued_when_it_is_noticed_is_pushed_after(house):
    """Of the scene that the drain takes first nothing is left to Plex that Plex lost."""
    push_more(house)
    day(house, 7)
    house.backup.restore()
    house.stash.library.update_scene(2, {"details": "At night."})
    house.queue_only(2)

    run = house.drain()

    assert (house.items[2].title, house.items[2].summary) == ("Pier 2", "At night.")
    assert 'Scene 2 "Pier 2": Plex had lost title,' in run.text("info") and "left to Plex" not in run.text("info")
    assert read(house).count(house.items[2].id) == 2    # and to see what became of the edit


@pytest.mark.parametrize("since", ["scan", "edit", "nothing"])
def test_how_far_back_is_what_the_times_say(house, since):
    """A scan since then hides when it was; then all that was ever pushed is read."""
    if since == "edit":
        house.films.updatedAt = house.plex.now
        house.backup = house.plex.backup()
    push_more(house)
    if since == "edit":
        house.films.updatedAt = house.plex.now
        house.index()
    day(house, 7)
    house.backup.restore()
    if since != "scan":
        house.films.scan()
    house.clear()

    [line] = looked([house.drain()])

    is_whole(house)
    assert (" 3 scenes " in line and " since " in line) == (since != "nothing")
    assert (" 5 scenes that were pushed at any time " in line) == (since == "nothing")
    assert len(set(read(house))) == (5 if since == "nothing" else 3)


@pytest.mark.parametrize("what", ["counter", "scan", "edit"])
def test_a_library_that_lost_nothing_is_read_and_not_written(house, what):
    """A counter may begin anew with the server, a clock may have been wrong."""
    push_more(house)
    day(house, 7)
    house.index()
    house.tasks()
    if what == "counter":
        house.films.contentChangedAt = 3
    elif what == "scan":
        house.films.scannedAt -= 100 * DAY
    else:
        house.films.updatedAt -= 100 * DAY
    house.clear()
    day(house, 8)

    run = house.drain()

    is_whole(house)
    assert len(looked([run])) == 1 and "5 unchanged" in run.text("info")
    assert len(set(read(house))) == 5 and house.plex.writes == []


@pytest.mark.parametrize("what", ["zero", "another", "forward"])
def test_what_says_nothing_of_the_past(house, what):
    """A library that does not say its times, one that was deleted and made again, one that was edited."""
    push_more(house)
    day(house, 7)
    if what == "zero":
        house.films.contentChangedAt = house.films.scannedAt = house.films.updatedAt = 0
    elif what == "another":
        house.plex.remove_library(house.films)
        house.films = house.plex.add_library("Films", ["/data/films"], id=house.films.id)
        house.films.contentChangedAt, house.films.uuid = 5, house.plex.catalogue.make_uuid("another")
        house.films.add_item(file="/data/films/film 1.mp4", size=1_000_001)
    else:
        house.items[1].edit(summary="In the fog.")
    house.clear()

    assert looked([house.drain()]) == [] and house.plex.counts()["GET /library/sections"] > 0


def test_what_is_missing_for_a_while_is_compared_with_what_was_before(house):
    push_more(house)
    day(house, 7)
    counter, house.films.contentChangedAt = house.films.contentChangedAt, 0
    house.drain()
    day(house, 8)
    house.backup.restore()
    house.films.scan()
    assert house.films.contentChangedAt < counter

    assert len(looked([house.drain()])) == 1
    is_whole(house)


def test_the_caches_may_be_lost_in_the_same_crash(house):
    push_more(house)
    day(house, 7)
    shutil.rmtree(house.state / "cache")
    house.backup.restore()

    house.drain()

    is_whole(house)


def test_a_picture_that_plex_lost_is_put_back(house):
    """One that was put there before the backup is not asked for."""
    house.settings.update(fieldNoPoster=False)
    house.save(4, cover=JPEG)
    house.backup = house.plex.backup()
    day(house, 6)
    house.save(3, cover=OTHER)
    house.films.scan()
    house.index()
    day(house, 7)
    house.backup.restore()
    house.clear()

    house.drain()

    assert [house.items[n].poster.ratingKey.rpartition("/")[2] for n in (3, 4)] == [sha1(OTHER), sha1(JPEG)]
    assert "thumb" in house.items[3].locked
    assert [request.path for request in house.plex.requests if "/posters" in request.path and request.method == "GET"] \
        == [f"/library/metadata/{house.items[3].id}/posters"] * 2       # what it has, and what became of it


THIRD = b"\xff\xd8\xff\xe0 harbour at dawn"


def put_back(house, number=7):
    """On that day Plex's database is the backup again, and somebody notices."""
    house.films.scan()
    house.index()
    day(house, number)
    house.backup.restore()
    house.clear()
    house.drain()


@pytest.mark.parametrize("field", ["poster", "background"])
@pytest.mark.parametrize("since", [[OTHER], [OTHER, THIRD]])
def test_a_picture_that_took_the_place_of_one_of_ours_is_put_back(house, since, field):
    """In the backup an earlier one is locked, by us."""
    house.settings.update(fieldNoPoster=field != "poster", fieldNoBackground=field != "background")
    house.save(3, cover=JPEG)
    house.films.scan()
    house.backup = house.plex.backup()
    day(house, 6)
    for cover in since:
        house.save(3, cover=cover)

    put_back(house)

    element = "thumb" if field == "poster" else "art"
    assert house.items[3].selected(element).ratingKey.rpartition("/")[2] == sha1(since[-1])
    assert element in house.items[3].locked


def test_the_same_backup_may_be_put_back_again(house):
    house.settings.update(fieldNoPoster=False)
    house.save(3, cover=JPEG)
    house.films.scan()
    house.backup = house.plex.backup()
    day(house, 6)
    house.save(3, cover=OTHER)

    for number in (7, 8):
        put_back(house, number)
        assert house.items[3].poster.ratingKey.rpartition("/")[2] == sha1(OTHER)


@pytest.mark.parametrize("data", [b"\xff\xd8\xff chosen by hand", None])
def test_a_poster_that_a_person_chose_before_the_backup_stays(house, data):
    """After two of ours; 'None': the one that Plex found."""
    house.settings.update(fieldNoPoster=False)
    item, frame = house.items[3], house.items[3].poster
    house.save(3, cover=JPEG)
    house.save(3, cover=OTHER)
    item.upload("thumb", data) if data else item.select("thumb", frame)
    item.locked.add("thumb")
    chosen = item.poster.ratingKey
    house.films.scan()
    house.backup = house.plex.backup()
    day(house, 6)
    house.save(3, rating100=60)

    put_back(house)

    assert item.poster.ratingKey == chosen
    assert house.items[3].userRating == 6.0
