"""What happens when Plex does not do what it should: troubles that come and go, that concern one
item, or that the user has to mend. Every kind of trouble at every request: test_faults_plex.py."""

import shutil

import pytest

from tests.fake.server import Reply

LATER = 5       # minutes: longer than any back-off here, shorter than an index is trusted


@pytest.fixture
def film(world):
    """Scene 45 and its item."""
    return world.film(45, "quay")


def text_of(world, run):
    """All that the run and the queue say about the trouble."""
    return "\n".join([run.error or "", run.text(), str(run.output), str(world.status()["failed"])])


def over(world, film, minutes=LATER):
    """The trouble is over: a drain some minutes later writes the scene."""
    world.plex.clear_faults()
    world.clock(minutes)
    world.drain()
    assert film.title == "Harbour Lights"
    status = world.status()
    assert status["queue"] | {"due": 0} == {"ready": 0, "due": 0, "waiting": 0, "failed": 0}
    assert status["plex"]["breaker"] == "closed"


# --- down and busy --------------------------------------------------------------------------------------


def test_a_proxy_that_says_404_for_a_while_makes_nobody_forget_the_library(world, film):
    """Plex restarts, and the proxy before it has no route: 404 for everything."""
    film.put(addedAt=1_600_000_000, updatedAt=1_600_000_000)
    world.film(46, "other")
    world.index()
    world.plex.fault(lambda request: True, "status", times=None, status=404)
    world.save(45, title="Harbour Lights")
    world.tasks()

    over(world, film)


@pytest.mark.parametrize("status", [400, 405, 408, 410, 421, 423, 425, 451])
@pytest.mark.parametrize("by_drain", [False, True])
def test_a_server_that_answers_so_to_everything_loses_no_edit(world, film, status, by_drain):
    """A proxy whose Plex restarts. No scene is to blame, and none is given up."""
    world.film(46, "other")
    world.index()
    inner = world.plex.handle
    world.plex.handle = lambda request: Reply(status, {"Content-Type": "text/html"}, b"")
    for number in (45, 46):
        world.stash.library.update_scene(number, {"title": "Harbour Lights", "studio_id": None})
    if by_drain:
        world.queue_only(45, 46)
        world.drain()
    else:
        world.save(45, title="Harbour Lights")
        world.save(46, title="Harbour Lights")
        world.tasks()
    assert world.queue() == (2, 0, 0)
    world.plex.handle = inner

    over(world, film)


@pytest.mark.parametrize("status", [408, 421, 423, 425])
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_one_request_that_a_proxy_gave_up_is_tried_again(world, film, status, method):
    world.index()
    world.plex.fault((method, "/library/(metadata|sections/./all).*"), "status", times=1, status=status)

    world.save(45, title="Harbour Lights")
    world.tasks()
    assert world.queue() == (1, 0, 0)

    over(world, film)


def test_plex_is_turned_off_in_the_middle_of_a_drain(world, film):
    for number in range(1, 6):
        world.film(number, f"film {number}", studio="Northwind Pictures")
    world.index()
    writes = []

    def dies(request):
        writes.extend([request] * (request.method == "PUT"))
        return len(writes) > 0

    world.plex.fault(dies, "reset_before", times=None)
    world.check(*world.stash.bulk_update_scenes(range(1, 6), rating100=80))
    world.tasks()

    assert world.status()["queue"]["ready"] == 5
    assert world.status()["plex"]["breaker"] == "open"
    world.plex.clear_faults()
    world.clock(LATER)
    world.drain()
    assert [item.studio for item in world.films.items[1:]] == ["Northwind Pictures"] * 5


@pytest.mark.parametrize("value", ["soon", "-5", "99999999999999999999"])
def test_a_retry_after_that_makes_no_sense_does_no_harm(world, film, value):
    world.index()
    world.plex.fault(("GET", "/library/metadata/.*"), "status", times=None, status=503, headers={"Retry-After": value})
    assert "HTTP 503" in world.save(45, title="Harbour Lights").output["reason"]
    world.tasks()
    world.plex.clear_faults()
    world.clock(61)

    world.drain()

    assert film.title == "Harbour Lights"


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

    told = [line for run in runs for line in [run.error or "", *(run.text("error") + "\n" + run.text("warning")).split("\n")] if "401" in line]
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
@pytest.mark.parametrize("setting", ["tlsSkipVerify", "tlsCaFile"])
def test_a_certificate_that_the_user_trusts(world, film, setting):
    world.settings[setting] = True if setting == "tlsSkipVerify" else world.plex.certfile
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})

    assert world.sync(45)["result"] == "synced"
    assert film.title == "Harbour Lights"


@secure
def test_a_certificate_that_the_system_trusts(world, film):
    world.stash.host.environ["SSL_CERT_FILE"] = world.plex.certfile
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})

    assert world.sync(45)["result"] == "synced"
    assert film.title == "Harbour Lights"


@secure
def test_the_users_file_of_certificates_comes_before_the_systems(world, film, tmp_path):
    world.stash.host.environ["SSL_CERT_FILE"] = str(tmp_path / "not-there.pem")
    world.settings["tlsCaFile"] = world.plex.certfile
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})

    assert world.sync(45)["result"] == "synced"


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

    assert "setting connectUrl" in run.error and "this server wants https" in run.error
    assert world.status()["plex"]["breaker"] == "closed"
    assert world.queue() == (1, 0, 0)
    world.settings |= {"connectUrl": world.plex.url, "tlsSkipVerify": True}
    over(world, film)


# --- connectUrl and connectToken ----------------------------------------------------------------------------


def probes(world):
    """The requests for /identity that carry no token."""
    return [request for request in world.plex.requests
            if request.path == "/identity" and "X-Plex-Token" not in request.headers]


@secure
@pytest.mark.parametrize("known", [False, True])
def test_a_plex_that_wants_https_is_told_by_a_hook_as_well(world, film, known):
    """Also where the item is known, and what it meets first is a request for that."""
    if known:
        world.settings["tlsSkipVerify"] = True
        world.index()
        world.save(45, title="Quay")
    world.settings |= {"connectUrl": world.plex.url.replace("https:", "http:")}
    world.clear()

    world.save(45, title="Harbour Lights")
    world.tasks()

    told = [line for run in world.runs for line in [run.error or "", *(run.text("error") + "\n" + run.text("warning")).split("\n")]
            if "this server wants https" in line]
    assert told and all("setting connectUrl" in line for line in told)
    assert world.status()["plex"]["breaker"] == "closed"
    assert probes(world)
    [about] = [check for check in world.operation("doctor").output["findings"] if check["level"] == "error"]
    assert about["setting"] == "connectUrl" and "this server wants https" in about["text"]
    world.settings |= {"connectUrl": world.plex.url, "tlsSkipVerify": True}
    over(world, film)


def said(world):
    """All that was logged and answered so far."""
    return "\n".join(f"{run.error}\n{run.text()}" for run in list(world.runs))


@secure
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("request_of", ["GET", "PUT"])
def test_a_plex_that_speaks_both_wants_neither(world, film, scheme, request_of):
    """Its port takes http and https, unless it is told otherwise. One item on which it breaks the connection is that
    item's trouble, and no other waits for it."""
    other = world.film(46, "ferry")
    world.plex.plain_too = True
    world.settings |= {"connectUrl": scheme + world.plex.url[len("https"):], "tlsSkipVerify": True}
    world.index()
    world.save(45, title="Quay")
    world.save(46, title="Ferry")
    named = {"GET": lambda request: request.path.split("/")[-1], "PUT": lambda request: request.arg("id", "")}[request_of]
    world.plex.fault(lambda request: request.method == request_of and str(film.id) in named(request).split(","),
                     "reset_before", times=None)

    world.check(*world.stash.bulk_update_scenes([45, 46], title="Harbour Lights"))
    world.tasks()
    for minutes in (5, 10):
        world.clock(minutes)
        world.drain()

    assert " wants http" not in said(world)
    assert (other.title, film.title) == ("Harbour Lights", "Quay")
    assert world.status()["plex"]["breaker"] == "closed"
    over(world, film, 60)


@secure
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_one_request_that_is_reset_says_nothing_of_the_scheme(world, film, scheme):
    world.plex.plain_too = True
    world.settings |= {"connectUrl": scheme + world.plex.url[len("https"):], "tlsSkipVerify": True}
    world.index()
    world.plex.fault(lambda request: "X-Plex-Token" in request.headers, "reset_before", times=1)

    world.save(45, title="Harbour Lights")
    world.tasks()

    assert " wants http" not in said(world)
    over(world, film)


@secure
@pytest.mark.parametrize("answer", [b"\x15\x03\x01\x00\x02\x02\x50", b"\x15\x03\x03\x00\x02\x02\x28",
                                    b"Client sent an HTTP request to an HTTPS server.\n"], ids=["1.0", "1.2", "Go"])
def test_an_answer_that_is_no_http_is_asked_over_tls(world, film, answer):
    """What TLS itself says to http: an alert."""
    world.plex.plain_answer = answer
    world.settings["connectUrl"] = world.plex.url.replace("https:", "http:")
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})

    run = world.operation("sync-scene", scene_id="45")

    assert "setting connectUrl" in run.error and "this server wants https" in run.error
    assert world.status()["plex"]["breaker"] == "closed"
    world.settings |= {"connectUrl": world.plex.url, "tlsSkipVerify": True}
    over(world, film)


def test_a_plex_that_knows_no_https(world, film):
    world.settings["connectUrl"] = world.plex.url.replace("http:", "https:")
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})

    run = world.operation("sync-scene", scene_id="45")

    assert "setting connectUrl" in run.error and "this server wants http:" in run.error
    assert world.status()["plex"]["breaker"] == "closed"
    world.settings["connectUrl"] = world.plex.url
    over(world, film)


def test_a_proxy_that_says_400_because_it_wants_https(world, film):
    """nginx: "The plain HTTP request was sent to HTTPS port". Here nobody answers to TLS: it stays what it is."""
    world.plex.fault(lambda request: True, "status", times=None, status=400)
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})

    run = world.operation("sync-scene", scene_id="45")

    assert "HTTP 400" in run.error and "wants" not in run.error
    over(world, film)


def test_a_server_that_breaks_off_is_asked_once_in_the_other_way(world, film):
    world.index()
    world.plex.fault(lambda request: True, "reset_before", times=None)

    world.save(45, title="Harbour Lights")
    world.tasks()

    assert world.status()["plex"]["breaker"] == "open"
    assert probes(world) == []
    over(world, film)


@pytest.mark.parametrize("tail", ["/web", "/web/", "/web/index.html", "/web/index.html#!/settings/server", "/#!/media",
                                  "/web/index.html?x=1#!/media"])
def test_what_the_browser_shows_is_cut(world, film, tail):
    world.settings["connectUrl"] = world.plex.url + tail
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})

    assert world.sync(45)["result"] == "synced"
    assert film.title == "Harbour Lights"


def test_it_is_cut_where_plex_is_below_a_path_too(world, film):
    inner = world.plex.handle

    def handle(request):
        assert request.path.startswith("/plex/")
        request.path = request.path[len("/plex"):]
        return inner(request)

    world.plex.handle = handle
    world.settings["connectUrl"] = world.plex.url + "/plex/web/index.html#!/media"
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})

    assert world.sync(45)["result"] == "synced"
    assert film.title == "Harbour Lights"


@pytest.mark.parametrize("tail", ["/library/sections/1", "/plex", "/identity", "/desktop"])
def test_a_place_where_no_plex_is_is_a_wrong_setting(world, film, tail):
    world.settings["connectUrl"] = world.plex.url + tail

    world.save(45, title="Harbour Lights")
    world.tasks()

    told = [line for run in world.runs for line in [run.error or "", *(run.text("error") + "\n" + run.text("warning")).split("\n")] if "404" in line]
    assert len(told) == 1 and "setting connectUrl" in told[0]
    assert world.status()["plex"]["breaker"] == "closed"
    assert world.queue() == (1, 0, 0)
    world.settings["connectUrl"] = world.plex.url
    over(world, film)


@pytest.mark.parametrize("status, kind, body", [
    *((status, "text/html", b"<html></html>") for status in (400, 405, 407, 410, 418, 501)),
    (200, "text/html", b"<html></html>"), (200, "text/html", b""), (200, "application/json", b'{"status":"ok"}')])
@pytest.mark.parametrize("known", [False, True])
def test_another_web_server_is_a_wrong_setting(world, film, status, kind, body, known):
    """Also where the item is known, and what the other server is asked first is about that."""
    if known:
        world.index()
    inner = world.plex.handle
    world.plex.handle = lambda request: Reply(status, {"Content-Type": kind}, body)

    world.save(45, title="Harbour Lights")
    world.tasks()

    told = "\n".join(text_of(world, run) for run in list(world.runs))
    assert "setting connectUrl" in told
    assert world.status()["plex"]["breaker"] == "closed"
    assert world.queue() == (1, 0, 0)
    world.plex.handle = inner
    over(world, film)


@pytest.mark.parametrize("token, words", [
    ("claim-Zq81xxTTabc", "claim code"), ('"Zq81xxTTabc"', "in quotes"), ("'Zq81xxTTabc'", "in quotes"),
    ("\u201cZq81xxTTabc\u201d", "in quotes"), ("X-Plex-Token=Zq81xxTTabc", "what follows the ="),
    ("x-plex-token=Zq81xxTTabc", "what follows the ="), ("Zq81xxTTabc&x=1", "what follows the ="),
    ("Zq81xx TTabc", "blank"), ("Zq81xxTTabc\nZq81", "line end"), ("<Zq81xxTTabc>", "placeholder")])
@pytest.mark.parametrize("in_file", [False, True])
def test_the_kind_of_mistake_of_a_token_is_named(world, film, token, words, in_file, tmp_path):
    world.secrets.add("Zq81xxTTabc")
    world.settings["connectToken"] = token
    if in_file:
        (tmp_path / "token").write_text(token)
        world.settings["connectToken"] = f"file:{tmp_path}/token"

    run = world.operation("sync-scene", scene_id="45")

    assert "setting connectToken" in run.error
    assert words in run.error or (in_file and "single line" in run.error)
    assert world.plex.requests == []
    assert world.queue() == (1, 0, 0)


@pytest.mark.parametrize("url, words", [
    ("https://app.plex.tv/desktop/#!/server/abc", "Plex's web site"), ("https://plex.tv", "Plex's web site"),
    ("127.0.0.1:32400", "neither http:// nor https://"), ("'http://127.0.0.1:32400'", "in quotes"),
    ("http://http://127.0.0.1:32400", "twice"), ("http://https//127.0.0.1:32400", "twice"),
    ("https://HTTP://127.0.0.1:32400", "twice")])
def test_the_kind_of_mistake_of_an_address_is_named(world, film, url, words):
    world.settings["connectUrl"] = url

    run = world.operation("sync-scene", scene_id="45")

    assert "setting connectUrl" in run.error and words in run.error
