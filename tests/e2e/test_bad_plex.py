"""What happens when Plex does not do what it should.

Each trouble is told (what, where, and which setting if it is one), keeps every
job, and is over when Plex is well again: then the scene is written.
"""

import shutil
import time

import pytest

# where the trouble is -> the requests it hits
PLACES = {
    "sections": ("GET", "/library/sections"),
    "count": lambda r: r.method == "GET" and r.path.endswith("/all") and r.arg("X-Plex-Container-Size") == "0",
    "listing": lambda r: r.method == "GET" and r.path.endswith("/all") and r.arg("X-Plex-Container-Size") != "0",
    "detail": ("GET", "/library/metadata/.*"),
    "edit": ("PUT", ".*"),
}
# name -> (kind, options, words of the message)
TROUBLES = {
    "HTML": ("html200", {}, ["not Plex's (text/html)", "connectUrl"]),
    "nothing": ("empty", {}, ["not Plex's (it is empty)", "connectUrl"]),
    "noise": ("garbage", {}, ["not Plex's", "connectUrl"]),
    "half": ("truncated", {}, ["not Plex's"]),
    "no end": ("endless", {}, ["longer than 16777216 bytes"]),
    "elsewhere": ("redirect", {"location": "https://plex.example/"}, ["HTTP 302", "connectUrl"]),
    "301": ("redirect", {"location": "/login", "status": 301}, ["HTTP 301", "connectUrl"]),
    "308": ("redirect", {"location": "", "status": 308}, ["HTTP 308", "connectUrl"]),
    "401": ("status", {"status": 401}, ["HTTP 401", "connectToken"]),
    "403": ("status", {"status": 403}, ["HTTP 403", "connectToken"]),
    "404": ("status", {"status": 404}, ["HTTP 404"]),
    "418": ("status", {"status": 418}, ["HTTP 418"]),
    "429": ("status", {"status": 429, "headers": {"Retry-After": "120"}}, ["HTTP 429"]),
    "500": ("status", {"status": 500}, ["HTTP 500"]),
    "502": ("status", {"status": 502}, ["HTTP 502"]),
    "maintenance": ("maintenance", {}, ["HTTP 503"]),
    "reset": ("reset_before", {}, ["Plex"]),
    "reset in the middle": ("reset_mid", {}, ["Plex"]),
    "list": ("status", {"status": 200, "body": '{"MediaContainer":[]}'}, ["not Plex's"]),
    "null": ("status", {"status": 200, "body": "null"}, ["not Plex's"]),
    "deep": ("status", {"status": 200, "body": "[" * 100_000}, ["not Plex's"]),
    "other JSON": ("status", {"status": 200, "body": '{"status":"ok"}'}, ["not Plex's"]),
}
# the body of an answer to an edit does not matter
READ_ONLY = {"HTML", "nothing", "noise", "half", "no end", "list", "null", "deep", "other JSON"}
LATER = 5       # minutes: longer than any back-off here, shorter than an index is trusted


@pytest.fixture
def film(world):
    """Scene 45 and its item."""
    return world.film(45, "quay")


def text_of(world, run):
    """All that the run and the queue say about the trouble."""
    return "\n".join([run.error or "", run.text(), str(run.output), str(world.status()["failed"])])


def trouble(world, place, name):
    """Plex has this trouble there, until clear_faults()."""
    kind, options, words = TROUBLES[name]
    world.plex.fault(PLACES[place], kind, times=None, **options)
    return words


def over(world, film, minutes=LATER):
    """The trouble is over: a drain some minutes later writes the scene."""
    world.plex.clear_faults()
    world.clock(minutes)
    world.drain()
    assert film.title == "Harbour Lights"
    status = world.status()
    assert status["queue"] | {"due": 0} == {"ready": 0, "due": 0, "waiting": 0, "failed": 0}
    assert status["plex"]["breaker"] == "closed"


# --- every trouble, everywhere ------------------------------------------------------------------------


@pytest.mark.parametrize("place, name", [("detail", name) for name in TROUBLES] +
                         [("edit", name) for name in TROUBLES if name not in READ_ONLY])
def test_trouble_inside_of_save(world, film, place, name):
    world.index()
    words = trouble(world, place, name)
    if (place, name) in (("edit", "401"), ("edit", "403")):
        words = [f"HTTP {name}", "title", "fieldNo"]        # the token is good: it is this item's trouble

    run = world.save(45, title="Harbour Lights")

    told = text_of(world, run)
    if (place, name) != ("detail", "404"):      # the item is gone: it is looked for again
        for word in words:
            assert word in told, told
    queue = world.status()["queue"]
    assert queue["ready"] + queue["failed"] + queue["waiting"] == 1
    world.plex.clear_faults()
    if queue["failed"]:
        assert (place, name) in (("edit", "401"), ("edit", "403"), ("edit", "418"), ("detail", "418"))
        world.operation("retry-failed")
    over(world, film, 75 if (place, name) == ("detail", "404") else LATER)      # one full pass an hour


@pytest.mark.parametrize("place, name", [(place, name) for place in ("sections", "listing") for name in TROUBLES] +
                         [("count", name) for name in ("HTML", "half", "404", "500", "reset")])
def test_trouble_while_the_index_is_built(world, film, place, name):
    words = trouble(world, place, name)
    assert world.save(45, title="Harbour Lights").output["result"] == "queued"

    run = world.tasks()[-1]

    told = text_of(world, run)
    for word in words:
        assert word in told, told
    assert world.status()["queue"] | {"due": 0} == {"ready": 1, "due": 0, "waiting": 0, "failed": 0}
    over(world, film)


def test_an_edit_is_judged_by_its_status_alone(world, film):
    world.index()
    world.plex.fault(PLACES["edit"], "html200", times=None, apply=True)

    assert world.save(45, title="Harbour Lights").output["result"] == "synced"
    assert film.title == "Harbour Lights"


def test_a_proxy_that_says_404_for_a_while_makes_nobody_forget_the_library(world, film):
    """Plex restarts, and the proxy before it has no route: 404 for everything."""
    film.put(addedAt=1_600_000_000, updatedAt=1_600_000_000)
    world.film(46, "other")
    world.index()
    world.plex.fault(lambda request: True, "status", times=None, status=404)
    world.save(45, title="Harbour Lights")
    world.tasks()

    over(world, film)


# --- down and busy --------------------------------------------------------------------------------------


def test_plex_is_off(world, film):
    world.index()
    world.plex.stop()

    run = world.save(45, title="Harbour Lights")

    assert "Plex: http://127.0.0.1" in run.error and "(the scene stays queued)" in run.error
    status = world.status()
    assert (status["queue"]["ready"], status["plex"]["breaker"]) == (1, "open")
    second = world.save(45, details="By the sea.")      # nobody is asked in vain
    assert second.output["result"] == "queued"
    world.plex.start()
    over(world, film)


def test_plex_is_turned_off_in_the_middle_of_a_drain(world, film):
    for number in range(1, 6):
        world.film(number, f"film {number}", studio="Northwind Pictures")
    world.index()
    writes = []

    def dies(request):
        writes.extend([request] * (request.method == "PUT"))
        return len(writes) > 2

    world.plex.fault(dies, "reset_before", times=None)
    world.check(*world.stash.bulk_update_scenes(range(1, 6), rating100=80))
    world.tasks()

    assert world.status()["queue"]["ready"] == 3
    assert world.status()["plex"]["breaker"] == "open"
    world.plex.clear_faults()
    world.clock(LATER)
    world.drain()
    assert [item.studio for item in world.films.items[1:]] == ["Northwind Pictures"] * 5


def test_retry_after_is_obeyed(world, film):
    world.index()
    trouble(world, "detail", "429")
    world.save(45, title="Harbour Lights")
    world.plex.clear_faults()
    world.clear()
    world.clock(1)

    world.operation("tick")
    assert world.tasks() == []
    assert (world.plex.requests, world.status()["plex"]["breaker"]) == ([], "open")

    world.clock(3)
    world.operation("tick")
    world.tasks()
    assert film.title == "Harbour Lights"


@pytest.mark.parametrize("value", ["soon", "", "-5", "99999999999999999999", "Wed, 21 Oct 2015 07:28:00 GMT", "1.5"])
def test_a_retry_after_that_makes_no_sense_does_no_harm(world, film, value):
    world.index()
    world.plex.fault(PLACES["detail"], "status", times=None, status=503, headers={"Retry-After": value})
    assert "HTTP 503" in world.save(45, title="Harbour Lights").error
    world.plex.clear_faults()
    world.clock(61)

    world.drain()

    assert film.title == "Harbour Lights"


@pytest.mark.parametrize("place, kind, options", [
    ("detail", "hang", {}), ("edit", "hang", {}), ("edit", "hang_after_apply", {}), ("edit", "drip", {"interval": 0.2}),
    ("detail", "drip", {"interval": 0.05, "body_only": True})])
def test_save_does_not_wait_for_a_plex_that_takes_its_time(world, film, place, kind, options):
    world.index()
    world.stash.hold_jobs = True        # a drain has all the time, and would wait for 30 seconds
    world.plex.fault(PLACES[place], kind, times=None, **options)
    begun = time.monotonic()

    run = world.save(45, title="Harbour Lights", tags=["Boats"])

    assert time.monotonic() - begun < 3
    if run.output["result"] != "synced":        # a short answer may drip through in time
        assert run.output["result"] == "queued"
        assert world.status()["plex"]["breaker"] == "closed"      # our own time ran out
        assert run.text("error") == ""
    world.plex.clear_faults()
    world.stash.hold_jobs = False
    world.drain()
    assert (film.title, film.genres) == ("Harbour Lights", ["Boats"])


def test_a_kept_connection_that_plex_closed_is_no_trouble(world, film):
    world.index()
    world.plex.fault(lambda request: True, "close_idle", times=1, reused=True)

    assert world.save(45, title="Harbour Lights").output["result"] == "synced"


# --- one item --------------------------------------------------------------------------------------------


def test_one_damaged_item_is_tried_later_and_stops_nobody(world, film):
    other = world.film(46, "other", studio="Northwind Pictures")
    world.index()
    film.fail_detail = 500
    world.check(*world.stash.bulk_update_scenes([45, 46], rating100=80))
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})

    world.tasks()
    world.drain()

    assert other.studio == "Northwind Pictures"
    status = world.status()
    assert (status["queue"]["ready"], status["queue"]["due"], status["plex"]["breaker"]) == (1, 0, "closed")
    film.fail_detail = None
    world.clock(LATER)
    world.drain()
    assert film.title == "Harbour Lights"


def test_one_damaged_item_fails_after_twelve_attempts_and_says_why(world, film):
    world.index()
    film.fail_detail = 500
    world.save(45, title="Harbour Lights")
    for attempt in range(11):
        assert world.status()["queue"]["failed"] == 0
        world.clock(13 * (attempt + 1))
        world.drain()

    [failed] = world.status()["failed"]
    assert (failed["scene_id"], failed["path"]) == ("45", "/data/films/quay.mp4")
    assert "HTTP 500" in failed["reason"] and "/library/metadata/1" in failed["reason"]
    film.fail_detail = None
    world.operation("retry-failed")
    world.drain()
    assert film.title == "Harbour Lights"


@pytest.mark.parametrize("status", [401, 403])
def test_an_edit_that_plex_refuses_for_one_item_names_the_fields(world, film, status):
    other = world.film(46, "other")
    world.index()
    film.fail_edit = status

    run = world.save(45, title="Harbour Lights", performers=["Ana Duarte"])

    assert f"HTTP {status}" in run.error and "title, performers" in run.error and "fieldNo" in run.error
    assert world.status()["failed"][0]["scene_id"] == "45"
    assert world.save(46, title="Other").output["result"] == "synced"
    assert other.title == "Other"


def test_a_token_that_is_refused_is_told_once_and_keeps_every_job(world, film):
    for number in range(1, 6):
        world.film(number, f"film {number}", studio="Northwind Pictures")
    world.index()
    world.plex.fault(lambda request: True, "status", times=None, status=401)
    world.check(*world.stash.bulk_update_scenes(range(1, 6), rating100=80))

    runs = world.tasks()

    told = [line for run in runs for line in [run.error or "", *run.text("error").split("\n")] if "401" in line]
    assert len(told) == 1 and "setting connectToken" in told[0]
    assert world.status()["queue"]["ready"] == 5
    assert world.status()["plex"]["breaker"] == "closed"


def test_a_guests_token_may_read_nothing(world, film):
    world.plex.guest_token = "guest-token-abcdef"
    world.secrets.add("guest-token-abcdef")
    world.settings["connectToken"] = "guest-token-abcdef"
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})

    run = world.operation("sync-scene", scene_id="45")

    assert "setting connectToken" in run.error and "owner" in run.error


def test_an_item_that_vanishes_while_it_is_written_is_looked_for_again(world, film):
    world.index()
    seen = []

    def second_read(request):
        seen.extend([1] * request.path.startswith("/library/metadata/"))
        return len(seen) == 2

    world.plex.fault(second_read, "status", status=404)

    run = world.save(45, tags=["Boats"])

    assert "vanished" in text_of(world, run)
    world.clock(LATER)
    world.drain()
    assert film.genres == ["Boats"]
    assert world.status()["queue"]["ready"] == 0


# --- TLS ---------------------------------------------------------------------------------------------------


secure = pytest.mark.parametrize("world", [{"plex_tls": True}], indirect=True)


@secure
def test_a_certificate_that_nobody_knows_is_refused_and_both_remedies_are_named(world, film):
    run = world.save(45, title="Harbour Lights")
    assert run.output["result"] == "queued"
    run = world.tasks()[-1]

    told = text_of(world, run)
    assert "certificate" in told and "tlsCaFile" in told and "tlsSkipVerify" in told
    assert world.plex.requests == []
    assert world.status()["queue"]["ready"] == 1
    world.settings["tlsSkipVerify"] = True
    over(world, film)


@secure
@pytest.mark.parametrize("setting", ["tlsSkipVerify", "tlsCaFile"])
def test_a_certificate_that_the_user_trusts(world, film, setting):
    world.settings[setting] = True if setting == "tlsSkipVerify" else world.plex.certfile
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})

    assert world.sync(45)["result"] == "synced"
    assert film.title == "Harbour Lights"


@secure
def test_a_certificate_for_another_name_is_refused(world, film):
    world.settings["tlsCaFile"] = world.plex.certfile
    world.settings["connectUrl"] = f"https://127.0.0.2:{world.plex.port}"
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})

    run = world.operation("sync-scene", scene_id="45")

    assert run.error and world.plex.requests == []


@secure
@pytest.mark.parametrize("content", [None, "", "no certificate", "folder"])
def test_a_certificate_file_that_is_no_good_is_named(world, film, content, tmp_path):
    path = tmp_path / "ca.pem"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_text(content)
    world.settings["tlsCaFile"] = str(path)
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})

    run = world.operation("sync-scene", scene_id="45")

    assert "tlsCaFile" in run.error
    assert world.status()["queue"]["ready"] == 1
    shutil.rmtree(path, ignore_errors=True)
    world.settings["tlsCaFile"] = world.plex.certfile
    over(world, film)


@secure
def test_http_to_a_server_that_speaks_https(world, film):
    world.settings["connectUrl"] = world.plex.url.replace("https:", "http:")
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})

    run = world.operation("sync-scene", scene_id="45")

    assert "Plex: http://127.0.0.1" in run.error
    world.settings |= {"connectUrl": world.plex.url, "tlsSkipVerify": True}
    over(world, film)
