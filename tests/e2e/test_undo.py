"""The journal of what was done to Plex, and putting it back: one push, a run, and an undo itself."""

import json

import pytest

JPEG = b"\xff\xd8\xff\xe0 harbour at night"
OTHER = b"\xff\xd8\xff\xe0 harbour at noon"
THIRD = b"\xff\xd8\xff\xe0 harbour at dawn"


def entries(world, **args):
    """What the journal has, the newest first."""
    run = world.operation("activity", **args)
    assert run.error is None, run.error
    return run.output["entries"]


def undo(world, **args):
    """What an undo answers."""
    run = world.operation("undo", **args)
    assert run.error is None, run.error
    return run.output


def nothing_comes_back(world, **held):
    """After the next sweeps the items still hold what they were given back, and nothing was sent."""
    world.clear()
    for task in ("Sync all scenes", "Reconcile"):
        world.stash.run_task(task)
        world.tasks()
    assert not world.plex.writes, [request.target for request in world.plex.writes]
    for name, value in held.items():
        assert getattr(world.films.items[0], name) == value


@pytest.fixture
def film(world):
    """Scene 45 was pushed once, over what Plex had."""
    item = world.film(45, "quay", title="Harbour Lights",
                      item={"summary": "Before.", "genres": ["Sea"], "locked": {"summary"}})
    world.index()
    world.save(45, details="By the sea.", tags=["Boats"], date="2019-05-01")
    return item


# --- the journal -----------------------------------------------------------------------------------


def test_an_entry_says_what_was_changed(world, film):
    [entry] = entries(world)

    assert {name: entry[name] for name in ("id", "run", "scene_id", "title", "result", "kept", "reason")} == {
        "id": 1, "run": 1, "scene_id": "45", "title": "Harbour Lights", "result": "synced", "kept": [], "reason": None}
    assert entry["items"] == [{"key": film.ratingKey, "library": "Films", "url": world.link(film)}]
    changes = {change.pop("field"): change for change in entry["changes"]}
    assert changes == {"title": {"before": "quay", "after": "Harbour Lights"},
                       "summary": {"before": "Before.", "after": "By the sea."},
                       "date": {"before": "", "after": "2019-05-01"},
                       "tags": {"before": ["Sea"], "after": ["Boats", "Sea"]}} or \
        sorted(changes.pop("tags")["after"]) == ["Boats", "Sea"]
    assert entry["ms"] > 0 and entry["at"].endswith("Z")


def test_what_changed_nothing_has_no_entry(world, film):
    world.save(45, organized=True)
    world.stash.library.add_scene("/data/films/elsewhere.mp4", number=46, size=7, title="Low Tide", details="x")
    world.save(46, details="Not in Plex.")
    world.tasks()
    world.drain()
    assert [(entry["scene_id"], entry["result"]) for entry in entries(world)] == [("46", "not_found"), ("45", "synced")]


def test_it_is_looked_through_page_by_page(world, film):
    for details in ("One.", "Two.", "Three."):
        world.save(45, details=details)
    first = world.operation("activity", limit=2).output
    assert [entry["changes"][0]["after"] for entry in first["entries"]] == ["Three.", "Two."] and first["more"]
    rest = world.operation("activity", limit="2", before=first["entries"][-1]["id"]).output
    assert [entry["id"] for entry in rest["entries"]] == [2, 1] and not rest["more"]
    assert [entry["id"] for entry in entries(world, text="two. HARBOUR")] == [4, 3]
    assert not entries(world, text="two", scene_id=46) and not entries(world, result="failed")
    assert len(entries(world, scene_id="45", result="synced")) == 4


def test_a_long_value_is_cut_and_put_back_as_a_whole(world, film):
    text = ("By the sea. " * 800).strip()
    film.edit(summary=text)
    film.locked.discard("summary")
    world.save(45, details="Short.")
    [change] = [change for change in entries(world)[0]["changes"] if change["field"] == "summary"]
    assert change["cut"] and len(change["before"]) == 4096 and text.startswith(change["before"])
    undo(world, entry=2)
    assert film.summary == text


@pytest.mark.parametrize("mode, args, wrong", [
    ("activity", {"limit": 1000}, "args.limit"), ("activity", {"before": "x"}, "args.before"),
    ("activity", {"result": "well"}, "args.result"), ("activity", {"text": "x" * 2_000_000}, "args.text"),
    ("activity", {"scene_id": "Harbour"}, "args.scene_id"),
    ("undo", {}, "args.entry"), ("undo", {"entry": 1, "run": 1}, "args.run"), ("undo", {"entry": "one"}, "args.entry"),
    ("undo", {"entry": 99}, "args.entry"), ("undo", {"run": 99}, "args.run"), ("undo", {"entry": -1}, "args.entry"),
    ("undo", {"entry": 1, "dry_run": "perhaps"}, "args.dry_run")])
def test_arguments_that_make_no_sense(world, film, mode, args, wrong):
    world.clear()
    run = world.operation(mode, **args)
    assert wrong in run.error and len(run.error) < 400
    assert not world.plex.writes and len(entries(world)) == 1


# --- one push ------------------------------------------------------------------------------------------


def test_one_push_is_put_back(world, film):
    dry = undo(world, entry=1, dry_run=True)
    assert (dry["result"], dry["dry_run"], sorted(dry["fields"])) == ("undone", True, ["date", "summary", "tags", "title"])
    assert film.title == "Harbour Lights" and len(entries(world)) == 1

    done = undo(world, entry="1")
    assert (done["scene_id"], done["result"], done["kept"]) == ("45", "undone", [])
    assert sorted(done["fields"]) == sorted(dry["fields"])
    assert (film.title, film.summary, film.originallyAvailableAt, film.genres) == ("quay", "Before.", None, ["Sea"])
    assert film.locked == {"summary"}, "each lock is as it was"

    entry = entries(world)[0]
    assert (entry["result"], entry["undoes"], entry["scene_id"]) == ("undone", 1, "45")
    assert "undone already" in world.operation("undo", entry=1).error
    nothing_comes_back(world, title="quay", summary="Before.", genres=["Sea"])


def test_it_stays_until_stash_changes_it(world, film):
    undo(world, entry=1)
    output = world.save(45, details="At night.").output
    assert output["fields"] == ["summary"] and sorted(output["kept"]) == ["date", "tags", "title"]
    assert (film.title, film.summary, film.genres) == ("quay", "At night.", ["Sea"])


def test_what_was_changed_since_stays(world, film):
    film.edit(title="Written in Plex", genres=["Boats", "Sea", "By hand"])
    done = undo(world, entry=1)
    assert done["kept"] == ["title"] and "title" not in done["fields"]
    assert film.title == "Written in Plex" and sorted(film.genres) == ["By hand", "Sea"]


def test_nothing_is_left_to_undo(world, film):
    world.save(45, title="Low Tide", details="At night.", tags=["Fog"], date="2020-01-01")
    film.edit(title="A", summary="B", originallyAvailableAt="2001-01-01")
    done = undo(world, entry=1)
    assert done["result"] in ("undone", "unchanged") and sorted(done["kept"]) == ["date", "summary", "title"]
    assert film.title == "A"


def test_an_older_push_than_the_last_leaves_what_the_last_wrote(world, film):
    world.save(45, details="At night.")
    done = undo(world, entry=1)
    assert done["kept"] == ["summary"] and film.summary == "At night." and film.title == "quay"


def test_undo_of_an_undo(world, film):
    undo(world, entry=1)
    done = undo(world, entry=2)
    assert done["result"] == "undone" and sorted(done["fields"]) == ["date", "summary", "tags", "title"]
    assert (film.title, film.summary) == ("Harbour Lights", "By the sea.")
    assert sorted(film.genres) == ["Boats", "Sea"] and {"title", "summary", "genre"} <= film.locked
    nothing_comes_back(world, title="Harbour Lights")
    undo(world, entry=3)
    assert film.title == "quay" and film.locked == {"summary"}


def test_the_collections_of_groups_and_studio(world):
    world.settings["fieldNoStudioCollection"] = False
    item = world.film(45, "quay", item={"collections": ["By hand"]})
    world.index()
    world.save(45, title="Harbour Lights", studio="Northwind Pictures", groups=["Tides"])
    assert sorted(item.collections) == ["By hand", "Northwind Pictures", "Tides"]
    undo(world, entry=1)
    assert item.collections == ["By hand"] and "collection" not in item.locked
    nothing_comes_back(world, collections=["By hand"])


@pytest.mark.parametrize("automatic", [True, False], ids=["Plex selects and locks", "by us"])
def test_pictures(world, automatic):
    world.settings.update(fieldNoPoster=False, fieldNoBackground=False)
    world.plex.upload_selects = world.plex.upload_locks = automatic
    item = world.film(45, "quay", title="Harbour Lights")
    item.upload("thumb", b"\xff\xd8\xff an agent's")
    item.select("thumb", item.posters[-1])
    item.locked.discard("thumb")
    world.index()
    world.save(45, details="By the sea.", cover=JPEG)
    assert item.poster.data == JPEG and {"thumb", "art"} <= item.locked
    before = len(item.posters)

    done = undo(world, entry=1)

    assert {"poster", "background"} <= set(done["fields"])
    assert item.poster.data == b"\xff\xd8\xff an agent's" and "thumb" not in item.locked
    assert item.art is None or item.art.data != JPEG
    nothing_comes_back(world)
    undo(world, entry=2)
    assert item.poster.data == JPEG and "thumb" in item.locked and len(item.posters) == before
    undo(world, entry=3)
    world.save(45, cover=OTHER)
    assert item.poster.data == OTHER, "Stash has changed it"


KEYS = ["metadata://art/1", "metadata://art/2"]


def with_backgrounds(world, *keys):
    """Scene 45, indexed, with backgrounds on; its item, of which Plex offers these and shows the first."""
    world.settings.update(fieldNoBackground=False)
    item = world.film(45, "quay", title="Harbour Lights")
    item.offer("art", *keys)
    world.index()
    return item


@pytest.mark.parametrize("automatic", [True, False], ids=["Plex selects and locks", "by us"])
@pytest.mark.parametrize("offered", [KEYS[:1], KEYS], ids=["one", "two"])
def test_a_background_that_plex_chose_is_its_choice_again(world, offered, automatic):
    world.plex.upload_selects = world.plex.upload_locks = automatic
    item = with_backgrounds(world, *offered)
    world.save(45, details="By the sea.", cover=JPEG)
    assert item.art.data == JPEG
    [change] = [c for c in entries(world)[0]["changes"] if c["field"] == "background"]
    assert change["before"] == "Plex's own choice"

    assert "background" in undo(world, entry=1, dry_run=True)["fields"] and item.art.data == JPEG
    assert "background" in undo(world, entry=1)["fields"]

    assert item.art.ratingKey == KEYS[0] and "art" not in item.locked
    nothing_comes_back(world)
    undo(world, entry=2)
    assert item.art.data == JPEG and "art" in item.locked
    undo(world, entry=3)
    assert item.art.ratingKey == KEYS[0] and "art" not in item.locked


def test_plex_own_choice_is_found_among_several_of_ours(world):
    item = with_backgrounds(world, *KEYS)
    world.save(45, details="By the sea.", cover=JPEG)
    world.save(45, cover=OTHER)

    undo(world, entry=2)
    assert item.art.data == JPEG and "art" in item.locked
    assert "background" in undo(world, entry=1)["fields"]
    assert item.art.ratingKey == KEYS[0] and "art" not in item.locked


def test_plex_own_choice_is_found_behind_three_of_ours(world):
    """Those that another one took the place of are ours still, and no guess at whose they are is needed."""
    item = with_backgrounds(world, *KEYS)
    for cover in (JPEG, OTHER, THIRD):
        world.save(45, details=f"By the sea, {len(cover)}.", cover=cover)

    for entry, shown in ((3, OTHER), (2, JPEG)):
        undo(world, entry=entry)
        assert item.art.data == shown and "art" in item.locked
    assert "background" in undo(world, entry=1)["fields"]
    assert item.art.ratingKey == KEYS[0] and "art" not in item.locked


def test_a_background_that_may_have_been_uploaded_is_not_guessed(world):
    item = with_backgrounds(world, KEYS[0])
    item.upload("art", OTHER)
    item.locked.discard("art")
    world.save(45, details="By the sea.", cover=JPEG)

    for dry_run in (True, False):
        done = undo(world, entry=1, dry_run=dry_run)
        assert done["kept"] == ["background"] and "choose one in Plex" in done["reason"]
    assert item.art.data == JPEG and not item.summary


def test_a_background_that_was_chosen_since_stays(world):
    item = with_backgrounds(world, *KEYS)
    world.save(45, details="By the sea.", cover=JPEG)
    item.select("art", item.arts[1])

    assert undo(world, entry=1)["kept"] == ["background"]
    assert item.art.ratingKey == KEYS[1] and "art" in item.locked


def test_a_poster_that_was_ours_before(world):
    world.settings.update(fieldNoPoster=False)
    item = world.film(45, "quay", title="Harbour Lights")
    world.index()
    world.save(45, details="By the sea.", cover=JPEG)
    world.save(45, cover=OTHER)
    undo(world, entry=2)
    assert item.poster.data == JPEG and "thumb" in item.locked
    nothing_comes_back(world)
    world.save(45, cover=THIRD)
    assert item.poster.data == THIRD, "it is ours to replace"


def test_a_poster_that_was_ours_before_the_one_before(world):
    world.settings.update(fieldNoPoster=False)
    item = world.film(45, "quay", title="Harbour Lights")
    world.index()
    for cover in (JPEG, OTHER, THIRD):
        world.save(45, details=f"By the sea, {len(cover)}.", cover=cover)
    undo(world, entry=3)
    undo(world, entry=2)
    assert item.poster.data == JPEG and "thumb" in item.locked
    nothing_comes_back(world)
    world.save(45, cover=b"\xff\xd8\xff\xe0 harbour at dusk")
    assert item.poster.data == b"\xff\xd8\xff\xe0 harbour at dusk", "it is ours to replace"


def test_an_item_that_is_gone_or_another(world, film):
    film.media[0].parts[0].file = "/data/films/other.mp4"
    error = world.operation("undo", entry=1).error
    assert "does not play" in error and film.title == "Harbour Lights"
    world.films.remove_item(film)
    assert "does not have item" in world.operation("undo", entry=1).error
    assert len(entries(world)) == 1


def test_plex_is_away(world, film):
    world.plex.stop()
    assert world.operation("undo", entry=1).error
    world.plex.start()
    assert undo(world, entry=1)["result"] == "undone"


# --- a run ------------------------------------------------------------------------------------------------

MANY = 1000


@pytest.fixture
def many(world):
    """So many scenes, pushed by one run."""
    items = [world.film(number, f"film {number}", details=f"By the sea, {number}.", item={"summary": "Before."})
             for number in range(1, MANY + 1)]
    world.index()
    world.stash.run_task("Sync all scenes")
    world.tasks(120)
    assert all(item.summary != "Before." for item in items)
    return items


def test_a_whole_run_is_put_back(world, many):
    [run] = {entry["run"] for entry in entries(world, limit=100)}
    many[7].edit(summary="Written in Plex.")
    many[8].edit(summary="Written in Plex.")
    world.clear()

    dry = undo(world, run=run, dry_run=True)
    assert {name: dry[name] for name in ("scenes", "undone", "kept", "failed")} == \
        {"scenes": MANY, "undone": MANY - 2, "kept": 2, "failed": 0}
    assert len(dry["results"]) == 100 and not world.plex.writes and len(world.plex.requests) <= MANY / 50 + 1

    world.stash.hold_jobs = True
    done = undo(world, run=run)
    assert (done["scenes"], done["undone"], done["kept"], done["failed"]) == (MANY, 50, 0, 0)
    assert sum(item.summary == "Before." for item in many) == 50
    assert "is being undone" in world.operation("undo", run=run + 1).error
    world.stash.hold_jobs = False
    world.tasks(120)

    assert [item.summary for item in many].count("Before.") == MANY - 2
    assert not any("summary" in item.locked for item in many[:7] + many[9:])
    [undone] = {entry["run"] for entry in entries(world, result="undone", limit=100)}
    assert undone != run
    nothing_comes_back(world)
    assert "nothing to undo" in world.operation("undo", run=99).error

    undo(world, run=undone)
    world.tasks(120)
    assert [item.summary for item in many].count("Before.") == 0


def test_at_a_terminal(world, many):
    where = ["--state", str(world.state), "--stash-url", world.stash.url]
    done = world.plexsync("undo", "--run", "1", "--json", *where)
    assert done.returncode == 0 and json.loads(done.stdout)["undone"] == MANY, done.stderr
    assert [item.summary for item in many].count("Before.") == MANY
    done = world.plexsync("activity", *where)
    assert b"undone" in done.stderr and done.returncode == 0
    for args in (["--entry", "x"], [], ["--entry", "1", "--run", "1"], ["--entry", "1"]):
        assert world.plexsync("undo", *args, *where).returncode == 2
