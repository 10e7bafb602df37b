"""What is in the queue, and what becomes of it: events that fold into one job, scenes that wait
for Plex, scenes that failed, scenes that are gone."""


def known(world, number=45, name="Harbour Lights", **values):
    """A film that both have, in the index; returns the item."""
    item = world.film(number, name, title=name, **values)
    world.index()
    return item


def failing(world, *numbers):
    """Scenes that failed because Plex has a file of their name, but of another size."""
    for number in numbers:
        path = f"/data/films/Night Ferry {number}.mp4"
        world.films.add_item(file=f"/data/films/old/Night Ferry {number}.mp4", size=1)
        world.stash.library.add_scene(path, number=number, size=2, title=f"Night Ferry {number}")
    world.index()
    for number in numbers:
        world.save(number, details="On the river.")
    world.tasks()


def destroy(world, number):
    """A person deletes the scene; the run of its hook."""
    [run] = world.stash.destroy_scene(number)
    world.check(run)
    return run


def late(world, number=45, name="Harbour Lights"):
    """A scene that Plex does not have: it waits."""
    world.stash.library.add_scene(f"/data/films/{name}.mp4", number=number, size=1_000_000 + number, title=name)
    world.index()
    world.save(number, details="By the sea.")
    assert sum(drain.output["waiting"] for drain in world.tasks()) == 1
    world.clear()


# --- events fold ---------------------------------------------------------------------------------


def test_several_edits_while_queued_are_one_push_with_the_newest_values(world):
    item = known(world)
    world.settings["hookQueueOnly"] = True
    world.stash.hold_jobs = True

    for words in ("By the sea.", "At night.", "At dawn."):
        world.save(45, details=words)
    ready = world.queue()
    world.stash.hold_jobs = False
    world.tasks()

    assert ready == (1, 0, 0)
    assert item.summary == "At dawn."
    assert len(world.plex.writes) == 1


def test_an_edit_while_the_scene_is_being_written_makes_it_run_again(world):
    item = known(world)
    held = world.hold_plex()

    first = world.meanwhile(world.save, 45, details="By the sea.")
    held.wait()
    second = world.save(45, details="At night.")
    held.release()
    first()
    world.tasks()

    assert second.output["result"] == "queued"
    assert item.summary == "At night."
    assert world.queue() == (0, 0, 0)


def test_a_new_edit_gives_a_failing_scene_all_its_attempts_again(world):
    item = known(world)
    item.fail_detail = 500
    world.save(45, details="By the sea.")
    for attempt in range(1, 11):
        world.later(attempt * 800)
        world.drain()
    world.save(45, details="At night.")

    world.later(11 * 800)
    world.drain()

    assert world.queue() == (1, 0, 0)
    item.fail_detail = None
    world.later(12 * 800)
    world.drain()
    assert item.summary == "At night."


def test_a_save_pushes_a_failed_scene_again(world):
    failing(world, 46)
    assert world.queue() == (0, 0, 1)
    world.settings["matchByName"] = True

    run = world.save(46, details="On the river, again.")

    assert run.output["result"] == "synced"
    assert world.queue() == (0, 0, 0)


# --- waiting for Plex ----------------------------------------------------------------------------


def test_a_scene_that_plex_does_not_have_waits_at_no_cost(world):
    late(world)
    assert world.queue() == (0, 1, 0)

    again = world.drain()

    assert again.output["waiting"] == 0
    assert world.plex.counts() == {"GET /library/sections": 1, "GET /library/sections/1/all": 1}, \
        "Plex is asked whether anything is new, but nothing is asked for the scene"
    [waiting] = world.status()["unmatched"]
    assert waiting.items() >= {"scene_id": "45", "path": "/data/films/Harbour Lights.mp4",
                       "reason": "Plex does not have this file", "attempts": 0,
                       "next_try": "when Plex has the file, or with the next edit"}.items()


def test_it_is_written_by_the_first_drain_that_finds_it_in_plex(world):
    late(world)
    item = world.films.add_item(file="/data/films/Harbour Lights.mp4", size=1_000_045)

    drain = world.drain()

    assert drain.output["synced"] == 1
    assert item.summary == "By the sea."
    assert world.queue() == (0, 0, 0)


def test_one_new_scene_brings_in_all_that_plex_gained(world):
    late(world)
    world.stash.library.add_scene("/data/films/Night Ferry.mp4", number=46, size=1_000_046, title="Night Ferry")
    item = world.films.add_item(file="/data/films/Harbour Lights.mp4", size=1_000_045)

    world.save(46, details="On the river.")
    world.tasks()

    assert item.summary == "By the sea."
    assert world.queue() == (0, 1, 0)


def test_a_rebuilt_index_sends_the_waiting_scene_on_its_way(world):
    late(world)
    item = world.films.add_item(file="/data/films/Harbour Lights.mp4", size=1_000_045)

    run = world.operation("rebuild-index")
    world.tasks()

    assert run.error is None
    assert item.summary == "By the sea."


def test_a_save_pushes_a_waiting_scene_as_soon_as_plex_has_it(world):
    late(world)
    item = world.films.add_item(file="/data/films/Harbour Lights.mp4", size=1_000_045)

    world.save(45, details="At night.")
    world.tasks()

    assert item.summary == "At night."
    assert world.queue() == (0, 0, 0)


# --- failed --------------------------------------------------------------------------------------


def test_an_ambiguous_scene_fails_with_its_reason(world):
    failing(world, 46)

    status = world.status()

    [failed] = status["failed"]
    assert (failed["scene_id"], failed["path"]) == ("46", "/data/films/Night Ferry 46.mp4")
    assert "neither path nor size prove" in failed["reason"]
    assert failed["attempts"] == 1
    assert status["totals"]["failed"] == 1


def test_it_comes_back_to_life_when_plex_gains_the_file(world):
    failing(world, 46)
    item = world.films.add_item(file="/data/films/Night Ferry 46.mp4", size=2)

    world.later(3601)
    world.drain()

    assert item.summary == "On the river."
    assert world.queue() == (0, 0, 0)


def test_retry_failed_tries_all_of_them(world):
    failing(world, 46, 47)
    world.settings["matchByName"] = True

    run = world.operation("retry-failed")
    [drain] = world.tasks()

    assert run.output == {"retried": 2}
    assert run.operations == [["runPluginTask"]]
    assert drain.output["synced"] == 2
    assert world.queue() == (0, 0, 0)


def test_retry_failed_tries_one_of_them(world):
    failing(world, 46, 47)
    world.settings["matchByName"] = True

    run = world.operation("retry-failed", scene_id="47")
    world.tasks()

    assert run.output == {"retried": 1}
    assert [job["scene_id"] for job in world.status()["failed"]] == ["46"]


def test_retry_failed_of_a_scene_that_did_not_fail_does_nothing(world):
    failing(world, 47)

    run = world.operation("retry-failed", scene_id="46")

    assert run.output == {"retried": 0}
    assert not run.requests
    assert world.queue() == (0, 0, 1)


def test_clear_failed_forgets_those_that_are_old_enough(world):
    failing(world, 46)
    world.later(3 * 86400)
    failing(world, 47)

    run = world.operation("clear-failed", days=2)

    assert run.output == {"cleared": 1}
    assert [job["scene_id"] for job in world.status()["failed"]] == ["47"]
    assert world.operation("clear-failed").output == {"cleared": 1}
    assert world.queue() == (0, 0, 0)


def test_clear_failed_with_days_that_make_no_sense_forgets_nothing(world):
    failing(world, 46)

    runs = [world.operation("clear-failed", days=days) for days in ("many", -1, "1.5")]

    assert all("days" in run.error for run in runs)
    assert world.queue() == (0, 0, 1)


def test_clear_queue_forgets_what_is_queued_and_waiting(world):
    failing(world, 46)
    late(world)
    known(world, 48, "Low Tide")
    world.queue_only(48)

    run = world.operation("clear-queue")

    assert run.output == {"cleared": 2}
    assert world.queue() == (0, 0, 1)
    world.clear()
    assert world.drain().output["synced"] == 0
    assert not world.plex.writes


# --- scenes that are gone ------------------------------------------------------------------------


def test_destroying_a_scene_leaves_plex_alone_and_forgets_the_match(world):
    item = known(world)
    world.save(45, details="By the sea.")
    world.clear()

    run = destroy(world, 45)

    assert run.output["result"] == "ignored"
    assert world.request_count() == (0, 0)
    assert item.summary == "By the sea."
    assert world.status()["match_cache"]["entries"] == 0


def test_destroyed_before_its_job_ran_a_scene_costs_nothing(world):
    known(world)
    world.queue_only(45)
    assert world.queue() == (1, 0, 0)

    destroy(world, 45)

    assert world.queue() == (0, 0, 0)
    world.clear()
    world.drain()
    assert world.request_count() == (0, 0)


def test_a_scene_that_vanished_without_a_hook_is_dropped(world):
    known(world)
    world.queue_only(45)
    world.stash.library.destroy_scene(45)

    drain = world.drain()

    assert drain.output["ignored"] == 1
    assert not world.plex.requests
    assert world.queue() == (0, 0, 0)


def test_clean_task_and_scenes_destroy_free_their_scenes_too(world):
    for number in (1, 2, 3):
        known(world, number, f"Harbour Lights {number}")
        world.save(number, details="By the sea.")

    world.check(*world.stash.clean_scene(1), *world.stash.destroy_scenes([2, 3]))

    assert world.status()["match_cache"]["entries"] == 0
    assert not world.stash.server_errors


def elsewhere(world, number):
    """A scene whose file Plex sees at another place, so that only name and size tell."""
    world.stash.library.add_scene("/media/stash/Low Tide.mp4", number=number, size=77, title="Low Tide")


def test_a_new_scene_with_the_file_of_a_destroyed_one_gets_its_item(world):
    item = world.films.add_item(file="/data/films/Low Tide.mp4", size=77)
    world.index()
    elsewhere(world, 45)
    world.save(45, details="By the sea.")
    destroy(world, 45)

    elsewhere(world, 46)
    run = world.save(46, details="At night.")

    assert run.output["result"] == "synced"
    assert item.summary == "At night."


def test_a_scene_destroyed_while_a_drain_writes_it_does_not_keep_its_item(world):
    item = world.films.add_item(file="/data/films/Low Tide.mp4", size=77)
    world.index()
    elsewhere(world, 45)
    world.stash.library.update_scene(45, {"details": "By the sea."})
    held = world.hold_plex()
    world.check(*world.stash.hook("Scene.Update.Post", 45))
    held.wait()
    destroy(world, 45)
    held.release()
    world.tasks()

    elsewhere(world, 46)
    run = world.save(46, details="At night.")

    assert run.output["result"] == "synced"
    assert item.summary == "At night."


def test_a_scene_merged_into_another_hands_over_its_item(world):
    taken_over = known(world, 45, "Harbour Lights")
    own = known(world, 46, "Night Ferry")
    world.save(45, details="By the sea.")
    world.save(46, details="On the river.")
    world.stash.library.merge_scenes(46, 45)

    run = world.save(46, details="All of it.")

    assert run.output["result"] == "synced"
    assert (own.summary, taken_over.summary) == ("All of it.", "All of it.")


def test_a_file_that_was_given_to_another_scene_takes_its_item_along(world):
    moved = known(world, 45, "Harbour Lights")
    own = known(world, 46, "Night Ferry")
    world.save(45, details="By the sea.")
    world.save(46, details="On the river.")
    world.stash.library.assign_file(46, world.stash.library.get("scene", 45).files[0].id)

    world.save(46, details="All of it.")

    assert (own.summary, moved.summary) == ("All of it.", "All of it.")


def two_scenes_of_one_item(world):
    """An item with two versions; scene 1 is the second one, scene 2 the first."""
    item = world.films.add_item("Low Tide", file="/data/films/Low Tide.mp4", size=11)
    item.add_media("/data/films/Low Tide 4K.mp4", 12)
    for number, name, size in ((1, "Low Tide 4K", 12), (2, "Low Tide", 11)):
        world.stash.library.add_scene(f"/data/films/{name}.mp4", number=number, size=size, title="Low Tide")
    world.index()
    return item


def test_an_item_belongs_to_the_scene_of_its_first_part(world):
    item = two_scenes_of_one_item(world)
    first_come = world.save(1, details="In 4K.")
    owner = world.save(2, details="By the sea.")

    refused = world.save(1, details="In 4K, again.")

    assert (first_come.output["result"], owner.output["result"]) == ("synced", "synced")
    assert refused.output["result"] == "ambiguous"
    assert "belongs to scene 2" in refused.output["reason"]
    assert item.summary == "By the sea."
    [failed] = world.status()["failed"]
    assert failed["scene_id"] == "1"


def test_destroying_the_owner_frees_the_item_for_the_other(world):
    item = two_scenes_of_one_item(world)
    world.save(2, details="By the sea.")
    assert world.save(1, details="In 4K.").output["result"] == "ambiguous"

    destroy(world, 2)
    world.tasks()
    assert item.summary == "In 4K."     # nobody had to save it again
    run = world.save(1, details="In 4K, again.")

    assert run.output["result"] == "synced"
    assert item.summary == "In 4K, again."
