"""One row that Stash or Plex cannot show spoils every page that it is in: it is left out and named
once, and everything else goes on."""

import json

import pytest

DAMAGE = "internal error: multiple rows returned for single scene id 3"

# What Plex may write of a name that is not UTF-8, or of a text with control characters.
NOT_JSON = {"lone surrogate": b"film \\udce9", "half a pair": b"film \\ud83d!", "bad escape": b"film \\x07",
            "raw NUL": b"film \x00", "quote": b'film "7', "cut": b"film \\u00"}


def shelf(world, count, spoiled=(), how=b"film \\udce9"):
    """Films 1 to 'count' with scenes of their own numbers; some rows are no JSON."""
    items = world.films.add_many(count, "/data/films/film {i}.mp4", "Film {i}", size=1000)
    for number, item in enumerate(items, 1):
        item.title = f"Film {number}"
        size = item.parts[0].size
        path = f"/data/films/film {number}.mp4"
        item.media[0].parts[0].file = path
        if number in spoiled:
            item.spoils = (b"film %d.mp4" % number, how + b".mp4")
        world.stash.library.add_scene(path, number=number, size=size, studio="Northwind Pictures")
    return items


def listings(world):
    """Requests for items of the library's listing."""
    return [request for request in world.plex.requests if request.path.endswith("/all") and request.method == "GET"
            and request.arg("X-Plex-Container-Size") != "0"]


def named(world, *words):
    """The warnings of all runs so far with these words."""
    return [line for run in world.runs for line in run.text("warning").split("\n") if all(w in line for w in words)]


def scene_pages(world):
    """How often Stash was asked for a page of scenes."""
    return len([fields for fields in world.stash.graphql_operations if fields == ["findScenes"]])


# --- Plex ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_a_row_that_is_not_json_is_left_out_and_the_others_are_pushed(world, how):
    items = shelf(world, 20, {7}, how)

    world.operation("sync-all")
    world.tasks()

    assert [item.studio for item in items] == ["Northwind Pictures"] * 6 + [None] + ["Northwind Pictures"] * 13
    assert len(named(world, "\"Films\"", f"item {items[6].id}", "left out")) == 1
    assert not any("connectUrl" in run.text() for run in world.runs)
    assert world.status()["plex"]["breaker"] == "closed"
    assert world.queue() == (0, 1, 0)


def test_the_number_of_requests_is_bounded(world):
    shelf(world, 700, {1, 350, 699, 700})

    assert world.operation("rebuild-index").output == {"items": 696}

    assert len(listings(world)) <= 3 + 4 * 22
    assert len(named(world, "left out")) == 4


def test_a_whole_folder_of_such_names(world):
    shelf(world, 150, range(40, 120))

    assert world.operation("rebuild-index").output == {"items": 70}

    assert len(listings(world)) <= 80 + 30


def test_it_is_named_once_by_all_processes_and_found_once_plex_can_show_it(world):
    items = shelf(world, 20, {7})
    for _ in range(3):
        assert world.operation("rebuild-index").output == {"items": 19}
    assert len(named(world, "left out")) == 1
    world.operation("sync-all")
    world.tasks()
    assert world.queue() == (0, 1, 0)

    items[6].put(spoils=None)
    items[6].touch()
    world.clock(65)
    world.drain()

    assert items[6].studio == "Northwind Pictures"
    assert world.queue() == (0, 0, 0)


def test_the_newest_item_is_the_spoiled_one(world):
    items = shelf(world, 20)
    world.index()
    shelf_more = world.films.add_item(file="/data/films/new.mp4", size=5, title="New")
    shelf_more.spoils = (b"new.mp4", b"n\\udce9w.mp4")
    world.stash.library.add_scene("/data/films/later.mp4", number=50, size=7, studio="Lumen House")
    later = world.films.add_item(file="/data/films/later.mp4", size=7, title="Later")
    world.clock(10)

    assert world.sync(50)["result"] == "synced"

    assert later.studio == "Lumen House"
    assert items[0].studio is None


def test_a_page_that_plex_answers_with_its_own_500(world):
    items = shelf(world, 20)
    items[6].fail_list = 500

    world.operation("sync-all")
    world.tasks()

    assert [item.studio for item in items].count("Northwind Pictures") == 19
    assert len(named(world, "item number 7 ", "HTTP 500", "left out")) == 1
    assert world.status()["plex"]["breaker"] == "closed"


@pytest.mark.parametrize("refused", [range(9), range(20, 29), range(51, 60), range(40), {*range(30), *range(40, 50)}])
def test_any_number_of_items_in_a_row_may_be_refused(world, refused):
    """The first, some, the newest, or most of them: Plex shows others at the same time."""
    items = shelf(world, 60)
    for number in refused:
        items[number].fail_list = 500

    world.operation("sync-all")
    world.tasks()

    assert [number for number, item in enumerate(items) if item.studio] == [n for n in range(60) if n not in refused]
    assert len(named(world, "item number", "HTTP 500", "left out")) == len(refused)
    assert world.status()["plex"]["breaker"] == "closed"
    assert world.queue() == (0, len(refused), 0)


def test_the_newest_items_are_refused_when_what_is_new_is_read(world):
    shelf(world, 20)
    world.index()
    world.plex.now += 600
    for number in range(9):
        world.films.add_item(file=f"/data/films/new {number}.mp4", size=5, title="New").fail_list = 500
    world.stash.library.add_scene("/data/films/later.mp4", number=50, size=7, studio="Lumen House")
    later = world.films.add_item(file="/data/films/later.mp4", size=7, title="Later")
    later.addedAt = later.updatedAt = world.plex.now - 1
    world.clock(10)

    assert world.sync(50)["result"] == "synced"

    assert later.studio == "Lumen House"


@pytest.mark.parametrize("status, most", [(503, 1), (502, 1), (500, 30)])
def test_a_server_that_answers_so_to_everything_is_down(world, status, most):
    """503 is never one row's; 500 is given up after a few rows."""
    items = shelf(world, 40)
    world.plex.fault(lambda request: request.path.endswith("/all") and request.arg("X-Plex-Container-Size") != "0",
                     "status", times=None, status=status)

    run = world.operation("rebuild-index")

    assert f"HTTP {status}" in run.error
    assert len(listings(world)) <= most
    assert named(world, "left out") == []
    world.plex.clear_faults()
    world.clock(10)
    world.operation("sync-all")
    world.tasks()
    assert items[0].studio == "Northwind Pictures"


def damaged(world, count):
    """A library of which Plex can show nothing; its items."""
    clips = world.plex.add_library("Clips", ["/data/clips"])
    items = [clips.add_item(file=f"/data/clips/{number}.mp4", size=5) for number in range(count)]
    for item in items:
        item.fail_list = 500
    return items


def uncountable(world, count):
    """One of which it cannot even say how many items there are."""
    items = damaged(world, count)
    world.plex.fault(lambda request: request.path == f"/library/sections/{items[0].library.id}/all",
                     "status", times=None, status=500)
    return items


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize("count", [1, 12])
@pytest.mark.parametrize("how", [damaged, uncountable])
def test_a_library_that_plex_cannot_show_stops_no_other(world, how, count, indexed):
    films = shelf(world, 5)
    if indexed:
        world.index()
    clips = how(world, count)
    world.stash.library.add_scene("/data/clips/0.mp4", number=50, size=5, studio="Lumen House")

    world.operation("sync-all")
    world.tasks()

    assert [item.studio for item in films] == ["Northwind Pictures"] * 5
    assert world.queue() == (1, 0, 0), "whether Plex has the clip is not known"
    assert len(named(world, "library \"Clips\"", "HTTP 500")) == 1
    assert world.status()["plex"]["breaker"] == "closed"

    world.plex.clear_faults()
    for item in clips:
        item.fail_list = None
    world.clock(11)
    world.drain()
    assert (clips[0].studio, world.queue()) == ("Lumen House", (0, 0, 0))


def test_a_plex_that_can_show_none_of_its_libraries_is_down(world):
    shelf(world, 1)[0].fail_list = 500
    damaged(world, 1)

    assert "HTTP 500" in world.operation("rebuild-index").error
    assert named(world, "is left out") == []


def test_a_library_that_was_read_and_cannot_be_shown_any_more(world):
    shelf(world, 5)
    clips = world.plex.add_library("Clips", ["/data/clips"])
    old = clips.add_item(file="/data/clips/old.mp4", size=5)
    world.index()
    old.fail_list = 500
    new = clips.add_item(file="/data/clips/new.mp4", size=6)
    new.fail_list = 500
    for number, item in enumerate((old, new), 50):
        world.stash.library.add_scene(item.files[0], number=number, size=number - 45, studio="Lumen House")
    world.clock(61)

    assert world.sync(50)["result"] == "synced", "the index still has its row"
    assert world.sync(51)["result"] == "queued"
    assert world.save(1, details="By the sea.").output["result"] == "synced"


def test_a_page_of_somebody_else_is_not_halved(world):
    shelf(world, 40)
    world.plex.fault(lambda request: request.path.endswith("/all") and request.arg("X-Plex-Container-Size") != "0",
                     "html200", times=None)

    assert "connectUrl" in world.operation("rebuild-index").error
    assert len(listings(world)) == 1


def test_a_page_that_is_too_long_is_halved(world):
    """Plex ignores what is to be left out, and every summary is long."""
    world.plex.honours_excludes = False
    items = shelf(world, 60)
    for item in items:
        item.summary = "x" * 400_000

    assert world.operation("rebuild-index").output == {"items": 60}
    assert len(listings(world)) <= 10
    assert named(world, "left out") == []


def test_an_item_whose_detail_is_not_json_stops_nobody_else(world):
    items = shelf(world, 3)
    world.index()
    items[1].spoils = (b"film 2.mp4", b"film \\udce9.mp4")
    world.check(*world.stash.bulk_update_scenes([1, 2, 3], rating100=80))
    world.tasks()

    assert [item.userRating for item in items] == [8, None, 8]
    assert not any("connectUrl" in run.text() for run in world.runs)
    assert world.status()["plex"]["breaker"] == "closed"
    assert world.queue() == (1, 0, 0)


def test_without_a_cache_the_walk_goes_around_it_too(world):
    items = shelf(world, 20, {7})
    (world.state / "cache").parent.mkdir(parents=True, exist_ok=True)
    (world.state / "cache").write_text("a file is in the way")

    assert world.sync(12)["result"] == "synced"
    assert items[11].studio == "Northwind Pictures"


# --- names that are not UTF-8 -----------------------------------------------------------------------------


RAW = b"caf\xe9"


def latin(world, number=45, folder="/data/films", theirs=RAW):
    """Scene and item of a file with a Latin-1 name; Plex writes it as 'theirs'."""
    world.stash.raw = (b"cafZZ", RAW)
    world.stash.library.add_scene(f"{folder}/cafZZ.mp4", number=number, size=1_000_045)
    item = world.films.add_item(file="/data/films/cafZZ.mp4", size=1_000_045, title="cafe")
    item.spoils = (b"cafZZ", theirs)
    return item


@pytest.mark.parametrize("folder", ["/data/films", "/mnt/stash"])
def test_a_name_that_is_not_utf8_matches_by_its_bytes(world, folder):
    item = latin(world, folder=folder)
    world.index()

    run = world.save(45, title="Harbour Lights")

    assert run.output["result"] == "synced"
    assert item.title == "Harbour Lights"
    assert json.loads(run.stdout)["output"]["items"][0]["confidence"] == "high"


@pytest.mark.parametrize("theirs", ["caf\ufffd".encode(), b"caf\\ufffd"])
def test_and_if_plex_shows_the_byte_as_a_replacement_by_its_size(world, theirs):
    item = latin(world, folder="/mnt/stash", theirs=theirs)
    world.index()

    assert world.save(45, title="Harbour Lights").output["result"] == "synced"
    assert item.title == "Harbour Lights"


# --- Stash -------------------------------------------------------------------------------------------------


def scenes(world, count, damaged=()):
    """Scenes with items; some of them cannot be read by Stash."""
    items = shelf(world, count)
    for number in damaged:
        world.stash.library.get("scene", number).damage = DAMAGE.replace("3", str(number))
    return items


def sweep_all_but(world, count, damaged):
    """A sweep of so many scenes pushes all that Stash can list."""
    items = scenes(world, count, damaged)

    run = world.operation("sync-all")
    assert run.error is None
    world.tasks()

    done = [number for number, item in enumerate(items, 1) if item.studio]
    assert done == [number for number in range(1, count + 1) if number not in damaged]


@pytest.mark.parametrize("damaged", [[3], [1], [20], [3, 4], [1, 10, 20]])
def test_a_scene_that_stash_cannot_list_is_left_out_of_the_sweep(world, damaged):
    sweep_all_but(world, 20, damaged)

    for number in damaged:
        assert len(named(world, f"scene id {number} ".strip() + ")", "Stash cannot list")) == 1
    assert world.queue() == (0, 0, 0)


@pytest.mark.parametrize("damaged", [range(1, 10), range(10, 19), range(52, 61), range(1, 41)])
def test_any_number_of_scenes_in_a_row_may_be_damaged(world, damaged):
    sweep_all_but(world, 60, damaged)

    assert len(named(world, "Stash cannot list")) == len(damaged)


def test_the_pages_of_stash_are_bounded_too(world):
    scenes(world, 450, [1, 200, 449])

    world.operation("preview")

    assert scene_pages(world) <= 3 + 3 * 22


def test_the_scenes_of_a_performer_are_found_around_it(world):
    items = scenes(world, 10, [3])
    world.operation("sync-all")
    world.tasks()
    world.stash.library.by_name("studio", "Northwind Pictures").name = "Lumen House"
    world.check(*world.stash.hook("Studio.Update.Post", world.stash.library.by_name("studio", "Lumen House").id))
    world.tasks()

    assert [item.studio for item in items] == ["Lumen House"] * 2 + [None] + ["Lumen House"] * 7


def test_a_stash_that_fails_for_every_scene_is_not_asked_for_all_of_them(world):
    scenes(world, 100, range(1, 101))

    run = world.operation("sync-all")

    assert "multiple rows" in run.error
    assert scene_pages(world) <= 20
    assert named(world, "cannot list") == []


def test_a_stash_that_is_down_is_asked_once(world):
    scenes(world, 20)
    world.stash.fault(lambda request: b"findScenes" in request.body, "status", times=None, status=503)

    run = world.operation("sync-all")

    assert "HTTP 503" in run.error
    assert len([request for request in world.stash.requests if b"findScenes" in request.body]) == 1


def test_doctor_samples_around_it(world):
    scenes(world, 20, [3])

    run = world.operation("doctor")

    texts = [check["text"] for check in run.output["findings"] if check["about"] == "scenes"]
    assert texts and "of 19 sampled scenes 19 are found by path" in texts[0]
