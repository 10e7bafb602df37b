"""Other libraries than one of films: series, other videos, several at once; several files and several
scenes for one item."""

import pytest
from shelf import shelf, task, titles, writes

ALL = "Sync all scenes"
JPEG = b"\xff\xd8\xff\xe0 harbour at night"


def series(world):
    """A library of series with an episode that scene 1 plays; the episode."""
    shows = world.plex.add_library("Series", ["/data/series"], type="show", agent="tv.plex.agents.series",
                                   scanner="Plex TV Series")
    episode = shows.add_item(file="/data/series/Coast/S01E01.mp4", size=7, show="Coast", title="Episode 1", index=1)
    world.stash.library.add_scene("/data/series/Coast/S01E01.mp4", number=1, size=7, title="Harbour Lights",
                                  details="By the sea.", tags=["Boats"], performers=["Ana Duarte"], rating100=80)
    return episode


# --- series --------------------------------------------------------------------------------------------


def test_an_episode_is_written_if_its_library_is_named(world):
    episode = series(world)
    world.settings["libraryNames"] = "Films, Series"
    item = world.film(2, "quay", title="Low Tide")
    world.index()

    task(world, ALL)

    assert (episode.title, episode.summary, episode.genres) == ("Harbour Lights", "By the sea.", ["Boats"])
    assert [actor.name for actor in episode.actors] == ["Ana Duarte"]
    assert item.title == "Low Tide"
    assert {request.arg("type") for request in world.plex.writes if request.path == "/library/sections/2/all"} == {"4"}
    assert episode.parent.title == "Season 1" and not episode.parent.locked, "neither season nor series is touched"
    world.clear()
    assert task(world, ALL).output["same"] == 2 and world.plex.requests == []


def test_without_its_name_a_library_of_series_is_left_alone(world):
    episode = series(world)
    world.index()

    task(world, ALL)

    assert episode.title == "Episode 1"
    assert world.queue() == (0, 1, 0)
    assert not [request for request in world.plex.requests if request.path == "/library/sections/2/all"]


def test_named_later_it_gets_what_waited_for_it(world):
    episode = series(world)
    world.index()
    task(world, ALL)
    world.settings["libraryNames"] = "Films, Series"

    run = task(world, ALL)

    assert run.output["queued"] == 1
    assert episode.title == "Harbour Lights"


def test_the_cover_of_an_episode_is_sent_once(world):
    """Plex names pictures of episodes by season and number too."""
    world.settings.update({"libraryNames": "Series", "fieldNoPoster": False, "fieldNoBackground": False})
    episode = series(world)
    world.stash.library.get("scene", 1).cover = JPEG
    world.index()

    assert world.save(1).output["fields"][-2:] == ["poster", "background"]
    assert episode.poster.data == episode.art.data == JPEG
    assert episode.poster.ratingKey.startswith("upload://posters/seasons/1/episodes/1/")
    world.clear()
    world.sync(1, force=True)
    assert [request for request in world.plex.requests if request.method == "POST"] == []


def test_two_episodes_in_one_file_are_too_many(world):
    episode = series(world)
    world.settings["libraryNames"] = "Series"
    other = episode.library.add_item(file="/data/series/Coast/S01E01.mp4", size=7, show="Coast", title="Episode 2")
    world.index()

    output = world.sync(1)

    assert output["result"] == "ambiguous"
    assert sorted(entry["key"] for entry in output["candidates"]) == sorted([episode.ratingKey, other.ratingKey])
    assert titles([episode, other]) == ["Episode 1", "Episode 2"]


# --- libraries of films and of other videos, whatever their agent --------------------------------------------


@pytest.mark.parametrize("agent, scanner", [
    ("com.plexapp.agents.none", "Plex Video Files Scanner"), ("tv.plex.agents.none", "Plex Video Files Scanner"),
    ("tv.plex.agents.movie", "Plex Movie"), ("com.plexapp.agents.imdb", "Plex Movie Scanner")])
def test_any_agent(world, agent, scanner):
    videos = world.plex.add_library("Videos", ["/data/videos"], agent=agent, scanner=scanner)
    item = videos.add_item(file="/data/videos/quay.mp4", size=7, title="A guess of the agent's", summary="Its text.")
    world.stash.library.add_scene("/data/videos/quay.mp4", number=1, size=7, title="Harbour Lights", tags=["Boats"])
    world.index()

    task(world, ALL)
    item.refresh()

    assert (item.title, item.genres) == ("Harbour Lights", ["Boats"]), "locked: a refresh brings nothing back"
    assert item.summary == "Its text."
    world.clear()
    assert task(world, ALL).output["same"] == 1


def test_photos_and_music_do_not_count(world):
    world.plex.add_library("Photos", ["/data/films"], type="photo")
    world.plex.add_library("Music", ["/data/films"], type="artist")
    items = shelf(world, 2)

    task(world, ALL)

    assert titles(items) == ["Harbour Lights 1", "Harbour Lights 2"]
    asked = {request.path for request in world.plex.requests}
    assert not asked & {"/library/sections/2/all", "/library/sections/3/all"}


# --- several of them ------------------------------------------------------------------------------------------


def test_every_file_of_every_scene_in_every_library(world):
    clips = world.plex.add_library("Clips", ["/data/clips", "/data/films"])
    files = [("/data/films/a.mp4", 11), ("/data/clips/a-4k.mp4", 22)]
    world.stash.library.add_scene(number=1, files=[{"path": path, "size": size} for path, size in files],
                                  title="Harbour Lights")
    items = [world.films.add_item(file=files[0][0], size=11), clips.add_item(file=files[0][0], size=11),
             clips.add_item(file=files[1][0], size=22)]
    world.index()

    first = task(world, ALL)

    assert titles(items) == ["Harbour Lights"] * 3
    assert first.output["drain"]["synced"] == 1
    world.clear()
    assert task(world, "Reconcile").output["same"] == 1
    assert writes(world) == 0


def test_a_file_that_is_still_to_come_does_not_keep_the_others_back(world):
    items = shelf(world, 1)
    library = world.stash.library
    library.get("scene", 1).files.append(library.add_file("/data/films/film 1 in 4K.mp4", size=99))

    task(world, ALL)

    assert titles(items) == ["Harbour Lights 1"]
    assert world.queue() == (0, 1, 0)
    late = world.films.add_item(file="/data/films/film 1 in 4K.mp4", size=99)
    world.drain()
    assert late.title == "Harbour Lights 1"
    assert world.queue() == (0, 0, 0)


# --- several scenes for one item ----------------------------------------------------------------------------


def pair(world):
    """One item of two parts, and a scene for each of them; the item."""
    item = world.films.add_item(parts=[("/data/films/cd1.mp4", 11), ("/data/films/cd2.mp4", 22)])
    world.stash.library.add_scene("/data/films/cd2.mp4", number=1, size=22, title="The second part")
    world.stash.library.add_scene("/data/films/cd1.mp4", number=2, size=11, title="The first part")
    world.index()
    return item


def test_the_scene_of_the_first_part_has_the_item_whoever_came_first(world):
    item = pair(world)

    task(world, ALL)
    assert item.title == "The first part"
    again = task(world, ALL)

    assert item.title == "The first part"
    [failed] = world.status()["failed"]
    assert failed["scene_id"] == "1"
    assert f"Plex item {item.ratingKey} belongs to scene 2" in failed["reason"]
    assert again.output["same"] == 1


def test_when_the_owner_is_destroyed_the_other_one_gets_the_item(world):
    item = pair(world)
    task(world, ALL)
    item.edit(summary="Somebody's own")
    world.clear()

    [run] = world.stash.destroy_scene(2)
    world.check(run)

    assert run.output["reason"] == "the scene was removed from Stash; Plex is left as it is"
    assert world.request_count()[1] == 0
    assert item.title == "The first part", "until somebody asks"
    task(world, ALL)
    assert (item.title, item.summary) == ("The second part", "Somebody's own")
    assert world.queue() == (0, 0, 0)


def test_a_scene_that_is_destroyed_and_found_again_keeps_what_was_edited_in_plex(world):
    [item] = shelf(world, 1, details="By the sea.")
    task(world, ALL)
    item.edit(summary="Somebody's own")
    world.check(*world.stash.destroy_scene(1))
    world.stash.library.add_scene("/data/films/film 1.mp4", number=7, size=1_000_001, title="Low Tide",
                                  details="By the sea.", tags=["Boats"])

    run = task(world, ALL)

    assert run.output["drain"]["synced"] == 1
    assert (item.title, item.summary) == ("Low Tide", "Somebody's own")


def test_destroyed_while_it_waits_it_is_forgotten(world):
    world.stash.library.add_scene("/data/films/not there.mp4", number=1, size=5, title="Low Tide")
    shelf(world, 0)
    task(world, ALL)
    assert world.queue() == (0, 1, 0)

    world.check(*world.stash.destroy_scene(1))

    assert world.queue() == (0, 0, 0)
    late = world.films.add_item(file="/data/films/not there.mp4", size=5)
    world.drain()
    assert late.title == "not there"
