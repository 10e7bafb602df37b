"""Many scenes at once: sync-all, sync-recent, preview, reconcile."""

from datetime import datetime, timedelta, timezone

from shelf import PAGE, behind, shelf, task, titles, writes


# --- sync-all ----------------------------------------------------------------------------------------


def test_sync_all_brings_everything_in_and_a_second_time_does_nothing(world):
    items = shelf(world, 5)

    first = task(world, "Sync all scenes")

    assert titles(items) == [f"Harbour Lights {n}" for n in range(1, 6)]
    assert [first.output["scenes"], first.output["queued"], first.output["drain"]["synced"]] == [5, 5, 5]
    assert "5 scenes: 5 queued, 0 as last pushed, 0 in the queue already, 0 ignored" in first.text("info")
    assert first.progress[-1] == 1.0 and first.progress == sorted(first.progress)

    world.clear()
    second = task(world, "Sync all scenes")

    assert [second.output["same"], second.output["queued"]] == [5, 0]
    assert world.plex.requests == []


def test_only_what_differs_from_its_last_push_is_queued(world):
    items = shelf(world, 4)
    task(world, "Sync all scenes")
    world.stash.library.auto_tag(2, "Night")            # fires no hook
    world.clear()

    run = task(world, "Sync all scenes")

    assert [run.output["same"], run.output["queued"]] == [3, 1]
    assert set(items[1].genres) == {"Boats", "Night"}
    assert writes(world) == 1


def test_the_filters_of_the_hook_count_and_are_counted(world):
    shelf(world, 3)
    world.film(4, "blank", title="")
    world.stash.library.add_scene("/data/films/skip.mp4", number=5, size=1, title="Low Tide", tags=["No Plex"])
    world.settings["sceneSkipTag"] = "no plex"

    run = task(world, "Sync all scenes")

    assert [run.output["queued"], run.output["ignored"]] == [3, 2]
    reasons = {entry["reason"]: (entry["count"], entry["examples"]) for entry in run.output["reasons"]}
    assert reasons == {"nothing is known about it yet": (1, ["4"]),
                       "it has the tag of setting sceneSkipTag": (1, ["5"])}
    assert "1 scenes are left alone: nothing is known about it yet (scene 4)" in run.text("info")


def test_more_scenes_than_a_page_holds(world):
    shelf(world, 450)

    first = task(world, "Sync all scenes")

    assert first.output["drain"]["synced"] == 450
    world.clear()
    second = task(world, "Sync all scenes")
    assert [second.output["same"], len(world.plex.requests)] == [450, 0]
    assert len([names for names in world.stash.graphql_operations if "findScenes" in names]) == 3


def test_force_writes_what_was_changed_in_plex(world):
    items = shelf(world, 2)
    task(world, "Sync all scenes")
    items[0].title = "Somebody's own"

    assert task(world, "Sync all scenes").output["same"] == 2
    run = world.operation("sync-all", force=True)

    assert run.output["drain"]["synced"] == 1
    assert titles(items) == ["Harbour Lights 1", "Harbour Lights 2"]


def test_an_edit_by_hand_goes_before_the_sweep(world):
    shelf(world, 6)
    world.stash.hold_jobs = True
    world.stash.run_task("Sync all scenes")
    held = world.hold_plex("GET", "/library/metadata/.*")
    world.stash.hold_jobs = False
    held.wait()
    world.check(*world.stash.hook("Scene.Update.Post", 6))      # of a scan: it only queues
    held.release()
    world.tasks()

    order = [request.arg("id") for request in world.plex.requests if request.method == "PUT"]
    assert order[1] == world.films.items[5].ratingKey


# --- preview -----------------------------------------------------------------------------------------


def test_preview_tells_what_sync_all_then_does_and_writes_nothing(world):
    items = shelf(world, 3)
    items[2].title = "Harbour Lights 3"
    world.stash.library.add_scene("/data/films/gone.mp4", number=9, size=7, title="Low Tide")
    before = titles(items)

    run = task(world, "Preview (dry run)")

    assert writes(world) == 0 and titles(items) == before
    assert run.output["would_write"] == 3
    assert run.output["fields"] == {"title": 2, "tags": 3}
    reasons = {entry["reason"]: entry["examples"] for entry in run.output["reasons"]}
    assert reasons == {"Plex does not have its file": ["9"]}
    assert 'Scene 1 "Harbour Lights 1": would write title, tags in Films item' in run.text("info")
    assert world.queue() == (0, 0, 0)

    real = task(world, "Sync all scenes")
    assert real.output["drain"]["synced"] == 3
    assert writes(world) == 3


def test_preview_asks_plex_once_for_all_that_it_does_not_have(world):
    for number in range(1, 9):
        world.stash.library.add_scene(f"/data/films/gone {number}.mp4", number=number, size=number, title="Low Tide")
    world.film(9, "quay", title="quay")
    world.index()

    run = task(world, "Preview (dry run)")

    assert {entry["reason"]: entry["count"] for entry in run.output["reasons"]} == {
        "Plex does not have its file": 8, "Plex has it already": 1}
    assert world.plex.counts()["GET /library/sections"] == 1


# --- sync-recent --------------------------------------------------------------------------------------


def test_sync_recent_takes_the_scenes_of_the_last_hours(world):
    items = shelf(world, 3)
    for number, hours in ((1, 1), (2, 23), (3, 30)):
        then = datetime.now(timezone(timedelta(hours=11))) - timedelta(hours=hours)
        world.stash.library.get("scene", number).updated_at = then.isoformat(timespec="seconds")

    run = task(world, "Sync recent scenes")

    assert [run.output["scenes"], run.output["queued"]] == [2, 2]
    assert titles(items)[2] == "film 3"
    more = world.operation("sync-recent", hours=48)
    assert more.output["queued"] == 1


# --- reconcile ----------------------------------------------------------------------------------------


def test_an_item_that_came_back_under_another_key_is_written_afresh(world):
    items = shelf(world, 2)
    task(world, "Sync all scenes")
    world.films.remove_item(items[0])
    again = world.films.add_item(file="/data/films/film 1.mp4", size=1_000_001, title="film 1")
    assert task(world, "Sync all scenes").output["queued"] == 0

    run = task(world, "Reconcile")

    assert run.output["queued"] == 1
    assert again.title == "Harbour Lights 1"


def test_an_item_that_is_gone_makes_its_scene_wait(world):
    items = shelf(world, 2)
    task(world, "Sync all scenes")
    world.films.remove_item(items[0])
    world.clock(61)

    run = task(world, "Reconcile")

    assert run.output["queued"] == 1
    assert world.queue() == (0, 1, 0)


def test_once_a_day_any_invocation_sees_to_it(world):
    items = shelf(world, 2)
    world.save(1, title="Harbour Lights")               # the day begins
    world.stash.library.auto_tag(2, "Night")
    world.later(23 * 3600)
    world.operation("tick")
    assert world.tasks() == []

    world.later(25 * 3600)
    world.operation("tick")
    [run] = world.tasks()

    assert "All scenes were compared, as once a day: 2 seen, 1 as last pushed, 1 queued" in run.text("info")
    assert set(items[1].genres) == {"Boats", "Night"}
    world.operation("tick")
    assert world.tasks() == []


# --- what scenes carry ---------------------------------------------------------------------------------


def test_a_renamed_performer_reaches_all_her_scenes(world):
    items = shelf(world, 3)
    for number in (1, 3):
        world.save(number, performers=["Ana Duarte"])
    performer = world.stash.library.ensure("performer", "Ana Duarte")
    performer.name = "Ana Duarte-Lind"
    world.clear()

    world.check(*world.stash.hook("Performer.Update.Post", performer.id))
    [run] = world.tasks()

    assert [[role.tag.name for role in item.actors] for item in items] == [["Ana Duarte-Lind"], [], ["Ana Duarte-Lind"]]
    assert f"2 scenes carry performer {performer.id}; 2 of them are queued" in run.text("info")
    lists = [operation for operation in world.stash.graphql_operations if "findScenes" in operation]
    assert len(lists) == 1


def test_the_next_page_is_asked_for_while_one_is_compared(world):
    for number in range(1, PAGE + 2):
        world.stash.library.add_scene(f"/data/films/{number}.mp4", number=number, size=number, title=f"Low Tide {number}")
    world.index()
    steps = world.folder / "steps"
    world.stash.host.environ["PLEXSYNC_TEST_FAULTS"] = str(steps)
    run = task(world, "Sync all scenes")
    del world.stash.host.environ["PLEXSYNC_TEST_FAULTS"]

    assert run.output["scenes"] == PAGE + 1 and behind(world) == [0, PAGE]
    assert "stash.answer stash.request queue.commit queue.committed stash.answer" in " ".join(steps.read_text().split())
