"""Signing in to Plex, killed at every step: what was killed is asked for again, by the page as by a person."""

import contextlib

import pytest

from tests.fake.plex_tv import PlexTv


@pytest.fixture
def plex_tv():
    """Gives each play its own plex.tv, where the account owns the Plex of the play."""
    with contextlib.ExitStack() as servers:
        def begin(house):
            house.plex_tv = servers.enter_context(PlexTv())
            house.plex_tv.add_server(house.plex)
            house.secrets.add(house.plex_tv.token)
            house.stash.host.environ["PLEXSYNC_PLEX_TV"] = house.plex_tv.url
        yield begin


def test_sign_in_from_an_empty_configuration(sweep, plex_tv):
    def before(house):
        plex_tv(house)
        house.film(45, "Harbour Lights", title="Harbour Lights")
        house.settings = {"fieldNoPoster": True, "fieldNoBackground": True}

    def act(house):
        house.insist("signin-start")
        house.plex_tv.sign_in()
        house.insist("signin-poll")
        house.insist("signin-servers")
        house.insist("signin-use", server=house.plex.machine_identifier)
        house.save(45, details="By the sea.")
        house.jobs()

    def expect(house):
        assert house.settings["connectUrl"] == house.plex.url
        [token] = house.state.glob("*.token")
        assert house.settings["connectToken"] == f"file:{token}"
        assert not (house.state / "signin").exists(), "the account's token is gone"
        assert [item.summary for item in house.items()] == ["By the sea."]

    sweep(before, act, expect=expect)
