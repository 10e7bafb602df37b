"""The task "Process queue": works through what is due, one drain at a time, and keeps what it
cannot do."""


def queued(world, *numbers):
    """Films that both have, known to the index, and queued; returns the items."""
    items = [world.film(n, f"Harbour Lights {n}", title=f"Harbour Lights {n}", details=f"Part {n}.") for n in numbers]
    world.index()
    world.queue_only(*numbers)
    world.clear()
    return items


def summaries(items):
    """What Plex shows of them."""
    return [item.summary for item in items]


def detail(item):
    """The path under which Plex shows an item."""
    return f"/library/metadata/{item.ratingKey}"


# --- the work ------------------------------------------------------------------------------------


def test_a_drain_does_everything_that_is_due(world):
    items = queued(world, 1, 2, 3)

    drain = world.drain()

    assert drain.output == {"synced": 3, "unchanged": 0, "ignored": 0, "waiting": 0, "failed": 0, "retried": 0,
                            "elsewhere": False, "gave_way": False}
    assert summaries(items) == ["Part 1.", "Part 2.", "Part 3."]
    assert "Queue: 3 written, 0 unchanged, 0 ignored, 0 wait for Plex, 0 failed, 0 to be tried again" in \
        drain.text("info")
    assert world.queue() == (0, 0, 0)


def test_scenes_share_the_requests_that_read_and_each_has_its_edit(world):
    queued(world, *range(1, 61))

    drain = world.drain()

    assert [len(operation) - 1 for operation in drain.operations] == [50, 10]
    assert world.request_count() == (2, 60 + 4)
    assert drain.output["synced"] == 60

    world.queue_only(1)
    world.clear()
    world.drain()
    assert world.request_count() == (1, 1), "one alone is read as ever"


def test_the_scenes_that_were_queued_first_come_first(world):
    items = queued(world, 3, 1, 2)

    world.drain()

    assert [request.arg("id") for request in world.plex.writes] == [str(item.ratingKey) for item in items]


def test_an_empty_queue_costs_nothing(world):
    world.film(45, "Harbour Lights")
    world.index()

    drain = world.drain()

    assert drain.output["synced"] == 0
    assert world.request_count() == (0, 0)


def test_progress_goes_from_little_to_everything(world):
    queued(world, *range(1, 9))
    world.plex.latency = 0.05

    world.stash.run_task("Process queue")
    [job] = world.stash.wait_jobs()

    world.check(job.run)
    assert len(job.run.progress) >= 3
    assert job.run.progress == sorted(job.run.progress)
    assert 0 < job.run.progress[0] < 0.5
    assert job.run.progress[-1] == job.progress == 1.0


def test_what_is_queued_while_a_drain_runs_is_done_by_it(world):
    queued(world, 1)
    item = world.film(2, "Night Ferry", title="Night Ferry", details="On the river.")
    world.index()
    held = world.hold_plex()

    world.stash.run_task("Process queue")
    held.wait()
    [late] = world.stash.hook("Scene.Create.Post", 2)
    held.release()
    [drain] = world.tasks()

    world.check(late)
    assert not late.requests
    assert drain.output["synced"] == 2
    assert item.summary == "On the river."


def test_only_one_drain_works_at_a_time(world):
    queued(world, 1, 2)
    held = world.hold_plex()

    first = world.meanwhile(world.drain)
    held.wait()
    second = world.operation("drain")
    held.release()

    assert second.output["elsewhere"] is True
    assert second.output["synced"] == 0
    assert not second.requests
    assert "Another drain is running" in second.text("info")
    assert first().output["synced"] == 2
    assert len(world.plex.writes) == 2


def test_two_drains_started_together_do_everything_once(world):
    items = queued(world, *range(1, 7))

    others = [world.meanwhile(world.operation, "drain") for _ in range(3)]
    done = [wait().output for wait in others]

    assert sum(output["synced"] for output in done) == 6
    assert summaries(items) == [f"Part {n}." for n in range(1, 7)]
    assert len(world.plex.writes) == 6
    assert world.queue() == (0, 0, 0)


def test_a_killed_drain_is_taken_over_at_the_next_event(world):
    items = queued(world, 1, 2, 3)
    held = world.hold_plex()
    job = world.stash.run_task("Process queue")
    held.wait()
    world.stash.jobs.stop(job.id)
    world.stash.wait_jobs()
    held.release()
    assert job.status == "CANCELLED"
    assert world.queue() == (3, 0, 0)

    [run] = world.stash.hook("Scene.Create.Post", 3)
    [drain] = world.tasks()

    world.check(run)
    assert run.operations == [["runPluginTask"]]
    assert drain.output["synced"] + drain.output["unchanged"] == 3      # the killed request may have arrived
    assert summaries(items) == ["Part 1.", "Part 2.", "Part 3."]
    assert world.queue() == (0, 0, 0)


def test_a_session_that_is_renewed_with_every_answer_carries_a_long_drain(world):
    items = queued(world, *range(1, 6))
    world.stash.sessions.grace = 0.05
    world.plex.latency = 0.05

    drain = world.drain()

    assert drain.output["synced"] == 5
    assert items[-1].summary == "Part 5."


# --- what goes wrong with one scene ----------------------------------------------------------------


def test_one_item_that_plex_cannot_show_does_not_delay_the_others(world):
    items = queued(world, 1, 2, 3)
    items[0].fail_detail = 500

    drain = world.drain()

    assert (drain.output["synced"], drain.output["retried"]) == (2, 1)
    assert summaries(items[1:]) == ["Part 2.", "Part 3."]
    status = world.status()
    assert (status["queue"]["ready"], status["queue"]["due"]) == (1, 0)
    assert status["plex"]["breaker"] == "closed"
    assert "Tried again later: scene 1: " in drain.text("warning")


def test_one_item_that_plex_cannot_edit_does_not_delay_the_others(world):
    items = queued(world, 1, 2)
    items[0].fail_edit = 500

    drain = world.drain()

    assert (drain.output["synced"], drain.output["retried"]) == (1, 1)
    assert world.status()["plex"]["breaker"] == "closed"


def test_it_is_tried_again_after_half_a_minute_and_not_before(world):
    items = queued(world, 1)
    items[0].fail_detail = 500
    world.drain()
    items[0].fail_detail = None
    world.clear()

    world.later(29)
    early = world.drain()
    before = world.request_count()
    world.later(33)
    late = world.drain()

    assert early.output["synced"] == 0
    assert before == (0, 0)
    assert late.output["synced"] == 1


def test_after_twelve_attempts_it_has_failed(world):
    [item] = queued(world, 1)
    item.fail_detail = 500
    for attempt in range(11):
        world.later(attempt * 800)
        world.drain()
    assert world.queue() == (1, 0, 0)

    world.later(11 * 800)
    last = world.drain()

    assert "Given up after 12 attempts: scene 1: " in last.text("error")
    [failed] = world.status()["failed"]
    assert failed["attempts"] == 12
    assert "HTTP 500" in failed["reason"]


def test_a_clock_that_was_set_back_delays_nothing(world):
    [item] = queued(world, 1)
    item.fail_detail = 500
    world.later(86400)
    world.drain()
    item.fail_detail = None

    world.later(0)
    drain = world.drain()

    assert drain.output["synced"] == 1
    assert world.queue() == (0, 0, 0)


def test_an_edit_that_plex_refuses_for_one_item_fails_that_one_only(world):
    items = queued(world, 1, 2)
    items[0].fail_edit = 403

    drain = world.drain()

    assert (drain.output["synced"], drain.output["failed"]) == (1, 1)
    [failed] = world.status()["failed"]
    assert "summary" in failed["reason"] and "fieldNo" in failed["reason"]
    assert items[1].summary == "Part 2."


# --- what goes wrong with everything -----------------------------------------------------------------


def test_when_plex_goes_down_the_rest_is_kept_without_an_attempt(world):
    items = queued(world, 1, 2, 3)
    world.plex.fault(lambda request: request.method == "PUT" and request.arg("id") == str(items[1].ratingKey), "status",
                     status=503)

    drain = world.drain()

    assert drain.error.startswith("The queue is kept: scene 2: ")
    assert summaries(items) == ["Part 1.", None, None]
    status = world.status()
    assert (status["queue"]["ready"], status["queue"]["due"]) == (3, 3), "nobody saw what became of the first one"
    assert status["plex"]["breaker"] == "open"
    assert len(world.plex.writes) == 2
    world.later(60)
    assert world.drain().output["unchanged"] == 1
    assert [request.arg("id") for request in world.plex.writes] == ["1", "2", "3", "2"]


def test_a_drain_by_hand_tries_plex_also_while_it_is_known_to_be_down(world):
    items = queued(world, 1, 2)
    world.plex.stop()
    assert world.drain().error
    world.plex.start()

    drain = world.drain()

    assert drain.output["synced"] == 2
    assert summaries(items) == ["Part 1.", "Part 2."]
    assert world.status()["plex"]["breaker"] == "closed"


def test_a_probe_that_plex_answers_is_a_success_also_without_an_item(world):
    world.stash.library.add_scene("/data/films/Low Tide.mp4", number=7, size=7, title="Low Tide", details="At sea.")
    world.index()
    world.queue_only(7)
    world.plex.stop()
    world.drain()
    world.plex.start()

    drain = world.drain()

    assert drain.output["waiting"] == 1
    assert world.status()["plex"]["breaker"] == "closed"


def test_a_wrong_token_stops_the_drain_with_one_line_and_keeps_all(world):
    queued(world, 1, 2, 3)
    world.plex.token = "changed-in-plex"

    drain = world.drain()

    assert "connectToken" in drain.error
    assert [request.path for request in world.plex.requests] == \
        ["/library/metadata/1,2,3", "/library/metadata/1", "/library/sections"], "is it the item, or all of Plex?"
    assert not drain.text("error") + drain.text("warning")
    assert world.queue() == (3, 0, 0)
    assert world.status()["plex"]["breaker"] == "closed"


def test_a_library_name_that_fits_nothing_names_the_setting(world):
    queued(world, 1)
    world.settings["libraryNames"] = "Filme"
    world.operation("clear-cache")

    drain = world.drain()

    assert 'setting libraryNames: Plex has no video library "Filme"' in drain.error
    assert world.queue() == (1, 0, 0)


def test_when_stash_fails_the_queue_is_kept_and_the_breaker_left_alone(world):
    queued(world, 1, 2)
    world.stash.fault(("POST", "/graphql"), "status", status=502)

    drain = world.drain()

    assert "Stash answers HTTP 502" in drain.error
    assert world.queue() == (2, 0, 0)
    assert world.status()["plex"]["breaker"] == "closed"
    assert world.drain().output["synced"] == 2


def test_without_an_index_the_drain_builds_it_first(world):
    items = [world.film(n, f"Harbour Lights {n}", title=f"Harbour Lights {n}", details=f"Part {n}.") for n in (1, 2)]

    for n in (1, 2):
        world.check(*world.stash.hook("Scene.Create.Post", n))
    world.tasks()

    assert summaries(items) == ["Part 1.", "Part 2."]
    assert world.plex.counts()["GET /library/sections"] == 1


def test_one_look_at_plex_serves_every_scene_that_it_does_not_have(world):
    for n in (1, 2, 3):
        world.stash.library.add_scene(f"/data/films/Low Tide {n}.mp4", number=n, size=n, title=f"Low Tide {n}")
    world.index()
    world.queue_only(1, 2, 3)
    world.clear()

    drain = world.drain()

    assert drain.output["waiting"] == 3
    assert world.plex.counts() == {"GET /library/sections": 1, f"GET /library/sections/{world.films.id}/all": 1}
