"""Undo of lists of names, and of several pushes of one scene in one run."""

import pytest


def undo_newest(world):
    """Undoes the newest push; the answer."""
    run = world.operation("undo", entry=world.operation("activity").output["entries"][0]["id"])
    assert run.error is None, run.error
    return run.output


def test_of_a_run_every_push_of_a_scene_is_undone(world):
    films = [world.film(number, f"quay {number}") for number in (1, 2)]
    world.index()
    world.settings["hookQueueOnly"] = True
    world.stash.hold_jobs = True
    world.save(1, title="One")
    world.save(2, title="Two")
    held = world.hold_plex("PUT")
    world.stash.hold_jobs = False
    held.wait()
    world.meanwhile(world.save, 2, title="Two again")()
    held.release()
    world.tasks()
    entries = world.operation("activity").output["entries"]
    assert [(entry["run"], entry["scene_id"]) for entry in entries] == [(1, "2"), (1, "2"), (1, "1")]

    world.operation("undo", run=1)
    world.tasks()

    assert [item.title for item in films] == ["quay 1", "quay 2"]


@pytest.mark.parametrize("trouble", ["500", "hang"])
def test_a_name_that_a_person_added_between_two_tries_stays(world, film, trouble):
    film.edit(genres=["Night"])
    if trouble == "500":
        film.fail_edit = 500
    else:
        world.plex.fault(("PUT", ".*"), trouble)
    world.stash.hold_jobs = True
    world.save(45, tags=["Sea"])
    film.fail_edit = None
    world.plex.clear_faults()
    film.edit(genres=["Night", "Mine"])
    world.stash.hold_jobs = False
    world.tasks()
    world.later(3600)
    world.drain()
    assert sorted(film.genres) == ["Mine", "Night", "Sea"]

    undo_newest(world)

    assert sorted(film.genres) == ["Mine", "Night"]


def test_a_spelling_alone_is_not_called_undone(world, film):
    world.save(45, tags=["pov", "Sea"])
    world.save(45, tags=["POV", "Sea"])

    output = undo_newest(world)

    assert (sorted(film.genres), output["fields"]) == (["POV", "Sea"], [])


def test_nor_is_an_order(world, film):
    for name, gender in (("Ana", "FEMALE"), ("Bo", "MALE")):
        world.stash.library.ensure("performer", name).gender = gender
    world.plex.tag_mode = "replace"
    world.settings["fieldPerformerGenders"] = "FEMALE, MALE"
    world.save(45, title="Harbour", performers=["Ana", "Bo"])
    world.settings["fieldPerformerGenders"] = "MALE, FEMALE"
    world.save(45)
    assert [actor.name for actor in film.actors] == ["Bo", "Ana"]

    output = undo_newest(world)

    assert ([actor.name for actor in film.actors], output["fields"]) == (["Bo", "Ana"], [])
