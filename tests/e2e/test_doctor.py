"""doctor: what is wrong with the setup, which setting it is about, and the remedy."""

import pytest
from disk import started_with


def checked(world):
    """The findings of a run, by what they are about; the log says the same."""
    run = world.operation("doctor")
    assert run.error is None, run.error
    found = {}
    for finding in run.output["findings"]:
        found.setdefault(finding["about"], []).append(finding)
        assert finding["text"] in run.text()
        assert set(finding) <= {"about", "level", "setting", "text", "remedy", "value"}
    assert run.output["ok"] == all(finding["level"] != "error" for finding in run.output["findings"])
    return found


def only(found, check):
    """The one finding of a check."""
    [one] = found[check]
    return one


def shelf(world, ours, theirs, count=5):
    """Files that Stash and Plex see under different paths."""
    for number in range(1, count + 1):
        size = 1000 + number
        world.stash.library.add_scene(f"{ours}/f{number}/film {number}.mp4", number=number, size=size, title="Film")
        world.films.add_item(file=f"{theirs}/f{number}/film {number}.mp4", size=size, title="film")


# --- all is well -----------------------------------------------------------------------------------------


def test_a_good_setup(world):
    for number in range(1, 4):
        world.film(number, f"film {number}", title="Film")

    found = checked(world)

    assert {check["level"] for checks in found.values() for check in checks} == {"ok"}
    assert "3 scenes" in only(found, "stash")["text"]
    assert "the token belongs to its owner" in only(found, "plex")["text"]
    assert only(found, "libraries")["text"] == '"Films" (movie), 1 folder'
    assert only(found, "scenes")["text"].startswith("of 3 sampled scenes 3 are found by path, 0 by name and size")
    assert "differ by" in only(found, "clock")["text"]
    place, queue, cache = found["state"]
    assert "on a local disk" in place["text"]
    assert "of 65536 MB (0%)" in queue["text"] and "of 65536 MB (0%)" in cache["text"]
    assert only(found, "queue")["text"] == "0 due, 0 wait for Plex, 0 failed"
    assert [request.method for request in world.plex.requests if request.method != "GET"] == []


@pytest.mark.parametrize("part, level", [(0.7, "ok"), (0.9, "warning"), (1, "error")])
def test_a_queue_that_is_nearly_full(world, part, level):
    world.film(1, "film", title="Film")
    world.save(1, details="By the sea.")
    checked(world)
    limit = int(world.status()["state"]["queue"]["bytes"] / part)

    with started_with(world, {"PLEXSYNC_TEST_MAP": f"queue {limit}:{limit}"}):
        [_, queue, _] = checked(world)["state"]

    assert queue["level"] == level
    assert ("move its folder away" in queue.get("remedy", "")) == (level != "ok")


def test_it_says_so_at_a_terminal_and_by_its_exit_status(world):
    world.film(1, "film", title="Film")
    place = ("--state", str(world.state), "--stash-url", world.stash.url)

    good = world.plexsync("doctor", *place)
    assert (good.returncode, b"Everything that PlexSync needs is in place" in good.stderr) == (0, True)

    world.settings["connectToken"] = "wrong-token-Kk44"
    world.secrets.add("wrong-token-Kk44")
    bad = world.plexsync("doctor", *place)
    assert bad.returncode == 1
    assert b"1 problem was found" in bad.stderr


# --- what is wrong -------------------------------------------------------------------------------------------


def test_a_wrong_token(world):
    world.settings["connectToken"] = "wrong-token-Kk44"
    world.secrets.add("wrong-token-Kk44")

    finding = only(checked(world), "plex")

    assert (finding["level"], finding["setting"]) == ("error", "connectToken")
    assert "HTTP 401" in finding["text"]


def test_plex_is_off(world):
    world.plex.stop()

    finding = only(checked(world), "plex")

    assert (finding["level"], finding["setting"]) == ("error", "connectUrl")
    assert "from the machine (or container) that Stash runs on" in finding["remedy"]
    world.plex.start()


@pytest.mark.parametrize("settings, word", [
    ({"connectUrl": ""}, "connectUrl is empty"), ({"connectUrl": "plex:32400"}, "connectUrl begins with neither"),
    ({"libraryPathMap": "/a"}, "libraryPathMap"), ({"matchByName": "perhaps"}, "setting matchByName")])
def test_a_setting_that_makes_no_sense(world, settings, word):
    world.settings.update(settings)

    finding = only(checked(world), "settings")

    assert finding["level"] == "error" and word in finding["text"]
    assert [finding["setting"]] == list(settings)


def test_a_library_that_is_not_there(world):
    world.settings["libraryNames"] = "Fims"

    findings = checked(world)["libraries"]

    assert (findings[-1]["level"], findings[-1]["setting"]) == ("error", "libraryNames")
    assert '"Fims"' in findings[-1]["text"]


def test_one_name_of_several_that_fits_no_library(world):
    world.film(1, "film", title="Film")
    world.settings["libraryNames"] = "Films, Fims"

    wrong, used = checked(world)["libraries"]

    assert (wrong["level"], wrong["setting"]) == ("warning", "libraryNames")
    assert wrong["text"].endswith('Plex has no video library "Fims"; it has "Films"')
    assert used["level"] == "ok"


def test_a_certificate_that_is_not_looked_at(world):
    world.settings["tlsSkipVerify"] = True

    finding = only(checked(world), "certificate")

    assert (finding["level"], finding["setting"]) == ("warning", "tlsSkipVerify")


@pytest.mark.parametrize("world", [{"plex_tls": True}], indirect=True)
def test_a_certificate_that_nobody_knows_and_one_that_the_user_trusts(world):
    finding = only(checked(world), "plex")
    assert (finding["level"], finding["setting"]) == ("error", "tlsCaFile")

    world.settings["tlsCaFile"] = world.plex.certfile
    assert only(checked(world), "certificate")["text"] == "Plex's certificate is valid"


def test_a_clock_that_is_wrong(world):
    world.clock(60)

    finding = only(checked(world), "clock")

    assert finding["level"] == "warning" and "set the clock" in finding["remedy"]


def test_a_stash_that_is_too_old(world):
    world.film(1, "film", title="Film")
    world.stash.version_string = "v0.24.3"

    old, told = checked(world)["stash"]

    assert old["level"] == "error" and "v0.25 or newer" in old["remedy"]
    assert "version v0.24.3" in told["text"]


# --- the sample -------------------------------------------------------------------------------------------------


def test_a_path_map_is_proposed_that_explains_most(world):
    shelf(world, "/mnt/stash/films", "/data/films")
    world.stash.library.add_scene("/mnt/other/odd.mp4", number=8, size=77, title="Odd")
    world.films.add_item(file="/data/films/x/odd.mp4", size=77, title="odd")

    found = checked(world)

    finding = only(found, "paths")
    assert finding["setting"] == "libraryPathMap"
    assert finding["remedy"] == "/mnt/stash => /data"
    assert "6 of 6 sampled files are in Plex with the same name and size under another path; this map explains 5 of " \
        "them" in finding["text"]
    world.settings["libraryPathMap"] = finding["value"]
    assert only(checked(world), "scenes")["text"].startswith("of 6 sampled scenes 5 are found by path")


@pytest.mark.parametrize("rule, why", [
    ("/data => /mnt/stash", "for example, /mnt/stash/f1/film 1.mp4: that is where its other side leads"),
    ("/mnt/Stash => /data", "/mnt/stash/f1/film 1.mp4: upper and lower case count"),
    ("/mnt/sta => /data", "/mnt/stash/f1/film 1.mp4: a rule ends where a folder's name ends"),
    ("D:\\stash => /data", "/mnt/stash/f1/film 1.mp4: paths are written differently there"),
    ("/mnt/nas => /data", "the closest of these is /mnt/stash/f1/film 1.mp4")])
def test_a_rule_that_fits_no_file_is_told_with_the_reason(world, rule, why):
    shelf(world, "/mnt/stash", "/data/films")
    world.settings["libraryPathMap"] = f"/mnt/stash => /data/films; {rule}"

    finding = only(checked(world), "paths")

    assert (finding["level"], finding["setting"]) == ("warning", "libraryPathMap")
    assert f"the rule {rule} fits none of the 5 sampled files; " in finding["text"] and why in finding["text"]


@pytest.mark.parametrize("others, how", [((), "size"), ((1,), "size or duration"), ((1, 2, 3), "duration")])
def test_the_proposal_says_by_what_the_files_are_found(world, others, how):
    for number in (1, 2, 3):
        path = f"/f/{number}.mp4"
        world.stash.library.add_scene(f"/mnt{path}", number=number, size=1000 + number, title="Film")
        world.films.add_item(file=f"/data/films{path}", size=(5000 if number in others else 1000) + number)

    finding = only(checked(world), "paths")

    assert f"3 of 3 sampled files are in Plex with the same name and {how} under another path" in finding["text"]
    assert f"(they are found by name and {how} all the same)" in finding["text"]


def test_a_map_that_needs_quotes_is_proposed_with_them(world):
    shelf(world, "/mnt/a;b", "/data/films/c => d")

    finding = only(checked(world), "paths")

    assert finding["remedy"] == '"/mnt/a;b" => "/data/films/c => d"'
    world.settings["libraryPathMap"] = finding["value"]
    assert only(checked(world), "scenes")["text"].startswith("of 5 sampled scenes 5 are found by path")


def test_the_proposed_rule_is_offered_with_the_rules_about_other_folders(world):
    shelf(world, "/mnt/stash/films", "/data/films")
    world.settings["libraryPathMap"] = "/mnt/stash => /srv; /mnt/old => /data/old"

    [finding] = [finding for finding in checked(world)["paths"] if "value" in finding]

    assert finding["value"] == "/mnt/stash => /data; /mnt/old => /data/old"
    world.settings["libraryPathMap"] = finding["value"]
    assert "5 sampled scenes 5 are found by path" in only(checked(world), "scenes")["text"]


def also(world, number, ours, theirs):
    """One more file, which Plex has in a place of its own."""
    world.stash.library.add_scene(ours, number=number, size=10 * number, title="Film")
    world.films.add_item(file=theirs, size=10 * number, title="film")


@pytest.mark.parametrize("ours, rules, value", [
    ("/mnt/stash/films", "/mnt/stash/films => /srv/films", "/mnt/stash => /data"),
    ("/mnt/stash/films", "/mnt/stash/films/ => /srv/x; /mnt/stash/films/f1 => /srv/f1", "/mnt/stash => /data"),
    ("/mnt/stash/films", "/mnt => /srv; /mnt/stash/films => /srv/x", "/mnt/stash => /data; /mnt => /srv"),
    ("/mnt/Cafe\u0301/films", "/mnt/Caf\u00e9/films => /srv/films", "/mnt/Cafe\u0301 => /data"),
    ("/mnt/Cafe\u0301/films", "/mnt/Caf\u00e9 => /srv", "/mnt/Cafe\u0301 => /data"),
    ("d:\\stash\\films", "D:\\Stash => /srv", "d:\\stash => /data"),
    ("/mnt/stash/films", "/mnt/stash/rare => /rare", "/mnt/stash => /data; /mnt/stash/rare => /rare")])
def test_the_value_offered_has_no_rule_that_leads_these_files_elsewhere(world, ours, rules, value):
    separator = "\\" if "\\" in ours else "/"
    for number in range(1, 6):
        also(world, number, separator.join((ours, f"f{number}", f"film {number}.mp4")), f"/data/films/f{number}/film {number}.mp4")
    world.settings["libraryPathMap"] = rules

    [finding] = [finding for finding in checked(world)["paths"] if "value" in finding]

    assert finding["value"] == value
    assert ("explains 5 of them, in place of the rule for " in finding["text"]) == ("rare" not in rules)
    world.settings["libraryPathMap"] = finding["value"]
    found = checked(world)
    assert {one["level"] for one in found["settings"]} == {"ok"}
    assert value not in [one.get("value") for one in found.get("paths", [])], "the same is not offered again"
    assert int(only(found, "scenes")["text"].split()[4]) >= 5


@pytest.mark.parametrize("moved", [0, 1])
def test_a_rule_that_is_right_about_most_of_its_files_is_offered_again(world, moved):
    shelf(world, "/mnt/stash/films", "/data/films")
    if moved:
        also(world, 7, "/mnt/stash/clips/moved.mp4", "/data/clips/moved.mp4")
    for number in (8, 9):
        also(world, number, f"/mnt/stash/clips/{number}.mp4", f"/other/clips/{number}.mp4")
    world.settings["libraryPathMap"] = "/mnt/stash/clips => /other/clips"

    [finding] = [finding for finding in checked(world)["paths"] if "value" in finding]

    assert finding["value"] == "/mnt/stash => /data; /mnt/stash/clips => /other/clips"


def test_paths_inside_of_a_library_that_lead_nowhere_are_a_problem(world):
    shelf(world, "/data/films/stash", "/data/films/plex")

    found = checked(world)

    assert only(found, "scenes")["level"] == "error"
    assert (only(found, "paths")["level"], only(found, "paths")["remedy"]) == (
        "error", "/data/films/stash => /data/films/plex")


def test_scenes_that_plex_does_not_have(world):
    world.film(1, "film", title="Film")
    world.stash.library.add_scene("/data/films/Low Tide.mp4", number=2, size=7, title="Low Tide")

    finding = only(checked(world), "scenes")

    assert finding["level"] == "warning" and "not in Plex: 1" in finding["text"]
    assert "for example of scene 2" in finding["remedy"]


# --- other plugins ----------------------------------------------------------------------------------------------


def neighbour(world, ident, name):
    """Another plugin is installed."""
    folder = world.plugins / ident
    folder.mkdir()
    (folder / f"{ident}.yml").write_text(f"name: {name}\ndescription: x\nversion: 1.0\nexec:\n  - true\ninterface: raw\n",
                                         encoding="utf-8")
    world.stash.host.load(str(world.plugins))


def test_another_plugin_that_writes_to_plex(world):
    world.film(1, "film", title="Film")
    neighbour(world, "stash2plex", "Stash2Plex")

    [finding] = [check for check in checked(world)["plugins"] if check["level"] == "warning"]

    assert "Stash2Plex" in finding["text"] and "disable one of the two" in finding["remedy"]


def test_the_plugin_of_the_same_name_in_another_spelling(world):
    world.film(1, "film", title="Film")
    (world.plugins / "plexsync" / "plexsync.yml").rename(world.plugins / "plexsync" / "away.txt")
    neighbour(world, "PlexSync", "PlexSync (community)")

    done = world.plexsync("doctor", "--json", "--state", str(world.state), "--stash-url", world.stash.url)

    assert done.returncode == 1
    assert b"Stash loads only one of the two, and it is not this one" in done.stderr


# --- which scenes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("setting, value, unknown", [
    ("sceneNeedTags", "boats, Bots", '"Bots"'), ("fieldOnlyTags", "Bots", '"Bots"'),
    ("fieldIgnoreTags", 'Bots, Fog, "Black, White"', '"Bots", "Black, White"'),
    ("sceneSkipTag", "Black, White", '"Black, White"')])
def test_a_tag_that_stash_does_not_have(world, setting, value, unknown):
    world.film(1, "film", title="Film", tags=["Boats", "Fog"])
    world.settings[setting] = value

    finding = only(checked(world), "tags")

    assert (finding["level"], finding["setting"]) == ("warning", setting)
    assert finding["text"] == f"Stash has no tag {unknown}"


def test_tags_are_asked_for_only_if_a_setting_names_some(world):
    world.film(1, "film", title="Film", tags=["Boats"])
    assert "tags" not in checked(world)
    assert not [one for one in world.stash.graphql_requests if "findTags" in one["fields"]]
    world.settings["sceneNeedTags"] = " BOATS "

    assert "tags" not in checked(world)
    assert len([one for one in world.stash.graphql_requests if "findTags" in one["fields"]]) == 1


@pytest.mark.parametrize("setting", ["scenePathOnly", "scenePathSkip"])
def test_a_glob_that_fits_no_file(world, setting):
    for number in range(1, 4):
        world.film(number, f"film {number}", title="Film")
    world.settings[setting] = "/data/films/*2.mp4, /DATA/Films, /mnt/**"

    folder, nothing = checked(world)["paths"]

    assert folder["level"] == nothing["level"] == "warning" and folder["setting"] == nothing["setting"] == setting
    assert folder["text"].startswith("/DATA/Films fits none of the 3 sampled files, such as /data/films/film")
    assert folder["remedy"] == "/DATA/Films/** is everything below that folder"
    assert nothing["text"].startswith("/mnt/** fits none of the 3") and nothing["remedy"].startswith("correct it")


def test_what_is_about_files_that_are_not_sampled_is_not_to_be_taken_out(world):
    for number in range(1, 103):
        also(world, number, f"/mnt/a/{number}.mp4", f"/data/films/{number}.mp4")
    also(world, 200, "/mnt/b/Private/quay.mp4", "/data/films/b/Private/quay.mp4")
    world.settings |= {"libraryPathMap": "/mnt/a => /data/films; /mnt/b => /data/films/b", "scenePathSkip": "/mnt/b/Private/**"}

    rule, glob = checked(world)["paths"]

    for finding in (rule, glob):
        assert finding["level"] == "warning" and "fits none of the 100 sampled files" in finding["text"]
        assert finding["remedy"].endswith("unless it is about other files than these")
        assert "Stash has" not in finding["text"], "it has others"
    assert rule["text"].endswith("the closest of these is /mnt/a/1.mp4") and glob["text"].endswith("such as /mnt/a/1.mp4")


def test_what_the_settings_leave_alone_is_not_missed(world):
    for number in range(1, 4):
        world.film(number, f"film {number}", title="Film")
    world.stash.library.add_scene("/data/elsewhere/film 9.mp4", number=9, size=9, title="Film")
    world.settings["scenePathSkip"] = "/data/elsewhere/**"

    assert only(checked(world), "scenes")["text"].startswith("of 3 sampled scenes 3 are found by path")


def test_nothing_is_left_of_the_sample(world):
    for number in range(1, 4):
        world.film(number, f"film {number}", title="Film")
    world.settings["sceneOnlyStashId"] = True

    sample, finding = checked(world)["scenes"]

    assert (sample["level"], finding["level"], finding["setting"]) == ("ok", "warning", "sceneOnlyStashId")
    assert finding["text"] == ("each of the 3 sampled scenes is left alone; scene 3, for example, since no stash-box identified "
                               "it (setting sceneOnlyStashId)")


def test_a_whole_library_is_not_read_for_a_sample(world):
    for number in range(1, 1301):
        world.stash.library.add_scene(f"/data/films/film {number}.mp4", number=number, size=9, title="Film")
    world.settings["sceneOnlyStashId"] = True

    assert checked(world)["scenes"][-1]["text"].startswith("each of the 1000 sampled scenes is left alone")
    assert len([one for one in world.stash.graphql_requests if "findScenes" in one["fields"]]) <= 7
