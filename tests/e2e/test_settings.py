"""The plugin's settings as people fill them in. A mistake is named, keeps every job, and echoes no secret."""

import pytest

from conftest import TOKEN

FLAGS = ["fieldNoTitle", "fieldNoSummary", "fieldNoDate", "fieldNoStudio", "fieldNoPerformers", "fieldNoTags",
         "fieldKeepPlexEdits", "hookQueueOnly", "logHidePaths", "matchByName", "sceneOnlyOrganized", "sceneOnlyStashId",
         "tlsSkipVerify"]
TEXTS = ["connectUrl", "connectToken", "fieldIgnoreTags", "libraryNames", "libraryPathMap", "sceneNeedTags", "scenePathOnly",
         "scenePathSkip", "sceneSkipTag", "tlsCaFile"]


def save(world):
    """What Save says: an error, or, when the same was said just before, the reason for being queued."""
    run = world.save(45, title="Harbour Lights")
    return run.error or run.output.get("reason") or run.output["result"]


def refused(world, film, *words):
    """Save fails with these words, nothing reaches Plex, the scene is kept; with the old settings it is written."""
    good = {"connectUrl": world.plex.url, "connectToken": TOKEN}
    told = save(world)
    for word in words:
        assert word in told
    assert world.plex.requests == []
    assert world.stash.jobs.queued() == []
    assert world.status()["queue"] | {"due": 0} == {"ready": 1, "due": 0, "waiting": 0, "failed": 0}
    task = world.drain()
    told = task.error or task.output["stopped"]
    assert words[0] in told and "kept" in told
    assert world.status()["plex"]["breaker"] == "closed"
    world.settings = good
    assert world.drain().output["synced"] == 1
    assert film.title == "Harbour Lights"


# --- connectUrl -----------------------------------------------------------------------------------------


ADDRESSES = [None, "", "  ", "192.168.1.10:32400", "plex.example", "ftp://plex.example", "http://", "http:///x",
             "https://:32400", "http://a b:32400", "http://plex.example#f", "http://plex.example:99999",
             "http://plex.example:port", [], {}, True]


def test_an_address_that_is_none_is_named(world, film):
    silent = []
    for value in ADDRESSES:
        world.settings["connectUrl"] = value
        told = save(world)
        if "setting connectUrl" not in told:
            silent.append((value, told))
    assert silent == []
    refused(world, film, "setting connectUrl")


@pytest.mark.parametrize("url", ["http://person:geheim42@127.0.0.1:1", "http://geheim42@127.0.0.1:1",
                                 "http://127.0.0.1:1/?X-Plex-Token=geheim42", "http://127.0.0.1:1#geheim42"])
def test_an_address_with_a_secret_in_it_is_refused_and_not_shown(world, film, url):
    world.secrets.add("geheim42")
    world.settings["connectUrl"] = url

    refused(world, film, "setting connectUrl")


@pytest.mark.parametrize("tail", ["/", "///", " "])
def test_slashes_at_the_end_of_the_address_do_not_matter(world, film, tail):
    world.settings["connectUrl"] = world.plex.url + tail

    assert world.sync(45, dry_run=True)["result"] in ("ignored", "unchanged")
    assert world.save(45, title="Harbour Lights").error is None
    world.tasks()
    assert film.title == "Harbour Lights"
    assert not any("//" in request.target for request in world.plex.requests)


@pytest.mark.parametrize("prefix", ["/plex", "/a/b/"])
def test_plex_may_be_below_a_path(world, film, prefix):
    inner = world.plex.handle

    def handle(request):
        assert request.path.startswith(prefix.rstrip("/") + "/")
        request.path = request.path[len(prefix.rstrip("/")):]
        return inner(request)

    world.plex.handle = handle
    world.settings["connectUrl"] = world.plex.url + prefix
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})

    assert world.sync(45)["result"] == "synced"
    assert film.title == "Harbour Lights"


# --- connectToken -----------------------------------------------------------------------------------------


def test_a_token_that_is_none_is_named(world, film):
    world.secrets |= {"two words", "tökenwort", "break1"}
    for value in ("", "  ", "two words", "tökenwort", "line\nbreak1", [], True, None):
        world.settings["connectToken"] = value
        assert "setting connectToken" in save(world), value

    refused(world, film, "setting connectToken")


def test_a_token_of_digits_may_have_become_a_number(world, film):
    world.plex.token = "1234567890"
    world.secrets.add("1234567890")
    world.settings["connectToken"] = 1234567890

    assert world.save(45, title="Harbour Lights").output["result"] == "synced"


@pytest.mark.parametrize("content", [TOKEN, TOKEN + "\n", TOKEN + "\r\n", f"  {TOKEN}\n\n"])
def test_the_token_may_be_in_a_file(world, film, content, tmp_path):
    (tmp_path / "token").write_text(content)
    world.settings["connectToken"] = f"file:{tmp_path}/token"

    assert world.save(45, title="Harbour Lights").output["result"] == "synced"


@pytest.mark.parametrize("content, words", [
    (None, "cannot be read: No such file"), ("", "empty"), ("\n", "empty"), (f"{TOKEN}\n{TOKEN}", "single line"),
    ("x" * 5000, "is not a single line"), ("folder", "file")])
def test_a_token_file_that_is_no_good_is_named(world, film, content, words, tmp_path):
    path = tmp_path / "token"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_text(content)
    world.settings["connectToken"] = f"file:{path}"

    refused(world, film, "setting connectToken", words)


# --- the others ---------------------------------------------------------------------------------------------


def test_nothing_was_set_up_yet(world, film):
    world.settings = {}

    refused(world, film, "setting connectUrl is empty")


def test_a_flag_is_true_or_false_and_a_text_is_text_or_a_number(world, film):
    for keys, values, words in ((FLAGS, ("maybe", 2, []), "true or false was expected"), (TEXTS, (True, {}, 4.5), "")):
        for key in keys:
            for value in values:
                good = dict(world.settings)
                world.settings[key] = value
                told = save(world)
                assert f"setting {key}" in told and words in told, (key, value)
                world.settings = good
    assert world.plex.requests == []


@pytest.mark.parametrize("value, on", [(True, True), ("true", True), (1, True), ("1", True), (False, False),
                                       ("false", False), (0, False), ("0", False), ("", False), (None, False)])
def test_a_flag_may_be_written_in_several_ways(world, film, value, on):
    world.settings["fieldNoTitle"] = value

    output = world.save(45, title="Harbour Lights", details="By the sea.").output

    assert output["fields"] == (["summary"] if on else ["title", "summary"])
    assert film.title == ("quay" if on else "Harbour Lights")


def test_a_tag_may_be_a_number(world, film):
    world.settings["sceneSkipTag"] = 2019

    assert world.save(45, title="Harbour Lights", tags=["2019"]).output["result"] == "ignored"


def test_a_path_map_that_is_none_is_named(world, film):
    for value, words in (("/data", '"/data" has no "=>"'), ("/a => /b; /c", '"/c" has no "=>"'),
                         ("=> /b", "an empty side"), ("/a =>", "an empty side"), ("=>", "an empty side"),
                         ("/a => /b, /x => /y", '"/a => /b, /x => /y" has two "=>"'), ('"/a => /b', "is not closed"),
                         ("/x => /y; data => /b", '"data => /b" has a side that is not a whole path'),
                         ("/a/* => /b", '"/a/* => /b" has a "*"'), ("/a/../b => /c", 'has a folder without a name'),
                         ('"/a" b => /c', "goes on after the closing quote"),
                         ("/a => /b; /a/ => /c", 'two rules for "/a"')):
        world.settings["libraryPathMap"] = value
        told = save(world)
        assert "setting libraryPathMap" in told and words in told

    refused(world, film, "setting libraryPathMap", words)


@pytest.mark.parametrize("value", ["", ";", " ; ;", "/a => /b;"])
def test_a_path_map_may_be_empty_in_places(world, film, value):
    world.settings["libraryPathMap"] = value

    assert world.sync(45, dry_run=True)["result"] == "ignored"


@pytest.mark.parametrize("setting", ["fieldIgnoreTags", "libraryNames", "sceneNeedTags", "scenePathOnly", "scenePathSkip"])
def test_a_list_with_a_quote_that_is_not_closed_is_named(world, film, setting):
    for value, words in (('Fog, "Black, White', "has a double quote that is not closed"), ('"', "is not closed"),
                         ('"Black" White', "goes on after the closing quote"), ('"a""', "is not closed"),
                         ("Fog, \u201cBlack, White\u201d", "begins with a typographic quote: write quotes as \""),
                         ("\u201eBlack, White\u201c", "typographic quote"), ("\u00abBlack, White\u00bb", "typographic quote")):
        world.settings[setting] = value
        told = save(world)
        assert f"setting {setting}" in told and words in told

    refused(world, film, f"setting {setting}", words)


@pytest.mark.parametrize("setting", ["scenePathOnly", "scenePathSkip"])
def test_a_glob_that_fits_no_path_is_named(world, film, setting):
    for value, words in (("films/**", '"films/**" is not about a whole path'), ("/data/**, *.mp4", '"*.mp4" names no folder'),
                         ("/data//films/*", "has a folder without a name"), ("/data/../*", "has a folder without a name"),
                         ("/data/films/", "ends with a separator"), ("D:\\Films\\", "ends with a separator"),
                         ("D:Films\\*", "is not about a whole path"), ("[/data]", "is not about a whole path")):
        world.settings[setting] = value
        told = save(world)
        assert f"setting {setting}" in told and words in told, value

    refused(world, film, f"setting {setting}", words)


@pytest.mark.parametrize("value, left", [
    ('"Black, White"', ["Black", "White", 'The "best"', "Fog"]), ('Fog , "black,  WHITE"', ["Black", "White", 'The "best"']),
    ('"the ""best""", fog', ["Black", "Black, White", "White"]), ('Black, White, The "best"', ["Black, White", "Fog"]),
    ("fog\nblack", ["Black, White", "White", 'The "best"']),
    ('Fog,\u00a0"Black, White"', ["Black", "White", 'The "best"']),
    ('\u200bFog\u00a0, \u200b"Black, White"\u00a0,\u2003Black', ["White", 'The "best"'])])
def test_a_name_with_a_comma_or_a_quote_stands_in_quotes(world, film, value, left):
    world.settings["fieldIgnoreTags"] = value

    world.save(45, title="Harbour Lights", tags=["Black, White", "Black", "White", 'The "best"', "Fog"])

    assert sorted(film.genres) == sorted(left)


@pytest.mark.parametrize("value", ["Black, White", " black,  white ", '12" Disc'])
def test_the_tag_to_skip_is_one_name_and_not_a_list(world, film, value):
    world.settings["sceneSkipTag"] = value

    assert world.save(45, title="Harbour Lights", tags=["Black"]).output["result"] == "synced"
    assert world.save(45, tags=[" ".join(value.split())]).output["result"] == "ignored"


def test_settings_that_contradict_each_other_are_both_named(world, film):
    world.settings |= {"tlsCaFile": "/some/ca.pem", "tlsSkipVerify": True}

    refused(world, film, "tlsCaFile", "tlsSkipVerify")


def test_settings_that_nobody_knows_do_no_harm(world, film):
    world.settings |= {"fieldYesTitle": True, "a": {"b": [1]}, "": None}

    assert world.save(45, title="Harbour Lights").output["result"] == "synced"


def test_settings_are_read_anew_by_every_run(world, film):
    world.save(45, title="Harbour Lights")
    world.settings["fieldNoTitle"] = True

    assert world.save(45, title="Harbour Night").output["result"] == "unchanged"


def test_hook_queue_only_never_talks_to_plex_inside_of_save(world, film):
    world.settings["hookQueueOnly"] = True
    world.stash.hold_jobs = True

    for title in ("Harbour Lights", "Harbour Night"):
        run = world.save(45, title=title)
        assert run.output["result"] == "queued"
        assert world.plex.requests == []
    assert len(world.stash.jobs.queued()) == 1

    world.stash.hold_jobs = False
    world.tasks()
    assert film.title == "Harbour Night"


def test_hidden_paths_are_in_no_line_and_in_no_answer(world, film):
    world.settings["logHidePaths"] = True
    film.set_file("/data/films/elsewhere/quay.mp4")
    world.operation("rebuild-index")
    first = world.runs[-1]

    run = world.operation("sync-scene", scene_id="45")
    world.save(45, title="Harbour Lights")
    world.tasks()
    world.operation("status")

    for one in (first, run, *world.runs[-3:]):
        assert "/data/films" not in one.stderr.decode() + one.stdout.decode()
