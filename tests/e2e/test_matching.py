"""Which Plex item plays a scene's file: the rules, as a user meets them.

"The right item or none." What proves a match is the path, or name and size when
the mounts differ; all else is shown to the user and not written. (Durations: test_evidence.py)
"""

import unicodedata

import pytest

NFC = unicodedata.normalize("NFC", "/data/films/Café Größe がぎ.mp4")
NFD = unicodedata.normalize("NFD", NFC)


def scene(world, path, number=1, size=1000, **values):
    """A scene in Stash of which something is known."""
    return world.stash.library.add_scene(path, number=number, size=size, **{"studio": "Northwind Pictures", **values})


def item(library, path, size=0, **values):
    """An item in Plex."""
    return library.add_item(file=path, size=size, **values)


def listed(world, item, rule, confidence="high"):
    """What an answer says of an item that a rule found."""
    return {"key": item.ratingKey, "library": "Films", "url": world.link(item), "rule": rule, "confidence": confidence}


def found(output):
    """(key, rule) of each item that was written."""
    return [(entry["key"], entry["rule"]) for entry in output["items"]]


def candidates(output):
    """The paths of the candidates."""
    return sorted(entry["path"] for entry in output["candidates"])


def written(*items):
    """Whether each of these got the scene's studio."""
    return [it.studio == "Northwind Pictures" for it in items]


# --- rule 2: the path -------------------------------------------------------------------------


@pytest.mark.parametrize("rules, stash, location, plex", [
    ("/data => /mnt/all; /data/films => /films", "/data/films/a.mp4", "/films", "/films/a.mp4"),
    ("/data/films => D:\\Films", "/data/films/Sub/A.mp4", "D:\\Films", "D:\\Films\\Sub\\A.mp4"),
    ("/data/films => \\\\nas\\films", "/data/films/A.mp4", "\\\\nas\\films", "\\\\nas\\films\\A.mp4"),
    ('"/data;x" => "/a => b"', "/data;x/a.mp4", "/a => b", "/a => b/a.mp4"),
    ('"/data " => "/the ""best"" films"', "/data /a.mp4", '/the "best" films', '/the "best" films/a.mp4'),
    ("/x => /y\r\n/data => /films\r\n", "/data/a.mp4", "/films", "/films/a.mp4"),
    ('"/data" => "/films"', "/data/sub/a.mp4", "/films", "/films/sub/a.mp4"),
    ('"/data/"=>"/films/"', "/data/a.mp4", "/films", "/films/a.mp4"),
    ("/x => /y\n\n/data => /films;\n", "/data/a.mp4", "/films", "/films/a.mp4"),
    ("/mnt => /", "/mnt/films/a.mp4", "/films", "/films/a.mp4"),
    ("D:\\Films => /films", "D:\\Films\\Sub\\a.mp4", "/films", "/films/Sub/a.mp4"),
    (NFD.rpartition("/")[0] + "/Größe => /films", NFC.rpartition("/")[0] + "/Größe/a.mp4", "/films", "/films/a.mp4"),
])
def test_the_path_map_leads_to_the_item(world, rules, stash, location, plex):
    world.settings["libraryPathMap"] = rules
    world.films.add_location(location)
    wanted, decoy = item(world.films, plex), item(world.films, "/other/" + plex.replace("\\", "/").split("/")[-1], 1000)
    scene(world, stash)

    output = world.sync(1)

    assert output["items"] == [listed(world, wanted, "path")]
    assert written(wanted, decoy) == [True, False]


def test_of_one_path_twice_the_one_with_the_size_counts(world):
    one, other = [item(world.films, "/data/films/a.mp4", size) for size in (2000, 1000)]
    scene(world, "/data/films/a.mp4")

    assert found(world.sync(1)) == [(other.ratingKey, "path")]
    assert written(one, other) == [False, True]


@pytest.mark.parametrize("sizes", [(1000, 2000), (1000, 1000)])
def test_of_two_spellings_of_one_name_each_scene_has_its_own(world, sizes):
    """To most Linux file systems they are two files."""
    items = [item(world.films, path, size) for path, size in zip((NFC, NFD), sizes)]
    for number, path in enumerate((NFC, NFD)):
        scene(world, path, number + 1, sizes[number])

    assert [found(world.sync(number)) for number in (1, 2)] == [[(it.ratingKey, "path")] for it in items]


def test_libraries_that_spell_a_windows_folder_otherwise_are_all_written(world):
    items = [item(world.plex.add_library(name, [folder]), folder + "\\a.mp4", 1000)
             for name, folder in (("One", "D:\\Films"), ("Two", "d:\\films"), ("Three", "D:/Films"))]
    world.settings["libraryPathMap"] = "/data/films => D:\\Films"
    scene(world, "/data/films/a.mp4")

    assert sorted(found(world.sync(1))) == sorted((it.ratingKey, "path") for it in items)
    assert written(*items) == [True, True, True]


@pytest.mark.parametrize("size", [1000, 999, 0])
@pytest.mark.parametrize("to, location, path", [
    ("d:\\films", "D:\\Films", "D:\\Films\\Harbour\\LIGHTS.mp4"),
    ("D:/Films", "D:\\Films", "D:\\Films\\harbour\\Lights.mp4"),
    ("\\\\NAS\\Films", "\\\\nas\\films", "\\\\nas\\films\\Harbour\\Lights.mp4"),
])
def test_to_a_windows_server_it_is_the_same_file_in_any_case(world, to, location, path, size):
    world.settings["libraryPathMap"] = f"/data/films => {to}"
    world.films.add_location(location)
    same = item(world.films, path, size)
    scene(world, "/data/films/harbour/Lights.mp4")

    assert found(world.sync(1)) in ([(same.ratingKey, "path_folded")], [(same.ratingKey, "path")])
    assert written(same) == [True]


@pytest.mark.parametrize("to, separator", [("D:\\Films", "\\"), ("/data/films", "/")])
@pytest.mark.parametrize("ours, theirs", [("Straße.mp4", "Strasse.mp4"), ("ﬁlm.mp4", "film.mp4"), ("Maſſe.mp4", "Masse.mp4")])
@pytest.mark.parametrize("size", [999, 1000])
def test_a_name_that_only_folds_to_the_same_is_another(world, to, separator, ours, theirs, size):
    """No file system takes one of them for the other."""
    world.settings["libraryPathMap"] = f"/data/films => {to}"
    world.films.add_location(to)
    other = item(world.films, to + separator + theirs, size)
    scene(world, "/data/films/" + ours)

    output = world.sync(1)

    assert (output["result"], found(output), written(other)) == ("not_found", [], [False])


@pytest.mark.parametrize("stash, plex, values", [
    ("/data/films/Holiday/Clip.mp4", "/data/films/holiday/clip.MP4", {}),
    ("/data/films/holiday/clip.mp4", "/data/films/Holiday/Clip.mp4", {}),
    ("/data/films/Été.mp4", "/data/films/été.mp4", {"size": 999}),             # as long
    ("/data/films/a.mp4", "/data/films/A.mp4", {"duration": 7_000_000}),        # as large
])
def test_case_alone_is_no_difference_where_it_was_only_kept(world, stash, plex, values):
    same = item(world.films, plex, **{"size": 1000, **values})
    scene(world, stash)

    assert found(world.sync(1)) == [(same.ratingKey, "path_folded")]
    assert written(same) == [True]


@pytest.mark.parametrize("plex, values, result", [
    (["/data/films/LIGHTS.mp4"], {"size": 999, "duration": 7_000_000}, "not_found"),    # neither
    (["/data/films/LIGHTS.mp4"], {"size": 0, "duration": 7_000_000}, "not_found"),
    (["/data/films/LIGHTS.mp4", "/data/films/Lights.mp4"], {"size": 1000}, "ambiguous"),
    (["/data/FILMS/lights.mp4"], {"size": 999, "duration": 7_000_000}, "ambiguous"),    # by its name
])
def test_case_counts_on_other_servers_where_nothing_tells(world, plex, values, result):
    others = [item(world.films, path, **values) for path in plex]
    scene(world, "/data/films/lights.mp4")

    assert world.sync(1)["result"] == result
    assert True not in written(*others)


def test_the_very_path_comes_before_one_in_another_case(world):
    exact, other = item(world.films, "/data/films/lights.mp4", 999), item(world.films, "/data/films/LIGHTS.mp4", 1000)
    scene(world, "/data/films/lights.mp4")

    assert found(world.sync(1)) == [(exact.ratingKey, "path")]
    assert written(exact, other) == [True, False]


def test_a_prefix_ends_where_a_folder_ends(world):
    world.settings["libraryPathMap"] = "/data/film => /mnt/film"
    wanted = item(world.films, "/data/films/a.mp4")
    decoy = item(world.films, "/mnt/films/a.mp4", 1000)
    scene(world, "/data/films/a.mp4")

    assert found(world.sync(1)) == [(wanted.ratingKey, "path")]
    assert written(decoy) == [False]


def test_unicode_is_the_same_composed_or_not(world):
    same = item(world.films, NFD)
    scene(world, NFC)

    assert found(world.sync(1)) == [(same.ratingKey, "path")]


# --- rules 3 and 4: name and size ---------------------------------------------------------------


def test_other_mounts_need_no_setting_if_name_and_size_agree(world):
    same = item(world.films, "/data/films/coast/Harbour.mp4", 1000)
    scene(world, "/media/x/Harbour.mp4")

    output = world.sync(1)

    assert output["items"] == [listed(world, same, "name_size")]
    assert written(same) == [True]


@pytest.mark.parametrize("location", ["/data/films", "/data/films/"])
def test_a_copy_where_the_path_says_it_should_be_elsewhere_is_only_a_candidate(world, location):
    world.films.locations[:] = [(1, location)]
    copy = item(world.films, "/data/films/old/Harbour.mp4", 1000)
    scene(world, "/data/films/new/Harbour.mp4")

    run = world.operation("sync-scene", scene_id="1")

    assert run.output["result"] == "ambiguous"
    assert run.output["candidates"] == [{"key": copy.ratingKey, "library": "Films",
                                         "path": "/data/films/old/Harbour.mp4"}]
    assert "Harbour.mp4" in run.text("warning")
    assert world.plex.writes == []
    assert world.status()["failed"][0]["path"] == "/data/films/new/Harbour.mp4"


@pytest.mark.parametrize("name", ["half\\name.mp4", "Scenes\\name.mp4", "\\name.mp4", "name.mp4\\"])
@pytest.mark.parametrize("folder", ["/media/x", "/data/films"])
def test_a_backslash_is_a_part_of_the_name_where_a_path_begins_with_a_slash(world, folder, name):
    same, half = item(world.films, f"/data/films/{name}", 1000), item(world.films, "/data/films/old/name.mp4", 1000)
    scene(world, f"{folder}/{name}", 1)
    scene(world, "/media/x/name.mp4", 2, studio="Lumen House")

    assert found(world.sync(1)) == [(same.ratingKey, "path" if folder == "/data/films" else "name_size")]
    assert found(world.sync(2)) == [(half.ratingKey, "name_size")]
    assert (same.studio, half.studio) == ("Northwind Pictures", "Lumen House")


def test_a_single_candidate_is_accepted_if_the_user_says_so(world):
    same = item(world.films, "/data/films/coast/Harbour.mp4", 999, duration=7_000_000)
    scene(world, "/media/x/Harbour.mp4")
    assert world.sync(1)["result"] == "ambiguous"

    world.settings["matchByName"] = True

    output = world.sync(1)
    assert output["items"] == [listed(world, same, "name", "low")]
    assert written(same) == [True]
    assert world.status()["queue"]["failed"] == 0


def test_two_candidates_are_one_too_many_even_then(world):
    world.settings["matchByName"] = True
    both = [item(world.films, f"/data/films/{folder}/Harbour.mp4", 7) for folder in "ab"]
    scene(world, "/media/x/Harbour.mp4")

    output = world.sync(1)

    assert output["result"] == "ambiguous"
    assert candidates(output) == ["/data/films/a/Harbour.mp4", "/data/films/b/Harbour.mp4"]
    assert written(*both) == [False, False]


def test_more_equal_folders_break_a_tie(world):
    near = item(world.films, "/data/films/x/Coast/Part 1/video.mp4", 1000)
    far = item(world.films, "/data/films/y/Inland/Part 1/video.mp4", 1000)
    scene(world, "/media/Coast/Part 1/video.mp4")

    assert found(world.sync(1)) == [(near.ratingKey, "name_size")]
    assert written(near, far) == [True, False]


def test_a_tie_that_nothing_breaks_is_ambiguous(world):
    both = [item(world.films, f"/data/films/{folder}/video.mp4", 1000) for folder in "ab"]
    scene(world, "/media/c/video.mp4")

    output = world.sync(1)

    assert (output["result"], len(output["candidates"])) == ("ambiguous", 2)
    assert written(*both) == [False, False]


def test_size_zero_is_no_evidence(world):
    other = item(world.films, "/data/films/a/video.mp4", 0, duration=7_000_000)
    scene(world, "/media/c/video.mp4", size=0)

    assert world.sync(1)["result"] == "ambiguous"
    assert written(other) == [False]


def test_a_title_is_no_evidence(world):
    item(world.films, "/data/films/other.mp4", 1000, title="Harbour Lights")
    scene(world, "/data/films/Harbour Lights.mp4", title="Harbour Lights")

    assert world.sync(1)["result"] == "not_found"


# --- rule 5: several files, several libraries -----------------------------------------------------


def test_every_file_of_a_scene_is_matched_by_itself(world):
    first = item(world.films, "/data/films/a.mp4")
    second = item(world.films, "/data/films/b.mp4")
    scene(world, None, files=["/data/films/a.mp4", "/data/films/b.mp4", "/data/films/missing.mp4"])

    output = world.sync(1)

    assert output["result"] == "synced"
    assert found(output) == [(first.ratingKey, "path"), (second.ratingKey, "path")]
    assert written(first, second) == [True, True]


def test_two_files_that_are_parts_of_one_item_write_it_once(world):
    both = world.films.add_item(parts=[("/data/films/cd1.mp4", 1), ("/data/films/cd2.mp4", 2)])
    scene(world, None, files=["/data/films/cd1.mp4", "/data/films/cd2.mp4"])

    assert found(world.sync(1)) == [(both.ratingKey, "path")]
    assert len(world.plex.writes) == 1


def test_a_file_in_two_libraries_is_written_in_both(world):
    clips = world.plex.add_library("Clips", ["/data/films/clips"])
    one, two = item(world.films, "/data/films/clips/a.mp4"), item(clips, "/data/films/clips/a.mp4")
    scene(world, "/data/films/clips/a.mp4")

    output = world.sync(1)

    assert sorted(entry["library"] for entry in output["items"]) == ["Clips", "Films"]
    assert written(one, two) == [True, True]
    assert all(request.path in ("/library/sections/1/all", "/library/sections/2/all") for request in world.plex.writes)


def test_a_file_twice_in_one_library_is_ambiguous(world):
    both = [item(world.films, "/data/films/a.mp4", 1000) for _ in range(2)]
    scene(world, "/data/films/a.mp4")

    output = world.sync(1)

    assert output["result"] == "ambiguous"
    assert sorted(entry["key"] for entry in output["candidates"]) == [it.ratingKey for it in both]
    assert written(*both) == [False, False]
    assert world.status()["queue"] | {"due": 0} == {"ready": 0, "due": 0, "waiting": 0, "failed": 1}


# --- rule 6: an item belongs to one scene ---------------------------------------------------------


def test_the_scene_of_the_first_part_owns_an_item_and_the_other_is_told(world):
    both = world.films.add_item(parts=[("/data/films/cd1.mp4", 1), ("/data/films/cd2.mp4", 2)])
    scene(world, "/data/films/cd1.mp4", 1, details="one")
    scene(world, "/data/films/cd2.mp4", 2, details="two")

    assert world.sync(2)["result"] == "synced"
    assert both.summary == "two"
    assert world.sync(1)["result"] == "synced"
    output = world.sync(2)

    assert output["result"] == "ambiguous"
    assert "belongs to scene 1" in output["reason"]
    assert both.summary == "one"


def test_a_file_in_an_item_of_another_scene_waits_and_the_rest_is_written(world):
    both = world.films.add_item(file="/data/films/nine.mp4", size=9)
    both.add_media("/data/films/two.mp4", 2)
    one = item(world.films, "/data/films/one.mp4", 1)
    scene(world, "/data/films/nine.mp4", 9, 9, details="nine")
    world.stash.library.add_scene(number=1, details="one", files=[
        {"path": "/data/films/one.mp4", "size": 1}, {"path": "/data/films/two.mp4", "size": 2}])
    world.sync(9)

    assert world.sync(1)["result"] == "synced"
    assert (one.summary, both.summary) == ("one", "nine")
    [waiting] = world.status()["unmatched"]
    assert (waiting["scene_id"], "belongs to scene 9" in waiting["reason"]) == ("1", True)

    world.stash.destroy_scenes([9])
    world.tasks()
    assert both.summary == "one"
    assert world.queue() == (0, 0, 0)


def test_the_first_part_counts_also_where_the_mounts_differ(world):
    both = world.films.add_item(parts=[("/data/films/cd1.mp4", 11), ("/data/films/cd2.mp4", 22)])
    scene(world, "/media/cd1.mp4", 1, 11, details="one")
    scene(world, "/media/cd2.mp4", 2, 22, details="two")

    world.sync(2)

    assert world.sync(1)["result"] == "synced"
    assert both.summary == "one"


def test_destroy_frees_the_item(world):
    both = world.films.add_item(parts=[("/data/films/cd1.mp4", 1), ("/data/films/cd2.mp4", 2)])
    scene(world, "/data/films/cd1.mp4", 1, details="one")
    scene(world, "/data/films/cd2.mp4", 2, details="two")
    world.sync(1)
    assert world.sync(2)["result"] == "ambiguous"

    world.check(*world.stash.destroy_scene(1))
    world.tasks()

    assert both.summary == "two"
    assert world.status()["queue"]["failed"] == 0


# --- which libraries ------------------------------------------------------------------------------


@pytest.mark.parametrize("names, expected", [
    ("", ["Films", "Clips"]), ("clips ,", ["Clips"]), (2, ["Clips"]), ("Films, 2", ["Films", "Clips"]), ("Series", ["Series"]),
])
def test_only_the_libraries_of_the_setting_count(world, names, expected):
    clips = world.plex.add_library("Clips", ["/data/films"])
    series = world.plex.add_library("Series", ["/data/films"], type="show")
    world.plex.add_library("Music", ["/data/films"], type="artist")
    for library in (world.films, clips):
        item(library, "/data/films/a.mp4")
    item(series, "/data/films/a.mp4", show="Coast")
    scene(world, "/data/films/a.mp4")
    world.settings["libraryNames"] = names

    output = world.sync(1)

    assert [entry["library"] for entry in output["items"]] == expected


@pytest.mark.parametrize("title, names", [
    (" TV Clips", "TV Clips"), ("TV Clips", "  tv clips  "), ("TV Clips\u200b", "TV Clips"), ("\u00a0TV  Clips", "TV Clips"),
    ("Ana\u2019s Clips", "ANA\u2019S CLIPS"), ("Cafe\u0301", "CAF\u00c9"), ("Clips, old", '"Clips, old"'),
    ('The "best"', '"the ""best"""'), ('12" Discs', '12" discs'), ("Clips, old", 'Films, "clips, OLD" , 7'),
    ("TV Clips", "Films\nTV Clips")])
def test_a_library_is_found_however_its_name_is_spelled(world, title, names):
    wanted = item(world.plex.add_library(title, ["/data/clips"]), "/data/clips/a.mp4")
    scene(world, "/data/clips/a.mp4")
    world.settings["libraryNames"] = names

    assert world.sync(1)["result"] == "synced"
    assert written(wanted) == [True]


def test_a_name_that_fits_no_library_beside_one_that_does_is_told_once(world):
    films = [item(world.films, f"/data/films/{name}.mp4", 1000 + n) for n, name in enumerate("abc")]
    for number, name in enumerate("abc", 1):
        scene(world, f"/data/films/{name}.mp4", number=number, size=999 + number)
    told = []

    for number, names in ((1, "Films, 99"), (2, "99 ,Films"), (3, 'Films, "Low, Tide"'), (3, "Films"), (3, "99, Films")):
        world.settings["libraryNames"] = names
        world.operation("rebuild-index")
        told += [line for line in world.runs[-1].text("warning").splitlines() if "libraryNames" in line]
        assert world.sync(number)["result"] in ("synced", "unchanged")

    assert written(*films) == [True] * 3
    assert [line[line.index("setting"):] for line in told] == [
        'setting libraryNames: Plex has no video library "99"; it has "Films". The other libraries are used',
        'setting libraryNames: Plex has no video library "Low, Tide"; it has "Films". The other libraries are used',
        'setting libraryNames: Plex has no video library "99"; it has "Films". The other libraries are used']


@pytest.mark.parametrize("title, names, listed", [
    ("Ana\u2019s Clips", "Ana's Clips", '"Ana\u2019s Clips"'), (" TV Clips", "TVClips", '" TV Clips"'),
    ('The "best"', "The best", '"The ""best"""')])
def test_where_no_name_fits_the_titles_are_listed(world, title, names, listed):
    world.plex.add_library(title, ["/data/clips"])
    item(world.films, "/data/films/a.mp4")
    scene(world, "/data/films/a.mp4")
    world.settings["libraryNames"] = names

    run = world.operation("sync-scene", scene_id="1")

    assert f'setting libraryNames: Plex has no video library "{names}"; it has "Films", {listed}' in run.error
    world.settings["libraryNames"] = listed
    assert world.sync(1)["result"] != "queued"


@pytest.mark.parametrize("names", ["98, 99", "Music"])
def test_a_library_that_does_not_exist_is_a_mistake_in_the_settings(world, names):
    world.plex.add_library("Music", ["/data/music"], type="artist")
    item(world.films, "/data/films/a.mp4")
    scene(world, "/data/films/a.mp4")
    world.settings["libraryNames"] = names

    run = world.operation("sync-scene", scene_id="1")

    assert "setting libraryNames" in run.error and names.split(", ")[-1] in run.error
    assert world.status()["queue"]["ready"] == 1
    world.settings["libraryNames"] = "Films"
    assert world.drain().output["synced"] == 1


def test_an_episode_is_edited_as_an_episode(world):
    series = world.plex.add_library("Series", ["/data/series"], type="show")
    world.settings["libraryNames"] = "Series"
    episode = item(series, "/data/series/Coast/S01E01.mp4", show="Coast")
    scene(world, "/data/series/Coast/S01E01.mp4")

    assert world.sync(1)["result"] == "synced"
    assert [request.arg("type") for request in world.plex.writes] == ["4"]
    assert written(episode) == [True]


# --- what does not count --------------------------------------------------------------------------


def test_optimized_versions_do_not_count(world):
    film = item(world.films, "/data/films/a.mp4", 5000)
    film.add_media("/data/films/Plex Versions/tv/a.mp4", 1000, proxyType=42)
    scene(world, "/data/films/Plex Versions/tv/a.mp4")

    assert world.sync(1)["result"] == "ambiguous"    # by its name only
    assert written(film) == [False]


def test_an_item_of_an_optimized_version_alone_is_not_in_plex(world):
    world.films.add_item("a").add_media("/data/films/a.mp4", 1000, proxyType=42)
    scene(world, "/data/films/a.mp4")

    assert world.sync(1)["result"] == "not_found"


def test_an_item_without_media_does_not_count_until_it_has_some(world):
    film = world.films.add_item("a")
    scene(world, "/data/films/a.mp4")
    assert world.sync(1)["result"] == "not_found"

    film.add_media("/data/films/a.mp4", 1000)
    world.films.bump()
    world.clock(minutes=61)

    assert world.sync(1)["result"] == "synced"


@pytest.mark.parametrize("indexed", [False, True])
def test_an_item_in_the_trash_does_not_count(world, indexed):
    film = item(world.films, "/data/films/a.mp4", 1000)
    scene(world, "/data/films/a.mp4")
    if indexed:
        world.index()
    world.films.remove_item(film, trash=True)

    assert world.sync(1)["result"] == "not_found"
    assert written(film) == [False]


# --- what was true yesterday ------------------------------------------------------------------------


@pytest.mark.parametrize("cached", [False, True])
def test_an_item_that_came_back_under_a_new_key_gets_everything(world, cached):
    scene(world, "/data/films/a.mp4", details="By the sea.")
    old = item(world.films, "/data/films/a.mp4", 1000)
    world.index()
    if cached:
        assert world.sync(1)["result"] == "synced"
    world.films.remove_item(old)
    new = item(world.films, "/data/films/a.mp4", 1000)

    run = world.save(1, title="Harbour Lights")
    assert run.output["result"] == "queued"     # nobody waits for the index inside of a Save
    world.tasks()

    assert (new.title, new.summary, new.studio) == ("Harbour Lights", "By the sea.", "Northwind Pictures")
    world.clear()
    assert world.save(1, title="Harbour Night").output["result"] == "synced"
    assert world.plex.counts() == {f"GET /library/metadata/{new.id}": 2, "PUT /library/sections/1/all": 1}


def test_rows_of_a_former_key_do_not_make_a_file_ambiguous(world):
    scene(world, "/data/films/a.mp4")
    scene(world, "/data/films/missing.mp4", 2)
    old = item(world.films, "/data/films/a.mp4", 1000)
    world.index()
    world.films.remove_item(old)
    new = item(world.films, "/data/films/a.mp4", 1000)
    world.sync(2)       # the index gains the new row beside the old one

    assert found(world.sync(1)) == [(new.ratingKey, "path")]
    assert written(new) == [True]


def test_a_file_that_moved_is_found_at_its_new_place(world):
    scene(world, "/data/films/a.mp4")
    film = item(world.films, "/data/films/a.mp4", 1000)
    world.sync(1)
    film.set_file("/data/films/new/a.mp4")
    world.films.bump()
    world.stash.library.move_file(1, "/data/films/new/a.mp4")
    world.stash.update_scene(1, details="By the sea.")
    world.tasks()
    world.clock(minutes=61)
    world.drain()

    assert film.summary == "By the sea."
    assert world.status()["queue"]["ready"] == world.status()["queue"]["waiting"] == 0


def test_a_file_that_moved_away_takes_the_match_with_it(world):
    """The key is the same, the item plays another file now: it is not this scene's any more."""
    scene(world, "/data/films/a.mp4")
    film = item(world.films, "/data/films/a.mp4", 1000)
    world.sync(1)
    film.set_file("/data/films/other.mp4", 2000)
    film.put(studio="Lumen House")

    assert world.save(1, details="By the sea.").output["result"] == "queued"
    world.tasks()

    assert (film.summary, film.studio) == (None, "Lumen House")
    assert world.status()["queue"]["waiting"] == 1


def test_an_index_that_is_wrong_twice_leaves_no_match_behind(world):
    scene(world, "/data/films/a.mp4")
    film = item(world.films, "/data/films/a.mp4", 1000)
    world.index()
    film.set_file("/data/films/other.mp4", 2000)
    world.stash.hold_jobs = True

    assert world.save(1, details="By the sea.").output["result"] == "queued"
    assert world.status()["match_cache"]["entries"] == 0
    assert film.summary is None


def test_other_settings_look_for_the_item_again(world):
    scene(world, "/data/films/a.mp4")
    one = item(world.films, "/data/films/a.mp4", 1000)
    two = item(world.films, "/mnt/a.mp4", 1000)
    world.sync(1)

    world.settings["libraryPathMap"] = "/data/films => /mnt"

    assert found(world.sync(1)) == [(two.ratingKey, "path")]
    assert written(one, two) == [True, True]


# --- files that Plex takes for extras ---------------------------------------------------------------------------


@pytest.mark.parametrize("name, sign", [
    ("quay-scene.mp4", '"-scene"'), ("quay-Trailer.mkv", '"-Trailer"'), ("Scenes/quay.mp4", '"Scenes"'),
    ("2019/Trailers/quay.mp4", '"Trailers"'), ("Extras/quay.mp4", '"Extras"'), ("quay scene.mp4", None),
    ("My Scenes/quay.mp4", None), ("quay-behindthescenes.mp4", '"-behindthescenes"'),
    ("Deleted Scenes/2019/quay.mp4", '"Deleted Scenes"'), ("FEATURETTES/quay.mp4", '"FEATURETTES"'),
    ("Scenes\\quay.mp4", None), ("quay-seen.mp4", None), ("Behind-the-Scenes/quay.mp4", '"Behind-the-Scenes"'),
    ("Deleted_Scenes/quay.mp4", '"Deleted_Scenes"'), ("Bonus Disc/quay.mp4", '"Bonus Disc"'),
    ("quay-scene.1080p.mp4", '"-scene"'), ("quay.sample.mp4", '"sample"'), ("trailers.mp4", '"trailers"'),
    ("The Other Shore/the other shore.mp4", None)])
def test_the_reason_says_what_plex_does_with_such_names(world, name, sign):
    world.film(9, "other")
    world.index()
    world.stash.library.add_scene(f"/data/films/{name}", number=45, size=7, title="Harbour Lights")

    output = world.sync(45)

    assert output["result"] == "not_found"
    assert output["reason"].startswith("Plex does not have this file")
    assert ("extra of another film" in output["reason"]) == (sign is not None)
    assert sign is None or sign in output["reason"]
    [waiting] = world.status()["unmatched"]
    assert waiting["reason"] == output["reason"]
    assert output["reason"] in "\n".join(world.operation("explain", scene_id="45").output["lines"]) or sign is None


def test_a_library_may_itself_be_called_scenes(world):
    library = world.plex.add_library("Clips", ["/data/Scenes"])
    library.add_item(file="/data/Scenes/other.mp4", title="other")
    world.index()
    world.stash.library.add_scene("/data/Scenes/quay.mp4", number=45, size=7, title="Harbour Lights")

    assert world.sync(45)["reason"] == "Plex does not have this file"
