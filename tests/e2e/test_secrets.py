"""Token, cookie and API key are in no output, no log line, no URL, no argument and no file of the state.

Servers echo them back in every place that they can think of. What is written is
checked by World for every run; here the trouble is made. test_secret_forms.py has
them encoded and cut off, test_secret_ways.py the way that they travel.
"""

import pytest

from conftest import TOKEN

from tests.fake.plex_tv import PlexTv

API_KEY = "api-key-0123456789abcdef"


def leaks(world, secret):
    """Where the secret turned up: in a URL, in an argument, in a file of the state, in Stash's log."""
    found = [request.target for request in world.plex.requests + world.stash.requests if secret in request.target]
    found += [run.argv for run in world.runs if secret in " ".join(run.argv)]
    found += [path for path in world.state.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    if secret in world.stash.log_text():
        found.append("the log")
    return found


ECHOES = {
    "body": {"status": 500, "body": f"token {TOKEN} is wrong"},
    "HTML title": {"status": 200, "body": f"<title>{TOKEN}</title>", "headers": {"Content-Type": "text/html"}},
    "content type": {"status": 200, "body": "x", "headers": {"Content-Type": f"text/{TOKEN}"}},
    "location": {"status": 302, "headers": {"Location": f"/?X-Plex-Token={TOKEN}"}},
    "other headers": {"status": 503, "headers": {"Retry-After": TOKEN, "Set-Cookie": f"session={TOKEN}",
                                                 "ETag": TOKEN, "X-Plex-Token": TOKEN}},
    "half of it": {"status": 200, "body": "x", "headers": {"Content-Type": "t" * 600 + TOKEN}},
}


@pytest.mark.parametrize("method, name", [*[("GET", name) for name in ECHOES], ("PUT", "body"), ("PUT", "other headers")])
def test_plex_echoes_the_token(world, film, name, method):
    world.plex.fault((method, ".*"), "status", times=None, **ECHOES[name])

    world.save(45, title="Harbour Lights")
    world.tasks()
    world.operation("sync-scene", scene_id="45")
    world.operation("status")

    assert leaks(world, TOKEN) == []


def test_plexs_title_is_the_token(world, film):
    """Plex, or a person who pasted into the wrong field, put it there: it is not repeated anywhere."""
    film.edit(title=TOKEN, summary=f"It is {TOKEN}.")

    world.save(45, title="Harbour Lights", details="By the sea.")
    film.edit(title=TOKEN)
    assert world.save(45, studio="Lumen House").output["kept"] == ["title"]
    world.operation("status")

    assert leaks(world, TOKEN) == []


STASH_ECHOES = {
    "GraphQL error": lambda secret: {"status": 200, "body": f'{{"errors":[{{"message":"bad session {secret}"}}]}}'},
    "422": lambda secret: {"status": 422, "body": f'{{"errors":[{{"message":"bad session {secret}"}}]}}'},
    "HTML": lambda secret: {"status": 200, "body": f"<title>{secret}</title>"},
    "location": lambda secret: {"status": 302, "headers": {"Location": f"/login?s={secret}"}},
    "scene": lambda secret: {"status": 200, "body": f'{{"data":{{"configuration":{{"plugins":{{"plexsync":{{'
                             f'"connectUrl":"http://{secret}@127.0.0.1:1"}}}}}},"findScene":null}}}}'},
    "setting": lambda secret: {"status": 200, "body": f'{{"data":{{"configuration":{{"plugins":{{"plexsync":{{'
                               f'"libraryPathMap":"{secret}","connectUrl":"http://127.0.0.1:1",'
                               f'"connectToken":"abcdefgh"}}}}}},"findScene":null}}}}'},
}


@pytest.mark.parametrize("name", STASH_ECHOES)
def test_stash_echoes_the_cookie(world, film, name):
    cookies = []

    class Echo(dict):
        """The options of a fault, made when the request is there: it echoes the cookie that came."""

        def get(self, key, default=None):
            return STASH_ECHOES[name](cookies[-1]).get(key, default) if cookies else default

    def comes(request):
        cookies.append(request.headers["Cookie"].partition("=")[2])
        return True

    world.stash.fault(comes, "status", times=None).options = Echo()
    world.save(45, title="Harbour Lights")
    world.tasks()
    world.operation("sync-scene", scene_id="45")
    world.operation("status")

    assert cookies
    for cookie in cookies:
        assert leaks(world, cookie) == []


def test_stash_echoes_the_cookie_in_what_it_sets(world, film):
    world.stash.fault(lambda request: True, "status", times=1, status=401,
                      headers={"Set-Cookie": "session=fresh-cookie-1234567; Path=/"}, body="fresh-cookie-1234567")
    world.secrets.add("fresh-cookie-1234567")

    assert world.save(45, title="Harbour Lights").text("warning")
    assert leaks(world, "fresh-cookie-1234567") == []


@pytest.mark.parametrize("world", [{"stash_username": "owner", "stash_api_key": API_KEY}], indirect=True)
@pytest.mark.parametrize("status", [None, 200, 401])
def test_the_api_key_of_a_person(world, film, status):
    world.secrets.add(API_KEY)
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})
    if status:
        world.stash.fault(lambda request: True, "status", times=None, status=status,
                          body=f'{{"errors":[{{"message":"key {API_KEY}"}}]}}')

    done = world.plexsync("sync-scene", "--scene", "45", "-v", "--json", "--state", str(world.state),
                          env={"PLEXSYNC_STASH_URL": world.stash.url, "PLEXSYNC_STASH_API_KEY": API_KEY})

    assert done.returncode == (1 if status else 0)
    assert leaks(world, API_KEY) == []


def test_a_token_given_by_a_person_wins_and_is_as_secret(world, film):
    world.plex.token = "another-token-0987"
    world.secrets.add("another-token-0987")
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})

    done = world.plexsync("sync-scene", "--scene", "45", "-v", "--state", str(world.state), env={
        "PLEXSYNC_STASH_URL": world.stash.url, "PLEXSYNC_PLEX_TOKEN": "another-token-0987"})

    assert done.returncode == 0
    assert leaks(world, "another-token-0987") == []


@pytest.mark.parametrize("url", ["http://person:pass-word-1@127.0.0.1:1", "http://127.0.0.1:1/?token=pass-word-1",
                                 "http://127.0.0.1:1#pass-word-1"])
@pytest.mark.parametrize("name", ["PLEXSYNC_STASH_URL", "PLEXSYNC_PLEX_URL"])
def test_an_address_in_the_environment_is_refused_without_showing_it(world, film, url, name):
    world.secrets.add("pass-word-1")

    done = world.plexsync("status", "-v", "--state", str(world.state), env={name: url})

    assert done.returncode == 2
    assert name.encode() in done.stderr


def test_the_state_holds_no_secret_after_all_kinds_of_work(world, film):
    world.save(45, title="Harbour Lights", tags=["Boats"])
    world.plex.fault(("GET", "/library/metadata/.*"), "status", times=None, status=500)
    world.save(45, title="Harbour Night")
    world.stash.library.add_scene("/data/films/missing.mp4", number=46, title="T")
    world.operation("sync-scene", scene_id="46")
    for mode in ("drain", "status", "tick", "rebuild-index", "retry-failed", "clear-failed"):
        world.operation(mode)

    assert leaks(world, TOKEN) == []
    for cookie in {cookie for run in world.runs for cookie in run.cookies}:
        assert leaks(world, cookie) == []


@pytest.mark.parametrize("status", [200, 401, 500])
def test_plex_tv_and_the_account_echo_tokens(world, film, status):
    """Names and addresses of servers, errors, headers: none of it repeats a token of the account or of a server."""
    with PlexTv() as plex_tv:
        world.secrets.update({plex_tv.token, "server-token-4711"})
        world.plex.guest_token = "server-token-4711"
        world.stash.host.environ["PLEXSYNC_PLEX_TV"] = plex_tv.url
        plex_tv.add_server(world.plex, accessToken="server-token-4711").update(
            name=f"{plex_tv.token} server-token-4711", connections=[
                {"uri": world.plex.url, "local": False}, {"uri": f"http://{plex_tv.token}.localhost:1", "local": False},
                {"uri": f"http://127.0.0.1:1/server-token-4711?X-Plex-Token={plex_tv.token}", "local": False}])
        world.operation("signin-start")
        plex_tv.sign_in()
        world.operation("signin-poll")
        if status != 200:
            plex_tv.fault(("*", ".*"), "status", times=None, status=status, body=f"<title>{plex_tv.token}</title>",
                          headers={"Retry-After": plex_tv.token, "X-Plex-Token": plex_tv.token})
        for mode in ("signin-poll", "signin-servers", "signin-use", "status", "doctor"):
            world.operation(mode, server=world.plex.machine_identifier)

        assert not [request for request in plex_tv.requests if plex_tv.token in request.target]
        for secret in (plex_tv.token, "server-token-4711"):
            assert not [found for found in leaks(world, secret) if getattr(found, "parent", None) != world.state]
