"""How Stash is reached, and how it knows who asks."""

import pytest

LOCKED = {"stash_username": "owner", "stash_api_key": "api-key-0123456789abcdef"}


def locked(**options):
    """A Stash with a password."""
    return pytest.mark.parametrize("world", [{**LOCKED, **options}], indirect=True)


@pytest.fixture
def film(world):
    """Scene 45 and its item, in an index that is current."""
    world.secrets.add(LOCKED["stash_api_key"])
    item = world.film(45, "quay")
    world.index()
    return item


@pytest.mark.parametrize("host", ["0.0.0.0", "", "127.0.0.1", "localhost"])
def test_stash_is_reached_where_it_listens(world, film, host):
    world.stash.reported_host = host

    assert world.save(45, title="Harbour Lights").output["result"] == "synced"


@pytest.mark.parametrize("host, url", [("::", "http://[::1]:"), ("[::]", "http://[::1]:"), ("::1", "http://[::1]:"),
                                       ("127.0.0.9", "http://127.0.0.9:")])
def test_stash_is_looked_for_where_it_says(world, film, host, url):
    """The stand-in does not listen there; the message says where it was looked for."""
    world.stash.reported_host = host

    assert f"Stash: {url}{world.stash.port}" in world.save(45, title="Harbour Lights").text("warning")


@pytest.mark.parametrize("world", [{"stash_tls": True}, {**LOCKED, "stash_tls": True}], indirect=True)
def test_stashs_own_certificate_is_not_verified(world, film):
    assert world.save(45, title="Harbour Lights").output["result"] == "synced"


@pytest.mark.parametrize("world", [{**LOCKED, "stash_tls": True}], indirect=True)
def test_the_address_that_stash_itself_gives_is_trusted(world, film):
    world.stash.reported_host = "0"         # this machine, but not in a loopback address' words

    assert world.save(45, title="Harbour Lights").output["result"] == "synced"


@pytest.mark.parametrize("world", [{**LOCKED, "stash_tls": True}], indirect=True)
@pytest.mark.parametrize("host, verified", [("127.0.0.1", False), ("localhost", False), ("0.0.0.0", True)])
def test_an_address_that_a_person_gives_is_verified_unless_it_is_this_machine(world, film, host, verified):
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})
    before = len(world.stash.requests)

    done = world.plexsync("sync-scene", "--scene", "45", "--stash-url", f"https://{host}:{world.stash.port}",
                          env={"PLEXSYNC_STASH_API_KEY": LOCKED["stash_api_key"], "PLEXSYNC_STATE": str(world.state)})

    assert done.returncode == (1 if verified else 0), done.stderr
    assert (b"Stash's certificate cannot be verified" in done.stderr) == verified
    assert (b"--stash-url https://127.0.0.1:9999" in done.stderr) == verified
    assert (len(world.stash.requests) == before) == verified
    assert film.title == ("quay" if verified else "Harbour Lights")


def test_the_environments_proxy_is_not_used(world, film):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        world.stash.host.environ[name] = "http://127.0.0.1:1"
    world.stash.host.environ.pop("no_proxy", None)
    world.stash.host.environ.pop("NO_PROXY", None)

    assert world.save(45, title="Harbour Lights").output["result"] == "synced"


@pytest.mark.parametrize("extras", [False, True])
@locked()
def test_the_cookie_says_who_asks(world, film, extras):
    world.stash.cookie_extras = extras

    run = world.save(45, title="Harbour Lights")

    assert run.output["result"] == "synced"
    assert all("session=" in request.headers["Cookie"] for request in run.requests)


def test_without_a_password_no_cookie_is_needed(world, film):
    world.stash.no_cookie = True

    assert world.save(45, title="Harbour Lights").output["result"] == "synced"


@locked()
def test_without_a_cookie_the_scene_is_kept(world, film):
    world.stash.no_cookie = True

    run = world.save(45, title="Harbour Lights")

    assert "refuses the session (HTTP 401)" in run.output["reason"]
    world.stash.no_cookie = False
    world.drain()
    assert film.title == "Harbour Lights"


@locked()
def test_a_session_that_expired_keeps_the_queue(world, film):
    for number in range(1, 6):
        world.film(number, f"film {number}", studio="Northwind Pictures")
    world.index()
    asked = []

    def expire(request):
        if b"findScene" in request.body:
            asked.append(request)
            if len(asked) == 1:
                world.stash.expire_sessions()
        return 0

    world.stash.latency = expire
    world.stash.hold_jobs = True
    world.check(*world.stash.bulk_update_scenes(range(1, 6), rating100=80))
    world.stash.hold_jobs = False
    [run] = world.tasks()

    assert "session" in run.error and "expired" in run.error
    assert world.status()["queue"]["ready"] == 5
    assert world.status()["plex"]["breaker"] == "closed"
    world.drain()
    assert [item.studio for item in world.films.items[1:]] == ["Northwind Pictures"] * 5


@locked()
def test_a_long_drain_lives_on_although_a_proxy_sets_cookies_too(world, film):
    for number in (1, 2, 3):
        world.film(number, f"film {number}", studio="Northwind Pictures")
    world.index()
    world.stash.sessions.grace = 0.0
    inner = world.stash.handle

    def handle(request):
        response = inner(request)
        response.headers["Set-cookie"] = "proxy=1; Path=/"      # another line than Stash's own
        return response

    world.stash.handle = handle
    world.queue_only(1, 2, 3)

    assert world.drain().output["synced"] == 3


@locked()
def test_a_long_drain_lives_on_refreshed_cookies(world, film):
    for number in range(1, 121):
        world.film(number, f"film {number}", studio="Northwind Pictures")
    world.index()
    world.stash.sessions.grace = 0.0        # an old cookie is worth nothing once it was answered

    world.stash.hold_jobs = True
    world.check(*world.stash.bulk_update_scenes(range(1, 121), rating100=80))
    world.stash.hold_jobs = False
    [run] = world.tasks()

    assert run.error is None
    assert [item.studio for item in world.films.items[1:]] == ["Northwind Pictures"] * 120
    sent = [request.headers["Cookie"] for request in run.requests]
    assert len(set(sent)) == len(sent) >= 3


@locked()
def test_a_person_at_a_terminal_has_an_api_key(world, film, tmp_path):
    key = tmp_path / "key"
    key.write_text(LOCKED["stash_api_key"] + "\n")
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})

    done = world.plexsync("sync-scene", "--scene", "45", "--stash-url", world.stash.url, "--stash-api-key-file", str(key),
                          "--state", str(world.state), "--json")

    assert done.returncode == 0, done.stderr
    assert b'"synced"' in done.stdout
    assert film.title == "Harbour Lights"


@pytest.mark.parametrize("key, words", [("wrong-key-123456", b"refuses the API key (HTTP 401)"), (None, b"HTTP 401"),
                                        ("", b"HTTP 401")])
@locked()
def test_a_wrong_api_key_is_told_and_not_shown(world, film, key, words):
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})
    environment = {"PLEXSYNC_STASH_URL": world.stash.url, "PLEXSYNC_STATE": str(world.state)}
    if key is not None:
        environment["PLEXSYNC_STASH_API_KEY"] = key
        world.secrets |= {key} if key else set()

    done = world.plexsync("sync-scene", "--scene", "45", env=environment)

    assert done.returncode == 1
    assert words in done.stderr
    assert film.title == "quay"


@locked()
def test_an_environment_meant_for_a_person_does_not_reach_a_hook(world, film):
    world.stash.host.environ |= {"PLEXSYNC_STASH_URL": "http://127.0.0.1:1", "PLEXSYNC_STASH_API_KEY": "wrong-key-1234",
                                 "PLEXSYNC_PLEX_URL": "http://127.0.0.1:1", "PLEXSYNC_PLEX_TOKEN": "wrong-token-1234"}

    assert world.save(45, title="Harbour Lights").output["result"] == "synced"


def test_an_external_address_of_images_does_not_matter(world, film):
    world.stash.external_host = "https://stash.example"

    assert world.save(45, title="Harbour Lights").output["result"] == "synced"
