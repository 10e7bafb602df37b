"""What a page inside Stash, or anybody's script, asks for by runPluginOperation."""

import pytest


def paths(world):
    """What Plex was asked for since the last clear()."""
    return [request.path for request in world.plex.requests]


# --- libraries ----------------------------------------------------------------------------------------


def libraries(world):
    """The libraries of a run, by title."""
    run = world.operation("libraries")
    assert run.error is None, run.error
    return {row["title"]: row for row in run.output["libraries"]}


@pytest.fixture
def house(world):
    """Plex has films, a series, and music."""
    world.film(1, "quay")
    world.film(2, "ferry")
    shows = world.plex.add_library("Series", ["/data/series"], type="show", agent="tv.plex.agents.series",
                                   scanner="Plex TV Series")
    shows.add_item(file="/data/series/Coast/S01E01.mp4", size=7, show="Coast", title="Episode 1", index=1)
    world.plex.add_library("Songs", ["/data/songs"], type="artist", agent="tv.plex.agents.music",
                           scanner="Plex Music")
    return world


def test_libraries_are_those_with_video(house):
    assert libraries(house) == {
        "Films": {"id": "1", "title": "Films", "type": "movie", "items": 2, "chosen": True},
        "Series": {"id": "2", "title": "Series", "type": "show", "items": 1, "chosen": False}}


def test_libraries_says_what_is_in_use_by_name_or_number(house):
    house.settings["libraryNames"] = "2, Gone"

    assert [row["chosen"] for row in libraries(house).values()] == [False, True]


def test_libraries_counts_what_the_index_does_not_know(house):
    house.index()

    assert libraries(house)["Films"]["items"] == 2
    assert paths(house) == ["/library/sections", "/library/sections/2/all"]
    house.film(3, "tide")
    assert libraries(house)["Films"]["items"] == 3


def test_libraries_does_not_wait_for_a_slow_count(house):
    house.plex.latency = lambda request: 5 if request.path.endswith("/all") else 0

    assert [row["items"] for row in libraries(house).values()] == [None, None]


def test_libraries_without_plex(house):
    house.plex.stop()

    assert "Plex" in house.operation("libraries").error
    house.plex.start()


def test_an_operation_is_not_offered_at_a_terminal(world):
    done = world.plexsync("libraries", "--state", str(world.state))

    assert done.returncode == 2 and b"not a verb" in done.stderr
    assert b"libraries  " not in world.plexsync("--help").stdout


# --- search -------------------------------------------------------------------------------------------


def found(world, text, **args):
    """The keys of what a search finds."""
    run = world.operation("search", text=text, **args)
    assert run.error is None, run.error
    for row in run.output["items"]:
        assert set(row) == {"key", "library", "title", "path", "size", "duration_s"}
    return [row["key"] for row in run.output["items"]]


@pytest.fixture
def shelf(house):
    """Films with titles of their own, in an index; the keys by number."""
    items = {}
    for number, (name, title) in enumerate([("2021/quay", "Harbour Lights"), ("2021/ferry-02", "Night Ferry"),
                                            ("2022/Müller", "Harbour Night"), ("2022/b", "À la mer")], start=11):
        item = house.film(number, name, size=number * 1000)
        item.edit(title=title)
        items[number] = item.ratingKey
    house.index()
    return house, items


def test_search_finds_words_of_titles_and_of_paths(shelf):
    world, items = shelf

    assert found(world, "harbour") == [items[11], items[13]]
    assert found(world, "NIGHT harbour") == [items[13]]
    assert found(world, "ferry-02") == [items[12]], "in the path alone"
    assert found(world, "2021 harbour") == [items[11]], "one in each"
    assert found(world, "m\u0075\u0308LLER") == [items[13]]
    assert found(world, "à la") == [items[14]]
    assert found(world, "submarine") == []


def test_what_search_says_of_an_item(shelf):
    world, items = shelf

    [row] = world.operation("search", text="quay lights").output["items"]

    assert row == {"key": items[11], "library": "Films", "title": "Harbour Lights", "path": "/data/films/2021/quay.mp4",
                   "size": 11000, "duration_s": 600}
    [row] = world.operation("search", text="2021 ferry").output["items"]
    assert row["title"] == "Night Ferry", "today's, although the index found it"


def test_search_in_one_library_and_up_to_a_limit(shelf):
    world, _ = shelf
    world.settings["libraryNames"] = "Films, Series"
    world.index()

    assert len(found(world, "data")) == 7
    assert len(found(world, "data", limit=3)) == 3
    assert found(world, "data", library="Series") == found(world, "s01e01") == found(world, "data", library="2")
    assert "args.library" in world.operation("search", text="data", library="Fims").error


def test_search_asks_for_the_details_of_fifty_at_a_time(world):
    for number in range(1, 61):
        world.film(number, f"film {number}").edit(title=f"Part {number}")
    world.index()

    assert len(found(world, "mp4", limit=100)) == 60
    assert [len(path.split(",")) for path in paths(world) if path.startswith("/library/metadata/")] == [50, 10]


def test_search_leaves_out_what_plex_has_lost(shelf):
    world, items = shelf
    world.films.remove_item(world.plex.item(items[12]))

    assert found(world, "2021") == [items[11]]


def test_search_without_plex_finds_what_the_index_has(shelf):
    world, items = shelf
    world.plex.stop()

    run = world.operation("search", text="2021 quay")

    assert [(row["key"], row["title"]) for row in run.output["items"]] == [(items[11], "")]
    assert "Only what the library index has is found" in run.text("warning")
    world.plex.start()


@pytest.mark.parametrize("how", [{"spoils": (b"Harbour Night", b"Harbour \\udce9")}, {"fail_list": 500}])
def test_search_goes_around_a_title_that_plex_cannot_list(shelf, how):
    world, items = shelf
    world.plex.item(items[13]).put(**how)

    assert set(found(world, "harbour")) - {items[13]} == {items[11]}


def test_search_goes_around_an_item_that_plex_cannot_show(shelf):
    world, items = shelf
    world.plex.item(items[12]).put(spoils=(b"Night Ferry", b"Night \\udce9"))

    rows = world.operation("search", text="2021").output["items"]

    assert {row["key"]: row["title"] for row in rows} == {items[11]: "Harbour Lights", items[12]: ""}


def test_search_hides_paths_if_the_log_does(shelf):
    world, _ = shelf
    world.settings["logHidePaths"] = True

    assert world.operation("search", text="quay").output["items"][0]["path"] == "(path hidden)"


@pytest.mark.parametrize("args", [{}, {"text": ""}, {"text": "  "}])
def test_search_without_words(world, args):
    assert "args.text" in world.operation("search", **args).error
    assert world.plex.requests == []


# --- settings of other plugins ------------------------------------------------------------------------


PEERS_TOKEN = "peers-token-zz-5522"


@pytest.fixture
def peers(world):
    """Stash2Plex was in use before; here nothing is set but one thing."""
    world.secrets.add(PEERS_TOKEN)
    world.plex.token = PEERS_TOKEN
    world.stash.settings["Stash2Plex"] = {
        "plex_url": world.plex.url + "/", "plex_token": PEERS_TOKEN, "plex_library": "Films", "sync_poster": False,
        "sync_background": False, "sync_tags": True, "max_retries": 3, "obfuscate_paths": True}
    world.settings = {"logHidePaths": False}
    return world


WANTED = {"connectUrl": None, "libraryNames": "Films", "fieldNoPoster": True, "fieldNoBackground": True}


def test_what_would_be_taken_over_is_said_without_the_token(peers):
    output = peers.operation("import-settings").output

    assert output["settings"] == {**WANTED, "connectUrl": peers.plex.url, "connectToken": "(not shown)"}
    [source] = output["from"]
    assert (source["id"], source["name"]) == ("Stash2Plex", "Stash2Plex")
    assert source["settings"]["connectUrl"] == "plex_url" and set(source["settings"]) == set(output["settings"])
    assert {entry["setting"]: entry["why"] for entry in output["left"]} == {
        "max_retries": "there is nothing to set for it here", "obfuscate_paths": "setting logHidePaths is set here"}
    assert peers.settings == {"logHidePaths": False} and not list(peers.state.glob("*.token"))


def test_taken_over_they_work(peers):
    item = peers.film(45, "quay", title="Harbour Lights")

    output = peers.operation("import-settings", apply=True).output

    [file] = peers.state.glob("*.token")
    assert file.stat().st_mode & 0o777 == 0o600 and file.read_text() == PEERS_TOKEN
    assert output["settings"]["connectToken"] == f"file:{file}"
    assert peers.settings == {**output["settings"], "logHidePaths": False}
    assert peers.sync(45)["result"] == "synced" and item.title == "Harbour Lights"
    again = peers.operation("import-settings", apply=True).output
    assert set(again["settings"]) == set() and "plex_token" in [entry["setting"] for entry in again["left"]]


def test_without_other_plugins_there_is_nothing_to_take_over(world):
    assert world.operation("import-settings", apply=True).output == {"from": [], "settings": {}, "left": []}


def test_stash_does_not_save_what_is_taken_over(peers):
    peers.stash.fault(lambda request: b"configurePlugin" in request.body, "status", times=1, status=500)

    assert "Stash" in peers.operation("import-settings", apply=True).error
    assert peers.settings == {"logHidePaths": False}


# --- arguments that make no sense ---------------------------------------------------------------------


BAD = [("scene_id", "forty-five"), ("scene_id", 0), ("scene_id", ["45", "46"]), ("scene_id", "4" * 1_000_000),
       ("library", "x" * 1_000_000), ("library", {"id": 1}), ("dry_run", "perhaps"), ("limit", 0), ("limit", 101),
       ("limit", "many"), ("text", "x" * 1_000_000), ("text", 7), ("text", "two\nlines"), ("text", ["a", "b"]),
       ("server", []), ("server", "x" * 1_000_000), ("address", {}), ("apply", "yes, please"), ("offset", -1), ("offset", "two"),
       ("list", 7), ("list", "x" * 1_000_000)]


@pytest.mark.parametrize("name, value", BAD, ids=lambda value: str(value)[:12])
def test_an_argument_that_makes_no_sense_is_named_and_nothing_happens(world, name, value):
    run = world.operation("libraries", **{name: value})

    assert run.error is not None and f"args.{name} " in run.error and len(run.error) < 200
    assert world.request_count() == (0, 0)
