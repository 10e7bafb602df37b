"""Fields that people ask for: formats of titles, tags by their tree and as what they go, studios above, prefixes,
content and critic rating, performers by gender. As python-plexapi, an independent client, reads them."""

import pytest

from tests.e2e.shelf import shelf, task

MODES = pytest.mark.parametrize("film", ["add", "replace"], indirect=True)


@pytest.fixture
def film(world, request):
    """Scene 45 and its item; the parameter says what Plex makes of named tags."""
    world.plex.tag_mode = getattr(request, "param", "replace")
    item = world.film(45, "The Quay", title="Harbour Lights")
    world.index()
    return item


@pytest.fixture
def read(world):
    """The item as python-plexapi reads it."""
    client = world.client()
    return lambda item: client.fetchItem(f"/library/metadata/{item.id}")


def tag_tree(world):
    """Places > Harbour > Pier, and Moods > Calm; Pier is below Calm, too."""
    add = world.stash.library.add
    places, moods = add("tag", name="Places"), add("tag", name="Moods")
    harbour, calm = add("tag", name="Harbour", parents=[places]), add("tag", name="Calm", parents=[moods])
    add("tag", name="Pier", parents=[harbour, calm])
    return places, moods, harbour, calm


def names(tags):
    """What plexapi calls them, in their order."""
    return [tag.tag for tag in tags]


def tree_questions(world):
    """How often Stash was asked for the tag tree since the last clear()."""
    return sum("findTags" in request["fields"] for request in world.stash.graphql_requests)


# --- titles ------------------------------------------------------------------------------------------


def test_a_title_and_a_sort_title_are_made_by_their_formats(world, film, read):
    parent = world.stash.library.add("studio", name="Lumen")
    world.stash.library.add("studio", name="Northlight", parent_studio=parent)
    world.settings["fieldTitleFormat"] = "{studio} - {title}[ ({year})] {{{code}}}"
    world.settings["fieldSortTitleFormat"] = "{parent_studio} {date}"

    output = world.save(45, studio="Northlight", code="HL-1", date="2020-05-01").output

    assert output["fields"] == ["title", "date", "studio", "sort_title"]
    assert (read(film).title, read(film).titleSort) == ("Northlight - Harbour Lights (2020) {HL-1}",
                                                        "Lumen 2020-05-01")
    assert {"title", "titleSort"} <= {field.name for field in read(film).fields if field.locked}
    assert world.save(45).output["result"] == "unchanged"
    assert world.save(45, date=None, code="").output["fields"] == ["title", "date", "sort_title"]
    assert (read(film).title, read(film).titleSort) == ("Northlight - Harbour Lights", "Lumen")


def test_a_scene_without_a_title_gets_one_of_its_file_if_anything_else_is_known(world, film, read):
    world.settings["fieldTitleFormat"] = "{filename}"
    world.stash.library.get("scene", 45).title = ""
    film.title = "quay"     # as Plex makes it of the file
    assert world.save(45).output["result"] == "ignored"

    assert world.save(45, rating100=80).output["fields"] == ["title", "rating"]
    assert read(film).title == "The Quay"


def test_an_emptied_format_gives_the_plain_title_and_clears_a_sort_title_of_ours(world, film, read):
    world.settings.update(fieldTitleFormat="{title}!", fieldSortTitleFormat="~{title}")
    world.save(45)
    assert (read(film).title, read(film).titleSort) == ("Harbour Lights!", "~Harbour Lights")
    world.settings.update(fieldTitleFormat="", fieldSortTitleFormat="")

    assert world.save(45).output["fields"] == ["title", "sort_title"]
    assert (read(film).title, read(film).titleSort) == ("Harbour Lights", "Harbour Lights")
    assert world.save(45).output["result"] == "unchanged"


def test_a_sort_title_of_plex_is_left_alone_without_a_format(world, film, read):
    film.edit(titleSort="Zzz")
    assert world.save(45, title="Low Tide").output["fields"] == ["title"]
    assert read(film).titleSort == "Zzz"


def test_a_changed_setting_is_no_edit_of_a_field_that_a_person_edited_in_plex(world, film, read):
    world.settings.update(fieldTitleFormat="{title}", fieldContentRating="R")
    world.save(45)
    film.edit(title="By hand", contentRating="X")
    world.settings.update(fieldTitleFormat="{title} ({id})", fieldContentRating="XXX")

    run = task(world, "Sync all scenes")
    assert (read(film).title, read(film).contentRating) == ("By hand", "X"), run.logs
    # It was edited in Plex: a Save that changes something else does not matter either.
    assert world.save(45, rating100=80).output["kept"] == ["title", "content_rating"]
    assert world.save(45, title="Low Tide").output["fields"] == ["title"]
    assert (read(film).title, read(film).contentRating) == ("Low Tide (45)", "X")
    assert world.sync(45, force=True)["fields"] == ["content_rating"]
    assert read(film).contentRating == "XXX"


@pytest.mark.parametrize("key, value, said", [
    ("fieldTitleFormat", "{titel}", "{titel} at character 1 is not one of {title}"),
    ("fieldSortTitleFormat", "x [{title}", "the [ at character 3 is never closed by a ]"),
    ("fieldTagsAs", "stars", "\"stars\" is not one of genres, labels, collections"),
    ("fieldPerformerGenders", "FEMALE, tall", "\"tall\" is not one of MALE, FEMALE"),
    ("fieldOnlyTags", "\"Places", "names are separated by commas"),
    ("fieldContentRating", True, "text was expected"),
    ("fieldStudioPrefix", [], "text was expected"),
    ("fieldParentStudio", "yes", "true or false was expected"),
    ("fieldCriticRating", 2, "true or false was expected"),
])
def test_a_setting_that_cannot_be_used_is_named_and_nothing_is_written(world, film, key, value, said):
    world.settings[key] = value
    world.clear()

    run = world.save(45, title="Low Tide")

    assert run.output["result"] == "queued"
    assert f"setting {key}" in run.output["reason"] and said in run.output["reason"]
    assert world.plex.writes == [] and film.title == "The Quay"
    doctor = world.operation("doctor").output
    assert any(finding.get("setting") == key and said in finding["text"] for finding in doctor["findings"]), doctor
    world.settings[key] = None
    world.drain()
    assert film.title == "Low Tide"


# --- ratings -----------------------------------------------------------------------------------------


def test_content_rating_comes_changes_and_is_cleared(world, film, read):
    world.settings["fieldContentRating"] = "XXX"
    assert world.save(45).output["fields"] == ["title", "content_rating"]
    assert read(film).contentRating == "XXX"
    world.settings["fieldContentRating"] = "R"
    assert world.save(45).output["fields"] == ["content_rating"]
    world.settings["fieldContentRating"] = ""
    assert world.save(45).output["fields"] == ["content_rating"]
    assert not read(film).contentRating
    assert world.save(45).output["result"] == "unchanged"


def test_a_content_rating_of_plex_alone_is_replaced_only_by_a_setting(world, film, read):
    film.contentRating = "PG"
    world.save(45)
    assert read(film).contentRating == "PG"
    world.settings["fieldContentRating"] = "R"
    world.save(45)
    assert read(film).contentRating == "R"


def test_the_critic_rating_is_written_locked_and_left_alone_when_switched_off(world, film, read):
    world.settings["fieldCriticRating"] = True
    assert world.save(45, rating100=85).output["fields"] == ["title", "rating", "critic_rating"]
    assert (read(film).rating, read(film).userRating) == (8.5, 8.5)
    assert "rating" in {field.name for field in read(film).fields if field.locked}
    world.settings["fieldCriticRating"] = False
    assert world.save(45, rating100=70).output["fields"] == ["rating"]
    assert (read(film).rating, read(film).userRating) == (8.5, 7.0)


# --- tags --------------------------------------------------------------------------------------------


def test_only_some_tags_go_and_what_is_below_them(world, film, read):
    tag_tree(world)
    world.settings["fieldOnlyTags"] = "places"
    world.save(45, tags=["Pier", "Harbour", "Calm", "Noir"])
    assert sorted(names(read(film).genres)) == ["Harbour", "Pier"]

    world.settings["fieldIgnoreTags"] = "Calm"      # which Pier is below as well: it wins
    world.save(45)
    assert sorted(names(read(film).genres)) == ["Harbour"]

    world.settings.update(fieldOnlyTags="", fieldIgnoreTags="Places")
    world.save(45)
    assert sorted(names(read(film).genres)) == ["Calm", "Noir"]


def test_a_ring_in_the_tag_tree_ends(world, film, read):
    places, _, harbour, _ = tag_tree(world)
    places.parents = [harbour]
    world.settings["fieldOnlyTags"] = "Harbour"
    world.save(45, tags=["Places", "Pier", "Noir"])
    assert sorted(names(read(film).genres)) == ["Pier", "Places"]


def test_the_tree_is_read_once_and_by_no_hook_without_the_settings(world, film):
    tag_tree(world)
    world.clear()
    world.save(45, tags=["Pier"])
    assert tree_questions(world) == 0
    world.settings["fieldOnlyTags"] = "Places"
    world.save(45, title="One")
    world.save(45, title="Two")
    assert tree_questions(world) == 1           # the second hook knows it from the first
    world.stash.library.add("tag", name="Buoy", parents=[world.stash.library.by_name("tag", "Places")])
    world.save(45, tags=["Pier", "Buoy"])       # a tag that is newer than what is known
    assert tree_questions(world) == 2
    assert sorted(film.genres) == ["Buoy", "Pier"]
    world.clear()
    for number in range(1, 60):
        world.film(number, f"film {number}", title=f"Film {number}", tags=["Pier"])
    task(world, "Sync all scenes")
    assert tree_questions(world) == 1


def test_a_tag_that_is_moved_in_the_tree_is_found_by_its_hook(world, film, read):
    _, moods, harbour, _ = tag_tree(world)
    world.settings["fieldOnlyTags"] = "Moods"
    world.save(45, tags=["Harbour"])
    assert names(read(film).genres) == []

    world.check(*world.stash.update("tag", harbour.id, parent_ids=[str(moods.id)]))
    world.drain()
    assert names(read(film).genres) == ["Harbour"]
    # Pier is below Harbour, and follows it.
    world.save(45, tags=["Pier"])
    world.check(*world.stash.update("tag", harbour.id, parent_ids=[]))
    world.stash.library.by_name("tag", "Pier").parents = [harbour]
    world.check(*world.stash.update("tag", harbour.id, description="moved again"))
    world.drain()
    assert names(read(film).genres) == []


def test_a_tag_that_is_moved_without_a_hook_is_found_by_the_next_comparison(world, film, read):
    _, moods, harbour, _ = tag_tree(world)
    world.settings["fieldOnlyTags"] = "Moods"
    world.save(45, tags=["Harbour"])
    harbour.parents = [moods]
    task(world, "Sync all scenes")
    assert names(read(film).genres) == ["Harbour"]


@MODES
def test_tags_go_as_genres_labels_or_collections_and_only_ours_change_place(world, film, read):
    film.edit(genres=["Foreign"], labels=["Shared"], collections=["Kept"])
    world.save(45, tags=["Pier", "Noir"])
    for kind, places in (("labels", (["Foreign"], ["Noir", "Pier", "Shared"], ["Kept"])),
                         ("collections", (["Foreign"], ["Shared"], ["Kept", "Noir", "Pier"])),
                         ("", (["Foreign", "Noir", "Pier"], ["Shared"], ["Kept"]))):
        world.settings["fieldTagsAs"] = kind
        dry = world.sync(45, dry_run=True)
        assert len(dry["fields"]) == 2 and dry["dry_run"]
        world.save(45)
        item = read(film)
        assert (sorted(names(item.genres)), sorted(names(item.labels)), sorted(names(item.collections))) == places
    assert world.save(45).output["result"] == "unchanged"


@MODES
def test_three_fields_share_the_collections_and_take_nothing_from_each_other(world, film, read):
    world.settings.update(fieldTagsAs="collections", fieldNoStudioCollection=False)
    world.save(45, tags=["Sea", "Noir"], groups=["Sea"], studio="Sea")
    assert sorted(names(read(film).collections)) == ["Noir", "Sea"]
    world.save(45, groups=[])
    world.save(45, tags=["Noir"])
    assert sorted(names(read(film).collections)) == ["Noir", "Sea"]     # the studio's
    world.save(45, studio=None)
    assert sorted(names(read(film).collections)) == ["Noir"]


# --- studios, groups, performers ---------------------------------------------------------------------


def test_the_studios_above_are_collections_and_a_renamed_one_reaches_all_below(world, film, read):
    library = world.stash.library
    top = library.add("studio", name="Top")
    middle = library.add("studio", name="Middle", parent_studio=top)
    library.add("studio", name="Low", parent_studio=middle)
    world.settings.update(fieldNoStudioCollection=False, fieldParentStudio=True)
    world.save(45, studio="Low")
    assert sorted(names(read(film).collections)) == ["Low", "Middle", "Top"]

    world.check(*world.stash.update("studio", top.id, name="Summit"))
    world.drain()
    assert sorted(names(read(film).collections)) == ["Low", "Middle", "Summit"]
    top.parent_studio = middle      # a ring ends
    assert world.save(45).output["result"] == "unchanged"
    world.settings["fieldParentStudio"] = False
    world.save(45)
    assert names(read(film).collections) == ["Low"]


def test_a_prefix_is_a_rename_of_all_collections_and_preview_counts_them(world, read):
    world.plex.tag_mode = "replace"
    world.settings.update(fieldNoStudioCollection=False)
    items = shelf(world, 5, studio="Sea", groups=["Sea"])
    task(world, "Sync all scenes")
    assert [names(read(item).collections) for item in items] == [["Sea"]] * 5
    world.settings.update(fieldStudioPrefix="Studio - ", fieldGroupPrefix="Series: ")

    run = task(world, "Preview (dry run)")
    assert {("info", f"{field}: would be written in 5 scenes") for field in ("collections", "studio_collection")} \
        <= set(run.logs)
    assert [names(read(item).collections) for item in items] == [["Sea"]] * 5
    task(world, "Sync all scenes")
    assert [sorted(names(read(item).collections)) for item in items] == [["Series: Sea", "Studio - Sea"]] * 5


def test_performers_by_gender_in_its_order(world, film, read):
    for name, gender in (("Ana Duarte", "FEMALE"), ("Ben Okafor", "MALE"), ("Cai Lind", None)):
        world.stash.library.add("performer", name=name, gender=gender)
    film.edit(actors=["Somebody Else"])
    world.settings["fieldPerformerGenders"] = "other, female"

    assert world.save(45, performers=["Ana Duarte", "Ben Okafor", "Cai Lind"]).output["fields"] == [
        "title", "performers"]
    assert names(read(film).actors) == ["Ben Okafor", "Cai Lind", "Ana Duarte", "Somebody Else"]
    world.settings["fieldPerformerGenders"] = "FEMALE"
    world.save(45)
    assert names(read(film).actors) == ["Ana Duarte", "Somebody Else"]
    film.edit(actors=["Somebody Else", "Ana Duarte"])       # Plex has an order of its own
    assert world.save(45).output["result"] == "unchanged"
    world.settings["fieldPerformerGenders"] = ""
    world.save(45)
    assert sorted(names(read(film).actors)) == ["Ana Duarte", "Ben Okafor", "Cai Lind", "Somebody Else"]


# --- a Stash that does not know them -----------------------------------------------------------------


@pytest.mark.parametrize("lacking", [("Scene.code",), ("Performer.gender", "Performer.disambiguation"),
                                     ("Scene.code", "Studio.parent_studio", "Performer.gender", "Scene.movies")])
def test_a_stash_that_lacks_a_field_is_asked_for_less_and_that_is_remembered(world, film, lacking):
    world.stash.version = "v0.27"
    world.stash.lacking = lacking
    world.settings.update(fieldTitleFormat="{title}[ {code}][ {parent_studio}]", fieldNoStudioCollection=False)
    world.clear()
    world.save(45, title="Low Tide", studio="Sea", performers=["Ana Duarte"], groups=["Boats"])
    assert film.title == "Low Tide" and [actor.name for actor in film.actors] == ["Ana Duarte"]
    assert sorted(film.collections) == ["Boats", "Sea"]
    asked = len(world.stash.requests)
    assert asked == 1 + len(lacking)
    world.save(45, title="High Tide")
    assert len(world.stash.requests) == asked + 1
    # A newer Stash is asked for it again, once a day.
    world.stash.lacking = ()
    world.stash.library.get("scene", 45).code = "HL-1"
    world.clock(25 * 60)
    world.drain()
    assert film.title == "High Tide HL-1"


# --- nothing is different without them ---------------------------------------------------------------


def test_a_changed_setting_is_found_by_the_next_sweep_and_told_by_preview(world, read):
    items = shelf(world, 3)
    task(world, "Sync all scenes")
    world.settings["fieldContentRating"] = "XXX"
    run = task(world, "Preview (dry run)")
    assert ("info", "content_rating: would be written in 3 scenes") in run.logs
    task(world, "Sync all scenes")
    assert [read(item).contentRating for item in items] == ["XXX"] * 3
    world.clear()
    task(world, "Sync all scenes")
    assert world.plex.writes == []


def test_without_the_settings_every_request_is_as_it_was(world, film):
    world.settings["fieldNoStudioCollection"] = False
    film.edit(genres=["Foreign"], labels=["Shared"], collections=["Kept"], titleSort="Zzz", contentRating="PG")
    world.clear()
    world.save(45, details="A film about boats.", date="2020-05", rating100=85, studio="Sea", performers=["Ana Duarte"],
               director="Mara Lindt", tags=["Pier", "Noir"], groups=["Boats"])
    world.save(45, tags=["Noir"], performers=[], studio=None)

    puts = [request.target for request in world.plex.requests if request.method == "PUT"]
    assert puts == WHAT_IT_WAS
    assert world.request_count() == (2, 6)


WHAT_IT_WAS = [
    "/library/sections/1/all?type=1&id=1&title.value=Harbour%20Lights&title.locked=1"
    "&summary.value=A%20film%20about%20boats.&summary.locked=1&originallyAvailableAt.value=2020-05-01"
    "&originallyAvailableAt.locked=1&studio.value=Sea&studio.locked=1&actor%5B0%5D.tag.tag=Ana%20Duarte"
    "&actor.locked=1&genre%5B0%5D.tag.tag=Foreign&genre%5B1%5D.tag.tag=Pier&genre%5B2%5D.tag.tag=Noir"
    "&genre.locked=1&userRating.value=8.5&userRating.locked=1&director%5B0%5D.tag.tag=Mara%20Lindt"
    "&director.locked=1&collection%5B0%5D.tag.tag=Kept&collection%5B1%5D.tag.tag=Boats"
    "&collection%5B2%5D.tag.tag=Sea&collection.locked=1",
    "/library/sections/1/all?type=1&id=1&studio.value=&studio.locked=1&actor%5B%5D.tag.tag-=Ana%2520Duarte"
    "&actor.locked=1&genre%5B0%5D.tag.tag=Foreign&genre%5B1%5D.tag.tag=Noir&genre%5B%5D.tag.tag-=Pier"
    "&genre.locked=1&collection%5B0%5D.tag.tag=Kept&collection%5B1%5D.tag.tag=Boats"
    "&collection%5B%5D.tag.tag-=Sea&collection.locked=1",
]
