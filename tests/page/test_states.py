"""What a view says while it waits, and when it cannot have what it asked for: a sentence with a remedy."""

import re

import pytest
from playwright.sync_api import expect

from . import documents

VIEWS = {"overview": "status", "needs": "status", "activity": "activity", "setup": "doctor"}
every_view = pytest.mark.parametrize("view", VIEWS)


def alert(tab):
    """The trouble that the page shows."""
    return tab.get_by_role("alert").first


@every_view
def test_the_executable_cannot_be_started(visitor, house, view):
    (house.installed / "plexsync").chmod(0o644)
    tab = visitor.go(f"/plugins/plexsync/{view}")
    expect(alert(tab)).to_contain_text("Stash cannot start the executable of PlexSync (permission denied)")
    expect(alert(tab)).to_contain_text("Install PlexSync again under Settings → Plugins")
    visitor.accessible()
    (house.installed / "plexsync").chmod(0o755)
    house.record(status=documents.status(), doctor=documents.doctor(),
                 activity={"entries": [], "more": False})
    tab.get_by_role("button", name="Try again").first.click()
    expect(tab.get_by_role("alert")).to_have_count(0)


@every_view
def test_the_executable_is_older_than_the_page(visitor, house, view):
    house.record(**{mode: {"error": f'args.mode: "{mode}" is not known'} for mode in ("status", "activity", "doctor")})
    tab = visitor.go(f"/plugins/plexsync/{view}")
    unknown = "status|activity" if view == "overview" else VIEWS[view]     # it asks for both at once
    expect(alert(tab)).to_contain_text(re.compile(f'is older than this page and does not know "({unknown})"'))
    expect(alert(tab)).to_contain_text("Update PlexSync under Settings → Plugins, then reload this page")


def test_an_answer_of_an_older_shape(visitor, house):
    house.record(doctor={"checks": [], "ok": True})
    tab = visitor.go("/plugins/plexsync/setup")
    expect(alert(tab)).to_contain_text('is older than this page and does not know "findings"')


@pytest.mark.parametrize("answer, sentence", [
    ({"error": "there is no queue: the state cannot be opened"}, "there is no queue: the state cannot be opened"),
    ({"output": "not a document"}, "PlexSync's answer cannot be read"),
    ({"output": None}, "PlexSync's answer cannot be read"),
], ids=["its own word", "text", "nothing"])
def test_the_executable_has_trouble(visitor, house, answer, sentence):
    house.record(status=answer)
    tab = visitor.go()
    expect(alert(tab)).to_contain_text(sentence)


def test_the_executable_dies(visitor, house):
    (house.installed / "plexsync").write_text("#!/bin/sh\nkill -9 $$\n")
    tab = visitor.go()
    expect(alert(tab)).to_contain_text("stopped before it answered (signal: killed)")
    expect(alert(tab)).to_contain_text("Settings → Logs")


def test_the_plugin_is_disabled(visitor, house):
    tab = visitor.go("/")
    house.stash.host.disabled.add("plexsync")
    tab.get_by_role("link", name="PlexSync").last.click()
    expect(alert(tab)).to_contain_text("Enable it under Settings → Plugins")


@pytest.mark.console("401", "500", "ERR_CONNECTION_REFUSED")
@pytest.mark.parametrize("status, sentence", [(401, "Reload this page, and log in"), (500, "answered with HTTP 500")])
def test_stash_refuses(visitor, house, status, sentence):
    tab = visitor.go("/")
    fault = house.stash.fault(("POST", "/graphql"), "status", status=status, times=None)
    tab.get_by_role("link", name="PlexSync").last.click()
    expect(alert(tab)).to_contain_text(sentence)
    house.stash.clear_faults()
    assert fault.hits
    tab.get_by_role("button", name="Try again").click()
    expect(tab.get_by_text("Plex answers.")).to_be_visible()


@pytest.mark.console("ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "Stash does not answer")
def test_stash_goes_away_and_comes_back(visitor, house):
    tab = visitor.go()
    expect(tab.get_by_text("Plex answers.")).to_be_visible()
    house.stash.go_down()
    tab.get_by_role("button", name="Process queue").click()
    expect(tab.get_by_text("Stash does not answer. Look whether it runs").first).to_be_visible()
    house.stash.restart()
    expect(tab.get_by_role("alert")).to_have_count(0, timeout=30_000)
    expect(tab.get_by_text("Plex answers.")).to_be_visible()


def test_a_slow_executable(visitor, house):
    house.record(status={"after": 3, "output": documents.status()}, activity={"entries": [], "more": False})
    tab = visitor.go()
    expect(tab.get_by_role("status").first).to_contain_text("Asking PlexSync, for a minute at most…")
    visitor.accessible()
    expect(tab.get_by_text("Plex answers.")).to_be_visible()
    tab.wait_for_timeout(3_000)
    assert len(house.asked("status")) == 1, "one that needs long is asked less often"


def test_whoever_leaves_a_view_ends_what_it_asked_for(visitor, house):
    house.record(status={"after": 30, "output": documents.status()}, activity={"entries": [], "more": False})
    tab = visitor.go()
    expect(tab.get_by_role("status").first).to_contain_text("Asking PlexSync, for a minute at most…")
    tab.get_by_role("link", name="Activity").click()
    expect(tab.get_by_text("Nothing was pushed yet")).to_be_visible()
    [run] = [run for run in house.stash.host.runs if run.kind == "operation" and run.args["mode"] == "status"]
    assert run.join(5).cancelled


def test_no_answer_at_all(visitor, house):
    house.record(status={"after": 30, "output": documents.status()}, activity={"entries": [], "more": False})
    tab = visitor.open()
    tab.clock.install()
    visitor.go(tab=tab)
    expect(tab.get_by_role("status").first).to_contain_text("Asking PlexSync, for a minute at most…")
    tab.clock.run_for(61_000)
    expect(alert(tab)).to_contain_text("PlexSync did not answer within a minute")
