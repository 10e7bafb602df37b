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


# --- arguments that make no sense ---------------------------------------------------------------------


BAD = [("scene_id", "forty-five"), ("scene_id", 0), ("scene_id", ["45", "46"]), ("scene_id", "4" * 1_000_000),
       ("library", "x" * 1_000_000), ("library", {"id": 1}), ("dry_run", "perhaps"), ("limit", 0), ("limit", 101),
       ("limit", "many"), ("text", "x" * 1_000_000), ("text", 7), ("text", "two\nlines"), ("text", ["a", "b"]),
       ("server", []), ("server", "x" * 1_000_000), ("address", {}), ("apply", "yes, please")]


@pytest.mark.parametrize("name, value", BAD, ids=lambda value: str(value)[:12])
def test_an_argument_that_makes_no_sense_is_named_and_nothing_happens(world, name, value):
    run = world.operation("libraries", **{name: value})

    assert run.error is not None and f"args.{name} " in run.error and len(run.error) < 200
    assert world.request_count() == (0, 0)
