"""fieldCollectionArt: the poster and the summary of the collections that scenes are put into, from the group's front
image and synopsis, the studio's image and details. As python-plexapi, an independent client, reads them."""

import hashlib

import pytest

from tests.e2e.shelf import shelf, task
from tests.e2e.test_asked import WHAT_IT_WAS
from tests.fake.server import Reply

JPEG = b"\xff\xd8\xff\xe0 boats at night " + bytes(range(256)) * 4
OTHER = b"\xff\xd8\xff\xe0 boats at noon " + bytes(range(256)) * 4
THIRD = b"\xff\xd8\xff\xe0 boats at dawn " + bytes(range(256)) * 4


@pytest.fixture
def film(world):
    """Scene 45 and its item; the group Boats has a synopsis and a picture."""
    world.settings["fieldCollectionArt"] = True
    world.stash.library.add("group", name="Boats", synopsis="All about boats.", front_image=JPEG)
    item = world.film(45, "quay", title="Harbour Lights")
    world.index()
    return item


@pytest.fixture
def read(world):
    """A collection as python-plexapi reads it."""
    client = world.client()
    return lambda name="Boats", library="Films": client.library.section(library).collection(name).reload()


def save(world, number=45, **values):
    """Save in Stash, and what comes of it; the hook's run."""
    run = world.save(number, **values)
    world.tasks()
    return run


def boats(world):
    """The group, in Stash."""
    return world.stash.library.by_name("group", "Boats")


def edit(world, kind, row, **values):
    """Save of a group or studio in Stash, and what comes of it."""
    world.check(*world.stash.update(kind, row, **values))
    return world.tasks()


def sha1(data):
    """What Plex calls these bytes."""
    return hashlib.sha1(data).hexdigest()


def poster(collection):
    """The SHA-1 of the picture that was uploaded and is shown; None: Plex's own is."""
    shown = [found.ratingKey for found in collection.posters() if found.selected]
    return shown[0].rsplit("/", 1)[-1] if shown else None


def locks(collection):
    """The fields that are locked."""
    return {field.name for field in collection.fields if field.locked}


def about_art(world):
    """Requests to both servers that have to do with collections' art."""
    keys = {str(row.id) for library in world.plex.libraries for row in library.rows("collection")}
    plex = [r for r in world.plex.requests if "/collections" in r.path or r.arg("type") == "18"
            or set(r.path.split("/")) & keys]
    stash = [r for r in world.stash.requests if "image" in r.path]
    asked = [r for r in world.stash.graphql_requests if any(name.startswith("a") for name in r["fields"])
             or "find" in str(r["fields"]) and "text:" in r["query"]]
    return plex + stash + asked


def uploads(world):
    """Pictures that were sent to Plex since the last clear()."""
    return [r for r in world.plex.requests if r.method == "POST"]


def warnings(world):
    """All warnings so far."""
    return "\n".join(run.text("warning") for run in world.runs).strip()


# --- coming and going --------------------------------------------------------------------------------


def test_a_groups_picture_and_synopsis_become_poster_and_summary(world, film, read):
    run = save(world, groups=["Boats"])

    assert run.output["fields"] == ["title", "collections"] and read().smart is False
    assert (read().summary, poster(read())) == ("All about boats.", sha1(JPEG))
    assert {"summary", "thumb"} <= locks(read())
    assert [item.ratingKey for item in read().items()] == [film.id]
    assert any('Collection "Boats" (Films): wrote summary, poster, from group 1' in r.text("info") for r in world.runs)


def test_a_studio_and_those_above_it_with_prefixes(world, film, read):
    world.settings.update(fieldNoStudioCollection=False, fieldParentStudio=True, fieldStudioPrefix="Studio - ")
    add = world.stash.library.add
    lumen = add("studio", name="Lumen", details="Since 1990.", image=OTHER)
    add("studio", name="Boats", parent_studio=lumen, details="A studio.", image=JPEG)

    save(world, studio="Boats", groups=["Boats"])

    assert (read("Studio - Lumen").summary, poster(read("Studio - Lumen"))) == ("Since 1990.", sha1(OTHER))
    assert (read("Studio - Boats").summary, poster(read("Studio - Boats"))) == ("A studio.", sha1(JPEG))
    assert read("Boats").summary == "All about boats."


def test_save_does_not_wait_for_it_and_a_drain_comes(world, film, read):
    world.stash.hold_jobs = True
    run = world.save(45, groups=["Boats"])
    assert run.output["result"] == "synced"
    assert about_art(world) == [] and len(world.stash.jobs.queued()) == 1
    world.stash.hold_jobs = False
    world.tasks()
    assert read().summary == "All about boats."


def test_a_second_scene_of_the_group_costs_nothing(world, film):
    world.film(46, "pier", title="Low Tide")
    save(world, groups=["Boats"])
    world.clear()

    save(world, 46, groups=["Boats"])
    save(world, details="By the sea.")

    assert about_art(world) == [] and len(world.runs[-1].stderr) > 0
    assert world.stash.jobs.queued() == []


def test_without_the_setting_nothing_is_asked_and_nothing_different(world, film):
    del world.settings["fieldCollectionArt"]
    world.settings["fieldNoStudioCollection"] = False
    film.edit(title="quay", genres=["Foreign"], labels=["Shared"], collections=["Kept"], titleSort="Zzz",
              contentRating="PG")
    world.clear()
    save(world, details="A film about boats.", date="2020-05", rating100=85, studio="Sea", performers=["Ana Duarte"],
         director="Mara Lindt", tags=["Pier", "Noir"], groups=["Boats"])
    edit(world, "group", boats(world), synopsis="Other boats.")
    task(world, "Reconcile")

    assert [r.target for r in world.plex.requests if r.method == "PUT"] == WHAT_IT_WAS[:1]
    assert about_art(world) == []


@pytest.mark.parametrize("world", [{"stash_version": "v0.25"}, {"stash_version": "v0.30"}], indirect=True)
def test_in_a_stash_that_has_movies(world, film, read):
    save(world, groups=["Boats"])
    assert (read().summary, poster(read())) == ("All about boats.", sha1(JPEG))


def test_each_library_gets_it_once(world, film, read):
    films = world.plex.add_library("More films", ["/data/more"])
    films.add_item(title="quay", file="/data/more/quay.mp4", size=1_000_045)
    world.stash.library.get("scene", 45).files.append(
        world.stash.library.add_file("/data/more/quay.mp4", size=1_000_045))
    world.index()
    save(world, groups=["Boats"])

    assert [poster(read(library=name)) for name in ("Films", "More films")] == [sha1(JPEG)] * 2
    assert len(uploads(world)) == 2
    task(world, "Reconcile")
    assert len(uploads(world)) == 2


# --- edits in Stash ----------------------------------------------------------------------------------


def test_what_is_edited_in_stash_reaches_plex(world, film, read):
    save(world, groups=["Boats"])
    world.clear()
    edit(world, "group", boats(world), synopsis="Other boats.")
    assert (read().summary, uploads(world)) == ("Other boats.", [])
    assert [r.headers.get("If-None-Match") is not None for r in world.stash.requests if "frontimage" in r.path] == [True]

    edit(world, "group", boats(world), front_image=OTHER)
    assert poster(read()) == sha1(OTHER)
    edit(world, "group", boats(world), front_image=JPEG)
    assert poster(read()) == sha1(JPEG) and len(uploads(world)) == 1

    edit(world, "group", boats(world), synopsis="", front_image=None)
    assert (read().summary, poster(read())) == ("", sha1(JPEG)), "text of ours is cleared, a picture stays"


def test_a_renamed_group_takes_its_art_to_the_new_collection(world, film, read):
    save(world, groups=["Boats"])
    edit(world, "group", boats(world), name="Ships")

    assert (read("Ships").summary, poster(read("Ships"))) == ("All about boats.", sha1(JPEG))
    assert [row.title for row in world.films.rows("collection")] == ["Ships"]
    world.settings["fieldGroupPrefix"] = "Series: "
    task(world, "Sync all scenes")
    assert (read("Series: Ships").summary, poster(read("Series: Ships"))) == ("All about boats.", sha1(JPEG))


def test_reconcile_finds_what_was_edited_without_a_hook_and_what_came_back(world, film, read):
    save(world, groups=["Boats"])
    boats(world).synopsis = "Imported."
    task(world, "Reconcile")
    assert read().summary == "Imported."
    old = read().ratingKey
    film.collections = []
    film.collections = ["Boats"]

    task(world, "Reconcile")
    assert read().ratingKey != old and (read().summary, poster(read())) == ("Imported.", sha1(JPEG))
    world.clear()
    task(world, "Reconcile")
    assert [r.method for r in about_art(world) if hasattr(r, "method")] == ["GET"], "one list of the library"


def test_the_setting_that_is_switched_on_later_is_for_all_scenes(world, film, read):
    world.settings["fieldCollectionArt"] = False
    save(world, groups=["Boats"])
    world.settings["fieldCollectionArt"] = True

    task(world, "Sync all scenes")
    assert (read().summary, poster(read())) == ("All about boats.", sha1(JPEG))


def test_collections_that_are_left_alone_keep_what_they_have(world, film, read):
    save(world, groups=["Boats"])
    world.settings["fieldNoCollections"] = True
    edit(world, "group", boats(world), synopsis="Other boats.")
    assert read().summary == "All about boats."
    del world.settings["fieldNoCollections"]
    task(world, "Sync all scenes")
    assert read().summary == "Other boats."


# --- what is not ours --------------------------------------------------------------------------------


def test_a_poster_and_a_summary_that_a_person_chose_stay(world, film, read):
    film.collections = ["Boats"]
    theirs = world.films.collections["Boats"]
    theirs.edit(summary="By hand.")
    theirs.upload("thumb", OTHER)

    save(world, groups=["Boats"])
    assert (read().summary, poster(read())) == ("By hand.", sha1(OTHER))
    assert uploads(world) == []
    world.clear()
    task(world, "Reconcile")
    assert [r for r in about_art(world) if getattr(r, "method", "") in ("PUT", "POST")] == []


def test_also_if_they_were_chosen_after_ours(world, film, read):
    save(world, groups=["Boats"])
    read().editSummary("By hand.")
    read().uploadPoster(filepath=OTHER)
    boats(world).updated_at = "2030-01-01T00:00:00Z"
    task(world, "Reconcile")
    assert (read().summary, poster(read())) == ("By hand.", sha1(OTHER))

    edit(world, "group", boats(world), synopsis="Other boats.", front_image=b"\xff\xd8\xff\xe0 new")
    assert (read().summary, poster(read())) == ("Other boats.", sha1(OTHER)), "as with a scene: text is Stash's then"
    world.settings["fieldKeepPlexEdits"] = True
    read().editSummary("Again by hand.")
    edit(world, "group", boats(world), synopsis="More boats.")
    assert read().summary == "Again by hand."


@pytest.mark.parametrize("kind", ["default", "group.png", "svg"])
def test_stashs_own_pictures_are_none(world, film, read, kind):
    group = boats(world)
    group.front_image = {"default": None, "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}.get(kind, b"\x89PNG\r\n\x1a\n")
    if kind == "group.png":     # a copy of it is not kept here: these bytes have its digest
        world.stash.host.environ["PLEXSYNC_TEST_GROUP_PNG"] = sha1(group.front_image)

    save(world, groups=["Boats"])
    assert (read().summary, poster(read()), uploads(world)) == ("All about boats.", None, [])
    assert warnings(world) == ""


def test_a_smart_collection_of_the_name_is_left_alone_and_told_once(world, film):
    """Whatever Plex makes of an item that is put into a smart collection: there is no other of the name."""
    world.stash.hold_jobs = True
    world.save(45, groups=["Boats"])
    del world.films.collections["Boats"]
    smart = world.films.add_smart_collection("Boats")
    world.stash.hold_jobs = False
    world.tasks()
    task(world, "Reconcile")

    assert (smart.summary, smart.posters, smart.locked) == (None, [], set())
    assert warnings(world).count("it is a smart collection in Plex; it is left alone") == 1


def test_a_smart_collection_beside_ours_does_not_matter(world, film):
    smart = world.films.add_smart_collection("Boats")
    save(world, groups=["Boats"])

    assert world.films.collections["Boats"].summary == "All about boats."
    assert (smart.summary, smart.posters) == (None, [])


def test_a_collection_without_an_item_of_ours_is_left_alone(world, film, read):
    world.films.add_item(title="Other", file="/data/films/other.mp4", size=7, collections=["Boats"])
    world.stash.hold_jobs = True
    world.save(45, groups=["Boats"])
    film.collections = []
    world.stash.hold_jobs = False
    world.tasks()

    assert (read().summary, poster(read())) == ("", None)
    assert warnings(world).count("no item that PlexSync put into it is in it any more") == 1
    task(world, "Reconcile")
    assert warnings(world).count("no item that PlexSync put into it") == 1


def test_two_of_one_name_share_a_collection_and_the_first_ones_art_stays(world, film, read):
    world.settings["fieldNoStudioCollection"] = False
    world.stash.library.add("studio", name="Boats", details="A studio.", image=OTHER)
    save(world, groups=["Boats"], studio="Boats")
    first = read().summary, poster(read())
    for _ in range(2):
        boats(world).updated_at = world.stash.library.by_name("studio", "Boats").updated_at = world.stash.library.now()
        task(world, "Reconcile")

    assert (read().summary, poster(read())) == first
    assert warnings(world).count("of the same name has its poster and summary there") == 1
    assert len(uploads(world)) == 1


def test_tags_as_collections_have_none(world, film, read):
    world.settings["fieldTagsAs"] = "collections"
    save(world, tags=["Sea"])
    assert read("Sea").summary == "" and about_art(world)[:0] == []
    assert [r for r in world.stash.requests if "image" in r.path] == []


# --- trouble -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("picture, said", [
    (b"GIF89a" + bytes(40), "the cover in Stash is a GIF"),
    (b"\xff\xd8\xff\xe0" + b"x" * (10 << 20), "its picture is larger than the 10 MB that Plex takes")])
def test_a_picture_that_plex_does_not_take_is_told_once(world, film, read, picture, said):
    boats(world).front_image = picture
    run = save(world, groups=["Boats"])
    assert run.output["result"] == "synced"
    task(world, "Reconcile")

    assert (read().summary, poster(read()), uploads(world)) == ("All about boats.", None, [])
    assert warnings(world).count(said) == 1 and world.queue() == (0, 0, 0)


def test_a_poster_that_plex_refuses_is_told_once_and_not_sent_again(world, film, read):
    world.plex.fault(("POST", "/library/metadata/.*/posters"), "status", status=415, times=None)

    save(world, groups=["Boats"])
    task(world, "Sync all scenes")

    assert read().summary == "All about boats." and len(uploads(world)) == 1
    assert warnings(world).count("Plex does not take poster (HTTP 415;") == 1
    world.plex.clear_faults()
    edit(world, "group", boats(world), front_image=OTHER)
    assert poster(read()) == sha1(OTHER)


def test_an_error_of_plex_fails_no_scene_and_is_tried_again(world, film, read):
    world.stash.hold_jobs = True
    world.save(45, groups=["Boats"])
    row = world.films.collections["Boats"]
    row.fail_artwork = 500
    world.stash.hold_jobs = False
    world.tasks()

    assert row.summary == "All about boats." and world.queue() == (0, 0, 0)
    assert warnings(world).count("tried again when all scenes are compared") == 1
    row.fail_artwork = None
    task(world, "Reconcile")
    assert poster(read()) == sha1(JPEG)


def test_a_list_that_plex_cannot_show_stops_nothing(world, film, read):
    world.stash.hold_jobs = True
    world.save(45, groups=["Boats"])
    world.films.collections["Boats"].fail_list = 500
    world.stash.hold_jobs = False
    world.tasks()
    task(world, "Reconcile")

    assert warnings(world).count("the collections of library 1: ") == 1
    assert world.operation("tick").output is not None and world.stash.jobs.queued() == []
    world.films.collections["Boats"].fail_list = None
    task(world, "Reconcile")
    assert poster(read()) == sha1(JPEG)


def test_a_group_that_stash_cannot_show_stops_no_other(world, film, read):
    world.stash.library.add("studio", name="Sea", details="A studio.", image=OTHER)
    world.settings["fieldNoStudioCollection"] = False
    inner = world.stash.handle

    def handle(request):
        if b"front_image_path" in request.body:
            return Reply(200, {"Content-Type": "application/json"},
                         b'{"errors":[{"message":"cannot read it"}],"data":{"a0":null,"a1":null}}')
        return inner(request)
    world.stash.handle = handle
    save(world, groups=["Boats"], studio="Sea")

    assert (read("Sea").summary, read("Boats").summary) == ("A studio.", "")
    assert warnings(world).count("cannot read it") == 1
    del world.stash.handle
    task(world, "Reconcile")
    assert read("Boats").summary == "All about boats."


def test_force_puts_stashs_in_the_place_of_what_a_person_chose(world, film, read):
    save(world, groups=["Boats"])
    read().editSummary("By hand.")
    read().uploadPoster(filepath=OTHER)
    world.stash.wait_jobs()
    run = world.operation("sync-all", force=True)
    world.tasks()

    assert (read().summary, poster(read())) == ("All about boats.", sha1(JPEG)), run.output


def test_a_plex_that_is_away_keeps_it_owed(world, film, read):
    world.stash.hold_jobs = True
    world.save(45, groups=["Boats"])
    world.plex.maintenance = True
    world.stash.hold_jobs = False
    world.tasks()
    world.plex.maintenance = False
    world.clock(10)
    world.operation("tick")
    world.tasks()

    assert (read().summary, poster(read())) == ("All about boats.", sha1(JPEG))


def put_back(world, backup):
    """Plex's database is what it was a day ago."""
    world.plex.advance(100_000)
    backup.restore()
    world.films.contentChangedAt -= 100
    world.clock(24 * 60)
    task(world, "Reconcile")
    task(world, "Process queue")


@pytest.mark.parametrize("since", [[OTHER], [OTHER, THIRD]])
def test_a_database_that_was_put_back_gets_a_poster_again_where_one_of_ours_was_before(world, film, read, since):
    save(world, groups=["Boats"])
    backup = world.plex.backup()
    for picture in since:
        edit(world, "group", boats(world), front_image=picture)
        assert poster(read()) == sha1(picture)
    put_back(world, backup)

    assert poster(read()) == sha1(since[-1]) and "thumb" in locks(read())


def test_a_database_that_was_put_back_gets_a_summary_again(world, film, read):
    save(world, groups=["Boats"])
    backup = world.plex.backup()
    edit(world, "group", boats(world), synopsis="Other boats.")
    task(world, "Reconcile")
    put_back(world, backup)

    assert read().summary == "Other boats."


def test_and_a_collection_that_it_did_not_have(world, film, read):
    save(world)
    task(world, "Reconcile")
    backup = world.plex.backup()
    save(world, groups=["Boats"])
    put_back(world, backup)

    assert (read().summary, poster(read())) == ("All about boats.", sha1(JPEG))


@pytest.mark.parametrize("mode", ["preview", "sync-scene"])
def test_a_dry_run_says_what_would_follow_and_writes_nothing(world, film, mode):
    world.stash.library.get("scene", 45).groups = [{"group": boats(world), "scene_index": None}]
    args = {"scene_id": "45", "dry_run": True} if mode == "sync-scene" else {}
    run = world.operation(mode, **args)
    assert 'Poster and summary would follow for the collection "Boats", from group 1' in run.text("info")
    assert world.plex.writes == [] and about_art(world) == []


def test_a_preview_of_what_is_there_writes_nothing(world, film):
    save(world, groups=["Boats"])
    boats(world).synopsis = "Imported."
    world.clear()
    run = world.operation("preview")
    assert 'Collection "Boats" (Films): would write summary, from group 1 in Stash' in run.text("info")
    assert world.plex.writes == []


def test_a_setting_that_is_no_truth_value_is_named(world, film):
    world.settings["fieldCollectionArt"] = "perhaps"
    assert "setting fieldCollectionArt: true or false was expected" in world.save(45).text("error") + \
        str(world.runs[-1].output)


def test_many_collections_are_asked_for_together(world, read):
    world.settings["fieldCollectionArt"] = True
    for number in range(1, 41):
        world.stash.library.add("group", name=f"Group {number}", synopsis=f"About {number}.")
    shelf(world, 40)
    for number in range(1, 41):
        world.stash.library.get("scene", number).groups = [
            {"group": world.stash.library.by_name("group", f"Group {number}"), "scene_index": None}]
    task(world, "Sync all scenes")
    assert all(row.summary == f"About {row.title[6:]}." for row in world.films.rows("collection"))
    world.clear()
    task(world, "Reconcile")
    questions = [r for r in world.stash.graphql_requests if "text:" in r["query"]]
    assert (len(questions), len([r for r in world.plex.requests if r.arg("type") == "18"])) == (2, 2)
    assert world.plex.writes == []


# --- collections that Plex cannot list -----------------------------------------------------------------


HIDE = {"not JSON": {"spoils": (b"Pier ZZ", b"Pier \\udce9")}, "500": {"fail_list": 500}}


def hide(world, count, how):
    """Other collections of the library, that Plex cannot list."""
    for number in range(count):
        world.film(100 + number, f"pier {number}").edit(collections=[f"Pier ZZ {number}"])
        world.films.collections[f"Pier ZZ {number}"].put(**HIDE[how])
    world.index()


def told(world, *words):
    """The warnings of all runs so far with these words."""
    return [line for run in world.runs for line in run.text("warning").split("\n") if all(w in line for w in words)]


@pytest.mark.parametrize("how", HIDE)
@pytest.mark.parametrize("count", [1, 9])
def test_a_collection_that_plex_cannot_list_is_left_out_and_named_once(world, film, read, how, count):
    hide(world, count, how)

    save(world, groups=["Boats"])

    assert (read().summary, poster(read())) == ("All about boats.", sha1(JPEG))
    edit(world, "group", boats(world), synopsis="More about boats.")
    assert read().summary == "More about boats."
    assert len(told(world, '"Films"', "left out")) == (count if how == "not JSON" else 1)


@pytest.mark.parametrize("how", HIDE)
def test_one_that_plex_cannot_list_any_more_is_not_forgotten(world, film, read, how):
    hide(world, 0, how)
    save(world, groups=["Boats"])
    other = world.film(46, "quay 2", title="Low Tide")
    other.edit(collections=["Aa"])
    made = world.films.collections["Boats"]
    made.put(spoils=(b"Boats", b"Boats \\udce9"), fail_list=HIDE[how].get("fail_list"))

    edit(world, "group", boats(world), synopsis="More about boats.")
    assert made.summary == "All about boats."
    assert len(told(world, "this may be one of those")) == 1
    made.put(spoils=None, fail_list=None)
    edit(world, "group", boats(world), synopsis="Most about boats.")

    assert read().summary == "Most about boats."
