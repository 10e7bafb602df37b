"""What becomes of a value that Plex makes something else of, does not take, or loses again."""

import pytest

from tests.e2e.rules import curly, refuse
from tests.fake.server import Reply


# --- its own spelling ---------------------------------------------------------------------------------------------


def day_before(date):
    """As a server does that counts in another time zone."""
    return date and {"2024-03-01": "2024-02-29", "2025-01-01": "2024-12-31"}[date]


def squeezed(text):
    """Every row of blanks as one."""
    return text and " ".join(text.split())


SPELLINGS = {
    "the day before": ("originallyAvailableAt", day_before, {"date": "2024-03-01"}, {"date": "2025-01-01"}, "date"),
    "a float": ("userRating", lambda n: n and n - 4.8e-08, {"rating100": 33}, {"rating100": 70}, "rating"),
    "a rating in a text": ("userRating", lambda n: n and f"{n:.3f}", {"rating100": 33}, {"rating100": 70}, "rating"),
    "half stars": ("userRating", lambda n: n and round(n * 2) / 2, {"rating100": 33}, {"rating100": 68}, "rating"),
    "one blank for two": ("title", squeezed, {"title": "Harbour  Lights"},
                          {"title": "Harbour   Night"}, "title"),
    "another dash": ("studio", lambda t: t and t.replace("--", "\u2013"), {"studio": "Lumen--House"},
                     {"studio": "Lumen--Night"}, "studio"),
    "a cut text": ("summary", lambda t: t and t[:10], {"details": "By the sea, at night."},
                   {"details": "In the fog, at noon."}, "summary"),
    "one blank in a name": ("actor", squeezed, {"performers": ["Ann  Bee"]}, {"performers": ["Cy  Dee"]}, "performers"),
    "one blank in a tag": ("genre", squeezed, {"tags": ["Ann  Bee"]}, {"tags": ["Cy  Dee"]}, "tags"),
    "one blank in a group": ("collection", squeezed, {"groups": ["Low  Tide"]}, {"groups": ["Cy  Dee"]}, "collections"),
    "one blank in a director": ("director", squeezed, {"director": "Ann  Bee"}, {"director": "Cy  Dee"}, "director"),
    "another case": ("genre", str.title, {"tags": ["night boats"]}, {"tags": ["sea fog"]}, "tags"),
    "another apostrophe": ("title", lambda t: t.replace("'", "\u2019"), {"title": "Ana's Boat"}, {"title": "Li's Boat"},
                           "title"),
    "no line ends": ("summary", lambda t: t and t.replace("\n", " "), {"details": "One.\n\nTwo."},
                     {"details": "Three.\n\nFour."}, "summary"),
    "whole stars": ("userRating", lambda n: n and round(n), {"rating100": 33}, {"rating100": 68}, "rating"),
    "a time of day": ("originallyAvailableAt", lambda d: d and d + " 00:00:00", {"date": "2024-03-01"},
                      {"date": "2025-01-01"}, "date"),
}


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_what_plex_makes_of_a_value_is_not_somebodys_edit(world, film, spelling, keep):
    field, respell, first, second, word = SPELLINGS[spelling]
    world.settings["fieldKeepPlexEdits"] = keep
    world.plex.respells[field] = respell
    assert world.save(45, **first).output["fields"][:1] == [word]
    world.clear()

    again = world.save(45)

    assert (again.output["result"], again.output["kept"]) == ("unchanged", [])
    assert world.plex.writes == [] and again.text("warning") == ""
    assert word in world.save(45, **second).output["fields"]
    if word == "performers":
        assert [actor.name for actor in film.actors] == ["Cy Dee"]
    assert world.save(45).output["result"] == "unchanged"


@pytest.mark.parametrize("task", ["Sync all scenes", "Reconcile"])
def test_nor_is_it_in_a_sweep_of_several(world, task):
    world.settings["fieldKeepPlexEdits"] = True
    world.plex.respells.update({"originallyAvailableAt": day_before, "userRating": lambda n: n and n - 4.8e-08,
                                "summary": squeezed, "studio": squeezed, "actor": squeezed, "director": squeezed})
    library, items = world.stash.library, [world.film(number, f"quay {number}") for number in range(1, 6)]
    world.index()

    def sweep(date, rating, text):
        for number in range(1, 6):
            library.update_scene(number, {
                "date": date, "rating100": rating, "details": f"{text}  {number}", "director": f"A  {text}",
                "studio_id": library.ensure("studio", f"{text}  House").id,
                "performer_ids": [library.ensure("performer", f"{text}  Bee").id]})
        world.clear()
        world.stash.run_task(task)
        return world.tasks()

    sweep("2024-03-01", 33, "Ann")
    for number in range(1, 6):
        world.clear()
        again = world.save(number)
        assert (again.output["result"], again.output["kept"], world.plex.writes) == ("unchanged", [], [])
    runs = sweep("2025-01-01", 68, "Cy")

    assert "left to Plex" not in "".join(run.text() for run in runs)
    assert [(item.originallyAvailableAt, round(item.userRating, 3), item.summary, item.studio, item.directors,
             [actor.name for actor in item.actors]) for item in items] == [
        ("2024-12-31", 6.8, f"Cy {number}", "Cy House", ["A Cy"], ["Cy Bee"]) for number in range(1, 6)]


ANOTHER = {"a tag": ("genre", curly, "tags", "genres", "Ana's Boat", "Ana\u2019s Boat"),
           "a group": ("collection", curly, "groups", "collections", "Ana's Boat", "Ana\u2019s Boat")}


@pytest.mark.parametrize("then", [[], ["Sea"]])
@pytest.mark.parametrize("what", ANOTHER)
def test_a_name_of_which_plex_makes_another_goes_when_stash_drops_it(world, film, what, then):
    """What Plex made of our value is the base: nobody else put that name there."""
    kind, respell, ours, theirs, name, made = ANOTHER[what]
    world.plex.respells[kind] = respell
    world.save(45, **{ours: [name, "Sea"]})
    assert in_plex(film, theirs) == [made, "Sea"]

    world.save(45, **{ours: then})

    assert in_plex(film, theirs) == then


SHOWN = {"an apostrophe": ("title", curly, "title", {"title": "Ana's Boat"}),
         "whole stars": ("userRating", lambda n: n and round(n / 2) * 2.0, "userRating", {"rating100": 33})}


@pytest.mark.parametrize("what", SHOWN)
def test_a_value_that_plex_shows_its_own_way_already_is_taken(world, film, what):
    field, respell, attribute, ours = SHOWN[what]
    world.plex.respells[field] = respell
    film.put(**{attribute: "Ana\u2019s Boat" if field == "title" else 4.0})

    run = world.save(45, **ours)

    assert "refused" not in run.output and world.queue() == (0, 0, 0)
    world.clear()
    assert world.save(45).output["result"] == "unchanged" and world.plex.writes == []


def test_a_forced_push_of_what_plex_spells_its_own_way(world, film):
    world.plex.respells["title"] = curly
    world.save(45, title="Ana's Boat")

    forced = world.sync(45, force=True)

    assert "refused" not in forced and world.queue() == (0, 0, 0)


def test_the_end_of_a_text_that_plex_cuts_changes(world, film):
    world.plex.respells["summary"] = lambda text: text and text[:10]
    world.save(45, details="By the sea, at night.")

    run = world.save(45, details="By the sea, at noon.")

    assert "refused" not in run.output and world.queue() == (0, 0, 0)
    world.clear()
    assert world.save(45).output["result"] == "unchanged" and world.plex.writes == []


def test_an_edit_that_differs_more_than_a_spelling_is_somebodys(world, film):
    world.plex.respells["originallyAvailableAt"] = day_before
    world.save(45, date="2024-03-01", rating100=33)
    film.edit(originallyAvailableAt="2024-02-01", userRating=9.0)

    run = world.save(45, details="By the sea.")

    assert run.output["kept"] == ["date", "rating"]
    assert (film.originallyAvailableAt, film.userRating) == ("2024-02-01", 9.0)


# --- refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 404, 409, 422, 500])
def test_one_value_that_plex_refuses_takes_no_other_with_it(world, film, status):
    """A smart collection already has the group's name."""
    world.plex.refuses["collection"] = refuse("Harbour", status=status)

    run = world.save(45, title="Harbour Lights", groups=["Harbour"], tags=["Boats"], rating100=80)

    assert (run.output["result"], run.output["refused"]) == ("synced", ["collections"])
    assert run.output["fields"] == ["title", "tags", "rating"]
    assert (film.title, film.genres, film.collections) == ("Harbour Lights", ["Boats"], [])
    for said in (run.text("warning"), world.status()["failed"][0]["reason"]):
        assert f'collections "Harbour" (HTTP {status}; setting fieldNoCollections leaves it out)' in said
    world.clear()
    again = world.save(45, title="Harbour Night")
    assert (again.output["fields"], again.output["refused"]) == (["title"], ["collections"])
    assert [request.arg("collection[0].tag.tag") for request in world.plex.writes] == [None]
    assert world.queue() == (0, 0, 1)
    renamed = world.save(45, groups=["Pier"])
    assert (renamed.output["fields"], film.collections) == (["collections"], ["Pier"])
    assert world.queue() == (0, 0, 0)


@pytest.mark.parametrize("field, value, bad", [
    ("actor", {"performers": ["Ana Duarte"]}, "Ana Duarte"), ("summary", {"details": "A <script>"}, "A <script>")])
@pytest.mark.parametrize("status", [401, 403, 405, 406, 410, 411, 415, 451, 501])
@pytest.mark.parametrize("how", ["save", "task"])
def test_whatever_plex_or_a_proxy_before_it_refuses_it_with(world, film, field, value, bad, status, how):
    """A library without performers; a firewall that finds a text dangerous."""
    world.plex.refuses[field] = refuse(bad, status=status)
    world.settings["hookQueueOnly"] = how == "task"

    run = world.save(45, title="Harbour Lights", tags=["Boats"], **value)
    drains = world.tasks()

    assert (film.title, film.genres) == ("Harbour Lights", ["Boats"])
    assert f"HTTP {status}; setting fieldNo" in "".join(each.text("warning") for each in (run, *drains))
    assert f"HTTP {status}; setting fieldNo" in world.status()["failed"][0]["reason"]
    asked = [request.path for request in world.plex.requests].count("/library/sections")
    assert asked <= 2, "one for the index, and one whether Plex answers others"
    world.clear()
    world.save(45)
    world.tasks()
    assert world.plex.writes == []


ALONE = {"title": {"title": "Harbour Lights"}, "summary": {"details": "At night."}, "collection": {"groups": ["Harbour"]},
         "genre": {"tags": ["Boats", "Sea"]}, "actor": {"performers": ["Ana Duarte"]}}


@pytest.mark.parametrize("status", [404, 500])
@pytest.mark.parametrize("field", ALONE)
def test_what_alone_differs_is_named_too_and_sent_no_more(world, film, field, status):
    """A 500 may be a passing trouble of Plex's database: that is tried again twice."""
    world.save(45, title="Quay", details="By the sea.")
    world.plex.refuses[field] = lambda value: status if value else None
    said = [world.save(45, **ALONE[field]).output["reason"]]
    world.tasks()
    for minutes in (1, 3):
        said += [entry["reason"] for entry in world.status()["retrying"]]
        world.later(minutes * 60)
        world.drain()
    said.append(world.status()["failed"][0]["reason"])

    assert len(said) == (2 if status == 404 else 4)
    assert all("setting" in reason and "fieldNo" in reason and f"HTTP {status}" in reason for reason in said), said
    assert "not sent again until it changes" in said[-1] and world.queue() == (0, 0, 1)
    world.clear()
    assert world.save(45).output["result"] == "unchanged" and world.plex.writes == []
    world.plex.refuses.clear()
    world.operation("retry-failed")
    world.drain()
    assert world.queue() == (0, 0, 0)


def test_a_passing_trouble_with_one_value_loses_nothing(world, film):
    world.save(45, title="Quay")
    world.plex.refuses["title"] = refuse("Harbour Lights", status=500)
    world.save(45, title="Harbour Lights")
    world.tasks()
    world.later(60)
    world.drain()
    world.plex.refuses.clear()
    world.later(180)
    world.drain()
    assert film.title == "Harbour Lights" and world.queue() == (0, 0, 0)


@pytest.mark.parametrize("status", [404, 500])
def test_an_item_that_is_gone_or_broken_is_no_matter_of_its_values(world, film, status):
    world.save(45, title="Quay")
    edits = []

    def fails(request):
        edits.extend([request] * (request.method == "PUT"))
        return bool(edits) and (request.method == "PUT" or (status == 404 and request.path == "/library/metadata/1"))

    world.plex.fault(fails, "status", times=None, status=status)
    world.save(45, title="Harbour Lights", tags=["Boats"])
    world.tasks()
    for minutes in (1, 3, 6):
        world.later(minutes * 60)
        world.drain()
    assert edits and world.status()["failed"] == []
    world.plex.clear_faults()
    world.later(8000)
    world.drain()
    assert (film.title, film.genres, world.queue()) == ("Harbour Lights", ["Boats"], (0, 0, 0))


EACH = {     # field of the answer: what Plex calls it, what Stash has, its next value, the setting that leaves it out
    "title": ("title", {"title": "Harbour Lights"}, {"title": "Harbour Night"}, "fieldNoTitle"),
    "summary": ("summary", {"details": "By the sea."}, {"details": "At night."}, "fieldNoSummary"),
    "date": ("originallyAvailableAt", {"date": "2019-05-01"}, {"date": "2019-06-01"}, "fieldNoDate"),
    "studio": ("studio", {"studio": "Lumen House"}, {"studio": "Northwind"}, "fieldNoStudio"),
    "performers": ("actor", {"performers": ["Ana Duarte"]}, {"performers": ["Cy Dee"]}, "fieldNoPerformers"),
    "tags": ("genre", {"tags": ["Boats"]}, {"tags": ["Sea"]}, "fieldNoTags"),
    "rating": ("userRating", {"rating100": 80}, {"rating100": 60}, "fieldNoRating"),
    "director": ("director", {"director": "Mara Lindt"}, {"director": "Li"}, "fieldNoDirector"),
    "collections": ("collection", {"groups": ["Pier"]}, {"groups": ["Low Tide"]}, "fieldNoCollections"),
}


@pytest.mark.parametrize("how", ["save", "task"])
@pytest.mark.parametrize("field", EACH)
def test_whichever_field_it_is_the_others_land_and_it_is_named(world, film, field, how):
    name, refused, other, setting = EACH[field]
    everything = {key: value for _, values, *_ in EACH.values() for key, value in values.items()}
    [bad] = refused.values()
    bad = {"rating": 8.0}.get(field, bad[0] if isinstance(bad, list) else bad)
    world.plex.refuses[name] = refuse(bad, status=422)
    world.settings["hookQueueOnly"] = how == "task"

    run = world.save(45, **everything)
    drains = world.tasks()

    assert {wanted for wanted, *_ in EACH.values()} - film.locked == {name}, "all the others are written"
    [failed] = world.status()["failed"]
    for said in ("".join(each.text("warning") for each in (run, *drains)), failed["reason"]):
        assert field in said and "HTTP 422" in said and f"setting {setting}" in said
    world.clear()
    world.save(45)
    world.tasks()
    assert world.plex.writes == [], "not sent again while its value is the same"
    world.save(45, **other)
    world.tasks()
    assert name in film.locked and world.queue() == (0, 0, 0)


@pytest.mark.parametrize("status", [400, 404, 409, 422, 500])
@pytest.mark.parametrize("field, short, long", [
    ("title", "Quay", "Harbour Lights at night"), ("details", "By the sea.", "By the sea, later at night in the fog."),
    ("studio", "Lumen", "Northwind Pictures of the North")])
def test_a_text_that_plex_finds_too_long_is_named_until_it_is_shorter(world, film, field, short, long, status):
    name = {"details": "summary"}.get(field, field)
    world.plex.refuses[name] = lambda value: status if value and len(value) > 20 else None

    run = world.save(45, date="2019-05-01", tags=["Boats"], **{field: long})

    assert (film.originallyAvailableAt, film.genres) == ("2019-05-01", ["Boats"])
    assert (run.output["result"], run.output["refused"], run.output["fields"]) == ("synced", [name], ["date", "tags"])
    assert f"{name} (" in run.text("warning") and f"HTTP {status}" in run.text("warning")
    assert world.save(45, **{field: short}).output["fields"] == [name]
    assert getattr(film, name) == short and world.queue() == (0, 0, 0)


SMALL = {     # what Stash has, what Plex has and keeps, and what it calls that
    "half a star": ({"rating100": 85}, "userRating", 8.0, "rating"),
    "a day": ({"date": "2024-03-02"}, "originallyAvailableAt", "2024-03-01", "date"),
    "an apostrophe": ({"studio": "Ana\u2019s House"}, "studio", "Ana's House", "studio"),
}


@pytest.mark.parametrize("pushed", [False, True])
@pytest.mark.parametrize("what", SMALL)
def test_a_small_change_that_the_answer_200_does_not_make_is_refused_once(world, film, what, pushed):
    ours, name, theirs, word = SMALL[what]
    if pushed:
        world.save(45, **{"a day": {"date": theirs}, "half a star": {"rating100": 80}}.get(what, {name: theirs}))
    film.put(**{name: theirs})
    inner = world.plex.handle

    def deaf(request):
        if request.method == "PUT":
            request.query = [pair for pair in request.query if not pair[0].startswith(name)]
        return inner(request)

    world.plex.handle = deaf
    run = world.save(45, title="Harbour Lights", **ours)

    assert (run.output["fields"], run.output["refused"]) == (["title"], [word])
    assert word in world.status()["failed"][0]["reason"]
    world.clear()
    world.save(45)
    assert world.plex.writes == []
    world.plex.handle = inner
    world.sync(45)
    assert getattr(film, name) != theirs and world.queue() == (0, 0, 0)


STANDS = {    # how Plex stores it, two values of Stash of which it makes the same, and what it calls them
    "half stars": ("userRating", lambda n: n and round(n * 2) / 2, {"rating100": 83}, {"rating100": 84}, "rating"),
    "whole half stars": ("userRating", lambda n: n and round(n * 2) / 2, {"rating100": 85}, {"rating100": 84}, "rating"),
    "an apostrophe": ("title", curly, {"title": "Ana\u2019s Boat"}, {"title": "Ana's Boat"}, "title"),
}


@pytest.mark.parametrize("what", STANDS)
def test_a_new_value_that_plex_stores_as_the_one_before_is_sent_once(world, film, what):
    name, respell, first, second, word = STANDS[what]
    world.plex.respells[name] = respell
    world.save(45, **first)

    run = world.save(45, **second)

    assert run.output.get("refused", []) == ([word] if what != "half stars" else [])
    world.clear()
    for _ in range(2):
        assert world.save(45).output["kept"] == []
    assert world.plex.writes == []


def test_of_a_list_only_the_names_that_plex_refuses_are_left_out(world, film):
    world.plex.refuses["collection"] = refuse("Harbour")
    world.plex.refuses["genre"] = refuse("Sea", "Fog", status=400)
    world.settings["fieldNoStudioCollection"] = False

    run = world.save(45, groups=["Harbour", "Pier"], studio="Lumen House", tags=["Sea", "Boats", "Fog", "Night"])

    assert run.output["refused"] == ["tags", "collections"]
    assert sorted(film.collections) == ["Lumen House", "Pier"]
    assert film.genres == ["Boats", "Night"]
    assert 'tags "Sea", "Fog" (HTTP 400;' in run.text("warning")
    world.clear()
    run = world.save(45, tags=["Sea", "Boats", "Dawn"])
    assert (film.genres, run.output["fields"]) == (["Boats", "Dawn"], ["tags"])
    assert 'tags "Sea" (as before;' in run.text("warning")


@pytest.mark.parametrize("status", [400, 404, 409, 500])
@pytest.mark.parametrize("bad", [["Tag 00"], ["Tag 47"], ["Tag 00", "Tag 01"], ["Tag 03", "Tag 89"]])
def test_of_many_new_names_only_those_are_left_out(world, film, bad, status):
    world.plex.refuses["genre"] = refuse(*bad, status=status)
    world.settings["hookQueueOnly"] = True
    tags = [f"Tag {number:02}" for number in range(90)]

    world.save(45, tags=tags)
    world.tasks()

    assert film.genres == [tag for tag in tags if tag not in bad]
    assert f"tags {', '.join(f'{chr(34)}{tag}{chr(34)}' for tag in bad)} (HTTP {status};" in world.status()["failed"][0]["reason"]
    assert len(world.plex.writes) <= 2 + 13 * len(bad), "in halves, not one by one"


@pytest.mark.parametrize("status", [404, 500])
@pytest.mark.parametrize("title", ["quay", "Harbour Lights"])
def test_the_first_names_of_a_list_are_not_taken_for_all_of_it(world, film, title, status):
    world.plex.refuses["genre"] = refuse("Fog", "Mist", status=status)

    run = world.save(45, title=title, tags=["Fog", "Mist", "Boats", "Sea"])

    assert film.genres == ["Boats", "Sea"]
    assert 'tags "Fog", "Mist" (HTTP' in run.text("warning")


def test_names_that_were_not_tried_are_not_called_refused(world, film):
    """Plex fails at so many that it may be the item: only in the end all of them are tried."""
    tags = [f"Tag {number:02}" for number in range(32)]
    world.plex.refuses["genre"] = refuse(*tags[:8], status=500)
    world.save(45, tags=tags)
    world.tasks()
    assert len(world.plex.writes) <= 14 and world.status()["failed"] == []
    for minutes in (1, 3):
        world.later(minutes * 60)
        world.drain()
    assert film.genres == tags[8:] and world.queue() == (0, 0, 1)


@pytest.mark.parametrize("ask", ["retry-failed", "sync-scene", "force"])
def test_what_was_refused_is_sent_again_when_a_person_asks(world, film, ask):
    world.plex.refuses["title"] = refuse("Harbour Lights", status=422)
    world.save(45, title="Harbour Lights", details="By the sea.")
    world.plex.refuses.clear()
    assert world.save(45).output["result"] == "unchanged"
    assert world.sync(45, dry_run=True)["fields"] == ["title"]

    if ask == "retry-failed":
        world.operation("retry-failed")
        world.tasks()
    else:
        world.sync(45, force=ask == "force")

    assert film.title == "Harbour Lights"
    assert world.queue() == (0, 0, 0) and world.status()["failed"] == []


def test_a_scene_with_a_refused_value_is_compared_by_sweeps_like_any_other(world, film):
    world.plex.refuses["studio"] = refuse("Lumen House")
    world.save(45, title="Harbour Lights", studio="Lumen House")
    world.operation("sync-all")
    world.tasks()
    world.clear()
    world.operation("sync-all")
    world.tasks()
    assert world.plex.requests == []

    world.stash.library.auto_tag(45, "Night")       # fires no hook
    world.later(25 * 3600)                          # all scenes are compared once a day
    world.drain()
    assert film.genres == ["Night"]


# --- another spelling in Stash --------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["add", "replace"])
def test_a_name_in_another_spelling_is_written_once(world, film, mode):
    world.plex.tag_mode = mode
    world.save(45, tags=["pov", "Sea"])
    world.clear()

    run = world.save(45, tags=["POV", "Sea"], title="Harbour Lights")

    assert sorted(film.genres) == ["POV", "Sea"]
    assert set(run.output["fields"]) == {"title", "tags"}
    edits = [request for request in world.plex.writes if "title.value" in dict(request.query)]
    assert len(edits) == 1 and edits[0].arg("genre[0].tag.tag") is None      # an edit of its own
    assert world.save(45).output["result"] == "unchanged"


LISTS = {"tags": ("genres", "fog", "FOG"), "performers": ("actors", "ana duarte", "Ana Duarte"),
         "groups": ("collections", "low tide", "Low Tide"), "director": ("directors", "mara lindt", "Mara LINDT"),
         "studio": ("collections", "lumen house", "Lumen House"), "accents": ("genres", "\u00e4rger", "\u00c4rger")}


def in_plex(film, theirs):
    """The names that the item has of a kind."""
    return sorted(getattr(name, "name", name) for name in getattr(film, theirs))


@pytest.mark.parametrize("mode", ["add", "replace"])
@pytest.mark.parametrize("ours", LISTS)
def test_so_is_a_name_of_any_list(world, film, ours, mode):
    theirs, before, now = LISTS[ours]
    world.plex.tag_mode = mode
    world.settings["fieldNoStudioCollection"] = False
    ours = "tags" if ours == "accents" else ours
    more = [] if ours in ("director", "studio") else ["Sea"]
    world.save(45, **{ours: [before, *more] if more else before})
    assert in_plex(film, theirs) == sorted([before, *more])

    world.save(45, **{ours: [now, *more] if more else now})

    assert in_plex(film, theirs) == sorted([now, *more])
    world.clear()
    assert world.save(45).output["result"] == "unchanged" and world.plex.writes == []


SHARED = {     # one list in Plex: settings, Stash's values and their settings before and after, what Plex then has
    "groups and studio": ({"fieldNoStudioCollection": False}, {"groups": ["low tide"], "studio": "lumen house"},
                          {"groups": ["Low Tide"], "studio": "Lumen House"}, {}, ["Low Tide", "Lumen House"]),
    "tags and groups": ({"fieldTagsAs": "collections"}, {"tags": ["pov", "Sea"], "groups": ["dusk"]},
                        {"tags": ["POV", "Sea"], "groups": ["Dusk"]}, {}, ["Dusk", "POV", "Sea"]),
    "prefixes": ({"fieldNoStudioCollection": False, "fieldStudioPrefix": "studio: ", "fieldGroupPrefix": "group: "},
                 {"studio": "Lumen", "groups": ["Sea"]}, {}, {"fieldStudioPrefix": "Studio: ", "fieldGroupPrefix": "Group: "},
                 ["Group: Sea", "Studio: Lumen"])}


@pytest.mark.parametrize("folds", [False, True])
@pytest.mark.parametrize("mode", ["add", "replace"])
@pytest.mark.parametrize("what", SHARED)
def test_so_are_names_of_two_fields_that_are_one_list_in_plex(world, film, what, mode, folds):
    settings, before, after, then, there = SHARED[what]
    world.plex.tag_mode, world.plex.folds_tag_case = mode, folds
    world.settings.update(settings)
    world.save(45, **before)
    first = in_plex(film, "collections")
    world.clear()
    world.settings.update(then)

    run = world.save(45, **after)

    assert in_plex(film, "collections") == (first if folds else there)
    assert ("keeps its own spelling" in run.text("info")) == folds
    edits = [request for request in world.plex.writes if "collection" in request.target]
    assert len(edits) == (1 if folds or mode == "replace" else 2), "the list, and what is left of its former names"
    world.clear()
    assert world.save(45).output["result"] == "unchanged" and world.plex.writes == []


@pytest.mark.parametrize("trouble", ["removal", "read-back"])
def test_a_former_spelling_goes_though_the_push_was_cut_short(world, film, trouble):
    world.save(45, tags=["pov", "Sea"])
    inner, hits, edits = world.plex.handle, [], []

    def handle(request):
        edits.extend([request] * (request.method == "PUT"))
        removes = any(name.endswith("tag.tag-") for name, _ in request.query)
        if not hits and edits and (removes if trouble == "removal" else request.method == "GET"):
            hits.append(request)
            return Reply(503, {}, b"")
        return inner(request)

    world.plex.handle = handle
    world.save(45, tags=["POV", "Sea"])
    assert hits and sorted(film.genres) == ["POV", "Sea", "pov"]
    world.tasks()
    world.later(300)
    world.drain()

    assert sorted(film.genres) == ["POV", "Sea"] and world.queue() == (0, 0, 0)
    assert world.save(45).output["result"] == "unchanged"


@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize("mode", ["add", "replace"])
def test_a_name_that_plex_refuses_keeps_no_former_spelling(world, film, mode, status):
    world.plex.tag_mode = mode
    world.save(45, title="Harbour Lights", tags=["pov"])
    world.plex.refuses["genre"] = refuse("Fog", status=status)

    world.save(45, tags=["POV", "Fog", "Sea"])

    assert sorted(film.genres) == ["POV", "Sea"]
    assert 'tags "Fog" (HTTP' in world.status()["failed"][0]["reason"]
    world.clear()
    assert world.save(45).output["result"] == "unchanged" and world.plex.writes == []


KINDS = {"tag": ("genres", "tags"), "performer": ("actors", "performers"), "group": ("collections", "groups"),
         "studio": ("collections", "studio")}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("folds", [False, True])
def test_what_is_renamed_in_stash_itself_reaches_all_its_scenes_once(world, kind, folds):
    theirs, ours = KINDS[kind]
    world.settings["fieldNoStudioCollection"] = False
    films = [world.film(number, f"quay {number}", title="Quay", **{ours: "pov" if ours == "studio" else ["pov"]})
             for number in (1, 2, 3)]
    world.index()
    world.plex.folds_tag_case = folds
    world.operation("sync-all")
    world.tasks()
    assert [in_plex(film, theirs) for film in films] == [["pov"]] * 3

    world.check(*world.stash.update(kind, world.stash.library.by_name(kind, "pov"), name="POV"))
    runs = world.tasks()

    assert [in_plex(film, theirs) for film in films] == [["pov" if folds else "POV"]] * 3
    assert ('Plex keeps its own spelling "pov" of "POV"' in "".join(run.text("info") for run in runs)) == folds
    world.clear()
    world.stash.run_task("Reconcile")
    world.tasks()
    assert world.plex.writes == [] and world.queue() == (0, 0, 0)


def test_a_spelling_that_plex_keeps_is_told_once(world, film):
    world.plex.folds_tag_case = True
    world.save(45, tags=["pov"])

    run = world.save(45, tags=["POV"])

    assert film.genres == ["pov"]
    assert 'Plex keeps its own spelling "pov" of "POV" (tags)' in run.text("info")
    world.clear()
    again = world.save(45)
    assert (again.output["result"], world.plex.writes) == ("unchanged", [])
    assert world.save(45, tags=[]).output["fields"] == ["tags"] and film.genres == []


# --- reset ----------------------------------------------------------------------------------------------------------


def match_anew(item):
    """Plex forgets what was written to an item, and its locks."""
    item.locked.clear()
    item.refresh()


FIELDS = {"title": "Harbour Lights", "details": "By the sea.", "date": "2019-05-01", "studio": "Lumen House",
          "tags": ["Boats"], "performers": ["Ana Duarte"], "groups": ["Pier"]}


@pytest.mark.parametrize("keep", [False, True])
def test_what_plex_lost_with_its_locks_is_written_again(world, film, keep):
    world.settings["fieldKeepPlexEdits"] = keep
    world.settings["fieldNoStudioCollection"] = False
    film.agent.update(title="quay", summary="An agent's words.")
    film.refresh()
    written = world.save(45, **FIELDS).output["fields"]
    match_anew(film)
    assert film.title == "quay"

    run = world.save(45)

    lost = {"title", "summary", "date", "studio", "tags", "performers", "collections", "studio_collection"}
    assert set(run.output["fields"]) == lost & set(written)
    assert run.output["kept"] == ([] if "summary" in written else ["summary"])
    assert (film.title, film.genres, sorted(film.collections)) == ("Harbour Lights", ["Boats"], ["Lumen House", "Pier"])
    assert "Plex had lost" in run.text("info")
    assert world.save(45).output["result"] == "unchanged"


@pytest.mark.parametrize("title", [None, "An agent's title", "Named in Plex"])
def test_so_is_a_sort_title_whatever_the_title_is_now(world, film, title):
    """Plex shows none then, and sorts by the title."""
    world.settings["fieldSortTitleFormat"] = "{date} {title}"
    world.save(45, **FIELDS)
    film.agent["title"] = title or "quay"
    match_anew(film)
    if title == "Named in Plex":
        film.edit(title=title)

    run = world.save(45)

    assert film.titleSort == "2019-05-01 Harbour Lights" and "sort_title" in run.output["fields"]
    assert run.output["kept"] == (["title"] if title else [])


def test_a_sort_title_that_a_person_gives_stays(world, film):
    world.settings["fieldSortTitleFormat"] = "{date} {title}"
    world.save(45, **FIELDS)
    film.edit(titleSort="Harbour Lights")

    assert world.save(45).output["kept"] == ["sort_title"]


def test_what_a_person_edited_stays_though_the_rest_was_lost(world, film):
    world.save(45, **FIELDS)
    match_anew(film)
    film.edit(summary="At night.")

    run = world.save(45)

    assert run.output["kept"] == ["summary"] and film.summary == "At night."
    assert film.title == "Harbour Lights"


@pytest.mark.parametrize("title", ["quay", ""])
@pytest.mark.parametrize("way", ["save", "task", "sync-scene"])
def test_what_is_unmatched_is_written_again_by_whoever_comes(world, film, way, title):
    world.save(45, **FIELDS)
    film.locked.clear()
    film.put(title=title, summary=None, studio=None, originallyAvailableAt=None, genres=[], actors=[], collections=[])

    if way == "task":
        world.queue_only(45)
        run = world.drain()
    else:
        run = world.save(45) if way == "save" else world.operation("sync-scene", scene_id="45")

    assert (film.title, film.summary, film.studio) == ("Harbour Lights", "By the sea.", "Lumen House")
    assert (film.originallyAvailableAt, film.genres, film.collections) == ("2019-05-01", ["Boats"], ["Pier"])
    assert [actor.name for actor in film.actors] == ["Ana Duarte"] and "title" in film.locked
    assert "Plex had lost" in run.text("info") and "left to Plex" not in run.text()


def test_what_is_unlocked_and_holds_something_new_is_an_edit(world, film):
    world.save(45, **FIELDS)
    film.edit(title="Named in Plex", genres=["By hand"])
    film.locked.clear()

    run = world.save(45)

    assert set(run.output["kept"]) == {"title", "tags"}
    assert (film.title, film.genres) == ("Named in Plex", ["By hand"])


def test_a_rating_that_somebody_takes_away_in_plex_stays_away(world, film):
    """Plex does not say that a rating is locked; so its lock is not missed either."""
    world.plex.never_locks.add("userRating")
    world.save(45, rating100=80)
    film.userRating = None

    assert world.save(45).output["kept"] == ["rating"]


REMOVED = {"tags": ("genres", "fieldNoTags"), "groups": ("collections", "fieldNoCollections"),
           "performers": ("actors", "fieldNoPerformers")}


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("field", REMOVED)
def test_a_name_that_plex_does_not_remove_is_told_and_tried_again_by_a_person(world, film, field, status):
    theirs, setting = REMOVED[field]
    world.save(45, **{field: ["Boats", "Sea"]})
    inner = world.plex.handle

    def keeps(request):
        """It adds names, and takes none away."""
        if request.method == "PUT" and any(name.endswith("tag.tag-") for name, _ in request.query):
            if status != 200:
                return Reply(status, {"Content-Type": "text/html"}, b"")
            request.query = [(name, value) for name, value in request.query if not name.endswith("tag.tag-")]
        return inner(request)

    world.plex.handle = keeps
    told = world.save(45, **{field: ["Sea"]})
    assert 'the removal of "Boats" from' in told.text("warning") and setting in told.text("warning")
    assert told.output["refused"] and world.queue() == (0, 0, 1)
    world.clear()
    assert world.save(45, title="Harbour Lights").output["fields"] == ["title"]
    assert not [write for write in world.plex.writes if "tag-" in write.target]

    world.plex.handle = inner
    world.operation("retry-failed")
    world.tasks()

    assert in_plex(film, theirs) == ["Sea"] and world.queue() == (0, 0, 0)


@pytest.mark.parametrize("title", ["quay", "Harbour"])
def test_a_name_at_which_plex_fails_takes_no_other_with_it(world, film, title):
    world.plex.refuses["genre"] = refuse("Fog", status=500)

    world.save(45, title=title, tags=["Fog", "Boats"])

    assert film.genres == ["Boats"]
