"""Dry runs of sweeps: what a preview tells is what a real run right after it writes, no more and no less."""

import re

import pytest
from shelf import edited, shelf, task, titles, writes

LINE = re.compile(r'Scene (\d+) "[^"]*": (?:would write|wrote) ([a-z_, ]+) in ')


def told(run):
    """Scene -> fields, as the log tells it."""
    return {int(number): fields.split(", ") for number, fields in LINE.findall(run.text("info"))}


def same(world, real="Sync all scenes"):
    """A preview and a real run; both tell the same, and the preview wrote nothing. What they tell."""
    world.clear()
    preview = task(world, "Preview (dry run)")
    assert preview.error is None
    assert world.plex.writes == [], "a preview writes nothing"
    run = task(world, real)
    assert run.error is None
    assert told(preview) == told(run)
    assert preview.output["would_write"] == run.output["drain"]["synced"] == len(told(run))
    counted = {}
    for fields in told(run).values():
        for field in fields:
            counted[field] = counted.get(field, 0) + 1
    assert preview.output["fields"] == counted
    return told(run)


def test_the_first_run(world):
    shelf(world, 4)
    world.stash.library.get("scene", 2).rating100 = 80
    world.films.items[2].title, world.films.items[2].genres = "Harbour Lights 3", ["Boats"]

    assert {number: sorted(fields) for number, fields in same(world).items()} == {
        1: ["tags", "title"], 2: ["rating", "tags", "title"], 4: ["tags", "title"]}


def test_after_edits_on_both_sides(world):
    items = shelf(world, 5)
    task(world, "Sync all scenes")
    library = world.stash.library
    library.auto_tag(1, "Night")
    library.update_scene(2, {"title": "Low Tide", "details": "At sea."})
    items[1].edit(title="Somebody's own")
    items[2].edit(title="Somebody's own")
    library.update_scene(3, {"rating100": 40})
    library.update_scene(4, {"tag_ids": []})

    assert {number: sorted(fields) for number, fields in same(world).items()} == {
        1: ["tags"], 2: ["summary", "title"], 3: ["rating"], 4: ["tags"]}
    assert titles(items[:3]) == ["Harbour Lights 1", "Low Tide", "Somebody's own"]


def test_with_pictures_and_collections(world):
    world.settings.update({"fieldNoPoster": False, "fieldNoBackground": False, "fieldNoStudioCollection": False})
    shelf(world, 3, studio="Lumen House")
    world.stash.library.set_cover(2, b"\xff\xd8\xff\xe0 harbour at night")

    found = same(world)

    assert {"poster", "background", "studio_collection"} <= set(found[2])
    assert not {"poster", "background"} & set(found[1] + found[3])


def test_scenes_that_wait_in_the_queue_are_written_too_and_so_they_are_told(world):
    """The real run drains the queue: what is in it already is a part of what it writes."""
    shelf(world, 3)
    world.queue_only(2)

    assert sorted(same(world)) == [1, 2, 3]


def test_two_scenes_for_one_item(world):
    """Only one of them is written."""
    world.films.add_item(parts=[("/data/films/cd1.mp4", 1), ("/data/films/cd2.mp4", 2)])
    world.stash.library.add_scene("/data/films/cd1.mp4", number=1, size=1, title="Harbour Lights")
    world.stash.library.add_scene("/data/films/cd2.mp4", number=2, size=2, title="Low Tide")
    world.index()

    assert sorted(same(world)) == [1]


def test_every_reason_is_counted_with_examples(world):
    shelf(world, 2)
    library = world.stash.library
    world.settings["sceneSkipTag"] = "no plex"
    for number in (10, 11, 12, 13):
        library.add_scene(f"/data/films/skipped {number}.mp4", number=number, title="T", tags=["No Plex"])
    library.add_scene("/data/films/blank.mp4", number=20)
    library.add_scene(None, number=21, title="No file")
    library.add_scene("/data/films/not there.mp4", number=22, size=5, title="T")
    world.films.add_item(file="/data/films/twin.mp4", size=9)
    world.films.add_item(file="/data/films/twin.mp4", size=9)
    library.add_scene("/data/films/twin.mp4", number=23, size=9, title="T")
    world.films.items[1].title, world.films.items[1].genres = "Harbour Lights 2", ["Boats"]
    world.index()

    run = task(world, "Preview (dry run)")

    reasons = {entry["reason"]: (entry["count"], entry["examples"]) for entry in run.output["reasons"]}
    assert reasons == {
        "it has the tag of setting sceneSkipTag": (4, ["10", "11", "12"]),
        "nothing is known about it yet": (1, ["20"]),
        "it has no file": (1, ["21"]),
        "Plex does not have its file": (1, ["22"]),
        "which item it is, is not certain": (1, ["23"]),
        "Plex has it already": (1, ["2"])}
    assert "(scene 10, 11, 12, …)" in run.text("info")
    assert (run.output["would_write"], run.output["ignored"]) == (1, 6)
    assert world.queue() == (0, 0, 0)


def test_no_reason_is_left_out_however_many_there_are(world):
    world.settings.update({"sceneSkipTag": "no plex", "sceneOnlyOrganized": True, "sceneOnlyStashId": True,
                           "sceneNeedTags": "Boats, No Plex", "scenePathOnly": "/data/**", "scenePathSkip": "**/old/**"})
    library, add = world.stash.library, world.stash.library.add_scene
    known = {"organized": True, "tags": ["Boats"], "stash_ids": [{"endpoint": "https://box.example", "stash_id": "3f2a"}]}

    def add_scene(path, **values):
        add(path, **{**known, **values})

    library.add_scene = add_scene
    shelf(world, 3)
    library.add_scene("/data/films/other.mp4", number=10, title="T", organized=False)
    library.add_scene("/data/films/skipped.mp4", number=11, title="T", tags=["No Plex"])
    library.add_scene("/data/films/anybody's.mp4", number=12, title="T", stash_ids=[])
    library.add_scene(None, number=13, title="No file")
    library.add_scene("/data/films/not there.mp4", number=14, size=5, title="T")
    library.add_scene("/data/films/untagged.mp4", number=16, title="T", tags=[])
    library.add_scene("/media/films/elsewhere.mp4", number=17, title="T")
    library.add_scene("/data/films/old/skipped.mp4", number=18, title="T")
    for _ in range(2):
        world.films.add_item(file="/data/films/twin.mp4", size=9)
    library.add_scene("/data/films/twin.mp4", number=15, size=9, title="T")
    world.films.items[1].title, world.films.items[1].genres = "Harbour Lights 2", ["Boats"]
    world.films.items[2].fail_detail = 500
    world.index()

    run = task(world, "Preview (dry run)")

    assert [entry["examples"] for entry in run.output["reasons"] if "setting scene" in entry["reason"]] == [
        ["10"], ["11"], ["12"], ["16"], ["17"], ["18"]]
    assert len(run.output["reasons"]) == 11
    assert sum(entry["count"] for entry in run.output["reasons"]) == 11
    assert "HTTP 500" in run.text("warning")


def test_while_plex_is_down_a_preview_says_so_and_queues_nothing(world):
    shelf(world, 3)
    world.plex.stop()

    run = task(world, "Preview (dry run)")

    assert "Plex" in run.error and run.output is None
    assert world.queue() == (0, 0, 0)
    world.plex.start()


@pytest.mark.parametrize("mode", ["sync-all", "sync-recent", "reconcile"])
def test_each_of_them_has_a_dry_run(world, mode):
    items = shelf(world, 2)

    run = world.operation(mode, dry_run=True)

    assert (run.output["dry_run"], run.output["would_write"]) == (True, 2)
    assert run.output["fields"] == {"title": 2, "tags": 2}
    assert writes(world) == 0 and titles(items) == ["film 1", "film 2"]
    assert world.queue() == (0, 0, 0)
    world.stash.library.get("scene", 1).title = "Low Tide"
    assert world.operation(mode).output["drain"]["synced"] == 2
    assert titles(items) == ["Low Tide", "Harbour Lights 2"]


def test_a_forced_dry_run_tells_what_force_would_write(world):
    items = shelf(world, 2)
    task(world, "Sync all scenes")
    items[0].edit(title="Somebody's own")

    plain = world.operation("sync-all", dry_run=True)
    forced = world.operation("sync-all", dry_run=True, force=True)

    assert [plain.output["would_write"], forced.output["would_write"]] == [0, 1]
    assert told(forced) == {1: ["title"]}
    assert items[0].title == "Somebody's own"


def test_a_preview_of_a_large_change_does_not_become_a_queue(world):
    shelf(world, 3)

    task(world, "Preview (dry run)")
    world.later(61)

    assert world.operation("tick").output == {"asked": False}
    assert edited(world) == []
