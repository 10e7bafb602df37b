"""The view "Setup"."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import TOKEN
from tests.fake.plex_tv import PlexTv, connection

from . import documents


def section(tab, title):
    """A section of the view."""
    return tab.locator(".px-box", has=tab.get_by_role("heading", name=title))


def look(visitor):
    """The view, when everything was checked."""
    tab = visitor.go("/plugins/plexsync/setup")
    expect(tab.get_by_role("button", name="Test again")).to_be_visible()
    return tab


def test_checks_stand_beside_what_they_are_about(visitor, house):
    house.film(45, "quay", title="Harbour Lights")
    tab = look(visitor)
    expect(section(tab, "1. Plex server")).to_contain_text("Plex is at http://127.0.0.1")
    expect(section(tab, "1. Plex server")).to_contain_text("the token belongs to its owner")
    expect(section(tab, "2. Libraries")).to_contain_text('"Films" (movie)')
    expect(section(tab, "3. Paths and scenes")).to_contain_text("1 sampled scene")
    expect(section(tab, "Everything else")).to_contain_text("Plex's clock and this one differ")
    visitor.accessible()


def test_levels_are_words_too(visitor, house):
    house.record(doctor=documents.doctor(
        documents.finding("plex", "error", "the token is refused", "connectToken", "enter a token of the owner"),
        documents.finding("queue", "warning", "2 scenes wait"), documents.finding("clock")))
    tab = look(visitor)
    expect(section(tab, "1. Plex server")).to_contain_text("error: the token is refused")
    expect(section(tab, "1. Plex server")).to_contain_text("enter a token of the owner")
    expect(section(tab, "1. Plex server")).to_contain_text("Setting connectToken")
    expect(section(tab, "Everything else")).to_contain_text("warning: 2 scenes wait")
    expect(section(tab, "Everything else")).to_contain_text("fine: all is well")
    expect(tab.get_by_role("heading", name="4. The first run")).to_have_count(0)
    visitor.accessible()


def test_a_proposal_is_used_with_a_click(visitor, house):
    for number in range(1, 6):
        house.stash.library.add_scene(f"/mnt/stash/films/f{number}/film {number}.mp4", number=number, size=100 + number)
        house.films.add_item(file=f"/data/films/f{number}/film {number}.mp4", size=100 + number, title=f"film {number}")
    tab = look(visitor)
    section(tab, "3. Paths and scenes").get_by_role("button", name="Use it").click()
    expect(tab.get_by_role("button", name="Use it")).to_have_count(0)
    expect(section(tab, "3. Paths and scenes")).to_contain_text("of 5 sampled scenes 5 are found by path")
    assert house.settings["libraryPathMap"] == "/mnt/stash => /data"
    assert house.settings["connectToken"] == TOKEN, "the other settings stay"


def test_address_and_token_by_hand(visitor, house):
    house.settings = {}
    tab = look(visitor)
    tab.get_by_text("Without signing in").click()
    address, token = tab.get_by_label("Address of Plex"), tab.get_by_label("Token of the server's owner")
    address.fill(house.plex.url)
    token.fill("not-the-token")
    tab.get_by_role("button", name="Save and check").click()
    expect(tab.locator("#px-connectToken")).to_contain_text("token")
    expect(token).to_have_value("")
    visitor.accessible()
    token.fill(TOKEN)
    tab.get_by_role("button", name="Save and check").click()
    expect(section(tab, "1. Plex server")).to_contain_text("the token belongs to its owner")
    expect(token).to_have_value("")
    assert (house.settings["connectUrl"], house.settings["connectToken"]) == (house.plex.url, TOKEN)
    assert TOKEN not in tab.content()


def test_libraries_are_ticked(visitor, house):
    house.plex.add_library("Shorts", ["/data/shorts"])
    house.plex.add_library('Odds, "ends"', ["/data/odds"])
    tab = look(visitor)
    for name in ("Films", "Shorts", "Odds"):
        expect(tab.get_by_label(name)).to_be_checked()
    expect(tab.get_by_role("button", name="Use these libraries")).to_be_disabled()
    tab.get_by_label("Films").uncheck()
    tab.get_by_role("button", name="Use these libraries").click()
    expect(tab.get_by_text("Saved. Scenes in these libraries are pushed")).to_be_visible()
    assert house.settings["libraryNames"] == "Shorts, 3", "a name that is no list's word is a number"
    expect(section(tab, "2. Libraries")).to_contain_text('"Shorts"')


@pytest.mark.parametrize("other, clicked, saved", [
    ("Films", ["Films (show", "Films (movie"], "Shorts, 3"), (" films ", ["Shorts"], "1"),
    ("FILMS", ["FILMS (show"], "1, Shorts, 3"), ("Films 2", ["Films 2", "Films (movie"], "Shorts, Films 2")])
def test_of_libraries_of_one_name_the_ticked_one_is_meant(visitor, house, other, clicked, saved):
    house.plex.add_library("Shorts", ["/data/shorts"])
    house.plex.add_library(other, ["/data/series"], type="show")
    tab = look(visitor)
    for label in clicked:
        tab.get_by_label(label).click()
    tab.get_by_role("button", name="Use these libraries").click()
    expect(tab.get_by_text("Saved. Scenes in these libraries are pushed")).to_be_visible()
    assert house.settings["libraryNames"] == saved


@pytest.mark.parametrize("title, word", [
    ("\u201eOdds", "2"), ("\u00abOdds\u00bb", "2"), ('12" Odds', "2"), ("2019", "2"), ("The Odds", "The Odds")])
def test_a_name_that_would_not_be_read_as_one_is_a_number(visitor, house, title, word):
    house.plex.add_library(title, ["/data/odds"])
    tab = look(visitor)
    tab.get_by_label("Films").uncheck()
    tab.get_by_role("button", name="Use these libraries").click()
    expect(tab.get_by_text("Saved. Scenes in these libraries are pushed")).to_be_visible()
    assert house.settings["libraryNames"] == word
    expect(section(tab, "2. Libraries")).to_contain_text(f'"{title}"')


def test_a_preview_of_ten_scenes_writes_nothing(visitor, house):
    for number in range(1, 13):
        house.film(number, f"film.{number}", title=f"Film {number}")
    house.index()
    house.clear()
    tab = look(visitor)
    tab.get_by_role("button", name="Preview ten scenes").click()
    expect(tab.get_by_role("row")).to_have_count(11, timeout=20_000)
    expect(tab.get_by_role("row", name="Film 12")).to_contain_text("would write title")
    assert not house.plex.writes


def test_the_first_run(visitor, house):
    item = house.film(45, "quay", title="Harbour Lights")
    tab = look(visitor)
    tab.get_by_role("button", name="Sync all", exact=True).click()
    expect(tab.get_by_text("Stash runs it as a task")).to_be_visible()
    house.tasks()
    assert item.title == "Harbour Lights"


@pytest.fixture
def stranger(visitor, house):
    """Nobody signed in yet, and plex.tv knows of the house's Plex; the page of Plex's that a person signs in on
    is played by the browser."""
    visitor.context.route("https://app.plex.tv/**", lambda route: route.fulfill(body="Plex", content_type="text/html"))
    with PlexTv() as plex_tv:
        plex_tv.add_server(house.plex)
        house.stash.host.environ["PLEXSYNC_PLEX_TV"] = plex_tv.url
        house.secrets.add(plex_tv.token)
        house.settings = {}
        yield plex_tv


def sign_in(visitor):
    """Begins; (the view, Plex's page)."""
    tab = look(visitor)
    with visitor.context.expect_page() as opened:
        tab.get_by_role("button", name="Sign in to Plex").click()
    opened.value.troubles = []
    return tab, opened.value


def test_signing_in(visitor, house, stranger):
    stranger.add_server(house.plex, owned=False, name="A friend's", clientIdentifier="friend")
    stranger.servers[0]["connections"].append(connection(9, local=False, address="127.0.0.1"))
    tab, plex = sign_in(visitor)
    plex.wait_for_url("https://app.plex.tv/auth#**")
    assert plex.evaluate("window.opener") is None
    [code] = [pin["code"] for pin in stranger.pins.values()]
    expect(tab.get_by_text(f"Confirm the code {code} on Plex's page, within 15 minutes.")).to_be_visible()
    assert code in tab.get_by_role("link", name="open Plex's page").get_attribute("href")
    fault = stranger.fault(("GET", "/api/v2/pins/.*"), "status", status=503, times=None)
    expect(tab.get_by_text("plex.tv does not answer at the moment")).to_be_visible()
    assert fault.hits
    stranger.clear_faults()
    visitor.accessible()
    plex.close()
    stranger.sign_in()
    here = tab.locator(".px-item", has_text=f"{house.plex.url} (in your network, answers in").first
    expect(here).to_be_visible()
    expect(tab.locator(".px-item", has_text="127.0.0.1:9 (from outside")).to_be_visible()
    expect(tab.get_by_text("It belongs to another account")).to_be_visible()
    expect(tab.get_by_role("button", name="Use it")).to_have_count(1)
    here.get_by_role("button", name="Use it").click()
    expect(section(tab, "1. Plex server")).to_contain_text("the token belongs to its owner")
    expect(tab.locator(".px-item")).to_have_count(0)
    assert house.settings["connectUrl"] == house.plex.url
    assert house.settings["connectToken"].startswith("file:")
    assert not [token for token in (TOKEN, stranger.token) if token in tab.content()]


@pytest.mark.parametrize("state, text", [("expired", "was not confirmed in time"), ("refused", "Plex refused the sign-in")])
def test_a_sign_in_that_ends(visitor, house, stranger, state, text):
    tab, _ = sign_in(visitor)
    expect(tab.get_by_text("Confirm the code")).to_be_visible()
    if state == "expired":
        stranger.clock += 1000
    else:
        stranger.fault(("GET", "/api/v2/pins/.*"), "status", status=401, times=None)
    expect(tab.get_by_text(text)).to_be_visible()
    polls = len(house.asked("signin-poll"))
    tab.wait_for_timeout(3_000)
    assert len(house.asked("signin-poll")) == polls
    expect(tab.get_by_role("button", name="Sign in to Plex")).to_be_enabled()


def test_a_sign_in_that_cannot_begin(visitor, stranger):
    stranger.fault(("POST", "/api/v2/pins"), "status", status=503, times=None)
    tab, plex = sign_in(visitor)
    expect(tab.locator(".toast")).to_contain_text("plex.tv")
    tab.troubles.clear()
    if not plex.is_closed():
        plex.wait_for_event("close")


def test_an_account_without_servers(visitor, stranger):
    stranger.servers.clear()
    tab, _ = sign_in(visitor)
    expect(tab.get_by_text("Confirm the code")).to_be_visible()
    stranger.sign_in()
    expect(tab.get_by_text("This account has no server.")).to_be_visible()


def test_settings_of_other_plugins_are_taken_over(visitor, house):
    house.settings = {}
    house.stash.settings["Stash2Plex"] = {"plex_url": house.plex.url, "plex_token": TOKEN, "plex_library": "Films",
                                          "sync_poster": False, "max_retries": 3}
    tab = look(visitor)
    box = section(tab, "Settings of Stash2Plex")
    expect(box).to_contain_text(f"connectUrl{house.plex.url}")
    expect(box).to_contain_text("connectToken(not shown)")
    expect(box).to_contain_text("max_retries of Stash2Plex stays behind: there is nothing to set for it here")
    visitor.accessible()
    box.get_by_role("button", name="Take them over").click()
    expect(tab.get_by_text("The settings are taken over.")).to_be_visible()
    expect(section(tab, "1. Plex server")).to_contain_text("the token belongs to its owner")
    expect(box).to_have_count(0)
    assert house.settings["libraryNames"] == "Films" and house.settings["fieldNoPoster"] is True
    assert TOKEN not in tab.content()


def test_plex_without_libraries(visitor, house):
    house.plex.remove_library(house.films)
    expect(look(visitor).get_by_text("Plex has no library of films.")).to_be_visible()


def test_before_plex_answers_each_box_says_so(visitor, house):
    house.settings = {}
    tab = look(visitor)
    for title in ("2. Libraries", "3. Paths and scenes"):
        expect(section(tab, title)).to_contain_text("Comes when Plex answers.")
