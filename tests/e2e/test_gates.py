"""Which scenes go to Plex: by a stash-box, by their tags, by their paths. Hook, sweep, preview and explain ask the same."""

import pytest
from shelf import shelf, task, titles

IDS = [{"endpoint": "https://box.example/graphql", "stash_id": "3f2a"}]
SETTINGS = {"sceneOnlyStashId": True, "sceneNeedTags": '"Black, White", Shown', "scenePathOnly": "/data/*/quay*, /x/**",
            "scenePathSkip": "/y/*, **/PRIVATE/**"}
REASONS = {"sceneOnlyStashId": "no stash-box identified it (setting sceneOnlyStashId)",
           "sceneNeedTags": "it has none of the tags of setting sceneNeedTags",
           "scenePathOnly": "its path fits nothing of setting scenePathOnly",
           "scenePathSkip": "its path fits setting scenePathSkip"}
INSIDE = {"tags": ["Boats", "shown"], "stash_ids": IDS}

gates = pytest.mark.parametrize("gate", list(SETTINGS))


def outside(world, gate, number=45):
    """Moves the scene to where the gate is closed, by something that fires no hook."""
    scene = world.stash.library.get("scene", number)
    if gate == "sceneOnlyStashId":
        scene.stash_ids = []
    elif gate == "sceneNeedTags":
        scene.tags = []
    else:
        folder = "/media/films" if gate == "scenePathOnly" else "/data/private/films"
        scene.files[0].path = f"{folder}/quay.mp4"


@pytest.fixture
def film(world):
    """Scene 45, which passes all gates, and its item."""
    item = world.film(45, "quay", **INSIDE)
    world.index()
    return item


@gates
def test_save_pushes_what_passes_and_leaves_the_rest_alone(world, film, gate):
    world.settings[gate] = SETTINGS[gate]
    assert world.save(45, title="Harbour Lights").output["result"] == "synced"
    outside(world, gate)
    world.clear()

    output = world.save(45, title="Low Tide").output

    assert (output["result"], output["reason"]) == ("ignored", REASONS[gate])
    assert world.plex.requests == []
    assert world.queue() == (0, 0, 0)
    assert film.title == "Harbour Lights", "Plex keeps what it has"


@gates
def test_a_sweep_a_preview_and_explain_ask_the_same(world, film, gate):
    world.settings[gate] = SETTINGS[gate]
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})
    outside(world, gate)
    expected = [{"reason": REASONS[gate], "count": 1, "examples": ["45"]}]

    for name in ("Preview (dry run)", "Sync all scenes", "Sync recent scenes", "Reconcile"):
        run = task(world, name)
        assert (run.output["ignored"], run.output["reasons"]) == (1, expected), name
    explained = world.operation("explain", scene_id="45").output

    assert f'Filter "setting {gate}": the scene is left alone: {REASONS[gate]}' in explained["lines"]
    assert (explained["verdict"]["result"], film.title) == ("ignored", "quay")
    for other in set(SETTINGS) - {gate}:
        assert f'Filter "setting {other}": passed' in explained["lines"]


@gates
def test_what_passes_again_is_pushed_again(world, film, gate):
    world.settings[gate] = SETTINGS[gate]
    files = world.stash.library.get("scene", 45).files
    path = files[0].path
    outside(world, gate)
    assert world.save(45, title="Harbour Lights").output["result"] == "ignored"
    assert film.title == "quay"

    world.stash.library.update_scene(45, {"stash_ids": IDS})
    files[0].path = path
    assert world.save(45, tags=["Shown"]).output["result"] == "synced"
    assert film.title == "Harbour Lights"


@gates
def test_a_gate_that_is_opened_lets_the_next_sweep_push(world, film, gate):
    world.settings[gate] = SETTINGS[gate]
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})
    outside(world, gate)
    task(world, "Sync all scenes")
    path = world.stash.library.get("scene", 45).files[0].path
    world.films.add_location(path.rpartition("/")[0])
    film.set_file(path)
    world.operation("rebuild-index")
    del world.settings[gate]

    assert task(world, "Sync all scenes").output["queued"] == 1
    assert film.title == "Harbour Lights"


def test_the_primary_file_alone_says_where_a_scene_is(world, film):
    library = world.stash.library
    library.get("scene", 45).files.append(library.add_file("/data/private/quay.mp4", size=7))
    world.settings["scenePathSkip"] = "**/private/**"
    assert world.save(45, title="Harbour Lights").output["result"] == "synced"

    world.settings = {**world.settings, "scenePathSkip": "", "scenePathOnly": "**/private/**"}
    assert world.save(45, title="Low Tide").output["result"] == "ignored"


@pytest.mark.parametrize("path, globs, passes", [
    ("D:\\Films\\Coast\\Quay.mp4", "d:/films/**", True), ("D:\\Films\\Coast\\Quay.mp4", "**\\coast\\*", True),
    ("D:\\Films\\Coast\\Quay.mp4", "D:\\Films\\*", False), ("/data/Größe/Quay.mp4", "/DATA/GR?ßE/quay.*", True),
    ("/data/a, b/Quay.mp4", '"/data/a, b/*"', True), ("/data/Quay.mp4", "/data/**/quay.mp4", True),
    ("/data/x\\y/Quay.mp4", "/data/x/y/*", False), ("/data/Quay.mp4", f"/data/{'*' * 100_000}b", False)])
def test_globs(world, path, globs, passes):
    world.stash.library.add_scene(path, number=45, size=7, title="Harbour Lights")
    world.settings["scenePathOnly"] = globs

    assert world.sync(45, dry_run=True)["result"] == ("not_found" if passes else "ignored")


def test_a_tag_to_skip_wins(world, film):
    world.settings.update({"sceneNeedTags": "Shown", "sceneSkipTag": "Boats"})

    assert "sceneSkipTag" in world.save(45, title="Harbour Lights").output["reason"]


def test_gates_ask_no_server_anything_more(world):
    """A sweep with all of them on asks Stash for its pages as one without them does."""
    items, counts = shelf(world, 3, **INSIDE), []
    world.stash.library.get("scene", 2).stash_ids = []
    for settings in ({}, {**SETTINGS, "scenePathOnly": "/data/**"}):
        world.settings.update(settings)
        world.clear()
        task(world, "Preview (dry run)")
        counts.append(len([one for one in world.stash.graphql_requests if "findScenes" in one["fields"]]))
    task(world, "Sync all scenes")

    assert counts[0] == counts[1]
    assert titles(items) == ["Harbour Lights 1", "film 2", "Harbour Lights 3"]


@pytest.mark.parametrize("world", [{"stash_version": "v0.25"}, {"stash_version": "next"}], indirect=True, ids=str)
def test_the_oldest_and_the_newest_stash_say_who_identified_a_scene(world, film):
    world.settings["sceneOnlyStashId"] = True

    assert world.save(45, title="Harbour Lights").output["result"] == "synced"
