"""Which way secrets travel: in a header to the server that they are for, past every proxy, and in no list of processes.

For Stash's calls Plex's address comes from the settings alone, and nothing else of the environment counts but
PLEXSYNC_STATE.
"""

import contextlib
import pathlib
import subprocess

import pytest
from conftest import EXECUTABLE, TOKEN
from disk import started_with

from tests.fake.plex import PlexServer
from tests.fake.plex_tv import PlexTv
from tests.fake.server import Reply, Server

API_KEY = "api-key-0123456789abcdef"
PROXIES = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"]
MODES = ["rebuild-index", "drain", "status", "tick", "retry-failed"]


class Elsewhere(Server):
    """A server that nobody has any business with: a proxy, or a place that a redirect points to."""

    def handle(self, request):
        """Whatever it is asked."""
        return Reply.html_error(502)


@pytest.fixture
def elsewhere():
    """It has to be left alone."""
    with Elsewhere() as server:
        yield server
        assert server.connections == 0, server.requests


@pytest.fixture
def film(world):
    """Scene 45 and its item, in an index that is current."""
    item = world.film(45, "quay", title="Harbour Lights")
    if world.plex.tls:
        world.settings["tlsCaFile"] = world.plex.certfile
    world.index()
    return item


def everything(world):
    """Every kind of call that Stash makes; the runs."""
    first = len(world.runs)
    world.save(45, details="By the sea.", tags=["Boats"])
    world.tasks()
    world.queue_only(45)
    for mode in MODES:
        world.operation(mode)
    world.operation("sync-scene", scene_id="45")
    world.drain()
    return world.runs[first:]


def sent(requests):
    """All that these requests consist of, as one text."""
    return "\n".join(f"{request.target}\n{dict(request.headers)}\n{request.body}" for request in requests)


# --- each secret to its own server ----------------------------------------------------------------------------------


@pytest.mark.parametrize("world", [{"stash_username": "owner"}, {"stash_username": "owner", "stash_tls": True}],
                         indirect=True)
def test_the_token_goes_to_plex_alone_and_the_cookie_to_stash_alone(world, film):
    runs = everything(world)

    cookies = {cookie for run in runs for cookie in run.cookies}
    assert film.summary == "By the sea." and len(cookies) > 5
    assert TOKEN in sent(world.plex.requests) and TOKEN not in sent(world.stash.requests)
    assert not [cookie for cookie in cookies if cookie in sent(world.plex.requests)]
    targets = "\n".join(request.target for request in world.plex.requests + world.stash.requests)
    assert TOKEN not in targets and not [cookie for cookie in cookies if cookie in targets]


@pytest.mark.parametrize("world", [{"stash_username": "owner", "stash_api_key": API_KEY}], indirect=True)
def test_the_api_key_of_a_person_goes_to_stash_alone(world, film):
    world.secrets.add(API_KEY)
    world.stash.library.update_scene(45, {"details": "By the sea."})

    done = world.plexsync("sync-scene", "--scene", "45", "--state", str(world.state), "-v",
                          env={"PLEXSYNC_STASH_URL": world.stash.url, "PLEXSYNC_STASH_API_KEY": API_KEY})

    assert done.returncode == 0 and film.summary == "By the sea."
    assert API_KEY in sent(world.stash.requests) and API_KEY not in sent(world.plex.requests)
    assert API_KEY not in "\n".join(request.target for request in world.stash.requests)


def test_each_token_of_a_sign_in_goes_to_its_own_server(world, film):
    with PlexTv() as plex_tv:
        world.secrets.update({plex_tv.token, "server-token-4711"})
        world.plex.token = "server-token-4711"
        world.stash.host.environ["PLEXSYNC_PLEX_TV"] = plex_tv.url
        plex_tv.add_server(world.plex)
        world.clear()
        world.operation("signin-start")
        plex_tv.sign_in()
        for mode in ("signin-poll", "signin-servers", "signin-use"):
            assert world.operation(mode, server=world.plex.machine_identifier).error is None

        assert plex_tv.token in sent(plex_tv.requests) and "server-token-4711" in sent(world.plex.requests)
        assert plex_tv.token not in sent(world.plex.requests + world.stash.requests)
        assert "server-token-4711" not in sent(plex_tv.requests + world.stash.requests)


# --- proxies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("world, scheme, exceptions", [
    ({}, "http", None), ({"stash_tls": True, "plex_tls": True}, "http", ""),
    ({"stash_tls": True, "plex_tls": True}, "socks5h", "localhost")], indirect=["world"])
def test_a_proxy_of_the_environment_sees_nothing(world, film, elsewhere, scheme, exceptions):
    proxy = f"{scheme}://127.0.0.1:{elsewhere.port}"

    with started_with(world, dict.fromkeys(PROXIES, proxy)):
        for name in ("no_proxy", "NO_PROXY"):
            world.stash.host.environ.pop(name, None)
            if exceptions is not None:
                world.stash.host.environ[name] = exceptions
        everything(world)

    assert film.summary == "By the sea."


def test_a_proxy_of_the_environment_sees_nothing_of_a_person_either(world, film, elsewhere):
    world.stash.library.update_scene(45, {"details": "By the sea."})

    done = world.plexsync("sync-scene", "--scene", "45", "--stash-url", world.stash.url, "--state", str(world.state),
                          env=dict.fromkeys(PROXIES, elsewhere.url))

    assert done.returncode == 0 and film.summary == "By the sea."


# --- other addresses ------------------------------------------------------------------------------------------------


@pytest.fixture
def other_plex():
    """A Plex that takes the same token, and has to be left alone."""
    with PlexServer(token=TOKEN) as server:
        yield server
        assert server.connections == 0, server.requests


def test_the_environment_names_another_plex_and_another_stash(world, film, other_plex, elsewhere):
    values = {"PLEXSYNC_PLEX_URL": other_plex.url, "PLEXSYNC_PLEX_TOKEN": "another-token-77",
              "PLEXSYNC_STASH_URL": elsewhere.url, "PLEXSYNC_STASH_API_KEY": "another-key-7788",
              "PLEX_URL": other_plex.url, "PLEX_TOKEN": "another-token-77"}

    with started_with(world, values):
        everything(world)

    assert film.summary == "By the sea."
    assert "another-" not in sent(world.plex.requests + world.stash.requests)


def test_the_environment_names_another_state(world, film):
    there = world.folder / "there"

    with started_with(world, {"PLEXSYNC_STATE": str(there)}):
        world.save(45, details="By the sea.")
        world.tasks()

    assert film.summary == "By the sea."
    assert (there / "queue" / "data.mdb").exists()


def test_arguments_of_a_call_name_another_plex(world, film, other_plex):
    """Whoever may run an operation in Stash is not the one who may send the token somewhere."""
    address = {name: other_plex.url for name in ("connectUrl", "plex_url", "plexUrl", "url", "server")}
    settings = {"connectUrl": other_plex.url, "connectToken": TOKEN}

    for mode in ("sync-scene", "rebuild-index", "drain", "status", "tick"):
        world.operation(mode, scene_id="45", settings=settings, **address)
    world.stash.hook("Scene.Update.Post", 45, value={"id": "45", **address, "plugins": {"plexsync": settings}})
    world.tasks()

    assert film.title == "Harbour Lights"


def test_what_plex_points_to_is_not_visited(world, film, elsewhere):
    """A redirect, with the token in it; and addresses within answers."""
    film.edit(actors=[{"name": "Joe Miles", "thumb": f"{elsewhere.url}/picture.jpg"}])
    for status in (301, 302, 303, 307, 308):
        world.plex.clear_faults()
        world.plex.fault(("*", ".*"), "redirect", times=None, status=status,
                         location=f"{elsewhere.url}/?X-Plex-Token={TOKEN}")
        world.later(7200 * status)
        assert "connectUrl" in world.operation("sync-scene", scene_id="45").error
    world.plex.clear_faults()
    world.later(7200 * 400)
    world.save(45, performers=["Ana Duarte"])
    world.tasks()

    assert [actor.name for actor in film.actors] == ["Joe Miles", "Ana Duarte"]


def test_what_stash_points_to_is_not_visited(world, film, elsewhere):
    """A redirect; and pictures on another host than the one that called."""
    world.stash.external_host = elsewhere.url
    everything(world)
    for status in (301, 302, 307):
        world.stash.clear_faults()
        world.stash.fault(lambda request: request.path == "/graphql", "redirect", times=None, status=status,
                          location=f"{elsewhere.url}/login")
        assert world.operation("sync-scene", scene_id="45").error

    assert film.summary == "By the sea."


def test_another_host_in_a_header_of_stash_is_not_believed(world, film, elsewhere):
    world.stash.fault(lambda request: True, "status", times=1, status=200,
                      headers={"Alt-Svc": f'h1="127.0.0.1:{elsewhere.port}"', "Refresh": f"0; {elsewhere.url}",
                               "Content-Location": elsewhere.url, "Link": f"<{elsewhere.url}>; rel=next"},
                      body='{"errors":[{"message":"moved"}]}')

    everything(world)

    assert film.summary == "By the sea."


# --- certificates ---------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def certificate(world, name):
    """Plex shows a certificate that is for another name; its file."""
    key, cert = world.folder / "key.pem", world.folder / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=DNS:{name}", "-keyout", str(key), "-out", str(cert)],
                   check=True, capture_output=True)
    world.plex._context.load_cert_chain(cert, key)      # pylint: disable=protected-access
    yield str(cert)


BOTH = pytest.mark.parametrize("world", [{"stash_tls": True, "plex_tls": True}], indirect=True)


@BOTH
def test_that_stashs_certificate_is_not_verified_is_no_reason_not_to_verify_plexs(world):
    item = world.film(45, "quay", title="Harbour Lights")

    world.save(45, details="By the sea.")
    runs = world.tasks()
    error = world.operation("sync-scene", scene_id="45").error

    assert "certificate" in error and "tlsCaFile" in error and "tlsSkipVerify" in error
    assert runs and world.plex.requests == [] and item.summary is None
    assert len(world.stash.requests) > 3


@BOTH
def test_a_known_certificate_for_another_name_is_refused(world):
    world.film(45, "quay", title="Harbour Lights")
    with certificate(world, "plex.example") as file:
        world.settings["tlsCaFile"] = file

        assert "certificate" in world.operation("sync-scene", scene_id="45").error

    assert world.plex.requests == []


@BOTH
def test_a_file_of_certificates_for_plex_is_not_asked_of_stash(world):
    """Stash's own is in no file, and works all the same; Plex's is verified."""
    item = world.film(45, "quay", title="Harbour Lights")
    world.settings["tlsCaFile"] = world.plex.certfile
    world.index()

    assert world.save(45, details="By the sea.").output["result"] == "synced"
    assert item.summary == "By the sea."


@BOTH
def test_without_verification_any_certificate_of_plex_will_do(world):
    item = world.film(45, "quay", title="Harbour Lights")
    world.settings["tlsSkipVerify"] = True
    with certificate(world, "plex.example"):
        world.index()
        assert world.save(45, details="By the sea.").output["result"] == "synced"

    assert item.summary == "By the sea."


@BOTH
def test_verification_is_back_with_the_next_call_when_the_setting_is_changed_back(world):
    world.film(45, "quay", title="Harbour Lights")
    world.settings["tlsSkipVerify"] = True
    world.index()
    world.settings["tlsSkipVerify"] = False

    assert "certificate" in world.operation("sync-scene", scene_id="45").error
    assert world.plex.requests == []


# --- what other users of the machine see ------------------------------------------------------------------------------


def process(pid):
    """The command line and the environment of a process, as they are now."""
    folder = pathlib.Path("/proc") / str(pid)
    return (folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()


@pytest.mark.parametrize("method, path", [("GET", "/library/metadata/.*"), ("PUT", ".*")])
def test_a_running_hook_has_no_secret_in_its_arguments_or_its_environment(world, film, method, path):
    held = world.hold_plex(method, path)
    wait = world.meanwhile(world.save, 45, details="By the sea.")
    held.wait()
    run = world.stash.host.runs[-1]

    command, environ = process(run.pid)
    held.release()
    wait()

    assert command.rstrip(b"\0").split(b"\0") == [str(world.plugins / "plexsync/plexsync").encode()]
    for secret in (TOKEN, *run.cookies):
        assert secret.encode() not in command + environ
    assert run.cookies and film.summary == "By the sea."


def test_a_running_drain_has_no_secret_in_its_arguments_or_its_environment(world, film):
    world.stash.library.update_scene(45, {"details": "By the sea."})
    world.queue_only(45)
    held = world.hold_plex()
    world.stash.run_task("Process queue")
    held.wait()
    run = world.stash.host.runs[-1]

    command, environ = process(run.pid)
    held.release()
    world.tasks()

    for secret in (TOKEN, *run.cookies):
        assert secret.encode() not in command + environ
    assert run.cookies and film.summary == "By the sea."


@pytest.mark.parametrize("world", [{"stash_username": "owner", "stash_api_key": API_KEY}], indirect=True)
def test_a_person_gives_secrets_as_files(world, film):
    """There is no option that takes one itself."""
    key, token = world.folder / "key", world.folder / "token"
    key.write_text(API_KEY + "\n")
    token.write_text(TOKEN + "\n")
    world.stash.library.update_scene(45, {"details": "By the sea."})
    held = world.hold_plex()
    environment = {**world.environment(), "PATH": "/usr/bin:/bin"}

    with subprocess.Popen([str(EXECUTABLE), "sync-scene", "--scene", "45", "--stash-url", world.stash.url,
                           "--stash-api-key-file", str(key), "--plex-token-file", str(token), "-v", "--state",
                           str(world.state)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as done:
        held.wait()
        command, environ = process(done.pid)
        held.release()
        stdout, stderr = done.communicate()

    assert done.returncode == 0 and film.summary == "By the sea."
    for secret in (TOKEN, API_KEY):
        assert secret.encode() not in command + environ + stdout + stderr


@pytest.mark.parametrize("option", ["--plex-token", "--stash-api-key", "--token", "--api-key"])
def test_there_is_no_option_for_a_secret_itself(world, option):
    """Nor an abbreviation of one that reads a file, which would show the secret as a file's name."""
    world.secrets.add("secret-55-66-77")

    done = world.plexsync("status", option, "secret-55-66-77", "--state", str(world.state))

    assert done.returncode in (1, 2)
    assert b"--plex-token " not in world.plexsync("status", "--help").stdout
