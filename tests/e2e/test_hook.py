"""One scene, from Save in Stash to Plex."""

import pytest


def test_save_writes_the_scene_to_plex(world):
    item = world.film(45, "Harbour Lights", item={"genres": ["Drama"]})
    world.index()

    run = world.save(45, title="Harbour Lights", details="By the sea.\n\nAt night.", date="2019-05",
                     studio="Northwind Pictures", performers=["Ana Duarte"], tags=["Boats"])

    assert run.output["result"] == "synced"
    assert run.output["fields"] == ["summary", "date", "studio", "performers", "tags"]
    assert item.title == "Harbour Lights"
    assert item.summary == "By the sea.\n\nAt night."
    assert str(item.originallyAvailableAt) == "2019-05-01"
    assert item.studio == "Northwind Pictures"
    assert [actor.name for actor in item.actors] == ["Ana Duarte"]
    assert item.genres == ["Drama", "Boats"]
    assert item.locked == {"summary", "originallyAvailableAt", "studio", "actor", "genre"}


def test_second_save_without_change_writes_nothing(world):
    world.film(45, "Harbour Lights", title="Harbour Lights", studio="Northwind Pictures")
    world.index()
    world.save(45, details="By the sea.")
    world.clear()

    run = world.save(45, details="By the sea.")

    assert run.output["result"] == "unchanged"
    assert world.plex.counts() == {"GET /library/metadata/1": 1}
    assert len(run.operations) == 1


# --- what a save costs -------------------------------------------------------------------------


def test_an_unchanged_scene_costs_one_request_to_each(world):
    world.film(45, "Harbour Lights", title="Harbour Lights", studio="Northwind Pictures")
    world.index()
    world.save(45, details="By the sea.")
    world.clear()

    world.save(45, details="By the sea.")

    assert world.request_count() == (1, 1)


def test_a_changed_text_costs_two_requests_more(world):
    world.film(45, "Harbour Lights", title="Harbour Lights")
    world.index()

    run = world.save(45, details="By the sea.")

    assert run.output["result"] == "synced"
    assert world.request_count() == (1, 3)
    assert world.plex.counts() == {"GET /library/metadata/1": 2, f"PUT /library/sections/{world.films.id}/all": 1}


def test_changed_tags_are_read_back(world):
    world.film(45, "Harbour Lights", title="Harbour Lights")
    world.index()

    world.save(45, details="By the sea.", tags=["Boats"], performers=["Ana Duarte"])

    assert world.request_count() == (1, 3)
    assert world.plex.counts() == {"GET /library/metadata/1": 2, f"PUT /library/sections/{world.films.id}/all": 1}


def test_a_queued_hook_only_asks_for_a_drain_and_the_next_one_for_nothing(world):
    world.film(45, "Harbour Lights", title="Harbour Lights")
    world.film(46, "Night Ferry", title="Night Ferry")
    world.index()
    world.stash.hold_jobs = True

    [first] = world.stash.hook("Scene.Create.Post", 45)
    [second] = world.stash.hook("Scene.Create.Post", 46)

    world.check(first, second)
    assert first.output["result"] == second.output["result"] == "queued"
    assert first.operations == [["runPluginTask"]]
    assert not second.requests
    assert world.request_count() == (1, 0)
    assert world.queue() == (2, 0, 0)


# --- calm or queued ----------------------------------------------------------------------------


def test_a_scan_that_finds_a_new_file_only_queues_it(world):
    item = world.films.add_item(file="/data/films/Harbour Lights.mp4", size=7)
    world.index()
    world.stash.hold_jobs = True

    [run] = world.stash.scan_new("/data/films/Harbour Lights.mp4", size=7, title="Harbour Lights",
                                 details="By the sea.")

    world.check(run)
    assert run.output["result"] == "queued"
    assert not world.plex.requests
    world.stash.hold_jobs = False
    world.tasks()
    assert item.summary == "By the sea."
    assert world.queue() == (0, 0, 0)


def test_a_scan_that_finds_a_file_changed_only_queues_its_scene(world):
    item = world.film(45, "Harbour Lights", title="Harbour Lights", details="By the sea.")
    world.index()

    [run] = world.stash.scan_changed(45)
    world.check(run)
    world.tasks()

    assert run.output["result"] == "queued"
    assert not item.locked & {"title"}
    assert item.summary == "By the sea."


def test_bulk_edit_of_one_scene_is_pushed_at_once(world):
    item = world.film(45, "Harbour Lights", title="Harbour Lights")
    world.index()

    [run] = world.stash.bulk_update_scenes([45], details="By the sea.")

    world.check(run)
    assert run.output["result"] == "synced"
    assert item.summary == "By the sea."


def test_hook_queue_only_is_obeyed_from_the_first_hook_on(world):
    item = world.film(45, "Harbour Lights", title="Harbour Lights")
    world.index()
    world.settings["hookQueueOnly"] = True
    world.stash.hold_jobs = True

    learned = world.save(45, details="By the sea.")
    known = world.save(45, details="At night.")

    assert learned.output["result"] == known.output["result"] == "queued"
    assert learned.operations == [["configuration", "findScene"], ["runPluginTask"]]
    assert not known.requests
    assert not world.plex.requests
    world.stash.hold_jobs = False
    world.tasks()
    assert item.summary == "At night."


def test_hook_queue_only_switched_off_counts_after_the_next_drain(world):
    world.film(45, "Harbour Lights", title="Harbour Lights")
    world.index()
    world.settings["hookQueueOnly"] = True
    world.save(45, details="By the sea.")
    world.tasks()
    world.settings["hookQueueOnly"] = False

    queued = world.save(45, details="At night.")
    world.tasks()
    calm = world.save(45, details="At dawn.")

    assert (queued.output["result"], calm.output["result"]) == ("queued", "synced")


def test_while_one_save_talks_to_plex_the_next_one_is_queued(world):
    slow = world.film(45, "Harbour Lights", title="Harbour Lights")
    other = world.film(46, "Night Ferry", title="Night Ferry")
    world.index()
    world.stash.hold_jobs = True
    held = world.hold_plex("GET")

    first = world.meanwhile(world.save, 45, details="By the sea.")
    held.wait()
    second = world.save(46, details="On the river.")
    held.release()
    first()

    assert second.output["result"] == "queued"
    assert second.operations == [["runPluginTask"]]
    world.stash.hold_jobs = False
    world.tasks()
    assert (slow.summary, other.summary) == ("By the sea.", "On the river.")
    assert world.queue() == (0, 0, 0)


def test_a_save_of_the_scene_that_a_drain_pushes_runs_again(world):
    item = world.film(45, "Harbour Lights", title="Harbour Lights", details="By the sea.")
    world.index()
    held = world.hold_plex()

    world.check(*world.stash.hook("Scene.Update.Post", 45))
    held.wait()
    run = world.save(45, details="At night.")
    held.release()
    [drain] = world.tasks()

    assert run.output["result"] == "queued"
    assert not run.requests
    assert drain.output["synced"] == 2
    assert item.summary == "At night."
    assert world.queue() == (0, 0, 0)


# --- a slow Plex, a dead Plex, a wrong token -----------------------------------------------------


def test_a_slow_plex_costs_the_save_little_and_the_drain_does_the_work(world):
    item = world.film(45, "Harbour Lights", title="Harbour Lights")
    world.index()
    world.plex.latency = 3
    world.stash.hold_jobs = True

    run = world.save(45, details="By the sea.")
    world.plex.latency = 0

    assert run.output["result"] == "queued"
    assert run.operations == [["configuration", "findScene"], ["runPluginTask"]]
    assert not run.text("warning") + run.text("error")
    status = world.status()
    assert status["plex"]["breaker"] == "closed"
    assert status["queue"]["due"] == 1
    world.stash.hold_jobs = False
    world.tasks()
    assert item.summary == "By the sea."
    assert world.queue() == (0, 0, 0)


def test_a_stash_that_is_slow_with_its_own_scene_costs_the_save_little_too(world):
    item = world.film(45, "Harbour Lights", title="Harbour Lights")
    world.index()
    world.stash.fault(lambda request: b"findScene" in request.body, "hang", seconds=5)

    run = world.save(45, details="By the sea.")
    world.tasks()

    assert run.output["result"] == "queued"
    assert item.summary == "By the sea."


def test_when_plex_is_down_the_save_says_so_and_the_scene_stays_queued(world):
    world.film(45, "Harbour Lights", title="Harbour Lights")
    world.index()
    world.plex.stop()

    run = world.save(45, details="By the sea.")

    assert run.output["result"] == "queued" and "scene 45: Plex: " in run.output["reason"]
    assert run.text("warning").endswith("(the scene stays queued)")
    assert run.operations == [["configuration", "findScene"], ["runPluginTask"]]
    world.tasks()
    status = world.status()
    assert status["plex"]["breaker"] == "open"
    assert status["queue"]["ready"] == 1


def test_while_plex_is_known_to_be_down_hooks_ask_nobody(world):
    world.film(45, "Harbour Lights", title="Harbour Lights")
    world.film(46, "Night Ferry", title="Night Ferry")
    world.index()
    world.plex.stop()
    world.save(45, details="By the sea.")
    world.tasks()
    world.plex.start()
    world.clear()

    run = world.save(46, details="On the river.")

    assert run.output["result"] == "queued"
    assert world.request_count() == (0, 0)
    assert world.queue() == (2, 0, 0)


def test_when_plex_is_back_one_drain_brings_all_in(world):
    items = [world.film(n, f"Harbour Lights {n}", title=f"Harbour Lights {n}") for n in (1, 2, 3)]
    world.index()
    world.plex.stop()
    for number in (1, 2, 3):
        world.save(number, details="By the sea.")
        world.tasks()
    world.plex.start()
    world.clear()

    world.later(61)
    assert world.status()["plex"]["breaker"] == "half_open"
    run = world.save(3, details="At night.")
    [drain] = world.tasks()

    assert run.operations == [["runPluginTask"]]
    assert drain.output["synced"] == 3
    assert [item.summary for item in items] == ["By the sea.", "By the sea.", "At night."]
    assert world.status()["plex"]["breaker"] == "closed"
    assert world.save(1, details="At dawn.").output["result"] == "synced"


def test_a_probe_that_fails_makes_the_pause_longer(world):
    world.film(45, "Harbour Lights", title="Harbour Lights")
    world.index()
    world.plex.stop()
    world.save(45, details="By the sea.")
    world.tasks()

    world.later(61)
    world.save(45, details="At night.")
    [drain] = world.tasks()
    world.clear()
    world.later(61 + 110)
    quiet = world.save(45, details="At dawn.")
    world.later(61 + 121)
    asking = world.save(45, details="At noon.")
    world.tasks()

    assert "Plex: " in drain.output["stopped"]
    assert not quiet.requests
    assert asking.operations == [["runPluginTask"]]
    assert world.queue() == (1, 0, 0)


@pytest.mark.parametrize("status", [429, 503])
def test_the_pause_that_plex_asks_for_is_respected(world, status):
    world.film(45, "Harbour Lights", title="Harbour Lights")
    world.index()
    world.plex.fault(("GET", "/library/metadata/1"), "status", status=status, headers={"Retry-After": "300"})

    run = world.save(45, details="By the sea.")

    assert f"HTTP {status}" in run.output["reason"]
    world.later(290)
    assert world.status()["plex"]["breaker"] == "open"
    world.later(301)
    assert world.status()["plex"]["breaker"] == "half_open"


def test_a_wrong_token_names_the_setting_and_keeps_the_scene(world):
    item = world.film(45, "Harbour Lights", title="Harbour Lights")
    world.index()
    world.settings["connectToken"] = "another-token-Yy17"
    world.secrets.add("another-token-Yy17")
    world.clear()

    wrong = world.save(45, details="By the sea.")
    status = world.status()
    right = world.settings["connectToken"] = world.plex.token
    world.film(46, "Night Ferry", title="Night Ferry")
    world.save(46, details="On the river.")
    world.tasks()

    assert right and "connectToken" in wrong.text("warning")
    assert wrong.operations == [["configuration", "findScene"]]
    assert status["plex"]["breaker"] == "closed"
    assert status["queue"]["ready"] == 1
    assert item.summary == "By the sea."


def three_saves_with_a_wrong_token(world):
    """Scenes 1 to 3 are saved while the token is wrong; their runs."""
    for number in (1, 2, 3):
        world.film(number, f"Harbour Lights {number}", title=f"Harbour Lights {number}")
    world.index()
    world.settings["connectToken"] = "another-token-Yy17"
    world.secrets.add("another-token-Yy17")
    return [world.save(number, details="By the sea.") for number in (1, 2, 3)]


def test_with_a_wrong_token_further_saves_start_no_drains_that_must_fail(world):
    three_saves_with_a_wrong_token(world)

    assert not world.tasks()
    assert world.queue() == (3, 0, 0)


def test_a_wrong_token_is_reported_once(world):
    runs = three_saves_with_a_wrong_token(world)

    assert [run.error for run in runs] == [None] * 3
    assert "connectToken" in runs[0].text("warning")
    assert [run.output["result"] for run in runs] == ["queued"] * 3
    assert not "".join(run.text("error") + run.text("warning") for run in runs[1:])


def test_what_a_person_starts_says_every_time_what_is_wrong(world):
    three_saves_with_a_wrong_token(world)

    for mode, args in (("sync-scene", {"scene_id": "1"}), ("rebuild-index", {})):
        runs = [world.operation(mode, **args) for _ in range(2)]
        assert ["connectToken" in (run.error or "") for run in runs] == [True, True], mode


def test_without_a_state_the_save_is_pushed_at_once_and_what_plex_holds_stays(world):
    """Nobody knows whose a value in Plex is: a title that nobody locked is none, an empty summary is filled in."""
    item = world.film(45, "Harbour Lights", title="Harbour Lights at dawn")
    (world.folder / "file").write_text("no folder")
    world.stash.host.environ["PLEXSYNC_STATE"] = str(world.folder / "file/state")

    run = world.save(45, details="By the sea.")
    others = world.stash.bulk_update_scenes([45], details="At night.")
    scan = world.stash.hook("Scene.Create.Post", 45)

    world.check(*others, *scan)
    assert run.output["result"] == "synced"
    assert "Nothing can be remembered: " in run.text("warning")
    assert "what Plex already has stays as it is" in run.text("warning")
    assert item.title == "Harbour Lights at dawn"
    assert item.summary == "By the sea."
    assert others[0].output["result"] == "unchanged" and others[0].output["kept"] == ["summary"]


def test_the_token_may_stand_in_a_file(world):
    world.film(45, "Harbour Lights", title="Harbour Lights")
    world.index()
    world.settings["connectToken"] = f"file:{world.folder}/token"

    missing = world.save(45, details="By the sea.")
    (world.folder / "token").write_text(world.plex.token + "\n")
    found = world.save(45, details="At night.")

    assert "setting connectToken" in missing.output["reason"]
    assert found.output["result"] == "synced"


def test_without_an_address_of_plex_the_save_names_the_setting(world):
    world.film(45, "Harbour Lights", title="Harbour Lights")
    world.settings["connectUrl"] = ""

    run = world.save(45, details="By the sea.")

    assert "setting connectUrl is empty" in run.output["reason"]
    assert run.text("warning").endswith("(the scene stays queued)")
    assert world.queue() == (1, 0, 0)


# --- a scene of which Plex has only a part -----------------------------------------------------------------

QUAY, LOST, GONE = "/data/films/quay.mp4", "/data/films/lost.mp4", "/elsewhere/gone.mp4"


def partly(world, files):
    """Scene 45, with these files, of which Plex has the quay; its item, indexed."""
    item = world.films.add_item("quay", file=QUAY, size=1)
    world.stash.library.add_scene(number=45, files=[{"path": path, "size": 1 + (path != QUAY)} for path in files])
    world.index()
    return item


@pytest.mark.parametrize("minutes", [0, 61])
@pytest.mark.parametrize("files", [[LOST, QUAY], [QUAY, LOST], [LOST, QUAY, GONE], [GONE, QUAY]])
def test_a_file_that_plex_does_not_have_costs_the_save_nothing(world, files, minutes):
    """Neither while the index is trusted nor when it is older."""
    item = partly(world, files)
    world.clock(minutes)

    for text in ("By the sea.", "At night.", "In the fog."):
        world.clear()
        run = world.save(45, details=text)
        assert (run.output["result"], item.summary) == ("synced", text), "at once, not by the drain"
        assert world.request_count() == (1, 3)
        assert world.tasks() == [] and world.queue() == (0, 1, 0), "the other file keeps waiting"
    world.clear()
    assert world.save(45).output["result"] == "unchanged" and world.request_count() == (1, 1)


def rewritten(world):
    """The first file is under another mount, and its tags were rewritten after Plex was read."""
    item = world.films.add_item(file="/data/films/coast/Harbour.mp4", size=1, duration=7_000_000)
    world.index()
    item.set_file("/data/films/coast/Harbour.mp4", 1000)
    return item, "/media/x/Harbour.mp4"


def added_again(world):
    """Plex has the first file under a new key, which the index knows beside the old one."""
    path = "/data/films/Harbour.mp4"
    old = world.films.add_item(file=path, size=1000)
    world.index()
    world.films.remove_item(old, trash=False)
    world.plex.advance(600)
    item = world.films.add_item(file=path, size=1000)
    world.stash.library.add_scene("/data/films/none.mp4", number=9, title="None")
    world.sync(9)
    return item, path


@pytest.mark.parametrize("first", [rewritten, added_again])
def test_a_file_that_takes_a_closer_look_is_left_to_the_drain_though_the_other_is_written(world, first):
    other = world.films.add_item(file="/data/films/Other.mp4", size=2000)
    item, path = first(world)
    world.stash.library.add_scene(None, number=1, title="Old", files=[
        {"path": path, "size": 1000}, {"path": "/data/films/Other.mp4", "size": 2000}])

    assert world.save(1, details="By the sea.").output["result"] == "synced"
    assert other.summary == "By the sea."
    world.tasks()

    assert item.summary == "By the sea."
    assert "1" not in [row["scene_id"] for row in world.status()["unmatched"]]


def test_the_file_that_plex_did_not_have_is_written_when_it_turns_up(world):
    item = partly(world, [LOST, QUAY])
    assert world.save(45, details="By the sea.").output["result"] == "synced"
    late = world.films.add_item("lost", file=LOST, size=2)

    world.drain()

    assert (item.summary, late.summary) == ("By the sea.", "By the sea.")
    assert world.queue() == (0, 0, 0)
    assert world.save(45, details="At night.").output["result"] == "synced"
    assert (item.summary, late.summary) == ("At night.", "At night.")


def test_each_library_gets_its_file_though_another_file_is_missing(world):
    clips = world.plex.add_library("Clips", ["/data/clips"])
    clip = clips.add_item("clip", file="/data/clips/clip.mp4", size=2)
    item = partly(world, [LOST, QUAY, "/data/clips/clip.mp4"])

    assert world.save(45, details="By the sea.").output["result"] == "synced"

    assert (item.summary, clip.summary) == ("By the sea.", "By the sea.")
    assert world.tasks() == [] and world.queue() == (0, 1, 0)
