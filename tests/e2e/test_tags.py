"""Tags and performers: sets that Stash, Plex, and other tools write into together.

Whether Plex adds or replaces is disputed, so everything here holds either way.
"""

import unicodedata

import pytest

NAMES = ["C, D", "[brackets] (round) {curly}", "\"double\" 'single'", "100% %2C %25", "a & b + c = d", "#1; x/y?z\\w",
         "🎬 Film", "ערב — مساء", "Ünï", unicodedata.normalize("NFD", "Café"), "漢字", "a" * 200, "<b>&amp;</b>", "-", "0"]
tags_and_performers = pytest.mark.parametrize(
    "film, ours, theirs", [("add", "tags", "genres"), ("replace", "performers", "actors")], indirect=["film"],
    ids=["tags", "performers"])


@pytest.fixture
def film(world, request):
    """Scene 45 and its item; the server adds, or does what the parameter says."""
    world.plex.tag_mode = getattr(request, "param", "add")
    item = world.film(45, "quay", item={"genres": ["Foreign"], "actors": [
        {"name": "Foreign", "role": "Captain", "thumb": "http://images.example/f.jpg", "tagKey": "f00d"}]})
    world.index()
    return item


def names(item, theirs):
    """The names that the item has, without those that were there from the start."""
    return sorted(getattr(tag, "name", tag) for tag in getattr(item, theirs) if getattr(tag, "name", tag) != "Foreign")


def foreign_stays(item):
    """What others put there is as it was."""
    actor = next(actor for actor in item.actors if actor.name == "Foreign")
    return "Foreign" in item.genres and (actor.role, actor.thumb, actor.tagKey) == \
        ("Captain", "http://images.example/f.jpg", "f00d")


@pytest.mark.parametrize("film", ["add", "replace"], indirect=True)
def test_names_come_and_go_as_stash_says_and_foreign_ones_stay(world, film):
    for wanted in (["A"], ["A", "B"], ["B", "C"], ["C"], [], ["A"]):
        output = world.save(45, tags=wanted, performers=wanted).output
        assert (output["fields"], output["kept"]) == (["performers", "tags"], [])
        assert (names(film, "genres"), names(film, "actors")) == (wanted, wanted)
        assert foreign_stays(film)
    world.clear()
    assert world.save(45).output["result"] == "unchanged"
    assert world.plex.writes == []


def test_a_change_of_names_costs_a_read_a_write_and_a_look(world, film):
    world.save(45, tags=["A"])
    world.clear()

    world.save(45, tags=["B"])

    assert world.plex.counts() == {"GET /library/metadata/1": 2, "PUT /library/sections/1/all": 1}


@tags_and_performers
def test_a_name_that_a_person_removed_in_plex_stays_removed_and_one_that_he_added_stays(world, film, ours, theirs):
    world.save(45, **{ours: ["A", "B"]})
    film.edit(**{theirs: [tag for tag in getattr(film, theirs) if getattr(tag, "name", tag) != "A"] + ["By hand"]})

    output = world.save(45, **{ours: ["A", "B", "C"]}).output

    assert (output["fields"], output["kept"]) == ([ours], [ours])
    assert names(film, theirs) == ["B", "By hand", "C"]
    assert foreign_stays(film)
    assert world.save(45).output["result"] == "unchanged"
    world.sync(45, force=True)
    assert names(film, theirs) == ["A", "B", "By hand", "C"]


@tags_and_performers
def test_any_name_arrives_stays_and_can_be_removed(world, film, ours, theirs):
    wanted = sorted(NAMES)
    world.save(45, **{ours: NAMES})
    assert names(film, theirs) == wanted
    world.clear()
    output = world.save(45).output
    assert (output["result"], output["kept"], world.plex.writes) == ("unchanged", [], [])

    while wanted:       # half of them at a time, so that a removal has to name several
        wanted = wanted[(len(wanted) + 1) // 2:]
        world.stash.library.update_scene(45, {ours[:-1] + "_ids": [
            row.id for row in world.stash.library.all(ours[:-1]) if row.name in wanted]})
        assert world.save(45).output["fields"] == [ours]
        assert names(film, theirs) == wanted
    assert foreign_stays(film)


@pytest.mark.parametrize("film", ["replace"], indirect=True)
def test_many_tags_and_performers(world, film):
    tags, cast = [f"Tag {i:03}" for i in range(90)], [f"Name {i:03}" for i in range(50)]

    world.save(45, tags=tags, performers=cast)

    assert (names(film, "genres"), names(film, "actors")) == (tags, cast)
    assert foreign_stays(film)
    world.save(45, tags=tags[:1], performers=cast[:1])
    assert (names(film, "genres"), names(film, "actors")) == (tags[:1], cast[:1])
    assert world.save(45).output["result"] == "unchanged"


@pytest.mark.parametrize("film", ["replace"], indirect=True)
def test_a_role_that_a_person_gave_to_our_performer_stays(world, film):
    world.save(45, performers=["Ana Duarte"])
    film.edit(actors=[(a.name, "Mate", "http://images.example/a.jpg", "ab12") if a.name == "Ana Duarte" else a
                      for a in film.actors])

    world.save(45, performers=["Ana Duarte", "Bo Lind"])

    ana = next(actor for actor in film.actors if actor.name == "Ana Duarte")
    assert (ana.role, ana.thumb, ana.tagKey) == ("Mate", "http://images.example/a.jpg", "ab12")
    assert foreign_stays(film)


@pytest.mark.parametrize("folds", [False, True])
def test_case_and_blanks_make_no_new_names(world, film, folds):
    """Names that Plex has already become ours to remove."""
    world.plex.folds_tag_case, world.plex.trims_values = folds, True
    film.edit(genres=film.genres + ["boats AND quays"])

    assert world.save(45, title="T", tags=[" Boats and Quays ", "boats and quays"]).output["fields"] == ["title"]

    world.save(45, tags=[" New "])
    assert names(film, "genres") == ["New"]
    assert world.save(45).output["result"] == "unchanged"


@tags_and_performers
def test_a_server_that_spells_a_name_its_own_way_is_not_argued_with(world, film, ours, theirs):
    world.plex.folds_tag_case = True
    world.films.add_item(file="/data/films/other.mp4", **{theirs: ["boats"]})

    world.save(45, **{ours: ["Boats"]})

    assert names(film, theirs) == ["boats"]
    output = world.save(45).output
    assert (output["result"], output["kept"]) == ("unchanged", [])
    world.save(45, **{ours: []})
    assert names(film, theirs) == []


def test_a_tag_that_is_to_be_ignored_from_now_on_goes(world, film):
    world.save(45, tags=["Boats", "Secret"])
    world.settings["fieldIgnoreTags"] = " SECRET ; x,draft,secret"

    assert world.save(45, tags=["Boats", "Secret", "Draft"]).output["fields"] == ["tags"]
    assert names(film, "genres") == ["Boats"]


@pytest.mark.parametrize("film, ours, theirs, fault, then", [
    ("add", "tags", "genres", "reset_after_apply", ["C"]), ("replace", "performers", "actors", "reset_before", ["A"]),
    ("replace", "tags", "genres", "reset_after_apply", [])], indirect=["film"])
def test_a_push_that_broke_off_ends_right(world, film, ours, theirs, fault, then):
    world.save(45, title="T", **{ours: ["A"]})
    world.plex.fault(("PUT", ".*"), fault, times=2)
    assert world.save(45, **{ours: ["B"]}).text("warning")
    world.plex.clear_faults()
    ids = [row.id for row in map(lambda name: world.stash.library.ensure(ours[:-1], name), then)]
    world.stash.library.update_scene(45, {ours[:-1] + "_ids": ids})
    world.clock(minutes=5)

    world.drain()

    assert names(film, theirs) == then
    assert foreign_stays(film)
    world.clear()
    output = world.save(45).output
    assert (output["result"], output["kept"], world.plex.writes) == ("unchanged", [], [])


def test_a_look_that_failed_is_no_edit_by_a_person(world, film):
    """The names were written; the read-back was lost."""
    world.save(45, title="T", tags=["A"])
    seen = []

    def second_read(request):
        seen.append(request) if request.path.startswith("/library/metadata/") else None
        return len(seen) >= 2

    world.plex.fault(second_read, "status", times=None, status=503)
    assert world.save(45, tags=["B"]).text("warning")
    world.plex.clear_faults()
    world.clock(minutes=5)

    world.drain()

    assert names(film, "genres") == ["B"]
    output = world.save(45, tags=["C"]).output
    assert (output["fields"], output["kept"]) == (["tags"], [])
    assert names(film, "genres") == ["C"]


# --- performers that share a name ---------------------------------------------------------------------------


def person(world, name, disambiguation=""):
    """A performer; Stash keeps apart those of one name by their disambiguation."""
    return world.stash.library.add("performer", name=name, disambiguation=disambiguation)


@pytest.mark.parametrize("film", ["add", "replace"], indirect=True)
def test_performers_are_called_as_stash_shows_them(world, film):
    cast = [person(world, "Jane Doe"), person(world, "Jane Doe", "Adult"), person(world, "Li", "b. 1980, Macau")]

    world.save(45, performers=cast)

    assert names(film, "actors") == ["Jane Doe", "Jane Doe (Adult)", "Li (b. 1980, Macau)"]
    world.clear()
    assert world.save(45).output["result"] == "unchanged"
    world.save(45, performers=cast[:1])
    assert names(film, "actors") == ["Jane Doe"]
    assert foreign_stays(film)


@pytest.mark.parametrize("film", ["add", "replace"], indirect=True)
def test_without_disambiguation_if_the_setting_says_so_and_back(world, film):
    world.settings["fieldNoDisambiguation"] = True
    world.save(45, performers=[person(world, "Jane Doe", "Adult"), person(world, "Li")])
    assert names(film, "actors") == ["Jane Doe", "Li"]

    for off, wanted in ((False, ["Jane Doe (Adult)", "Li"]), (True, ["Jane Doe", "Li"])):
        world.settings["fieldNoDisambiguation"] = off
        output = world.save(45).output
        assert (output["fields"], output["kept"]) == (["performers"], [])
        assert names(film, "actors") == wanted
        assert foreign_stays(film)
        assert world.save(45).output["result"] == "unchanged"


def test_what_was_pushed_without_disambiguation_is_renamed_by_the_daily_comparison(world, film):
    """As after an update of PlexSync: the old name goes, the new one comes, what others put there stays."""
    world.settings["fieldNoDisambiguation"] = True
    world.save(45, performers=[person(world, "Jane Doe", "Adult"), person(world, "Jane Doe"), person(world, "Li", "II")])
    film.edit(actors=[*film.actors, "By hand"])
    world.settings["fieldNoDisambiguation"] = False

    world.stash.run_task("Reconcile")
    world.tasks()

    assert names(film, "actors") == ["By hand", "Jane Doe", "Jane Doe (Adult)", "Li (II)"]
    assert foreign_stays(film)


def test_a_new_disambiguation_reaches_the_scenes_of_the_performer(world, film):
    jane = person(world, "Jane Doe")
    world.save(45, performers=[jane])

    world.check(*world.stash.update("performer", jane, disambiguation="Adult"))
    world.tasks()

    assert names(film, "actors") == ["Jane Doe (Adult)"]


@pytest.mark.parametrize("ours, theirs, pair", [
    ("performers", "actors", ["MIA", "Mia"]), ("tags", "genres", ["Ärger", "ärger"]), ("groups", "collections", ["SEA", "Sea"])])
def test_names_that_differ_only_in_case_are_told_once(world, film, ours, theirs, pair):
    run = world.save(45, **{ours: [*pair, "Li"]})

    told = f'"{pair[0]}" and "{pair[1]}" are one name in Plex'
    assert told in run.text("warning")
    assert names(film, theirs) == sorted([pair[0], "Li"])
    world.clear()
    assert world.save(45).output["result"] == "unchanged"
    assert told not in world.save(45, title="Harbour Lights").text()
    assert told not in world.save(45, **{ours: ["Li"]}).text()


@pytest.mark.parametrize("kind", ["labels", "collections"])
def test_they_are_told_as_well_where_tags_are_no_genres(world, film, kind):
    world.settings["fieldTagsAs"] = kind
    told = '"MIA" and "Mia" are one name in Plex'

    assert told in world.save(45, tags=["MIA", "Mia"]).text("warning")

    assert names(film, kind) == ["MIA"]
    assert told not in world.save(45, title="Harbour Lights").text()


@pytest.mark.parametrize("settings", [{"fieldIgnoreTags": "mia"}, {"fieldOnlyTags": "Sea"}])
def test_of_tags_that_do_not_go_to_plex_nothing_is_told(world, film, settings):
    world.settings |= settings

    run = world.save(45, tags=["MIA", "Mia", "Sea"])

    assert names(film, "genres") == ["Sea"]
    assert run.text("warning") == ""


@pytest.mark.parametrize("pair", [["Ana's", "Ana\u2019s"], ["Zoe-X", "Zoe\u2013X"]])
def test_so_are_names_that_differ_only_in_typography(world, film, pair):
    run = world.save(45, tags=pair)

    assert f'"{pair[0]}" and "{pair[1]}" are one name in Plex' in run.text("warning")


@pytest.mark.parametrize("other", ["Jane Doe (Adult)", "Jane Doe (ADULT)"])
def test_so_is_a_performer_who_is_called_like_another_with_the_disambiguation(world, film, other):
    run = world.save(45, performers=[person(world, other), person(world, "Jane Doe", "Adult")])

    told = f'"{other}" and "Jane Doe (Adult)" are one name in Plex'
    assert told in run.text("warning") and names(film, "actors") == [other]
    assert told not in world.save(45, title="Harbour Lights").text()


def test_two_of_one_name_are_nothing_to_tell(world, film):
    world.settings["fieldNoDisambiguation"] = True

    run = world.save(45, performers=[person(world, "Jane Doe"), person(world, "Jane Doe", "Adult")])

    assert names(film, "actors") == ["Jane Doe"]
    assert run.text("warning") == ""


# --- servers that do half of it -----------------------------------------------------------------------------


def deaf(world, drop):
    """A server that overhears some arguments of an edit: those for which drop(name, query) says so."""
    inner = world.plex.handle

    def handle(request):
        if request.method == "PUT":
            request.query = [pair for pair in request.query if not drop(pair[0], request.query)]
        return inner(request)

    world.plex.handle = handle


def test_removals_that_were_ignored_beside_additions_are_sent_alone(world, film):
    world.save(45, tags=["A"])
    deaf(world, lambda name, query: name == "genre[].tag.tag-" and any("tag.tag" in n for n, _ in query if n != name))
    world.clear()

    assert world.save(45, tags=["B"]).output["fields"] == ["tags"]
    assert names(film, "genres") == ["B"]
    assert len(world.plex.writes) == 2


def test_a_name_that_plex_does_not_take_over_is_reported_and_tried_when_somebody_asks(world, film):
    deaf(world, lambda name, query: (name, "B") in query and name.startswith("genre"))
    run = world.save(45, tags=["A", "B"])
    assert 'does not take tags "B"' in run.text("warning")
    del world.plex.handle
    world.save(45, title="Harbour Lights")
    assert names(film, "genres") == ["A"]

    world.operation("retry-failed")
    world.tasks()

    assert names(film, "genres") == ["A", "B"]
