"""Poster and summary of a collection on their way to Plex, killed at every step: they come, each picture is sent once,
and what a person chose stays."""

from tests.crash.sweep import MINUTE

JPEG = b"\xff\xd8\xff\xe0 boats at night " + bytes(range(256))
OTHER = b"\xff\xd8\xff\xe0 boats at noon " + bytes(range(256))


def film(house):
    """Scene 45, indexed, and a group with a synopsis and a picture."""
    house.settings["fieldCollectionArt"] = True
    house.stash.library.add("group", name="Boats", synopsis="All about boats.", front_image=JPEG)
    item = house.film(45, "Harbour Lights", title="Harbour Lights")
    house.index()
    return item


def becomes(house, summary, picture, uploads):
    """What is owed is done by whoever comes by; the collection has these, locked."""
    for _ in range(3):
        house.pass_time(MINUTE)
        house.operation("tick")
        house.tasks()
    [row] = house.films.rows("collection")
    assert (row.summary, row.poster and row.poster.data) == (summary, picture)
    assert {"summary", "thumb"} <= row.locked
    sent = [request.path for request in house.plex.requests if request.method == "POST"]
    assert len(sent) == uploads, sent


def test_a_new_collection(sweep):
    def act(house):
        house.save(45, groups=["Boats"])
        house.jobs()

    sweep(film, act, expect=lambda house: becomes(house, "All about boats.", JPEG, 1))


def test_an_edited_group(sweep):
    def before(house):
        film(house)
        house.save(45, groups=["Boats"])
        house.tasks()
        house.clear()

    def act(house):
        def edit():
            [run] = house.stash.update("group", 1, synopsis="Other boats.", front_image=OTHER)
            house.check(run)
            return run
        house.durably(edit)
        house.jobs()

    sweep(before, act, expect=lambda house: becomes(house, "Other boats.", OTHER, 1))


def test_what_a_person_chose(sweep):
    def before(house):
        item = film(house)
        item.collections = ["Boats"]
        [row] = house.films.rows("collection")
        row.edit(summary="By hand.")
        row.upload("thumb", OTHER)

    def act(house):
        house.save(45, groups=["Boats"])
        house.jobs()

    sweep(before, act, expect=lambda house: becomes(house, "By hand.", OTHER, 0))
