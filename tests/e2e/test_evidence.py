"""What proves that a file is the same one, beside its path: size and duration, as Plex has them today.

Nothing that is ambiguous stays so for ever: a scene is tried again when Plex has something new to say
about a file of its name, and costs nothing until then.
"""

import pytest

HERE, THERE = "/media/x/Harbour.mp4", "/data/films/coast/Harbour.mp4"     # one file, two mounts
SAME = "/data/films/Harbour.mp4"
LONG = 7_000_000            # milliseconds; a scene has ten minutes, as has an item of which nothing else is said


def scene(world, path=HERE, number=1, size=1000, **values):
    """A scene in Stash of which something is known."""
    return world.stash.library.add_scene(path, number=number, size=size, **{"details": f"of {number}", **values})


def lasting(path, seconds, size=1000):
    """A file in Stash that lasts that long."""
    return {"files": [{"path": path, "size": size, "duration": seconds}]}


def details_read(world):
    """How many items were read since the last clear()."""
    return sum(count for what, count in world.plex.counts().items() if what.startswith("GET /library/metadata/"))


# --- other mounts: name, and size or duration ---------------------------------------------------------


@pytest.mark.parametrize("seconds, ms", [(600.0, 600_000), (600.9, 600_000), (599.1, 600_000), (30.2, 30_000)])
def test_a_file_whose_tags_were_rewritten_is_found_by_its_duration(world, seconds, ms):
    item = world.films.add_item(file=THERE, size=1234, duration=ms)
    scene(world, None, **lasting(HERE, seconds))

    output = world.sync(1)

    assert [(found["rule"], found["confidence"]) for found in output["items"]] == [("name_duration", "high")]
    assert item.summary == "of 1"


@pytest.mark.parametrize("seconds, ms", [(600.0, 602_000), (600.0, LONG), (10.0, 10_000), (29.9, 29_900), (0.0, LONG)])
def test_another_duration_or_a_short_one_is_no_evidence(world, seconds, ms):
    item = world.films.add_item(file=THERE, size=1234, duration=ms)
    scene(world, None, **lasting(HERE, seconds))

    assert world.sync(1)["result"] == "ambiguous"
    assert item.summary is None


def test_several_of_one_duration_are_told_apart_by_folders_or_not_at_all(world):
    near = world.films.add_item(file="/data/films/Coast/video.mp4", size=1)
    far = world.films.add_item(file="/data/films/Inland/video.mp4", size=2)
    scene(world, "/media/Coast/video.mp4", 1)
    scene(world, "/media/other/video.mp4", 2)

    assert (world.sync(1)["result"], world.sync(2)["result"]) == ("synced", "ambiguous")
    assert (near.summary, far.summary) == ("of 1", None)


# --- the index may be older than the file ---------------------------------------------------------------


@pytest.mark.parametrize("today", [{"size": 1000}, {"size": 1234, "duration": 600_000}])
def test_the_item_is_read_before_it_is_called_ambiguous(world, today):
    """Plex has looked at the file again: neither stamp nor counter says so."""
    item = world.films.add_item(file=THERE, size=1, duration=LONG)
    world.index()
    item.set_file(THERE, **today)
    scene(world)

    assert world.sync(1)["result"] == "synced"
    assert item.summary == "of 1"
    assert details_read(world) == 3     # to look, to write, and what was written


def test_what_is_certain_is_not_read_twice(world):
    world.film(1, "Harbour", details="By the sea.")
    world.index()

    assert world.sync(1)["result"] == "synced"
    assert details_read(world) == 2     # and what was written


def test_of_many_candidates_those_in_like_folders_are_read(world):
    items = [world.films.add_item(file=f"/data/films/{n}/video.mp4", size=1, duration=LONG) for n in range(30)]
    world.index()
    items[29].set_file("/data/films/29/video.mp4", 1000)
    scene(world, "/media/29/video.mp4")

    assert world.sync(1)["result"] == "synced"
    assert items[29].summary == "of 1"
    assert details_read(world) == 8 + 2


def test_a_library_that_another_run_read_as_a_whole_is_not_what_plex_has_now(world):
    item = world.films.add_item(file=THERE, size=1, duration=LONG)
    scene(world)
    world.index()
    world.queue_only(1)
    world.clock(61)
    world.stash.hold_jobs = True      # the drain that the other run asks for
    world.operation("rebuild-index")
    item.set_file(THERE, size=1000, duration=600_000)

    world.clock(62)
    world.stash.hold_jobs = False
    world.drain()

    assert item.summary == "of 1"


def test_an_item_that_plex_cannot_show_is_no_obstacle(world):
    bad, good = [world.films.add_item(file=f"/data/films/{folder}/Harbour.mp4", size=1, duration=LONG)
                 for folder in "ab"]
    world.index()
    bad.fail_detail = 500
    good.set_file("/data/films/b/Harbour.mp4", 1000)
    scene(world)

    assert world.sync(1)["result"] == "synced"
    assert (bad.summary, good.summary) == (None, "of 1")


def test_what_plex_does_not_answer_is_not_ambiguous(world):
    world.films.add_item(file=THERE, size=1, duration=LONG)
    world.index()
    scene(world)
    world.plex.fault(("GET", ".*"), "off", times=99)

    assert world.operation("sync-scene", scene_id="1").error
    assert world.queue() == (1, 0, 0)


def test_a_dry_run_says_what_the_push_will_do(world):
    item = world.films.add_item(file=THERE, size=1, duration=LONG)
    world.index()
    item.set_file(THERE, 1000)
    scene(world)

    assert world.sync(1, dry_run=True)["fields"] == ["summary"]
    assert not world.plex.writes


# --- nothing that is ambiguous is final --------------------------------------------------------------------


def ambiguous(world):
    """A scene that failed: its item has the name, another size and another duration."""
    item = world.films.add_item(file=THERE, size=1, duration=LONG)
    scene(world)
    world.index()
    assert world.sync(1)["result"] == "ambiguous"
    assert world.queue() == (0, 0, 1)
    return item


def by_drain(world):
    """Plex's counter moved, and some drain comes by when a full pass may be made."""
    world.films.bump()
    world.clock(minutes=61)
    world.drain()


def by_news(world):
    """Plex says that the item is newer: no full pass is needed."""
    world.films.items[0].updatedAt = world.plex.now + 60
    world.films.bump()
    world.drain()


def by_rebuilding(world):
    """A task of ours."""
    world.stash.run_task("Rebuild library index")
    world.tasks()


def by_reconciling(world):
    """Another one."""
    world.stash.run_task("Reconcile")
    world.tasks()


def by_saving(world):
    """The person edits the scene."""
    world.save(1, details="of 1", title="")
    world.tasks()


@pytest.mark.parametrize("mended", [by_drain, by_news, by_rebuilding, by_reconciling, by_saving])
@pytest.mark.parametrize("today", [{"size": 1000}, {"size": 1, "duration": 600_000}])
def test_it_is_tried_again_when_plex_knows_the_file_better(world, mended, today):
    item = ambiguous(world)
    item.set_file(THERE, **today)

    mended(world)

    assert item.summary == "of 1"
    assert world.queue() == (0, 0, 0)


def test_until_then_it_costs_one_question_for_all_of_them(world):
    ambiguous(world)
    for number in (2, 3, 4):
        scene(world, f"/media/y/{number}/Harbour.mp4", number)
        assert world.sync(number)["result"] == "ambiguous"
    world.clear()

    world.drain()

    assert world.plex.counts() == {"GET /library/sections": 1, "GET /library/sections/1/all": 1}
    assert world.queue() == (0, 0, 4)


def days(world, count):
    """Drains that come by in the hours after the daily comparison is due."""
    for day in range(count):
        for minutes in (1, 70):
            world.clock(minutes=(day + 1) * 25 * 60 + minutes)
            world.drain()
            world.tasks()


@pytest.mark.parametrize("here, there", [(HERE, THERE), (SAME, SAME)])
@pytest.mark.parametrize("today", [{"size": 1000}, {"size": 1, "duration": 600_000}])
def test_it_is_tried_again_after_a_day_although_no_counter_moved(world, here, there, today):
    item = world.films.add_item(file=there, size=1, duration=LONG)
    world.index()
    world.clock(1)
    world.drain()
    scene(world, here)
    assert world.sync(1)["result"] == "ambiguous"
    item.set_file(there, **today)
    world.clock(minutes=61)
    world.drain()
    assert item.summary is None

    days(world, 1)

    assert (item.summary, world.queue()) == ("of 1", (0, 0, 0))


def test_a_day_that_changes_nothing_reads_it_once_more(world):
    item = ambiguous(world)
    world.clock(1)
    world.drain()
    world.clear()

    days(world, 1)

    assert details_read(world) == 1
    assert (item.summary, world.queue()) == (None, (0, 0, 1))


def test_of_many_candidates_others_are_read_every_day(world):
    items = [world.films.add_item(file=f"/data/films/{n}/video.mp4", size=1, duration=LONG) for n in range(20)]
    scene(world, "/media/x/video.mp4")
    world.index()
    assert world.sync(1)["result"] == "ambiguous"
    world.clock(1)
    world.drain()
    items[17].set_file("/data/films/17/video.mp4", size=1000)
    world.clear()

    days(world, 3)

    assert items[17].summary == "of 1"
    assert details_read(world) <= 3 * 8 + 2


def test_every_full_pass_gives_one_more_try(world):
    """Of two copies one goes: no row changes, one is just not there any more."""
    one, other = [world.films.add_item(file=f"/data/films/{folder}/Harbour.mp4", size=1000) for folder in "ab"]
    scene(world)
    world.index()
    assert world.sync(1)["result"] == "ambiguous"
    world.films.remove_item(other)

    by_drain(world)

    assert one.summary == "of 1"
    assert world.queue() == (0, 0, 0)


def test_a_full_pass_that_changes_nothing_leaves_it_failed_and_reads_no_item(world):
    item = ambiguous(world)
    world.clear()

    by_drain(world)
    world.drain()

    assert details_read(world) == 0
    assert (item.summary, world.queue()) == (None, (0, 0, 1))


def test_other_failures_are_not_tried_again_by_a_full_pass(world):
    item = world.film(1, "Harbour", details="By the sea.", item={"fail_detail": 403})
    world.index()
    assert world.operation("sync-scene", scene_id="1").error
    failed = world.status()["failed"]
    item.fail_detail = None
    world.clear()

    by_rebuilding(world)

    assert world.status()["failed"] == failed
    assert not world.plex.writes


# --- one path, two files ------------------------------------------------------------------------------------


@pytest.mark.parametrize("size, ms", [(2000, LONG), (2000, 601_500), (999, 598_000), (1, 1_000)])
def test_the_same_path_is_no_proof_if_nothing_else_is_the_same(world, size, ms):
    item = world.films.add_item(file=SAME, size=size, duration=ms)
    scene(world, SAME)
    world.index()

    run = world.save(1, title="Harbour")
    assert run.output["result"] == "ambiguous"

    assert f"{size} bytes" in run.output["reason"] and "1000 bytes and 0:10:00" in run.output["reason"]
    assert [(found["key"], found["path"]) for found in run.output["candidates"]] == [(item.ratingKey, SAME)]
    assert "another size and another duration" in world.status()["failed"][0]["reason"]
    assert not world.plex.writes
    assert world.request_count() == (1, 1)      # the scene, and the item, which is read anyway


@pytest.mark.parametrize("size, ms", [(1000, LONG), (2000, 600_000), (2000, 600_900), (0, LONG), (2000, 0), (0, 0)])
def test_a_file_that_was_encoded_anew_is_still_itself(world, size, ms):
    item = world.films.add_item(file=SAME, size=size, duration=ms or 1)
    if ms == 0:
        item.media[0].duration = item.parts[0].duration = None
    scene(world, SAME)

    assert [found["rule"] for found in world.sync(1)["items"]] == ["path"]
    assert item.summary == "of 1"


def test_the_values_of_today_count(world):
    item = world.films.add_item(file=SAME, size=2000, duration=LONG)
    scene(world, SAME)
    world.index()
    item.set_file(SAME, 1000)

    assert world.save(1, title="Harbour").output["result"] == "synced"
    assert world.plex.counts() == {f"GET /library/metadata/{item.id}": 2, "PUT /library/sections/1/all": 1}


def test_what_was_pushed_before_is_not_doubted(world):
    item = world.films.add_item(file=SAME, size=1000)
    scene(world, SAME)
    world.sync(1)
    item.set_file(SAME, 2000, duration=LONG)

    assert world.save(1, details="By the sea.").output["result"] == "synced"
    assert item.summary == "By the sea."


def test_it_is_tried_again_when_plex_has_scanned_the_right_file(world):
    item = world.films.add_item(file=SAME, size=2000, duration=LONG)
    scene(world, SAME)
    world.index()
    assert world.sync(1)["result"] == "ambiguous"
    item.set_file(SAME, 1000, duration=600_000)

    by_drain(world)

    assert (item.summary, world.queue()) == ("of 1", (0, 0, 0))


def test_a_person_who_accepts_names_accepts_it(world):
    world.settings["matchByName"] = True
    item = world.films.add_item(file=SAME, size=2000, duration=LONG)
    scene(world, SAME)

    assert [(found["rule"], found["confidence"]) for found in world.sync(1)["items"]] == [("name", "low")]
    assert item.summary == "of 1"


def test_but_not_one_of_several_of_that_name(world):
    world.settings["matchByName"] = True
    item = world.films.add_item(file=SAME, size=2000, duration=LONG)
    world.films.add_item(file="/data/films/old/Harbour.mp4", size=3000, duration=LONG)
    scene(world, SAME)

    assert world.sync(1)["result"] == "ambiguous"
    assert item.summary is None


def test_the_other_library_gets_it(world):
    """The same path in two libraries, one of which has looked at the file again."""
    clips = world.plex.add_library("Clips", ["/data/films"])
    old, new = world.films.add_item(file=SAME, size=2000, duration=LONG), clips.add_item(file=SAME, size=1000)
    scene(world, SAME)

    assert world.sync(1)["result"] == "synced"
    assert (old.summary, new.summary) == (None, "of 1")
    assert world.queue() == (0, 1, 0)

    old.set_file(SAME, 1000)
    by_drain(world)
    assert (old.summary, world.queue()) == ("of 1", (0, 0, 0))


def test_explain_tells_size_and_duration_in_words(world):
    world.films.add_item(file=SAME, size=2000, duration=LONG)
    world.films.add_item(file="/data/films/HARBOUR.mp4", size=1000, duration=12_000)
    scene(world, SAME)
    world.index()

    lines = world.operation("explain", scene_id="1").output["lines"]

    assert f"File {SAME} (1000 bytes), 600.0 s long" in lines
    assert any("the same path, another size (2000 bytes), 2 equal folders above, another duration (7000.0 s)" in line
               for line in lines)
    assert any("but for its case the same path, the same size (1000 bytes), 2 equal folders above, too short for its "
               "duration to prove anything (12.0 s)" in line for line in lines)
    assert any(line.startswith("No item: Plex item") and "another duration" in line for line in lines)


# --- an item of another scene ----------------------------------------------------------------------------------


def merged(world):
    """Plex took the files of two scenes for versions of one film: scene 1 has it, scene 2 is told so."""
    item = world.films.add_item("Harbour", file="/data/films/a.mp4", size=11)
    item.add_media("/data/films/b.mp4", 22)
    scene(world, "/data/films/a.mp4", 1, 11)
    scene(world, "/data/films/b.mp4", 2, 22)
    world.index()
    assert world.sync(1)["result"] == "synced"
    output = world.sync(2)
    assert output["result"] == "ambiguous" and "belongs to scene 1" in output["reason"]
    assert world.queue() == (0, 0, 1)
    return item


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize("gone", [0, 1])
def test_a_person_splits_what_plex_merged(world, gone, fresh):
    """Either file gets an item of its own, which looks new or as old as the one that it was split from."""
    item = merged(world)
    paths = ["/data/films/a.mp4", "/data/films/b.mp4"]
    item.lose_media(item.media[gone])
    world.plex.now += 600
    stamps = {} if fresh else {"addedAt": item.addedAt, "updatedAt": item.updatedAt}
    other = world.films.add_item("Harbour", file=paths[gone], size=11 * (gone + 1), **stamps)

    world.clock(minutes=61)
    world.drain()
    world.drain()

    holds = {row.files[0]: row.summary for row in (item, other)}
    assert holds["/data/films/b.mp4"] == "of 2"
    assert world.queue() == (0, 0, 0)


def test_a_split_is_noticed_after_a_full_pass(world):
    """The index still has the file as a part of the item that both were."""
    item = merged(world)
    by_drain(world)
    item.lose_media(item.media[1])
    world.plex.now += 7200
    other = world.films.add_item("Harbour", file="/data/films/b.mp4", size=22)

    world.clock(130)
    world.drain()

    assert (item.summary, other.summary, world.queue()) == ("of 1", "of 2", (0, 0, 0))


@pytest.mark.parametrize("minutes", [9, 64, 439])
def test_three_files_are_split_one_after_the_other(world, minutes):
    item = world.films.add_item("Harbour", file="/data/films/a.mp4", size=11)
    media = [item.add_media(f"/data/films/{name}.mp4", size) for name, size in (("b", 22), ("c", 33))]
    for number, name in enumerate("abc", 1):
        scene(world, f"/data/films/{name}.mp4", number, number * 11)
    world.index()
    world.operation("sync-all")
    world.tasks()
    assert world.queue() == (0, 0, 2)
    split = []

    for at, name in enumerate("bc"):
        item.lose_media(media[at])
        world.plex.now += 600
        split.append(world.films.add_item("Harbour", file=f"/data/films/{name}.mp4", size=22 + at * 11))
        world.clock(61 + at * minutes)
        world.drain()
        world.drain()

    assert [row.summary for row in (item, *split)] == ["of 1", "of 2", "of 3"]
    assert world.queue() == (0, 0, 0)


def test_the_owner_is_destroyed(world):
    item = merged(world)

    world.check(*world.stash.destroy_scene(1))
    world.tasks()

    assert (item.summary, world.queue()) == ("of 2", (0, 0, 0))


def test_the_owner_loses_the_file_in_stash(world):
    item = merged(world)
    world.stash.library.get("scene", 1).files[:] = [world.stash.library.add_file("/data/films/new.mp4", size=5)]

    world.save(1, title="Another film")
    world.tasks()

    assert item.summary == "of 2"
    assert world.queue() == (0, 1, 0)


def test_the_owner_is_left_alone_from_now_on(world):
    """A scene that the settings leave out owns nothing."""
    item = merged(world)
    world.settings["sceneSkipTag"] = "Private"

    world.save(1, tags=["Private"])
    world.tasks()

    assert (item.summary, world.queue()) == ("of 2", (0, 0, 0))


PATH, CASE, SIZE, LENGTH = "/data/films/a/video.mp4", "/data/films/a/Video.mp4", "/media/a/video.mp4", "/media/b/video.mp4"
SURER = [(PATH, CASE), (PATH, SIZE), (PATH, LENGTH), (SIZE, LENGTH)]
AS_SURE = [(LENGTH, "/media/b/c/video.mp4"), (SIZE, "/media/c/video.mp4"), ("/hd/video.mp4", "/sd/video.mp4")]


def contest(world, one, two, *order):
    """Two scenes for which Plex has one file, saved in turns; the results of the last round, and the item."""
    world.settings["libraryPathMap"] = "/hd => /data/films/a; /sd => /data/films/a"
    item = world.films.add_item(file=PATH, size=1000)
    for number, path in enumerate((one, two), 1):
        seconds, size = (600.5, 2222) if path.startswith("/media/b/") else (600.0, 1000)
        world.stash.library.add_scene(None, number=number, **lasting(path, seconds, size))
    world.index()
    for turn in range(2):
        results = {number: world.save(number, details=f"of {number}, {turn}").output["result"] for number in order}
    world.tasks()
    return item.summary, results


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
@pytest.mark.parametrize("one, two", SURER)
def test_of_two_scenes_that_play_it_first_the_surer_match_has_it(world, one, two, order):
    assert contest(world, one, two, *order) == ("of 1, 1", {1: "synced", 2: "ambiguous"})


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
@pytest.mark.parametrize("one, two", AS_SURE)
def test_of_two_that_are_as_sure_the_first_has_it(world, one, two, order):
    first, second = order

    assert contest(world, one, two, *order) == (f"of {first}, 1", {first: "synced", second: "ambiguous"})


def test_a_comparison_every_day_leaves_it_where_it_is(world):
    item = world.films.add_item(file="/data/films/hd/Harbour.mp4", size=5000)
    scene(world, "/media/hd/Harbour.mp4", 1, 5000)
    scene(world, "/media/sd/Harbour.mp4", 2, 700)
    world.index()
    world.clock(1)
    world.operation("sync-all")
    world.tasks()
    world.clear()

    days(world, 2)

    assert (item.summary, world.queue()) == ("of 1", (0, 0, 1))
    assert not world.plex.writes


LEFT_OUT = {"sceneSkipTag": "Private", "scenePathSkip": "**/a.mp4", "sceneNeedTags": "Film", "sceneOnlyOrganized": True}


@pytest.mark.parametrize("later", ["sync-all", "save", "a day"])
@pytest.mark.parametrize("setting", LEFT_OUT)
def test_a_setting_leaves_the_owner_out_from_now_on(world, setting, later):
    item = merged(world)
    world.stash.library.auto_tag(1, "Private")
    world.stash.library.auto_tag(2, "Film")
    world.stash.library.get("scene", 2).organized = True
    world.settings[setting] = LEFT_OUT[setting]

    if later == "save":
        world.save(2, rating100=80)
    elif later == "sync-all":
        world.operation("sync-all")
    else:
        world.clock(1)
        world.drain()
        days(world, 1)
    world.tasks()

    assert (item.summary, world.queue()) == ("of 2", (0, 0, 0))


def test_the_item_loses_the_file_of_the_scene_that_waits(world):
    item = merged(world)
    item.lose_media(item.media[1])

    by_drain(world)

    assert (item.summary, world.queue()) == ("of 1", (0, 1, 0))     # not failed: Plex does not have it


def test_the_scene_that_waits_has_the_first_part_now(world):
    item = merged(world)
    item.media.reverse()
    item.touch()

    by_drain(world)

    assert (item.summary, world.queue()) == ("of 2", (0, 0, 0))


def test_while_the_owner_keeps_it_nothing_is_tried(world):
    item = merged(world)
    world.clear()

    world.save(1, details="By the sea.")
    world.drain()

    assert world.queue() == (0, 0, 1)
    assert item.summary == "By the sea."
    assert "2" not in [request["variables"].get("id") for request in world.stash.graphql_requests]
