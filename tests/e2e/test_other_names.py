"""Names of which Plex shows others, with another apostrophe: they are the same names."""

import pytest

from tests.e2e.rules import curly, refuse

JPEG = b"\xff\xd8\xff\xe0 boats at night"


@pytest.fixture
def spelled(world, film):
    """The same, of a Plex that makes other names of tags and collections with an apostrophe."""
    world.plex.respells.update(genre=curly, collection=curly)
    return film


@pytest.mark.parametrize("mode", ["add", "replace"])
def test_of_two_names_that_plex_spells_otherwise_one_goes_and_the_other_stays(world, spelled, mode):
    world.plex.tag_mode = mode
    world.save(45, tags=["Ana's Boat", "Li's Boat", "Sea"])

    world.save(45, tags=["Ana's Boat", "Sea"])

    assert sorted(spelled.genres) == ["Ana\u2019s Boat", "Sea"]
    assert world.queue() == (0, 0, 0)


def test_two_fields_of_one_list_may_both_be_spelled_otherwise(world, spelled):
    world.settings["fieldNoStudioCollection"] = False

    run = world.save(45, groups=["Ana's Boat"], studio="Bo's House")

    assert "refused" not in run.output or run.output["refused"] == []
    assert world.queue() == (0, 0, 0)


def test_and_what_one_of_them_drops_goes(world, spelled):
    world.settings["fieldNoStudioCollection"] = False
    world.save(45, groups=["Ana's Boat"], studio="Bo's House")

    world.save(45, groups=[])

    assert spelled.collections == ["Bo\u2019s House"]


def test_what_plex_made_of_a_studio_is_not_what_it_made_of_a_group(world, spelled):
    world.settings["fieldNoStudioCollection"] = False
    world.save(45, groups=["Ana's Boat"])
    world.save(45, groups=["Ana's Boat", "Low Tide"], studio="Bo's House")

    assert not world.save(45, title="Harbour").output.get("refused")
    world.save(45, studio=None)

    assert sorted(spelled.collections) == ["Ana\u2019s Boat", "Low Tide"]


@pytest.mark.parametrize("ask", ["sync-scene", "retry-failed"])
def test_what_a_person_removed_of_it_stays_removed_without_force(world, spelled, ask):
    world.plex.refuses["studio"] = refuse("Lumen")     # something that is retried
    world.save(45, tags=["Ana's Boat", "Sea"], studio="Lumen")
    spelled.edit(genres=["Sea"])

    world.operation(ask, **({"scene_id": "45"} if ask == "sync-scene" else {}))
    world.tasks()

    assert spelled.genres == ["Sea"]


def test_a_sync_by_hand_repeats_no_write_of_it(world, spelled):
    world.save(45, tags=["Ana's Boat", "Sea"])
    world.clear()

    run = world.operation("sync-scene", scene_id="45")

    assert (run.output["result"], world.plex.writes) == ("unchanged", [])


def test_a_forced_write_of_it_says_nothing_senseless(world, spelled):
    world.save(45, tags=["Ana's Boat", "Sea"])

    run = world.operation("sync-scene", scene_id="45", force=True)

    assert 'made ""' not in run.text()


def test_an_edit_whose_answer_was_not_heard_is_no_refusal(world, spelled):
    world.plex.fault(("PUT", ".*"), "hang_after_apply")
    world.save(45, tags=["Ana's Boat", "Sea"])
    assert spelled.genres == ["Ana\u2019s Boat", "Sea"]
    world.tasks()
    world.later(3600)
    world.drain()

    assert world.queue() == (0, 0, 0)
    world.save(45, tags=["Sea"])
    assert spelled.genres == ["Sea"]


def test_a_name_that_was_put_back_and_comes_again_is_no_refusal(world, spelled):
    world.save(45, tags=["Ana's Boat", "Sea"])
    world.save(45, tags=["Sea"])
    world.operation("undo", entry=world.operation("activity").output["entries"][0]["id"])
    assert sorted(spelled.genres) == ["Ana\u2019s Boat", "Sea"]

    world.save(45, tags=["Ana's Boat", "Sea"])

    assert world.queue() == (0, 0, 0)


def test_of_two_spellings_in_stash_the_last_one_keeps_the_name(world, spelled):
    world.save(45, tags=["Ana's Boat", "Ana\u2019s Boat"])

    world.save(45, tags=["Ana's Boat"])

    assert spelled.genres == ["Ana\u2019s Boat"]


def test_another_case_of_it_in_stash_reaches_plex(world, spelled):
    world.save(45, tags=["ana's boat"])

    world.save(45, tags=["Ana's Boat"])

    assert spelled.genres == ["Ana\u2019s Boat"]


def test_names_that_a_person_removed_stay_away_when_stash_drops_one_of_them(world, spelled):
    world.save(45, tags=["Ana's Boat", "Li's Boat", "Sea"])
    spelled.edit(genres=["Sea"])

    world.save(45, tags=["Ana's Boat", "Sea"])

    assert spelled.genres == ["Sea"]


def test_a_name_that_a_person_adds_meanwhile_is_not_made_of_a_refused_one(world, film):
    world.plex.refuses["collection"] = refuse("Harbour")
    held = world.hold_plex("PUT")
    wait = world.meanwhile(world.save, 45, groups=["Harbour", "Pier"])
    held.wait()
    film.edit(collections=["Mine"])
    held.release()

    run = wait()

    assert 'made "Mine"' not in run.text()
    world.save(45, groups=["Pier"])
    assert sorted(film.collections) == ["Mine", "Pier"]


def test_only_the_name_that_is_refused_is_called_so(world, spelled):
    world.plex.refuses["collection"] = refuse("Harbour")

    run = world.save(45, groups=["Harbour", "Ana's Boat"])

    assert "Harbour" in run.text("warning") and "Ana" not in run.text("warning")


def test_its_collection_gets_its_summary(world, spelled):
    world.settings["fieldCollectionArt"] = True
    world.stash.library.add("group", name="Ana's Boat", synopsis="All about boats.", front_image=JPEG)

    world.save(45, title="Harbour", groups=["Ana's Boat"])
    world.tasks()

    assert world.films.collections["Ana\u2019s Boat"].summary == "All about boats."
