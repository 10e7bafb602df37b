"""What an edit changes in Plex: texts, and what decides whether anything is written at all.

"What you change in Stash goes to Plex. What you change in Plex stays, until you
change the same field in Stash."
"""

import pytest

LONG = "海上的灯光。" * 200          # 1,200 characters, 10,800 bytes in a URL


def again(world, number=45):
    """The same event once more."""
    return world.save(number).output


def puts(world):
    """The edits; each names one item and its type."""
    for request in world.plex.writes:
        assert request.arg("id").isdigit() and request.arg("type") == "1", request
    return world.plex.writes


# --- who wins -------------------------------------------------------------------------------------


def test_a_change_in_stash_goes_to_plex_and_is_locked(world, film):
    for texts in (("Harbour Lights", "By the sea.", "2019-05-01", "Northwind Pictures"),
                  ("Harbour Night", "At night.", "2020-06-02", "Lumen House")):
        title, details, date, studio = texts
        output = world.save(45, title=title, details=details, date=date, studio=studio).output
        assert (output["result"], output["fields"], output["kept"]) == \
            ("synced", ["title", "summary", "date", "studio"], [])
        assert (film.title, film.summary, film.originallyAvailableAt, film.studio) == texts
    assert film.locked == {"title", "summary", "originallyAvailableAt", "studio"}
    world.clear()
    assert again(world)["result"] == "unchanged"
    assert puts(world) == []


def test_a_change_in_plex_stays_until_stash_changes_the_same_field(world, film):
    world.save(45, details="By the sea.")
    film.edit(summary="At night.")

    run = world.save(45, title="Harbour Lights")

    assert (run.output["result"], run.output["fields"], run.output["kept"]) == ("synced", ["title"], ["summary"])
    assert film.summary == "At night."
    assert "left to Plex: summary" in run.text("info")
    assert world.save(45, details="In fog.").output["fields"] == ["summary"]
    assert film.summary == "In fog."


def test_edits_in_plex_stay_in_any_case_if_the_user_wants_that_and_force_makes_stash_win(world, film):
    world.settings["fieldKeepPlexEdits"] = True
    world.save(45, details="By the sea.")
    assert world.save(45, details="At night.").output["fields"] == ["summary"]      # nobody edited it in Plex
    film.edit(summary="By hand.")

    output = world.save(45, details="In fog.").output

    assert (output["fields"], output["kept"], film.summary) == ([], ["summary"], "By hand.")
    assert world.sync(45, force=True)["fields"] == ["summary"]
    assert film.summary == "In fog."


def test_what_plex_had_before_the_first_push_is_replaced_or_kept_as_the_user_wants(world, film):
    """A title that nobody gave counts as none: Plex makes it of the file's name, and it is not locked."""
    film.edit(summary="By hand.")
    world.settings["fieldKeepPlexEdits"] = True

    output = world.save(45, title="Harbour Lights", details="By the sea.").output
    assert (output["fields"], output["kept"], film.summary) == (["title"], ["summary"], "By hand.")

    world.settings["fieldKeepPlexEdits"] = False
    assert again(world)["fields"] == ["summary"]
    assert film.summary == "By the sea."


# --- what is empty ----------------------------------------------------------------------------------


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


# --- which scenes, which fields ------------------------------------------------------------------------


def test_only_organized_scenes_if_the_user_wants_that(world, film):
    world.settings["sceneOnlyOrganized"] = True

    run = world.save(45, title="Harbour Lights")
    assert run.output["result"] == "ignored" and "sceneOnlyOrganized" in run.output["reason"]
    assert world.plex.requests == []

    assert world.save(45, organized=True).output["result"] == "synced"


def test_a_field_that_is_left_out_is_not_written_and_gets_the_value_of_then_when_it_is_back(world, film):
    world.save(45, details="By the sea.", tags=["Boats"])
    world.settings.update({"fieldNoSummary": True, "fieldNoTags": True})
    world.clear()
    assert world.save(45, title="Quay", details="At night.", tags=["Fog"]).output["fields"] == ["title"]
    assert not any(name.startswith(("summary", "genre")) for request in puts(world) for name, _ in request.query)

    world.settings.update({"fieldNoSummary": False, "fieldNoTags": False})

    assert again(world)["fields"] == ["summary", "tags"]
    assert (film.summary, film.genres) == ("At night.", ["Fog"])


# --- dry runs ---------------------------------------------------------------------------------------------


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(world, film):
    world.stash.library.update_scene(45, {"details": "By the sea."})

    output = world.sync(45, dry_run=True)

    assert (output["result"], output["fields"], output["dry_run"]) == ("synced", ["summary"], True)
    assert puts(world) == []
    assert world.status()["queue"]["ready"] == 0
    assert world.sync(45)["fields"] == ["summary"]


# --- texts as they are --------------------------------------------------------------------------------------


TEXT = """  Two paragraphs.

„Quotes“ – dashes… 'single' "double"
Tabs\tand  blanks, 100% & <more>; a+b=c?#/\\
🎬 👩‍👩‍👧 🏳️‍🌈 שלום עולם — مرحبا Zu\u0308rich
windows\r
line, wide blank\u3000"""


@pytest.mark.parametrize("trims", [False, True])
def test_a_text_arrives_as_it_is_and_is_not_written_twice(world, film, trims):
    world.plex.trims_values = trims

    assert world.save(45, details=TEXT).output["fields"] == ["summary"]

    assert film.summary.strip() == TEXT.replace("\r", "").strip()
    output = again(world)
    assert (output["result"], output["kept"]) == ("unchanged", [])


def test_python_plexapi_reads_what_was_written(world, film):
    text = "Two paragraphs.\n\n„Quotes“ & <more> 100% 🎬"
    world.save(45, title="Sea, Fog & Co.", details=text, date="2019-05", studio="Ängel & Co",
               performers=["Ana Duarte"], tags=["C, D", "\"quoted\""])

    video = world.client().fetchItem(film.id)

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


@pytest.mark.parametrize("answer", [414, "reset"])
def test_a_text_that_is_refused_for_its_length_is_reported_and_the_rest_is_written(world, film, answer):
    world.plex.max_url, world.plex.max_url_answer = 8000, answer

    run = world.save(45, title="Harbour Lights", details=LONG)

    assert (run.output["result"], run.output["fields"], run.output["refused"]) == ("synced", ["title"], ["summary"])
    assert "summary" in run.text("warning")
    assert (film.title, film.summary) == ("Harbour Lights", None)
    [listed] = world.status()["failed"]
    assert "summary (it is longer than" in listed["reason"] or "summary (HTTP 4" in listed["reason"]

    world.plex.max_url = None
    assert again(world)["refused"] == ["summary"]           # not tried again,
    world.operation("retry-failed")                         # until somebody asks
    world.tasks()
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


@pytest.mark.parametrize("fault, wanted", [("reset_after_apply", "Newer."), ("reset_before", "Old.")])
def test_a_push_that_broke_off_is_finished_and_looks_like_nobodys_edit(world, film, fault, wanted):
    world.save(45, details="Old.", studio="Northwind Pictures")
    world.plex.fault(("PUT", ".*"), fault, times=2)     # curl repeats it once on a fresh connection
    run = world.save(45, details="New.")
    assert run.output["result"] == "queued" and run.text("warning")
    world.plex.clear_faults()
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
