"""What "status" says: the queue, the caches, timing, failures, as JSON and in the log."""

import re

KEYS = {
    "queue": {"ready", "waiting", "failed"},
    "match_cache": {"hits", "misses", "entries"},
    "library_cache": {"hits", "misses", "items", "age_s"},
    "plex": {"breaker"},
    "totals": {"synced", "unchanged", "failed"},
    "timing_ms": {"sync"},
    "state": {"queue", "cache"},
}


def known(world, number=45, name="Harbour Lights", **values):
    """A film that both have, in the index; returns the item."""
    item = world.film(number, name, **{"title": name, **values})
    world.index()
    return item


def test_a_fresh_installation_has_a_status_of_zeros(world):
    status = world.status()

    for name, keys in KEYS.items():
        assert keys <= set(status[name]), name
    assert set(status["timing_ms"]["sync"]) >= {"count", "p50", "p95", "max"}
    assert (status["queue"]["ready"], status["queue"]["waiting"], status["queue"]["failed"]) == (0, 0, 0)
    assert set(status["totals"].values()) == {0}
    assert status["plex"]["breaker"] == "closed"
    assert status["failed"] == status["unmatched"] == []


def test_status_says_how_full_the_state_is(world):
    known(world)

    state = world.status()["state"]

    for name in ("queue", "cache"):
        assert 0 < state[name]["bytes"] <= (world.state / name / "data.mdb").stat().st_size
        assert state[name]["limit"] == 64 << 30


def test_status_asks_nobody(world):
    run = world.operation("status")

    assert not run.requests
    assert world.request_count() == (0, 0)


def test_the_counters_are_those_of_all_processes(world):
    known(world)
    known(world, 46, "Night Ferry")
    world.save(45, details="By the sea.")
    world.save(45, details="By the sea.")
    world.save(46, details="On the river.")
    world.queue_only(45, 46)
    world.drain()

    status = world.status()

    assert status["totals"] == {"synced": 2, "unchanged": 3, "failed": 0}
    assert {**status["match_cache"], "bytes": 0} == {"hits": 3, "misses": 2, "entries": 2, "bytes": 0}
    assert (status["library_cache"]["hits"], status["library_cache"]["misses"]) == (2, 0)
    assert status["library_cache"]["items"] == 2
    assert status["timing_ms"]["sync"]["count"] == 5


def test_the_times_are_in_order_and_plausible(world):
    known(world)
    world.plex.latency = 0.06
    world.save(45, details="By the sea.")
    world.plex.latency = 0
    for number in range(9):
        world.save(45, details=f"Part {number}.")

    sync = world.status()["timing_ms"]["sync"]

    assert sync["count"] == 10
    assert 0 < sync["p50"] <= sync["p95"] <= sync["max"]
    assert 120 <= sync["max"] < 10_000
    assert sync["p50"] < sync["max"]


def test_the_age_of_the_index_is_that_of_its_last_confirmation(world):
    known(world)

    world.later(90)
    age = world.status()["library_cache"]["age_s"]

    assert 90 <= age <= 100


def test_failed_and_unmatched_scenes_are_listed_with_path_and_reason(world):
    world.films.add_item(file="/data/films/old/Low Tide.mp4", size=1)
    world.stash.library.add_scene("/data/films/Low Tide.mp4", number=46, size=2, title="Low Tide")
    world.stash.library.add_scene("/data/films/Night Ferry.mp4", number=47, size=3, title="Night Ferry")
    world.index()
    world.queue_only(46, 47)
    world.drain()

    run = world.operation("status")

    [failed], [unmatched] = run.output["failed"], run.output["unmatched"]
    assert failed.items() >= {
        "scene_id": "46", "path": "/data/films/Low Tide.mp4", "attempts": 1,
        "reason": "Plex has a file of this name, but neither path nor size prove that it is the same one",
        "next_try": 'when that changes in Plex, with the next edit, or by "Retry failed scenes"'}.items()
    assert unmatched.items() >= {
        "scene_id": "47", "path": "/data/films/Night Ferry.mp4", "attempts": 0,
        "reason": "Plex does not have this file", "next_try": "when Plex has the file, or with the next edit"}.items()
    assert run.output["retrying"] == []
    assert "Scene 46 failed: Plex has a file of this name" in run.text("info")
    assert "Scene 47 waits: Plex does not have this file (/data/films/Night Ferry.mp4); next try: when Plex has " \
        "the file, or with the next edit" in run.text("info")


def test_scenes_that_are_tried_again_are_listed_with_the_time(world):
    world.film(45, "Harbour Lights", title="Harbour Lights")
    world.film(46, "Low Tide", title="Low Tide")
    world.index()
    world.plex.fault(("GET", "/library/metadata/.*"), "status", status=500, times=1)
    world.queue_only(45)
    world.drain()
    world.queue_only(46)                        # never tried: nothing to tell of it yet

    run = world.operation("status")

    [entry] = run.output["retrying"]
    assert [entry["scene_id"], entry["path"], entry["attempts"]] == ["45", "/data/films/Harbour Lights.mp4", 1]
    assert "HTTP 500" in entry["reason"]
    assert entry["next_try"].startswith("in ") and 20 <= int(entry["next_try"].split()[1]) <= 36
    assert "Scene 45 was not written: " in run.text("info")


def test_a_scene_that_plex_keeps_waiting_is_tried_with_the_next_drain(world):
    world.film(45, "Harbour Lights", title="Harbour Lights")
    world.index()
    world.queue_only(45)
    world.plex.stop()
    world.drain()

    [entry] = world.status()["retrying"]

    assert [entry["attempts"], entry["next_try"]] == [0, "with the next drain"]


def test_the_log_shows_eight_of_a_kind_and_counts_the_others(world):
    for number in range(1, 12):
        world.stash.library.add_scene(f"/data/films/Low Tide {number}.mp4", number=number, size=number, title="Low")
    world.index()
    world.queue_only(*range(1, 12))
    world.drain()

    lines = world.operation("status").text("info").splitlines()

    assert len([line for line in lines if " waits: " in line]) == 8
    assert any("3 more wait" in line for line in lines)


def test_the_lists_show_a_hundred_and_the_counts_tell_of_all(world):
    numbers = range(1, 104)
    for number in numbers:
        world.stash.library.add_scene(f"/data/films/Low Tide {number}.mp4", number=number, size=number, title="Low")
    world.index()
    world.check(*world.stash.hook("Scene.Update.Post", 1, {"ids": list(numbers)}, ["ids"]))
    world.tasks()

    status = world.status()

    assert status["queue"]["waiting"] == 103
    assert len(status["unmatched"]) == 100


def many(world):
    """Scenes of each list: 1 to 9 are not in Plex, 11 to 19 not certain, and 21 is refused."""
    for number in [*range(1, 10), *range(11, 20)]:
        world.stash.library.add_scene(f"/data/films/Low Tide {number}.mp4", number=number, size=number, title="Low")
    for number in range(11, 20):
        world.films.add_item(file=f"/data/films/old/Low Tide {number}.mp4", size=99)
    world.film(21, "quay", title="Harbour Lights").fail_edit = 400
    world.index()
    world.queue_only(*range(1, 10), *range(11, 20), 21)
    world.drain()


def test_the_lists_are_read_page_by_page(world):
    many(world)

    def page(**args):
        output = world.operation("status", **args).output
        assert not {"failed", "retrying", "unmatched"} & set(output)
        assert output["needs"] == {"undecided": 9, "troubled": 1, "unmatched": 9}
        return [int(row["scene_id"]) for row in output["rows"]], output["found"]

    assert page(list="undecided") == ([*range(11, 20)], 9)
    assert page(list="undecided", limit=4, offset=0) == ([11, 12, 13, 14], 9)
    assert page(list="undecided", limit=4, offset=8) == ([19], 9)
    assert page(list="undecided", limit=4, offset=9) == ([], 9)
    assert page(list="troubled") == ([21], 1)
    assert page(list="unmatched", limit=2, offset=2) == ([3, 4], 9)
    assert page(list="unmatched", text="films/low  TIDE 7") == ([7], 1)
    assert page(list="unmatched", text="harbour") == ([], 0)
    assert page(list="troubled", text="21 HTTP 400") == ([21], 1)


def test_each_list_of_the_whole_status_is_cut_alike(world):
    many(world)

    run = world.operation("status", limit=2, offset=1, text="low")

    assert [row["scene_id"] for row in run.output["failed"]] == ["12", "13"]
    assert [row["scene_id"] for row in run.output["unmatched"]] == ["2", "3"]
    assert run.output["queue"]["failed"] == 10
    assert run.text("info") == "", "a program asks again and again"


def test_a_list_that_is_not_there(world):
    assert "args.list " in world.operation("status", list="failed").error


def test_the_log_says_it_in_words(world):
    known(world)
    world.save(45, details="By the sea.")
    world.plex.stop()
    world.save(45, details="At night.")

    run = world.operation("status")

    lines = run.text("info").splitlines()
    assert lines[0] == "Queue: 1 due, 0 to be tried again later, 0 wait for Plex, 0 failed"
    assert lines[1].startswith("Plex: did not answer the last time it was asked; next try in ")
    assert lines[2] == "Match cache: 1 files; library cache: 1 files"
    assert lines[3].startswith("Scenes so far: 1 written, 0 unchanged, 0 failed;")


def test_the_task_says_the_same_as_the_operation(world):
    known(world)
    world.stash.run_task("Status")
    [task] = world.tasks()

    assert task.output == world.status()
    assert "Queue: 0 due" in task.text("info")


# --- what a page inside Stash shows -------------------------------------------------------------------


def test_the_rows_have_what_a_person_decides_by(world):
    item = world.films.add_item(file="/data/films/old/Low Tide.mp4", size=1)
    world.stash.library.add_scene("/data/films/Low Tide.mp4", number=46, size=2, title="Low Tide")
    world.stash.library.add_scene("/data/films/Night Ferry.mp4", number=47, size=3, title="")
    world.stash.library.update_scene(47, {"details": "On the river."})
    world.index()
    world.queue_only(46, 47)
    world.drain()

    status = world.status()

    [row] = status["failed"]
    assert (row["scene_id"], row["title"], row["path"]) == ("46", "Low Tide", "/data/films/Low Tide.mp4")
    assert row["candidates"] == [{"key": item.ratingKey, "library": "Films", "path": "/data/films/old/Low Tide.mp4",
                                  "size": 1, "duration_s": 600, "for": ["the same file name", "the same duration"],
                                  "against": ["in another folder", "another size: 2 bytes in Stash, 1 in Plex"]}]
    assert row["next_try_at"] is None
    [row] = status["unmatched"]
    assert (row["title"], row["candidates"]) == ("", [])


def test_a_scene_whose_item_is_known_has_no_candidates(world):
    item = known(world)
    item.fail_edit = 400
    world.save(45, details="By the sea.")

    assert world.status()["failed"][0]["candidates"] == []


def test_a_row_that_is_tried_again_says_when(world):
    item = known(world)
    item.fail_detail = 500
    world.save(45, details="By the sea.")

    [row] = world.status()["retrying"]

    assert row["title"] == "Harbour Lights" and row["attempts"] == 1
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["next_try_at"])
    world.later(3600)
    assert world.status()["retrying"][0]["next_try_at"] is None, "it is due"


def test_the_series_counts_by_the_hour_and_leaves_out_those_without_a_push(world):
    known(world)
    assert world.status()["series"] == {"bucket_s": 3600, "points": []}

    world.save(45, details="By the sea.")
    world.later(3 * 3600)
    world.save(45, details="By the sea.")
    world.save(45, details="At night.")

    status = world.status()
    first, last = status["series"]["points"]
    assert (first["synced"], first["unchanged"], first["failed"]) == (1, 0, 0)
    assert (last["synced"], last["unchanged"], last["failed"]) == (1, 1, 0)
    assert last["t"] - first["t"] == 3 * 3600 and first["t"] % 3600 == 0
    assert 0 < last["p50"] <= last["p95"]
    assert status["steps"]["plex_get"] > 0 and status["steps"]["plex_put"] > 0
    world.later(8 * 24 * 3600)
    assert world.status()["series"]["points"] == []


def test_how_far_the_drain_is(world):
    for number in range(1, 5):
        known(world, number, f"film {number}")
    assert world.status()["drain"] == {"state": "idle", "done": 0, "total": 0}
    world.stash.hold_jobs = True
    world.check(*world.stash.hook("Scene.Update.Post", 1, {"ids": [1, 2, 3, 4]}, ["ids"]))
    assert world.status()["drain"] == {"state": "asked", "done": 0, "total": 4}
    for number in range(1, 5):
        world.stash.library.update_scene(number, {"details": "By the sea."})

    held = world.hold_plex()
    world.stash.hold_jobs = False
    held.wait()
    assert world.status()["drain"] == {"state": "running", "done": 0, "total": 4}
    held.release()
    world.tasks()

    assert world.status()["drain"] == {"state": "idle", "done": 0, "total": 0}


def test_a_drain_that_was_killed_does_not_run(world):
    known(world)
    world.stash.library.update_scene(45, {"details": "By the sea."})
    world.queue_only(45)
    held = world.hold_plex()
    job = world.stash.run_task("Process queue")
    held.wait()
    job.run.stop()
    job.run.join()
    held.release()
    world.stash.wait_jobs()

    assert world.status()["drain"]["state"] == "idle"


def test_the_version_is_that_of_the_executable(world):
    assert world.status()["version"] in world.plexsync("--version").stdout.decode()


def test_a_failed_scene_that_succeeds_leaves_the_list_and_stays_in_the_totals(world):
    item = known(world)
    item.fail_edit = 400
    failed = world.save(45, details="By the sea.")
    before = world.status()
    item.fail_edit = None
    world.operation("retry-failed")
    world.tasks()

    after = world.status()

    assert "HTTP 400" in failed.output["reason"] and failed.output["refused"] == ["summary"]
    assert [job["scene_id"] for job in before["failed"]] == ["45"]
    assert before["totals"] == {"synced": 0, "unchanged": 0, "failed": 1}
    assert after["failed"] == []
    assert after["totals"] == {"synced": 1, "unchanged": 0, "failed": 1}


def test_hidden_paths_are_hidden_as_soon_as_the_setting_is_saved(world):
    world.stash.library.add_scene("/data/films/Night Ferry.mp4", number=47, size=3, title="Night Ferry")
    world.index()
    world.queue_only(47)
    world.drain()
    world.settings["logHidePaths"] = True
    world.save(47, details="On the river.")
    world.tasks()

    run = world.operation("status")

    assert [job["path"] for job in run.output["unmatched"]] == ["(path hidden)"]


def test_a_damaged_cache_costs_the_counters_and_nothing_else(world):
    item = known(world)
    world.save(45, details="By the sea.")
    (world.state / "cache" / "data.mdb").write_bytes(b"\xff" * 8192)

    run = world.save(45, details="At night.")
    world.tasks()

    assert run.returncode == 0
    assert item.summary == "At night."
    assert world.status()["plex"]["breaker"] == "closed"
