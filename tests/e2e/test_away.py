"""Plex is away for the time of a restart, or slow for a while: one scene that is saved meanwhile is written without a
page of Stash, without another edit, and Save never waits twice for the same trouble."""

import time

import pytest

ASK, LOOK = ["runPluginTask"], ["jobQueue"]


def shelf(world, count=3):
    """Films that both have, known to the index."""
    items = [world.film(n, f"Harbour Lights {n}", title=f"Harbour Lights {n}") for n in range(1, count + 1)]
    world.index()
    return items


def hurry(world, divisor):
    """The drain waits for Plex so many times less long."""
    world.stash.host.environ["PLEXSYNC_TEST_OUTAGE"] = str(divisor)


def probes(world):
    """How often a drain looked whether Plex is back."""
    return sum(request.path == "/library/sections" for request in world.plex.requests)


def reset(world, times=None):
    """Plex resets every connection, so many times."""
    world.plex.fault(lambda request: True, "reset_before", times=times)


def starting(world, times=None):
    """Plex says that it is starting."""
    world.plex.fault(lambda request: True, "maintenance", times=times)


def behind_a_proxy(world, times=None):
    """A proxy says that it reaches nobody."""
    world.plex.fault(lambda request: True, "status", status=502, times=times)


def too_late(world, times=None):
    """A proxy has waited long enough."""
    world.plex.fault(lambda request: True, "status", status=504, times=times)


# --- a restart -------------------------------------------------------------------------------------


@pytest.mark.parametrize("away", [reset, starting, behind_a_proxy, too_late])
@pytest.mark.parametrize("times", [2, 6, 15])
def test_a_restart_is_waited_for_by_the_task_that_the_save_asked_for(world, away, times):
    items = shelf(world)
    world.clear()
    away(world, times)

    run = world.save(1, details="By the sea.")
    [drain] = world.tasks()

    assert run.operations[-1] == ASK
    assert drain.output["synced"] == 1
    assert "waiting up to 1" in drain.text("info")
    assert items[0].summary == "By the sea."
    assert world.queue() == (0, 0, 0)
    assert world.status()["plex"]["breaker"] == "closed"


def test_so_is_a_server_that_nobody_listens_at(world):
    items = shelf(world)
    hurry(world, 60)                        # two seconds
    world.plex.stop()

    world.save(1, details="By the sea.")
    time.sleep(0.3)
    world.plex.start()
    [drain] = world.tasks()

    assert drain.output["synced"] == 1
    assert items[0].summary == "By the sea."


def a_bulk_edit(world):
    """Of all of them."""
    return world.stash.bulk_update_scenes([1, 2, 3], details="By the sea.")


def a_scan(world):
    """Of Stash, which finds a file changed."""
    world.stash.library.update_scene(1, {"details": "By the sea."})
    return world.stash.scan_changed(1)


def a_new_name(world):
    """The studio of all of them gets another name."""
    studio = world.stash.library.by_name("studio", "Lumen House")
    return world.stash.update("studio", studio, name="Northwind Pictures")


@pytest.mark.parametrize("edit", [a_bulk_edit, a_scan, a_new_name])
def test_it_is_waited_for_whatever_was_edited(world, edit):
    items = [world.film(n, f"Harbour Lights {n}", title=f"Harbour Lights {n}", studio="Lumen House") for n in (1, 2, 3)]
    world.index()
    world.operation("sync-all")
    world.tasks()
    reset(world, 6)

    runs = edit(world)
    world.check(*runs)
    drains = world.tasks()

    assert [run.error for run in (*runs, *drains)] == [None] * len(runs + drains)
    wanted = {a_bulk_edit: ["By the sea."] * 3, a_scan: ["By the sea.", None, None]}.get(edit, [None] * 3)
    assert [item.summary for item in items] == wanted
    assert {item.studio for item in items} == {"Northwind Pictures" if edit is a_new_name else "Lumen House"}
    assert world.queue() == (0, 0, 0)


def test_it_looks_fifteen_times_in_two_minutes_and_then_as_ever(world):
    shelf(world)
    world.clear()
    reset(world)

    run = world.save(1, details="By the sea.")
    [drain] = world.tasks()

    assert "scene 1: Plex: " in run.output["reason"]
    assert len(run.text("warning").splitlines()) == 1
    assert "stopped" in drain.output and drain.text("warning") + drain.text("error") == ""
    assert probes(world) - 1 == 15          # 1, 2, 4, 8, 18 … 118 s; the first look is the save's own
    world.later(55)
    assert world.operation("tick").output == {"asked": False}
    world.plex.clear_faults()
    world.later(65)
    assert world.operation("tick").output == {"asked": True}
    [drain] = world.tasks()
    assert drain.output["synced"] == 1


def test_what_is_saved_meanwhile_is_written_with_it(world):
    items = shelf(world)
    hurry(world, 60)
    reset(world)

    world.save(1, details="By the sea.")
    others = [world.save(n, details="By the sea.") for n in (2, 3)]
    assert [run.requests for run in others] == [[], []]
    world.plex.clear_faults()
    [drain] = world.tasks()

    assert drain.output["synced"] == 3
    assert [item.summary for item in items] == ["By the sea."] * 3


def test_a_task_that_meets_the_outage_itself_waits_too(world):
    items = shelf(world, 6)
    seen = []

    def edit(request):
        seen.append(request.method == "PUT")
        return 1 <= sum(seen) and len(seen) < 25
    world.plex.fault(edit, "reset_before", times=5)
    world.stash.bulk_update_scenes([1, 2, 3, 4, 5, 6], details="By the sea.")
    drains = world.tasks()

    assert sum(drain.output["synced"] + drain.output["unchanged"] for drain in drains) == 6
    assert len(drains) == 1
    assert len(drains[0].text("warning").splitlines()) == 1
    assert [item.summary for item in items] == ["By the sea."] * 6


def test_a_task_by_hand_does_not_wait(world):
    shelf(world)
    world.clear()
    world.stash.hold_jobs = True
    world.check(*world.stash.hook("Scene.Update.Post", 1))
    [job] = world.stash.jobs.queued()
    world.stash.jobs.stop(job.id)
    world.stash.hold_jobs = False
    world.stash.wait_jobs()
    reset(world)

    drain = world.drain()

    assert drain.error.startswith("The queue is kept: ")
    assert len(world.plex.requests) <= 3


def test_it_does_not_wait_a_moment_while_another_task_waits(world):
    items = shelf(world)
    hurry(world, 1)
    reset(world)
    world.stash.hold_jobs = True
    world.save(1, details="By the sea.")
    world.plex.clear_faults()
    world.stash.run_task("Status")
    world.clear()
    world.stash.hold_jobs = False

    done = world.stash.wait_jobs()

    world.check(*[job.run for job in done])
    assert [job.description.removeprefix("Running plugin task: ") for job in done] == [
        "PlexSync: Process queue", "Status", "PlexSync: Process queue"]
    assert done[0].run.output["gave_way"] and done[0].run.duration < 1
    assert done[2].run.output["synced"] == 1
    assert items[0].summary == "By the sea."


@pytest.mark.parametrize("seconds,looks", [(5, 12), (60, 6), (300, 0)])
def test_what_plex_asks_for_is_respected(world, seconds, looks):
    shelf(world)
    world.clear()
    world.plex.fault(lambda request: True, "status", status=503, times=None, headers={"Retry-After": str(seconds)})

    run = world.save(1, details="By the sea.")
    world.tasks()

    assert (run.operations[-1] == ASK) == (looks > 0)
    assert probes(world) == looks


def test_an_address_that_is_corrected_meanwhile_is_used(world):
    items = shelf(world)
    hurry(world, 60)
    right, world.settings["connectUrl"] = world.settings["connectUrl"], "http://127.0.0.1:1"

    world.save(1, details="By the sea.")
    world.settings["connectUrl"] = right
    [drain] = world.tasks()

    assert drain.output["synced"] == 1
    assert items[0].summary == "By the sea."


# --- an edit that is kept for later is not an error ------------------------------------------------


def wrong_token(world):
    """The owner signed out everywhere."""
    world.plex.token = "plex-token-Rr27kkWe"
    world.secrets.add(world.plex.token)


def no_address(world):
    """The address was deleted."""
    world.settings["connectUrl"] = ""


def too_many(world):
    """A proxy before Plex limits the requests."""
    world.plex.fault(lambda request: True, "status", status=429, times=None)


def session_over(world):
    """Stash wants a login, and the cookie is too old."""
    world.stash.username = "ana"
    world.stash.sessions.age = 0


def no_library(world):
    """The library was renamed in Plex."""
    world.settings["libraryNames"] = "Fims"


def bad_rule(world):
    """A rule that no path can fit."""
    world.settings["libraryPathMap"] = "data => /mnt"


def claim_code(world):
    """What plex.tv/claim shows is no token."""
    world.settings["connectToken"] = "claim-Zq81xxTTabc"


def elsewhere(world):
    """A place where no Plex is."""
    world.settings["connectUrl"] = world.plex.url + "/plex"


def stash_fails(world):
    """Stash's database is busy."""
    world.stash.fault(lambda request: b"findScene" in request.body, "status", status=500, times=None)


def save(world, number):
    """A person saves the scene in another session than that of the cookie."""
    [run] = world.stash.hook("Scene.Update.Post", number, {"id": str(number), "title": "x"}, ["id", "title"])
    world.check(run)
    return run


@pytest.mark.parametrize("trouble", [reset, starting, too_many, behind_a_proxy, wrong_token, no_address, session_over,
                                     bad_rule, claim_code, stash_fails])
def test_it_is_told_once_and_the_scene_is_queued(world, trouble):
    shelf(world)
    world.stash.hold_jobs = True
    trouble(world)

    runs = [save(world, number) for number in (1, 2, 3)]

    assert [run.error for run in runs] == [None] * 3
    assert {run.output["result"] for run in runs} == {"queued"}
    assert all(run.output["reason"] for run in runs)
    assert [len((run.text("warning") + run.text("error")).splitlines()) for run in runs] == [1, 0, 0]
    assert "stays queued" in runs[0].text("warning")
    for run in runs[1:]:
        assert sum("stays queued" in line for line in run.text("debug").splitlines()) == 1


@pytest.mark.parametrize("trouble", [no_library, elsewhere])
def test_what_only_the_task_finds_out_is_told_by_it_once(world, trouble):
    """Save does not look at Plex's libraries; the task that it asks for does."""
    shelf(world)
    trouble(world)

    runs = []
    for number in (1, 2, 3):
        runs += [save(world, number), *world.tasks()]

    saves = [run for run in runs if run.output]
    assert [run.output["result"] for run in saves] == ["queued"] * 3
    told = [line for run in runs for line in (*run.text("warning").splitlines(), *run.text("error").splitlines(),
                                              run.error) if line]
    assert len(told) == 1 and ("setting libraryNames" in told[0] or "setting connectUrl" in told[0]), told
    assert world.queue() == (3, 0, 0)


@pytest.mark.parametrize("trouble, setting", [(no_library, "libraryNames"), (elsewhere, "connectUrl")])
def test_once_it_is_found_out_the_next_saves_give_it_as_the_reason(world, trouble, setting):
    shelf(world)
    trouble(world)
    save(world, 1)
    [task] = world.tasks()
    assert f"setting {setting}" in task.error

    run = save(world, 2)

    assert run.output["result"] == "queued" and f"setting {setting}" in run.output["reason"]


def test_trouble_that_comes_back_is_told_again(world):
    shelf(world)
    world.stash.hold_jobs = True
    for _ in range(2):
        reset(world)
        assert save(world, 1).text("warning") and not save(world, 2).text("warning")
        world.plex.clear_faults()
        world.operation("sync-scene", scene_id="1")


def test_another_wrong_setting_is_told_again(world):
    shelf(world)
    for token in ("wrong-token-Aa11", "wrong-token-Bb22"):
        world.secrets.add(token)
        world.settings["connectToken"] = token
        assert "connectToken" in save(world, 1).text("warning")
        assert not save(world, 2).text("warning")


def test_one_item_that_fails_stays_queued_and_a_refused_edit_is_an_error(world):
    items = shelf(world)
    items[0].fail_detail = 500
    world.plex.fault(lambda request: request.method == "PUT", "status", status=403)

    later, never = world.save(1, details="By the sea."), world.save(2, details="By the sea.")

    assert (later.output["result"], never.error is None) == ("queued", False)
    assert world.queue() == (1, 0, 1)


def test_by_hand_it_stays_an_error(world):
    shelf(world)
    no_address(world)

    assert [bool(world.operation("sync-scene", scene_id="1").error) for _ in range(2)] == [True, True]
    assert world.drain().error


# --- a slow Plex -----------------------------------------------------------------------------------


def slow(world, seconds, method=None):
    """Every request (of that method) takes so long."""
    world.plex.latency = lambda request: seconds if method in (None, request.method) else 0


def is_held(world, number):
    """Save only queued, and asked for the drain or knows that it comes."""
    world.clear()
    run = world.save(number, details=f"Later {number}.")
    assert (run.error, run.text("warning")) == (None, "")
    if run.output["result"] != "queued":
        return False
    assert "slow" in run.output["reason"]
    assert [operation for operation in run.operations if operation not in (ASK, LOOK)] == []
    return True


def test_a_hook_that_ran_out_of_time_spares_the_next_ones_for_a_minute(world):
    items = shelf(world)
    world.stash.hold_jobs = True
    slow(world, 2)

    assert world.save(1, details="By the sea.").output["result"] == "queued"
    assert is_held(world, 2) and is_held(world, 3)
    world.later(55)
    assert is_held(world, 2)
    assert world.status()["plex"]["breaker"] == "closed"
    slow(world, 0)
    world.later(65)
    assert not is_held(world, 2), "one tries again"
    assert not is_held(world, 3)
    world.stash.hold_jobs = False
    world.tasks()
    assert [item.summary for item in items] == ["By the sea.", "Later 2.", "Later 3."]


def test_the_reason_blames_nobody_who_was_not_slow(world):
    shelf(world)
    world.stash.hold_jobs = True
    world.stash.latency = lambda request: 3 if b"findScene" in request.body else 0

    assert world.save(1, details="By the sea.").output["result"] == "queued"

    assert world.save(2, details="At night.").output["reason"].startswith("Plex or Stash is slow")


def test_the_one_that_tries_again_in_vain_spares_the_next_ones_at_once(world):
    shelf(world)
    world.stash.hold_jobs = True
    slow(world, 2)
    world.save(1, details="By the sea.")
    world.later(65)
    slow(world, 0.2)

    assert world.save(1, details="At night.").output["result"] == "synced"
    assert is_held(world, 2)


@pytest.mark.parametrize("seconds,method", [(0.17, None), (0.4, "PUT"), (0.35, "GET")])
def test_three_slow_ones_in_a_row_do_the_same(world, seconds, method):
    items = shelf(world, 5)
    slow(world, seconds, method)

    done = [world.save(number, details="By the sea.").output["result"] for number in (1, 2, 3)]

    assert done == ["synced"] * 3
    assert is_held(world, 4)
    world.tasks()                           # the drain has the time
    assert items[3].summary == "Later 4."
    assert world.status()["plex"]["breaker"] == "closed"


def test_a_quick_one_in_between_begins_the_count_anew(world):
    shelf(world, 6)
    for number, seconds in enumerate((0.4, 0.4, 0, 0.4, 0.4), 1):
        slow(world, seconds, "PUT")
        assert world.save(number, details="By the sea.").output["result"] == "synced"
    assert not is_held(world, 6)


def test_a_scene_that_asks_nothing_of_plex_says_nothing_about_it(world):
    shelf(world, 5)
    world.stash.library.add_scene(number=99, title="Without a file")
    slow(world, 0.4, "PUT")

    for number in (1, 99, 2, 99, 3):
        world.save(number, details="By the sea.")

    assert is_held(world, 4)


def test_the_status_says_that_save_only_queues(world):
    shelf(world)
    world.stash.hold_jobs = True
    slow(world, 2)
    world.save(1, details="By the sea.")
    slow(world, 0)

    run = world.operation("status")

    assert "Save only queues" in run.text("info")
    assert run.output["plex"]["slow_s"] > 0
