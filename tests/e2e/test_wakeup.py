"""Nobody wakes PlexSync: whoever leaves a scene due makes sure that a drain comes, and nobody asks
twice."""

import threading

ASK, LOOK = ["runPluginTask"], ["jobQueue"]


def asks(request):
    """A request to Stash that asks for a task."""
    return b"runPluginTask" in request.body


def fill(world, *numbers):
    """Films that both have, known to the index."""
    items = [world.film(n, f"Harbour Lights {n}", title=f"Harbour Lights {n}", details=f"Part {n}.") for n in numbers]
    world.index()
    return items


def create(world, number):
    """A hook that only queues."""
    [run] = world.stash.hook("Scene.Create.Post", number)
    world.check(run)
    assert run.output["result"] == "queued"
    return run


# --- one task for many events ----------------------------------------------------------------------


def test_the_task_is_asked_for_under_a_name_that_people_recognise(world):
    fill(world, 1)
    world.stash.hold_jobs = True

    create(world, 1)

    [job] = world.stash.jobs.queued()
    assert job.description == "Running plugin task: PlexSync: Process queue"


def test_while_a_task_waits_nobody_asks_for_another(world):
    fill(world, 1, 2, 3)
    world.stash.hold_jobs = True

    operations = [create(world, n).operations for n in (1, 2, 3)]

    assert operations == [[ASK], [], []]
    assert len(world.stash.jobs.queued()) == 1


def test_a_task_that_waits_for_long_is_looked_for_once_a_minute(world):
    fill(world, 1, 2, 3, 4)
    world.stash.hold_jobs = True

    operations = []
    for seconds, number in ((0, 1), (59, 2), (61, 3), (62, 4), (119, 1), (122, 2)):
        world.later(seconds)
        operations.append(create(world, number).operations)

    assert operations == [[ASK], [], [LOOK], [], [], [LOOK]]
    assert len(world.stash.jobs.queued()) == 1


def test_after_the_drain_the_next_event_asks_again(world):
    items = fill(world, 1, 2)
    create(world, 1)
    world.tasks()

    run = create(world, 2)
    world.tasks()

    assert run.operations == [ASK]
    assert [item.summary for item in items] == ["Part 1.", "Part 2."]


def test_a_save_that_finds_others_due_asks_for_a_drain_and_pushes_only_its_own(world):
    items = fill(world, 1, 2)
    world.queue_only(1)
    world.later(61)
    world.stash.hold_jobs = True

    run = world.save(2, details="At night.")

    assert run.output["result"] == "synced"
    assert ASK in run.operations
    assert [item.summary for item in items] == [None, "At night."]
    world.stash.hold_jobs = False
    world.tasks()
    assert items[0].summary == "Part 1."


# --- a task that was lost ----------------------------------------------------------------------------


def lost(world):
    """Scene 1 is queued, the task was asked for, and Stash restarted before it ran."""
    items = fill(world, 1, 2)
    world.stash.hold_jobs = True
    create(world, 1)
    world.stash.jobs.hold = False
    world.stash.jobs.close()
    world.stash.restart()
    world.clear()
    return items


def test_a_lost_task_is_believed_for_a_minute(world):
    lost(world)

    world.later(50)
    run = create(world, 2)

    assert not run.requests
    assert world.queue() == (2, 0, 0)


def test_then_the_next_event_looks_for_it_and_asks_again(world):
    items = lost(world)

    world.later(61)
    run = create(world, 2)
    [drain] = world.tasks()

    assert run.operations == [LOOK, ASK]
    assert drain.output["synced"] == 2
    assert [item.summary for item in items] == ["Part 1.", "Part 2."]
    assert world.queue() == (0, 0, 0)


def test_a_drain_that_stash_left_behind_is_taken_over(world):
    items = fill(world, 1, 2)
    held = world.hold_plex()
    world.queue_only(1, 2)
    world.stash.run_task("Process queue")
    held.wait()
    orphan = world.stash.host.runs[-1]
    world.stash.restart()
    held.release()
    orphan.join()

    run = create(world, 1)
    world.tasks()

    assert run.operations == [ASK]
    assert [item.summary for item in items] == ["Part 1.", "Part 2."]
    assert world.queue() == (0, 0, 0)


def test_a_tick_finds_a_lost_task_too(world):
    items = lost(world)

    world.later(61)
    run = world.operation("tick")
    world.tasks()

    assert run.output == {"asked": True}
    assert run.operations == [LOOK, ASK]
    assert items[0].summary == "Part 1."


def test_a_task_of_the_same_name_that_was_cancelled_is_no_evidence(world):
    fill(world, 1, 2)
    world.stash.hold_jobs = True
    create(world, 1)
    [job] = world.stash.jobs.queued()
    world.stash.jobs.stop(job.id)

    world.later(61)
    run = create(world, 2)

    assert run.operations == [LOOK, ASK]


def test_a_clock_that_was_set_back_costs_one_look(world):
    fill(world, 1, 2)
    world.stash.hold_jobs = True
    world.later(3600)
    create(world, 1)

    world.later(0)
    run = create(world, 2)

    assert run.operations == [LOOK]


# --- tick --------------------------------------------------------------------------------------------


def test_a_tick_with_nothing_due_asks_nobody(world):
    run = world.operation("tick")

    assert run.output == {"asked": False}
    assert world.request_count() == (0, 0)


def test_a_tick_asks_when_a_pause_is_over(world):
    [item] = fill(world, 1)
    item.fail_detail = 500
    world.save(1, details="By the sea.")
    item.fail_detail = None
    world.clear()

    early = world.operation("tick")
    world.later(40)
    due = world.operation("tick")
    world.tasks()

    assert (early.output, early.requests) == ({"asked": False}, [])
    assert (due.output, due.operations) == ({"asked": True}, [ASK])
    assert item.summary == "By the sea."


def test_a_tick_while_plex_is_down_asks_only_for_a_probe(world):
    [item] = fill(world, 1)
    world.plex.stop()
    world.save(1, details="By the sea.")
    world.tasks()
    world.plex.start()
    world.clear()

    early = world.operation("tick")
    world.later(61)
    probe = world.operation("tick")
    world.tasks()

    assert (early.output, early.requests) == ({"asked": False}, [])
    assert probe.operations == [ASK]
    assert item.summary == "By the sea."


def test_a_tick_while_a_drain_runs_asks_nobody(world):
    fill(world, 1, 2)
    held = world.hold_plex()
    create(world, 1)
    held.wait()
    create(world, 2)

    run = world.operation("tick")
    held.release()
    world.tasks()

    assert not run.requests


# --- nobody answers ----------------------------------------------------------------------------------


def test_when_stash_cannot_be_asked_the_hook_warns_and_the_next_event_asks_again(world):
    items = fill(world, 1, 2)
    world.stash.fault(asks, "status", status=500)

    first = create(world, 1)
    second = create(world, 2)
    world.tasks()

    assert "Stash could not be asked to run the task \"Process queue\"" in first.text("warning")
    assert second.operations == [ASK]
    assert [item.summary for item in items] == ["Part 1.", "Part 2."]


def test_when_the_session_is_over_the_scene_stays_queued(world):
    fill(world, 1)
    world.stash.username = "ana"
    world.stash.sessions.age = 0

    [run] = world.stash.hook("Scene.Update.Post", 1, {"id": "1", "details": "By the sea."}, ["id", "details"])

    world.check(run)
    assert "Stash refuses the session" in run.output["reason"]
    assert run.text("warning").endswith("(the scene stays queued)")
    assert world.queue() == (1, 0, 0)


# --- a browser that leaves ---------------------------------------------------------------------------


def test_a_save_whose_browser_left_is_made_up_for_by_the_next_event(world):
    items = fill(world, 1, 2)
    held = world.hold_plex("GET")
    left = threading.Event()
    save = world.meanwhile(world.stash.update_scene, 1, left, details="By the sea.")
    held.wait()
    left.set()
    [killed] = save()
    killed.join()
    held.release()

    run = world.save(2, details="On the river.")
    world.tasks()

    assert killed.cancelled
    assert run.output["result"] == "synced"
    assert [item.summary for item in items] == ["By the sea.", "On the river."]
    assert world.queue() == (0, 0, 0)


def test_many_saves_at_once_leave_nothing_behind(world):
    items = fill(world, 1, 2, 3)

    def save_all(person):
        return [run for turn in range(5) for number in (1, 2, 3)
                for run in world.stash.update_scene(number, details=f"{person} {turn}")]

    people = [world.meanwhile(save_all, person) for person in ("Ana", "Ines", "Rui")]
    for wait in people:
        world.check(*wait())
    world.tasks()

    scenes = [world.stash.library.get("scene", number) for number in (1, 2, 3)]
    assert [item.summary for item in items] == [scene.details for scene in scenes]
    assert world.queue() == (0, 0, 0)


# --- everybody who leaves a scene due makes sure that a drain comes -------------------------------------


def test_a_save_during_sync_scene_of_the_same_scene_is_not_left_alone(world):
    [item] = fill(world, 1)
    held = world.hold_plex()

    by_hand = world.meanwhile(world.operation, "sync-scene", scene_id="1")
    held.wait()
    saved = world.save(1, details="At night.")
    held.release()
    by_hand()
    world.tasks()

    assert saved.output["result"] == "queued"
    assert item.summary == "At night."
    assert world.queue() == (0, 0, 0)


def test_what_an_operation_wakes_up_is_drained(world):
    world.stash.library.add_scene("/data/films/Low Tide.mp4", number=7, size=7, title="Low Tide", details="At sea.")
    world.stash.library.add_scene("/data/films/Night Ferry.mp4", number=8, size=8, title="Night Ferry")
    world.index()
    create(world, 7)
    world.tasks()
    item = world.films.add_item(file="/data/films/Low Tide.mp4", size=7)

    world.operation("sync-scene", scene_id="8")
    world.tasks()

    assert item.summary == "At sea."
