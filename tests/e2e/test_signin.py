"""Signing in to Plex from a page inside Stash: the code, the servers, the address, the token's file."""

import hashlib
import re
import stat
from urllib.parse import unquote

import pytest

from tests.fake.plex import PlexServer
from tests.fake.plex_tv import PlexTv, connection
from tests.fake.server import Reply, Server


class Other(Server):
    """Something else that answers."""

    def handle(self, request):
        """Whatever it is asked."""
        return Reply.text("<title>Router</title>", content_type="text/html")


@pytest.fixture
def plex_tv(world):
    """plex.tv, where the account owns the world's Plex, and a Stash in which nothing is set."""
    with PlexTv() as server:
        world.stash.host.environ["PLEXSYNC_PLEX_TV"] = server.url
        server.add_server(world.plex)
        world.settings = {"fieldNoPoster": True, "hookQueueOnly": True}
        world.secrets.add(server.token)
        yield server
        assert not server.errors, server.errors
        targets = " ".join(request.target for request in server.requests)
        assert not [secret for secret in world.secrets if secret in targets]


def answer(world, mode, **args):
    """What an operation answers."""
    run = world.operation(mode, **args)
    assert run.error is None, run.error
    return run.output


def refused(world, mode, **args):
    """The error of an operation, which changed nothing."""
    before = dict(world.settings)
    run = world.operation(mode, **args)
    assert run.error is not None
    assert world.settings == before
    return run.error


@pytest.fixture
def signed_in(world, plex_tv):
    """The person has signed in."""
    answer(world, "signin-start")
    plex_tv.sign_in()
    assert answer(world, "signin-poll") == {"state": "done"}
    return plex_tv


def files(world):
    """The files of the state that hold a token, with their modes."""
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in world.state.iterdir()
            if path.is_file() and (path.name == "signin" or path.suffix == ".token")}


# --- from nothing to a server ---------------------------------------------------------------------------


def test_from_an_empty_configuration_to_a_scene_in_plex(world, plex_tv):
    item = world.film(45, "quay", title="Harbour Lights")

    begun = answer(world, "signin-start")
    assert begun["expires_s"] == 900 and begun["code"] in begun["url"]
    assert begun["url"].startswith("https://app.plex.tv/auth#?clientID=")
    assert "context[device][product]=PlexSync" in unquote(begun["url"])
    assert answer(world, "signin-poll") == {"state": "waiting"}
    assert files(world) == {"signin": 0o600}
    plex_tv.sign_in()
    assert answer(world, "signin-poll") == {"state": "done"}
    [server] = answer(world, "signin-servers")["servers"]
    assert (server["name"], server["owned"], server["id"]) == ("Fake Plex", True, world.plex.machine_identifier)
    [address] = server["addresses"]
    assert address["url"] == world.plex.url and address["local"] and address["answers"] and address["ms"] >= 0
    findings = answer(world, "signin-use", server=server["id"], address=address["url"])["findings"]

    assert {finding["level"] for finding in findings} == {"ok"}
    assert world.settings["connectUrl"] == world.plex.url
    assert re.fullmatch(r"file:/.*/plexsync/plex-[0-9a-f]{8}\.token", world.settings["connectToken"])
    assert world.settings["fieldNoPoster"] is True and world.settings["hookQueueOnly"] is True, "the rest stays"
    assert list(files(world).values()) == [0o600] and "signin" not in files(world), "the account's token is gone"
    assert world.sync(45)["result"] == "synced" and item.title == "Harbour Lights"


def test_we_are_one_client_for_ever(world, plex_tv):
    for _ in range(2):
        answer(world, "signin-start")
        plex_tv.sign_in()
        answer(world, "signin-poll")
        answer(world, "signin-servers")
    answer(world, "signin-use", server=world.plex.machine_identifier)

    asked = {request.headers["X-Plex-Client-Identifier"] for request in plex_tv.requests + world.plex.requests
             if request.path != "/identity"}
    assert len(asked) == 1


def test_the_same_sign_in_again_and_two_at_once(world, plex_tv):
    first = answer(world, "signin-start")
    second = answer(world, "signin-start")

    assert first["code"] != second["code"]
    plex_tv.sign_in()                       # with the newer one
    both = [world.meanwhile(world.operation, "signin-poll") for _ in range(2)]
    assert [wait().output for wait in both] == [{"state": "done"}] * 2
    assert answer(world, "signin-poll") == {"state": "done"}, "said again without asking"
    both = [world.meanwhile(world.operation, "signin-use", server=world.plex.machine_identifier) for _ in range(2)]
    for wait in both:
        run = wait()
        assert run.error is None or "no sign-in" in run.error
    assert world.settings["connectUrl"] == world.plex.url and len(files(world)) == 1


def test_another_server_later_takes_the_first_ones_token_away(world, signed_in):
    with PlexServer(token="other-plex-token-5") as other:
        world.secrets.add(other.token)
        other.machine_identifier = "b" * 40
        signed_in.add_server(other)
        answer(world, "signin-use", server=world.plex.machine_identifier)
        [first] = files(world)
        answer(world, "signin-start")
        signed_in.sign_in()
        answer(world, "signin-poll")
        answer(world, "signin-use", server="b" * 40)

        assert world.settings["connectUrl"] == other.url
        assert len(files(world)) == 1 and first not in files(world)


# --- what goes wrong with the code -----------------------------------------------------------------------


@pytest.mark.parametrize("tells", [True, False])
def test_the_code_is_over(world, plex_tv, tells):
    plex_tv.tells_time_left = tells
    answer(world, "signin-start")
    plex_tv.clock = 901

    assert answer(world, "signin-poll") == {"state": "expired"}


@pytest.mark.parametrize("minutes", [-60, 60])
def test_a_clock_that_is_wrong_does_not_end_it_and_is_told(world, plex_tv, minutes):
    world.clock(minutes)

    run = world.operation("signin-start")
    assert "clock of this machine" in run.text("warning")
    assert ("behind" if minutes < 0 else "ahead of") in run.text("warning")
    world.clock(minutes * 2)
    assert answer(world, "signin-poll") == {"state": "waiting"}
    plex_tv.sign_in()
    assert answer(world, "signin-poll") == {"state": "done"}


@pytest.mark.parametrize("status", [400, 401, 403])
def test_plex_tv_refuses(world, plex_tv, status):
    answer(world, "signin-start")
    plex_tv.fault(("GET", ".*"), "status", times=None, status=status, body=f"no {plex_tv.token}")

    output = answer(world, "signin-poll")

    assert output["state"] == "refused" and f"HTTP {status}" in output["why"]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_plex_tv_is_busy(world, plex_tv, status):
    answer(world, "signin-start")
    plex_tv.fault(("GET", ".*"), "status", times=1, status=status)

    assert answer(world, "signin-poll")["state"] == "away"
    assert answer(world, "signin-poll") == {"state": "waiting"}


def test_plex_tv_is_away(world, plex_tv):
    answer(world, "signin-start")
    plex_tv.stop()

    output = answer(world, "signin-poll")
    assert output["state"] == "away" and "plex.tv" in output["why"]
    error = refused(world, "signin-start")
    assert "connectUrl and connectToken by hand" in error
    world.later(901)
    assert answer(world, "signin-poll") == {"state": "expired"}, "nobody could say otherwise"
    plex_tv.start()


@pytest.mark.parametrize("body", ["<html>Welcome to the hotel</html>", "{}", '{"id": "../../x", "code": "c"}',
                                  '{"id": 7, "code": ""}', "[]"])
def test_something_else_answers_for_plex_tv(world, plex_tv, body):
    plex_tv.fault(("POST", ".*"), "status", times=1, status=200, body=body)

    assert "plex.tv" in refused(world, "signin-start")
    assert files(world) == {}


def test_a_redirect_is_not_followed(world, plex_tv):
    with Other() as other:
        plex_tv.fault(("*", ".*"), "redirect", times=None, status=302, location=other.url)

        assert "something else answers" in refused(world, "signin-start")
        assert other.requests == []


def test_plex_tv_is_verified_whatever_the_settings_say(world):
    world.settings["tlsSkipVerify"] = True
    with PlexTv(tls=True) as plex_tv:
        world.stash.host.environ["PLEXSYNC_PLEX_TV"] = plex_tv.url

        error = refused(world, "signin-start")

        assert "certificate cannot be verified" in error and "this machine's clock says 20" in error
        assert plex_tv.requests == []
        world.stash.host.environ["SSL_CERT_FILE"] = plex_tv.certfile
        assert answer(world, "signin-start")["code"]


def test_a_code_is_in_the_address_as_text(world, plex_tv):
    plex_tv.fault(("POST", ".*"), "status", times=1, status=201, body='{"id": 7, "code": "a&b=<c>#"}')

    begun = answer(world, "signin-start")

    assert begun["code"] == "a&b=<c>#" and "code=a%26b%3D%3Cc%3E%23&" in begun["url"]


# --- what goes wrong with the servers ---------------------------------------------------------------------


def test_before_anybody_has_signed_in(world, plex_tv):
    for mode in ("signin-poll", "signin-servers", "signin-use"):
        assert "signin-start" in refused(world, mode, server="x")
    answer(world, "signin-start")
    assert "signin-poll" in refused(world, "signin-servers")


def test_an_account_without_servers(world, signed_in):
    signed_in.servers.clear()

    run = world.operation("signin-servers")

    assert run.output == {"servers": []} and "has no server" in run.text("warning")


def test_a_token_that_is_not_accepted_any_more(world, signed_in):
    signed_in.token = "another-account-token"

    assert "sign in again" in refused(world, "signin-servers")


def test_a_server_of_somebody_else(world, signed_in):
    signed_in.servers[0]["owned"] = False

    assert answer(world, "signin-servers")["servers"][0]["owned"] is False
    error = refused(world, "signin-use", server=world.plex.machine_identifier, address=world.plex.url)
    assert "args.server" in error and "owner" in error
    assert files(world) == {"signin": 0o600}


def test_the_addresses_are_tried_at_once_and_the_best_comes_first(world, signed_in):
    with Other() as other, PlexServer() as stranger, PlexServer() as slow:
        stranger.machine_identifier, slow.machine_identifier = "c" * 40, world.plex.machine_identifier
        slow.latency = 60
        signed_in.servers[0].update(httpsRequired=True, connections=[
            connection(world.plex.port, relay=True, local=False), connection(other.port), connection(stranger.port),
            connection(slow.port), connection(slow.port, address="localhost"), connection(1),
            {"uri": "file:///etc/passwd", "local": True}, {"uri": "http://user:pass@127.0.0.1:1"}, {}])

        [server] = answer(world, "signin-servers")["servers"]

        assert [stranger.requests, other.requests] != [[], []]
        rows = {row["url"]: row for row in server["addresses"]}
        assert len(rows) == 6 and server["addresses"][0]["url"] == world.plex.url
        assert [row["answers"] for row in server["addresses"]] == [True] + [False] * 5
        assert "another Plex server" in rows[stranger.url]["why"]
        assert "something else" in rows[other.url]["why"]
        assert "no answer within 1" in rows[slow.url]["why"]
        for tried in (world.plex, other, stranger, slow):
            for request in tried.requests:
                assert request.path == "/identity" and "X-Plex-Token" not in request.headers


@pytest.mark.parametrize("args, name", [
    ({}, "server"), ({"server": ""}, "server"), ({"server": "x"}, "server"), ({"server": ["a", "b"]}, "server"),
    ({"server": "x" * 1_000_000}, "server"), ({"server": 7}, "server"), ({"address": "http://127.0.0.1:9"}, "address"),
    ({"address": "https://plex.example/?a=b"}, "address"), ({"address": ["a", "b"]}, "address"),
    ({"address": "x" * 1_000_000}, "address")], ids=lambda value: str(value)[:24])
def test_a_server_or_an_address_that_is_not_the_accounts(world, signed_in, args, name):
    if name == "address":
        args = {"server": world.plex.machine_identifier, **args}

    assert f"args.{name}" in refused(world, "signin-use", **args)
    assert files(world) == {"signin": 0o600}


def test_an_address_that_does_not_answer(world, signed_in):
    signed_in.servers[0]["connections"].append(connection(1))

    error = refused(world, "signin-use", server=world.plex.machine_identifier, address="http://127.0.0.1:1")

    assert "args.address" in error and "does not answer" in error


def test_stash_does_not_save_it(world, signed_in):
    def is_saved(request):
        return b"configurePlugin" in request.body
    world.stash.fault(is_saved, "status", times=1, status=500)

    assert "Stash" in refused(world, "signin-use", server=world.plex.machine_identifier)
    assert files(world)["signin"] == 0o600, "so that it can be tried again"
    answer(world, "signin-use", server=world.plex.machine_identifier)


def test_a_token_that_the_server_refuses_is_a_finding(world, signed_in):
    signed_in.servers[0]["accessToken"] = "no-such-token-88"
    world.secrets.add("no-such-token-88")

    findings = answer(world, "signin-use", server=world.plex.machine_identifier)["findings"]

    assert [finding["setting"] for finding in findings if finding["level"] == "error"] == ["connectToken"]
    assert "signin" in files(world)


def test_a_wrong_setting_is_no_obstacle(world, signed_in):
    world.settings.update(connectToken="file:/nowhere/token", libraryPathMap="nonsense", connectUrl=7)

    answer(world, "signin-use", server=world.plex.machine_identifier)

    assert world.settings["connectUrl"] == world.plex.url and world.settings["libraryPathMap"] == "nonsense"


def test_a_token_that_cannot_be_written(world, signed_in):
    name = hashlib.sha256(world.plex.machine_identifier.encode()).hexdigest()[:8]
    (world.state / f"plex-{name}.token").mkdir()

    error = refused(world, "signin-use", server=world.plex.machine_identifier)

    assert "cannot be written" in error
    (world.state / f"plex-{name}.token").rmdir()
    assert list(files(world)) == ["signin"], "and nothing half-done is left"
