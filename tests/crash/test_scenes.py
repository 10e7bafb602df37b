"""Scenes come, go, and come back; the state comes and goes. Killed at every step."""

import shutil

import pytest

PLACES = {"same path": "/data/films/Low Tide.mp4", "other mount": "/media/stash/Low Tide.mp4"}


def pushed(house, path="/data/films/Low Tide.mp4"):
    """Scene 45, pushed; then somebody edited the summary in Plex."""
    item = house.films.add_item(file="/data/films/Low Tide.mp4", size=77, genres=["Foreign"])
    house.film(1, "Harbour Lights", title="Harbour Lights")
    house.index()
    house.stash.library.add_scene(path, number=45, size=77, title="Low Tide")
    house.save(45, details="By the sea.", tags=["Boats"])
    item.edit(summary="Somebody in Plex")
    return item


def test_destroy(sweep):
    def act(house):
        house.destroy(45)

    sweep(pushed, act)


def test_destroy_of_a_scene_that_is_queued(sweep):
    def before(house):
        pushed(house)
        house.queue_only(45, 1)

    def act(house):
        house.destroy(45)
        house.drain()

    sweep(before, act)


@pytest.mark.parametrize("place", PLACES)
def test_scene_destroyed_and_scanned_again(sweep, place):
    """A new id, the same file, the same values; Plex keeps what somebody wrote there."""
    def before(house):
        pushed(house, PLACES[place])

    def act(house):
        house.destroy(45)
        house.scan(PLACES[place], number=46, size=77, title="Low Tide", details="By the sea.")
        house.jobs()
        house.save(46, tags=["Fog"])
        house.jobs()

    def expect(house):
        item = house.items()[0]
        assert (item.summary, sorted(item.genres)) == ("Somebody in Plex", ["Fog", "Foreign"])

    sweep(before, act, {46: ["summary"]}, expect)


def test_scene_destroyed_while_a_drain_writes_it(sweep):
    def before(house):
        pushed(house)

    def act(house):
        house.stash.library.update_scene(45, {"details": "At night."})
        house.hook("Scene.Update.Post", 45)
        destroyed = []

        def latency(request):
            if request.method == "PUT" and not destroyed:
                destroyed.append(True)
                house.destroy(45)
            return 0

        house.plex.latency = latency
        house.jobs()
        house.plex.latency = 0
        if not destroyed:
            house.destroy(45)
        house.jobs()
        house.scan("/data/films/Low Tide.mp4", number=46, size=77, title="Low Tide", details="At dawn.")
        house.jobs()

    def expect(house):
        assert house.items()[0].summary == "At dawn."

    sweep(before, act, expect=expect)


def test_state_deleted_after_a_push(sweep, tag_mode):
    """Nothing is remembered: everything is pushed once more, and tags that both have become ours."""
    def before(house):
        house.plex.tag_mode = tag_mode
        pushed(house)
        shutil.rmtree(house.state)

    def act(house):
        house.save(45, title="High Tide", tags=["Boats", "Fog"])
        house.jobs()

    def expect(house):
        item = house.items()[0]
        assert (item.title, item.summary) == ("High Tide", "By the sea.")
        assert sorted(item.genres) == ["Boats", "Fog", "Foreign"]

    sweep(before, act, expect=expect)


def test_first_scene_ever(sweep, tag_mode):
    """A new installation: the first hook, and the drain that builds the index."""
    def before(house):
        house.plex.tag_mode = tag_mode
        house.film(1, "Harbour Lights", title="Harbour Lights", item={"genres": ["Foreign"]})

    def act(house):
        house.save(1, details="By the sea.", tags=["Boats"])
        house.jobs()

    def expect(house):
        assert sorted(house.items()[0].genres) == ["Boats", "Foreign"]

    sweep(before, act, expect=expect)
