"""What an edit changes in Plex: texts, and what decides whether anything is written at all.

"What you change in Stash goes to Plex. What you change in Plex stays, until you
change the same field in Stash."
"""

import pytest

# Stash's field, Plex's field, the word in our answers, and three values of it
FIELDS = [
    ("title", "title", "title", "Harbour Lights", "Harbour Night", "Sea Fog"),
    ("details", "summary", "summary", "By the sea.", "At night.", "In fog."),
    ("date", "originallyAvailableAt", "date", "2019-05-01", "2020-06-02", "2021-07-03"),
    ("studio", "studio", "studio", "Northwind Pictures", "Lumen House", "Quayside"),
]
fields = pytest.mark.parametrize("ours, theirs, word, a, b, c", FIELDS, ids=[row[0] for row in FIELDS])

LONG = "海上的灯光。" * 200          # 1,200 characters, 10,800 bytes in a URL


@pytest.fixture
def film(world):
    """Scene 45 and its item, in an index that is current."""
    item = world.film(45, "quay")
    world.index()
    return item


def again(world, number=45):
    """The same event once more."""
    return world.save(number).output


def puts(world):
    """The edits; each names one item and its type."""
    for request in world.plex.writes:
        assert request.arg("id").isdigit() and request.arg("type") == "1", request
    return world.plex.writes


# --- who wins -------------------------------------------------------------------------------------


@fields
def test_a_change_in_stash_goes_to_plex_and_is_locked(world, film, ours, theirs, word, a, b, c):
    for value in (a, b):
        output = world.save(45, **{ours: value}).output
        assert (output["result"], output["fields"], output["kept"]) == ("synced", [word], [])
        assert getattr(film, theirs) == value
    assert film.locked == {theirs}
    world.clear()
    assert again(world)["result"] == "unchanged"
    assert puts(world) == []


@fields
def test_a_change_in_plex_stays_while_stash_says_the_same(world, film, ours, theirs, word, a, b, c):
    world.save(45, **{ours: a})
    film.edit(**{theirs: b})

    run = world.save(45, **{"title" if ours != "title" else "details": "Something else"})

    assert (run.output["result"], run.output["kept"]) == ("synced", [word])
    assert getattr(film, theirs) == b
    assert f"left to Plex: {word}" in run.text("info")


@fields
def test_a_later_change_in_stash_wins_over_the_one_in_plex(world, film, ours, theirs, word, a, b, c):
    world.save(45, **{ours: a})
    film.edit(**{theirs: b})

    assert world.save(45, **{ours: c}).output["fields"] == [word]
    assert getattr(film, theirs) == c


@fields
def test_edits_in_plex_stay_in_any_case_if_the_user_wants_that(world, film, ours, theirs, word, a, b, c):
    world.settings["fieldKeepPlexEdits"] = True
    world.save(45, **{ours: a})
    assert world.save(45, **{ours: b}).output["fields"] == [word]      # nobody edited it in Plex
    film.edit(**{theirs: a})

    output = world.save(45, **{ours: c}).output

    assert (output["fields"], output["kept"]) == ([], [word])
    assert getattr(film, theirs) == a


@fields
def test_force_makes_stash_win(world, film, ours, theirs, word, a, b, c):
    world.settings["fieldKeepPlexEdits"] = True
    world.save(45, **{ours: a})
    film.edit(**{theirs: b})
    assert again(world)["kept"] == [word]

    assert world.sync(45, force=True)["fields"] == [word]
    assert getattr(film, theirs) == a


@fields
def test_what_plex_had_before_the_first_push_is_replaced_or_kept_as_the_user_wants(
        world, film, ours, theirs, word, a, b, c):
    film.edit(**{theirs: b})
    world.settings["fieldKeepPlexEdits"] = True

    output = world.save(45, **{ours: a}).output
    assert (output["fields"], output["kept"], getattr(film, theirs)) == ([], [word], b)

    world.settings["fieldKeepPlexEdits"] = False
    assert again(world)["fields"] == [word]
    assert getattr(film, theirs) == a


def test_a_title_that_nobody_gave_is_nobodys_edit(world, film):
    """Plex makes it of the file's name; until somebody edits it, it is not locked."""
    world.settings["fieldKeepPlexEdits"] = True

    assert world.save(45, title="Harbour Lights").output["fields"] == ["title"]


# --- what is empty ----------------------------------------------------------------------------------


@fields
def test_clearing_a_field_in_stash_clears_what_came_from_there(world, film, ours, theirs, word, a, b, c):
    world.save(45, **{ours: a})

    output = world.save(45, **{"studio_id" if ours == "studio" else ours: None}).output

    if ours == "title":
        assert (output["result"], film.title) == ("unchanged", a)
    else:
        assert (output["fields"], getattr(film, theirs)) == ([word], None)
        assert again(world)["result"] == "unchanged"


@fields
def test_an_empty_field_that_never_was_filled_leaves_plex_alone(world, film, ours, theirs, word, a, b, c):
    film.edit(**{theirs: b})
    world.save(45, **{"details" if ours == "title" else "title": "Something else"})

    world.save(45, **{"details" if ours == "title" else "title": "And another"})

    assert getattr(film, theirs) == b


def test_nothing_is_blanked_by_a_scene_that_lost_everything_before_its_first_push(world, film):
    film.edit(title="T", summary="S", studio="St", genres=["G"], actors=["A"], originallyAvailableAt="2001-02-03")

    run = world.save(45, organized=True)

    assert (run.output["result"], run.output["reason"]) == ("ignored", "nothing is known about it yet")
    assert world.plex.requests == []
    assert world.status()["queue"]["ready"] == 0


def test_a_scene_that_was_pushed_and_lost_everything_is_cleared(world, film):
    world.save(45, title="T", details="S", studio="Lumen House", tags=["Boats"], performers=["Ana Duarte"])

    output = world.save(45, title="", details="", studio_id=None, tags=[], performers=[]).output

    assert output["fields"] == ["summary", "studio", "performers", "tags"]
    assert (film.title, film.summary, film.studio, film.genres, film.actors) == ("T", None, None, [], [])


@pytest.mark.parametrize("stash, plex", [("2019", "2019-01-01"), ("2019-05", "2019-05-01")])
def test_a_date_that_is_not_a_day_becomes_the_first(world, film, stash, plex):
    assert world.save(45, date=stash).output["fields"] == ["date"]
    assert film.originallyAvailableAt == plex
    assert again(world)["result"] == "unchanged"


# --- which scenes, which fields ------------------------------------------------------------------------


def test_only_organized_scenes_if_the_user_wants_that(world, film):
    world.settings["sceneOnlyOrganized"] = True

    run = world.save(45, title="Harbour Lights")
    assert run.output["result"] == "ignored" and "sceneOnlyOrganized" in run.output["reason"]
    assert world.plex.requests == []

    assert world.save(45, organized=True).output["result"] == "synced"


def test_a_scene_with_the_skip_tag_is_left_alone(world, film):
    world.settings["sceneSkipTag"] = "not in plex"

    run = world.save(45, title="Harbour Lights", tags=["Not in Plex"])
    assert run.output["result"] == "ignored" and "sceneSkipTag" in run.output["reason"]
    assert world.plex.requests == []

    assert world.save(45, tags=[]).output["result"] == "synced"


@pytest.mark.parametrize("setting, word", [
    ("fieldNoTitle", "title"), ("fieldNoSummary", "summary"), ("fieldNoDate", "date"), ("fieldNoStudio", "studio"),
    ("fieldNoPerformers", "performers"), ("fieldNoTags", "tags")])
@pytest.mark.parametrize("value", [True, "true", 1])
def test_a_field_can_be_left_out(world, film, setting, word, value):
    world.settings[setting] = value

    output = world.save(45, title="Harbour Lights", details="By the sea.", date="2019-05-01", studio="Lumen House",
                        performers=["Ana Duarte"], tags=["Boats"]).output

    assert output["fields"] == [f for f in ("title", "summary", "date", "studio", "performers", "tags") if f != word]
    assert not any(name.startswith({"summary": "summary", "date": "originallyAvailableAt", "performers": "actor",
                                    "tags": "genre"}.get(word, word)) for r in puts(world) for name, _ in r.query)


def test_a_field_that_is_pushed_again_later_gets_the_value_of_then(world, film):
    world.save(45, details="By the sea.")
    world.settings["fieldNoSummary"] = True
    assert world.save(45, details="At night.").output["result"] == "unchanged"

    world.settings["fieldNoSummary"] = False

    assert again(world)["fields"] == ["summary"]
    assert film.summary == "At night."


# --- dry runs ---------------------------------------------------------------------------------------------


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(world, film):
    world.stash.library.update_scene(45, {"details": "By the sea."})

    output = world.sync(45, dry_run=True)

    assert (output["result"], output["fields"], output["dry_run"]) == ("synced", ["summary"], True)
    assert puts(world) == []
    assert world.status()["queue"]["ready"] == 0
    assert world.sync(45)["fields"] == ["summary"]


# --- texts as they are --------------------------------------------------------------------------------------


@pytest.mark.parametrize("trims", [False, True])
@pytest.mark.parametrize("text", [
    "Two paragraphs.\n\n„Quotes“ – dashes… 'single' \"double\"", "Tabs\tand  blanks", "100% & <more>; a+b=c?#/\\",
    "🎬 👩‍👩‍👧 🏳️‍🌈", "שלום עולם — مرحبا", "Zu\u0308rich", "  blanks around \n", "wide blank\u3000", "windows\r\nline"])
def test_a_text_arrives_as_it_is_and_is_not_written_twice(world, film, text, trims):
    world.plex.trims_values = trims

    assert world.save(45, details=text).output["fields"] == ["summary"]

    assert film.summary.strip() == text.replace("\r", "").strip()
    output = again(world)
    assert (output["result"], output["kept"]) == ("unchanged", [])


def test_what_xml_cannot_carry_goes(world, film):
    world.save(45, details="one\x0btwo\x01\ufffe", title="Harbour\nLights\t")

    assert (film.summary, film.title) == ("onetwo", "Harbour Lights")
    assert again(world)["result"] == "unchanged"


def test_python_plexapi_reads_what_was_written(world, film):
    import requests
    from plexapi.server import PlexServer
    session = requests.Session()
    session.trust_env = False
    text = "Two paragraphs.\n\n„Quotes“ & <more> 100% 🎬"
    world.save(45, title="Sea, Fog & Co.", details=text, date="2019-05", studio="Ängel & Co",
               performers=["Ana Duarte"], tags=["C, D", "\"quoted\""])

    video = PlexServer(world.plex.url, world.plex.token, session=session).fetchItem(film.id)

    assert (video.title, video.summary, video.studio) == ("Sea, Fog & Co.", text, "Ängel & Co")
    assert video.originallyAvailableAt.strftime("%Y-%m-%d") == "2019-05-01"
    assert [tag.tag for tag in video.genres] == ["C, D", "\"quoted\""]
    assert [role.tag for role in video.roles] == ["Ana Duarte"]
    assert all(field.locked for field in video.fields)
    assert video.isLocked("summary")


# --- long ones -----------------------------------------------------------------------------------------------


def test_a_long_text_goes_alone_and_last_and_nothing_else_is_longer_than_8_kilobytes(world, film):
    output = world.save(45, title="Harbour Lights", details=LONG, studio="Lumen House", tags=["Boats"]).output

    assert output["fields"] == ["title", "summary", "studio", "tags"]
    assert film.summary == LONG
    first, last = puts(world)
    assert len(world.plex.url) + len(first.target) <= 8000 < len(last.target)
    assert [name for name, _ in last.query] == ["type", "id", "summary.value", "summary.locked"]


def test_much_is_split_into_several_requests(world, film):
    world.save(45, details="海" * 500, tags=[f"标签标签标签 {i}" for i in range(40)],
               performers=[f"演员演员演员 {i}" for i in range(40)])

    assert len(puts(world)) > 1
    assert all(len(world.plex.url) + len(request.target) <= 8000 for request in puts(world))
    assert (len(film.summary), len(film.genres), len(film.actors)) == (500, 40, 40)


@pytest.mark.parametrize("answer", [414, 400, "reset"])
def test_a_text_that_is_refused_for_its_length_is_reported_and_the_rest_is_written(world, film, answer):
    world.plex.max_url, world.plex.max_url_answer = 8000, answer

    run = world.save(45, title="Harbour Lights", details=LONG)

    assert (run.output["result"], run.output["fields"], run.output["refused"]) == ("synced", ["title"], ["summary"])
    assert "summary" in run.text("warning")
    assert (film.title, film.summary) == ("Harbour Lights", None)
    assert world.status()["queue"] | {"due": 0} == {"ready": 0, "due": 0, "waiting": 0, "failed": 0}

    world.plex.max_url = None
    assert again(world)["fields"] == ["summary"]
    assert film.summary == LONG


def test_a_server_that_dies_at_the_long_text_did_not_refuse_it(world, film):
    down = []

    def dying(request):
        down.extend([1] * (len(request.target) > 8000))
        return bool(down)

    world.plex.fault(dying, "reset_before", times=None)

    run = world.save(45, title="Harbour Lights", details=LONG)

    assert world.status()["queue"]["ready"] == 1, run.output
    world.plex.clear_faults()
    world.clock(minutes=5)
    world.drain()
    assert (film.title, film.summary) == ("Harbour Lights", LONG)


# --- a push whose end nobody saw ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["reset_after_apply", "reset_before"])
@pytest.mark.parametrize("then", ["the same", "another value", "the old value"])
def test_a_push_that_broke_off_is_finished_and_looks_like_nobodys_edit(world, film, fault, then):
    world.save(45, details="Old.", studio="Northwind Pictures")
    world.plex.fault(("PUT", ".*"), fault, times=2)     # curl repeats it once on a fresh connection
    run = world.save(45, details="New.")
    assert run.error and "queued" in run.error
    world.plex.clear_faults()
    wanted = {"the same": "New.", "another value": "Newer.", "the old value": "Old."}[then]
    world.stash.library.update_scene(45, {"details": wanted})
    world.clock(minutes=5)

    output = world.drain().output

    assert (output["synced"] + output["unchanged"], film.summary) == (1, wanted)
    world.clear()
    output = again(world)
    assert (output["result"], output["kept"], puts(world)) == ("unchanged", [], [])
    film.edit(summary="By hand.")
    assert again(world)["kept"] == ["summary"]


def test_a_failing_item_does_not_lose_what_was_written_before(world, film):
    """Two requests, and the second one fails: the first one's fields are not repeated."""
    world.plex.fault(lambda request: "genre.locked" in request.target, "status", status=500)
    world.save(45, title="Harbour Lights", tags=[f"标签标签标签 {i}" for i in range(60)],
               performers=[f"演员演员演员 {i}" for i in range(60)])
    world.clear()
    world.clock(minutes=5)

    world.drain()

    assert (film.title, len(film.genres), len(film.actors)) == ("Harbour Lights", 60, 60)
    assert not any("title.value" in request.target for request in puts(world))
