"""A whole library at once: everything comes in, and the second time nothing happens at all."""

from shelf import PAGE, behind, task

COUNT = 600     # three pages


def library(world, count):
    """Films that both have, indexed; their items."""
    items = world.films.add_many(count, "/data/films/{i:05}.mkv", "film {i}")
    for number in range(1, count + 1):
        world.stash.library.add_scene(f"/data/films/{number:05}.mkv", number=number, size=1_000_000 + number,
                                      title=f"Harbour Lights {number}")
    world.index()
    return items


def test_ten_thousand_scenes_cost_little_more_than_their_edits(world):
    items = library(world, 10_000)

    world.stash.run_task("Sync all scenes")
    [first] = world.tasks(timeout=600)

    assert [item.title for item in items] == [f"Harbour Lights {n}" for n in range(1, 10_001)]
    assert first.output["drain"]["synced"] == 10_000
    assert sum(world.request_count()) <= 1.2 * 10_000


def test_six_hundred_scenes_twice(world):
    items = library(world, COUNT)

    world.stash.run_task("Sync all scenes")
    [first] = world.tasks(timeout=300)

    assert [item.title for item in items] == [f"Harbour Lights {n}" for n in range(1, COUNT + 1)]
    assert [first.output["scenes"], first.output["queued"], first.output["drain"]["synced"]] == [COUNT] * 3
    assert len(world.plex.writes) == COUNT
    assert sorted(request.arg("id") for request in world.plex.writes) == sorted(item.ratingKey for item in items)
    assert first.progress == sorted(first.progress) and first.progress[-1] == 1.0
    assert world.queue() == (0, 0, 0)

    world.clear()
    second = task(world, "Sync all scenes")

    assert [second.output["same"], second.output["queued"]] == [COUNT, 0]
    assert world.plex.requests == []
    assert behind(world) == list(range(0, COUNT, PAGE))
    assert [len(operations) for operations in second.operations] == [1] * (COUNT // PAGE) + [1], \
        "a question for each page, and one for the settings"

    world.clear()
    third = task(world, "Reconcile")
    assert [third.output["same"], third.output["queued"], world.plex.writes] == [COUNT, 0, []]
    assert not [request for request in world.plex.requests if request.path.startswith("/library/metadata/")]
