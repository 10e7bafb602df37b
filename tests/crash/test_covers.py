"""The cover on its way to Plex, killed at every step: it is uploaded once, selected, and locked."""

import pytest

JPEG = b"\xff\xd8\xff\xe0 harbour at night " + bytes(range(256))
OTHER = b"\xff\xd8\xff\xe0 harbour at noon " + bytes(range(256))


def film(house, tag_mode="add"):
    """Scene 45, indexed, with pictures on; nothing of it was pushed."""
    house.plex.tag_mode = tag_mode
    house.settings.update({"fieldNoPoster": False, "fieldNoBackground": False})
    item = house.film(45, "Harbour Lights", title="Harbour Lights", item={"genres": ["Foreign"]})
    house.index()
    return item


def shows(house, data, uploads=("posters", "arts")):
    """Both pictures are this one, and locked; each was sent once."""
    [item] = house.items()
    assert item.poster.data == item.art.data == data
    assert {"thumb", "art"} <= item.locked
    sent = [request.path.rsplit("/", 1)[-1] for request in house.plex.requests if request.method == "POST"]
    assert sorted(sent) == sorted(uploads), sent


@pytest.mark.parametrize("automatic", [True, False], ids=["selected and locked by Plex", "by us"])
def test_first_cover(sweep, automatic):
    def before(house):
        film(house)
        house.plex.upload_selects = house.plex.upload_locks = automatic

    def act(house):
        house.save(45, details="By the sea.", tags=["Boats"], cover=JPEG)
        house.jobs()

    sweep(before, act, expect=lambda house: shows(house, JPEG))


def test_another_cover_through_the_queue(sweep):
    def before(house):
        film(house)
        house.save(45, details="By the sea.", cover=JPEG)
        house.tasks()
        house.settings["hookQueueOnly"] = True
        house.clear()

    def act(house):
        house.save(45, cover=OTHER)
        house.jobs()

    sweep(before, act, expect=lambda house: shows(house, OTHER))


@pytest.mark.parametrize("locked", [True, False])
def test_a_cover_that_plex_has_already(sweep, locked):
    def before(house):
        item = film(house)
        for data in (JPEG, OTHER):
            house.save(45, details="By the sea.", cover=data)
            house.tasks()
        if not locked:
            item.locked -= {"thumb", "art"}
        house.clear()

    def act(house):
        house.save(45, cover=JPEG)
        house.jobs()

    sweep(before, act, expect=lambda house: shows(house, JPEG, uploads=()))


def test_a_poster_that_a_person_chose(sweep):
    def before(house):
        item = film(house)
        item.upload("thumb", b"\xff\xd8\xff chosen by hand")

    def act(house):
        house.save(45, details="By the sea.", cover=JPEG)
        house.jobs()

    def expect(house):
        [item] = house.items()
        assert (item.poster.data, item.art.data) == (b"\xff\xd8\xff chosen by hand", JPEG)

    sweep(before, act, {45: ["poster"]}, expect)


def test_film_in_two_libraries(sweep):
    def before(house):
        film(house)
        more = house.plex.add_library("More", ["/data/films"])
        more.add_item(file="/data/films/Harbour Lights.mp4", size=1_000_045)
        house.index()

    def act(house):
        house.save(45, details="By the sea.", cover=JPEG)
        house.jobs()

    def expect(house):
        assert [(item.poster.data, item.art.data) for item in house.items()] == [(JPEG, JPEG)] * 2

    sweep(before, act, expect=expect)


@pytest.mark.parametrize("automatic", [True, False], ids=["selected and locked by Plex", "by us"])
def test_covers_of_several_scenes_at_once(sweep, automatic):
    """Each has its own; of the last one a person chose the poster."""
    covers = {number: JPEG + bytes([number]) for number in range(1, 5)}

    def before(house):
        house.plex.upload_selects = house.plex.upload_locks = automatic
        house.settings.update({"fieldNoPoster": False, "fieldNoBackground": False})
        for number, data in covers.items():
            house.film(number, f"Harbour Lights {number}", title=f"Low Tide {number}")
            house.stash.library.set_cover(number, data)
        house.items()[3].upload("thumb", b"\xff\xd8\xff chosen by hand")
        house.items()[3].select("thumb", house.items()[3].posters[-1])
        house.items()[3].locked.add("thumb")
        house.index()
        house.queue_only(*covers)

    def act(house):
        house.drain()

    def expect(house):
        assert [item.art.data for item in house.items()] == list(covers.values())
        assert [item.poster.data for item in house.items()][:3] == list(covers.values())[:3]
        assert house.items()[3].poster.data == b"\xff\xd8\xff chosen by hand"
        assert all({"thumb", "art"} <= item.locked for item in house.items())
        sent = [request.path for request in house.plex.requests if request.method == "POST"]
        assert len(sent) == len(set(sent)) == 7, sent

    sweep(before, act, {4: ["poster"]}, expect)
