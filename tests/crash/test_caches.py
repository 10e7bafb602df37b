"""The caches are built, brought up to date and thrown away, killed at every step. They are never the
promise: whatever is left of them, every scene finds its item and nobody else's."""

import pytest

from tests.e2e.conftest import World

HOUR = 3700


def shelf(house, count=8, page=4):
    """A library of several pages, and scenes of some films, of which nothing is known yet."""
    house.plex.max_page = page
    house.films.add_many(count, "/data/films/film {i}.mp4", "Film {i}", size=1000)
    for number in (1, 2, count):
        house.stash.library.add_scene(f"/data/films/film {number}.mp4", number=number, size=1000 + number)
    house.plex.advance(100)


def last_is_written(house):
    """The scene of the last page found its item."""
    assert house.items()[7].summary == "At night."


def test_first_index_build_and_a_save(sweep):
    def act(house):
        house.operation("rebuild-index")
        house.save(8, details="At night.")
        house.jobs()

    sweep(shelf, act, expect=last_is_written)


def test_index_build_by_the_first_drain(sweep):
    def act(house):
        house.save(8, details="At night.")
        house.jobs()

    sweep(shelf, act, expect=last_is_written)


def test_rebuild_of_an_index_that_is_there(sweep):
    """A file was moved, another one vanished."""
    def before(house):
        shelf(house)
        house.index()
        house.save(1, date="2020")
        house.films.remove_item(house.items()[1])
        house.items()[0].set_file("/data/films/moved.mp4")
        house.stash.library.need("scene", 1).files[0].path = "/data/films/moved.mp4"

    def act(house):
        house.operation("rebuild-index")
        house.save(1, details="At dawn.")
        house.save(2, details="At noon.")
        house.jobs()

    def expect(house):
        assert house.items()[0].summary == "At dawn."
        assert house.settled["queue"]["waiting"] == 1

    sweep(before, act, expect=expect)


def test_index_build_that_leaves_a_row_out(sweep):
    """No page that has it can be read: they are halved until it is alone."""
    def before(house):
        shelf(house)
        house.items()[5].spoils = (b"film 6.mp4", b"film \\udce9.mp4")

    def act(house):
        house.operation("rebuild-index")
        house.save(8, details="At night.")
        house.jobs()

    sweep(before, act, expect=last_is_written)


def gain(house, *numbers):
    """Plex gets these films, one after the other."""
    for number in numbers:
        house.plex.advance(10)
        house.films.add_item(file=f"/data/films/new {number}.mp4", size=number)


@pytest.mark.parametrize("waiting", [(), (21, 22)], ids=["for one scene", "for scenes that wait"])
def test_index_delta(sweep, waiting):
    def before(house):
        shelf(house)
        house.index()
        for number in (*waiting, 23):
            house.stash.library.add_scene(f"/data/films/new {number}.mp4", number=number, size=number, details="New.")
        if waiting:
            house.queue_only(*waiting)
            World.drain(house)
            assert house.queue() == (0, 2, 0)
        gain(house, *waiting, 23)

    def act(house):
        house.hook("Scene.Create.Post", 23)
        house.jobs()

    def expect(house):
        assert [item.summary for item in house.items()[8:]] == ["New."] * (3 if waiting else 1)

    sweep(before, act, expect=expect)


def test_index_that_was_not_confirmed_for_an_hour(sweep):
    def before(house):
        shelf(house)
        house.index()
        gain(house, 21)
        house.pass_time(HOUR)

    def act(house):
        house.stash.library.update_scene(8, {"details": "At night."})
        house.hook("Scene.Update.Post", 8)
        house.jobs()

    sweep(before, act, expect=last_is_written)


@pytest.mark.parametrize("args", [{}, {"library": "Films"}], ids=["all", "one library"])
def test_cache_clear(sweep, args):
    def before(house):
        shelf(house)
        house.index()
        house.save(8, date="2020")

    def act(house):
        house.operation("clear-cache", **args)
        house.save(8, details="At night.")
        house.jobs()

    sweep(before, act, expect=last_is_written)


def test_machine_stopped_while_the_caches_were_written(sweep):
    def before(house):
        shelf(house)
        house.index()
        house.save(8, date="2020")
        (house.state / "cache-dirty").write_text("another boot\n")

    def act(house):
        house.save(8, details="At night.")
        house.jobs()

    sweep(before, act, expect=last_is_written)


def test_item_that_came_back_under_another_key(sweep):
    def before(house):
        shelf(house)
        house.index()
        house.save(8, date="2020")
        house.films.remove_item(house.items()[7])
        house.plex.advance(10)
        house.films.add_item("Film 8", file="/data/films/film 8.mp4", size=1008)

    def act(house):
        house.save(8, details="At night.")
        house.jobs()

    sweep(before, act, expect=last_is_written)


def test_library_that_was_set_up_anew(sweep):
    def before(house):
        shelf(house)
        more = house.plex.add_library("More", ["/data/more"])
        more.add_item(file="/data/more/Low Tide.mp4", size=1)
        house.index()
        house.save(8, date="2020")
        house.plex.remove_library(more)
        house.films.add_location("/data/elsewhere")
        house.stash.library.add_scene("/data/more/Low Tide.mp4", number=9, size=1, details="At sea.")

    def act(house):
        house.hook("Scene.Create.Post", 9)
        house.jobs()
        house.save(8, details="At night.")
        house.jobs()

    sweep(before, act, expect=last_is_written)
