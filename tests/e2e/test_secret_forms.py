"""Secrets as servers and mistakes disguise them: encoded, cut off, split, one inside of another, or as a word of ours.

test_secrets.py has them as they are. Nothing of at least PART characters of any form may be shown.
"""

import json
import re
import string
from urllib.parse import quote

import pytest
from conftest import TOKEN

from tests.fake.plugin_host import go_json

API_KEY = "api-key-0123456789abcdef"
AWKWARD = 'a"b\\c/d=e+f%g&h\'i~j'     # all that a token may consist of
PART = 8


def every_byte(secret, digits):
    """Percent-encoded, also what need not be."""
    return "".join(f"%{byte:{digits}}" for byte in secret.encode())


FORMS = {
    "as it is": lambda secret: secret,
    "percent-encoded": lambda secret: quote(secret, safe=""),
    "percent-encoded in lower case": lambda secret: re.sub("%..", lambda m: m.group().lower(), quote(secret, safe="")),
    "every byte percent-encoded": lambda secret: every_byte(secret, "02X"),
    "every byte percent-encoded in lower case": lambda secret: every_byte(secret, "02x"),
}


def shown(written, secret):
    """The forms of the secret that can be read in what was written, or in a document in it when that is decoded."""
    texts = [written.decode(errors="replace")]
    texts += [json.dumps(json.loads(line), ensure_ascii=False).replace('\\"', '"').replace("\\\\", "\\")
              for line in texts[0].splitlines() if line.startswith("{") and line.endswith("}")]
    return [name for name, form in FORMS.items() if any(form(secret)[:PART] in text for text in texts)]


def all_that_is_kept(world):
    """The bytes of all files of the state."""
    return b"".join(path.read_bytes() for path in world.state.rglob("*") if path.is_file())


@pytest.fixture
def film(world):
    """Scene 45 and its item, in an index that is current."""
    item = world.film(45, "quay", title="Harbour Lights")
    world.index()
    return item


def says(world, text):
    """From now on Stash answers every question with this error; a function makes the text of the request."""
    last = []

    class Answer(dict):
        """The options of a fault, of which the body is made when the request is there."""

        def get(self, key, default=None):
            if key != "body":
                return super().get(key, default)
            message = text(last[-1]) if callable(text) else text
            return json.dumps({"errors": [{"message": message}]})

    def comes(request):
        last.append(request)
        return True
    world.stash.fault(comes, "status", times=None).options = Answer(status=200)


def cookie_of(request):
    """The session cookie that came with it."""
    return request.headers["Cookie"].partition("=")[2]


# --- encoded --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", [TOKEN, AWKWARD])
def test_plex_echoes_the_token_in_disguise(world, film, token):
    world.plex.token = token
    world.settings["connectToken"] = token

    for step, form in enumerate(FORMS.values()):
        world.plex.clear_faults()
        world.plex.fault(("GET", ".*"), "status", times=None, status=200, body="x",
                         headers={"Content-Type": f"text/{form(token)};"})
        world.later(7200 * step)
        hook = world.save(45, details=f"By the sea, {step} times.")
        world.tasks()
        run = world.operation("sync-scene", scene_id="45")
        status = world.operation("status")

        assert "the answer is not Plex's" in run.error
        written = b"\n".join(run.stdout + run.stderr for run in (hook, run, status))
        assert shown(written, token) == []
    assert shown(all_that_is_kept(world), token) == []


@pytest.mark.parametrize("way", ["hook", "sync-scene"])
def test_stash_echoes_the_cookie_in_disguise(world, film, way):
    for form in FORMS.values():
        cookies = []
        world.stash.clear_faults()
        says(world, lambda request, form=form, cookies=cookies: cookies.append(cookie_of(request))
             or f"the session {form(cookies[-1])} is unknown")
        run = world.save(45, details="By the sea.") if way == "hook" else world.operation(way, scene_id="45")

        assert "Stash says: the session " in run.text() + str(run.error) and cookies
        for cookie in cookies:
            assert shown(run.stdout + run.stderr, cookie) == []
    world.stash.clear_faults()
    assert all(shown(all_that_is_kept(world), cookie) == [] for run in world.runs for cookie in run.cookies)


@pytest.mark.parametrize("world", [{"stash_username": "owner", "stash_api_key": API_KEY}], indirect=True)
@pytest.mark.parametrize("output", [["--json"], []])
def test_stash_echoes_the_api_key_in_disguise(world, film, output):
    for form in FORMS.values():
        world.stash.clear_faults()
        says(world, f"the key {form(API_KEY)} is unknown")
        done = world.plexsync("sync-scene", "--scene", "45", "-v", *output, "--state", str(world.state),
                              env={"PLEXSYNC_STASH_URL": world.stash.url, "PLEXSYNC_STASH_API_KEY": API_KEY})

        assert b"Stash says: the key " in done.stderr
        assert shown(done.stdout + done.stderr, API_KEY) == []
    assert shown(all_that_is_kept(world), API_KEY) == []


# --- cut off --------------------------------------------------------------------------------------------------------


def beginnings(written, secret):
    """How much of the beginning of the secret was written: 0 if less than PART characters."""
    return next((size for size in range(len(secret), PART - 1, -1) if secret[:size].encode() in written), 0)


@pytest.mark.parametrize("way", ["hook", "sync-scene"])
def test_a_message_is_cut_in_the_middle_of_the_cookie(world, film, way):
    """A message of Stash has no limit, what we say of it has one: wherever that is, none of the cookie is shown."""
    for length in range(360, 780, 25):
        cookies = []
        world.stash.clear_faults()
        says(world, lambda request, length=length, cookies=cookies: cookies.append(cookie_of(request))
             or "." * length + cookies[-1])
        run = world.save(45, details="By the sea.") if way == "hook" else world.operation(way, scene_id="45")

        assert "....." in run.text() + str(run.error) + str(run.output) and cookies
        assert [beginnings(run.stdout + run.stderr, cookie) for cookie in cookies] == [0] * len(cookies), length
    world.stash.clear_faults()
    assert [beginnings(all_that_is_kept(world), cookie) for run in world.runs for cookie in run.cookies
            if beginnings(all_that_is_kept(world), cookie)] == []


def test_a_header_is_cut_in_the_middle_of_the_token(world, film):
    for length in range(560, 760, 15):
        world.plex.clear_faults()
        world.plex.fault(("GET", ".*"), "status", times=None, status=200, body="x",
                         headers={"Content-Type": "t" * length + TOKEN})
        world.later(length)
        run = world.operation("sync-scene", scene_id="45")

        assert "the answer is not Plex's" in run.error
        for told in [run, *world.tasks()]:
            assert beginnings(told.stdout + told.stderr, TOKEN) == 0, length


@pytest.mark.parametrize("setting", ["libraryNames", "libraryPathMap"])
def test_a_setting_that_is_quoted_is_cut_in_the_middle_of_the_token(world, film, setting):
    """Somebody pasted the address of a page of Plex into the wrong field."""
    for length in (80, 84, 88, 90, 91):
        world.settings[setting] = "http://192.168.1.10/".ljust(length, "x") + TOKEN
        world.later(7200 + length)
        runs = [world.save(45, details=f"By the sea, {length} times."), *world.tasks(),
                world.operation("rebuild-index"), world.operation("status")]

        assert setting in "".join(run.text() + str(run.error) for run in runs)
        assert [beginnings(run.stdout + run.stderr, TOKEN) for run in runs] == [0] * len(runs), length
    assert beginnings(all_that_is_kept(world), TOKEN) == 0


# --- in the wrong place ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("setting", ["connectUrl", "libraryNames", "libraryPathMap", "sceneSkipTag", "fieldIgnoreTags",
                                     "sceneNeedTags", "scenePathOnly", "scenePathSkip", "tlsCaFile"])
def test_the_token_was_pasted_into_another_field(world, film, setting):
    """It is named, if it makes no sense there; its content is not shown, and not kept."""
    world.settings[setting] = f"http://127.0.0.1:1/?X-Plex-Token={TOKEN}" if setting == "connectUrl" else TOKEN
    world.save(45, details="By the sea.")
    world.tasks()
    runs = [world.operation(mode) for mode in ("rebuild-index", "drain", "status", "tick")]

    if setting in ("connectUrl", "libraryNames", "libraryPathMap", "scenePathOnly", "scenePathSkip"):
        assert setting in runs[0].error
    assert TOKEN.encode() not in all_that_is_kept(world)
    assert TOKEN not in world.stash.log_text()


@pytest.mark.parametrize("content, shown_part", [("{token}\nanother-line-55", "another-line"), ("\x01{token}", "token"),
                                                 ("{token}" * 300, "token")])
def test_a_token_file_with_more_in_it_is_refused_without_showing_it(world, film, content, shown_part):
    path = world.folder / "token"
    path.write_text(content.format(token=TOKEN))
    world.settings["connectToken"] = f"file:{path}"

    run = world.operation("rebuild-index")

    assert "connectToken" in run.error and shown_part not in run.error.replace(str(path), "")
    assert world.plex.requests == []


def test_a_token_of_a_file_is_as_secret(world, film):
    path = world.folder / "plex"
    path.write_text(f"  {TOKEN}\n")
    world.settings["connectToken"] = f"file:{path}"
    world.plex.fault(("GET", ".*"), "status", times=None, status=200, body="x", headers={"Content-Type": TOKEN})

    run = world.operation("sync-scene", scene_id="45")

    assert "the answer is not Plex's (***" in run.error
    assert TOKEN.encode() not in run.stdout + run.stderr + all_that_is_kept(world)


def test_plex_puts_the_token_into_the_address_of_a_picture(world, film):
    """What Plex has of a foreign actor goes back with an edit: not with the token in an address."""
    film.edit(actors=[{"name": "Joe Miles", "role": "Captain", "tagKey": "f00d",
                       "thumb": f"http://127.0.0.1:1/photo/:/transcode?url=x&X-Plex-Token={TOKEN}"}])

    run = world.save(45, performers=["Ana Duarte"])
    world.tasks()
    world.drain()

    assert run.error is None
    assert sorted(actor.name for actor in film.actors) == ["Ana Duarte", "Joe Miles"]
    assert [request.target for request in world.plex.requests if TOKEN in request.target] == []


@pytest.mark.parametrize("key", [API_KEY + "\n", f" {API_KEY} ", API_KEY + "\r\nX-More: 1"])
@pytest.mark.parametrize("world", [{"stash_username": "owner", "stash_api_key": API_KEY}], indirect=True)
def test_an_api_key_with_a_line_end_in_it(world, film, key):
    """As an environment brings it that was read from files: it makes no header of its own, and is no less secret."""
    says(world, f"the key {API_KEY} is unknown")

    done = world.plexsync("sync-scene", "--scene", "45", "-v", "--state", str(world.state),
                          env={"PLEXSYNC_STASH_URL": world.stash.url, "PLEXSYNC_STASH_API_KEY": key})

    assert done.returncode in (1, 2)
    assert API_KEY.encode() not in done.stdout + done.stderr
    assert all("X-More" not in request.headers for request in world.stash.requests)
    assert all(request.headers["ApiKey"] == API_KEY for request in world.stash.requests if "ApiKey" in request.headers)


# --- one inside of another, with control characters, a word of ours --------------------------------------------------


def test_one_secret_is_the_beginning_of_another(world, film):
    """The session cookie begins with the token, which ends in the middle of it."""
    document = world.stdin(mode="sync-scene", scene_id="45")
    cookie = TOKEN + "-and-the-rest-of-the-cookie"
    document["server_connection"]["SessionCookie"]["Value"] = cookie
    world.secrets.add("-and-the-rest")
    for secret in (cookie, TOKEN):
        world.plex.clear_faults()
        world.plex.fault(("GET", ".*"), "status", times=None, status=200, body="x", headers={"Content-Type": secret})

        assert "the answer is not Plex's (***" in world.raw(go_json(document))["error"]


def test_a_cookie_with_control_characters(world, film):
    """It would begin a header of its own: it is not sent, and not shown where Stash knows it all the same."""
    document = world.stdin(hookContext={"id": 45, "type": "Scene.Update.Post", "input": {"id": "45"}})
    document["server_connection"]["SessionCookie"]["Value"] = "first-half\tx\x7f\x01second-half"
    says(world, lambda _request: f"unknown: {document['server_connection']['SessionCookie']['Value']}!")

    world.secrets |= {"first-half", "second-half"}
    answer = world.raw(go_json(document))

    assert "Stash says: unknown: ****" in str(answer)
    assert all("Cookie" not in request.headers for request in world.stash.requests)


def test_a_secret_in_two_lines_of_a_message_is_none_in_either(world, film):
    """A line end within it makes another text of it; both halves of a cookie that is cut there are long."""
    says(world, lambda request: "a\n" + cookie_of(request)[:100] + "\n" + cookie_of(request)[:100] + "\nb")

    run = world.operation("sync-scene", scene_id="45")

    assert "Stash says: a" in run.error
    assert [beginnings(run.stdout + run.stderr, cookie) for cookie in run.cookies] == [0] * len(run.cookies)


@pytest.mark.parametrize("token", ["output", "error", "scene_id", "result", "synced", "true", "1234", "null"])
def test_a_token_that_is_a_word_of_ours_does_not_spoil_the_document(world, film, token):
    """Somebody tries out the settings with a word: Stash reads a document all the same."""
    world.plex.token = token
    world.settings["connectToken"] = token
    world.secrets.clear()

    document = world.raw(go_json(world.stdin(mode="sync-scene", scene_id="45")))

    assert list(document["output"])[:2] == ["scene_id", "result"]
    assert document["output"]["scene_id"] == "45"


def test_nor_does_one_that_is_no_token_at_all(world, film):
    world.settings["connectToken"] = '":"'
    world.secrets.clear()

    document = world.raw(go_json(world.stdin(mode="sync-scene", scene_id="45")))

    assert document == {"error": "setting connectToken is in quotes: remove them"}


def test_what_is_no_secret_is_shown(world, film):
    """The tests above look for stars in vain if everything is masked."""
    says(world, "the session " + string.ascii_letters + " is unknown")

    assert string.ascii_letters in world.operation("sync-scene", scene_id="45").error
