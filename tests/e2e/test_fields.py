"""Rating, director, and the two kinds of collections: of Stash's groups and of the studio's name.

Groups and studio share one list in Plex, and are switched on and off apart."""

import pytest

MODES = pytest.mark.parametrize("film", ["add", "replace"], indirect=True)
REPLACES = pytest.mark.parametrize("film", ["replace"], indirect=True)


@pytest.fixture
def film(world, request):
    """Scene 45 and its item, indexed; the studio has a collection as well. The parameter says
    what Plex makes of named tags."""
    world.plex.tag_mode = getattr(request, "param", "add")
    world.settings["fieldNoStudioCollection"] = False
    item = world.film(45, "quay")
    world.index()
    return item


# --- rating ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ours, theirs", [(33, 3.3), (100, 10)])
def test_a_rating_of_100_is_one_of_10_in_plex(world, film, ours, theirs):
    assert world.save(45, rating100=ours).output["fields"] == ["rating"]

    assert film.userRating == theirs
    assert world.save(45, organized=True).output["result"] == "unchanged"


def test_a_rating_that_is_taken_back_is_cleared_if_it_came_from_stash(world, film):
    world.save(45, rating100=85)

    assert world.save(45, rating100=None).output["fields"] == ["rating"]
    assert not film.userRating


def test_a_rating_of_plex_alone_stays(world, film):
    film.userRating = 7.0

    assert world.save(45, title="Harbour Lights").output["fields"] == ["title"]
    assert film.userRating == 7.0


def test_a_rating_that_was_changed_in_plex_stays_until_it_is_changed_in_stash(world, film):
    world.save(45, rating100=85)
    film.userRating = 6.0

    run = world.save(45, title="Harbour Lights")
    assert (run.output["fields"], run.output["kept"]) == (["title"], ["rating"])
    assert world.save(45, rating100=90).output["fields"] == ["rating"]
    assert film.userRating == 9.0


# --- director ----------------------------------------------------------------------------------------


@REPLACES
def test_the_director_comes_changes_and_goes(world, film):
    film.directors = ["Somebody Else"]
    world.save(45, director="Mara Lindt")
    assert set(film.directors) == {"Somebody Else", "Mara Lindt"}

    world.save(45, director="Jo Brandt")
    assert set(film.directors) == {"Somebody Else", "Jo Brandt"}

    assert world.save(45, director="").output["fields"] == ["director"]
    assert film.directors == ["Somebody Else"]


# --- collections -------------------------------------------------------------------------------------


@MODES
def test_groups_and_studio_are_collections_beside_those_of_others(world, film):
    film.collections = ["Kept by hand"]

    output = world.save(45, groups=["Sea Films", "Nights"], studio="Lumen House").output

    assert output["fields"] == ["studio", "collections", "studio_collection"]
    assert set(film.collections) == {"Kept by hand", "Sea Films", "Nights", "Lumen House"}
    edits = [request for request in world.plex.requests if request.method == "PUT"]
    assert len(edits) == 1, "one list, one edit"
    assert world.save(45, organized=True).output["result"] == "unchanged"


@REPLACES
def test_what_goes_in_stash_goes_in_plex_and_nothing_else(world, film):
    film.collections = ["Kept by hand"]
    world.save(45, groups=["Sea Films", "Nights"], studio="Lumen House")

    world.save(45, groups=["Nights"], studio="Northwind")

    assert set(film.collections) == {"Kept by hand", "Nights", "Northwind"}
    world.save(45, groups=[], studio=None)
    assert film.collections == ["Kept by hand"]


@REPLACES
def test_a_group_of_the_studios_name_stays_while_one_of_the_two_wants_it(world, film):
    world.save(45, groups=["Lumen House"], studio="Lumen House")
    assert film.collections == ["Lumen House"]

    world.save(45, studio=None)
    assert film.collections == ["Lumen House"], "the group still wants it"
    world.save(45, groups=[])
    assert film.collections == []


@REPLACES
@pytest.mark.parametrize("off", ["fieldNoCollections", "fieldNoStudioCollection"])
def test_each_kind_can_be_switched_off_and_is_then_left_alone(world, film, off):
    world.save(45, groups=["Sea Films"], studio="Lumen House")
    world.settings[off] = True

    world.save(45, groups=[], studio=None)

    left = {"fieldNoCollections": ["Sea Films"], "fieldNoStudioCollection": ["Lumen House"]}
    assert film.collections == left[off]


def test_a_name_of_the_kind_that_is_off_is_not_taken_away_by_the_other(world, film):
    world.save(45, groups=["Lumen House"], studio="Lumen House")
    world.settings["fieldNoCollections"] = True

    world.save(45, studio="Northwind")

    assert set(film.collections) == {"Lumen House", "Northwind"}


@REPLACES
def test_a_collection_that_a_person_removed_in_plex_stays_removed(world, film):
    world.save(45, groups=["Sea Films", "Nights"])
    film.collections = ["Nights"]

    run = world.save(45, title="Harbour Lights")

    assert film.collections == ["Nights"]
    assert run.output["kept"] == ["collections"]


# --- settings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("setting, values", [
    ("fieldNoRating", {"rating100": 85}), ("fieldNoDirector", {"director": "Mara Lindt"})])
def test_they_can_be_left_out(world, film, setting, values):
    world.settings[setting] = True

    output = world.save(45, title="Harbour Lights", **values).output

    assert output["fields"] == ["title"]
    assert not film.userRating and film.directors == []
