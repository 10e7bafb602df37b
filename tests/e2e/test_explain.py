"""explain: one scene in words, for the person who wonders why it did not sync."""

import pytest


def explained(world, number):
    """The lines of the answer, as one text; nothing may have been written by it."""
    before = len([request for request in world.plex.requests if request.method != "GET"])
    run = world.operation("explain", scene_id=str(number))
    assert run.error is None, run.error
    assert len([request for request in world.plex.requests if request.method != "GET"]) == before
    text = "\n".join(run.output["lines"])
    for line in run.output["lines"]:
        assert line in run.text("info"), "the log says the same"
    return text, run.output.get("verdict")


def test_a_scene_that_would_be_written(world):
    item = world.film(45, "quay", title="Harbour Lights", tags=["Boats"])
    world.index()

    text, verdict = explained(world, 45)

    assert 'Scene 45 "Harbour Lights"' in text
    assert f"Settings: Plex at {world.plex.url}; libraries: all of type movie; libraryPathMap: none" in text
    assert 'Filter "setting sceneOnlyOrganized": passed' in text
    assert "File /data/films/quay.mp4 (1000045 bytes)" in text
    assert 'The path lies in /data/films of library "Films"' in text
    assert f"Candidate: item {item.ratingKey} in library 1, /data/films/quay.mp4: the same path, the same size" in text
    assert 'Found by rule "path" (confidence high)' in text
    assert "- title: Stash: Harbour Lights | last push: never | Plex: quay => would be written: it was never pushed" \
        in text
    assert "- studio: Stash: nothing | last push: never | Plex: nothing => nothing to write: Plex has it" in text
    assert "Verdict: synced, would write title, tags" in text
    assert (verdict["result"], verdict["fields"], verdict["dry_run"]) == ("synced", ["title", "tags"], True)
    assert [entry["url"] for entry in verdict["items"]] == [world.link(item)]
    assert item.title == "quay" and world.queue() == (0, 0, 0)


def test_what_was_pushed_and_then_edited_in_plex(world):
    item = world.film(45, "quay")
    world.index()
    world.save(45, title="Harbour Lights", tags=["Boats", "Night"])
    item.title = "Mine"
    item.genres = ["Boats"]

    text, verdict = explained(world, 45)

    assert "- title: Stash: Harbour Lights | last push: Harbour Lights | Plex: Mine (locked) => Plex's value stays: it was " \
        "changed there, and not in Stash since" in text
    assert "nothing to write; what was removed in Plex stays removed" in text
    assert "it belongs to this scene" in text and "Last success: 20" in text
    assert verdict["kept"] == ["title", "tags"]


@pytest.mark.parametrize("pad", range(3))
def test_long_texts_of_long_characters(world, pad):
    """What is cut ends with a whole character, in the answer and in the log."""
    world.film(45, "quay", title="x" * pad + "電" * 2000)
    world.index()
    world.stash.library.get("scene", 45).date = "x" * pad + "電" * 30

    text = "\n".join(world.operation("explain", scene_id="45").output["lines"])
    run = world.save(45, title="Harbour Lights")

    assert "電" * 2000 in text, "the answer has all of the title"
    assert "電\" is not a day of the calendar" in text
    assert "電\" is not a day of the calendar" in run.text("warning")
    assert "\ufffd" not in text + run.text()


def test_a_filter_that_stops_it(world):
    world.film(45, "quay", title="Harbour Lights")
    world.index()
    world.settings["sceneOnlyOrganized"] = True

    text, verdict = explained(world, 45)

    assert 'Filter "setting sceneOnlyOrganized": the scene is left alone: it is not marked organized' in text
    assert 'Filter "setting sceneSkipTag": passed' in text
    assert "File /data" not in text
    assert verdict["result"] == "ignored"


def test_path_rules_one_after_the_other(world):
    world.film(45, "quay", title="Harbour Lights")
    world.index()
    world.settings["libraryPathMap"] = "/data => /wrong; /data/films => /mnt/films; /other => /x"

    text, _ = explained(world, 45)

    assert "Path rule /data/films => /mnt/films: /mnt/films/quay.mp4" in text
    assert "Path rule /data => /wrong: fits, but a longer one comes first" in text
    assert "Path rule /other => /x: does not fit" in text
    assert "The path lies in no library's folder, so only name and size can match" in text
    assert "another path, the same size" in text


def test_a_file_that_plex_does_not_have(world):
    world.stash.library.add_scene("/data/films/Low Tide.mp4", number=46, size=7, title="Low Tide")
    world.film(45, "quay")
    world.index()
    world.queue_only(46)
    world.drain()

    text, verdict = explained(world, 46)

    assert "No file of this name is in the library index" in text
    assert "No item: Plex does not have this file" in text
    assert "In the queue: waiting until Plex has the file since 20" in text
    assert verdict["result"] == "not_found"


def test_a_copy_of_another_size_is_shown_with_its_evidence(world):
    world.films.add_item(file="/data/films/other/Low Tide.mp4", size=8, title="Low Tide")
    world.stash.library.add_scene("/data/films/Low Tide.mp4", number=46, size=7, title="Low Tide")
    world.index()

    text, verdict = explained(world, 46)

    assert "/data/films/other/Low Tide.mp4: another path, another size (8 bytes), 0 equal folders above" in text
    assert "neither path nor size prove" in text
    assert verdict["result"] == "ambiguous"


def test_an_item_of_another_scene(world):
    world.film(45, "quay", title="Harbour Lights")
    world.index()
    world.save(45, details="By the sea.")
    world.stash.library.add_scene("/data/films/quay.mp4", number=46, size=1_000_045, title="Low Tide")
    world.stash.library.get("scene", 46).files.insert(
        0, world.stash.library.get("scene", 46).files.pop())

    text, _ = explained(world, 46)

    assert "it belongs to scene 45" in text


def test_plex_is_down_and_it_still_tells_what_it_knows(world):
    world.film(45, "quay", title="Harbour Lights")
    world.index()
    world.plex.stop()

    text, verdict = explained(world, 45)

    assert 'Found by rule "path"' in text
    assert "Verdict: cannot be pushed now: scene 45: Plex: http://127.0.0.1" in text
    assert verdict is None
    world.plex.start()


@pytest.mark.parametrize("before", [False, True], ids=["never pushed", "pushed before"])
@pytest.mark.parametrize("wrong", [
    {"libraryPathMap": "/data"}, {"connectUrl": ""}, {"connectUrl": "plex:32400"}, {"connectToken": ""},
    {"connectToken": "claim-Zq81xxTTabc"}, {"connectToken": "file:/nowhere"}, {"libraryNames": '"Films'},
    {"scenePathOnly": "films"}, {"fieldTitleFormat": "{x}"}, {"fieldPerformerGenders": "x"}])
def test_a_setting_that_is_wrong_is_named(world, wrong, before):
    """The scene is read with the settings, before anybody looks whether they make sense."""
    world.film(45, "quay", title="Harbour Lights")
    if before:
        world.index()
        world.save(45, details="By the sea.")
    world.settings |= wrong

    run = world.operation("explain", scene_id="45")

    named = "setting " + next(iter(wrong))
    if run.error is None:
        text = "\n".join(run.output["lines"])
        assert "Verdict: cannot be pushed now: " + named in text
        assert 'Scene 45 "Harbour Lights"' in text and "In the queue: no" in text and "Filter" not in text
    else:
        assert named in run.error


def test_a_scene_that_is_not_there(world):
    run = world.operation("explain", scene_id="99")

    assert run.error == "Stash has no scene 99"
    assert "which scene?" in world.operation("explain").error


def test_no_path_is_shown_if_the_user_wants_that(world):
    world.film(45, "quay", title="Harbour Lights")
    world.index()
    world.settings["logHidePaths"] = True

    text, _ = explained(world, 45)

    assert "/data/films" not in text and "(path hidden)" in text


def test_at_a_terminal(world):
    world.film(45, "quay", title="Harbour Lights")
    world.index()

    done = world.plexsync("explain", "--scene", "45", "--state", str(world.state), "--stash-url", world.stash.url)

    assert done.returncode == 0
    assert b"Verdict: synced, would write title" in done.stderr


# --- the same field by field, as values ---------------------------------------------------------------


def fields(world, number):
    """The rows of the one item, by field."""
    run = world.operation("explain", scene_id=str(number))
    assert run.error is None, run.error
    rows = {row["field"]: row for row in run.output["fields"]}
    assert len(rows) == len(run.output["fields"])
    for row in rows.values():
        assert set(row) == {"key", "field", "stash", "plex", "base", "verdict", "why"} and row["why"]
    return rows


def values(row):
    """What each side has, and the verdict."""
    return row["stash"], row["plex"], row["base"], row["verdict"]


def test_what_each_side_has_of_a_field(world):
    item = world.film(45, "quay")
    world.index()
    long = "By the sea. " * 40
    world.save(45, title="Harbour Lights", tags=["Boats", "Night"], details=long)
    item.title = "Mine"
    world.stash.library.update_scene(45, {"tag_ids": []})
    world.settings["fieldNoDate"] = True

    rows = fields(world, 45)

    assert values(rows["title"]) == ("Harbour Lights", "Mine", "Harbour Lights", "keep")
    assert "changed there" in rows["title"]["why"]
    assert values(rows["tags"]) == ("", "Boats, Night", "Boats, Night", "write")
    assert rows["summary"]["stash"] == rows["summary"]["plex"] == long.strip()
    assert long.startswith(rows["summary"]["base"][:-1]) and rows["summary"]["base"].endswith("…")
    assert rows["summary"]["verdict"] == "same"
    assert (rows["date"]["stash"], rows["date"]["verdict"]) == (None, "leave")
    assert values(rows["poster"]) == (None, None, None, "leave")
    assert {row["key"] for row in rows.values()} == {item.ratingKey}


def test_a_scene_without_an_item_has_no_fields(world):
    world.stash.library.add_scene("/data/films/Night Ferry.mp4", number=47, size=3, title="Night Ferry")
    world.index()

    assert fields(world, 47) == {}


def test_a_scene_that_stash_does_not_have(world):
    assert world.operation("explain", scene_id="99").error == "Stash has no scene 99"
    assert "scene_id" in world.operation("explain").error


def test_the_candidates_with_what_speaks_for_and_against_each(world):
    for folder, size, duration in (("a/old", 2, 599_500), ("b/old", 1, 600_000), ("c", 1, 900_000)):
        world.films.add_item(file=f"/data/films/{folder}/Low Tide.mp4", size=size, duration=duration)
    world.stash.library.add_scene("/data/films/x/old/Low Tide.mp4", number=46, size=2, title="Low Tide")
    world.index()

    _, verdict = explained(world, 46)

    assert [(row["size"], row["duration_s"], row["for"], row["against"])
            for row in sorted(verdict["candidates"], key=lambda row: row["path"])] == [
        (2, 599.5, ["the same file name, in a folder of the same name", "the same size", "the same duration"],
         ["further up the path differs"]),
        (1, 600, ["the same file name, in a folder of the same name", "the same duration"],
         ["further up the path differs", "another size: 2 bytes in Stash, 1 in Plex"]),
        (1, 900, ["the same file name"], ["in another folder", "another size: 2 bytes in Stash, 1 in Plex",
                                          "another duration: 600.0 s in Stash, 900.0 s in Plex"])]
